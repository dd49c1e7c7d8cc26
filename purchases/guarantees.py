"""What a warranty is worth on a given day; the day is the member's own."""

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum

#: How many days ahead an end is soon.
SOON = 30


class Status(StrEnum):
    """How a warranty stands. An expiring one is active too."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    VOIDED = "voided"

    @property
    def label(self) -> str:
        return "Expiring soon" if self is Status.EXPIRING else self.capitalize()


def status(*, ends_on: date | None, voided: bool, today: date) -> Status:
    """Return how a warranty stands `today`: its last day still counts; no end is for life."""
    if voided:
        return Status.VOIDED
    if ends_on is None:
        return Status.ACTIVE
    if ends_on < today:
        return Status.EXPIRED
    return Status.EXPIRING if ends_on <= today + timedelta(days=SOON) else Status.ACTIVE


def days_left(ends_on: date | None, *, today: date) -> int | None:
    """Return the days until the last one (0 on it, negative after); None is for life."""
    return None if ends_on is None else (ends_on - today).days


def last_day(starts_on: date, *, months: int) -> date:
    """Return the last of so many months: the day before the one that begins the next.

    A month without that day is counted to its end: a year from 29 February ends on the 28th.
    """
    years, month = divmod(starts_on.month - 1 + months, 12)
    year = starts_on.year + years
    if year > MAXYEAR:
        return date.max
    days = min(starts_on.day - 1, monthrange(year, month + 1)[1])
    return date(year, month + 1, 1) + timedelta(days=days - 1)
