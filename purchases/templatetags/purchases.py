"""Filters that write what a purchase holds."""

from django import template

from purchases import formats

register = template.Library()

register.filter("in_currency", formats.in_currency)
register.filter("currency_name", formats.currency_name)
register.filter("rate", formats.rate)
