"""Levels: every threshold included, red first; over is strictly more than the limit."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from budgets.levels import Level, Standing, Thresholds, percent_of
from budgets.models import Budget, Cycle
from budgets.tests.factories import make_budget

amounts = st.decimals(min_value=0, max_value=1_000_000, places=6)


def standing(limit, spent, held="0", **thresholds):
    return Standing(Decimal(limit), Decimal(spent), Decimal(held), Thresholds(**thresholds))


@pytest.mark.parametrize(
    ("limit", "spent", "level"),
    [
        ("100", "0", Level.GREEN),
        ("100", "74.99", Level.GREEN),
        ("100", "74.999999", Level.GREEN),
        ("100", "75", Level.YELLOW),
        ("100", "89.999999", Level.YELLOW),
        ("100", "90", Level.ORANGE),
        ("100", "99.99", Level.ORANGE),
        ("100", "99.999999", Level.ORANGE),
        ("100", "100", Level.RED),
        ("100", "100.01", Level.RED),
        ("100", "-5", Level.GREEN),
        ("0", "0", Level.GREEN),
        ("0", "-1", Level.GREEN),
        ("0", "0.01", Level.RED),
        ("0.000001", "0.000001", Level.RED),
        ("0.03", "0.0225", Level.YELLOW),
    ],
)
def test_each_level_begins_exactly_at_its_threshold(limit, spent, level):
    assert standing(limit, spent).level is level


def test_levels_begin_at_the_members_own_thresholds():
    own = {"yellow": Decimal("33.33"), "orange": Decimal(50), "red": Decimal("66.67")}
    assert standing("100", "33.329999", **own).level is Level.GREEN
    assert standing("100", "33.33", **own).level is Level.YELLOW
    assert standing("100", "50", **own).level is Level.ORANGE
    assert standing("100", "66.67", **own).level is Level.RED
    assert not standing("100", "66.67", **own).is_used_up


def test_held_money_does_not_raise_the_level_but_can_no_longer_be_spent():
    waiting = standing("100", "10", held="85")
    assert waiting.level is Level.GREEN
    assert waiting.remaining == 5
    assert standing("100", "10", held="95").remaining == 0


def test_at_exactly_the_limit_it_is_used_up_and_not_over():
    full = standing("100", "100")
    assert full.is_used_up
    assert not full.is_over
    assert (full.remaining, full.over_by, full.percent) == (0, 0, Decimal("100.0"))


def test_a_cent_more_is_over_by_a_cent():
    over = standing("100", "100.01")
    assert over.is_over
    assert over.is_used_up
    assert (over.remaining, over.over_by, over.percent) == (0, Decimal("0.01"), Decimal("100.0"))


def test_with_a_limit_of_zero_nothing_may_be_spent():
    untouched, spent = standing("0", "0"), standing("0", "0.01")
    assert (untouched.is_over, untouched.is_used_up, untouched.percent) == (False, False, None)
    assert (spent.is_over, spent.is_used_up, spent.over_by) == (True, True, Decimal("0.01"))
    assert spent.percent is None


def test_ten_charges_of_fifteen_cents_are_five_percent_of_thirty():
    some = standing("30", str(sum([Decimal("0.15")] * 10)))
    assert (some.spent, some.remaining, some.percent) == (
        Decimal("1.50"),
        Decimal("28.50"),
        Decimal("5.0"),
    )


@pytest.mark.parametrize(
    ("part", "percent"),
    [
        ("99.949999", "99.9"),
        ("99.95", "99.9"),
        ("99.999999", "99.9"),
        ("100", "100.0"),
        ("100.04", "100.0"),
        ("0.05", "0.1"),
        ("0.049999", "0.0"),
        ("250", "250.0"),
    ],
)
def test_a_percentage_below_the_whole_never_reads_as_all_of_it(part, percent):
    assert percent_of(Decimal(part), Decimal(100)) == Decimal(percent)


@pytest.mark.parametrize(
    ("yellow", "orange", "red"),
    [("0", "90", "100"), ("90", "90", "100"), ("75", "100", "100"), ("75", "90", "100.01")],
)
def test_thresholds_ascend(yellow, orange, red):
    with pytest.raises(ValueError, match="thresholds need"):
        Thresholds(Decimal(yellow), Decimal(orange), Decimal(red))


@given(amounts, amounts, amounts)
def test_what_is_left_and_what_is_over_are_never_both_there(limit, spent, held):
    here = Standing(limit, spent, held)
    assert here.remaining >= 0
    assert here.over_by >= 0
    assert not (here.remaining and here.over_by)
    assert here.is_over == (here.over_by > 0)


@pytest.mark.django_db
def test_the_list_of_budgets_tells_the_same_levels_as_the_status_card():
    budget = make_budget()
    cycle = Cycle.objects.get(budget=budget)
    thresholds = st.tuples(*[st.decimals("0.01", 100, places=2)] * 3).filter(
        lambda three: len(set(three)) == 3
    )

    @settings(max_examples=40)
    @given(amounts, st.decimals(min_value=-10, max_value=2_000_000, places=6), thresholds)
    @example(Decimal(100), Decimal("74.999999"), (Decimal(75), Decimal(90), Decimal(100)))
    @example(Decimal(100), Decimal(100), (Decimal(75), Decimal(90), Decimal(100)))
    @example(Decimal(0), Decimal(0), (Decimal(75), Decimal(90), Decimal(100)))
    @example(Decimal(0), Decimal("0.000001"), (Decimal(75), Decimal(90), Decimal(100)))
    @example(Decimal(0), Decimal(-1), (Decimal(75), Decimal(90), Decimal(100)))
    @example(Decimal("0.03"), Decimal("0.0225"), (Decimal(75), Decimal(90), Decimal(100)))
    @example(Decimal("0.000003"), Decimal("0.000001"), (Decimal(33), Decimal(34), Decimal(100)))
    def agree(limit, spent, three):
        yellow, orange, red = sorted(three)
        Budget.objects.filter(pk=budget.pk).update(yellow=yellow, orange=orange, red=red)
        Cycle.objects.filter(pk=cycle.pk).update(limit=limit, spent=spent)
        listed = Budget.objects.with_standing().get(pk=budget.pk)
        own = Standing(limit, spent, thresholds=Thresholds(yellow, orange, red))
        assert listed.level == own.level

    agree()
