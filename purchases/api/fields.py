"""What programs send and are told about purchases, field by field.

The bounds here are those of the database; the forms behind them know the rules.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from budgets.wire import Money
from purchases import rates
from purchases.models.names import MAX_NAME

_LAST_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Like:
    """Text of a pattern: the document tells the pattern, whoever sends another reads our words."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(kind))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}

    def _checked(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise ValueError(self.words)
        return value


#: The code of a currency that things are looked for by.
CODE = Like("^[A-Za-z]{3}$", "Send the code of a currency, like “EUR”.")

#: The code of a currency that is sent. Whether there is such a currency the form says.
Currency = Annotated[
    str, Field(max_length=10, description="ISO 4217, in small letters too.", examples=["EUR"])
]
Status = Literal["ordered", "received", "returned"]
Kind = Literal["manufacturer", "extended", "parts", "labour", "statutory", "other"]
PaperKind = Literal["receipt", "manual", "photo", "warranty", "other"]
#: How a warranty stands; one that expires soon is active too.
Standing = Literal["active", "expiring", "expired", "voided"]


def _rate(rate: Decimal) -> str:
    return f"{rate.normalize():f}"


#: An exchange rate that is sent, as text like every exact number.
RateSent = Annotated[
    str,
    Like(rates.WRITTEN, "Send a rate like “1.0842”, with at most ten decimals."),
    Field(examples=["1.0842"]),
]
#: An exchange rate that is told.
Rate = Annotated[
    Decimal,
    PlainSerializer(_rate, return_type=str),
    WithJsonSchema({"type": "string", "pattern": rates.WRITTEN, "examples": ["1.0842"]}),
]


def _is_text(value: str) -> bool:
    """Tell whether it can be written down: JSON may hold halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _name_or_key(value: Any) -> Any:
    """Let through a name or the key of a row, told apart by their types."""
    if isinstance(value, str) and len(value) <= MAX_NAME and _is_text(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _LAST_KEY:
        return value
    raise ValueError(f"Send a name of at most {MAX_NAME} characters, or an id.")


#: A retailer or a brand by its name, which may be a new one, or by its id.
NameOrKey = Annotated[
    str | int,
    BeforeValidator(_name_or_key),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": MAX_NAME},
                {"type": "integer", "minimum": 1, "maximum": _LAST_KEY},
            ],
            "examples": ["Corner shop"],
        }
    ),
]


class PaidShown(Schema):
    """What was paid in one currency; two of them are never added."""

    currency: str = Field(examples=["USD"])
    price: Money
    amount: Money = Field(description="The same in the base currency, each at its own rate.")


class NamedShown(Schema):
    """A retailer or a brand, as it stands with a purchase."""

    id: int
    name: str


class BoughtOne(Schema):
    """Which purchase something belongs to."""

    id: int
    name: str
    purchased_on: date
