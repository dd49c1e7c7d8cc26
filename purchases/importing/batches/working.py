"""The next part of whatever a batch is at."""

from contextlib import nullcontext
from datetime import datetime

from django.db import transaction

from purchases.importing.batches import applying, undoing
from purchases.importing.batches.holding import State, lock, move
from purchases.importing.batches.pacing import Pace
from purchases.importing.batches.papers import Papers, may_have_papers, taken_out
from purchases.importing.batches.reading import at_line, read_on
from purchases.models import ImportBatch, ImportRow

#: To read a row costs so many times less than to record it, and who goes on in the middle of a
#: file reads what stands before once more.
_EASIER = 25


def work(
    *, batch: ImportBatch, now: datetime, most: int = 2_000, seconds: float | None = None
) -> ImportBatch:
    """Read, record or undo about `most` more rows, and return the batch as it stands then.

    After so many `seconds` it stops at the end of a part. Safe to call twice at once and to be
    killed: each part is one transaction. A batch that is at nothing is returned as it is. What goes
    wrong with the file makes it FAILED, with the problem. Raises DoesNotExist for a batch that is
    forgotten.
    """
    batch = ImportBatch.objects.select_related("owner", "by").get(pk=batch.pk)
    if batch.state == State.READING:
        return read_on(batch=batch, now=now, pace=Pace(most * _EASIER, seconds))
    pace = Pace(most, seconds)
    while not pace.is_over and batch.state in {State.APPLYING, State.UNDOING}:
        before, left = batch.state, pace.left
        batch = (_apply_part if before == State.APPLYING else _undo_part)(batch, pace, now)
        if pace.left == left and batch.state == before:
            break  # somebody else is at it
    return batch


def _apply_part(batch: ImportBatch, pace: Pace, now: datetime) -> ImportBatch:
    rows = applying.next_rows(batch)
    new = [row for row in rows if applying.is_new(row)]
    try:
        if new or not rows:
            papers = taken_out(batch, new, now) if may_have_papers(batch) else nullcontext(Papers())
            with papers as found:
                return _record(batch, found, pace, now)
        for row in rows:
            _update(batch, row, pace, now)
            if pace.is_over:
                break
        return _told(batch, now)
    except applying.Broken as broken:
        return _take_all_back(batch, at_line(broken.line, broken.reason), now)


@transaction.atomic
def _record(batch: ImportBatch, papers: Papers, pace: Pace, now: datetime) -> ImportBatch:
    held = lock(batch)
    if held.state == State.APPLYING:
        pace.took(applying.part(held, papers, now))
    return held


@transaction.atomic
def _update(batch: ImportBatch, row: ImportRow, pace: Pace, now: datetime) -> None:
    """Bring one purchase up to date, alone.

    Each takes the locks of occasions, purchases, names and budgets in that order: a second one in
    the same transaction would begin anew while the first still has its budget.
    """
    held = lock(batch)
    if held.state == State.APPLYING:
        pace.took(applying.one(held, row, now))


@transaction.atomic
def _told(batch: ImportBatch, now: datetime) -> ImportBatch:
    """Tell how far the batch is."""
    held = lock(batch)
    if held.state == State.APPLYING:
        applying.go_on(held, now)
    return held


@transaction.atomic
def _take_all_back(batch: ImportBatch, problem: str, now: datetime) -> ImportBatch:
    held = lock(batch)
    if held.state == State.APPLYING:
        held.percent = 0
        move(held, State.UNDOING, now=now, problem=problem)
    return held


def _undo_part(batch: ImportBatch, pace: Pace, now: datetime) -> ImportBatch:
    for row in undoing.next_updated(batch):
        _put_back(batch, row, pace, now)
        if pace.is_over:
            break
    return _take_back(batch, pace, now)


@transaction.atomic
def _put_back(batch: ImportBatch, row: ImportRow, pace: Pace, now: datetime) -> None:
    """Give one purchase back what it had, alone, as it was brought up to date."""
    held = lock(batch)
    if held.state == State.UNDOING:
        pace.took(undoing.one(held, row, now))


@transaction.atomic
def _take_back(batch: ImportBatch, pace: Pace, now: datetime) -> ImportBatch:
    held = lock(batch)
    if held.state == State.UNDOING:
        pace.took(undoing.part(held, now))
    return held
