"""A purchase and its owner's budget: one ledger, which is never edited."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from budgets import ledger
from budgets.ledger import OverBudget
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import make_budget, spend
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Purchase, PurchaseEntry
from purchases.tests.factories import NOW, TODAY, buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def budget():
    return make_budget(limit=Decimal(100), enforced=True)


def spent(budget, now=NOW):
    return ledger.roll(budget, now=now).spent


def change(purchase, *, by=None, now=NOW, **values):
    stored = Purchase.objects.get(pk=purchase.pk)
    return keeping.change(
        purchase=stored, values=values, version=stored.version, by=by or stored.owner, now=now
    )


def amounts(purchase):
    entries = Entry.objects.filter(purchase__purchase=purchase).order_by("pk")
    return [(entry.kind, str(entry.amount.normalize())) for entry in entries]


def in_step():
    return ledger.check() == []


def test_a_purchase_is_charged_to_its_owners_budget(budget):
    purchase = buy(budget.user, "30.00")
    assert spent(budget) == Decimal(30)
    entry = Entry.objects.get(purchase__purchase=purchase)
    assert (entry.kind, entry.memo, entry.day) == ("purchase", "Kettle", TODAY)
    assert in_step()


def test_a_corrected_price_posts_the_difference(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, price=Decimal("45.00"))
    assert spent(budget) == Decimal(45)
    change(purchase, price=Decimal("40.00"))
    assert spent(budget) == Decimal(40)
    assert amounts(purchase) == [("purchase", "3E+1"), ("purchase", "15"), ("refund", "-5")]
    assert in_step()


def test_a_return_posts_a_refund_and_both_stay_in_the_history(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, price=Decimal("45.00"))
    change(purchase, status="returned")
    assert spent(budget) == 0
    assert amounts(purchase)[-1] == ("refund", "-45")
    assert Entry.objects.for_history(budget).count() == 3
    assert in_step()


def test_deleting_reverses_and_bringing_back_posts_again(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, price=Decimal("45.00"))
    keeping.trash(purchase=purchase, now=NOW)
    assert spent(budget) == 0
    reversals = Entry.objects.filter(purchase__purchase=purchase, reverses__isnull=False)
    assert {entry.reverses.amount for entry in reversals} == {Decimal(30), Decimal(15)}
    keeping.restore(purchase=purchase, by=budget.user, now=NOW)
    assert spent(budget) == Decimal(45)
    assert in_step()


def test_deleting_twice_reverses_once(budget):
    purchase = buy(budget.user, "30.00")
    keeping.trash(purchase=purchase, now=NOW)
    keeping.trash(purchase=purchase, now=NOW)
    assert spent(budget) == 0
    assert len(amounts(purchase)) == 2


def test_what_was_returned_is_deleted_and_brought_back_without_a_posting(budget):
    purchase = buy(budget.user, "30.00", status="returned")
    assert amounts(purchase) == []
    keeping.trash(purchase=purchase, now=NOW)
    keeping.restore(purchase=purchase, by=budget.user, now=NOW)
    assert amounts(purchase) == []


def test_a_returned_purchase_that_is_deleted_and_brought_back_still_counts_nothing(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, status="returned")
    keeping.trash(purchase=purchase, now=NOW)
    keeping.restore(purchase=purchase, by=budget.user, now=NOW)
    assert spent(budget) == 0
    change(purchase, status="received")
    assert spent(budget) == Decimal(30)
    assert in_step()


def test_another_name_or_note_posts_nothing(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, name="Teapot", notes="blue", shared=True, tags=["tea"])
    assert len(amounts(purchase)) == 1


def test_a_member_over_the_limit_is_refused_and_nothing_is_stored(budget):
    with pytest.raises(OverBudget) as refusal:
        buy(budget.user, "100.01", retailer="Corner shop", tags=["dear"])
    assert (refusal.value.asked, refusal.value.remaining) == (Decimal("100.01"), Decimal(100))
    assert not Purchase.objects.exists()
    assert not Entry.objects.exists()


def test_an_administrator_may_record_what_is_over_the_limit(budget):
    administrator = UserFactory(administrator=True)
    buy(budget.user, "150.00", by=administrator)
    assert spent(budget) == Decimal(150)


def test_an_import_is_never_refused(budget):
    buy(budget.user, "150.00", as_fact=True)
    assert spent(budget) == Decimal(150)


def test_a_corrected_price_is_never_refused(budget):
    purchase = buy(budget.user, "90.00")
    change(purchase, price=Decimal("190.00"))
    assert spent(budget) == Decimal(190)


def test_keeping_what_had_been_returned_is_new_spending(budget):
    purchase = buy(budget.user, "60.00")
    change(purchase, status="returned")
    spend(budget, "50.00")
    with pytest.raises(OverBudget):
        change(purchase, status="received")
    assert Purchase.objects.get(pk=purchase.pk).status == "returned"


def test_bringing_back_what_no_longer_fits_is_refused_and_it_stays_in_the_trash(budget):
    purchase = buy(budget.user, "60.00")
    keeping.trash(purchase=purchase, now=NOW)
    spend(budget, "50.00")
    with pytest.raises(OverBudget):
        keeping.restore(purchase=purchase, by=budget.user, now=NOW)
    assert Purchase.objects.get(pk=purchase.pk).is_trashed
    keeping.restore(purchase=purchase, by=UserFactory(administrator=True), now=NOW)
    assert spent(budget) == Decimal(110)


def test_a_purchase_of_an_earlier_month_is_recorded_there_whatever_the_limit(budget):
    buy(budget.user, "500.00", purchased_on=date(2026, 5, 2))
    assert spent(budget) == 0
    entry = Entry.objects.get()
    assert entry.day == date(2026, 5, 2)
    assert entry.cycle.spent == Decimal(500)
    assert in_step()


def test_another_day_moves_what_was_posted(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, purchased_on=TODAY - timedelta(days=40))
    assert spent(budget) == 0
    assert Entry.objects.filter(day=TODAY - timedelta(days=40)).get().amount == Decimal(30)
    change(purchase, purchased_on=TODAY, price=Decimal("35.00"))
    assert spent(budget) == Decimal(35)
    assert in_step()


def test_moving_a_purchase_out_of_a_closed_window_is_new_spending(budget):
    purchase = buy(budget.user, "500.00", purchased_on=date(2026, 5, 2))
    with pytest.raises(OverBudget):
        change(purchase, purchased_on=TODAY)
    assert in_step()


def test_another_day_of_the_same_window_is_a_correction(budget):
    purchase = buy(budget.user, "60.00")
    spend(budget, "40.00")
    change(purchase, purchased_on=TODAY - timedelta(days=1))
    assert spent(budget) == Decimal(100)


def test_a_correction_of_an_earlier_window_stays_there(budget):
    purchase = buy(budget.user, "30.00")
    later = NOW + timedelta(days=31)
    change(purchase, price=Decimal("45.00"), now=later)
    assert [entry.cycle_id for entry in Entry.objects.all()] == [Entry.objects.first().cycle_id] * 2
    assert spent(budget, later) == 0
    assert in_step()


def test_what_is_deleted_a_month_later_is_reversed_where_it_stood(budget):
    purchase = buy(budget.user, "30.00")
    keeping.trash(purchase=purchase, now=NOW + timedelta(days=31))
    assert {cycle.spent for cycle in Cycle.objects.filter(budget=budget)} == {Decimal(0)}
    assert in_step()


def test_only_the_converted_amount_of_another_currency_reaches_the_ledger(budget):
    purchase = buy(budget.user, "80.00", currency="EUR", exchange_rate=Decimal("1.0842"))
    assert purchase.amount == Decimal("86.74")  # 86.736
    assert spent(budget) == Decimal("86.74")


def test_each_posting_belongs_to_one_purchase(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, price=Decimal("45.00"))
    assert PurchaseEntry.objects.filter(purchase=purchase).count() == Entry.objects.count() == 2
    assert DailyTotal.objects.get(kind="purchase").amount == Decimal(45)


def test_a_purchase_without_an_owner_posts_nothing(budget):
    purchase = buy(budget.user, "30.00")
    budget.user.delete()
    stored = Purchase.objects.get(pk=purchase.pk)
    assert stored.owner is None
    keeping.trash(purchase=stored, now=NOW)
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(("zone", "last"), [("Pacific/Auckland", 16), ("America/Los_Angeles", 15)])
def test_today_is_the_owners(zone, last):
    late = NOW.replace(hour=23)
    member = make_budget(timezone=zone, limit=Decimal(100)).user
    with time_machine.travel(late, tick=False):
        bought = buy(member, "1.00", now=late, purchased_on=date(2026, 7, last))
    assert Entry.objects.get(purchase__purchase=bought).day == date(2026, 7, last)


class TestWaysAroundTheLimit:
    """Whatever is done to a purchase in between, what it counts now is judged where it counts."""

    @pytest.fixture
    def budget(self):
        return make_budget(limit=Decimal(30), enforced=True)

    def test_a_day_moved_away_and_back_while_it_was_returned(self, budget):
        purchase = buy(budget.user, "1.00")
        change(purchase, status="returned")
        change(purchase, purchased_on=TODAY - timedelta(days=100), price=Decimal(1000))
        change(purchase, status="received")
        with pytest.raises(OverBudget):
            change(purchase, purchased_on=TODAY)
        assert spent(budget) == 0

    def test_what_was_judged_once_is_not_judged_again_for_a_note(self, budget):
        purchase = buy(budget.user, "20.00", purchased_on=TODAY - timedelta(days=100))
        change(purchase, status="returned")
        change(purchase, purchased_on=TODAY)
        change(purchase, status="received")
        postings = len(amounts(purchase))
        ledger.configure(
            budget=budget, settings={"limit": Decimal(10)}, actor=None, origin="admin", now=NOW
        )
        change(purchase, notes="blue")
        assert len(amounts(purchase)) == postings
        assert spent(budget) == Decimal(20)


def test_a_day_that_became_tomorrow_counts_today():
    now = NOW.replace(hour=13)  # the 16th in Auckland, the 15th in New York
    budget = make_budget(timezone="Pacific/Auckland", limit=Decimal(1000))
    purchase = buy(budget.user, "30.00", now=now, purchased_on=date(2026, 7, 16))
    keeping.trash(purchase=purchase, now=now)
    with time_machine.travel(now, tick=False):
        budget.user.timezone = "America/New_York"
        budget.user.save()
    keeping.restore(purchase=purchase, by=budget.user, now=now)
    assert spent(budget, now) == Decimal(30)
    change(purchase, now=now, notes="blue")
    assert len(amounts(purchase)) == 3
    assert in_step()


def test_the_ledger_follows_the_name(budget):
    purchase = buy(budget.user, "30.00")
    change(purchase, name="Teapot", price=Decimal("35.00"))
    assert set(Entry.objects.values_list("memo", flat=True)) == {"Teapot"}
