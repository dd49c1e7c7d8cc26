"""Late entries: facts about a closed window are recorded there, and never refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from budgets.ledger import check, reset
from budgets.models import Cycle, Reset
from budgets.tests.factories import NOW, make_budget, open_cycle, record, set_up, spend

pytestmark = pytest.mark.django_db


def windows(budget):
    return [
        (cycle.starts_at, cycle.ends_at)
        for cycle in Cycle.objects.filter(budget=budget).order_by("starts_at")
    ]


def overlaps(budget):
    return [(a, b) for a, b in pairwise(windows(budget)) if a[1] > b[0]]


def test_an_entry_of_a_closed_window_is_recorded_there_whatever_its_limit():
    budget = make_budget(limit=Decimal(10))
    spend(budget, "10")
    july, august = open_cycle(budget), NOW + timedelta(days=20)
    late = spend(budget, "7", now=august, occurred_at=NOW + timedelta(days=1))
    assert late.cycle_id == july.pk
    july.refresh_from_db()
    assert (july.spent, july.is_open) == (17, False)
    assert open_cycle(budget).spent == 0
    assert check() == []


def test_a_late_entry_does_not_need_room_in_the_open_window():
    budget = make_budget(limit=Decimal(10))
    august = NOW + timedelta(days=20)
    spend(budget, "10", now=august)
    assert spend(budget, "3", now=august, occurred_at=NOW).amount == 3


def test_an_entry_between_a_reset_and_the_windows_regular_end_counts_in_the_new_one():
    budget = make_budget()
    before = open_cycle(budget)
    reset(budget=budget, actor=None, now=NOW)
    early = spend(budget, "1", now=NOW + timedelta(hours=1), occurred_at=NOW - timedelta.resolution)
    late = spend(budget, "2", now=NOW + timedelta(hours=1), occurred_at=NOW)
    assert early.cycle_id == before.pk
    assert late.cycle_id == open_cycle(budget).pk
    assert open_cycle(budget).spent == 2


def test_an_entry_older_than_the_first_window_opens_the_closed_one_it_belongs_to():
    budget = make_budget()
    entry = spend(budget, "99", occurred_at=datetime(2026, 2, 14, tzinfo=UTC))
    opened = Cycle.objects.get(pk=entry.cycle_id)
    assert (opened.starts_at, opened.ends_at) == (
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert opened.closed_at == opened.ends_at
    assert opened.spent == 99
    assert open_cycle(budget).spent == 0
    assert Reset.objects.count() == 0
    assert check() == []


def test_a_second_old_entry_finds_the_window_that_the_first_opened():
    budget = make_budget()
    first = record(budget, "1", occurred_at=datetime(2026, 2, 14, tzinfo=UTC))
    second = record(budget, "2", occurred_at=datetime(2026, 2, 1, tzinfo=UTC))
    other = record(budget, "4", occurred_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert first.cycle_id == second.cycle_id != other.cycle_id
    assert Cycle.objects.get(pk=first.cycle_id).spent == 3
    assert overlaps(budget) == []


def test_a_window_opened_late_is_cut_to_fit_between_its_neighbours():
    start = datetime(2026, 7, 15, 12, tzinfo=UTC)
    budget = make_budget(period="weekly")  # changed at noon on Wednesday: July was cut there
    record(budget, "1", occurred_at=datetime(2026, 3, 10, tzinfo=UTC))  # a week in March
    set_up(budget, period="monthly", now=NOW + timedelta(hours=1))
    march = record(
        budget, "2", now=NOW + timedelta(hours=2), occurred_at=datetime(2026, 3, 20, tzinfo=UTC)
    )
    june = record(
        budget, "4", now=NOW + timedelta(hours=2), occurred_at=datetime(2026, 6, 30, 23, tzinfo=UTC)
    )
    assert Cycle.objects.get(pk=march.cycle_id).window.starts_at == datetime(
        2026, 3, 16, tzinfo=UTC
    )
    assert Cycle.objects.get(pk=march.cycle_id).window.ends_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert Cycle.objects.get(pk=june.cycle_id).window.ends_at == datetime(2026, 7, 1, tzinfo=UTC)
    assert open_cycle(budget).starts_at == start + timedelta(hours=1)
    assert overlaps(budget) == []
    assert check() == []


def test_old_entries_of_a_custom_period_count_back_from_the_first_window():
    budget = make_budget()
    budget = set_up(budget, period="custom", custom_days=10)
    entry = record(budget, "1", occurred_at=datetime(2026, 6, 30, tzinfo=UTC))
    opened = Cycle.objects.get(pk=entry.cycle_id)
    assert opened.ends_at - opened.starts_at == timedelta(days=10)
    assert opened.ends_at == datetime(2026, 7, 1, tzinfo=UTC)  # the first window began then


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "America/Havana", "Pacific/Kiritimati"])
@pytest.mark.parametrize("period", ["monthly", "weekly", "daily", "custom"])
def test_entries_of_many_years_never_make_windows_overlap(zone, period):
    days = 17 if period == "custom" else None
    budget = make_budget(timezone=zone, period=period, custom_days=days)
    for back in (4000, 3, 40, 366, 365, 31, 32, 1, 5, 3999, 20_000):
        entry = record(budget, "1", occurred_at=NOW - timedelta(days=back))
        assert entry.occurred_at in Cycle.objects.get(pk=entry.cycle_id).window
    assert overlaps(budget) == []
    assert check() == []


def test_the_oldest_moment_that_can_be_told_finds_its_window():
    budget = make_budget(timezone="Pacific/Kiritimati", period="custom", custom_days=365)
    entry = record(budget, "1", occurred_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert entry.occurred_at in Cycle.objects.get(pk=entry.cycle_id).window


def test_an_old_entry_is_told_even_when_the_day_came_twice():
    budget = make_budget(timezone="America/St_Johns", period="daily")
    # 00:01 became 23:01 of the day before: the new day had begun and goes on.
    entry = record(budget, "1", occurred_at=datetime(2010, 11, 7, 3, tzinfo=UTC))
    assert entry.day.isoformat() == "2010-11-07"
    assert entry.occurred_at in Cycle.objects.get(pk=entry.cycle_id).window
