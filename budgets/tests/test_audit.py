"""The audit: silent while every counter agrees, and says which one does not."""

from datetime import timedelta
from decimal import Decimal

import pytest

from budgets.ledger import check, hold, reverse, roll
from budgets.models import Budget, Cycle, DailyTotal, Hold
from budgets.tests.factories import NOW, make_budget, open_cycle, record, spend

pytestmark = pytest.mark.django_db


@pytest.fixture
def budget():
    budget = make_budget(limit=Decimal(30))
    spend(budget, "1.5", provider="openai", model="gpt", input_tokens=10)
    reverse(entry=spend(budget, "2", provider="openai", model="gpt"), now=NOW)
    record(budget, "4", occurred_at=NOW - timedelta(days=40))
    hold(budget=budget, amount=Decimal(3), now=NOW)
    return budget


def only_drift():
    [drift] = check()
    return drift


def test_a_ledger_that_agrees_is_silent(budget):
    assert check() == []


def test_an_empty_ledger_is_silent():
    assert check() == []


def test_a_sum_changed_by_hand_is_found(budget):
    cycle = open_cycle(budget)
    Cycle.objects.filter(pk=cycle.pk).update(spent=Decimal("1.500001"))
    drift = only_drift()
    assert (
        drift.counter
        == f"{budget}, window 2026-07-01 00:00 to 2026-08-01 00:00 UTC (cycle {cycle.pk}): spent"
    )
    assert (drift.stored, drift.counted) == ("1.500001", "1.500000")
    assert str(drift).endswith("spent: stored 1.500001, counted 1.500000")


def test_the_sum_of_a_closed_window_is_checked_too(budget):
    Cycle.objects.exclude(pk=open_cycle(budget).pk).update(spent=0)
    assert (only_drift().stored, only_drift().counted) == ("0.000000", "4.000000")


def test_the_sum_of_a_window_without_entries_is_checked_too(budget):
    empty = make_budget()
    Cycle.objects.filter(budget=empty).update(spent=Decimal(1))
    assert (only_drift().stored, only_drift().counted) == ("1.000000", "0.000000")


def test_held_money_changed_by_hand_is_found(budget):
    Cycle.objects.filter(pk=open_cycle(budget).pk).update(held=Decimal(2))
    assert only_drift().counter.endswith(": held")
    assert (only_drift().stored, only_drift().counted) == ("2.000000", "3.000000")


def test_a_hold_ended_by_hand_is_found(budget):
    Hold.objects.update(status=Hold.Status.RELEASED)
    assert (only_drift().stored, only_drift().counted) == ("3.000000", "0.000000")


@pytest.mark.parametrize(
    "counter", ["amount", "count", "input_tokens", "output_tokens", "cached_tokens"]
)
def test_every_figure_of_a_daily_total_is_checked(budget, counter):
    DailyTotal.objects.filter(cycle=open_cycle(budget)).update(**{counter: 77})
    drift = only_drift()
    assert drift.counter.startswith("daily total cycle=")
    assert "day=2026-07-15 provider=openai model=gpt kind=usage" in drift.counter
    assert f"{counter} 77" in drift.stored
    assert f"{counter} 77" not in drift.counted


def test_a_missing_daily_total_is_found(budget):
    DailyTotal.objects.filter(cycle=open_cycle(budget)).delete()
    assert only_drift().stored == "nothing"


def test_an_extra_daily_total_is_found(budget):
    DailyTotal.objects.create(
        budget=budget, cycle=open_cycle(budget), day=NOW.date(), kind="usage", provider="nobody"
    )
    assert only_drift().counted == "nothing"


@pytest.mark.parametrize(
    ("by_hand", "counted"),
    [
        ({"limit": Decimal(31)}, "limit 31.000000, enforced True"),
        ({"enforced": False}, "limit 30.000000, enforced False"),
        ({"custom_limit": Decimal(7)}, "limit 7.000000, enforced True"),
    ],
)
def test_settings_changed_behind_the_ledgers_back_are_found(budget, by_hand, counted):
    Budget.objects.filter(pk=budget.pk).update(**by_hand)
    drift = only_drift()
    assert drift.counter.endswith(": decides by")
    assert (drift.stored, drift.counted) == ("limit 30.000000, enforced True", counted)


def test_a_special_limit_that_ends_inside_the_window_is_no_drift():
    until = NOW + timedelta(days=2)
    budget = make_budget(custom_limit=Decimal(50), custom_limit_until=until)
    assert check() == []
    roll(budget, now=until)
    assert check() == []


def test_a_special_limit_taken_away_behind_the_ledgers_back_is_found():
    budget = make_budget(custom_limit=Decimal(50), custom_limit_until=NOW + timedelta(days=2))
    Budget.objects.filter(pk=budget.pk).update(custom_limit=None)
    assert only_drift().counted == "limit 30.000000, enforced True"


def test_every_drift_is_told_at_once(budget):
    Cycle.objects.filter(pk=open_cycle(budget).pk).update(spent=0, held=0, enforced=False)
    assert len(check()) == 3


def test_the_audit_asks_as_many_questions_for_many_budgets(budget, django_assert_num_queries):
    for _ in range(5):
        spend(make_budget(), "1")
    with django_assert_num_queries(5):
        check()
