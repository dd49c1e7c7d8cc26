"""What the API costs a program that asks a real server with two processes."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from django.conf import settings
from django.utils import timezone

from config.tests.bench.people import make_members
from config.tests.bench.scratch import connected_by, copies
from config.tests.bench.sizes import Sizes
from config.tests.bench.tables import Table, milliseconds, rate, times
from config.tests.serving import HOST, Server, served
from people import tokens
from people.models import Scope

TRIVIAL = "GET me"
#: How many programs ask at once, each with a connection and a member of its own.
PROGRAMS = 2
_EVENT = {"cost": "0.000210", "provider": "acme", "model": "m-1", "input_tokens": 900}
_events = count(1)


class _Program:
    """Asks one thing after another over one connection, and knows how long each answer took."""

    def __init__(self, server: Server, secret: str) -> None:
        self.connection = HTTPConnection(HOST, server.port, timeout=60)
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        self.connection.request(method, f"/api/v1/{path}", sent, self.headers)
        answer = self.connection.getresponse()
        said = json.loads(answer.read())
        assert answer.status < 300, f"{method} {path}: {answer.status} {said}"
        return said


type _Ask = Callable[[_Program], object]


def _settle(program: _Program) -> None:
    held = program.ask("POST", "holds", {"amount": "0.01"})
    program.ask("POST", f"holds/{held['hold']['id']}/settle", _EVENT)


def _event() -> dict[str, object]:
    return {**_EVENT, "source": "bench", "source_event_id": f"event-{next(_events)}"}


def measure(sizes: Sizes) -> Iterator[Table]:
    with copies(["api"]) as [database], connected_by(database):
        secrets = _secrets()
        with served(Path(settings.DATA_DIR)) as server:
            programs = [_Program(server, secret) for secret in secrets]
            yield _by_operation(programs, sizes)
            yield _by_batch(programs, sizes)
        database.close()


def _secrets() -> list[str]:
    """Make a member with a token for each program."""
    now = timezone.now()
    made = []
    for budget in make_members(PROGRAMS, now=now):
        assert budget.user
        minted = tokens.mint(user=budget.user, name="Bench", scopes=list(Scope), now=now)
        made.append(minted.secret)
    return made


def _by_operation(programs: list[_Program], sizes: Sizes) -> Table:
    ways: dict[str, _Ask] = {
        TRIVIAL: lambda program: program.ask("GET", "me"),
        "GET budget/status": lambda program: program.ask("GET", "budget/status"),
        "POST holds": lambda program: program.ask("POST", "holds", {"amount": "0.01"}),
        "POST holds and settle": _settle,
        "POST usage": lambda program: program.ask("POST", "usage", _event()),
    }
    rounds = [_round(ways, programs, sizes.requests) for _ in range(sizes.rounds)]
    # The first is for warming up, unless it is the only one.
    rounds = rounds[1:] or rounds
    return Table(
        f"The API of a live server, {PROGRAMS} programs at once",
        ["operation", "p50 ms", "p99 ms", f"p50 × {TRIVIAL}", f"p99 × {TRIVIAL}"],
        [_row(way, rounds) for way in ways],
        aim="status at most 2.50 times the trivial view, and a hold at most 4.00 times.",
    )


type _Round = Mapping[str, list[float]]


def _round(ways: Mapping[str, _Ask], programs: list[_Program], requests: int) -> _Round:
    """Return the seconds that every answer took: each way by all programs, one after the other."""
    return {way: _together(ask, programs, requests) for way, ask in ways.items()}


def _together(ask: _Ask, programs: list[_Program], requests: int) -> list[float]:
    with ThreadPoolExecutor(len(programs)) as threads:
        taken = threads.map(lambda program: _one_by_one(ask, program, requests), programs)
        return [seconds for some in taken for seconds in some]


def _one_by_one(ask: _Ask, program: _Program, requests: int) -> list[float]:
    seconds = []
    for _ in range(requests):
        start = perf_counter()
        ask(program)
        seconds.append(perf_counter() - start)
    return seconds


def _row(way: str, rounds: list[_Round]) -> list[str]:
    """Compare with the trivial view round by round."""
    half = median(median(one[way]) for one in rounds)
    worst = median(_p99(one[way]) for one in rounds)
    return [
        way,
        milliseconds(half),
        milliseconds(worst),
        times(median(median(one[way]) / median(one[TRIVIAL]) for one in rounds)),
        times(median(_p99(one[way]) / _p99(one[TRIVIAL]) for one in rounds)),
    ]


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100, method="inclusive")[-1]


def _by_batch(programs: list[_Program], sizes: Sizes) -> Table:
    """Compare events one by one with events in batches, by the wall clock of all programs."""
    number = sizes.batch

    def batch(program: _Program) -> None:
        said = program.ask("POST", "usage/batch", {"events": [_event() for _ in range(number)]})
        assert said["accepted"] == number, said

    single: list[float] = []
    together: list[float] = []
    for _ in range(sizes.rounds):
        single.append(_events_a_second(lambda p: p.ask("POST", "usage", _event()), programs, 100))
        together.append(_events_a_second(batch, programs, 3) * number)
    ratio = median(many / one for many, one in zip(together, single, strict=True))
    return Table(
        "Usage by the way it is sent",
        ["way", "events a second", "× one by one"],
        [
            ["one by one", rate(1, 1 / median(single)), times(1)],
            [f"{number:,} in a batch", rate(1, 1 / median(together)), times(ratio)],
        ],
        aim="at least 20.00 times as many events a second in batches.",
    )


def _events_a_second(ask: _Ask, programs: list[_Program], requests: int) -> float:
    start = perf_counter()
    _together(ask, programs, requests)
    return len(programs) * requests / (perf_counter() - start)
