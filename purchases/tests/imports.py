"""Imports in tests: a file taken as far as a test wants it."""

import json
from datetime import timedelta

from django.core.files.base import ContentFile

from budgets.ledger import check
from budgets.models import Cycle, DailyTotal, Entry
from people.models import User
from purchases.importing import batches
from purchases.importing.batches import laying
from purchases.importing.choices import Choices
from purchases.models import (
    Attachment,
    Blob,
    Brand,
    ImportRow,
    Purchase,
    PurchaseEntry,
    Retailer,
    Tag,
    Warranty,
)
from purchases.tests.factories import NOW
from purchases.tests.test_amazon_items import report

LATER = NOW + timedelta(hours=1)


def as_ana(user):
    """Return a member under the name that documents in tests have for the owner of everything."""
    User.objects.filter(pk=user.pk).update(username="ana")
    user.refresh_from_db()
    return user


def begun(owner, content, name="items.csv"):
    """Return the batch of a file; a list is the rows of Amazon's report, an object is JSON."""
    if isinstance(content, list):
        content = report(*content)
    elif isinstance(content, dict):
        content, name = json.dumps(content), "data.json"
    data = content.encode() if isinstance(content, str) else content
    return batches.begin(upload=ContentFile(data, name=name), owner=owner, by=owner, now=NOW)


def chosen(owner, content, name="items.csv", *, key="", mode="skip", **choices):
    """Return a batch that is about to be read."""
    batch = begun(owner, content, name)
    words = {"format": key or batch.format, "choices": Choices(**choices), "mode": mode}
    return batches.choose(batch=batch, now=NOW, **words)


def worked(batch, *, now=NOW, most=2_000):
    """Return a batch when there is no more to be done."""
    for _ in range(1_000):
        batch = batches.work(batch=batch, now=now, most=most)
        if batch.state not in {"reading", "applying", "undoing"}:
            return batch
    raise AssertionError("it never ends")


def read(owner, content, name="items.csv", **how):
    """Return a batch that was read."""
    return worked(chosen(owner, content, name, **how))


def applied(owner, content, name="items.csv", *, doubles=False, **how):
    """Return a batch that was recorded, or that failed before."""
    batch = read(owner, content, name, **how)
    return record(batch, doubles=doubles) if batch.state == "ready" else batch


def record(batch, *, doubles=False):
    return worked(batches.apply(batch=batch, by=batch.owner, now=NOW, doubles=doubles))


def undone(batch, *, now=LATER):
    return worked(batches.undo(batch=batch, by=batch.owner, now=now), now=now)


def fates(batch):
    return list(batch.rows.values_list("fate", flat=True))


def outcomes(batch):
    return list(batch.rows.values_list("outcome", flat=True))


def reasons(batch):
    return list(batch.rows.values_list("reason", flat=True))


def stored():
    """Return every row that imports may write beside their own."""
    models = (Purchase, PurchaseEntry, Warranty, Attachment, Blob, Retailer, Brand, Tag)
    tables = (*models, Purchase.tags.through, Entry, Cycle, DailyTotal)
    return {model.__name__: sorted(map(repr, model.objects.values_list())) for model in tables}


def files_left():
    """Return the names of the files of imports that lie on the disk."""
    folder = laying.place_of(laying.ROOT)
    return sorted(path.name for path in folder.glob("*"))


def agrees(batch):
    """Tell whether the report of a batch is what the database says."""
    told = batches.tally(batch)
    rows = list(ImportRow.objects.filter(batch=batch).select_related("purchase"))
    added = [row for row in rows if row.outcome == "added"]
    live = Purchase.objects.live().filter(import_rows__in=added).distinct()
    posted = Entry.objects.filter(import_rows__in=added)
    return (
        told.rows == len(rows) == batch.position
        and told.outcomes["added"] == len(added) == live.count() + posted.count()
        and sum(told.fates.values()) == sum(told.outcomes.values()) == len(rows)
        and check() == []
    )
