"""check_ledger: a counter changed by hand is found and named."""

from decimal import Decimal

import pytest

from budgets.models import Cycle, DailyTotal
from budgets.tests.factories import make_budget, spend
from budgets.tests.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def budget():
    budget = make_budget()
    spend(budget, "1.25", provider="openai")
    return budget


def test_a_sound_ledger_says_so_and_how_much_was_checked(budget):
    ran = run("check_ledger")
    assert not ran.failure
    assert ran.lines == ["The ledger agrees (budgets 1, windows 1, entries 1, holds 0)."]


def test_a_changed_counter_is_named_and_fails(budget):
    Cycle.objects.update(spent=Decimal("2.50"))
    ran = run("check_ledger")
    assert ran.failure == "Counters that disagree with their rows: 1."
    [line] = ran.lines
    assert budget.member_name in line
    assert "spent: stored 2.500000, counted 1.250000" in line


def test_every_difference_is_printed(budget):
    Cycle.objects.update(held=Decimal(1))
    DailyTotal.objects.update(count=7)
    ran = run("check_ledger")
    assert ran.failure == "Counters that disagree with their rows: 2."
    assert len(ran.lines) == 2
