"""The JSON of an export, row by row."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings

from config.exporting.scopes import Scope, exported
from config.exporting.versions import FORMAT, VERSION
from config.portable.snapshots import snapshot
from config.portable.tables import Row, written
from config.portable.values import plain

#: How many characters are handed on at once.
PIECE = 64 * 1024


def document(scope: Scope, *, now: datetime) -> Iterator[str]:
    """Yield the JSON of all that is in `scope`, as it is at one moment."""
    with snapshot() as using:
        yield from Document(scope, using, now).pieces()


class Document:
    """The JSON of what one database holds; `counts` is filled in while it is written."""

    def __init__(self, scope: Scope, using: str, now: datetime) -> None:
        self._scope = scope
        self._using = using
        self.head = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": plain(now),
            "scope": scope.name,
            "base_currency": settings.CURRENCY,
        }
        self.counts: dict[str, int] = {}

    def pieces(self) -> Iterator[str]:
        return _in_pieces(self._texts())

    def _texts(self) -> Iterator[str]:
        reader = self._scope.open(self._using)
        # The outer braces are written by hand: what lies between them never is in memory at once.
        yield written(self.head).removesuffix("}") + ',"tables":{'
        comma = "\n"
        for table in exported():
            yield f'{comma}"{table.name}":['
            yield from self._rows(table.name, reader.rows(table))
            yield "]"
            comma = ",\n"
        yield f'\n}},"counts":{json.dumps(self.counts, separators=(",", ":"))}}}\n'

    def _rows(self, name: str, rows: Iterable[Row]) -> Iterator[str]:
        count, comma = 0, "\n"
        for row in rows:
            yield comma + written(row)
            count, comma = count + 1, ",\n"
        self.counts[name] = count


def _in_pieces(texts: Iterable[str]) -> Iterator[str]:
    """Join short texts: each piece is a write to somewhere."""
    waiting: list[str] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(waiting)
            waiting, size = [], 0
    yield "".join(waiting)
