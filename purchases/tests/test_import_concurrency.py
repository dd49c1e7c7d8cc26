"""Imports beside each other, and killed: real threads, connections and processes."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random

import pytest
from django.conf import settings as configured
from django.core.exceptions import ValidationError
from django.db import connection

from budgets.ledger import check
from budgets.models import Entry
from budgets.tests.factories import make_budget
from budgets.tests.threads import together
from purchases import keeping
from purchases.importing import batches
from purchases.importing.batches import applying, reading, undoing
from purchases.models import ImportBatch, ImportRow, Purchase, Retailer, Tag
from purchases.tests.factories import NOW, buy
from purchases.tests.imports import LATER, applied, chosen, outcomes, read, worked
from purchases.tests.test_amazon_items import report, total

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    for module in (applying, reading, undoing):
        monkeypatch.setattr(module, "PART", 7)


@pytest.fixture
def member():
    return make_budget().user


def order(number, **cells):
    named = {name.replace("_", " "): text for name, text in cells.items()}
    return {"Order ID": f"113-{number}", "Title": f"Thing {number}", **named}


def failed(results):
    return [result for result in results if isinstance(result, Exception)]


def test_two_at_work_on_one_batch_do_everything_once(member):
    batch = chosen(member, [order(number) for number in range(40)])
    work = partial(worked, batch)
    assert failed(together([work, work, work])) == []
    assert list(batch.rows.values_list("number", flat=True)) == list(range(1, 41))
    batches.apply(batch=batch, by=member, now=NOW)
    assert failed(together([work, work, work])) == []
    assert outcomes(batch) == ["added"] * 40
    assert Purchase.objects.count() == Entry.objects.count() == 40
    batches.undo(batch=batch, by=member, now=LATER)
    assert failed(together([work, work, work])) == []
    assert outcomes(batch) == ["undone"] * 40
    assert Entry.objects.count() == 80
    assert check() == []


def test_of_two_who_choose_to_record_one_does(member):
    batch = read(member, [order(1)])
    apply = partial(batches.apply, batch=batch, by=member, now=NOW)
    results = together([apply, apply])
    assert [type(result) for result in failed(results)] == [ValidationError]


def test_two_files_with_the_same_rows_record_them_once(member):
    rows = [order(number) for number in range(30)]
    both = [read(member, rows) for _ in range(2)]
    for batch in both:
        batches.apply(batch=batch, by=member, now=NOW)
    assert failed(together([partial(worked, batch) for batch in both])) == []
    assert Purchase.objects.count() == 30
    done = ImportRow.objects.filter(outcome="added")
    assert (done.count(), ImportRow.objects.filter(outcome="skipped").count()) == (30, 30)
    assert check() == []


def test_imports_of_two_members_with_the_same_names_in_another_order_get_through(member):
    other = make_budget().user
    words = [f"WORD_{number}" for number in range(40)]
    calls = []
    for owner, shop, some in ((member, "A shop", words), (other, "Another", words[::-1])):
        rows = [order(word, Category=word, Website=shop) for word in some]
        batch = read(owner, rows)
        calls.append(partial(worked, batches.apply(batch=batch, by=owner, now=NOW)))
    calls += [partial(buy, other, "1.00", tags=["word 39", "word 0"], retailer="A shop")] * 3
    assert failed(together(calls)) == []
    assert (Tag.objects.count(), Retailer.objects.count()) == (40, 2)
    assert Purchase.objects.count() == 83
    assert check() == []


@pytest.mark.parametrize("step", ["update", "undo"])
def test_bringing_up_to_date_and_back_beside_people_who_edit_gets_through(member, step):
    names = [{"Category": f"WORD_{number % 5}", "Website": "A shop"} for number in range(24)]
    rows = [order(number, **names[number]) for number in range(24)]
    applied(member, rows)
    new = [{**row, **total("$14.00"), "Website": f"Shop {at % 3}"} for at, row in enumerate(rows)]
    batch = batches.apply(batch=read(member, new, mode="update"), by=member, now=NOW)
    if step == "undo":
        batch = batches.undo(batch=worked(batch), by=member, now=LATER)

    def edit(purchases):
        for purchase in purchases:
            stored = Purchase.objects.get(pk=purchase.pk)
            values = {"tags": ["mine", "word 1"], "retailer": "Shop 1", "price": Decimal(9)}
            try:
                keeping.change(
                    purchase=stored, values=values, version=stored.version, by=member, now=LATER
                )
            except keeping.Conflict:
                continue  # the import was faster; the form would ask again

    purchases = list(Purchase.objects.order_by("pk"))
    calls = [
        *[partial(worked, batch, now=LATER)] * 2,
        *[partial(edit, purchases[at:] + purchases[:at]) for at in (0, 6, 12, 18)],
    ]
    assert failed(together(calls)) == []
    assert batch.rows.filter(outcome="").count() == 0
    assert check() == []


def test_two_imports_that_bring_the_same_up_to_date_get_through(member):
    rows = [order(number) for number in range(20)]
    applied(member, rows)
    calls = []
    for price, some in (("$14.00", rows), ("$15.00", rows[::-1])):
        changed = [{**row, **total(price), "Website": f"Shop {price}"} for row in some]
        batch = read(member, changed, mode="update")
        calls.append(partial(worked, batches.apply(batch=batch, by=member, now=NOW)))
    assert failed(together(calls)) == []
    assert set(Purchase.objects.values_list("price", flat=True)) <= {Decimal(14), Decimal(15)}
    assert check() == []


def test_two_who_sweep_at_once_forget_each_batch_once(member):
    for number in range(12):
        chosen(member, [order(number)])
    sweep = partial(batches.drop_stale, now=NOW + timedelta(days=2))
    results = together([sweep] * 4)
    assert failed(results) == []
    assert sum(results) == 12
    assert not ImportBatch.objects.exists()


def test_undoing_beside_people_who_change_and_delete_loses_nothing(member):
    batch = applied(member, [order(number) for number in range(21)])
    batches.undo(batch=batch, by=member, now=LATER)
    first, second = Purchase.objects.order_by("pk")[:2]

    def edit():
        return keeping.change(
            purchase=first, values={"notes": "Mine"}, version=1, by=member, now=LATER
        )

    results = together(
        [
            *[partial(worked, batch, now=LATER)] * 2,
            edit,
            partial(keeping.trash, purchase=second, now=LATER),
        ]
    )
    assert {type(result) for result in failed(results)} <= {
        Purchase.DoesNotExist,
        keeping.Conflict,
    }
    first.refresh_from_db()
    assert outcomes(batch)[0] == ("undone" if first.is_trashed else "kept")
    assert outcomes(batch)[1:] == ["undone"] * 20
    assert check() == []


def test_a_batch_that_is_forgotten_while_it_is_read_is_gone(member):
    batch = chosen(member, [order(number) for number in range(40)])
    results = together([partial(worked, batch), partial(batches.discard, batch=batch)])
    assert {type(result) for result in failed(results)} <= {ImportBatch.DoesNotExist}
    assert not ImportRow.objects.exclude(batch__in=ImportBatch.objects.all()).exists()


@pytest.mark.parametrize("seed", range(4))
def test_a_process_that_is_killed_loses_and_doubles_nothing(member, tmp_path, seed):
    path = tmp_path / "items.csv"
    path.write_text(report(*(order(number) for number in range(400))))
    chance = Random(seed)
    for _ in range(3):
        started = start(path, member)
        kill_after(started, chance.uniform(0, 1))
        assert check() == []
        assert Purchase.objects.count() == Entry.objects.count()
        assert ImportRow.objects.filter(outcome="added").count() == Purchase.objects.count()
    last = start(path, member)
    _, problem = last.communicate(timeout=120)
    assert last.returncode == 0, problem
    assert ImportRow.objects.filter(outcome="added", batch__state="done").count() == 400
    assert not ImportBatch.objects.filter(state__in=("reading", "applying")).exists()
    assert Purchase.objects.count() == Entry.objects.count() == 400
    assert check() == []


def start(path, member):
    """Start the command in a process of its own, on the database of this test."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        found = connection.settings_dict
        url = f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{name}"
    words = ["import_purchases", str(path), "--owner", member.username]
    environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(path.parent)}
    return subprocess.Popen(
        [sys.executable, "-c", SMALL_PARTS, *words],
        cwd=configured.BASE_DIR,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


SMALL_PARTS = """
import sys
import django
django.setup()
from django.core.management import call_command
from purchases.importing.batches import applying, reading
applying.PART = reading.PART = 20
print("ready", flush=True)
call_command(*sys.argv[1:])
"""


def kill_after(process, seconds):
    """Wait until a process is at work, and end it some time later, if it has not ended."""
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
