"""Filters that say how a warranty stands on the day of whoever looks."""

from datetime import date

from django import template

from budgets import formats
from occasions import dates
from purchases.guarantees import Status
from purchases.models import Warranty

register = template.Library()


@register.filter
def standing(warranty: Warranty, today: date) -> Status:
    """Return how a warranty stands today."""
    return warranty.status(today)


@register.filter
def time_left(warranty: Warranty, today: date) -> str:
    """Say how long a warranty still holds: "12 days left", "for life", "ended yesterday"."""
    days = warranty.days_left(today)
    if days is None or warranty.ends_on is None:
        return "for life"
    match days:
        case 0:
            return "ends today"
        case 1:
            return "1 day left"
        case _ if days > 1:
            return f"{formats.number(days)} days left"
    return f"ended {dates.countdown(warranty.ends_on, today=today)}"
