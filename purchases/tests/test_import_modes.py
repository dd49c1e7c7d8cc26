"""Skip, update, strict: what becomes of what is there, and of everything when a row is wrong."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from budgets.ledger import check
from budgets.models import Entry
from budgets.tests.factories import make_budget, open_cycle
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from purchases import keeping
from purchases.importing import batches
from purchases.importing.batches import applying
from purchases.importing.choices import Choices
from purchases.models import ImportBatch, Purchase, Retailer
from purchases.tests.documents import our_purchase, ours, spends, spends_purchase
from purchases.tests.factories import NOW, PurchaseFactory, buy
from purchases.tests.imports import (
    agrees,
    applied,
    as_ana,
    chosen,
    fates,
    outcomes,
    read,
    reasons,
    record,
    stored,
    worked,
)
from purchases.tests.test_amazon_items import total

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def budget():
    return make_budget()


@pytest.fixture
def member(budget):
    return as_ana(budget.user)


def order(number, **cells):
    named = {name.replace("_", " "): text for name, text in cells.items()}
    return {"Order ID": f"113-{number}", "Title": f"Thing {number}", **named}


def change(purchase, member, **values):
    return keeping.change(
        purchase=purchase, values=values, version=purchase.version, by=member, now=NOW
    )


def money_back(number, **cells):
    return {**order(number, **cells), **total("$14.00")}


class TestSkip:
    def test_leaves_what_changed_alone(self, member):
        applied(member, [order(1)])
        before = stored()
        batch = applied(member, [money_back(1)])
        assert (fates(batch), outcomes(batch)) == (["changed"], ["skipped"])
        assert stored() == before

    def test_records_what_is_good_beside_what_is_not(self, member):
        batch = applied(member, [order(1), order(2, Order_Date="x"), order(3)])
        assert outcomes(batch) == ["added", "refused", "added"]
        assert agrees(batch)

    def test_an_edited_cell_of_our_own_file_is_told(self, member):
        purchase = PurchaseFactory(owner=member, uid=our_purchase(1)["uid"], name="Kettle 1")
        change(purchase, member, notes="Mine")
        batch = applied(member, ours(our_purchase(1, notes="Blue")))
        assert fates(batch) == ["changed"]
        assert "notes that differs" in reasons(batch)[0]


class TestUpdate:
    def test_brings_every_figure_up_to_date(self, member, budget):
        applied(member, [order(1, Order_Date="07/02/26")])
        new = order(
            1,
            Order_Date="07/03/26",
            Title="New name",
            Quantity="2",
            Website="Elsewhere",
            Condition="used",
        )
        batch = applied(member, [{**new, **total("$14.00")}], mode="update")
        assert (fates(batch), outcomes(batch)) == (["changed"], ["updated"])
        purchase = Purchase.objects.select_related("retailer").get()
        assert (purchase.price, purchase.quantity) == (Decimal("14.00"), 2)
        assert (purchase.purchased_on, purchase.name) == (date(2026, 7, 3), "New name")
        assert purchase.retailer.name == "Elsewhere"
        assert "Condition: used" in purchase.notes
        assert "new name" in purchase.search_text
        assert open_cycle(budget).spent == Decimal("14.00")
        assert fates(read(member, [{**new, **total("$14.00")}])) == ["same"]
        assert check() == []

    def test_adds_what_is_new(self, member):
        batch = applied(member, [order(1)], mode="update")
        assert outcomes(batch) == ["added"]

    def test_leaves_what_is_the_same_untouched(self, member):
        applied(member, [order(1)])
        before = stored()
        assert outcomes(applied(member, [order(1)], mode="update")) == ["skipped"]
        assert stored() == before

    def test_tells_of_what_was_edited_since_and_brings_it_up_to_date_too(self, member):
        applied(member, [order(1)])
        change(Purchase.objects.get(), member, price=Decimal(5), notes="Mine")
        batch = applied(member, [order(1)], mode="update")
        assert outcomes(batch) == ["updated"]
        assert reasons(batch) == [
            "is here with price 5.00, not 13.05, notes that differs; it was edited since"
        ]
        assert Purchase.objects.get().price == Decimal("13.05")

    def test_what_an_earlier_update_left_counts_as_unedited(self, member):
        applied(member, [order(1)])
        applied(member, [money_back(1)], mode="update")
        assert Purchase.objects.get().version == 2
        batch = read(member, [order(1)])
        assert reasons(batch) == [
            "was imported before with price 14.00, not 13.05; it was left as it is"
        ]

    def test_never_brings_back_what_was_deleted(self, member):
        applied(member, [order(1)])
        keeping.trash(purchase=Purchase.objects.get(), now=NOW)
        before = stored()
        assert outcomes(applied(member, [money_back(1)], mode="update")) == ["skipped"]
        assert stored() == before

    def test_what_a_person_sent_back_or_counted_stays_where_the_file_does_not_know(self, member):
        applied(member, [order(1), order(2)])
        first, second = Purchase.objects.order_by("pk")
        change(first, member, status="returned")
        change(second, member, quantity=3)
        batch = applied(member, [order(1), order(2)], mode="update")
        assert fates(batch) == ["same", "same"]
        assert reasons(batch) == ["", ""]

    def test_what_cannot_be_is_refused_before_it_is_tried(self, member):
        applied(member, [order(1)])
        before = stored()
        batch = applied(member, [order(1, Order_Date="07/16/26")], mode="update")
        assert (fates(batch), outcomes(batch)) == (["error"], ["refused"])
        assert stored() == before

    def test_what_was_deleted_or_changed_meanwhile_is_left(self, member):
        applied(member, [order(1), order(2), order(3)])
        batch = read(member, [money_back(number) for number in (1, 2, 3)], mode="update")
        first, second, third = Purchase.objects.order_by("pk")
        keeping.trash(purchase=first, now=NOW)
        change(second, member, price=Decimal("14.00"))
        third.delete()
        batch = record(batch)
        assert outcomes(batch) == ["skipped", "skipped", "skipped"]
        assert reasons(batch) == [
            "was deleted meanwhile",
            "is up to date meanwhile",
            "was deleted meanwhile",
        ]

    def test_another_currency_comes_with_its_rate(self, member):
        applied(member, [order(1)])
        batch = applied(
            member,
            [order(1, Currency="GBP", **total("£10.00"))],
            mode="update",
            rates={"GBP": "1.25"},
        )
        assert outcomes(batch) == ["updated"]
        assert Purchase.objects.get().amount == Decimal("12.50")

    def test_our_own_file_says_tags_and_sharing_too(self, member):
        document = {
            "Tag": [{"id": 1, "name": "kitchen"}],
            "Purchase_tags": [{"id": 1, "purchase_id": 1, "tag_id": 1}],
        }
        applied(member, ours(our_purchase(1)))
        shared = ours(our_purchase(1, shared=True, tax_deductible=True), **document)
        batch = applied(member, shared, mode="update")
        assert outcomes(batch) == ["updated"]
        purchase = Purchase.objects.get()
        assert (purchase.shared, purchase.tax_deductible) == (True, True)
        assert purchase.tags.get().name == "kitchen"
        assert fates(read(member, shared)) == ["same"]

    def test_each_is_whole_and_it_goes_on_where_it_stopped(self, member):
        applied(member, [order(number) for number in range(8)])
        batch = read(member, [money_back(number) for number in range(8)], mode="update")
        batch = batches.apply(batch=batch, by=member, now=NOW)
        batch = batches.work(batch=batch, now=NOW, most=3)
        assert Purchase.objects.filter(price="14.00").count() == 3
        assert outcomes(worked(batch)) == ["updated"] * 8
        assert check() == []

    def test_new_ones_between_them_are_recorded_together(self, member, monkeypatch):
        monkeypatch.setattr(applying, "PART", 3)
        applied(member, [order(number) for number in range(0, 12, 2)])
        rows = [money_back(number) if number % 2 == 0 else order(number) for number in range(12)]
        batch = applied(member, rows, mode="update")
        assert outcomes(batch) == ["updated", "added"] * 6
        assert check() == []

    def test_who_sees_what_was_for_a_gift_is_not_for_the_file_to_say(self, member):
        gift = make_gift(OccasionFactory(), PersonFactory())
        one = ours(our_purchase(1, shared=True, gift_id=1), our_purchase(2, shared=True))
        for number in (1, 2):
            uid = our_purchase(number)["uid"]
            values = {"uid": uid, "name": f"Kettle {number}", "price": Decimal("19.90")}
            day = date(2026, 3, 4)
            PurchaseFactory(owner=member, shared=number == 1, gift=gift, purchased_on=day, **values)
        for mode in ("skip", "update", "strict"):
            batch = applied(member, one, mode=mode)
            assert (fates(batch), outcomes(batch)) == (["same"] * 2, ["skipped"] * 2)

    def test_what_somebody_else_shared_is_not_shared_again(self, member):
        other = ours(our_purchase(1, shared=True), User=[{"id": 1, "username": "olle"}])
        applied(member, other)
        for mode in ("skip", "update"):
            assert outcomes(applied(member, other, mode=mode)) == ["skipped"]
        assert not Purchase.objects.get().shared

    @pytest.mark.parametrize("hidden", ["gift", "secret_until"])
    def test_a_surprise_leaves_the_spelling_of_names_alone(self, member, hidden):
        other = make_budget().user
        buy(other, "1.00", retailer="the shop", brand="acme", tags=["nice"])
        values = (
            {"gift": make_gift(OccasionFactory(), PersonFactory())}
            if hidden == "gift"
            else {hidden: date(2026, 12, 24)}
        )
        uid = our_purchase(1)["uid"]
        purchase = PurchaseFactory(owner=member, uid=uid, name="Kettle", **values)
        document = ours(
            our_purchase(1, retailer_id=1, brand_id=1),
            Retailer=[{"id": 1, "name": "The SHOP", "link": "https://shop.example/"}],
            Brand=[{"id": 1, "name": "ACME", "link": "https://acme.example/"}],
            Tag=[{"id": 1, "name": "NICE"}],
            Purchase_tags=[{"id": 1, "purchase_id": 1, "tag_id": 1}],
        )
        assert outcomes(applied(member, document, mode="update")) == ["updated"]
        purchase.refresh_from_db()
        assert (purchase.retailer.name, purchase.retailer.link) == ("the shop", "")
        assert (purchase.brand.name, purchase.brand.link) == ("acme", "")
        assert purchase.tags.get().name == "nice"
        memos = Entry.objects.filter(purchase__purchase=purchase).values_list("memo", flat=True)
        assert all(memo.startswith("A surprise, until") for memo in memos)

    def test_a_purchase_that_changes_at_that_very_moment_is_refused(self, member, monkeypatch):
        applied(member, [order(1)])
        batch = read(member, [money_back(1)], mode="update")

        def late(*, purchase, **_):
            raise keeping.Conflict(purchase)

        monkeypatch.setattr(keeping, "change", late)
        batch = record(batch)
        assert (outcomes(batch), reasons(batch)) == (
            ["refused"],
            ["was changed at this very moment"],
        )


class TestStrict:
    def test_one_row_that_cannot_be_read_and_nothing_is_recorded(self, member):
        before = stored()
        batch = applied(member, [order(1), order(2, Order_Date="x"), order(3)], mode="strict")
        assert batch.state == "failed"
        assert batch.problem == (
            "Line 3: Order Date: “x” is no day like 12/31/23. Nothing was recorded, as you chose"
            " all or nothing."
        )
        assert stored() == before
        assert set(outcomes(batch)) == {""}

    def test_a_row_that_is_refused_by_the_rules_counts_too(self, member):
        batch = applied(member, spends(spends_purchase(1)), mode="strict")
        assert batch.state == "failed"
        assert "no exchange rate says what EUR is worth" in batch.problem

    def test_a_good_file_is_recorded(self, member):
        batch = applied(member, [order(1), order(2)], mode="strict")
        assert (batch.state, outcomes(batch)) == ("done", ["added", "added"])

    def test_what_is_here_already_or_changed_is_no_error(self, member):
        applied(member, [order(1), order(2)])
        batch = applied(member, [order(1), money_back(2), order(3)], mode="strict")
        assert (batch.state, outcomes(batch)) == ("done", ["skipped", "skipped", "added"])
        assert Purchase.objects.filter(price="13.05").count() == 3

    def test_a_refusal_while_recording_takes_back_the_parts_before(self, member, monkeypatch):
        monkeypatch.setattr(applying, "PART", 2)
        batch = record_yesterday(read(member, line_six_is_to_come(), mode="strict"))
        assert batch.state == "failed"
        assert batch.problem == (
            "Line 6: bought on: This day is still to come. Nothing was recorded, as you chose all"
            " or nothing."
        )
        assert outcomes(batch) == [*["undone"] * 4, *[""] * 3]
        assert not Purchase.objects.live().exists()
        assert check() == []
        # And it can be chosen anew.
        how = {"format": batch.format, "mode": "skip", "choices": Choices()}
        again = batches.choose(batch=batch, now=NOW, **how)
        assert outcomes(record_yesterday(worked(again))) == [*["added"] * 5, "refused", "added"]

    def test_what_somebody_changed_before_it_was_taken_back_stays_and_is_told(
        self, member, monkeypatch
    ):
        monkeypatch.setattr(applying, "PART", 2)
        batch = read(member, line_six_is_to_come(), mode="strict")
        batch = batches.apply(batch=batch, by=member, now=NOW)
        batch = batches.work(batch=batch, now=NOW, most=4)
        change(Purchase.objects.order_by("pk").first(), member, notes="Mine")
        batch = go_on_yesterday(batch)
        assert outcomes(batch)[:4] == ["kept", *["undone"] * 3]
        assert batch.state == "failed"
        assert batch.problem == (
            "Line 6: bought on: This day is still to come. What was recorded by then was taken"
            " back, but for 1 purchase that was changed meanwhile."
        )
        # It is the only record of where that one came from.
        batches.discard(batch=batch)
        assert batches.drop_stale(now=NOW + timedelta(days=9)) == 0
        assert ImportBatch.objects.get().rows.filter(outcome="kept").exists()

    def test_a_day_that_is_still_to_come_when_it_is_recorded_elsewhere(self, member):
        batch = chosen(member, [order(1, Order_Date="07/15/26")], mode="strict")
        batch = worked(batch)
        member.timezone = "Pacific/Honolulu"
        member.save()
        Retailer.objects.all().delete()
        batch = batches.apply(batch=batch, by=member, now=NOW)
        early = NOW.replace(hour=2)
        batch = worked(batch, now=early)
        assert batch.state == "failed"
        assert "still to come" in batch.problem
        assert not Purchase.objects.exists()


def line_six_is_to_come():
    """Return an export of which line 6 is of a day that is yet to come elsewhere."""
    rows = [our_purchase(number) for number in range(1, 8)]
    rows[5] |= {"purchased_on": "2026-07-15"}
    return ours(*rows)


def record_yesterday(batch):
    return go_on_yesterday(batches.apply(batch=batch, by=batch.owner, now=NOW))


def go_on_yesterday(batch):
    """Record where it is still the day before."""
    batch.owner.timezone = "Pacific/Honolulu"
    batch.owner.save()
    return worked(batch, now=NOW.replace(hour=2))
