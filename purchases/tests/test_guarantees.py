"""What a warranty is worth on a given day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from purchases.guarantees import Status, days_left, last_day, status

TODAY = date(2026, 7, 15)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, Status.EXPIRED),
        (0, Status.EXPIRING),
        (1, Status.EXPIRING),
        (30, Status.EXPIRING),
        (31, Status.ACTIVE),
        (400, Status.ACTIVE),
    ],
)
def test_the_last_day_still_counts_and_thirty_days_are_soon(days, expected):
    ends_on = TODAY + timedelta(days=days)
    assert status(ends_on=ends_on, voided=False, today=TODAY) is expected
    assert days_left(ends_on, today=TODAY) == days


def test_without_an_end_it_is_for_life():
    assert status(ends_on=None, voided=False, today=TODAY) is Status.ACTIVE
    assert days_left(None, today=TODAY) is None


@pytest.mark.parametrize("ends_on", [None, TODAY - timedelta(days=1), TODAY + timedelta(days=10)])
def test_what_is_voided_stays_so_whatever_its_days(ends_on):
    assert status(ends_on=ends_on, voided=True, today=TODAY) is Status.VOIDED


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 7, 15), 12, date(2027, 7, 14)),
        (date(2026, 7, 15), 24, date(2028, 7, 14)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2023, 3, 1), 12, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(9999, 6, 1), 12, date.max),
    ],
)
def test_a_length_ends_on_the_day_before_the_one_it_began_on(first, months, last):
    assert last_day(first, months=months) == last


@given(first=some.dates(date(1970, 1, 1), date(2200, 12, 31)), years=some.integers(1, 30))
def test_years_hold_all_their_days_and_never_one_too_many(first, years):
    length = (last_day(first, months=12 * years) - first).days + 1
    leap_days = length - 365 * years
    assert years // 4 - 1 <= leap_days <= years // 4 + 1
    try:
        anniversary = first.replace(year=first.year + years)
    except ValueError:  # 29 February in a year without one
        anniversary = date(first.year + years, 3, 1)
    assert first + timedelta(days=length) == anniversary
