"""Filters that write figures and days of occasions."""

from datetime import date

from django import template

from budgets import formats
from occasions import dates, wording

register = template.Library()

register.filter("figure_words", wording.words)
register.filter("level_label", formats.level_label)


@register.filter
def countdown(day: date, today: date) -> str:
    """Say how far away a day is."""
    return dates.countdown(day, today=today)
