"""What an import did is taken back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from budgets.ledger import reverse_many
from budgets.models import Entry
from people.models import User
from purchases import keeping
from purchases.importing.batches.applying import PART
from purchases.importing.batches.holding import State, hold_owner, lock, move, part_with_file
from purchases.importing.batches.meeting import versions_left
from purchases.importing.batches.reading import NOTHING
from purchases.importing.batches.telling import purchase_of
from purchases.importing.batches.updating import CHANGED_SINCE, put_back
from purchases.models import ImportBatch, ImportRow

Outcome = ImportRow.Outcome


@transaction.atomic
def undo(*, batch: ImportBatch, by: User | None, now: datetime) -> ImportBatch:
    """Begin to take back what the batch recorded, all of it or as much as there is.

    Raises ValidationError unless it is DONE or APPLYING. `work` does it.
    """
    held = lock(batch)
    if held.state not in {State.DONE, State.APPLYING}:
        raise ValidationError({NON_FIELD_ERRORS: "There is nothing that could be undone now."})
    held.by, held.percent = by, 0
    move(held, State.UNDOING, now=now)
    return held


def next_updated(batch: ImportBatch) -> list[ImportRow]:
    """Return the next rows that brought something up to date, the last first."""
    return list(_updated(batch).order_by("-number")[:PART])


def _updated(batch: ImportBatch) -> QuerySet[ImportRow]:
    return batch.rows.filter(outcome=Outcome.UPDATED).select_related("purchase__owner")


def one(batch: ImportBatch, row: ImportRow, now: datetime) -> int:
    """Put the purchase of a row back, unless that is done; return how many were."""
    still = _updated(batch).filter(pk=row.pk).first()
    if still is None:
        return 0
    put_back(still, now)
    return 1


def part(batch: ImportBatch, now: datetime) -> int:
    """Take back the next rows that a batch which is held added, and return how many.

    A batch that has a problem is undone because of it, and then it has FAILED.
    """
    rows = list(batch.rows.filter(outcome=Outcome.ADDED)[:PART])
    if rows:
        hold_owner(batch)
        _take_back(rows, now)
    _go_on(batch, now)
    return len(rows)


def _take_back(rows: list[ImportRow], now: datetime) -> None:
    """Take back what was added: purchases and usage, each all at once."""
    said = {row.purchase_id: row for row in rows if row.purchase_id is not None}
    kept = keeping.take_back(left=_as_left(said), now=now)
    entries = [row.entry_id for row in rows if row.entry_id is not None]
    reverse_many(entries=list(Entry.objects.filter(pk__in=entries)), now=now)
    keys = [row.pk for row in rows]
    stays = ImportRow.objects.filter(pk__in=keys, purchase__in=kept)
    stays.update(outcome=Outcome.KEPT, reason=CHANGED_SINCE)
    ImportRow.objects.filter(pk__in=keys, outcome=Outcome.ADDED).update(outcome=Outcome.UNDONE)


def _as_left(rows: Mapping[int, ImportRow]) -> dict[int, keeping.Left]:
    """Return how imports left the purchases of these rows, by the purchases' keys."""
    versions = versions_left(rows)
    left = {}
    for key, row in rows.items():
        said = purchase_of(row)
        papers = {paper.sha256 for paper in said.files}
        warranties = [asdict(one) for one in said.warranties]
        left[key] = keeping.Left(versions[key], warranties, papers)
    return left


def _go_on(batch: ImportBatch, now: datetime) -> None:
    left = batch.rows.filter(outcome__in=(Outcome.ADDED, Outcome.UPDATED)).count()
    gone = batch.rows.filter(outcome__in=(Outcome.UNDONE, Outcome.KEPT)).count()
    batch.percent = 100 * gone // max(left + gone, 1)
    if left:
        move(batch, State.UNDOING, now=now, problem=batch.problem)
    elif batch.problem:
        stays = batch.rows.filter(outcome=Outcome.KEPT).count()
        move(batch, State.FAILED, now=now, problem=f"{batch.problem} {_left_over(stays)}")
    else:
        batch.percent, batch.undone_at = 100, now
        part_with_file(batch)
        move(batch, State.UNDONE, now=now)


def _left_over(stays: int) -> str:
    """Say what is there of a strict batch that was taken back."""
    if not stays:
        return NOTHING
    what = "1 purchase that was" if stays == 1 else f"{stays:,} purchases that were"
    return f"What was recorded by then was taken back, but for {what} changed meanwhile."
