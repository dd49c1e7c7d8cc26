"""Our own CSV of purchases read back: the same purchases, and what it leaves out is told."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.sheets import neutralise, stream
from people.models import User
from people.tests.factories import UserFactory
from purchases.columns import CSV_HEADER, csv_rows
from purchases.importing.choices import Choices
from purchases.importing.formats import recognise
from purchases.importing.own_table import _restored
from purchases.importing.rows import Remark, Row, WarrantyRow
from purchases.models import Purchase
from purchases.tests import tables
from purchases.tests.factories import (
    TODAY,
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
    viewer_of,
)

UID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ROW = {
    "name": "Kettle",
    "retailer": "Shop",
    "brand": "Acme",
    "tags": "tea",
    "bought on": "2026-07-15",
    "price": "90.00",
    "currency": "EUR",
    "exchange rate": "1.1",
    "amount": "99.00",
    "quantity": "3",
    "unit price": "30.00",
    "status": "ordered",
    "order number": "O-1",
    "model number": "M-1",
    "serial number": "S-1",
    "link": "https://example.com/kettle",
    "returnable until": "2026-07-29",
    "return policy": "Unused",
    "tax deductible": "yes",
    "notes": "Blue",
    "owner": "ann",
    "shared": "no",
    "gift": "no",
    "warranties": "",
    "papers": "0",
    "uid": UID,
    "source": "",
    "source id": "",
}


def read(*rows, usual=ROW, **choices):
    return tables.read(tables.table_of(usual, *rows), **choices)


def only(cells=None, **choices):
    return read(cells or {}, **choices).only


def exported() -> str:
    viewer = viewer_of(User.objects.order_by("pk").first())
    return "".join(stream(CSV_HEADER, csv_rows(Purchase.objects.all(), viewer)))


def test_our_table_is_recognised_and_asks_nothing(tmp_path):
    head = tables.laid(tmp_path, tables.table_of(ROW, {})).head
    assert recognise(head).key == "pursestrings-table"
    assert recognise(head).asks(head, Choices()) == ()


@pytest.mark.django_db
def test_what_was_written_reads_back():
    purchase = PurchaseFactory(
        owner=UserFactory(username="ann"),
        name='=Kettle, "big"',
        retailer=RetailerFactory(name="+44 shop"),
        brand=BrandFactory(name="Acme"),
        tags=[TagFactory(name="tea"), TagFactory(name='"cold" milk')],
        price=Decimal("90.00"),
        currency="EUR",
        exchange_rate=Decimal("1.1"),
        quantity=3,
        status="ordered",
        order_number="-1",
        model_number="'=M",
        serial_number="S-1",
        link="https://example.com/kettle",
        return_by=TODAY + timedelta(days=14),
        return_policy="Unused",
        tax_deductible=True,
        notes="@Blue\n\n  two lines",
        shared=True,
        source="amazon-items",
        source_id="113-1/B01/1",
    )
    WarrantyFactory(purchase=purchase, ends_on=TODAY + timedelta(days=365))
    WarrantyFactory(purchase=purchase, kind="parts", ends_on=None, voided=True)
    row = tables.read(exported()).only
    assert row.uid == str(purchase.uid)
    for name in (
        *("name", "price", "currency", "quantity", "status", "order_number", "model_number"),
        *("serial_number", "link", "return_by", "return_policy", "tax_deductible", "notes"),
        *("shared", "source", "source_id", "purchased_on"),
    ):
        assert getattr(row, name) == getattr(purchase, name), name
    assert row.owner == "ann"
    assert (row.retailer, row.brand) == ("+44 shop", "Acme")
    assert sorted(row.tags) == ['"cold" milk', "tea"]
    assert row.warranties == (
        WarrantyRow(starts_on=TODAY, ends_on=TODAY + timedelta(days=365)),
        WarrantyRow(kind="parts", starts_on=TODAY, ends_on=None, voided=True),
    )
    assert row.oddities == ()


@pytest.mark.django_db
def test_what_the_table_leaves_out_is_told():
    purchase = PurchaseFactory(owner=UserFactory())
    AttachmentFactory(purchase=purchase)
    PurchaseFactory(owner=None)
    rows = {row.uid: row for row in tables.read(exported()).rows}
    assert rows[str(purchase.uid)].oddities == (
        f"in the file it belongs to {purchase.owner.display_name}",
        "the papers are not in this file; a ZIP export has them",
    )


@given(text=st.text(alphabet=st.sampled_from("'=+-@\t\rab")))
def test_an_apostrophe_before_a_formula_is_taken_off_and_no_other(text):
    assert _restored(neutralise(text)) == text


def test_a_purchase_for_a_gift_comes_back_unshared_and_is_told():
    row = only({"gift": "yes", "shared": "yes"})
    assert (row.shared, row.was_for_gift, row.secret_until) == (False, True, None)
    assert row.oddities == ("it was bought for a gift, which is not in what is imported",)
    row = only({"shared": "yes"})
    assert (row.shared, row.was_for_gift) == (True, False)


def test_a_surprise_comes_back_as_one():
    secret = {**ROW, "secret until": ""}
    for gift in ("yes", "no"):
        cells = {"gift": gift, "shared": "yes", "secret until": "2026-12-24"}
        row = read(cells, usual=secret).only
        assert (row.shared, row.was_for_gift) == (False, True)
        assert row.secret_until == date(2026, 12, 24)
    assert read({"secret until": "soon"}, usual=secret).refused == [
        Remark(2, "secret until: “soon” is no day like 2026-12-31")
    ]


def test_a_stored_rate_is_taken_in_the_currency_it_is_in_and_in_no_other():
    assert only(currency="USD").exchange_rate is None
    based = {**ROW, "base currency": "USD"}
    assert read({}, usual=based, currency="USD").only.exchange_rate == Decimal("1.1")
    assert read({}, usual=based, currency="CZK").only.exchange_rate is None
    assert read({}, usual=based).only.exchange_rate is None
    assert read({"exchange rate": "0"}, usual=based, currency="USD").refused == [
        Remark(2, "exchange rate: “0” is no exchange rate")
    ]


def test_a_table_of_earlier_days_names_its_rows_by_what_they_say():
    early = {name: text for name, text in ROW.items() if not name.startswith(("uid", "source"))}
    first, again = read({}, {}, usual=early), read({}, {}, usual=early)
    ids = [row.source_id for row in first.rows]
    assert ids == [row.source_id for row in again.rows]
    assert len(set(ids)) == 2
    assert {(row.source, row.uid) for row in first.rows} == {("pursestrings", "")}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"name": ""}, "name: is blank"),
        ({"price": "0.00"}, "price: 0.00 is not more than 0"),
        ({"price": "-5"}, "price: -5 is not more than 0"),
        ({"price": ""}, "price: is blank"),
        ({"currency": ""}, "currency: is blank"),
        ({"currency": "XYZ"}, "currency: “XYZ” is no currency"),
        ({"bought on": "15/07/2026"}, "bought on: “15/07/2026” is no day like 2026-12-31"),
        ({"status": "lost"}, "status: “lost” is none of ordered, received, returned"),
        ({"shared": "perhaps"}, "shared: “perhaps” is neither yes nor no"),
        ({"uid": "7"}, "uid: “7” is no UUID"),
        ({"returnable until": "2026-07-01"}, "returnable until: 2026-07-01 is before 2026-07-15"),
        ({"source id": "9" * 201}, "source id: is longer than 200 characters"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(cells, reason):
    result = read({}, cells, {})
    assert [row.line for row in result.rows] == [2, 4]
    assert result.refused == [Remark(3, reason)]


@pytest.mark.parametrize(
    "promise",
    [
        "manufacturer until 2027",
        "eternal from 2026-01-01 for life",
        "parts from 2026-13-01 for life",
        "parts from 2026-01-02 to 2026-01-01",
    ],
)
def test_a_warranty_that_cannot_be_read_is_left_out_and_told(promise):
    row = only({"warranties": f"{promise}; parts from 2026-01-01 for life"})
    assert row.warranties == (WarrantyRow(kind="parts", starts_on=date(2026, 1, 1), ends_on=None),)
    assert row.oddities == (f"warranties: “{promise}” cannot be read; it was left out",)


def test_a_table_that_names_no_owners_has_one():
    row = read({"owner": ""}, {"owner": ""}).rows[0]
    assert (row.oddities, row.owner) == ((), "")


def test_whose_a_purchase_is_stands_in_the_row_as_the_table_names_them():
    rows = read({"owner": "Ann Smith"}, {"owner": "'=ben"}, {"owner": "x" * 400}).rows
    assert [row.owner for row in rows] == ["Ann Smith", "=ben", "x" * 301]
    assert [Row.from_json(row.as_json()) for row in rows] == rows


def test_rows_that_cannot_be_read_are_nobodys():
    result = tables.read(tables.table_of(ROW, {}) + "x,y\n")
    assert [row.oddities for row in result.rows] == [()]
    assert result.refused == [Remark(3, f"has 2 cells and the header {len(ROW)}")]
