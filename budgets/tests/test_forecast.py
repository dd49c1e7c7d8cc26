"""Projection: a straight line through the window so far, by elapsed time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from budgets.forecast import Projection, elapsed_share, project
from budgets.periods import Period, Schedule, Window, window_at

DECEMBER = Window(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
MIDDLE = datetime(2026, 12, 15, 10, 30, tzinfo=UTC)


def projected(spent, limit="100", *, window=DECEMBER, now=MIDDLE):
    return project(spent=Decimal(spent), limit=Decimal(limit), window=window, now=now)


def test_thirty_by_the_middle_of_december_heads_for_sixty_four():
    projection = projected("30")
    assert projection == Projection(Decimal("64.42"), None)


def test_nothing_spent_heads_for_nothing():
    assert projected("0") == Projection(Decimal("0.00"), None)


def test_the_first_tenth_of_the_window_is_not_enough_to_tell():
    tenth = DECEMBER.starts_at + (DECEMBER.ends_at - DECEMBER.starts_at) / 10
    assert projected("30", now=DECEMBER.starts_at) is None
    assert projected("30", now=tenth - timedelta.resolution) is None
    assert projected("30", now=tenth) == Projection(
        Decimal("300.00"),
        DECEMBER.starts_at + (DECEMBER.ends_at - DECEMBER.starts_at) / 3,
    )


def test_the_money_runs_out_where_the_line_meets_the_limit():
    projection = projected("30", "60")
    assert projection is not None
    assert projection.runs_out_at == DECEMBER.starts_at + 2 * (MIDDLE - DECEMBER.starts_at)


def test_money_that_lasts_to_the_very_end_does_not_run_out():
    half = DECEMBER.starts_at + (DECEMBER.ends_at - DECEMBER.starts_at) / 2
    assert projected("30", "60", now=half) == Projection(Decimal("60.00"), None)


@pytest.mark.parametrize(("spent", "limit"), [("60", "60"), ("61", "60"), ("5", "0"), ("-5", "9")])
def test_what_is_used_up_already_or_was_paid_back_has_no_day_to_run_out(spent, limit):
    projection = projected(spent, limit)
    assert projection is not None
    assert projection.runs_out_at is None


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 2, 1), 28 * 24),
        (date(2028, 2, 1), 29 * 24),
        (date(2026, 3, 1), 31 * 24 - 1),
        (date(2026, 10, 1), 31 * 24 + 1),
    ],
)
def test_short_months_and_clock_changes_count_as_they_are(day, hours):
    zone = ZoneInfo("Europe/Berlin")
    noon = datetime(day.year, day.month, 5, 12, tzinfo=zone)
    window = window_at(noon, Schedule(Period.MONTHLY), zone, anchor=day)
    after = window.starts_at + timedelta(hours=100)
    assert elapsed_share(window, after) == Decimal(100) / Decimal(hours)
    assert projected("1", window=window, now=after) == Projection(
        (Decimal(hours) / 100).quantize(Decimal("0.01")), None
    )


def test_the_share_stays_between_nothing_and_all():
    early, late = DECEMBER.starts_at - timedelta(days=1), DECEMBER.ends_at + timedelta(days=1)
    assert elapsed_share(DECEMBER, early) == 0
    assert elapsed_share(DECEMBER, late) == 1
    assert projected("30", now=late) == Projection(Decimal("30.00"), None)
