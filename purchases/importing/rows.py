"""What the rows of a file say, whatever its format."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any


class BadFile(ValueError):
    """Nothing of the file can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Why the row that starts on `line` cannot be taken."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarrantyRow:
    """A warranty of a row; without an end it is for life. `kind` is one of the model's."""

    kind: str = "manufacturer"
    starts_on: date
    ends_on: date | None
    provider: str = ""
    notes: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A paper of a row: where its bytes lie in the archive, and what they must hash to."""

    member: str
    sha256: str
    name: str
    kind: str = "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bought item as its file has it; `price` is that of the whole line, in `currency`.

    `source` and `source_id` name the row at its origin, the same in every file that has it; `uid`
    is what a file of ours calls it. `left_out` says why the row is no purchase; it is "" for one
    that is. `oddities` tell what was taken otherwise than it stands there. What was bought for a
    gift `was_for_gift`: the file cannot say who may see it now, and until `secret_until` it is a
    surprise. `owner` is whose purchase it is in a file of ours, "" when it does not say: the user
    name, or in our CSV the name that others read.
    """

    line: int
    source: str
    source_id: str
    uid: str = ""
    name: str
    price: Decimal
    currency: str
    exchange_rate: Decimal | None = None
    quantity: int = 1
    retailer: str = ""
    retailer_link: str = ""
    brand: str = ""
    brand_link: str = ""
    tags: tuple[str, ...] = ()
    purchased_on: date
    status: str = "received"
    order_number: str = ""
    model_number: str = ""
    serial_number: str = ""
    link: str = ""
    return_by: date | None = None
    return_policy: str = ""
    tax_deductible: bool = False
    notes: str = ""
    owner: str = ""
    shared: bool = False
    was_for_gift: bool = False
    secret_until: date | None = None
    warranties: tuple[WarrantyRow, ...] = ()
    files: tuple[FileRow, ...] = ()
    left_out: str = ""
    oddities: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON holds it; what it does not say is left out."""
        said = {name: value for name, value in asdict(self).items() if value not in ("", None, ())}
        written: dict[str, Any] = _plain(said)
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Row":
        """Return what `as_json` wrote."""
        values: dict[str, Any] = {"source": "", "source_id": ""}
        values |= {f.name: written[f.name] for f in fields(cls) if f.name in written}
        for name in ("price", "exchange_rate"):
            if name in values:
                values[name] = Decimal(values[name])
        for name in ("purchased_on", "return_by", "secret_until"):
            if name in values:
                values[name] = date.fromisoformat(values[name])
        for name in ("tags", "oddities"):
            values[name] = tuple(values.get(name, ()))
        values["warranties"] = tuple(_warranty(one) for one in written.get("warranties", ()))
        values["files"] = tuple(FileRow(**one) for one in written.get("files", ()))
        return cls(**values)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return value


def _warranty(written: Mapping[str, Any]) -> WarrantyRow:
    ends_on = written["ends_on"]
    days = {
        "starts_on": date.fromisoformat(written["starts_on"]),
        "ends_on": date.fromisoformat(ends_on) if ends_on else None,
    }
    return WarrantyRow(**{**written, **days})
