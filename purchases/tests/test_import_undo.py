"""An import is taken back as a whole, but for what people changed since."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from budgets.ledger import check
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import make_budget
from purchases import keeping
from purchases.importing import batches
from purchases.importing.batches import applying, undoing
from purchases.models import Purchase, Retailer
from purchases.tests.documents import our_purchase, ours
from purchases.tests.factories import NOW, buy
from purchases.tests.imports import (
    LATER,
    applied,
    fates,
    outcomes,
    read,
    reasons,
    record,
    undone,
    worked,
)
from purchases.tests.test_amazon_items import total

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def member():
    return make_budget().user


def order(number, **cells):
    named = {name.replace("_", " "): text for name, text in cells.items()}
    return {"Order ID": f"113-{number}", "Title": f"Thing {number}", **named}


def spent():
    """Return what every window and every day has come to, those that came to nothing left out."""
    windows = Cycle.objects.exclude(spent=0).values_list("budget", "starts_at", "spent")
    days = DailyTotal.objects.order_by().values_list("cycle__starts_at", "day")
    sums = days.annotate(total=Sum("amount"))
    return sorted(windows), sorted(day for day in sums if day[2])


def change(purchase, member, **values):
    return keeping.change(
        purchase=purchase, values=values, version=purchase.version, by=member, now=NOW
    )


def test_what_was_added_is_in_the_trash_and_costs_nothing(member):
    mine = buy(member, "5.00")
    before = spent()
    rows = [order(number, Order_Date=f"03/0{number}/2{number}") for number in range(1, 6)]
    batch = undone(applied(member, rows))
    assert (batch.state, batch.undone_at, batch.percent) == ("undone", LATER, 100)
    assert outcomes(batch) == ["undone"] * 5
    assert list(Purchase.objects.live()) == [mine]
    assert Purchase.objects.trashed().count() == 5
    assert spent() == before
    assert check() == []


def test_the_same_file_can_be_imported_again(member):
    rows = [order(1), order(2)]
    for content in (rows, ours(our_purchase(1), our_purchase(2))):
        first = applied(member, content)
        undone(first)
        again = applied(member, content)
        assert (fates(again), outcomes(again)) == (["new", "new"], ["added", "added"])
        assert fates(read(member, content)) == ["same", "same"]
    assert check() == []


def test_what_somebody_changed_since_is_kept_and_told(member):
    batch = applied(member, [order(1), order(2), order(3)])
    first, second, _ = Purchase.objects.order_by("pk")
    change(first, member, notes="Mine")
    keeping.trash(purchase=second, now=NOW)
    batch = undone(batch)
    assert outcomes(batch) == ["kept", "undone", "undone"]
    assert reasons(batch) == ["was changed since, and is left as it is", "", ""]
    assert list(Purchase.objects.live()) == [first]
    assert batch.state == "undone"
    assert fates(read(member, [order(1), order(2), order(3)])) == ["same", "new", "new"]
    assert check() == []


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_shop_that_was_renamed_or_merged_since_is_no_change(member, is_merged):
    batch = applied(member, [order(1), order(2)])
    shop = Retailer.objects.get()
    if is_merged:
        keeping.merge(item=shop, into=keeping.add_name(model=Retailer, name="Shop", link=""))
    else:
        keeping.rename(item=shop, name="Shop")
    assert outcomes(undone(batch)) == ["undone", "undone"]
    assert not Purchase.objects.live().exists()


def test_what_an_import_brought_up_to_date_and_put_back_goes_too(member):
    first = applied(member, [order(1), order(2)])
    new = [{**order(number), **total("$14.00")} for number in (1, 2)]
    undone(applied(member, new, mode="update"))
    assert outcomes(undone(first)) == ["undone", "undone"]
    assert not Purchase.objects.live().exists()
    assert check() == []


def test_what_was_edited_before_an_import_brought_it_up_to_date_is_kept(member):
    first = applied(member, [order(1), order(2)])
    change(Purchase.objects.order_by("pk").first(), member, link="https://mine.example/")
    new = [{**order(number), **total("$14.00")} for number in (1, 2)]
    undone(applied(member, new, mode="update"))
    assert outcomes(undone(first)) == ["kept", "undone"]
    assert Purchase.objects.live().get().link == "https://mine.example/"


def test_what_was_given_a_warranty_or_a_paper_since_is_kept(member):
    brought = {"kind": "manufacturer", "starts_on": "2026-03-04", "ends_on": "2028-03-04"}
    rows = [our_purchase(number) for number in (1, 2, 3)]
    warranty = {"id": 1, "purchase_id": 3, "provider": "", "notes": "", "voided": False, **brought}
    batch = applied(member, ours(*rows, Warranty=[warranty]))
    guarded, papered, plain = Purchase.objects.order_by("pk")
    keeping.guard(purchase=guarded, values={}, now=NOW)
    paper = ContentFile(b"%PDF-1.4 by hand", name="receipt.pdf")
    keeping.attach(purchase=papered, uploads=[paper], kind="receipt", by=member, now=NOW)
    assert plain.warranties.count() == 1
    batch = undone(batch)
    assert outcomes(batch) == ["kept", "kept", "undone"]
    assert guarded.warranties.exists()
    assert papered.attachments.exists()


def test_what_is_gone_for_good_is_no_obstacle(member):
    batch = applied(member, [order(1), order(2)])
    Purchase.objects.first().delete()
    assert outcomes(undone(batch)) == ["undone", "undone"]
    assert not Purchase.objects.live().exists()


def test_what_was_brought_up_to_date_is_as_it_was(member):
    rows = [order(1, Order_Date="07/02/26"), order(2), order(3)]
    applied(member, rows)
    before, money = list(Purchase.objects.order_by("pk").values(*SHOWN)), spent()
    new = [
        {**rows[0], **total("$14.00"), "Quantity": "3"},
        {**rows[1], "Website": "Amazon.co.uk", "Order Date": "04/04/18"},
        {**rows[2], "Order Status": "Returned", "Title": "Other"},
    ]
    batch = applied(member, new, mode="update")
    assert outcomes(batch) == ["updated"] * 3
    assert list(Purchase.objects.order_by("pk").values(*SHOWN)) != before
    batch = undone(batch)
    assert outcomes(batch) == ["undone"] * 3
    assert list(Purchase.objects.order_by("pk").values(*SHOWN)) == before
    assert spent() == money
    assert check() == []
    assert fates(read(member, rows)) == ["same"] * 3
    assert fates(read(member, new)) == ["changed"] * 3


SHOWN = ("name", "price", "quantity", "purchased_on", "status", "retailer__name", "notes")


def test_what_was_changed_after_it_was_brought_up_to_date_is_kept(member):
    applied(member, [order(1), order(2), order(3)])
    new = [{**order(number), **total("$14.00")} for number in (1, 2, 3)]
    batch = applied(member, new, mode="update")
    first, second, third = Purchase.objects.order_by("pk")
    change(first, member, notes="Mine")
    keeping.trash(purchase=second, now=NOW)
    third.delete()
    batch = undone(batch)
    assert outcomes(batch) == ["kept"] * 3
    first.refresh_from_db()
    assert (first.price, first.notes) == (Decimal("14.00"), "Mine")


def test_a_batch_that_is_half_recorded_can_be_undone(member, monkeypatch):
    monkeypatch.setattr(applying, "PART", 3)
    batch = read(member, [order(number) for number in range(10)])
    batch = batches.apply(batch=batch, by=member, now=NOW)
    batch = batches.work(batch=batch, now=NOW, most=3)
    assert Purchase.objects.count() == 3
    batch = undone(batch)
    assert batch.state == "undone"
    assert outcomes(batch) == [*["undone"] * 3, *[""] * 7]
    assert not Purchase.objects.live().exists()


def test_only_what_recorded_something_can_be_undone(member):
    batch = read(member, [order(1)])
    with pytest.raises(ValidationError, match="nothing that could be undone"):
        batches.undo(batch=batch, by=member, now=NOW)
    done = undone(record(batch))
    with pytest.raises(ValidationError):
        batches.undo(batch=done, by=member, now=NOW)


def test_what_was_brought_back_from_the_trash_stays(member):
    batch = undone(applied(member, [order(1)]))
    keeping.restore(purchase=Purchase.objects.get(), by=member, now=LATER)
    assert Purchase.objects.live().count() == 1
    assert outcomes(batch) == ["undone"]
    assert check() == []


def test_it_goes_on_where_it_broke_off(member, monkeypatch):
    monkeypatch.setattr(undoing, "PART", 4)
    batch = applied(member, [order(number) for number in range(10)])
    batch = batches.undo(batch=batch, by=member, now=LATER)
    batch = batches.work(batch=batch, now=LATER, most=4)
    assert (batch.state, batch.percent) == ("undoing", 40)
    monkeypatch.setattr(undoing, "_go_on", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        batches.work(batch=batch, now=LATER)
    assert Purchase.objects.live().count() == 6
    monkeypatch.undo()
    assert outcomes(worked(batch, now=LATER)) == ["undone"] * 10
    assert check() == []


def test_many_take_as_many_statements_as_one(member):
    def statements(name, count):
        batch = applied(member, [order(f"{name}{number}") for number in range(count)])
        with CaptureQueriesContext(connection) as queries:
            undone(batch)
        return len(queries)

    assert statements("a", 2) == statements("b", 200)


class TestUsage:
    def content(self, *costs):
        rows = [
            {
                "timestamp": "2026-07-01T10:00:00Z",
                "provider": "openai",
                "model": "m",
                "input_tokens": 100,
                "output_tokens": 10,
                "cost": cost,
                "id": f"r{number}",
            }
            for number, cost in enumerate(costs)
        ]
        return "\n".join(map(json.dumps, rows))

    def test_is_reversed_and_can_be_imported_again_and_again(self, member):
        content = self.content("0.5", "1.25")
        for times in range(1, 4):
            batch = applied(member, content, "usage.jsonl")
            assert (fates(batch), outcomes(batch)) == (["new"] * 2, ["added"] * 2)
            assert fates(read(member, content, "usage.jsonl")) == ["same"] * 2
            assert Cycle.objects.open().get(budget__user=member).spent == Decimal("1.75")
            batch = undone(batch)
            assert outcomes(batch) == ["undone"] * 2
            assert Entry.objects.count() == 4 * times
            assert Cycle.objects.open().get(budget__user=member).spent == 0
            assert check() == []

    def test_that_was_reversed_by_hand_is_left(self, member):
        from budgets.ledger import reverse

        batch = applied(member, self.content("0.5", "1.25"), "usage.jsonl")
        reverse(entry=Entry.objects.get(source_event_id="r0"), now=NOW)
        assert outcomes(undone(batch)) == ["undone"] * 2
        assert Entry.objects.filter(reverses__isnull=False).count() == 2
        assert Cycle.objects.open().get(budget__user=member).spent == 0
        assert check() == []
