"""How much is measured: enough to tell, or just enough to see that it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """`entries` are those of one budget, `purchases` those of one member, `transfers`
    the rows of files and backups, smallest first. `requests` are those of one program in one
    round, and `batch` the events of one request.

    `charges` are those of one turn.
    """

    rounds: int
    charges: int
    users: int
    threads: int
    visits: int
    entries: tuple[int, ...]
    imports: int
    rows: int
    people: int
    gifts: int
    purchases: tuple[int, ...]
    transfers: tuple[int, ...]
    requests: int
    batch: int


FULL = Sizes(
    rounds=22,
    charges=400,
    users=1_000,
    threads=8,
    visits=42,
    entries=(1_000, 100_000, 2_000_000),
    imports=6,
    rows=8_819,
    people=30,
    gifts=150,
    purchases=(1_000, 100_000),
    transfers=(10_000, 100_000),
    requests=100,
    batch=1_000,
)
QUICK = Sizes(
    rounds=1,
    charges=20,
    users=5,
    threads=2,
    visits=1,
    entries=(200, 400),
    imports=1,
    rows=60,
    people=3,
    gifts=6,
    purchases=(20, 60),
    transfers=(100, 200),
    requests=2,
    batch=10,
)
