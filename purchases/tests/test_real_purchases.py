"""228 real order items, imported and summed again in whole cents without our code."""

import csv
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from budgets.ledger import check
from budgets.models import Cycle, Entry
from budgets.tests.factories import NOW, make_budget
from budgets.tests.running import run
from purchases.importing import batches
from purchases.importing.amazon_items import FORMAT
from purchases.importing.choices import Choices
from purchases.importing.rows import Row
from purchases.importing.sources import Source, look
from purchases.models import ImportBatch, ImportRow, Purchase, PurchaseEntry

FOLDER = Path(os.environ.get("PURSESTRINGS_DATA", settings.BASE_DIR.parent / "shared" / "data"))
FILE = FOLDER / "amazon_items_2018_2023.csv"
ROWS, PAID_ROWS = 228, 227

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the real items report is not on this machine"
)


def read_by_hand():
    """Return each row's line, month as (year, month), and total in whole cents."""
    with FILE.open(encoding="utf-8-sig", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            month, _, year = row["Order Date"].split("/")
            cents = int(row["Item Total"].removeprefix("$").replace(",", "").replace(".", ""))
            yield line, (2000 + int(year), int(month)), cents, row


def months_by_hand():
    """Return the sum in cents and the number of the paid rows of each month."""
    months: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for _, month, cents, _ in read_by_hand():
        if cents:
            months[month][0] += cents
            months[month][1] += 1
    return {month: (Decimal(cents).scaleb(-2), count) for month, (cents, count) in months.items()}


def imported(budget, *options):
    return run(
        *("import_purchases", str(FILE), "--format", "amazon-items"),
        *("--owner", budget.member_name, *options),
    )


def test_every_row_is_read_and_every_oddity_stands_at_its_line():
    source = Source(path=FILE, head=look(FILE, name=FILE.name))
    rows = [row for _, row in FORMAT.read(source, Choices(currency="USD"))]
    assert len(rows) == ROWS
    assert all(isinstance(row, Row) for row in rows)
    assert [row.line for row in rows] == list(range(2, ROWS + 2))
    by_hand: dict[str, list[int]] = defaultdict(list)
    for line, _, _, row in read_by_hand():
        for column, plain in (("Title", ""), ("Order Status", ""), ("Quantity", "0")):
            if row[column] == plain:
                by_hand[column].append(line)
    told: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for oddity in row.oddities:
            told[oddity.partition(":")[0]].append(row.line)
    assert told == by_hand
    assert len(told["Title"]) == 17
    left_out = [(row.line, row.left_out) for row in rows if row.left_out]
    assert left_out == [(105, "Item Total: is zero, so nothing was paid")]


@pytest.mark.django_db
def test_every_paid_row_is_a_purchase_and_in_the_ledger_to_the_cent():
    budget = make_budget()
    ran = imported(budget)
    assert not ran.failure
    assert ran.lines[:6] == [
        "rows: 228",
        "added: 227",
        "same: 0",
        "changed: 0",
        "left out: 1",
        "refused: 0",
    ]
    total = Decimal(sum(cents for _, _, cents, _ in read_by_hand())).scaleb(-2)
    assert f"price added: {total} USD" in ran.lines
    assert Purchase.objects.count() == PurchaseEntry.objects.count() == PAID_ROWS
    assert Purchase.objects.aggregate(s=Sum("price"))["s"] == total
    assert Purchase.objects.aggregate(s=Sum("amount"))["s"] == total
    assert Entry.objects.filter(budget=budget).aggregate(s=Sum("amount"))["s"] == total
    assert Cycle.objects.filter(budget=budget).aggregate(s=Sum("spent"))["s"] == total
    assert list(check()) == []


@pytest.mark.django_db
def test_every_month_of_purchases_and_of_the_budget_is_that_of_the_file():
    budget = make_budget()
    imported(budget)
    by_hand = months_by_hand()
    purchases = (
        Purchase.objects.annotate(month=TruncMonth("purchased_on"))
        .values_list("month")
        .annotate(Sum("amount"), Count("pk"))
        .order_by("month")
    )
    bought = {(month.year, month.month): (sum_, count) for month, sum_, count in purchases}
    assert bought == by_hand
    cycles = Cycle.objects.filter(budget=budget, spent__gt=0)
    spent = {(cycle.starts_at.year, cycle.starts_at.month): cycle.spent for cycle in cycles}
    assert spent == {month: sum_ for month, (sum_, _) in by_hand.items()}


@pytest.mark.django_db
def test_a_second_run_adds_nothing():
    budget = make_budget()
    imported(budget)
    before = sorted(Purchase.objects.values_list()), sorted(Entry.objects.values_list())
    again = imported(budget)
    assert not again.failure
    assert again.lines[1:6] == ["added: 0", "same: 227", "changed: 0", "left out: 1", "refused: 0"]
    assert (sorted(Purchase.objects.values_list()), sorted(Entry.objects.values_list())) == before
    assert list(check()) == []


@pytest.mark.django_db
def test_a_dry_run_says_the_same_and_stores_nothing():
    budget = make_budget()
    dry = imported(budget, "--dry-run")
    assert not Purchase.objects.exists()
    assert not Entry.objects.exists()
    wet = imported(budget)
    assert not any(line.startswith("perhaps doubles") for line in wet.lines)
    assert ImportRow.objects.filter(fate="new").count() == PAID_ROWS
    assert dry.lines == [*wet.lines, "Nothing was stored: this was a dry run."]
    assert dry.err == wet.err
    assert len(wet.err.splitlines()) == 17 + 2 + 1


@pytest.mark.django_db
def test_undone_it_costs_nothing_and_can_be_imported_again():
    budget = make_budget()
    imported(budget)
    batch = ImportBatch.objects.get()
    batches.undo(batch=batch, by=budget.user, now=NOW)
    batch = batches.work(batch=batch, now=NOW)
    assert batch.state == "undone"
    assert ImportRow.objects.filter(outcome="undone").count() == PAID_ROWS
    assert not Cycle.objects.exclude(spent=0).exists()
    assert not Purchase.objects.live().exists()
    assert list(check()) == []
    assert imported(budget).lines[1:3] == ["added: 227", "same: 0"]
