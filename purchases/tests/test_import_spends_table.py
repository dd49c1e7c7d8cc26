"""The CSV of spends-tracker: thirteen columns, a price as a plain number, shops only as numbers."""

from datetime import date
from decimal import Decimal

import pytest

from purchases.importing.choices import Choices
from purchases.importing.formats import recognise
from purchases.importing.rows import Remark
from purchases.tests import tables

ROW = {
    "id": "7d3a",
    "product_name": "Kettle",
    "price": "19.9",
    "currency_code": "EUR",
    "retailer_id": "",
    "brand_id": "",
    "purchase_date": "2025-03-01",
    "notes": "Blue\nand red",
    "model_number": "M-1",
    "serial_number": "S-1",
    "retailer_order_number": "O-1",
    "created_at": "2025-03-01 10:00:00.000001",
    "updated_at": "2025-03-01 10:00:00.000001",
}


def read(*rows, **choices):
    return tables.read(tables.table_of(ROW, *rows), **choices)


def test_the_table_is_recognised_and_asks_nothing(tmp_path):
    head = tables.laid(tmp_path, tables.table_of(ROW, {})).head
    known = recognise(head)
    assert (known.key, known.asks(head, Choices())) == ("spends-tracker-table", ())


def test_a_row_says_what_was_bought():
    row = read({}).only
    assert (row.name, row.price, row.currency) == ("Kettle", Decimal("19.9"), "EUR")
    assert (row.purchased_on, row.notes) == (date(2025, 3, 1), "Blue\nand red")
    assert (row.model_number, row.serial_number, row.order_number) == ("M-1", "S-1", "O-1")
    assert (row.source, row.source_id, row.oddities) == ("spends-tracker", "7d3a", ())


def test_a_shop_that_is_only_a_number_is_told_and_left_empty():
    row = read({"retailer_id": "r-1", "brand_id": "b-1"}).only
    assert (row.retailer, row.brand) == ("", "")
    assert row.oddities == (
        "retailer_id: is only a number in this file; the retailer was left empty",
        "brand_id: is only a number in this file; the brand was left empty",
    )


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ("19.900000000000002", "cannot be read. Use at most 2 decimal places."),
        ("1e+16", "cannot be read. Enter an amount like 12.50."),
        ("nan", "cannot be read. Enter an amount like 12.50."),
        ("100000000.0", "cannot be read. That is more than 99,999,999.99."),
    ],
)
def test_a_price_is_never_rounded(price, reason):
    assert read({"price": price}).refused == [Remark(2, f"price: “{price}” {reason}")]


def test_a_price_of_nothing_is_no_purchase():
    assert read({"price": "0.0"}).only.left_out == "price: is zero, so nothing was paid"
    assert (
        read({"price": "-5.0"}).only.left_out
        == "price: -5.0 is money that came back, not a purchase"
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"id": ""}, "id: is blank"),
        ({"id": "9" * 201}, "id: is longer than 200 characters"),
        ({"product_name": ""}, "product_name: is blank"),
        ({"purchase_date": ""}, "purchase_date: is blank"),
        ({"currency_code": ""}, "currency_code: is blank, and no currency was chosen"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(cells, reason):
    assert read(cells).refused == [Remark(2, reason)]
