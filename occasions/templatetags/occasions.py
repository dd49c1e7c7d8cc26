"""Filters that write figures and days of occasions."""

from collections.abc import Mapping
from datetime import date

from django import template

from budgets import formats
from occasions import dates, wording
from occasions.cards import Card
from occasions.forms.cards import QuickGiftForm

register = template.Library()

register.filter("figure_words", wording.words)
register.filter("level_label", formats.level_label)
register.filter("month_name", formats.month_name)
register.filter("weekday", formats.weekday)


@register.filter
def countdown(day: date, today: date) -> str:
    """Say how far away a day is."""
    return dates.countdown(day, today=today)


@register.filter
def quick_form(refused: Mapping[int, QuickGiftForm] | str, card: Card) -> QuickGiftForm:
    """Return the form for one more gift on a card: the refused one, or an empty one."""
    found = refused.get(card.row.pk) if isinstance(refused, Mapping) else None
    return found or QuickGiftForm(key=card.key)
