"""Windows of time: which window of a budget a moment lies in.

A window is half-open, `[starts_at, ends_at)`, and its boundaries are local midnights in the
member's own time zone. Weeks begin on Monday. Windows of a custom length count from an anchor, a
local day on which one of them begins. Where a clock change skips midnight, the day begins at its
first existing instant; where midnight comes twice, at the first of the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

MAX_CUSTOM_DAYS = 365


class Period(StrEnum):
    MONTHLY = "monthly"
    WEEKLY = "weekly"
    DAILY = "daily"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long a budget's windows are; `custom_days` counts for custom ones only."""

    period: Period
    custom_days: int | None = None

    def __post_init__(self) -> None:
        if self.period is Period.CUSTOM and not 1 <= (self.custom_days or 0) <= MAX_CUSTOM_DAYS:
            raise ValueError(f"a custom period has 1 to {MAX_CUSTOM_DAYS} days")

    def first_day(self, day: date, *, anchor: date) -> date:
        """Return the first local day of the window that `day` belongs to."""
        match self.period:
            case Period.MONTHLY:
                return day.replace(day=1)
            case Period.WEEKLY:
                return day - timedelta(days=day.weekday())
            case Period.DAILY:
                return day
            case Period.CUSTOM:
                length = self.custom_days or 1
                return day - timedelta(days=(day - anchor).days % length)

    def next_first_day(self, first: date) -> date:
        """Return the first local day of the window after the one that begins on `first`."""
        match self.period:
            case Period.MONTHLY:
                return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
            case Period.WEEKLY:
                return first + timedelta(days=7)
            case Period.DAILY:
                return first + timedelta(days=1)
            case Period.CUSTOM:
                return first + timedelta(days=self.custom_days or 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time, in UTC."""

    starts_at: datetime
    ends_at: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at


def day_starts_at(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of the local `day`, in UTC."""
    # fold=0 reads a skipped midnight with the offset before the change, which is the instant of
    # the change itself, and a repeated one as the earlier of the two.
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the calendar day that `moment` lies in for somebody in `zone`.

    Days follow one another: when clocks go back past midnight, the new day has begun all the same.
    """
    day = moment.astimezone(zone).date()
    tomorrow = day + timedelta(days=1)
    return day if moment < day_starts_at(tomorrow, zone) else tomorrow


def midnight_from(moment: datetime, zone: tzinfo) -> datetime:
    """Return the first local midnight that is not before `moment`, in UTC."""
    day = local_day(moment, zone)
    begins = day_starts_at(day, zone)
    return begins if begins == moment else day_starts_at(day + timedelta(days=1), zone)


def window_at(moment: datetime, schedule: Schedule, zone: tzinfo, *, anchor: date) -> Window:
    """Return the window that contains `moment`."""
    first = schedule.first_day(local_day(moment, zone), anchor=anchor)
    return Window(day_starts_at(first, zone), day_starts_at(schedule.next_first_day(first), zone))


def windows_from(
    start: datetime, until: datetime, schedule: Schedule, zone: tzinfo, *, anchor: date
) -> Iterator[Window]:
    """Yield the windows that follow one another from `start`, the last one containing `until`.

    The first begins exactly at `start`, wherever that lies in its regular window.
    """
    while True:
        window = Window(start, window_at(start, schedule, zone, anchor=anchor).ends_at)
        yield window
        if until < window.ends_at:
            return
        start = window.ends_at
