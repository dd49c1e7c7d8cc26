"""Changing and deleting many purchases at once, and putting them back as they were."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from budgets import ledger
from budgets.ledger import OverBudget
from budgets.models import Entry
from budgets.tests.factories import make_budget, spend
from occasions.models import Gift
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from purchases import keeping
from purchases.keeping import Edit
from purchases.models import Purchase, Retailer, Tag, UndoStep
from purchases.tests.factories import NOW, PurchaseFactory, RetailerFactory, TagFactory, buy

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

RETURNED, RECEIVED = Purchase.Status.RETURNED, Purchase.Status.RECEIVED


@pytest.fixture
def budget():
    return make_budget(limit=Decimal(100), enforced=True)


@pytest.fixture
def ann(budget):
    return budget.user


@pytest.fixture
def three(ann):
    """Purchases that differ in everything that can be set of many."""
    return [
        buy(ann, "10.00", name="One", tags=["tea", "milk"], retailer="Mill", shared=True),
        buy(ann, "20.00", name="Two", tags=["tea"], status="ordered"),
        buy(ann, "30.00", name="Three", retailer="Shop"),
    ]


def change(purchases, *, now=NOW, by=None, **values):
    by = by or purchases[0].owner
    return keeping.change_many(purchases=purchases, edit=Edit(**values), by=by, now=now)


def undo(step, *, now=NOW):
    return keeping.undo(step=step, by=step.user, now=now)


def spent(budget):
    return ledger.roll(budget, now=NOW).spent


def stored():
    """Return all that a bulk edit can touch of each purchase, by its name."""
    purchases = Purchase.objects.select_related("retailer").prefetch_related("tags").order_by("pk")
    return {
        one.name: (
            one.status,
            one.shared,
            one.retailer and one.retailer.name,
            sorted(tag.name for tag in one.tags.all()),
            one.is_trashed,
            one.search_text,
        )
        for one in purchases
    }


def in_step():
    return ledger.check() == []


class TestChanging:
    def test_adds_tags_and_keeps_those_that_are_there(self, three):
        change(three, add_tags=["Milk", "new"])
        assert {name: state[3] for name, state in stored().items()} == {
            "One": ["milk", "new", "tea"],
            "Two": ["milk", "new", "tea"],
            "Three": ["milk", "new"],
        }
        assert Tag.objects.count() == 3

    def test_takes_tags_off(self, three):
        change(three, remove_tags=[Tag.objects.get(key="tea").pk])
        assert [state[3] for state in stored().values()] == [["milk"], [], []]

    def test_sets_status_retailer_and_who_sees_it(self, three):
        change(three, status=RECEIVED, retailer=" shop ", shared=True)
        assert {state[:3] for state in stored().values()} == {("received", True, "Shop")}
        assert Retailer.objects.count() == 2

    def test_takes_the_retailer_away(self, three):
        change(three, retailer="")
        assert {state[2] for state in stored().values()} == {None}

    def test_what_is_not_named_stays(self, three):
        before = stored()
        change(three, shared=True)
        after = stored()
        assert [state[0] for state in after.values()] == [state[0] for state in before.values()]
        assert [state[2:] for state in after.values()] == [state[2:] for state in before.values()]

    def test_a_search_finds_what_is_new_and_no_longer_what_was(self, three):
        change(three, add_tags=["Blue"], retailer="Bazaar")
        for purchase in Purchase.objects.all():
            assert "blue" in purchase.search_text
            assert "bazaar" in purchase.search_text
            assert "mill" not in purchase.search_text

    def test_a_form_that_was_opened_before_is_out_of_date(self, ann, three):
        change(three, shared=True)
        with pytest.raises(keeping.Conflict):
            keeping.change(
                purchase=three[1], values={"name": "x"}, version=three[1].version, by=ann, now=NOW
            )

    def test_those_that_are_so_already_are_not_touched(self, three):
        step = change(three, shared=True)
        assert len(step.before) == 2
        one = Purchase.objects.get(name="One")
        assert (one.version, one.changed_at) == (three[0].version, NOW)
        assert change(three, shared=True) is None
        assert UndoStep.objects.count() == 1

    def test_those_in_the_trash_are_left_alone(self, ann, three):
        keeping.trash(purchase=three[0], now=NOW)
        assert len(change(three, status=RETURNED).before) == 2
        assert Purchase.objects.get(name="One").status == "received"

    def test_a_name_that_is_too_long_is_refused_and_nothing_is_stored(self, three):
        before = stored()
        for wrong in ({"add_tags": ["fine", "x" * 121]}, {"retailer": "x" * 121}):
            with pytest.raises(ValidationError):
                change(three, shared=True, **wrong)
        assert stored() == before
        assert not Tag.objects.filter(key="fine").exists()


class TestTheLedger:
    def test_returning_many_refunds_each(self, budget, three):
        change(three, status=RETURNED)
        assert spent(budget) == 0
        assert Entry.objects.filter(kind="refund").count() == 3
        assert in_step()

    def test_other_changes_post_nothing(self, budget, three):
        change(three, status=RECEIVED, retailer="Bazaar", add_tags=["x"], shared=True)
        assert Entry.objects.count() == 3
        assert spent(budget) == Decimal(60)

    def test_keeping_after_all_what_no_longer_fits_is_refused_for_all_of_them(self, budget, three):
        change(three, status=RETURNED)
        spend(budget, "50.00")
        before = stored()
        with pytest.raises(OverBudget):
            change(three, status=RECEIVED, add_tags=["kept"])
        assert stored() == before
        assert spent(budget) == Decimal(50)
        assert UndoStep.objects.count() == 1
        assert in_step()

    def test_an_administrator_is_not_refused(self):
        budget = make_budget(limit=Decimal(50), enforced=True)
        budget.user.is_staff = True
        budget.user.save()
        purchase = buy(budget.user, "60.00", status="returned")
        change([purchase], status=RECEIVED)
        assert spent(budget) == Decimal(60)

    @pytest.mark.parametrize("is_gone", [False, True])
    def test_what_is_for_a_gift_leaves_every_spelling_alone(self, ann, is_gone):
        PurchaseFactory(retailer=RetailerFactory(name="MILL"), tags=[TagFactory(name="TEA")])
        gift = make_gift(OccasionFactory(), PersonFactory())
        purchase = buy(ann, "10.00", gift=gift)
        if is_gone:
            gift.delete()
        change([Purchase.objects.get(pk=purchase.pk)], retailer="mill", add_tags=["tea"])
        assert (Retailer.objects.get().name, Tag.objects.get().name) == ("MILL", "TEA")

    def test_gifts_follow(self, ann):
        gift = make_gift(OccasionFactory(), PersonFactory(), price="20")
        purchases = [buy(ann, "10.00", gift=gift), buy(ann, "5.00", gift=gift)]
        step = change(purchases, status=RETURNED)
        assert Gift.objects.get().status == "selected"
        undo(step)
        gift = Gift.objects.get()
        assert (gift.status, gift.paid_total) == ("purchased", Decimal(15))


class TestDeleting:
    def test_moves_all_to_the_trash_and_gives_the_money_back(self, budget, ann, three):
        keeping.trash_many(purchases=three, by=ann, now=NOW)
        assert not Purchase.objects.live().exists()
        assert {one.deleted_at for one in Purchase.objects.trashed()} == {NOW}
        assert spent(budget) == 0
        assert in_step()

    def test_and_undoing_brings_them_back_and_charges_again(self, budget, ann, three):
        before = stored()
        step = keeping.trash_many(purchases=three, by=ann, now=NOW)
        assert undo(step).restored == 3
        assert stored() == before
        assert spent(budget) == Decimal(60)
        assert in_step()

    def test_undoing_what_no_longer_fits_is_refused_and_can_be_tried_again(
        self, budget, ann, three
    ):
        step = keeping.trash_many(purchases=three, by=ann, now=NOW)
        entry = spend(budget, "50.00")
        with pytest.raises(OverBudget):
            undo(step)
        assert Purchase.objects.trashed().count() == 3
        assert spent(budget) == Decimal(50)
        ledger.reverse(entry=entry, now=NOW)
        assert undo(step).restored == 3

    def test_what_is_in_the_trash_stays_as_long_as_it_was_to_stay(self, ann, three):
        keeping.trash(purchase=three[0], now=NOW - timedelta(days=3))
        keeping.trash_many(purchases=three, by=ann, now=NOW)
        assert Purchase.objects.get(name="One").deleted_at == NOW - timedelta(days=3)


class TestUndoing:
    def test_puts_back_exactly_what_was(self, budget, three):
        before = stored()
        step = change(
            three,
            add_tags=["new", "milk"],
            remove_tags=[Tag.objects.get(key="tea").pk],
            status=RETURNED,
            retailer="Bazaar",
            shared=True,
        )
        assert stored() != before
        undone = undo(step)
        assert (undone.restored, undone.left, undone.gone) == (3, [], 0)
        assert stored() == before
        assert spent(budget) == Decimal(60)
        assert in_step()

    def test_leaves_alone_what_was_changed_since_and_names_it(self, ann, three):
        step = change(three, shared=True, status=RETURNED)
        two = Purchase.objects.get(name="Two")
        keeping.change(purchase=two, values={"notes": "mine"}, version=two.version, by=ann, now=NOW)
        undone = undo(step)
        assert undone.restored == 2
        assert [purchase.name for purchase in undone.left] == ["Two"]
        two.refresh_from_db()
        assert (two.shared, two.status, two.notes) == (True, "returned", "mine")

    def test_leaves_alone_what_was_deleted_since(self, three):
        step = change(three, shared=True)
        keeping.trash(purchase=Purchase.objects.get(name="Two"), now=NOW)
        assert [purchase.name for purchase in undo(step).left] == ["Two"]
        assert Purchase.objects.get(name="Two").is_trashed

    def test_counts_what_is_gone_for_good(self, three):
        step = change(three, shared=True)
        Purchase.objects.get(name="Two").delete()
        assert undo(step).gone == 1

    def test_leaves_alone_what_had_a_retailer_that_is_gone(self, three):
        step = change(three, retailer="Bazaar")
        Retailer.objects.get(name="Mill").delete()
        undone = undo(step)
        assert (undone.restored, [one.name for one in undone.left]) == (2, ["One"])
        assert Purchase.objects.get(name="One").retailer.name == "Bazaar"

    @pytest.mark.parametrize("is_merged", [False, True])
    def test_a_retailer_that_was_renamed_or_merged_since_is_no_change(self, three, is_merged):
        step = change(three, retailer="Bazaar", shared=True)
        bazaar = Retailer.objects.get(name="Bazaar")
        if is_merged:
            keeping.merge(item=bazaar, into=Retailer.objects.get(name="Shop"))
        else:
            keeping.rename(item=bazaar, name="Big bazaar")
        undone = undo(step)
        assert (undone.restored, undone.left) == (3, [])
        assert [state[2] for state in stored().values()] == ["Mill", None, "Shop"]

    def test_a_renamed_retailer_and_tag_come_back_as_they_are_called_now(self, three):
        step = change(three, retailer="Bazaar", remove_tags=[Tag.objects.get(key="milk").pk])
        keeping.rename(item=Retailer.objects.get(name="Mill"), name="Old mill")
        Tag.objects.filter(key="milk").update(name="cream", key="cream")
        undo(step)
        one = Purchase.objects.get(name="One")
        assert one.retailer.name == "Old mill"
        assert {tag.name for tag in one.tags.all()} == {"tea", "cream"}
        assert "cream" in one.search_text

    def test_twice_is_once(self, three):
        step = change(three, shared=True)
        undo(step)
        with pytest.raises(keeping.UndoneBefore):
            undo(step)

    def test_counting_again_what_no_longer_fits_is_refused_and_nothing_is_undone(
        self, budget, three
    ):
        step = change(three, status=RETURNED, add_tags=["gone"])
        spend(budget, "50.00")
        before = stored()
        with pytest.raises(OverBudget):
            undo(step)
        assert stored() == before
        step.refresh_from_db()
        assert step.undone_at is None

    def test_a_step_of_another_edit_is_not_mixed_in(self, three):
        first = change(three, shared=True)
        second = change(three, add_tags=["x"])
        assert undo(first).restored == 0
        assert undo(second).restored == 3
        assert {state[1] for state in stored().values()} == {True}

    def test_old_steps_are_forgotten(self, three):
        change(three, shared=True)
        change(three, shared=False, now=NOW + timedelta(days=2))
        assert UndoStep.objects.count() == 1


def test_many_purchases_cost_few_queries_beside_their_postings(ann, django_assert_max_num_queries):
    tags = [TagFactory(), TagFactory()]
    purchases = [PurchaseFactory(owner=ann, tags=tags[:1]) for _ in range(100)]
    with django_assert_max_num_queries(30):
        change(purchases, add_tags=[tags[1].name], retailer="Shop", shared=True)
