"""Bulk edits beside each other and beside single ones: real threads, on either database."""

from decimal import Decimal
from functools import partial

import pytest

from budgets import ledger
from budgets.ledger import OverBudget
from budgets.models import Entry
from budgets.tests.factories import make_budget
from budgets.tests.threads import together
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from purchases import keeping
from purchases.keeping import Conflict, Edit, Undone, UndoneBefore
from purchases.models import Purchase, UndoStep
from purchases.tests.factories import NOW, buy

pytestmark = pytest.mark.django_db(transaction=True)

RETURNED, RECEIVED = Purchase.Status.RETURNED, Purchase.Status.RECEIVED


@pytest.fixture
def budget():
    return make_budget(limit=Decimal(100), enforced=True)


def change(purchases, by, **values):
    return keeping.change_many(purchases=purchases, edit=Edit(**values), by=by, now=NOW)


def of(kind, results):
    return [result for result in results if isinstance(result, kind)]


def in_step(budget):
    return ledger.check() == [] and ledger.roll(budget, now=NOW).spent


def test_returning_the_same_ones_twice_at_once_refunds_each_once(budget):
    purchases = [buy(budget.user, "10.00") for _ in range(5)]
    call = partial(change, purchases, budget.user, status=RETURNED)
    backwards = partial(change, purchases[::-1], budget.user, status=RETURNED)
    results = together([call, backwards, call, backwards])
    assert len(of(UndoStep, results)) == 1
    assert results.count(None) == 3
    assert Entry.objects.filter(kind="refund").count() == 5
    assert in_step(budget) == 0


def test_of_many_undos_at_once_one_does_it(budget):
    purchases = [buy(budget.user, "10.00") for _ in range(5)]
    step = change(purchases, budget.user, status=RETURNED)
    results = together([partial(keeping.undo, step=step, by=budget.user, now=NOW)] * 4)
    assert [len(of(kind, results)) for kind in (Undone, UndoneBefore)] == [1, 3]
    assert in_step(budget) == Decimal(50)


def test_two_that_do_not_fit_together_are_not_both_counted(budget):
    first, second = (
        [buy(budget.user, "30.00", status="returned") for _ in range(2)] for _ in range(2)
    )
    results = together(
        [partial(change, one, budget.user, status=RECEIVED) for one in (first, second)]
    )
    assert [len(of(kind, results)) for kind in (UndoStep, OverBudget)] == [1, 1]
    assert in_step(budget) == Decimal(60)


def test_single_changes_beside_it_lose_nothing(budget):
    gift = make_gift(OccasionFactory(), PersonFactory())
    purchases = [buy(budget.user, "10.00", gift=gift if one % 2 else None) for one in range(6)]

    def single(purchase, price):
        return keeping.change(
            purchase=purchase,
            values={"price": Decimal(price)},
            version=purchase.version,
            by=budget.user,
            now=NOW,
        )

    calls = [partial(single, one, "12.00") for one in purchases[::-1]]
    results = together([partial(change, purchases, budget.user, add_tags=["x", "y"]), *calls])
    assert len(of(UndoStep, results)) == 1
    singles = results[1:]
    assert len(of(Purchase, singles)) + len(of(Conflict, singles)) == 6
    stored = list(Purchase.objects.prefetch_related("tags"))
    assert {tuple(tag.name for tag in one.tags.all()) for one in stored} == {("x", "y")}
    assert in_step(budget) == sum(one.amount for one in stored)
    gift.refresh_from_db()
    assert gift.paid_total == sum(one.amount for one in stored if one.gift_id)


def test_edits_of_the_same_gifts_in_two_orders_wait_for_each_other(budget):
    gifts = [make_gift(OccasionFactory(), PersonFactory()) for _ in range(3)]
    first = [buy(budget.user, "5.00", gift=gift) for gift in gifts]
    second = [buy(budget.user, "5.00", gift=gift) for gift in reversed(gifts)]
    results = together(
        [
            partial(change, first, budget.user, status=RETURNED),
            partial(change, second, budget.user, status=RETURNED),
            *(partial(keeping.trash, purchase=one, now=NOW) for one in (*first, *second)),
        ]
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert in_step(budget) == 0
