"""Inventories of a household: what Homebox and Warracker know of things and their warranties.

Neither names a currency, so it is asked for. A thing without a price is no purchase: nothing says
what was paid for it.

Homebox has one price and one quantity for an item, and does not agree with itself whether the
price is that of one piece. It is taken as that of all together, which is told where it matters.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from budgets.money import ZERO
from purchases.guarantees import last_day
from purchases.importing import cells, table, texts
from purchases.importing.cells import Cells
from purchases.importing.choices import Choices
from purchases.importing.rows import Remark, Row, WarrantyRow
from purchases.importing.shapes import Format, Kind
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Source
from purchases.naming import fold

_FIELD = "hb.field."
_HOMEBOX = {
    "ref": ("HB.import_ref",),
    "asset": ("HB.asset_id",),
    "place": ("HB.location",),
    "tags": ("HB.tags", "HB.labels"),
    "url": ("HB.url",),
    "name": ("HB.name",),
    "quantity": ("HB.quantity",),
    "description": ("HB.description",),
    "notes": ("HB.notes",),
    "price": ("HB.purchase_price",),
    "retailer": ("HB.purchase_from",),
    "day": ("HB.purchase_date", "HB.purchase_time"),
    "brand": ("HB.manufacturer",),
    "model": ("HB.model_number",),
    "serial": ("HB.serial_number",),
    "lifetime": ("HB.lifetime_warranty",),
    "expires": ("HB.warranty_expires",),
    "details": ("HB.warranty_details",),
}
_HOMEBOX_NEEDED = ("name", "price", "day")
# What Homebox writes for an item without a number of its own.
_NO_ASSET = {"", "000-000"}
_WARRACKER = {
    "name": ("ProductName",),
    "day": ("PurchaseDate",),
    "lifetime": ("IsLifetime",),
    "years": ("WarrantyDurationYears",),
    "months": ("WarrantyDurationMonths",),
    "days": ("WarrantyDurationDays",),
    "expires": ("ExpirationDate",),
    "price": ("PurchasePrice",),
    "serials": ("SerialNumber",),
    "link": ("ProductURL",),
    "tags": ("Tags",),
    "retailer": ("Vendor",),
}
_WARRACKER_NEEDED = ("name", "day", "lifetime", "price")
_UNPRICED = "has no price, so nothing says what was paid"


def _is_homebox(head: Head) -> bool:
    return cells.has_columns(head, _HOMEBOX, _HOMEBOX_NEEDED)


def _is_warracker(head: Head) -> bool:
    return cells.has_columns(head, _WARRACKER, _WARRACKER_NEEDED)


def _asks_homebox(head: Head, choices: Choices) -> tuple[str, ...]:
    return _asks(head, choices, _HOMEBOX)


def _asks_warracker(head: Head, choices: Choices) -> tuple[str, ...]:
    return _asks(head, choices, _WARRACKER)


def _asks(head: Head, choices: Choices, columns: table.Columns) -> tuple[str, ...]:
    days = () if choices.days or cells.are_iso_days(head, columns["day"]) else ("days",)
    return days if choices.currency else (*days, "currency")


def _homebox(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    own = {name: (name,) for name in source.head.names if fold(name).startswith(_FIELD)}
    return cells.rows(
        source,
        choices,
        asks=_asks_homebox,
        columns={**_HOMEBOX, **own},
        needed=_HOMEBOX_NEEDED,
        what="an export of Homebox",
        reading=lambda row, times: _homebox_row(row, times, choices, tuple(own)),
    )


def _homebox_row(row: Cells, times: Times, choices: Choices, own: tuple[str, ...]) -> Row:
    price = row.amount("price", choices.currency) or ZERO
    quantity = row.pieces("quantity")
    if row.said("url").startswith("/location/"):
        row.left_out = "is a place and not a thing"
    else:
        _price(row, price)
    if quantity > 1 and not row.left_out:
        row.odd("price", f"{price} is taken as that of all {quantity} together")
    bought = _bought(row, choices.days)
    return Row(
        line=row.line,
        source="homebox",
        source_id=_homebox_id(row, times),
        name=row.name("name"),
        price=price,
        currency=choices.currency,
        quantity=quantity,
        retailer=row.label("retailer"),
        brand=row.label("brand"),
        tags=row.tags("tags", mark=";"),
        purchased_on=bought,
        model_number=row.number("model"),
        serial_number=row.number("serial"),
        notes=row.notes(
            "notes",
            row.written("description"),
            _told("Kept in", row.said("place")),
            *(_told(f"{name[len(_FIELD) :]}:", row.said(name)) for name in own),
        ),
        warranties=_warranties(row, bought, row.day_if_any("expires", choices.days), "details"),
        left_out=row.left_out,
        oddities=tuple(row.oddities),
    )


def _homebox_id(row: Cells, times: Times) -> str:
    """Name the item by what Homebox calls it, else by what it says."""
    if ref := row.said("ref"):
        return f"ref/{cells.key(ref)}"
    if (asset := row.said("asset")) not in _NO_ASSET:
        return f"asset/{cells.key(asset)}"
    name = cells.digest(*(row.said(column) for column in ("name", "place", "day", "serial")))
    return f"{name}/{times.next(name)}"


def _warracker(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    return cells.rows(
        source,
        choices,
        asks=_asks_warracker,
        columns=_WARRACKER,
        needed=_WARRACKER_NEEDED,
        what="an export of Warracker",
        reading=lambda row, times: _warracker_row(row, times, choices),
    )


def _warracker_row(row: Cells, times: Times, choices: Choices) -> Row:
    price = row.amount("price", choices.currency) or ZERO
    _price(row, price)
    bought = _bought(row, choices.days)
    serials = [serial for serial in map(str.strip, row.said("serials").split(",")) if serial]
    serial = serials[0] if len(serials) == 1 and len(serials[0]) <= cells.LONGEST_NUMBER else ""
    name = cells.digest(f"{bought}", row.said("name"), row.said("serials"))
    return Row(
        line=row.line,
        source="warracker",
        source_id=f"{name}/{times.next(name)}",
        name=row.name("name"),
        price=price,
        currency=choices.currency,
        retailer=row.label("retailer"),
        tags=row.tags("tags"),
        purchased_on=bought,
        serial_number=serial,
        link=row.link("link"),
        notes=row.notes("", "" if serial else _told("Serial numbers:", ", ".join(serials))),
        warranties=_warranties(row, bought, _ends_on(row, bought, choices.days), ""),
        left_out=row.left_out,
        oddities=tuple(row.oddities),
    )


def _ends_on(row: Cells, bought: date, order: str) -> date | None:
    """Return the last day that the file names, else the one that its duration gives."""
    if said := row.day_if_any("expires", order):
        return said
    years, months, days = (
        row.take(column, texts.whole) if row.said(column) else 0
        for column in ("years", "months", "days")
    )
    if not (years or months or days):
        return None
    try:
        whole_months = last_day(bought, months=12 * years + months)
        return whole_months + timedelta(days=days)
    except OverflowError:
        raise row.bad("years", "is too long a warranty") from None


def _price(row: Cells, price: Decimal) -> None:
    row.price("price", price)
    if not row.said("price"):
        row.left_out = _UNPRICED


def _bought(row: Cells, order: str) -> date:
    """Return the day; what is no purchase may have none. Raises BadRow."""
    if row.left_out and not row.said("day"):
        return cells.NO_DAY
    return row.day("day", order)


def _warranties(
    row: Cells, bought: date, ends_on: date | None, details: str
) -> tuple[WarrantyRow, ...]:
    is_for_life = row.is_true("lifetime")
    if ends_on is None and not is_for_life:
        return ()
    if ends_on is not None and ends_on < bought and not is_for_life:
        row.odd("expires", f"{ends_on} is before {bought}; the warranty was left out")
        return ()
    last = None if is_for_life else ends_on
    notes = row.notes(details) if details else ""
    return (WarrantyRow(starts_on=bought, ends_on=last, notes=notes),)


def _told(what: str, text: str) -> str:
    return f"{what} {text}" if text else ""


FORMATS = (
    Format(
        key="homebox",
        title="Homebox",
        hint="In Homebox choose “Export Inventory” among the tools.",
        kind=Kind.PURCHASES,
        recognises=_is_homebox,
        asks=_asks_homebox,
        read=_homebox,
    ),
    Format(
        key="warracker",
        title="Warracker",
        hint="In Warracker choose “Export CSV” above the warranties.",
        kind=Kind.PURCHASES,
        recognises=_is_warracker,
        asks=_asks_warracker,
        read=_warracker,
    ),
)
