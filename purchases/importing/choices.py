"""How a file is to be read: what nobody can tell from the file alone, and is never guessed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Decimals(StrEnum):
    """Which mark stands before the decimals."""

    POINT = "point"
    COMMA = "comma"


class Days(StrEnum):
    """In which order a day is written."""

    YEAR_FIRST = "ymd"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Sign(StrEnum):
    """Which amounts of a column that holds both were spent."""

    SPENT_IS_NEGATIVE = "negative"
    SPENT_IS_POSITIVE = "positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices of one import; an empty one follows from the format, or has yet to be made.

    `columns` give the header of each field that was mapped, "" for none. `rates` say what one unit
    of a foreign currency is worth in the base one, as text. `provider` and `model` are those of
    usage that names none. `encoding` is that of a text which looked otherwise, `header_line` the
    line in which the columns are named, 0 for the one that was found.
    """

    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    decimals: str = ""
    days: str = ""
    sign: str = ""
    currency: str = ""
    rates: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    model: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the choices that were made, as JSON holds them."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Choices":
        """Return what `as_json` wrote."""
        return cls(**written)
