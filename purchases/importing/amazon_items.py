"""Amazon's older items report: one row for each item of an order, dates as MM/DD/YY.

`Item Total` is what was paid for the line, tax included. A row without one, a cancelled one and
money that came back are rows of the file but no purchases. What is odd is kept and told; what
cannot be read costs its own row only.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from budgets.money import ZERO
from purchases.importing import cells, texts
from purchases.importing.cells import BadRow, Cells
from purchases.importing.choices import Choices
from purchases.importing.rows import BadFile, Remark, Row
from purchases.importing.shapes import Format, Kind
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Source
from purchases.naming import fold

SOURCE = "amazon-items"
#: The shop of a row that names none.
SHOP = "Amazon.com"

# Of the order and of the item, so that a row's name at its origin stays short.
_LONGEST_KEY = 90
_LONGEST_NOTE = 200
_COLUMNS = {
    "day": ("Order Date", "Purchase Date"),
    "order": ("Order ID",),
    "total": ("Item Total",),
    "title": ("Title",),
    "asin": ("ASIN/ISBN", "ASIN"),
    "category": ("Category",),
    "website": ("Website",),
    "condition": ("Condition",),
    "seller": ("Seller",),
    "list_price": ("List Price Per Unit",),
    "quantity": ("Quantity",),
    "shipped": ("Shipment Date",),
    "status": ("Order Status",),
    "subtotal": ("Item Subtotal",),
    "tax": ("Item Subtotal Tax",),
    "currency": ("Currency",),
}
_NEEDED = ("day", "order", "total", "title", "asin")
_asks = partial(cells.asks_currency, _COLUMNS)
_STATUSES = {
    "shipped": "received",
    "delivered": "received",
    "closed": "received",
    "pending": "ordered",
    "not yet shipped": "ordered",
    "shipping soon": "ordered",
    "returned": "returned",
    "refunded": "returned",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}


def recognises(head: Head) -> bool:
    """Tell whether the header is that of an items report."""
    return cells.has_columns(head, _COLUMNS, _NEEDED)


def read(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    """Yield what each row of a report says. Raises BadFile when it is no such report."""
    if "total owed" in map(fold, source.head.names):
        raise BadFile(
            "This is Amazon’s newer order history (Retail.OrderHistory); this format is the older"
            " items report, which has an Item Total."
        )
    return cells.rows(
        source,
        choices,
        asks=_asks,
        columns=_COLUMNS,
        needed=_NEEDED,
        what="Amazon’s items report",
        reading=lambda row, times: _row(row, times, choices.currency),
    )


FORMAT = Format(
    key=SOURCE,
    title="Amazon items report (older)",
    hint="Amazon offered it until 2023 under “Order History Reports”, as items.",
    kind=Kind.PURCHASES,
    recognises=recognises,
    asks=_asks,
    read=read,
)


def _row(row: Cells, times: Times, usual_currency: str) -> Row:
    source_id = _source_id(row, times)
    currency = row.currency("currency", usual_currency)
    price = _price(row, currency)
    _compare(row, price, currency)
    return Row(
        line=row.line,
        source=SOURCE,
        source_id=source_id,
        name=row.name("title", f"Item {row.said('asin')}"),
        price=price,
        currency=currency,
        quantity=row.pieces("quantity"),
        retailer=row.label("website") or SHOP,
        tags=_tags(row),
        purchased_on=row.take("day", texts.american_day),
        status=_status(row),
        order_number=row.said("order"),
        notes=_notes(row),
        left_out=row.left_out,
        oddities=tuple(row.oddities),
    )


def _source_id(row: Cells, times: Times) -> str:
    """Name the row: an order may have the same item several times, as it was shipped."""
    order, item = row.said("order"), row.said("asin") or fold(row.said("title"))
    if not order or not item:
        what = "ASIN/ISBN and Title: are" if order else "Order ID: is"
        raise BadRow(f"{what} blank, so a second import could not know the row again")
    if len(order) > _LONGEST_KEY:
        raise row.bad("order", f"is longer than {_LONGEST_KEY} characters")
    name = f"{order}/{item[:_LONGEST_KEY]}"
    return f"{name}/{times.next(name)}"


def _price(row: Cells, currency: str) -> Decimal:
    """Return the price of the line, and note why it is no purchase."""
    status = _STATUSES.get(fold(row.said("status")))
    total = row.amount("total", currency)
    if status == "cancelled":
        row.left_out = "was cancelled, so nothing was bought"
        return total or ZERO
    if total is None and (status == "returned" or row.said("quantity") == "0"):
        row.left_out = "Item Total: is blank, and nothing of it was kept"
        return ZERO
    return row.price("total", total)


def _compare(row: Cells, total: Decimal, currency: str) -> None:
    """Tell of prices beside the total that cannot be read or say something else.

    A list price of zero is none of them: it says nothing about what was paid.
    """
    _aside(row, "list_price", currency)
    subtotal, tax = _aside(row, "subtotal", currency), _aside(row, "tax", currency)
    if subtotal is not None and tax is not None and subtotal + tax != total:
        row.odd("total", f"{total} is not {subtotal} and {tax} of tax; the total counts")


def _aside(row: Cells, column: str, currency: str) -> Decimal | None:
    """Return an amount on which nothing depends; one that cannot be read is odd."""
    try:
        return row.amount(column, currency)
    except BadRow as problem:
        row.oddities.append(str(problem))
        return None


def _tags(row: Cells) -> tuple[str, ...]:
    """Return the category as people write it: ABIS_BOOK is a book."""
    words = fold(row.said("category").replace("_", " ").replace(",", " "))
    return (
        (row.short("category", words.removeprefix("abis "), cells.LONGEST_LABEL),) if words else ()
    )


def _status(row: Cells) -> str:
    text = row.said("status")
    status = _STATUSES.get(fold(text))
    if status == "returned":
        row.odd("status", f"is “{text}”")
    if status and status != "cancelled":
        return status
    taken = "received" if row.said("shipped") else "ordered"
    if status is None:
        what = f"“{text[:40]}” is not known" if text else "is blank"
        row.odd("status", what, taken_as=taken)
    return taken


def _notes(row: Cells) -> str:
    """Return what has no field of its own; a search finds all of it."""
    seller, condition, asin = (
        row.said(column)[:_LONGEST_NOTE] for column in ("seller", "condition", "asin")
    )
    is_sold_by_shop = fold(seller) == fold(row.said("website") or SHOP)
    notes = (
        f"Sold by {seller}" if seller and not is_sold_by_shop else "",
        f"Condition: {condition}" if condition and fold(condition) != "new" else "",
        f"ASIN {asin}" if asin else "",
    )
    return "\n".join(note for note in notes if note)
