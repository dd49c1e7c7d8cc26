"""Every format that can be imported: found by its name, or by how a file begins."""

from purchases.importing import (
    amazon_items,
    amazon_orders,
    bank,
    inventories,
    own_table,
    registers,
    spends_table,
)
from purchases.importing.bank import suggest_columns
from purchases.importing.documents import FORMATS_OF_DOCUMENTS
from purchases.importing.fields import FIELDS, Field
from purchases.importing.shapes import Format, Kind
from purchases.importing.sources import Head
from purchases.importing.usage import FORMATS_OF_USAGE

__all__ = [
    "FIELDS",
    "FORMATS",
    "Field",
    "Format",
    "Kind",
    "format_named",
    "recognise",
    "suggest_columns",
]

#: The surest first: of two that recognise a file the one above is taken.
FORMATS: tuple[Format, ...] = (
    *FORMATS_OF_DOCUMENTS,
    own_table.FORMAT,
    spends_table.FORMAT,
    amazon_orders.FORMAT,
    amazon_items.FORMAT,
    *registers.FORMATS,
    *inventories.FORMATS,
    *FORMATS_OF_USAGE,
    bank.FORMAT,
)

_BY_KEY = {one.key: one for one in FORMATS}


def format_named(key: str) -> Format:
    """Return the format of this key. Raises KeyError."""
    return _BY_KEY[key]


def recognise(head: Head) -> Format | None:
    """Return the format of a file that begins so, None when a person has to say it."""
    return next((one for one in FORMATS if one.fits(head) and one.recognises(head)), None)
