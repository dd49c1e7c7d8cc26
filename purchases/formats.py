"""Amounts of other currencies than the base one, the way people write them."""

from decimal import Decimal

from babel.numbers import get_currency_name
from django.conf import settings

from budgets.formats import written
from purchases import rates


def in_currency(amount: Decimal | None, code: str) -> str:
    """Return an amount of the currency `code`, with the decimals that it has."""
    if amount is None:
        return ""
    # Adding zero makes a zero with a sign a plain one.
    return written(amount + 0, rates.places(code), code, settings.LOCALE)


def currency_name(code: str) -> str:
    """Return what people call a currency: "US Dollar"."""
    return get_currency_name(code, locale=settings.LOCALE)


def rate(value: Decimal) -> str:
    """Return an exchange rate without the zeros at its end: "1.0842"."""
    return f"{value.normalize():f}"
