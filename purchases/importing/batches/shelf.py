"""What came by in a file before, kept apart from memory."""

from typing import Self

from purchases.importing.shelves import scratch


class Shelf:
    """The place at which each key came by first."""

    def __init__(self) -> None:
        self._database = scratch()
        self._database.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, place INT) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._database.close()

    def first(self, key: str, place: int) -> int | None:
        """Return the place at which `key` came by before; None for the first time."""
        known = self._database.execute(
            "INSERT INTO seen VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET place = place RETURNING place",
            (key, place),
        ).fetchone()[0]
        return None if known == place else int(known)
