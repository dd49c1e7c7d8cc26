"""Settling many holds at once: what the ledger itself holds to."""

from decimal import Decimal

import pytest

from budgets.ledger import BadPosting, Posting, Settlement, check, hold, settle_many
from budgets.models import Entry, Hold
from budgets.tests.factories import NOW, make_budget, open_cycle

pytestmark = pytest.mark.django_db


def settlement(held, amount="1", **details):
    return Settlement(held, Posting(amount=Decimal(amount), **details))


def set_aside(budget, amount="2"):
    return hold(budget=budget, amount=Decimal(amount), now=NOW)


def test_holds_of_several_budgets_are_settled_each_in_its_own():
    ann, ben = make_budget(limit=Decimal(10)), make_budget(limit=Decimal(10))
    holds = [set_aside(budget) for budget in (ann, ben, ann)]
    outcomes = settle_many([settlement(one) for one in holds], now=NOW)
    assert [outcome.entry.budget_id for outcome in outcomes] == [ann.pk, ben.pk, ann.pk]
    assert [(open_cycle(one).spent, open_cycle(one).held) for one in (ann, ben)] == [(2, 0), (1, 0)]
    assert set(Hold.objects.values_list("status", "ended_at")) == {("settled", NOW)}
    assert check() == []


def test_an_event_of_another_budget_settles_nothing():
    ann, ben = make_budget(), make_budget()
    event = {"source": "gateway", "source_event_id": "e"}
    first, second = set_aside(ann), set_aside(ben)
    settle_many([settlement(first, **event)], now=NOW)
    [outcome] = settle_many([settlement(second, **event)], now=NOW)
    assert (outcome.fate, Hold.objects.get(pk=second.pk).status) == ("refused", "held")
    assert check() == []


@pytest.mark.parametrize(("count", "amount"), [(1001, "1"), (2, "-1")])
def test_what_cannot_be_a_batch_stores_nothing(count, amount):
    held = set_aside(make_budget())
    with pytest.raises(BadPosting):
        settle_many([settlement(held)] + [settlement(held, amount)] * (count - 1), now=NOW)
    assert (Entry.objects.count(), Hold.objects.get().status) == (0, "held")
