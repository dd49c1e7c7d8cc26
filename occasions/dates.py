"""Days that come back every year, and how far away a day is."""

from calendar import isleap
from datetime import date


def in_year(day: date, year: int) -> date:
    """Return the anniversary of `day` in `year`; 29 February is kept on the 28th of short years."""
    if day.month == 2 and day.day == 29 and not isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def next_anniversary(day: date, *, not_before: date) -> date:
    """Return the first anniversary of `day` that is `not_before` or later; never `day`'s past."""
    this_year = in_year(day, not_before.year)
    coming = this_year if this_year >= not_before else in_year(day, not_before.year + 1)
    return max(coming, day)


def years_between(first: date, last: date) -> int:
    """Return which anniversary of `first` the year of `last` holds: somebody's age that year."""
    return last.year - first.year


def countdown(day: date, *, today: date) -> str:
    """Say how far away `day` is: "today", "in 12 days", "3 months ago"."""
    days = (day - today).days
    match days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case -1:
            return "yesterday"
    distance = _distance(abs(days))
    return f"in {distance}" if days > 0 else f"{distance} ago"


def _distance(days: int) -> str:
    if days < 60:
        return f"{days} days"
    if days < 365:
        return f"{days // 30} months"
    years = days // 365
    return "a year" if years == 1 else f"{years} years"
