"""Amazon's items report as text: what each row says, what is odd, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest

from purchases.importing.rows import BadFile, Remark
from purchases.tests import tables

ROW = {
    "Order Date": "03/04/18",
    "Order ID": "113-1",
    "Title": "Bath Towel",
    "Category": "TOWEL",
    "ASIN/ISBN": "B01",
    "Website": "Amazon.com",
    "Condition": "new",
    "Seller": "Amazon.com",
    "List Price Per Unit": "$14.99",
    "Quantity": "1",
    "Shipment Date": "03/06/18",
    "Order Status": "Shipped",
    "Item Subtotal": "$11.99",
    "Item Subtotal Tax": "$1.06",
    "Item Total": "$13.05",
    "Currency": "USD",
}


def report(*rows):
    """Return the text of a report; each row names what is not as in ROW."""
    return tables.table_of(ROW, *rows)


def parse(text, *, currency="USD"):
    return tables.read(text, "amazon-items", currency=currency)


def read(*rows, currency="USD"):
    return parse(report(*rows), currency=currency)


def only(cells=None, **kwargs):
    return read(cells or {}, **kwargs).only


def total(text):
    """Return a row in which only the total tells a price."""
    blank = ("List Price Per Unit", "Item Subtotal", "Item Subtotal Tax")
    return {"Item Total": text, **dict.fromkeys(blank, "")}


def oddities(cells):
    return list(only(cells).oddities)


def test_a_row_says_what_was_bought():
    row = only()
    assert (row.line, row.name, row.price, row.currency) == (
        2,
        "Bath Towel",
        Decimal("13.05"),
        "USD",
    )
    assert (row.quantity, row.retailer, row.tags) == (1, "Amazon.com", ("towel",))
    assert (row.purchased_on, row.status, row.order_number) == (
        date(2018, 3, 4),
        "received",
        "113-1",
    )
    assert (row.notes, row.left_out, row.source_id) == ("ASIN B01", "", "113-1/B01/1")
    assert (row.source, row.oddities) == ("amazon-items", ())


def test_columns_are_found_by_name_wherever_they_stand():
    names = [*reversed(ROW), "Something New"]
    lines = [",".join(names).upper(), ",".join([*(ROW[name] for name in reversed(ROW)), "x"])]
    parsed = parse("\r\n".join(lines))
    assert parsed.rows == read({}).rows
    assert parse(report({}).replace("Order Date", "Purchase Date")).rows


def test_a_byte_order_mark_and_blank_lines_do_no_harm():
    parsed = parse("\ufeff\n" + report({}) + "\n,,,,,,,,,,,,,,,\n" + "\n")
    assert [row.line for row in parsed.rows] == [3]
    assert not parsed.refused


def test_columns_that_are_not_there_say_nothing():
    text = "Order Date,Order ID,Title,ASIN/ISBN,Item Total\n01/02/23,1-1,Lamp,B09,€5.00\n"
    row = parse(text, currency="EUR").rows[0]
    assert (row.currency, row.quantity, row.retailer) == ("EUR", 1, "Amazon.com")
    assert (row.tags, row.notes, row.status) == ((), "ASIN B09", "ordered")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$13.05", "13.05"),
        ("$1,200.50", "1200.50"),
        ("1200.5", "1200.50"),
        ("$99,999,999.99", "99999999.99"),
    ],
)
def test_an_amount_is_exact_with_its_sign_and_its_thousands(text, amount):
    assert only(total(text)).price == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    ["free", "$1.200,50", "$13.055", "$100,000,000.00", "NaN", "1e3", "$$5", "$", "12,34.00"],
)
def test_a_total_that_cannot_be_read_refuses_its_row_alone(text):
    parsed = read({}, total(text), {"Order ID": "113-2"})
    assert [row.line for row in parsed.rows] == [2, 4]
    assert [remark.line for remark in parsed.refused] == [3]
    assert parsed.refused[0].text.startswith(f"Item Total: “{text}” cannot be read. ")


def test_an_amount_with_the_mark_of_another_currency_refuses_its_row():
    for currency, text in (("EUR", "$5.00"), ("USD", "£3.00")):
        assert read({"Currency": currency, **total(text)}).refused == [
            Remark(2, f"Item Total: “{text}” is not in {currency}.")
        ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12/31/23", date(2023, 12, 31)),
        ("1/2/2019", date(2019, 1, 2)),
        ("02/29/20", date(2020, 2, 29)),
        ("07/15/98", date(1998, 7, 15)),
    ],
)
def test_a_day_is_month_first(text, day):
    assert only({"Order Date": text}).purchased_on == day


@pytest.mark.parametrize("text", ["31/12/23", "02/29/21", "2023-12-31", "12/31/203", "", "soon"])
def test_a_day_that_cannot_be_read_refuses_its_row_alone(text):
    parsed = read({"Order Date": text}, {"Order ID": "113-2"})
    assert [row.line for row in parsed.rows] == [3]
    assert parsed.refused == [Remark(2, f"Order Date: “{text}” is no day like 12/31/23")]


def test_a_blank_title_is_called_by_its_number_and_told():
    cells = {"Title": "", "Category": ""}
    assert only(cells).name == "Item B01"
    assert oddities(cells) == ["Title: is blank; it is called “Item B01”"]


def test_a_title_that_is_too_long_is_cut_and_told():
    name = only({"Title": "x" * 300}).name
    assert (len(name), name[-2:]) == (255, "x…")
    assert only({"Title": "x" * 255}).name == "x" * 255
    assert oddities({"Title": "x" * 256}) == ["Title: is longer than 255 characters and was cut"]


@pytest.mark.parametrize(
    ("cells", "status", "odd"),
    [
        ({}, "received", []),
        ({"Order Status": "Pending"}, "ordered", []),
        ({"Order Status": "Returned"}, "returned", ["Order Status: is “Returned”"]),
        ({"Order Status": ""}, "received", ["Order Status: is blank, taken as received"]),
        (
            {"Order Status": "", "Shipment Date": ""},
            "ordered",
            ["Order Status: is blank, taken as ordered"],
        ),
        (
            {"Order Status": "Lost"},
            "received",
            ["Order Status: “Lost” is not known, taken as received"],
        ),
    ],
)
def test_a_status_is_one_of_ours_and_told_when_it_is_not_plain(cells, status, odd):
    assert only(cells).status == status
    assert oddities(cells) == odd


def test_a_zero_list_price_says_nothing_and_one_that_cannot_be_read_is_told():
    cells = {"List Price Per Unit": "$0.00"}
    assert only(cells).price == Decimal("13.05")
    assert oddities(cells) == []
    assert oddities({"List Price Per Unit": "n/a"})[0].startswith(
        "List Price Per Unit: “n/a” cannot"
    )


def test_a_total_that_is_not_the_sum_of_its_parts_counts_and_is_told():
    assert only({"Item Total": "$14.00"}).price == 14
    assert oddities({"Item Total": "$14.00"}) == [
        "Item Total: 14.00 is not 11.99 and 1.06 of tax; the total counts"
    ]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (total("$0.00") | {"Quantity": "0"}, "Item Total: is zero, so nothing was paid"),
        (
            total("") | {"Order Status": "Returned"},
            "Item Total: is blank, and nothing of it was kept",
        ),
        (total("") | {"Quantity": "0"}, "Item Total: is blank, and nothing of it was kept"),
        (total("-$5.00"), "Item Total: -5.00 is money that came back, not a purchase"),
        (total("$-5.00"), "Item Total: -5.00 is money that came back, not a purchase"),
        (total("($5.00)"), "Item Total: -5.00 is money that came back, not a purchase"),
        ({"Order Status": "Cancelled"}, "was cancelled, so nothing was bought"),
    ],
)
def test_a_row_that_is_no_purchase_is_read_and_says_why(cells, reason):
    assert only(cells).left_out == reason


def test_what_is_odd_about_a_row_that_is_no_purchase_is_not_said_to_be_taken_as_anything():
    cells = total("$0.00") | {"Quantity": "0", "Order Status": "", "Shipment Date": ""}
    assert oddities(cells) == ["Quantity: is zero", "Order Status: is blank"]


def test_a_blank_total_is_refused_unless_the_item_was_returned():
    assert read(total("")).refused == [Remark(2, "Item Total: is blank")]


@pytest.mark.parametrize(("text", "word"), [("0", "zero"), ("", "blank")])
def test_a_quantity_that_is_not_there_is_one_and_told(text, word):
    assert only({"Quantity": text}).quantity == 1
    assert oddities({"Quantity": text}) == [f"Quantity: is {word}, taken as 1"]


@pytest.mark.parametrize("text", ["-1", "1.5", "two", "1234567"])
def test_a_quantity_that_cannot_be_read_refuses_its_row(text):
    parsed = read({"Quantity": text})
    assert parsed.refused == [Remark(2, f"Quantity: “{text}” is not a whole number")]
    assert not parsed.rows


def test_the_shop_is_the_retailer_and_who_sold_it_stands_in_the_notes():
    row = only({"Seller": "Thrift Books", "Condition": "used good", "Website": "Amazon.co.uk"})
    assert row.retailer == "Amazon.co.uk"
    assert row.notes == "Sold by Thrift Books\nCondition: used good\nASIN B01"


def test_a_category_is_a_tag_in_plain_words():
    assert only({"Category": "TOILET_PAPER"}).tags == ("toilet paper",)
    assert only({"Category": "ABIS_BOOK"}).tags == ("book",)
    assert only({"Category": ""}).tags == ()


def test_a_currency_is_the_rows_own_else_the_given_one():
    assert only({"Currency": "gbp", **total("£5")}).currency == "GBP"
    assert only({"Currency": "", **total("€5")}, currency="EUR").currency == "EUR"
    assert read({"Currency": "ZZZ"}).refused == [Remark(2, "Currency: “ZZZ” is no currency")]
    assert not read({"Currency": "JPY", **total("1200")}).refused
    assert read({"Currency": "JPY", **total("12.50")}).refused


def test_the_same_item_twice_in_one_order_is_two_rows_with_names_of_their_own():
    parsed = read({}, {}, {"Order ID": "113-2"}, {"ASIN/ISBN": "B02"}, {})
    assert [row.source_id for row in parsed.rows] == [
        "113-1/B01/1",
        "113-1/B01/2",
        "113-2/B01/1",
        "113-1/B02/1",
        "113-1/B01/3",
    ]


def test_a_row_that_is_mended_later_does_not_rename_the_others():
    broken, mended = read({"Order Date": "soon"}, {}), read({}, {})
    assert broken.rows[0].source_id == mended.rows[1].source_id


def test_an_item_without_a_number_is_known_by_its_title():
    assert only({"ASIN/ISBN": ""}).source_id == "113-1/bath towel/1"
    assert len(only({"ASIN/ISBN": "", "Title": "x" * 255}).source_id) < 200


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Order ID": ""}, "Order ID: is blank"),
        ({"ASIN/ISBN": "", "Title": " "}, "ASIN/ISBN and Title: are blank"),
        ({"Order ID": "9" * 91}, "Order ID: is longer than 90 characters"),
    ],
)
def test_a_row_that_could_not_be_known_again_is_refused(cells, reason):
    (refused,) = read(cells).refused
    assert refused.text.startswith(reason)


def test_a_title_over_several_lines_is_one_and_lines_are_still_counted():
    parsed = read({"Title": "Bath\nTowel"}, {"Order ID": "113-2"})
    assert [(row.line, row.name) for row in parsed.rows] == [(2, "Bath Towel"), (4, "Bath Towel")]


def test_too_few_cells_and_an_open_quotation_mark_spoil_their_own_rows():
    text = report({}) + '03/04/18,113-9\r\n03/04/18,"113-9\r\n'
    parsed = parse(text)
    assert len(parsed.rows) == 1
    assert parsed.refused == [
        Remark(3, "has 2 cells and the header 16"),
        Remark(4, "the quotation marks do not pair up"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The file is empty."),
        ("\n \n", "The file is empty."),
        ("a,b\n1,2\n", "not Amazon’s items report: the header has no Order Date, Order ID"),
        ("Order Date,Order ID,Title,ASIN/ISBN\n", "the header has no Item Total."),
        ("Website,Order ID,Total Owed,Product Name\n", "Amazon’s newer order history"),
        (report().replace("Category", "Title"), "two columns that could be Title"),
        ('"Order Date', "The header cannot be read"),
    ],
)
def test_a_file_that_is_no_items_report_is_refused_whole(text, reason):
    with pytest.raises(BadFile, match=reason):
        parse(text)


def test_a_header_alone_is_a_report_without_rows():
    parsed = read()
    assert (parsed.rows, parsed.refused) == ([], [])
