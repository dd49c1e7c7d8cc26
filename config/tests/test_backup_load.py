"""Backups while everybody spends, and of many rows."""

import gc
import time
import tracemalloc
from threading import Event, Thread

import pytest
from django.db import connection

from budgets.ledger import check
from budgets.models import Entry
from budgets.tests.factories import record
from config import backups
from config.backups import references
from config.portable import tables
from config.tests import copies
from config.tests.copies import LATER, NOW
from people.models import User
from purchases import keeping
from purchases.keeping.inspecting import check_files
from purchases.models import Purchase

pytestmark = pytest.mark.django_db(transaction=True)

A_SECOND = 50


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    return copies.settle(settings, tmp_path)


class Spender(Thread):
    """Charges fifty times a second, and adds and removes papers, until it is told to stop."""

    def __init__(self):
        super().__init__()
        self.charges = 0
        self.problem = None
        self._end = Event()

    def run(self):
        ann, kettle = User.objects.get(username="ann"), Purchase.objects.get(name="Kettle")
        began = time.monotonic()
        try:
            while not self._end.wait(max(0, began + self.charges / A_SECOND - time.monotonic())):
                record(ann.budget, "0.01", now=NOW)
                self.charges += 1
                if self.charges % 10 == 0:
                    copies.attach(kettle, b"paper %d" % self.charges)
                    keeping.detach(attachment=kettle.attachments.earliest("pk"))
        except Exception as problem:  # noqa: BLE001  (the test looks at it)
            self.problem = problem
        finally:
            connection.close()

    def stop(self):
        self._end.set()
        self.join()


@pytest.fixture
def spender():
    copies.furnish()
    copies.post(500)
    spender = Spender()
    spender.start()
    yield spender
    spender.stop()


def test_a_backup_under_load_agrees_when_it_is_restored(spender):
    made, end = [], time.monotonic() + 2
    while time.monotonic() < end:
        made.append(backups.make(now=NOW))
    spender.stop()
    assert spender.problem is None
    assert spender.charges > A_SECOND
    first, last = made[0], made[-1]
    assert first.counts["budgets.Entry"] < last.counts["budgets.Entry"]
    assert not any(one.missing for one in made)
    for one in (first, last):
        backups.restore(one.name, now=LATER)
        assert Entry.objects.count() == one.counts["budgets.Entry"]
        assert not check()
        assert not list(check_files(now=LATER, verify=True))


def test_ten_times_as_many_rows_need_no_more_memory(monkeypatch):
    for module in (tables, references):
        monkeypatch.setattr(module, "CHUNK", 50)
    copies.furnish()
    copies.post(200)
    few = peak()
    copies.post(1_800)
    # Python itself keeps up to 2,000 tuples of each length; a row alone is more than 1,500 bytes.
    assert (peak() - few) / 1_800 <= 300


def peak():
    """Return the most memory that a backup and its restore had at once, in bytes."""
    gc.collect()
    tracemalloc.start()
    try:
        backup = backups.make(now=NOW)
        backups.restore(backup.name, now=LATER)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
