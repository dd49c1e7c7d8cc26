"""What spends-tracker writes as CSV: thirteen columns, a price as a plain number.

Retailers and brands stand in it by numbers that only its JSON explains: they are told and left
empty. A purchase has the same name here as in that JSON.
"""

from collections.abc import Iterator

from purchases.importing import cells
from purchases.importing.cells import Cells
from purchases.importing.choices import Choices
from purchases.importing.rows import Remark, Row
from purchases.importing.shapes import Format, Kind, asks_nothing
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Source
from purchases.importing.spends_document import SOURCE

_COLUMNS = {
    "id": ("id",),
    "name": ("product_name",),
    "price": ("price",),
    "currency": ("currency_code",),
    "retailer": ("retailer_id",),
    "brand": ("brand_id",),
    "day": ("purchase_date",),
    "notes": ("notes",),
    "model": ("model_number",),
    "serial": ("serial_number",),
    "order": ("retailer_order_number",),
}
_NEEDED = ("id", "name", "price", "currency", "retailer", "brand", "day")
_LONGEST_ID = 200


def recognises(head: Head) -> bool:
    """Tell whether the header is that of spends-tracker."""
    return cells.has_columns(head, _COLUMNS, _NEEDED)


def read(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    """Yield what each purchase says. Raises BadFile when it is no such table."""
    return cells.rows(
        source,
        choices,
        asks=asks_nothing,
        columns=_COLUMNS,
        needed=_NEEDED,
        what="a table of purchases from spends-tracker",
        reading=lambda row, times: _row(row, times, choices.currency),
    )


FORMAT = Format(
    key="spends-tracker-table",
    title="spends-tracker, CSV",
    hint="From the export of spends-tracker, as CSV; its JSON or ZIP says more.",
    kind=Kind.PURCHASES,
    recognises=recognises,
    read=read,
)


def _row(row: Cells, _times: Times, usual_currency: str) -> Row:
    source_id = row.fitting("id", _LONGEST_ID)
    if not source_id:
        raise row.bad("id", "is blank")
    currency = row.currency("currency", usual_currency)
    price = row.price("price", row.amount("price", currency))
    for column in ("retailer", "brand"):
        if row.said(column):
            row.odd(column, f"is only a number in this file; the {column} was left empty")
    return Row(
        line=row.line,
        source=SOURCE,
        source_id=source_id,
        name=row.name("name"),
        price=price,
        currency=currency,
        purchased_on=row.day("day"),
        order_number=row.number("order"),
        model_number=row.number("model"),
        serial_number=row.number("serial"),
        notes=row.notes("notes"),
        left_out=row.left_out,
        oddities=tuple(row.oddities),
    )
