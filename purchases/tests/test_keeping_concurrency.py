"""Purchases changed at the same moment: nobody waits for ever, nothing is lost or counted twice."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from budgets import ledger
from budgets.ledger import OverBudget
from budgets.models import Cycle
from budgets.tests.factories import make_budget
from budgets.tests.threads import together
from occasions import planning
from occasions.models import Gift
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from purchases import keeping
from purchases.models import Purchase
from purchases.tests.factories import NOW, TODAY, buy

pytestmark = pytest.mark.django_db(transaction=True)
LATE = TODAY - timedelta(days=100)
ROUNDS = 4


@pytest.fixture
def member():
    return make_budget(limit=Decimal(5000), enforced=True).user


def change(purchase, **values):
    stored = Purchase.objects.get(pk=purchase.pk)
    return keeping.change(
        purchase=stored, values=values, version=stored.version, by=stored.owner, now=NOW
    )


def late(member):
    return [partial(buy, member, "1.00", purchased_on=LATE) for _ in range(3)]


def failed(results):
    return [result for result in results if isinstance(result, Exception)]


def test_purchases_beside_each_other_never_pass_the_limit_together():
    budget = make_budget(limit=Decimal(40), enforced=True)
    results = together([partial(buy, budget.user, "10.00") for _ in range(8)])
    assert sum(isinstance(result, Purchase) for result in results) == 4
    assert {type(result) for result in failed(results)} == {OverBudget}
    assert Purchase.objects.count() == 4
    assert ledger.check() == []


def test_of_two_changes_of_one_purchase_one_conflicts(member):
    purchase = buy(member)
    versions = [
        partial(
            keeping.change,
            purchase=purchase,
            values={"price": Decimal(price)},
            version=1,
            by=member,
            now=NOW,
        )
        for price in (40, 50)
    ]
    results = together(versions)
    assert [type(result) for result in failed(results)] == [keeping.Conflict]
    assert Cycle.objects.open().get(budget__user=member).spent == Purchase.objects.get().amount


def test_days_are_moved_beside_late_purchases(member):
    buy(member, "1.00", purchased_on=LATE)  # so that the closed window is there
    for _ in range(ROUNDS):
        moves = [
            partial(change, purchase, purchased_on=LATE)
            for purchase in [buy(member, "1.00") for _ in range(3)]
        ]
        assert failed(together([*moves, *late(member)])) == []
    assert ledger.check() == []


def test_many_are_brought_back_beside_late_purchases(member):
    buy(member, "1.00", purchased_on=LATE)
    for _ in range(ROUNDS):
        both = [buy(member, "1.00"), buy(member, "1.00", purchased_on=LATE)]
        step = keeping.trash_many(purchases=both, by=member, now=NOW)
        undo = partial(keeping.undo, step=step, by=member, now=NOW)
        assert failed(together([undo, *late(member)])) == []
    assert ledger.check() == []


def test_a_gift_goes_beside_the_changes_of_its_purchases(member):
    for _ in range(ROUNDS):
        gift = make_gift(OccasionFactory(date=TODAY + timedelta(days=30)), PersonFactory())
        purchases = [buy(member, "1.00", gift=gift) for _ in range(3)]
        stored = Gift.objects.get(pk=gift.pk)
        results = together(
            [
                *(partial(change, purchase, price=Decimal(2)) for purchase in purchases),
                partial(planning.delete_gift, gift=stored),
                partial(buy, member, "1.00", gift=gift),
            ]
        )
        # Whoever comes after the gift is gone is told so.
        assert {type(result) for result in failed(results)} <= {ValidationError}
        assert not Purchase.objects.filter(gift__isnull=False).exists()
    assert ledger.check() == []


def test_two_purchases_swap_their_gifts(member):
    for _ in range(ROUNDS):
        gifts = [
            make_gift(OccasionFactory(date=TODAY + timedelta(days=days)), PersonFactory())
            for days in (30, 31)
        ]
        first, second = (buy(member, "1.00", gift=gift) for gift in gifts)
        swap = [partial(change, first, gift=gifts[1]), partial(change, second, gift=gifts[0])]
        assert failed(together(swap)) == []
        costs = Gift.objects.filter(pk__in=[gift.pk for gift in gifts]).values_list(
            "cost", flat=True
        )
        assert set(costs) == {Decimal(1)}
