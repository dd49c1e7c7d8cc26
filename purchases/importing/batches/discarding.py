"""Batches that are not wanted any more."""

from datetime import datetime, timedelta

from django.db import transaction

from purchases.importing.batches import laying
from purchases.importing.batches.choosing import OPEN
from purchases.importing.batches.holding import State, lock, part_with_file
from purchases.models import ImportBatch, ImportRow

#: How long a file waits for what is to become of it.
RESTS_FOR = timedelta(hours=24)


@transaction.atomic
def discard(*, batch: ImportBatch) -> None:
    """Forget a batch that recorded nothing, with its file; of any other only the file goes.

    One that is being recorded or undone keeps both.
    """
    held = _held(batch)
    if held is None or held.state in {State.APPLYING, State.UNDOING}:
        return
    _forget(held)


def drop_stale(*, now: datetime) -> int:
    """Forget the batches that recorded nothing and rested for a day. Returns how many."""
    before = now - RESTS_FOR
    stale = ImportBatch.objects.filter(state__in=OPEN, changed_at__lt=before)
    dropped = sum(_drop(batch, before) for batch in list(stale))
    known = set(ImportBatch.objects.exclude(path="").values_list("path", flat=True))
    for path in laying.forgotten(known, before=before):
        laying.drop(path)
    return dropped


@transaction.atomic
def _drop(batch: ImportBatch, before: datetime) -> bool:
    """Forget one batch, unless somebody has just gone on with it or forgotten it."""
    held = _held(batch)
    if held is None or held.state not in OPEN or held.changed_at >= before:
        return False
    return _forget(held)


def _held(batch: ImportBatch) -> ImportBatch | None:
    try:
        return lock(batch)
    except ImportBatch.DoesNotExist:
        return None


def _forget(held: ImportBatch) -> bool:
    """Part with the file of a batch that is held, and with itself if it recorded nothing."""
    part_with_file(held)
    if not has_recorded(held):
        held.delete()
        return True
    held.save(update_fields=["path"])
    return False


def has_recorded(batch: ImportBatch) -> bool:
    """Tell whether a batch recorded something: it stays as a record of that."""
    return batch.state not in OPEN or left_something(batch)


def left_something(batch: ImportBatch) -> bool:
    """Tell whether purchases are still there of a batch that FAILED and was taken back."""
    return batch.rows.filter(outcome=ImportRow.Outcome.KEPT).exists()
