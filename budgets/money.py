"""Exact money: what an amount may be, how a person types it, how many micro-units it is.

An amount is a `Decimal` of whole currency units with at most six decimal places. Floats are never
accepted: 0.1 + 0.2 is not 0.3 there.
"""

import re
from decimal import Decimal

PLACES = 6
MICRO = Decimal(1).scaleb(-PLACES)
ZERO = Decimal("0.000000")
#: The largest amount of one posting or one price, in currency units.
MAX_AMOUNT = Decimal("99999999.99")
#: The largest limit of one budget, in currency units.
MAX_LIMIT = Decimal(1_000_000)

_TYPED = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?", re.ASCII)


class BadAmount(ValueError):
    """The text or number is not an amount of money; the message says why."""


def to_micros(amount: Decimal | int) -> int:
    """Return `amount` in whole micro-units (1e-6 of the currency).

    Raises TypeError for a float and BadAmount for what six places cannot hold exactly.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"money is Decimal or int, not {type(amount).__name__}")
    exact = Decimal(amount)
    if not exact.is_finite() or exact.adjusted() >= 12:
        raise BadAmount(f"{amount} is not an amount of money.")
    # At most 18 digits are left, so what quantize takes away is what the comparison finds.
    micros = exact.quantize(MICRO)
    if micros != exact:
        raise BadAmount(f"{amount} has more than {PLACES} decimal places.")
    return int(micros.scaleb(PLACES))


def from_micros(micros: int | Decimal) -> Decimal:
    """Return the amount that is `micros` millionths of the currency, with six places."""
    return Decimal(micros).scaleb(-PLACES)


def parse(text: str, *, places: int) -> Decimal:
    """Read an amount that a person typed, with at most `places` decimals.

    Thousands may be grouped by commas in threes ("1,200.50"). A comma as decimal mark, a letter,
    an exponent or one decimal too many raises BadAmount: nothing is guessed and nothing rounded.
    """
    typed = text.strip().replace("\N{MINUS SIGN}", "-")
    if not any(mark.isdigit() for mark in typed) or not _TYPED.fullmatch(typed):
        raise BadAmount("Enter an amount like 12.50.")
    amount = Decimal(typed.replace(",", ""))
    if abs(amount) > MAX_AMOUNT:
        raise BadAmount("That is more than 99,999,999.99.")
    check_places(amount, places)
    return amount


def check_places(amount: Decimal, places: int) -> None:
    """Raise BadAmount when `amount` has a non-zero digit beyond `places` decimals."""
    if amount != amount.quantize(Decimal(1).scaleb(-places)):
        unit = "decimal place" if places == 1 else "decimal places"
        raise BadAmount(
            f"Use at most {places} {unit}." if places else "Use a whole number: no decimal places."
        )


def typed(amount: Decimal | None, *, places: int) -> str:
    """Return `amount` as a person would type it into a field: "30.00", or "" for none."""
    if amount is None:
        return ""
    return f"{amount.quantize(Decimal(1).scaleb(-places)):f}"
