"""Resetting by hand: the window closes now, and its money is told exactly once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from budgets.ledger import Posting, charge, check, follow_time_zone, reset
from budgets.models import Cycle, DailyTotal, Entry, Reset
from budgets.tests.factories import NOW, fresh, make_budget, open_cycle, spend
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_reset_closes_the_window_now_and_begins_a_new_one():
    budget, actor = make_budget(limit=Decimal(30)), UserFactory(username="ada")
    spend(budget, "15")
    old = open_cycle(budget)
    later = NOW + timedelta(hours=1)
    told = reset(budget=budget, actor=actor, reason="a fresh start", now=later)
    new = open_cycle(budget)
    assert (new.starts_at, new.ends_at, new.spent) == (later, old.ends_at, 0)
    old.refresh_from_db()
    assert (old.ends_at, old.closed_at, old.spent) == (later, later, 15)
    assert (told.kind, told.actor, told.by, told.reason) == (
        Reset.Kind.MANUAL,
        actor,
        "ada",
        "a fresh start",
    )
    assert (told.spent_before, told.limit_before, told.limit_after) == (15, 30, 30)
    assert (told.old_starts_at, told.old_ends_at) == (old.starts_at, later)
    assert (told.new_starts_at, told.new_ends_at) == (later, new.ends_at)
    assert check() == []


def test_entries_stay_and_the_morning_does_not_show_in_the_new_window():
    budget = make_budget()
    morning = spend(budget, "15", provider="openai")
    reset(budget=budget, actor=None, now=NOW + timedelta(hours=1))
    spend(budget, "2", now=NOW + timedelta(hours=2), provider="openai")
    assert Entry.objects.get(pk=morning.pk).amount == 15
    assert open_cycle(budget).spent == 2
    assert DailyTotal.objects.get(cycle=open_cycle(budget)).amount == 2
    assert DailyTotal.objects.get(cycle=morning.cycle_id).amount == 15


def test_what_was_spent_at_this_very_moment_stays_in_the_old_window():
    budget = make_budget()
    entry = spend(budget, "15")
    told = reset(budget=budget, actor=None, now=NOW)
    assert told.spent_before == 15
    old = Cycle.objects.get(pk=entry.cycle_id)
    assert entry.occurred_at in old.window
    assert old.ends_at == open_cycle(budget).starts_at == NOW + timedelta.resolution


def test_what_comes_right_after_a_reset_counts_in_the_new_window():
    budget = make_budget()
    spend(budget, "15")
    reset(budget=budget, actor=None, now=NOW)
    entry = spend(budget, "2", now=NOW)  # the new window begins a micro-second from here
    assert entry.cycle_id == open_cycle(budget).pk
    assert entry.occurred_at in open_cycle(budget).window
    assert open_cycle(budget).spent == 2


def test_resetting_again_at_once_tells_nothing_twice():
    budget = make_budget()
    spend(budget, "15")
    told = [reset(budget=budget, actor=None, now=NOW) for _ in range(3)]
    assert [one.spent_before for one in told] == [15, 0, 0]
    assert Reset.objects.aggregate(sum=Sum("spent_before"))["sum"] == 15
    assert check() == []


def test_a_reset_after_the_window_ended_tells_the_old_and_the_new_one_apart():
    budget = make_budget()
    spend(budget, "15")
    august = datetime(2026, 8, 5, tzinfo=UTC)
    reset(budget=budget, actor=None, now=august)
    assert list(Reset.objects.order_by("pk").values_list("kind", "spent_before")) == [
        ("automatic", 15),
        ("manual", 0),
    ]
    assert open_cycle(budget).starts_at == august


def test_a_reset_after_a_move_west_still_ends_after_the_last_entry():
    budget = make_budget(timezone="Pacific/Kiritimati")
    spend(budget, "1")
    budget.user.timezone = "Etc/GMT+12"
    budget.user.save(update_fields=["timezone"])
    follow_time_zone(budget.user, now=NOW)
    later = NOW + timedelta(seconds=1)
    last = charge(budget=fresh(budget), posting=Posting(amount=Decimal(2)), now=later)
    reset(budget=budget, actor=None, now=later)
    assert last.occurred_at in Cycle.objects.get(pk=last.cycle_id).window


def test_a_clock_that_runs_behind_cannot_turn_a_window_around():
    budget = make_budget()
    reset(budget=budget, actor=None, now=NOW)
    reset(budget=budget, actor=None, now=NOW - timedelta(seconds=5))
    entry = spend(budget, "1", now=NOW - timedelta(seconds=4))
    assert entry.cycle_id == open_cycle(budget).pk
    assert entry.occurred_at in open_cycle(budget).window
    assert check() == []
