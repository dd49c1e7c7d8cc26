"""How amounts and moments travel in JSON: as text, exactly."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from budgets import money

_CENT = Decimal("0.01")
#: Up to 99,999,999.99, with at most six decimals.
_PATTERN = r"^[0-9]{1,8}(\.[0-9]{1,6})?$"
_SHARE = r"^[0-9]{1,3}(\.[0-9]{1,2})?$"
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LIKE = "Send an amount as text, like “12.50”."
_BELOW = "It cannot be below zero."


def plain(amount: Decimal) -> str:
    """Return an amount with two decimals, or with as many more as it has."""
    short = amount.quantize(_CENT)
    return f"{short if short == amount else amount.normalize():f}"


def told_at(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(value: Any) -> Decimal:
    """Read an amount of zero or more. A JSON number is refused: it may have been a float."""
    if isinstance(value, Decimal):
        return value
    text = value if isinstance(value, str) else ""
    amount = money.parse(text, places=money.PLACES) if text else None
    if re.fullmatch(_PATTERN, text.removeprefix("-")) and Decimal(text) < 0:
        raise ValueError(_BELOW)
    if amount is None or not re.fullmatch(_PATTERN, text):
        raise ValueError(_LIKE)
    return amount


def read_percent(value: Any) -> Decimal:
    """Read a percentage as text, as exactly as an amount."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(_SHARE, value):
        raise ValueError("Send a percentage as text, like “82.5”, with at most 2 decimal places.")
    return Decimal(value)


def read_moment(value: Any) -> datetime:
    """Read a moment as ISO 8601 with an offset, and return it in UTC.

    A number is refused: nobody knows whether it counts seconds or milliseconds.
    """
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("Send a moment with its offset, like “2026-07-15T12:30:00Z”.")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("There is no such moment.") from None


#: An amount that a program sends.
Amount = Annotated[
    Decimal,
    BeforeValidator(read),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["12.50"]}),
]
#: An amount that a program is told; it may be below zero.
Money = Annotated[
    Decimal,
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2,}$", "examples": ["12.50"]}),
]
#: A percentage that a program is told.
Percent = Annotated[
    Decimal,
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{1,2}$", "examples": ["75.00"]}),
]
#: A percentage that a program sends.
PercentSent = Annotated[
    Decimal,
    BeforeValidator(read_percent),
    WithJsonSchema({"type": "string", "pattern": _SHARE, "examples": ["82.5"]}),
]
#: Text that databases can store; give it a `max_length`.
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
#: A number of tokens.
Tokens = Annotated[int, Field(strict=True, ge=0, le=10**15)]
#: A moment that a program sends.
MomentSent = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-30T23:00:00Z"]}),
]
#: A moment that a program is told.
Moment = Annotated[
    datetime,
    PlainSerializer(told_at, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-30T23:00:00Z"]}),
]
