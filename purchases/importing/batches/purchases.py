"""The fate of rows that are purchases."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Self
from uuid import UUID

from occasions.access import viewer_of
from occasions.models import Viewer
from purchases.importing.batches.judging import (
    Refused,
    is_storable,
    judge,
    oddities_of,
    rates_of,
    shown,
)
from purchases.importing.batches.meeting import (
    Looks,
    Met,
    changes,
    lookalikes,
    looks,
    told,
    uid_if_any,
    whose,
)
from purchases.importing.batches.shelf import Shelf
from purchases.importing.batches.telling import written
from purchases.importing.choices import Choices
from purchases.importing.rows import Remark, Row
from purchases.models import ImportBatch, ImportRow, Purchase

Fate = ImportRow.Fate
#: What does not become a purchase: another row may still have its id.
_NOT_TAKEN = (Fate.LEFT_OUT, Fate.ERROR)
_LONGEST_KEY = 200
_UNSTORABLE = "has characters that cannot be stored"


class _Heard(NamedTuple):
    """A record, with the number of one above that is the same at its origin."""

    said: Row | Remark
    same: int | None = None


class _Decision(NamedTuple):
    fate: str
    reason: str = ""
    purchase: Purchase | None = None


class Purchases:
    """The reading of a file of purchases."""

    def __init__(self, batch: ImportBatch, choices: Choices, now: datetime) -> None:
        self.batch, self.now = batch, now
        self.owner = batch.owner
        self.rates = rates_of(choices)
        self.updates = batch.mode == ImportBatch.Mode.UPDATE
        self._shelf = Shelf()
        self._number = 0

    def __enter__(self) -> Self:
        self._shelf.__enter__()
        return self

    def __exit__(self, *problem: object) -> None:
        self._shelf.__exit__(*problem)

    @cached_property
    def viewer(self) -> Viewer:
        """The owner of the import, as somebody who sees purchases of others."""
        return viewer_of(self.owner, now=self.now)

    def hear(self, said: Row | Remark) -> _Heard:
        """Return a record with what stands above that has its origin."""
        self._number += 1
        if isinstance(said, Remark) or said.left_out or not (said.uid and said.source_id):
            return _Heard(said)
        # Two of a household may have the same row of their bank, each under an id of its own.
        return _Heard(said, self._first(self._number, said.source, said.source_id))

    def _first(self, place: int, *key: object) -> int | None:
        """Return the place at which a key stands above; None for the first time."""
        text = "\0".join(map(str, key))
        return self._shelf.first(text.encode(errors="replace").decode(), place)

    def judge(self, heard: Sequence[_Heard], numbers: Sequence[int]) -> list[ImportRow]:
        """Return a row for each record with its fate, by as many queries as one takes."""
        rows = [one.said for one in heard if isinstance(one.said, Row)]
        bought = [row for row in rows if not row.left_out]
        met = Met.of(bought, self.owner)
        others = whose(bought, self.viewer) if any(row.uid for row in bought) else {}
        part = _Part(self, met, lookalikes(bought, self.owner, met), others)
        part.above.update(_above(self.batch, bought))
        part.origins.update(_taken(self.batch, [one.same for one in heard if one.same]))
        return [part.row(one, number) for one, number in zip(heard, numbers, strict=True)]


def key_of(row: Row) -> str:
    """Return what a row is called, the same in every file that has it."""
    return (row.uid or row.source_id)[:_LONGEST_KEY]


def _above(batch: ImportBatch, rows: Sequence[Row]) -> dict[str, int]:
    """Return on which line each of these names stands in the parts that were read before."""
    keys = {key for row in rows if (key := key_of(row)) and is_storable({"": key})}
    # Without an order, or SQLite would go through the whole batch in that order.
    taken = batch.rows.filter(key__in=keys).exclude(fate__in=_NOT_TAKEN).order_by()
    return dict(taken.values_list("key", "line"))


def _taken(batch: ImportBatch, numbers: Sequence[int]) -> dict[int, int]:
    """Return the lines of those of these rows that are taken, as far as they are stored."""
    if not numbers:
        return {}
    taken = batch.rows.filter(number__in=numbers).exclude(fate__in=_NOT_TAKEN).order_by()
    return dict(taken.values_list("number", "line"))


class _Part:
    """The rows of one transaction, decided one after the other."""

    def __init__(
        self, reading: Purchases, met: Met, alike: set[Looks], others: Mapping[UUID, str]
    ) -> None:
        self.reading, self.met, self.alike, self.others = reading, met, alike, others
        #: The lines of what is taken, by the keys and by the numbers of its rows.
        self.above: dict[str, int] = {}
        self.origins: dict[int, int] = {}

    def row(self, heard: _Heard, number: int) -> ImportRow:
        said = heard.said
        row = ImportRow(batch=self.reading.batch, number=number, line=max(said.line, 0))
        if isinstance(said, Remark):
            row.fate, row.reason = Fate.ERROR, shown(said.text)
            return row
        row.data = written(said, said.price)
        if not is_storable(row.data):
            row.data, row.fate, row.reason = {}, Fate.ERROR, _UNSTORABLE
            return row
        row.key, row.oddities = key_of(said), oddities_of(said, self.reading.owner)
        row.fate, row.reason, row.purchase = self._decide(said, heard)
        if row.fate not in _NOT_TAKEN:
            self.above[row.key] = self.origins[number] = row.line
        return row

    def _decide(self, said: Row, heard: _Heard) -> _Decision:
        if said.left_out:
            return _Decision(Fate.LEFT_OUT, said.left_out)
        if (key := key_of(said)) and key in self.above:
            return _Decision(Fate.ERROR, f"has the same id as line {self.above[key]}")
        if heard.same in self.origins:
            line = self.origins[heard.same]
            return _Decision(Fate.ERROR, f"has the same id at its origin as line {line}")
        if (owner := self._other_owner(said)) is not None:
            who = f"{owner}’s purchase" if owner else "a purchase of somebody who is gone"
            return _Decision(Fate.LEFT_OUT, f"is {who}, which is here")
        purchase = self.met.with_name_of(said)
        if purchase is not None and purchase.is_trashed:
            return _Decision(Fate.SAME, "was deleted since, and stays deleted", purchase)
        if purchase is not None and not self.reading.updates:
            return self._meet(said, purchase)
        try:
            judge(said, owner=self.reading.owner, known=self.reading.rates, now=self.reading.now)
        except Refused as refusal:
            return _Decision(Fate.ERROR, str(refusal), purchase)
        if purchase is not None:
            return self._meet(said, purchase)
        if looks(said) in self.alike:
            return _Decision(Fate.DOUBLE, "looks like a purchase that is here already")
        return _Decision(Fate.NEW)

    def _other_owner(self, said: Row) -> str | None:
        """Return who owns a purchase of that name which the owner has not, "" for nobody."""
        uid = uid_if_any(said)
        return None if uid is None or uid in self.met.by_uid else self.others.get(uid)

    def _meet(self, said: Row, purchase: Purchase) -> _Decision:
        """Decide about a row that was recorded before."""
        found = changes(said, purchase)
        if not found:
            return _Decision(Fate.SAME, purchase=purchase)
        is_touched = self.met.is_touched(purchase)
        what = told(found, purchase)
        if self.reading.updates:
            since = "; it was edited since" if is_touched and not said.uid else ""
            return _Decision(Fate.CHANGED, f"is here with {what}{since}", purchase)
        if is_touched and not said.uid:
            return _Decision(Fate.SAME, "was edited since, and is left as it is", purchase)
        what = f"was imported before with {what}; it was left as it is"
        return _Decision(Fate.CHANGED, what, purchase)
