"""Rolling: whoever comes first accounts for every window that ended, once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from budgets.ledger import (
    OverBudget,
    check,
    configure,
    ensure_budgets,
    hold,
    ingest,
    reset,
    roll,
    roll_due,
)
from budgets.models import Budget, Cycle, Origin, Reset
from budgets.tests.factories import (
    NOW,
    event,
    make_budget,
    open_cycle,
    set_up,
    spend,
)

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 15, 9, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 2, 8, tzinfo=UTC)


def resets(budget):
    return Reset.objects.filter(budget=budget).order_by("new_starts_at")


def tiles(budget):
    cycles = list(Cycle.objects.filter(budget=budget).order_by("starts_at"))
    return all(a.ends_at == b.starts_at for a, b in pairwise(cycles))


def test_the_first_visit_in_february_finds_nothing_spent_and_january_accounted():
    budget = make_budget(now=JANUARY, limit=Decimal(30))
    spend(budget, "12", now=JANUARY)
    january = open_cycle(budget)
    february = roll(budget, now=FEBRUARY)
    assert (february.spent, february.starts_at, february.ends_at) == (
        0,
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    told = Reset.objects.get()
    assert (told.kind, told.actor, told.by, told.closed_cycle) == (
        Reset.Kind.AUTOMATIC,
        None,
        "the system",
        january,
    )
    assert (told.spent_before, told.limit_before, told.limit_after) == (12, 30, 30)
    assert (told.old_starts_at, told.old_ends_at) == (january.starts_at, january.ends_at)
    assert (told.new_starts_at, told.new_ends_at) == (february.starts_at, february.ends_at)
    assert told.created_at == FEBRUARY
    january.refresh_from_db()
    assert (january.closed_at, january.spent) == (january.ends_at, 12)


@pytest.mark.parametrize(
    "visit",
    [
        lambda budget, now: spend(budget, "1", now=now),
        lambda budget, now: hold(budget=budget, amount=Decimal(1), now=now),
        lambda budget, now: ingest([event(budget, "1")], now=now),
        lambda budget, now: configure(
            budget=budget,
            settings={"limit": Decimal(40)},
            actor=None,
            origin=Origin.API,
            now=now,
        ),
        lambda budget, now: roll_due(now=now),
    ],
    ids=["charge", "hold", "ingest", "configure", "roll_due"],
)
def test_any_verb_rolls_first(visit):
    budget = make_budget(now=JANUARY)
    spend(budget, "12", now=JANUARY)
    visit(budget, FEBRUARY)
    assert resets(budget).get().spent_before == 12
    assert open_cycle(budget).starts_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert check() == []


def test_a_window_lasts_until_its_very_end():
    budget = make_budget(now=JANUARY)
    january = open_cycle(budget)
    assert roll(budget, now=january.ends_at - timedelta.resolution) == january
    assert roll(budget, now=january.ends_at) != january


def test_nobody_for_three_months_and_every_skipped_window_is_told_once():
    budget = make_budget(now=JANUARY)
    spend(budget, "12", now=JANUARY)
    roll(budget, now=datetime(2026, 4, 20, tzinfo=UTC))
    assert list(resets(budget).values_list("old_starts_at__month", "spent_before")) == [
        (1, 12),
        (2, 0),
        (3, 0),
    ]
    assert open_cycle(budget).starts_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert Cycle.objects.filter(budget=budget).count() == 4
    assert tiles(budget)
    assert roll_due(now=datetime(2026, 4, 20, tzinfo=UTC)) == 0
    assert resets(budget).count() == 3


@pytest.mark.parametrize(
    ("period", "days", "zone"),
    [
        ("daily", None, "America/Havana"),
        ("weekly", None, "Europe/Berlin"),
        ("monthly", None, "Asia/Kathmandu"),
        ("custom", 10, "Pacific/Kiritimati"),
        ("custom", 365, "Etc/GMT+12"),
    ],
)
def test_windows_that_nobody_saw_tile_the_time_between(period, days, zone):
    budget = make_budget(now=JANUARY, timezone=zone, period=period, custom_days=days)
    roll(budget, now=datetime(2027, 3, 1, tzinfo=UTC))
    assert tiles(budget)
    current = open_cycle(budget)
    assert datetime(2027, 3, 1, tzinfo=UTC) in current.window
    assert resets(budget).count() == Cycle.objects.filter(budget=budget).count() - 1


def test_custom_windows_go_on_counting_from_the_last_one():
    budget = make_budget(now=JANUARY, period="custom", custom_days=10)
    roll(budget, now=datetime(2026, 2, 9, tzinfo=UTC))
    assert open_cycle(budget).starts_at == datetime(2026, 2, 4, tzinfo=UTC)
    assert open_cycle(budget).ends_at == datetime(2026, 2, 14, tzinfo=UTC)


def test_rolling_everybody_twice_tells_nothing_twice():
    budgets = [make_budget(now=JANUARY) for _ in range(3)]
    idle = make_budget(now=FEBRUARY)
    spend(budgets[0], "12", now=JANUARY)
    assert roll_due(now=FEBRUARY) == 3
    assert roll_due(now=FEBRUARY) == 0
    assert [resets(budget).count() for budget in (*budgets, idle)] == [1, 1, 1, 0]


def test_rolling_many_asks_no_more_questions_than_rolling_few(django_assert_num_queries):
    for month, budgets in ((2, 2), (3, 12)):
        for _ in range(budgets):
            make_budget(now=JANUARY)
        with django_assert_num_queries(8):
            roll_due(now=datetime(2026, month, 2, tzinfo=UTC))


def test_rolling_nobody_asks_one_question(django_assert_num_queries):
    make_budget(now=JANUARY)
    with django_assert_num_queries(1):
        assert roll_due(now=JANUARY) == 0


def test_the_new_window_has_the_settings_of_now():
    budget = make_budget(now=JANUARY)
    set_up(budget, now=JANUARY, limit=Decimal(50), enforced=False)
    february = roll(budget, now=FEBRUARY)
    assert (february.limit, february.enforced) == (50, False)
    assert resets(budget).get().limit_after == 50


def test_a_window_is_rolled_although_its_member_is_gone():
    budget = make_budget(now=JANUARY, timezone="Asia/Tokyo")
    budget.user.delete()
    budget = Budget.objects.get(pk=budget.pk)
    roll(budget, now=FEBRUARY)
    assert tiles(budget)
    assert FEBRUARY in open_cycle(budget).window


# --- The special limit ---------------------------------------------------------------------------


def test_a_special_limit_counts_until_its_moment_and_then_the_limit_again():
    until = NOW + timedelta(days=2)
    budget = make_budget(limit=Decimal(10), custom_limit=Decimal(50), custom_limit_until=until)
    spend(budget, "30", now=until - timedelta.resolution)
    with pytest.raises(OverBudget) as refusal:
        spend(budget, "1", now=until)
    assert (refusal.value.limit, refusal.value.spent) == (10, 30)
    assert open_cycle(budget).limit == 10
    assert Reset.objects.count() == 0
    assert check() == []


@pytest.mark.parametrize("verb", ["roll", "roll_due", "hold", "ingest"])
def test_a_special_limit_that_ran_out_is_put_back_by_whoever_comes_next(verb):
    until = NOW + timedelta(days=2)
    budget = make_budget(limit=Decimal(10), custom_limit=Decimal(50), custom_limit_until=until)
    match verb:
        case "roll":
            roll(budget, now=until)
        case "roll_due":
            assert roll_due(now=until) == 0
        case "hold":
            with pytest.raises(OverBudget):
                hold(budget=budget, amount=Decimal(11), now=until)
        case "ingest":
            [outcome] = ingest([event(budget, "11")], now=until)
            assert outcome.fate == "refused"
    assert (open_cycle(budget).limit, open_cycle(budget).limit_until) == (10, None)


def test_a_special_limit_without_an_end_replaces_the_limit_in_later_windows_too():
    budget = make_budget(now=JANUARY, limit=Decimal(10), custom_limit=Decimal(0))
    assert open_cycle(budget).limit == 0
    assert roll(budget, now=FEBRUARY).limit == 0
    assert check() == []


def test_skipped_windows_keep_the_limit_that_was_in_force_when_they_began():
    until = datetime(2026, 2, 10, tzinfo=UTC)
    budget = make_budget(
        now=JANUARY, limit=Decimal(10), custom_limit=Decimal(50), custom_limit_until=until
    )
    roll(budget, now=datetime(2026, 4, 20, tzinfo=UTC))
    assert list(resets(budget).values_list("limit_before", "limit_after")) == [
        (50, 50),
        (50, 10),
        (10, 10),
    ]
    assert (open_cycle(budget).limit, open_cycle(budget).limit_until) == (10, None)


# --- Beginning over, in every zone ---------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Etc/GMT+6", "America/Chicago", "Etc/GMT-9", "Asia/Tokyo"])
@pytest.mark.parametrize("hour", [0, 6, 12, 18, 23])
def test_after_a_reset_nothing_is_spent_and_a_later_two_is_exactly_two(zone, hour):
    now = datetime(2026, 7, 15, hour, 30, tzinfo=UTC)
    budget = make_budget(timezone=zone, now=now, period="daily")
    spend(budget, "7", now=now)
    reset(budget=budget, actor=None, now=now)
    cycle = roll(budget, now=now + timedelta(minutes=1))
    assert cycle.spent == 0
    spend(budget, "2.00", now=now + timedelta(minutes=2))
    assert open_cycle(budget).spent == Decimal("2.00")
    assert open_cycle(budget).daily_totals.get().amount == Decimal("2.00")
    assert ensure_budgets(now=now) == []
