"""The level of a list row is decided in SQL, by the same rule as everywhere else."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.levels import Standing, Thresholds
from budgets.models import Budget, Cycle
from budgets.tests.consoles import budget_of
from budgets.tests.factories import make_budget

MICRO = Decimal("0.000001")


def level_in_sql(budget: Budget, limit: Decimal, spent: Decimal, thresholds: Thresholds) -> str:
    Budget.objects.filter(pk=budget.pk).update(
        yellow=thresholds.yellow, orange=thresholds.orange, red=thresholds.red
    )
    Cycle.objects.filter(budget=budget).update(limit=limit, spent=spent)
    return Budget.objects.with_standing().get(pk=budget.pk).level


@pytest.mark.django_db
@pytest.mark.parametrize("limit", ["0", "0.000001", "0.01", "30", "33.333333", "1000000"])
@pytest.mark.parametrize(
    "percents", [("75", "90", "100"), ("33.33", "66.67", "99.99"), ("0.01", "0.02", "0.03")]
)
def test_agrees_one_micro_unit_around_every_boundary(limit, percents):
    budget, limit = budget_of("anna"), Decimal(limit)
    thresholds = Thresholds(*map(Decimal, percents))
    boundaries = [limit * Decimal(percent) / 100 for percent in ("0", *percents, "100")]
    for boundary in boundaries:
        for step in (-2, -1, 0, 1, 2):
            spent = boundary.quantize(MICRO) + step * MICRO
            expected = Standing(limit, spent, thresholds=thresholds).level
            assert level_in_sql(budget, limit, spent, thresholds) == expected, (spent, expected)


@pytest.mark.django_db
def test_what_was_carried_counts_as_limit():
    budget = budget_of("anna", limit=Decimal(10))
    Cycle.objects.filter(budget=budget).update(carried=Decimal(10), spent=Decimal(15))
    row = Budget.objects.with_standing().get(pk=budget.pk)
    assert (row.available, row.level) == (Decimal(20), "yellow")


def hundredths(number: int) -> Decimal:
    return Decimal(number).scaleb(-2)


def micros(number: int) -> Decimal:
    return Decimal(number).scaleb(-6)


class AnyBudget(TestCase):
    @hypothesis(max_examples=150, deadline=None)
    @given(
        limit=st.integers(0, 10**12).map(micros),
        spent=st.integers(-(10**9), 2 * 10**12).map(micros),
        percents=st.lists(st.integers(1, 10_000), min_size=3, max_size=3, unique=True),
    )
    def test_agrees_for_any_figures(self, limit, spent, percents):
        thresholds = Thresholds(*map(hundredths, sorted(percents)))
        expected = Standing(limit, spent, thresholds=thresholds).level
        assert level_in_sql(make_budget(), limit, spent, thresholds) == expected
