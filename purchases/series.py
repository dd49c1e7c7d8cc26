"""What was spent, in even steps of time: months or years, also those in which nothing was."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from budgets.money import ZERO

#: How many months the usual series has, and how many steps any has at most.
USUAL, MOST = 12, 120


class Step(StrEnum):
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Slot:
    """One step from its first to its last day, both included, with what fell into it."""

    first: date
    last: date
    count: int = 0
    total: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Series:
    """Steps in order, without a gap."""

    step: Step
    slots: tuple[Slot, ...]

    @property
    def count(self) -> int:
        return sum(slot.count for slot in self.slots)

    @property
    def total(self) -> Decimal:
        return sum((slot.total for slot in self.slots), ZERO)


def last_months(today: date, *, months: int = USUAL) -> tuple[date, date]:
    """Return the first and the last day of so many calendar months, this one included."""
    years, month = divmod(today.year * 12 + today.month - months, 12)
    return date(years, month + 1, 1), end_of_month(today)


def end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def spread(
    spent: Iterable[tuple[date, int, Decimal]], *, first: date, last: date, known: date, today: date
) -> Series:
    """Put what was spent on single days into the steps from `first` to `last`, both included.

    The steps are months, and years where there would be more than `MOST`; years without end are
    cut to those from `known`, before which nothing was bought, to `today`.
    """
    step = Step.MONTH
    if _months(first, last) > MOST:
        step = Step.YEAR
        first = min(max(first, known), today)
        last = max(min(last, today.replace(month=12, day=31)), first)
    slots = [(start, end) for start, end in _steps(step, first, last)]
    sums = {_key(step, start): (0, ZERO) for start, _ in slots}
    for day, number, amount in spent:
        if first <= day <= last:
            count, total = sums[_key(step, day)]
            sums[_key(step, day)] = count + number, total + amount
    return Series(step, tuple(Slot(*days, *sums[_key(step, days[0])]) for days in slots))


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _key(step: Step, day: date) -> tuple[int, int]:
    return day.year, day.month if step is Step.MONTH else 1


def _steps(step: Step, first: date, last: date) -> Iterable[tuple[date, date]]:
    """Yield the first and the last day of each step; those at the ends may be cut short."""
    start = first
    while True:
        end = end_of_month(start if step is Step.MONTH else start.replace(month=12, day=1))
        if end >= last:
            yield start, last
            return
        yield start, end
        start = date.fromordinal(end.toordinal() + 1)
