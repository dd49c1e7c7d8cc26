"""The fate of rows that are metered usage."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.conf import settings

from budgets.ledger import Posting
from budgets.models import Entry
from budgets.usage.files import Problem
from budgets.usage.loading import Candidate, Known, Names, postings, says, source_of
from budgets.usage.parsing import Row as UsageRow
from budgets.usage.pricing import PublishedPrices
from purchases.importing.batches.judging import is_storable, shown
from purchases.importing.batches.telling import PRICED_BY, amount_of, usage_of, written
from purchases.importing.choices import Choices
from purchases.importing.rows import Remark
from purchases.models import ImportBatch, ImportRow

Fate = ImportRow.Fate
_LONGEST_KEY = 200


class Usage:
    """The reading of a file of usage, as `import_usage` reads it: rows have one name either way."""

    def __init__(self, batch: ImportBatch, _choices: Choices, now: datetime) -> None:
        self.batch, self.now = batch, now
        self._names = Names()
        self._prices = PublishedPrices(settings.CURRENCY)

    def __enter__(self) -> Self:
        self._names.__enter__()
        return self

    def __exit__(self, *problem: object) -> None:
        self._names.__exit__(*problem)

    def hear(self, said: UsageRow | Remark) -> Candidate | Remark:
        """Price and name a record."""
        if isinstance(said, Remark):
            return said
        if not is_storable(said.as_json()):
            return Remark(said.line, "has characters that cannot be stored")
        user, now = self.batch.owner, self.now
        found = postings([said], user=user, prices=self._prices, now=now, names=self._names)
        candidate = next(found)
        if isinstance(candidate, Problem):
            return Remark(candidate.line, candidate.reason)
        return candidate

    def judge(self, heard: Sequence[Candidate | Remark], numbers: Sequence[int]) -> list[ImportRow]:
        """Return a row for each record with its fate, by as many queries as one takes."""
        ids = {one.posting.source_event_id for one in heard if isinstance(one, Candidate)}
        known = Known.of(source_of(self.batch.owner), ids)
        return [self._row(one, number, known) for one, number in zip(heard, numbers, strict=True)]

    def _row(self, heard: Candidate | Remark, number: int, known: Known) -> ImportRow:
        if isinstance(heard, Remark):
            row = ImportRow(batch=self.batch, number=number, line=heard.line)
            row.fate, row.reason = Fate.ERROR, shown(heard.text)
            return row
        event, entry = known.of_event(heard.posting.source_event_id)
        data = written(
            heard.row,
            heard.posting.amount,
            event=event,
            currency=settings.CURRENCY,
            priced_by=heard.posting.priced_by,
        )
        row = ImportRow(
            batch=self.batch,
            number=number,
            line=heard.row.line,
            key=(heard.row.event_id or event)[:_LONGEST_KEY],
            data=data,
            oddities=["its cost was rounded to six places"] if heard.row.is_rounded else [],
        )
        row.fate, row.reason = _decide(heard, entry)
        return row


def _decide(heard: Candidate, entry: Entry | None) -> tuple[str, str]:
    if entry is not None and not says(entry, heard.row):
        # An id that means something else now: to call it a repeat would lose this row's money.
        return Fate.ERROR, f"its id {heard.row.event_id[:60]} was recorded with other figures"
    if entry is not None:
        return Fate.SAME, ""
    if heard.repeated:
        return Fate.SAME, "stands above in this file already"
    return Fate.NEW, ""


def posting_of(row: ImportRow, event: str) -> Posting:
    """Return what a row is posted as, under the name that its event has by now."""
    said = usage_of(row)
    return Posting(
        amount=amount_of(row),
        occurred_at=said.occurred_at,
        provider=said.provider,
        model=said.model,
        operation=said.operation,
        input_tokens=said.input_tokens,
        output_tokens=said.output_tokens,
        cached_tokens=said.cached_tokens,
        source=source_of(row.batch.owner),
        source_event_id=event,
        priced_by=row.data.get(PRICED_BY, ""),
    )
