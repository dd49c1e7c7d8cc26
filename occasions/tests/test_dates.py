"""Days that come back every year, 29 February among them, and how far away a day is."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from occasions.dates import countdown, in_year, next_anniversary, years_between

LEAP = date(2000, 2, 29)
days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))


@pytest.mark.parametrize(
    ("day", "year", "kept"),
    [
        (date(1960, 3, 15), 2026, date(2026, 3, 15)),
        (LEAP, 2026, date(2026, 2, 28)),
        (LEAP, 2028, date(2028, 2, 29)),
        (LEAP, 2100, date(2100, 2, 28)),
        (LEAP, 2400, date(2400, 2, 29)),
        (date(2001, 2, 28), 2028, date(2028, 2, 28)),
        (date(1999, 12, 31), 2026, date(2026, 12, 31)),
    ],
)
def test_a_day_is_kept_in_another_year(day, year, kept):
    assert in_year(day, year) == kept


@pytest.mark.parametrize(
    ("day", "not_before", "next_day"),
    [
        (date(1960, 3, 15), date(2026, 3, 14), date(2026, 3, 15)),
        (date(1960, 3, 15), date(2026, 3, 15), date(2026, 3, 15)),
        (date(1960, 3, 15), date(2026, 3, 16), date(2027, 3, 15)),
        (LEAP, date(2026, 2, 28), date(2026, 2, 28)),
        (LEAP, date(2026, 3, 1), date(2027, 2, 28)),
        (LEAP, date(2027, 3, 1), date(2028, 2, 29)),
        (LEAP, date(2028, 2, 29), date(2028, 2, 29)),
        (date(1980, 12, 31), date(2026, 12, 31), date(2026, 12, 31)),
        (date(1980, 1, 1), date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_next_anniversary_is_today_or_later(day, not_before, next_day):
    assert next_anniversary(day, not_before=not_before) == next_day


def test_what_is_still_to_happen_for_the_first_time_has_no_anniversary_before():
    wedding = date(2028, 6, 1)
    assert next_anniversary(wedding, not_before=date(2026, 7, 15)) == wedding


@given(day=days, not_before=days)
@example(day=LEAP, not_before=date(2026, 2, 28))
def test_the_next_anniversary_is_within_a_year_on_the_same_day(day, not_before):
    coming = next_anniversary(day, not_before=not_before)
    assert coming >= not_before
    assert coming == in_year(day, coming.year)
    if day <= not_before:
        assert coming - not_before <= timedelta(days=366)
    else:
        assert coming == day


def test_somebody_is_as_old_as_their_years():
    assert years_between(date(1960, 3, 15), date(2026, 3, 15)) == 66
    assert years_between(LEAP, date(2027, 2, 28)) == 27
    assert years_between(date(2026, 3, 15), date(2026, 3, 15)) == 0


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (2, "in 2 days"),
        (-2, "2 days ago"),
        (59, "in 59 days"),
        (60, "in 2 months"),
        (-60, "2 months ago"),
        (89, "in 2 months"),
        (90, "in 3 months"),
        (364, "in 12 months"),
        (365, "in a year"),
        (-365, "a year ago"),
        (729, "in a year"),
        (730, "in 2 years"),
        (-3650, "10 years ago"),
    ],
)
def test_a_countdown_is_in_the_words_that_people_use(days, said):
    today = date(2026, 7, 15)
    assert countdown(today + timedelta(days=days), today=today) == said
