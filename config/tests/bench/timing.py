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
    """Time every way once a round; the first round is for warming up, unless it is the only one."""
    names = list(ways)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(_timed(ways[name]))
    return Timings({name: taken[1:] or taken for name, taken in seconds.items()})


def _timed(way: Way) -> float:
    start = perf_counter()
    way()
    return perf_counter() - start
