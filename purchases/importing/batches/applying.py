"""What was read becomes purchases and usage."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from budgets.ledger import Event, budget_of, ingest
from budgets.ledger import Fate as Posted
from budgets.usage.loading import Known, says, source_of
from people.models import User
from purchases import keeping
from purchases.importing.batches.holding import (
    State,
    hold_owner,
    lock,
    move,
    part_with_file,
    store,
)
from purchases.importing.batches.judging import Refused, rates_of, reason_of, values_of
from purchases.importing.batches.meeting import Met
from purchases.importing.batches.papers import Papers
from purchases.importing.batches.telling import EVENT, purchase_of, usage_of
from purchases.importing.batches.updating import update
from purchases.importing.batches.usage import posting_of
from purchases.importing.choices import Choices
from purchases.importing.formats import format_named
from purchases.importing.shapes import Kind
from purchases.models import ImportBatch, ImportRow, Purchase

#: How many rows are looked at at once; the new ones among them are one transaction.
PART = 500
Fate, Outcome = ImportRow.Fate, ImportRow.Outcome
_MEANWHILE = "was recorded meanwhile"


class Reread(Exception):
    """The file was read anew since somebody looked at what it says."""


class Broken(Exception):
    """A row of a strict batch cannot be recorded: none is to be."""

    def __init__(self, row: ImportRow, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = row.line, reason


@transaction.atomic
def apply(
    *,
    batch: ImportBatch,
    by: User | None,
    now: datetime,
    doubles: bool = False,
    seen_at: datetime | None = None,
) -> ImportBatch:
    """Begin to record what was read; with `doubles` also what may be there twice.

    `seen_at` is the `changed_at` of the batch that somebody looked at. Raises ValidationError
    unless the batch is READY, and Reread when it is another one by now. `work` does it.
    """
    held = lock(batch)
    if held.state != State.READY:
        raise ValidationError({NON_FIELD_ERRORS: "There is nothing that could be recorded now."})
    if seen_at is not None and seen_at != held.changed_at:
        raise Reread
    # What stays without an outcome is recorded; the rest has its own from the start.
    left_alone = {Fate.SAME, Fate.LEFT_OUT}
    if held.mode != ImportBatch.Mode.UPDATE:
        left_alone.add(Fate.CHANGED)
    if not doubles:
        left_alone.add(Fate.DOUBLE)
    held.rows.filter(fate__in=left_alone).update(outcome=Outcome.SKIPPED)
    held.rows.filter(fate=Fate.ERROR).update(outcome=Outcome.REFUSED)
    held.by, held.percent = by, 0
    move(held, State.APPLYING, now=now)
    return held


def waiting(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Return the rows that are still to be recorded."""
    return batch.rows.filter(outcome=Outcome.WAITING).select_related("batch__owner", "batch__by")


def next_rows(batch: ImportBatch) -> list[ImportRow]:
    """Return the next of them; nothing is sought among those that are recorded already."""
    return list(waiting(batch)[:PART])


def is_new(row: ImportRow) -> bool:
    """Tell whether a row that waits becomes a purchase or a use, and changes none."""
    return row.fate in {Fate.NEW, Fate.DOUBLE}


def part(batch: ImportBatch, papers: Papers, now: datetime) -> int:
    """Record the new ones of the next rows of a batch that is held, and return how many.

    Raises Broken for a strict batch of which a row is refused: roll back.
    """
    rows = _seen_to([row for row in next_rows(batch) if is_new(row)], papers)
    if rows:
        hold_owner(batch)
        is_usage = format_named(batch.format).kind is Kind.USAGE
        (_post if is_usage else _record)(batch, rows, papers, now)
    go_on(batch, now)
    return len(rows)


def one(batch: ImportBatch, row: ImportRow, now: datetime) -> int:
    """Bring the purchase of a row up to date, unless that is done; return how many were."""
    still = waiting(batch).filter(pk=row.pk).first()
    if still is None:
        return 0
    update(batch, still, now)
    return 1


def _seen_to(rows: Sequence[ImportRow], papers: Papers) -> list[ImportRow]:
    """Return the first rows, up to one whose papers are still to be taken out."""
    until = next((at for at, row in enumerate(rows) if not papers.have(row)), len(rows))
    return list(rows[:until])


def go_on(batch: ImportBatch, now: datetime) -> None:
    """Note how far a batch that is held is; it is DONE when nothing waits any more."""
    left = batch.rows.filter(outcome=Outcome.WAITING).count()
    batch.percent = 100 - left * 100 // max(batch.position, 1)
    if left:
        move(batch, State.APPLYING, now=now)
        return
    batch.applied_at = now
    part_with_file(batch)
    move(batch, State.DONE, now=now)


def _record(batch: ImportBatch, rows: Sequence[ImportRow], papers: Papers, now: datetime) -> None:
    """Record new purchases, all at once."""
    said = {row.pk: purchase_of(row) for row in rows}
    known, met = rates_of(Choices.from_json(batch.choices)), Met.of(said.values(), batch.owner)
    fresh: list[tuple[ImportRow, dict[str, Any]]] = []
    for row in rows:
        if purchase := met.with_name_of(said[row.pk]):
            row.outcome, row.reason, row.purchase = Outcome.SKIPPED, _MEANWHILE, purchase
            continue
        if faults := papers.faults.get(row.pk):
            _refuse_if_strict(batch, row, faults[0])
            row.oddities = [*row.oddities, *faults]
        try:
            values = values_of(said[row.pk], known, batch.owner)
        except Refused as refusal:
            _refuse(batch, row, str(refusal))
        else:
            fresh.append((row, {**values, "files": papers.waiting.get(row.pk, ())}))
    answers = keeping.record_many(
        owner=batch.owner, values=[values for _, values in fresh], now=now
    )
    for (row, _), answer in zip(fresh, answers, strict=True):
        if isinstance(answer, Purchase):
            row.outcome, row.purchase = Outcome.ADDED, answer
        else:
            _refuse(batch, row, reason_of(answer))
    store(rows)


def _post(batch: ImportBatch, rows: Sequence[ImportRow], _papers: Papers, now: datetime) -> None:
    """Post usage, all at once.

    What it is called is asked anew: what counted when the file was read may be undone by now.
    """
    source = source_of(batch.owner)
    known = Known.of(source, {row.data[EVENT] for row in rows})
    events = []
    budget = budget_of(batch.owner, now=now)
    for row in rows:
        name, entry = known.of_event(row.data[EVENT])
        if entry is not None and not says(entry, usage_of(row)):
            _refuse(batch, row, "its id was recorded meanwhile with other figures")
            continue
        events.append((row, Event(budget, posting_of(row, name))))
    outcomes = ingest([event for _, event in events], now=now, as_facts=True)
    for (row, _), outcome in zip(events, outcomes, strict=True):
        match outcome.fate:
            case Posted.ACCEPTED:
                row.outcome, row.entry = Outcome.ADDED, outcome.entry
            case Posted.DUPLICATE:
                row.outcome, row.reason = Outcome.SKIPPED, _MEANWHILE
            case Posted.REFUSED:
                _refuse(batch, row, "its id is taken by somebody else’s usage")
    store(rows)


def _refuse(batch: ImportBatch, row: ImportRow, reason: str) -> None:
    _refuse_if_strict(batch, row, reason)
    row.outcome, row.reason = Outcome.REFUSED, reason


def _refuse_if_strict(batch: ImportBatch, row: ImportRow, reason: str) -> None:
    if batch.mode == ImportBatch.Mode.STRICT:
        raise Broken(row, reason)
