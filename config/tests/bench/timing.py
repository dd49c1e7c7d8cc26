"""Rounds in which every way takes its turn, so that a busy machine is busy for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Way = Callable[[], object]


@dataclass(frozen=True)
class Timings:
    """Seconds of each way, round by round."""

    seconds: Mapping[str, list[float]]

    def of(self, way: str) -> float:
        return median(self.seconds[way])

    def ratio(self, way: str, to: str) -> float:
        """Return how many times as long as `to` the way took: the median of the rounds."""
        pairs = zip(self.seconds[way], self.seconds[to], strict=True)
        return median(one / other for one, other in pairs)


def take_turns(ways: Mapping[str, Way], *, rounds: int) -> Timings:
    """Time every way once a round, after one round that is not kept."""
    names = list(ways)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            taken = _timed(ways[name])
            if number:
                seconds[name].append(taken)
    return Timings(seconds)


def _timed(way: Way) -> float:
    start = perf_counter()
    way()
    return perf_counter() - start
