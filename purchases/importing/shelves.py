"""What is kept apart from memory while a file is read, however much of it there is.

Records are laid aside until the one that they belong to comes by; what comes by is counted.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

#: How many of one kind may belong to one record.
MOST = 200


class TooMany(ValueError):
    """More of a kind belong to one record than it may have; the message says which."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A record as it was laid aside, with its place among its kind."""

    kind: str
    key: str
    place: int
    said: dict[str, Any]


def scratch(path: str = "") -> sqlite3.Connection:
    """Open a database that nobody misses; one without a path is gone when it is closed.

    SQLite keeps that in memory while it is small and moves it to a temporary file when it grows.
    """
    database = sqlite3.connect(path, isolation_level=None, uri=path.startswith("file:"))
    database.execute("PRAGMA temp_store = FILE")
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    return database


class Times:
    """How often each of several things came by."""

    def __init__(self) -> None:
        self._counts = scratch()
        self._counts.execute("CREATE TABLE times (key TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID")

    def close(self) -> None:
        self._counts.close()

    def next(self, *parts: str) -> int:
        """Return how often these parts came by, this time included."""
        add = (
            "INSERT INTO times VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET n = n + 1 RETURNING n"
        )
        count: int = self._counts.execute(add, ("\0".join(parts),)).fetchone()[0]
        return count

    def has(self, *parts: str) -> bool:
        """Tell whether these parts came by."""
        found = self._counts.execute("SELECT 1 FROM times WHERE key = ?", ("\0".join(parts),))
        return found.fetchone() is not None


class Shelf:
    """A database of records, found by their kind and by a key.

    One at a `path` is new unless it was `filled` before. What came by is noted for this time only.
    """

    def __init__(self, path: Path | None = None, *, filled: bool = False) -> None:
        where = f"{path.absolute().as_uri()}?mode={'ro' if filled else 'rwc'}" if path else ""
        self._database = scratch(where)
        self._database.execute("CREATE TEMP TABLE met (key TEXT PRIMARY KEY) WITHOUT ROWID")
        if not filled:
            self._database.execute("CREATE TABLE laid (kind TEXT, key TEXT, place INT, said TEXT)")
        self._is_ordered = filled

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Lay many records at once: one by one they would be written to the disk one by one."""
        self._database.execute("BEGIN")
        yield
        self._database.execute("COMMIT")
        self._order()

    def lay(self, kind: str, key: str, place: int, said: Mapping[str, Any]) -> None:
        """Lay a record aside under the key of what it belongs to, or its own."""
        written = json.dumps(said, ensure_ascii=False, default=str)
        self._database.execute("INSERT INTO laid VALUES (?, ?, ?, ?)", (kind, key, place, written))

    def of(self, kind: str, key: str) -> list[Laid]:
        """Return what lies under a key, in the order it was laid. Raises TooMany."""
        self._order()
        found = self._database.execute(
            "SELECT kind, key, place, said FROM laid WHERE kind = ? AND key = ?"
            " ORDER BY rowid LIMIT ?",
            (kind, key, MOST + 1),
        ).fetchall()
        if len(found) > MOST:
            raise TooMany(f"more than {MOST} {kind} belong to it")
        return [_laid(row) for row in found]

    def meet(self, key: str) -> bool:
        """Note that what others belong to came by; tell whether that was the first time."""
        noted = self._database.execute("INSERT OR IGNORE INTO met VALUES (?)", (key,))
        return noted.rowcount == 1

    def unmet(self, kind: str) -> Iterator[Laid]:
        """Yield what belongs to nothing that came by."""
        self._order()
        yield from map(
            _laid,
            self._database.execute(
                "SELECT kind, key, place, said FROM laid"
                " WHERE kind = ? AND key NOT IN (SELECT key FROM met) ORDER BY rowid",
                (kind,),
            ),
        )

    def all(self, kind: str) -> Iterator[Laid]:
        """Yield everything of a kind in the order it was laid."""
        yield from map(
            _laid,
            self._database.execute(
                "SELECT kind, key, place, said FROM laid WHERE kind = ? ORDER BY rowid", (kind,)
            ),
        )

    def _order(self) -> None:
        """Make finding quick, once: to keep order while things are laid would take longer."""
        if not self._is_ordered:
            self._database.execute("CREATE INDEX laid_by_key ON laid (kind, key)")
            self._is_ordered = True


@contextmanager
def kept(path: Path | None, fill: Callable[[Shelf], None]) -> Iterator[Shelf]:
    """Give a shelf as `fill` fills it, once for all times where it has a path to be kept at."""
    if path is None:
        with Shelf() as shelf:
            fill(shelf)
            yield shelf
        return
    try:
        shelf = Shelf(path, filled=True)
    except sqlite3.OperationalError:  # it is not there yet, or not any more
        _fill(path, fill)
        shelf = Shelf(path, filled=True)
    with shelf:
        yield shelf


def _fill(path: Path, fill: Callable[[Shelf], None]) -> None:
    """Fill a shelf beside its place, so that what stands there is whole, whoever else fills one."""
    begun = path.with_name(f"{path.name}-{token_hex(4)}")
    begun.touch()
    try:
        with closing(Shelf(begun)) as shelf, shelf.filling():
            fill(shelf)
        begun.replace(path)
    finally:
        begun.unlink(missing_ok=True)


def _laid(row: tuple[str, str, int, str]) -> Laid:
    kind, key, place, said = row
    return Laid(kind, key, place, json.loads(said))
