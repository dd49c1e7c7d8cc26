"""Configuring: what differs is set and told, and a new period begins a new window."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from budgets.ledger import OverBudget, check, configure
from budgets.models import Budget, Change, Cycle, Origin, Reset
from budgets.tests.factories import NOW, fresh, make_budget, open_cycle, set_up, spend
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

#: One value for every setting that a new member's budget does not have.
OTHER = {
    "limit": Decimal("45.50"),
    "custom_limit": Decimal(60),
    "custom_limit_until": datetime(2026, 7, 20, tzinfo=UTC),
    "period": "custom",
    "custom_days": 10,
    "yellow": Decimal(50),
    "orange": Decimal("66.67"),
    "red": Decimal(80),
    "enforced": False,
    "visible_to_user": False,
    "user_can_modify": True,
    "user_can_reset": True,
    "modify_ceiling": Decimal(100),
    "admin_notes": "ask first",
}


def told():
    return {change.setting: (change.old, change.new) for change in Change.objects.order_by("pk")}


def test_every_setting_that_differs_is_stored_and_told():
    budget, actor = make_budget(), UserFactory(username="ada")
    changes = configure(budget=budget, settings=OTHER, actor=actor, origin=Origin.ADMIN, now=NOW)
    assert Budget.objects.values(*OTHER).get(pk=budget.pk) == OTHER
    assert told() == {
        "limit": ("30.00", "45.50"),
        "custom_limit": ("", "60.00"),
        "custom_limit_until": ("", "2026-07-20T00:00:00+00:00"),
        "period": ("monthly", "custom"),
        "custom_days": ("", "10"),
        "yellow": ("75.00", "50.00"),
        "orange": ("90.00", "66.67"),
        "red": ("100.00", "80.00"),
        "enforced": ("yes", "no"),
        "visible_to_user": ("yes", "no"),
        "user_can_modify": ("no", "yes"),
        "user_can_reset": ("no", "yes"),
        "modify_ceiling": ("", "100.00"),
        "admin_notes": ("", "ask first"),
    }
    assert {(c.actor, c.actor_name, c.origin, c.changed_at) for c in changes} == {
        (actor, "ada", Origin.ADMIN, NOW)
    }
    assert fresh(budget).configured_by == actor
    assert str(changes[0]) == "limit: 30.00 → 45.50"


def test_the_same_settings_again_change_nothing():
    budget = make_budget()
    configure(budget=budget, settings=OTHER, actor=None, origin=Origin.ADMIN, now=NOW)
    resets, changes = Reset.objects.count(), Change.objects.count()
    again = configure(
        budget=budget, settings=OTHER, actor=UserFactory(), origin=Origin.ADMIN, now=NOW
    )
    assert again == []
    assert (Reset.objects.count(), Change.objects.count()) == (resets, changes)
    assert fresh(budget).configured_by is None


def test_an_amount_is_told_with_all_the_places_it_has():
    set_up(make_budget(), limit=Decimal("12.345678"))
    assert told()["limit"] == ("30.00", "12.345678")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"limit": Decimal("-0.01")}, None),
        ({"limit": Decimal("1000000.01")}, None),
        ({"limit": Decimal("NaN")}, "limit"),
        ({"limit": Decimal("0.0000001")}, "limit"),
        ({"limit": None}, "limit"),
        ({"limit": 0.5}, "limit"),
        ({"custom_limit": Decimal(-1)}, None),
        ({"modify_ceiling": Decimal(1_000_001)}, None),
        ({"yellow": Decimal(90)}, None),
        ({"orange": Decimal(75)}, None),
        ({"orange": Decimal(100)}, None),
        ({"red": Decimal("100.01")}, None),
        ({"yellow": Decimal(0)}, None),
        ({"yellow": Decimal("75.001")}, "yellow"),
        ({"period": "yearly"}, "period"),
        ({"period": "custom"}, None),
        ({"period": "custom", "custom_days": 0}, "custom_days"),
        ({"period": "custom", "custom_days": 366}, "custom_days"),
    ],
)
def test_settings_that_break_a_rule_are_refused_and_nothing_is_stored(settings, field):
    budget = make_budget()
    before = Budget.objects.values().get(pk=budget.pk)
    with pytest.raises(ValidationError) as refusal:
        set_up(budget, **settings, user_can_reset=True)
    assert all(refusal.value.messages)
    if field:
        assert field in refusal.value.message_dict
    assert Budget.objects.values().get(pk=budget.pk) == before
    assert Change.objects.count() == Reset.objects.count() == 0


@pytest.mark.parametrize("limit", [0, 1_000_000])
def test_the_limits_of_a_limit_are_allowed(limit):
    assert set_up(make_budget(), limit=Decimal(limit)).limit == limit


@pytest.mark.parametrize("days", [1, 365])
def test_the_shortest_and_the_longest_custom_period_are_allowed(days):
    assert set_up(make_budget(), period="custom", custom_days=days).custom_days == days


def test_what_is_no_setting_is_refused():
    budget = make_budget()
    with pytest.raises(ValueError, match="not in tuple"):
        set_up(budget, member_name="somebody else")


# --- The limit in the open window ----------------------------------------------------------------


def test_a_new_limit_counts_in_the_open_window_and_keeps_what_was_spent():
    budget = make_budget()
    spend(budget, "20")
    cycle = open_cycle(budget)
    set_up(budget, limit=Decimal(20))
    assert open_cycle(budget) == cycle
    assert (open_cycle(budget).limit, open_cycle(budget).spent) == (20, 20)
    with pytest.raises(OverBudget):
        spend(budget, "0.01")
    assert check() == []


def test_a_special_limit_that_already_ended_changes_no_decision():
    budget = make_budget(custom_limit=Decimal(500), custom_limit_until=NOW)
    assert (open_cycle(budget).limit, open_cycle(budget).limit_until) == (30, None)
    assert not budget.has_custom_limit(NOW)


def test_taking_the_special_limit_away_brings_the_limit_back_at_once():
    budget = make_budget(custom_limit=Decimal(500))
    assert open_cycle(budget).limit == 500
    set_up(budget, custom_limit=None)
    assert open_cycle(budget).limit == 30
    assert told()["custom_limit"] == ("500.00", "")
    assert check() == []


# --- A new period --------------------------------------------------------------------------------


def test_from_monthly_to_weekly_a_new_window_begins_now_and_nothing_leaks():
    start = datetime(2026, 7, 1, tzinfo=UTC)
    budget = make_budget(now=start)
    spend(budget, "25", now=start + timedelta(days=3))
    now = start + timedelta(days=27, hours=10)  # Tuesday the 28th
    actor = UserFactory(username="ada")
    configure(
        budget=budget, settings={"period": "weekly"}, actor=actor, origin=Origin.PAGE, now=now
    )
    new = open_cycle(budget)
    assert (new.starts_at, new.ends_at, new.spent) == (now, datetime(2026, 8, 3, tzinfo=UTC), 0)
    assert told() == {"period": ("monthly", "weekly")}
    audit = Reset.objects.get()
    assert (audit.kind, audit.spent_before, audit.by) == (Reset.Kind.MANUAL, 25, "ada")
    assert audit.reason == "period changed from monthly to weekly"
    spend(budget, "2", now=now + timedelta(minutes=1))
    assert open_cycle(budget).spent == 2
    assert Cycle.objects.get(pk=audit.closed_cycle_id).spent == 25
    assert check() == []


def test_another_length_begins_a_new_window_too():
    budget = make_budget(period="custom", custom_days=10)
    spend(budget, "5", now=NOW + timedelta(days=1))
    set_up(budget, custom_days=20, now=NOW + timedelta(days=2))
    new = open_cycle(budget)
    assert new.spent == 0
    assert new.ends_at == datetime(2026, 8, 6, tzinfo=UTC)
    assert Reset.objects.latest("pk").reason == "custom days changed from 10 to 20"


def test_leaving_the_custom_period_forgets_its_days_and_tells_so():
    budget = make_budget(period="custom", custom_days=10)
    Change.objects.all().delete()
    budget = set_up(budget, period="monthly", now=NOW + timedelta(days=1))
    assert budget.custom_days is None
    assert told() == {"period": ("custom", "monthly"), "custom_days": ("10", "")}


def test_days_that_do_not_count_begin_no_new_window():
    budget = make_budget()
    cycle = open_cycle(budget)
    budget = set_up(budget, period="monthly", custom_days=10, limit=Decimal(31))
    assert budget.custom_days is None
    assert open_cycle(budget) == cycle
    assert set(told()) == {"limit"}
    assert Reset.objects.count() == 0


def test_a_new_limit_and_a_new_period_together_are_told_in_one_reset():
    budget = make_budget()
    set_up(budget, period="daily", limit=Decimal(5))
    audit = Reset.objects.get()
    assert (audit.limit_before, audit.limit_after) == (30, 5)
    assert open_cycle(budget).limit == 5
