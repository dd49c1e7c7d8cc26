"""expire_holds: money of holds whose time has passed is free again."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from budgets.ledger import hold
from budgets.models import Hold
from budgets.tests.factories import NOW, make_budget, open_cycle
from budgets.tests.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def budget():
    """A budget with one hold that has expired and one that has not."""
    budget = make_budget()
    hold(budget=budget, amount=Decimal(4), now=NOW, life=timedelta(minutes=5))
    hold(budget=budget, amount=Decimal(3), now=NOW, life=timedelta(minutes=30))
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        yield budget


def test_expired_holds_free_their_money_and_stay_visible(budget):
    assert run("expire_holds").lines == ["Holds expired: 1."]
    assert open_cycle(budget).held == 3
    assert sorted(Hold.objects.values_list("status", flat=True)) == ["expired", "held"]
    assert run("expire_holds").lines == ["Holds expired: 0."]


def test_a_dry_run_counts_them_and_changes_nothing(budget):
    assert run("expire_holds", "--dry-run").lines == ["Holds due: 1. Nothing was changed."]
    assert open_cycle(budget).held == 7
    assert set(Hold.objects.values_list("status", flat=True)) == {"held"}
