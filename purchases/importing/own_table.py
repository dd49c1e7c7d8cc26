"""Our own CSV of purchases, as the list of purchases and the Data page write it.

The apostrophes before what a spreadsheet would run are taken off again. What the file leaves out
is told: papers lie in the ZIP alone, and what was bought for a gift comes back without it and
unshared, a surprise as long as it was one. A stored exchange rate says what a purchase was worth
in the base currency of whoever wrote the file: it is taken where the file names that currency, and
it is the chosen one.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from purchases import rates
from purchases.importing import cells, table
from purchases.importing.cells import BadRow, Cells
from purchases.importing.choices import Choices
from purchases.importing.records import FOR_GIFT, STATUSES, WARRANTY_KINDS
from purchases.importing.rows import Remark, Row, WarrantyRow
from purchases.importing.shapes import Format, Kind, asks_nothing
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Source
from purchases.naming import fold, tidy

_COLUMNS = {
    "name": ("name",),
    "retailer": ("retailer",),
    "brand": ("brand",),
    "tags": ("tags",),
    "day": ("bought on",),
    "price": ("price",),
    "currency": ("currency",),
    "rate": ("exchange rate",),
    "base": ("base currency",),
    "quantity": ("quantity",),
    "status": ("status",),
    "order": ("order number",),
    "model": ("model number",),
    "serial": ("serial number",),
    "link": ("link",),
    "return_by": ("returnable until",),
    "policy": ("return policy",),
    "deductible": ("tax deductible",),
    "notes": ("notes",),
    "owner": ("owner",),
    "shared": ("shared",),
    "gift": ("gift",),
    "secret_until": ("secret until",),
    "warranties": ("warranties",),
    "papers": ("papers",),
    "uid": ("uid",),
    "source": ("source",),
    "source_id": ("source id",),
}
_NEEDED = ("name", "day", "price", "currency", "quantity", "status")
_MARKS = ("retailer", "brand", "unit price", "returnable until", "tax deductible")
_NEUTRALISED = re.compile(r"''*[=+\-@\t\r]")
_PROMISE = re.compile(
    rf"({'|'.join(WARRANTY_KINDS)}) from (\d{{4}}-\d\d-\d\d)"
    r" (?:to (\d{4}-\d\d-\d\d)|for life)(, voided)?"
)
_LONGEST_POLICY = 500
_LONGEST_OWNER = 301
_LONGEST_SOURCE, _LONGEST_SOURCE_ID = 50, 200


def recognises(head: Head) -> bool:
    """Tell our own table by the columns that no other has together."""
    names = set(map(fold, head.names))
    return cells.has_columns(head, _COLUMNS, _NEEDED) and names.issuperset(_MARKS)


def read(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    """Yield what each purchase says. Raises BadFile when it is no such table."""
    has_owners = _has_owners(source, choices)
    return cells.rows(
        source,
        choices,
        asks=asks_nothing,
        columns=_COLUMNS,
        needed=_NEEDED,
        what="a table of purchases from Pursestrings",
        reading=lambda row, times: _row(row, times, choices.currency, has_owners=has_owners),
    )


FORMAT = Format(
    key="pursestrings-table",
    title="Pursestrings, CSV",
    hint="From the list of purchases or the Data page of Pursestrings: Download as CSV.",
    kind=Kind.PURCHASES,
    recognises=recognises,
    read=read,
)


def _has_owners(source: Source, choices: Choices) -> bool:
    """Tell whether the purchases are those of several people."""
    owners: set[str] = set()
    with source.text(choices.encoding) as text:
        for record in table.read(
            text,
            delimiter=choices.delimiter or source.head.delimiter,
            header_line=choices.header_line or source.head.header_line,
            columns={"owner": _COLUMNS["owner"]},
            needed=(),
            what="",
        ):
            if not isinstance(record, Remark):
                owners.add(record.cells.get("owner", ""))
            if len(owners) > 1:
                return True
    return False


def _row(row: Cells, times: Times, base: str, *, has_owners: bool) -> Row:
    row.cells = {column: _restored(text) for column, text in row.cells.items()}
    if not row.said("currency"):
        raise row.bad("currency", "is blank")
    currency = row.currency("currency", "")
    price = row.price("price", row.amount("price", currency))
    if row.left_out:
        raise row.bad("price", f"{price} is not more than 0")
    bought = row.day("day")
    owner = row.said("owner")[:_LONGEST_OWNER]
    if has_owners:
        whose = owner[:80] or "somebody who is gone"
        row.oddities.append(f"in the file it belongs to {whose}")
    if row.said("papers") not in {"", "0"}:
        row.oddities.append("the papers are not in this file; a ZIP export has them")
    uid = _uid(row)
    secret_until = row.day_if_any("secret_until")
    for_gift = _was_for_gift(row, secret_until)
    return Row(
        line=row.line,
        source=row.fitting("source", _LONGEST_SOURCE) if uid else "pursestrings",
        source_id=(
            row.fitting("source_id", _LONGEST_SOURCE_ID)
            if uid
            else _own_id(row, times, bought, price, currency)
        ),
        uid=uid,
        name=row.name("name"),
        price=price,
        currency=currency,
        exchange_rate=_rate(row, base),
        quantity=row.pieces("quantity"),
        retailer=row.label("retailer"),
        brand=row.label("brand"),
        tags=row.tags("tags"),
        purchased_on=bought,
        status=_status(row),
        order_number=row.number("order"),
        model_number=row.number("model"),
        serial_number=row.number("serial"),
        link=row.link("link"),
        return_by=_return_by(row, bought),
        return_policy=row.short("policy", row.written("policy"), _LONGEST_POLICY),
        tax_deductible=row.is_true("deductible"),
        notes=row.notes("notes"),
        owner=owner,
        shared=row.is_true("shared") and not for_gift,
        was_for_gift=for_gift,
        secret_until=secret_until,
        warranties=tuple(_warranties(row)),
        oddities=tuple(row.oddities),
    )


def _restored(text: str) -> str:
    """Take off the apostrophe that keeps a spreadsheet from running a cell."""
    return text[1:] if _NEUTRALISED.match(text) else text


def _uid(row: Cells) -> str:
    """Return what files of ours call the purchase; files of earlier days do not."""
    text = row.said("uid")
    if not text:
        return ""
    try:
        uid = str(UUID(text))
    except ValueError:
        uid = ""
    if uid != text.lower():
        raise row.bad("uid", f"“{text[:40]}” is no UUID")
    return uid


def _own_id(row: Cells, times: Times, bought: date, price: Decimal, currency: str) -> str:
    """Return a name for a purchase that has none, after what it says."""
    said = (f"{bought}", row.said("name"), cells.money(price), currency, row.said("retailer"))
    name = cells.digest(*said)
    return f"{name}/{times.next(name)}"


def _return_by(row: Cells, bought: date) -> date | None:
    day = row.day_if_any("return_by")
    if day is not None and day < bought:
        raise row.bad("return_by", f"{day} is before {bought}")
    return day


def _rate(row: Cells, base: str) -> Decimal | None:
    text = row.said("rate")
    if not text or not base or row.said("base") != base:
        return None
    rate = Decimal(text) if re.fullmatch(rates.WRITTEN, text) else Decimal(0)
    if not 0 < rate <= rates.LARGEST:
        raise row.bad("rate", f"“{text[:40]}” is no exchange rate")
    return rate


def _status(row: Cells) -> str:
    word = fold(row.said("status"))
    if word not in STATUSES:
        raise row.bad("status", f"“{word[:40]}” is none of {', '.join(STATUSES)}")
    return word


def _was_for_gift(row: Cells, secret_until: date | None) -> bool:
    """Return whether it was bought for a gift, which stays behind."""
    was_for_gift = row.is_true("gift") or secret_until is not None
    if was_for_gift:
        row.oddities.append(FOR_GIFT)
    return was_for_gift


def _warranties(row: Cells) -> Iterator[WarrantyRow]:
    for promise in filter(None, map(tidy, row.said("warranties").split(";"))):
        try:
            yield _warranty(promise)
        except (BadRow, ValueError):
            row.odd("warranties", f"“{promise[:60]}” cannot be read; it was left out")


def _warranty(promise: str) -> WarrantyRow:
    match = _PROMISE.fullmatch(promise)
    if not match:
        raise BadRow(promise)
    starts_on = date.fromisoformat(match[2])
    ends_on = date.fromisoformat(match[3]) if match[3] else None
    if ends_on is not None and ends_on < starts_on:
        raise BadRow(promise)
    return WarrantyRow(kind=match[1], starts_on=starts_on, ends_on=ends_on, voided=bool(match[4]))
