"""Documents as they are exported, laid down as JSON or in a ZIP, and read."""

import hashlib
import json
import tracemalloc
import zipfile

from purchases.importing.choices import Choices
from purchases.importing.documents import FORMATS_OF_DOCUMENTS
from purchases.importing.rows import Remark, Row
from purchases.importing.sources import Head, Shape, Source

OURS, SPENDS = FORMATS_OF_DOCUMENTS
PAPER = b"%PDF-1.4 a receipt"
SHA256 = hashlib.sha256(PAPER).hexdigest()


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012}"


def our_purchase(number=1, **values):
    return {
        "id": number,
        "owner_id": 1,
        "name": f"Kettle {number}",
        "price": "19.900000",
        "currency": "USD",
        "exchange_rate": "1.0000000000",
        "amount": "19.900000",
        "quantity": 1,
        "retailer_id": None,
        "brand_id": None,
        "purchased_on": "2026-03-04",
        "status": "received",
        "order_number": "",
        "model_number": "",
        "serial_number": "",
        "link": "",
        "return_by": None,
        "return_policy": "",
        "tax_deductible": False,
        "notes": "",
        "shared": False,
        "gift_id": None,
        "secret_until": None,
        "source": "",
        "source_id": "",
        "uid": uuid(number),
        "search_text": "kettle",
        "version": 1,
        "created_at": "2026-03-04T10:00:00Z",
        "changed_at": "2026-03-04T10:00:00Z",
        "deleted_at": None,
    } | values


def ours(*purchases, top=None, **tables):
    """Return an export of ours; `Retailer=[…]` is the table of retailers."""
    named = {f"purchases.{name}": rows for name, rows in tables.items() if name != "User"}
    users = tables.get("User", [{"id": 1, "username": "ana"}])
    tables = {"people.User": users, **named, "purchases.Purchase": list(purchases)}
    return {
        "format": "pursestrings",
        "version": 1,
        "made_at": "2026-03-05T10:00:00Z",
        "scope": "everything",
        "base_currency": "USD",
        "tables": tables,
        "counts": {name: len(rows) for name, rows in tables.items()},
        **(top or {}),
    }


def spends_purchase(number=1, **values):
    return {
        "id": uuid(number),
        "product_name": f"Kettle {number}",
        "price": "19.90",
        "currency_code": "EUR",
        "retailer_id": None,
        "brand_id": None,
        "purchase_date": "2026-03-04",
        "quantity": 1,
        "tax_deductible": 0,
        "model_number": None,
        "serial_number": None,
        "retailer_order_number": None,
        "link": None,
        "return_deadline": None,
        "return_policy": None,
        "tags": None,
        "notes": None,
        "created_at": "2026-03-04 10:00:00.000000",
        "updated_at": "2026-03-04 10:00:00.000000",
    } | values


def spends(*purchases, **lists):
    empty = dict.fromkeys(("warranties", "retailers", "brands", "files"), ())
    return {"purchases": purchases, **empty, **lists}


def lay_json(path, document):
    """Lay a document down: an object, text or bytes."""
    if not isinstance(document, str | bytes):
        document = json.dumps(document)
    path.write_bytes(document.encode() if isinstance(document, str) else document)
    return Source(path=path, head=Head(shape=Shape.JSON, encoding="utf-8"))


def lay_zip(path, document, members=(), manifest=True):
    text = document if isinstance(document, str | bytes) else json.dumps(document)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", text)
        for name, content in dict(members).items():
            archive.writestr(name, content)
        if manifest:
            archive.writestr("manifest.json", "{}")
    return Source(path=path, head=Head(shape=Shape.ZIP))


def said(format_, source, **choices):
    """Return what a source says: rows and remarks."""
    return [said for _, said in format_.read(source, Choices(**choices))]


def only(format_, source, **choices):
    """Return the one row of a source."""
    (row,) = said(format_, source, **choices)
    assert isinstance(row, Row), row
    return row


def remarks(format_, source, **choices):
    """Return the remarks of a source in which nothing is a row."""
    found = said(format_, source, **choices)
    assert all(isinstance(one, Remark) for one in found), found
    return [(one.line, one.text) for one in found]


def peak(format_, source):
    """Return the most memory that reading a source takes, and how many rows it has."""
    tracemalloc.start()
    try:
        count = sum(isinstance(one, Row) for _, one in format_.read(source, Choices()))
        return tracemalloc.get_traced_memory()[1], count
    finally:
        tracemalloc.stop()
