"""Currencies, and what an amount of one is in another."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from babel.numbers import get_currency_precision, list_currencies

#: The decimals of an exchange rate.
PLACES = 10
LARGEST = Decimal(1_000_000)
#: How one is written, wherever it is typed or sent.
WRITTEN = r"^[0-9]{1,7}(\.[0-9]{1,10})?$"
# "No currency" and the code for tests.
_NONE = {"XXX", "XTS"}


@cache
def known() -> frozenset[str]:
    """Return the codes of ISO 4217 that Babel knows."""
    return frozenset(list_currencies()) - _NONE


@cache
def places(currency: str) -> int:
    """Return how many decimals people use in a currency: 2 for USD, 0 for JPY."""
    return get_currency_precision(currency)


def convert(price: Decimal, rate: Decimal, *, currency: str) -> Decimal:
    """Return `price` times `rate`, rounded half to even to the decimals of `currency`.

    The rate is how much one unit of the price's currency is worth in `currency`.
    """
    unit = Decimal(1).scaleb(-places(currency))
    return (price * rate).quantize(unit, ROUND_HALF_EVEN)
