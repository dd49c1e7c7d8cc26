"""Steps of time: months and years without a gap."""

from datetime import date
from decimal import Decimal

import pytest

from purchases.series import MOST, Series, Step, end_of_month, last_months, spread

TODAY = date(2026, 7, 15)
KNOWN = date(1970, 1, 1)


def series(first: date, last: date, *spent: tuple[date, int, str]) -> Series:
    rows = [(day, count, Decimal(total)) for day, count, total in spent]
    return spread(rows, first=first, last=last, known=KNOWN, today=TODAY)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 7, 15), date(2025, 8, 1), date(2026, 7, 31)),
        (date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 1, 1), date(2025, 2, 1), date(2026, 1, 31)),
        (date(2024, 2, 29), date(2023, 3, 1), date(2024, 2, 29)),
    ],
)
def test_the_last_twelve_months_end_with_this_one(today, first, last):
    assert last_months(today) == (first, last)
    assert len(series(first, last).slots) == 12


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 2, 28), date(2025, 2, 28)),
        (date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_month_ends_on_its_last_day(day, end):
    assert end_of_month(day) == end


def test_a_month_without_anything_is_zero():
    drawn = series(
        date(2026, 1, 1),
        date(2026, 3, 31),
        (date(2026, 1, 31), 1, "1.10"),
        (date(2026, 3, 1), 1, "2.20"),
        (date(2026, 3, 31), 2, "3.30"),
    )
    assert [(slot.count, slot.total) for slot in drawn.slots] == [
        (1, Decimal("1.10")),
        (0, Decimal(0)),
        (3, Decimal("5.50")),
    ]
    assert (drawn.step, drawn.count, drawn.total) == (Step.MONTH, 4, Decimal("6.60"))


def test_the_steps_at_the_ends_are_cut_to_the_days_asked_for():
    drawn = series(date(2026, 1, 10), date(2026, 3, 5))
    assert [(slot.first, slot.last) for slot in drawn.slots] == [
        (date(2026, 1, 10), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 5)),
    ]


def test_what_lies_outside_does_not_count():
    drawn = series(
        date(2026, 1, 10),
        date(2026, 1, 20),
        (date(2026, 1, 9), 1, "1"),
        (date(2026, 1, 10), 1, "2"),
        (date(2026, 1, 20), 1, "4"),
        (date(2026, 1, 21), 1, "8"),
    )
    assert (drawn.count, drawn.total) == (2, Decimal(6))


def test_too_many_months_are_years():
    first = date(2016, 8, 1)
    assert series(first, TODAY).step is Step.MONTH
    assert len(series(first, TODAY).slots) == MOST
    drawn = series(date(2016, 7, 31), TODAY, (date(2018, 5, 5), 2, "7"))
    assert drawn.step is Step.YEAR
    assert [slot.first.year for slot in drawn.slots] == [*range(2016, 2027)]
    assert (drawn.slots[0].first, drawn.slots[0].last) == (date(2016, 7, 31), date(2016, 12, 31))
    assert drawn.slots[2].total == Decimal(7)


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        (date.min, date.max, (1970, 2026)),
        (date.min, TODAY, (1970, 2026)),
        (TODAY, date.max, (2026, 2026)),
        (date(2500, 1, 1), date.max, (2026, 2026)),
        (date.min, date(1900, 1, 1), (1970, 1970)),
    ],
)
def test_years_without_end_are_cut_to_those_that_can_have_purchases(first, last, years):
    slots = series(first, last).slots
    assert (slots[0].first.year, slots[-1].first.year) == years
    assert all(slot.first <= slot.last for slot in slots)
