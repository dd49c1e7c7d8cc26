"""Values that many programs send, read strictly: nothing is guessed from another type."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from people.searching import LONGEST

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def partial(schema: dict[str, Any]) -> None:
    """Let no field of a schema tell a default: what is left out stays as it is.

    For `ConfigDict(json_schema_extra=partial)`; generated clients would send the defaults along.
    """
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


def read_day(value: Any) -> date:
    """Read a day as year-month-day. A number is refused: nobody knows which day it means."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("Send a day as text, like “2026-12-25”.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("There is no such day.") from None


#: A day, in a body or a query.
Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-25"]}),
]
#: Yes or no, in a body.
Flag = Annotated[bool, Field(strict=True)]
#: What a list is searched for.
Sought = Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\x00]*$")]
