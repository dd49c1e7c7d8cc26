"""One at a time: who works on a batch, and for whom."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from people.models import User
from purchases.importing.batches import laying
from purchases.models import ImportBatch, ImportRow

State = ImportBatch.State


def lock(batch: ImportBatch) -> ImportBatch:
    """Return the batch as stored, kept to this transaction; DoesNotExist when it is forgotten."""
    stored = ImportBatch.objects.select_related("owner", "by")
    return stored.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)


def hold_owner(batch: ImportBatch) -> None:
    """Let two imports for one member go one after the other: each sees what the other recorded."""
    User.objects.select_for_update(no_key=True).get(pk=batch.owner_id)


def move(batch: ImportBatch, state: str, *, now: datetime, problem: str = "") -> None:
    """Bring a batch that is held to another state."""
    batch.state, batch.problem, batch.changed_at = state, problem, now
    batch.save()


def part_with_file(batch: ImportBatch) -> None:
    """Let the file of a batch that is held go, once that is certain."""
    transaction.on_commit(partial(laying.drop, batch.path))
    batch.path = ""


def store(rows: Sequence[ImportRow]) -> None:
    """Store what became of rows of a batch that is held."""
    # An upsert of rows that are there: a fraction of what an UPDATE by cases costs.
    ImportRow.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["outcome", "reason", "oddities", "before", "purchase", "entry"],
    )
