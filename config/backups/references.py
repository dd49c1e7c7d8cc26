"""Do the rows of a backup point at rows that it has? Kept on disk, so that any number fits."""

import errno
import sqlite3
from collections.abc import Iterator
from itertools import batched

from django.db.models import ForeignKey

from config.backups.refusals import BadBackup
from config.portable.tables import CHUNK, Row, Table

_TABLES = """
CREATE TABLE held (owner TEXT, key, PRIMARY KEY (owner, key)) WITHOUT ROWID;
CREATE TABLE wanted (owner TEXT, key, by TEXT, PRIMARY KEY (owner, key, by)) WITHOUT ROWID;
"""
_LOST = """
SELECT by, owner, key FROM wanted
WHERE NOT EXISTS (SELECT 1 FROM held WHERE (held.owner, held.key) = (wanted.owner, wanted.key))
LIMIT 1
"""


class References:
    """The keys of rows, and the keys at which rows point."""

    def __init__(self) -> None:
        # Without a name it is a file of its own in the temporary folder, gone when it is closed.
        self._db = sqlite3.connect("")
        self._db.executescript(_TABLES)

    def __enter__(self) -> "References":
        return self

    def __exit__(self, _: object, problem: BaseException | None, trace: object) -> None:
        self._db.close()
        if isinstance(problem, sqlite3.Error):
            is_full = problem.sqlite_errorcode == sqlite3.SQLITE_FULL
            raise OSError(errno.ENOSPC if is_full else errno.EIO, str(problem)) from problem

    def note(self, table: Table, rows: Iterator[Row]) -> Iterator[Row]:
        """Pass on the rows of a table, and keep in mind their keys. Raises BadBackup."""
        key = table.model._meta.pk.attname
        pointers = list(_pointers(table))
        for chunk in batched(rows, CHUNK, strict=False):
            yield from chunk
            self._hold(table, [row[key] for row in chunk])
            for attname, target in pointers:
                wanted = {row[attname] for row in chunk if row[attname] is not None}
                self._want(table, target, wanted)

    def judge(self) -> None:
        """Raise BadBackup when a row points at one that is not there."""
        if lost := self._db.execute(_LOST).fetchone():
            by, owner, key = lost
            raise BadBackup(f"A row of {by} points at {owner} {key}, which is not in the backup.")

    def _hold(self, table: Table, keys: list[object]) -> None:
        try:
            self._db.executemany(
                "INSERT INTO held VALUES (?, ?)", ((table.name, key) for key in keys)
            )
        except sqlite3.IntegrityError:
            raise BadBackup(f"Two rows of {table.name} have the same key.") from None

    def _want(self, table: Table, target: str, keys: set[object]) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO wanted VALUES (?, ?, ?)",
            ((target, key, table.name) for key in keys),
        )


def _pointers(table: Table) -> Iterator[tuple[str, str]]:
    for field in table.fields:
        if isinstance(field, ForeignKey):
            yield field.attname, field.remote_field.model._meta.label
