"""Budgets follow people: their name, their time zone, and their leaving."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core import serializers

from budgets.ledger import OverBudget, check, hold, reset, roll
from budgets.models import Budget, Change, Cycle, Entry, Hold, Reset
from budgets.tests.factories import NOW, fresh, make_budget, open_cycle, set_up, spend
from people.models import User
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def move(budget, zone, *, now=NOW):
    with time_machine.travel(now, tick=False):
        user = User.objects.get(pk=budget.user_id)
        user.timezone = zone
        user.save()
    return fresh(budget)


def test_a_new_user_has_a_budget_and_saving_them_again_makes_no_second():
    user = UserFactory()
    user.first_name = "Ada"
    user.save()
    assert Budget.objects.get().user == user
    assert Cycle.objects.count() == 1


def test_a_restored_user_brings_their_own_budget():
    [restored] = serializers.deserialize(
        "json",
        '[{"model": "people.user", "pk": 99, "fields": {"username": "ada", "password": ""}}]',
    )
    restored.save()
    assert User.objects.get().username == "ada"
    assert Budget.objects.count() == 0


def test_a_budget_follows_the_name_of_its_user():
    budget = make_budget()
    budget.user.username = "ada"
    budget.user.save(update_fields=["username"])
    assert str(fresh(budget)) == "Budget of ada"


# --- Moving to another time zone -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "ends_at"),
    [
        ("Asia/Tokyo", datetime(2026, 7, 31, 15, tzinfo=UTC)),
        ("America/Chicago", datetime(2026, 8, 1, 5, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 7, 31, 10, tzinfo=UTC)),
    ],
)
def test_an_untouched_window_ends_as_if_they_had_always_lived_there(zone, ends_at):
    budget = make_budget()
    move(budget, zone)
    assert open_cycle(budget).ends_at == ends_at


def test_moving_from_zone_to_zone_gives_no_fresh_limit():
    budget = make_budget(timezone="America/Ensenada", period="daily", limit=Decimal(5))
    now = datetime(2026, 7, 15, 6, 30, tzinfo=UTC)  # half an hour before midnight there
    spend(budget, "5", now=now)
    for hour, zone in enumerate(["America/Anchorage", "Pacific/Marquesas", "Pacific/Kiritimati"]):
        budget = move(budget, zone, now=now + timedelta(minutes=hour))
        with pytest.raises(OverBudget):
            spend(budget, "0.01", now=now + timedelta(minutes=hour, seconds=30))
    assert open_cycle(budget).ends_at >= datetime(2026, 7, 15, 7, tzinfo=UTC)


def test_money_that_is_held_keeps_a_window_from_being_cut_short():
    budget = make_budget()
    hold(budget=budget, amount=Decimal(1), now=NOW, life=timedelta(days=1))
    move(budget, "Asia/Tokyo")
    assert open_cycle(budget).ends_at > datetime(2026, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "ends_at"),
    [
        ("Asia/Tokyo", datetime(2026, 8, 1, 15, tzinfo=UTC)),
        ("America/Chicago", datetime(2026, 8, 1, 5, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 8, 1, 10, tzinfo=UTC)),
        ("Etc/GMT+12", datetime(2026, 8, 1, 12, tzinfo=UTC)),
    ],
)
def test_a_window_with_spending_goes_on_to_the_next_midnight_there(zone, ends_at):
    budget = make_budget()
    spend(budget, "5")
    before = open_cycle(budget)
    budget = move(budget, zone)
    after = open_cycle(budget)
    assert (after.pk, after.starts_at, after.ends_at) == (before.pk, before.starts_at, ends_at)
    assert after.spent == 5
    assert Reset.objects.count() == 0
    assert roll(budget, now=ends_at).starts_at == ends_at
    assert check() == []


def test_somebody_already_in_the_new_month_gets_a_short_one_more():
    # Still July in UTC, already August in Tokyo: the window goes on to Tokyo's next month.
    now = datetime(2026, 7, 31, 20, tzinfo=UTC)
    budget = make_budget()
    move(budget, "Asia/Tokyo", now=now)
    assert open_cycle(budget).ends_at == datetime(2026, 8, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize("period", ["daily", "weekly", "monthly", "custom"])
@pytest.mark.parametrize("hour", [0, 7, 12, 23])
def test_the_window_always_contains_the_moment_of_the_move(period, hour):
    budget = make_budget(period=period, custom_days=3 if period == "custom" else None)
    now = NOW + timedelta(hours=hour)
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "UTC"):
        budget = move(budget, zone, now=now)
        assert now in open_cycle(budget).window
    assert check() == []


def test_a_window_that_ended_is_rolled_before_the_move():
    budget = make_budget()
    spend(budget, "5")
    now = datetime(2026, 8, 10, tzinfo=UTC)
    move(budget, "Asia/Tokyo", now=now)
    assert Reset.objects.get().spent_before == 5
    assert now in open_cycle(budget).window


@pytest.mark.parametrize("period", ["daily", "weekly", "monthly", "custom"])
def test_saving_a_user_who_did_not_move_moves_nothing(period):
    budget = make_budget(
        timezone="Asia/Tokyo", period=period, custom_days=9 if period == "custom" else None
    )
    before = Cycle.objects.values().get(pk=open_cycle(budget).pk)
    move(budget, "Asia/Tokyo")
    assert Cycle.objects.values().get(pk=open_cycle(budget).pk) == before


def test_a_clock_that_runs_behind_does_not_stop_a_move():
    budget = make_budget(timezone="Asia/Tokyo", period="daily")
    with_start_ahead = datetime(2026, 7, 16, 15, tzinfo=UTC)
    roll(budget, now=with_start_ahead)
    move(budget, "Asia/Kathmandu", now=with_start_ahead - timedelta(seconds=30))
    cycle = open_cycle(budget)
    assert cycle.starts_at < cycle.ends_at


def test_days_that_were_posted_stay_as_they_were():
    budget = make_budget(timezone="Pacific/Kiritimati")
    entry = spend(budget, "1")
    move(budget, "Etc/GMT+12")
    assert Entry.objects.get(pk=entry.pk).day == datetime(2026, 7, 16).date()  # noqa: DTZ001


# --- Leaving -------------------------------------------------------------------------------------


def test_deleting_a_user_leaves_the_budget_and_what_happened_to_it_readable():
    actor = UserFactory(username="grace")
    budget = make_budget()
    name = budget.member_name
    spend(budget, "15")
    hold(budget=budget, amount=Decimal(1), now=NOW)
    set_up(budget, limit=Decimal(40))
    reset(budget=budget, actor=actor, reason="fresh start", now=NOW + timedelta(hours=1))
    reset(budget=budget, actor=budget.user, now=NOW + timedelta(hours=2))
    entries = list(Entry.objects.values())

    User.objects.all().delete()

    left = Budget.objects.get(pk=budget.pk)
    assert (left.user, str(left)) == (None, f"Budget of {name}")
    own, told = Reset.objects.filter(budget=budget)
    assert (told.actor, told.by, told.reason, told.spent_before) == (
        None,
        "grace",
        "fresh start",
        15,
    )
    assert own.by == name
    assert str(told) == "By hand reset on 2026-07-15"
    change = Change.objects.get(budget=budget)
    assert (change.setting, change.old, change.new) == ("limit", "30.00", "40.00")
    assert list(Entry.objects.values()) == entries
    assert Hold.objects.filter(budget=budget).count() == 1
    assert check() == []


def test_a_new_user_with_an_old_name_gets_a_budget_of_their_own():
    old = make_budget()
    spend(old, "15")
    name = old.member_name
    old.user.delete()
    new = UserFactory(username=name).budget
    assert new.pk != old.pk
    assert open_cycle(new).spent == 0
