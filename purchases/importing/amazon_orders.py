"""Amazon's order history from its privacy centre: `Retail.OrderHistory`, one row for each item.

`Total Owed` is what was paid for the row, tax and shipping in it and discounts off it. `Not
Available` is Amazon's word for nothing. Its clock is that of Greenwich: the day is the one that is
written there. A gift says so in its notes, which only its owner sees unless they share it.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from budgets.money import ZERO
from purchases.importing import cells
from purchases.importing.cells import BadRow, Cells
from purchases.importing.choices import Choices
from purchases.importing.rows import Remark, Row
from purchases.importing.shapes import Format, Kind
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Source
from purchases.naming import fold

SOURCE = "amazon-orders"
#: The shop of a row that names none.
SHOP = "Amazon"

_LONGEST_NOTE = 500
_COLUMNS = {
    "website": ("Website",),
    "order": ("Order ID",),
    "day": ("Order Date",),
    "currency": ("Currency",),
    "total": ("Total Owed", "Total Amount"),
    "asin": ("ASIN",),
    "condition": ("Product Condition",),
    "quantity": ("Quantity", "Original Quantity"),
    "status": ("Order Status",),
    "shipment": ("Shipment Status",),
    "shipped": ("Ship Date",),
    "title": ("Product Name",),
    "message": ("Gift Message",),
    "sender": ("Gift Sender Name",),
    "recipient": ("Gift Recipient Contact Details", "Gift Recipient Contact"),
    "serial": ("Item Serial Number",),
}
_NEEDED = ("order", "day", "total", "title", "asin")
_asks = partial(cells.asks_currency, _COLUMNS)
_NOTHING = {"not available", "not applicable"}
_CANCELLED = {"cancelled", "canceled"}
_STATUSES = {
    "closed": "received",
    "shipped": "received",
    "delivered": "received",
    "new": "ordered",
    "authorized": "ordered",
    "pending": "ordered",
    "returned": "returned",
    "refunded": "returned",
}


def recognises(head: Head) -> bool:
    """Tell whether the header is that of an order history."""
    return cells.has_columns(head, _COLUMNS, _NEEDED)


def read(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    """Yield what each row of an order history says. Raises BadFile when it is none."""
    return cells.rows(
        source,
        choices,
        asks=_asks,
        columns=_COLUMNS,
        needed=_NEEDED,
        what="Amazon’s order history",
        reading=lambda row, times: _row(row, times, choices.currency),
    )


FORMAT = Format(
    key=SOURCE,
    title="Amazon order history",
    hint="Ask for “Your Orders” in Amazon’s privacy centre, and take Retail.OrderHistory out of"
    " the archive that it sends.",
    kind=Kind.PURCHASES,
    recognises=recognises,
    asks=_asks,
    read=read,
)


def _row(row: Cells, times: Times, usual_currency: str) -> Row:
    row.cells = {column: _said(text) for column, text in row.cells.items()}
    source_id = _source_id(row, times)
    currency = row.currency("currency", usual_currency)
    price = _price(row, currency)
    return Row(
        line=row.line,
        source=SOURCE,
        source_id=source_id,
        name=row.name("title", f"Item {row.said('asin')}"),
        price=price,
        currency=currency,
        quantity=row.pieces("quantity"),
        retailer=row.label("website") or SHOP,
        purchased_on=row.day("day", usual_offset="Z"),
        status=_status(row),
        order_number=row.number("order"),
        serial_number=row.number("serial"),
        notes=_notes(row),
        left_out=row.left_out,
        oddities=tuple(row.oddities),
    )


def _said(text: str) -> str:
    """Return the text of a cell without the apostrophes that Amazon sets around some amounts."""
    if len(text) > 1 and text.startswith("'") and text.endswith("'"):
        text = text[1:-1]
    return "" if fold(text) in _NOTHING else text


def _source_id(row: Cells, times: Times) -> str:
    """Name the row: an order may have the same item several times, as it was shipped."""
    order, item = row.said("order"), row.said("asin") or fold(row.said("title"))
    if not order or not item:
        what = "ASIN and Product Name: are" if order else "Order ID: is"
        raise BadRow(f"{what} blank, so a second import could not know the row again")
    name = f"{cells.key(order)}/{cells.key(item)}"
    return f"{name}/{times.next(name)}"


def _price(row: Cells, currency: str) -> Decimal:
    total = row.amount("total", currency)
    if fold(row.said("status")) in _CANCELLED:
        row.left_out = "was cancelled, so nothing was bought"
        return total or ZERO
    return row.price("total", total)


def _status(row: Cells) -> str:
    text = row.said("status")
    status = _STATUSES.get(fold(text))
    if row.left_out or status in {"received", "returned"}:
        return status or "ordered"
    is_sent = row.said("shipped") or fold(row.said("shipment")) in {"shipped", "delivered"}
    taken = "received" if is_sent else "ordered"
    if status is None:
        what = f"“{text[:40]}” is not known" if text else "is blank"
        row.odd("status", what, taken_as=taken)
    return taken


def _notes(row: Cells) -> str:
    """Return what has no field of its own; a search finds all of it."""
    message, sender, recipient, condition = (
        row.said(column)[:_LONGEST_NOTE]
        for column in ("message", "sender", "recipient", "condition")
    )
    is_gift = message or sender or recipient
    notes = (
        "Sent as a gift" + (f" to {recipient}" if recipient else "") if is_gift else "",
        f"Gift message: {message}" if message else "",
        f"Condition: {condition}" if condition and fold(condition) != "new" else "",
        f"ASIN {row.said('asin')}"[:_LONGEST_NOTE] if row.said("asin") else "",
    )
    return "\n".join(note for note in notes if note)
