"""Amazon's order history from its privacy centre: what each row says and what it leaves out."""

from datetime import date
from decimal import Decimal

import pytest

from purchases.importing.rows import BadFile, Remark
from purchases.tests import tables

ROW = {
    "Website": "Amazon.com",
    "Order ID": "113-1",
    "Order Date": "2023-03-04T23:59:59Z",
    "Purchase Order Number": "Not Applicable",
    "Currency": "USD",
    "Unit Price": "11.99",
    "Unit Price Tax": "1.06",
    "Shipping Charge": "0",
    "Total Discounts": "'-1.00'",
    "Total Owed": "12.05",
    "ASIN": "B01",
    "Product Condition": "New",
    "Quantity": "1",
    "Order Status": "Closed",
    "Shipment Status": "Shipped",
    "Ship Date": "2023-03-05T10:00:00Z",
    "Product Name": "Bath Towel",
    "Gift Message": "Not Available",
    "Gift Sender Name": "Not Available",
    "Gift Recipient Contact Details": "Not Available",
    "Item Serial Number": "Not Available",
}


def read(*rows, **choices):
    return tables.read(tables.table_of(ROW, *rows), **choices)


def only(cells=None):
    return read(cells or {}).only


def test_a_row_says_what_was_paid_and_what_not_available_says_is_nothing():
    row = only()
    assert (row.name, row.price, row.currency, row.quantity) == (
        "Bath Towel",
        Decimal("12.05"),
        "USD",
        1,
    )
    assert (row.purchased_on, row.status, row.order_number) == (
        date(2023, 3, 4),
        "received",
        "113-1",
    )
    assert (row.retailer, row.notes, row.serial_number) == ("Amazon.com", "ASIN B01", "")
    assert (row.source, row.source_id) == ("amazon-orders", "113-1/B01/1")
    assert (row.left_out, row.oddities) == ("", ())


def test_a_byte_order_mark_does_no_harm():
    assert tables.read("\ufeff" + tables.table_of(ROW, {})).only.name == "Bath Towel"


def test_later_exports_name_two_columns_otherwise():
    text = tables.table_of(ROW, {"Quantity": "2"})
    text = text.replace("Total Owed", "Total Amount").replace("Quantity", "Original Quantity")
    assert (tables.read(text).only.price, tables.read(text).only.quantity) == (Decimal("12.05"), 2)


def test_the_currency_is_that_of_each_row():
    rows = read({"Currency": "GBP"}, {"Currency": "JPY", "Total Owed": "1,200"}).rows
    assert [(row.currency, row.price) for row in rows] == [("GBP", Decimal("12.05")), ("JPY", 1200)]
    assert read({"Currency": "Not Available"}).refused == [
        Remark(2, "Currency: is blank, and no currency was chosen")
    ]
    assert read({"Currency": "Not Available"}, currency="EUR").only.currency == "EUR"


def test_a_currency_is_asked_for_where_no_column_names_it():
    text = tables.table_of(ROW, {}).replace("Currency", "Something")
    with pytest.raises(BadFile, match="Choose first: the currency"):
        tables.read(text)
    assert tables.read(text, currency="EUR").only.currency == "EUR"


def test_an_amount_in_apostrophes_is_an_amount():
    assert only({"Total Owed": "'1,234.50'"}).price == Decimal("1234.50")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Order Status": "Cancelled"}, "was cancelled, so nothing was bought"),
        (
            {"Order Status": "Cancelled", "Total Owed": "Not Available"},
            "was cancelled, so nothing was bought",
        ),
        ({"Total Owed": "0"}, "Total Owed: is zero, so nothing was paid"),
        ({"Total Owed": "-5"}, "Total Owed: -5 is money that came back, not a purchase"),
    ],
)
def test_what_is_no_purchase_is_left_out_with_the_reason(cells, reason):
    assert only(cells).left_out == reason


@pytest.mark.parametrize(
    ("cells", "status", "odd"),
    [
        ({"Order Status": "New"}, "received", ()),
        ({"Order Status": "New", "Shipment Status": "", "Ship Date": ""}, "ordered", ()),
        ({"Order Status": "Returned"}, "returned", ()),
        (
            {"Order Status": "Lost"},
            "received",
            ("Order Status: “Lost” is not known, taken as received",),
        ),
        (
            {"Order Status": "", "Shipment Status": "", "Ship Date": ""},
            "ordered",
            ("Order Status: is blank, taken as ordered",),
        ),
    ],
)
def test_a_status_is_one_of_ours_and_told_when_it_is_not_plain(cells, status, odd):
    row = only(cells)
    assert (row.status, row.oddities) == (status, odd)


def test_a_gift_says_so_in_its_notes():
    row = only(
        {
            "Gift Message": "Happy birthday",
            "Gift Sender Name": "Ann",
            "Gift Recipient Contact Details": "Bob",
        }
    )
    assert row.notes == "Sent as a gift to Bob\nGift message: Happy birthday\nASIN B01"
    assert only({"Gift Sender Name": "Ann"}).notes == "Sent as a gift\nASIN B01"
    assert not row.shared


def test_a_serial_number_and_a_condition_are_kept():
    row = only({"Item Serial Number": "S-1", "Product Condition": "Used"})
    assert (row.serial_number, row.notes) == ("S-1", "Condition: Used\nASIN B01")
    assert read({"Item Serial Number": "9" * 101}).refused == [
        Remark(2, "Item Serial Number: is longer than 100 characters")
    ]


def test_a_day_is_the_written_one_and_another_clock_than_amazons_is_told():
    assert only().oddities == ()
    row = only({"Order Date": "2023-03-04T23:59:59-08:00"})
    assert row.purchased_on == date(2023, 3, 4)
    assert row.oddities == (
        "Order Date: “2023-03-04T23:59:59-08:00” has a clock of -08:00, taken as 2023-03-04",
    )
    assert read({"Order Date": "03/04/2023"}).refused


def test_the_same_item_twice_in_one_order_is_two_rows():
    rows = read({}, {}, {"ASIN": "B02"}, {}).rows
    assert [row.source_id for row in rows] == [
        "113-1/B01/1",
        "113-1/B01/2",
        "113-1/B02/1",
        "113-1/B01/3",
    ]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Order ID": ""}, "Order ID: is blank"),
        ({"ASIN": "", "Product Name": ""}, "ASIN and Product Name: are blank"),
        ({"Total Owed": ""}, "Total Owed: is blank"),
        ({"Quantity": "10000"}, "Quantity: 10,000 is more than 9,999"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(cells, reason):
    (refused,) = read(cells).refused
    assert refused.text.startswith(reason)


def test_an_item_without_a_name_is_called_by_its_number():
    row = only({"Product Name": "Not Available"})
    assert (row.name, row.oddities) == (
        "Item B01",
        ("Product Name: is blank; it is called “Item B01”",),
    )
    assert only({"ASIN": ""}).source_id == "113-1/bath towel/1"
