"""Filters that write amounts, percentages and moments; the formats live in `budgets.formats`."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from budgets import formats
from budgets.models import Cycle, Entry

register = template.Library()

register.filter("money", formats.money)
register.filter("cost", formats.cost)
register.filter("percent", formats.percent)
register.filter("number", formats.number)
register.filter("day", formats.day)
register.filter("day_of_year", formats.day_of_year)


@register.filter
def moment(value: datetime) -> str:
    """Write a moment in the member's time zone."""
    return formats.moment(value, timezone.get_current_timezone())


@register.filter
def moment_near(value: datetime, now: datetime) -> str:
    """Write a moment in the member's time zone, without the year when it is this one."""
    return formats.moment_near(value, now, timezone.get_current_timezone())


@register.filter
def attribute(share: Decimal | float) -> str:
    """Write a share for an SVG attribute, between 0 and 100 and with a point: "42.5%"."""
    return f"{min(max(share, 0), 100):.2f}%"


@register.filter
def remarks(entry: Entry) -> str:
    """Say of a posting whether money came back by it, to whom it went, and its memo."""
    back = "Reversal" if entry.reverses_id else ""
    if not back and entry.kind == Entry.Kind.REFUND:
        back = "Refund"
    return ", ".join(filter(None, (back, entry.provider, entry.model and entry.memo)))


@register.filter
def window(cycle: Cycle) -> str:
    """Write a window in the member's time zone."""
    return formats.window(cycle.starts_at, cycle.ends_at, timezone.get_current_timezone())
