"""Registers of Mint, YNAB and Actual: what was spent is a purchase, the rest says why not."""

from datetime import date
from decimal import Decimal

import pytest

from purchases.importing.choices import Choices
from purchases.importing.formats import recognise
from purchases.importing.rows import BadFile, Remark
from purchases.tests import tables

MINT = {
    "Date": "02/01/2023",
    "Description": "Corner Shop",
    "Original Description": "CORNER SHOP 0123",
    "Amount": "1,234.50",
    "Transaction Type": "debit",
    "Category": "Groceries",
    "Account Name": "Checking",
    "Labels": "",
    "Notes": "",
}
YNAB = {
    "Account": "Checking",
    "Flag": "",
    "Date": "01/02/2023",
    "Payee": "Corner Shop",
    "Category Group/Category": "Needs: Food, drinks",
    "Category Group": "Needs",
    "Category": "Food, drinks",
    "Memo": "milk",
    "Outflow": "$12.50",
    "Inflow": "$0.00",
    "Cleared": "Cleared",
}
LEGACY = {
    "Account": "Checking",
    "Flag": "",
    "Check Number": "",
    "Date": "01/02/2015",
    "Payee": "Corner Shop",
    "Category": "Needs: Food",
    "Master Category": "Needs",
    "Sub Category": "Food",
    "Memo": "",
    "Outflow": "12.50",
    "Inflow": "0.00",
    "Cleared": "R",
    "Running Balance": "100.00",
}
ACTUAL = {
    "Account": "Checking",
    "Date": "2023-02-01",
    "Payee": "Corner Shop",
    "Notes": "milk",
    "Category_Group": "Needs",
    "Category": "Food",
    "Amount": "-12.5",
    "Split_Amount": "0",
    "Cleared": "Cleared",
}
SPOKEN = {"currency": "USD", "days": "dmy", "decimals": "point"}


def read(usual, *rows, **choices):
    return tables.read(tables.table_of(usual, *rows), **{**SPOKEN, **choices})


def fate(usual, cells):
    row = read(usual, cells).only
    return row.price, row.left_out


@pytest.mark.parametrize(
    ("usual", "key", "asked"),
    [
        (MINT, "mint", ("currency",)),
        (YNAB, "ynab", ("days", "decimals", "currency")),
        (LEGACY, "ynab", ("days", "decimals", "currency")),
        (ACTUAL, "actual", ("currency",)),
    ],
)
def test_a_register_is_recognised_and_asks_what_it_does_not_say(tmp_path, usual, key, asked):
    head = tables.laid(tmp_path, tables.table_of(usual, {})).head
    known = recognise(head)
    assert (known.key, known.asks(head, Choices())) == (key, asked)
    assert known.asks(head, Choices(**SPOKEN)) == ()
    with pytest.raises(BadFile, match=r"Choose first: .*the currency"):
        tables.read(tables.table_of(usual, {}))


def test_ynab_with_days_year_first_needs_no_order_of_days(tmp_path):
    head = tables.laid(tmp_path, tables.table_of(YNAB, {"Date": "2023-02-01"})).head
    assert recognise(head).asks(head, Choices()) == ("decimals", "currency")
    result = read(YNAB, *[{"Date": "2023-02-01"}] * 20, {"Date": "03/02/2023"}, days="")
    assert {row.purchased_on for row in result.rows} == {date(2023, 2, 1)}
    assert result.refused == [Remark(22, "Date: “03/02/2023” is no day like 2026-12-31")]


def test_a_currency_that_is_none_refuses_the_file():
    with pytest.raises(BadFile, match="“XYZ” is no currency"):
        read(MINT, {}, currency="XYZ")


def test_a_debit_of_mint_was_spent():
    row = read(MINT, {"Labels": "trip", "Notes": "twice"}).only
    assert (row.name, row.retailer, row.price) == (
        "Corner Shop",
        "Corner Shop",
        Decimal("1234.50"),
    )
    assert (row.purchased_on, row.tags) == (date(2023, 2, 1), ("Groceries", "trip"))
    assert row.notes == "twice\nOn the statement: CORNER SHOP 0123"
    assert (row.currency, row.source, row.left_out, row.oddities) == ("USD", "mint", "", ())


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Transaction Type": "credit"}, "came in and was not spent"),
        ({"Category": "Transfer"}, "only moved money between accounts"),
        ({"Category": "Credit Card Payment"}, "only moved money between accounts"),
        ({"Amount": "0.00"}, "Amount: is zero, so nothing was paid"),
    ],
)
def test_what_mint_does_not_call_spent_is_left_out(cells, reason):
    assert read(MINT, cells).only.left_out == reason


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Transaction Type": "loan"}, "Transaction Type: “loan” is neither debit nor credit"),
        ({"Date": "31/12/2023"}, "Date: “31/12/2023” is no day like 12/31/2026"),
        ({"Amount": ""}, "Amount: is blank"),
        ({"Amount": "€5"}, "Amount: “€5” is not in USD."),
    ],
)
def test_a_row_of_mint_that_cannot_be_read_says_why(cells, reason):
    assert read(MINT, cells).refused == [Remark(2, reason)]


def test_an_outflow_of_ynab_was_spent():
    row = read(YNAB, {}).only
    assert (row.name, row.price, row.purchased_on) == (
        "Corner Shop",
        Decimal("12.50"),
        date(2023, 2, 1),
    )
    assert (row.tags, row.notes, row.source) == (("Food drinks",), "milk", "ynab")
    assert read(YNAB, {}, days="mdy").only.purchased_on == date(2023, 1, 2)
    euros = {"Outflow": "12,50€", "Inflow": "0,00€"}
    row = read(YNAB, euros, decimals="comma", currency="EUR").only
    assert (row.price, row.currency) == (Decimal("12.50"), "EUR")


def test_a_register_of_the_first_ynab_has_the_lower_category():
    row = read(LEGACY, {}).only
    assert (row.tags, row.price) == (("Food",), Decimal("12.50"))


@pytest.mark.parametrize(
    ("cells", "fated"),
    [
        ({"Outflow": "$0.00", "Inflow": "$9.00"}, (9, "came in and was not spent")),
        ({"Outflow": "", "Inflow": ""}, (0, "Outflow: is zero, so nothing was paid")),
        ({"Payee": "Transfer : Savings"}, (Decimal("12.5"), "only moved money between accounts")),
        ({"Payee": "Starting Balance"}, (Decimal("12.5"), "is what an account began with")),
        (
            {"Payee": "Reconciliation Balance Adjustment"},
            (Decimal("12.5"), "only corrects the balance of an account"),
        ),
        (
            {"Payee": "Manual Balance Adjustment"},
            (Decimal("12.5"), "only corrects the balance of an account"),
        ),
    ],
)
def test_what_ynab_does_not_call_spent_is_left_out(cells, fated):
    assert fate(YNAB, cells) == fated


def test_a_row_of_ynab_with_both_amounts_is_refused():
    assert read(YNAB, {"Inflow": "$1.00"}).refused == [
        Remark(2, "Outflow: and Inflow both have an amount")
    ]


def test_a_negative_amount_of_actual_was_spent():
    row = read(ACTUAL, {}).only
    assert (row.name, row.price, row.tags, row.notes) == (
        "Corner Shop",
        Decimal("12.5"),
        ("Food",),
        "milk",
    )
    assert (row.purchased_on, row.left_out) == (date(2023, 2, 1), "")


@pytest.mark.parametrize(
    ("cells", "fated"),
    [
        ({"Amount": "9"}, (9, "came in and was not spent")),
        ({"Amount": "0"}, (0, "Amount: is zero, so nothing was paid")),
        (
            {"Amount": "0", "Split_Amount": "-12.5"},
            (0, "is the sum of parts that have rows of their own"),
        ),
        (
            {"Payee": "Starting Balance", "Category": "Starting Balances"},
            (Decimal("12.5"), "is what an account began with"),
        ),
        (
            {"Payee": "", "Notes": "Reconciliation balance adjustment"},
            (Decimal("12.5"), "only corrects the balance of an account"),
        ),
    ],
)
def test_what_actual_does_not_call_spent_is_left_out(cells, fated):
    assert fate(ACTUAL, cells) == fated


def test_a_transfer_of_actual_to_an_account_of_the_file_moved_money():
    rows = read(
        ACTUAL,
        {"Payee": "savings", "Category": ""},
        {"Account": "Savings", "Payee": "Checking", "Category": "", "Amount": "12.5"},
        {"Payee": "Corner Shop", "Category": ""},
        {"Payee": "Savings", "Category": "Interest"},
    ).rows
    moved = "only moved money between accounts"
    assert [row.left_out for row in rows] == [moved, moved, "", ""]


def test_the_parts_of_a_split_of_actual_sum_up_to_it():
    result = read(
        ACTUAL,
        {"Notes": "(SPLIT INTO 2) ", "Amount": "0", "Split_Amount": "-12.5"},
        {"Notes": "(SPLIT 1 OF 2) ", "Amount": "-10"},
        {"Notes": "(SPLIT 2 OF 2) ", "Amount": "-2.5"},
    )
    assert sum(row.price for row in result.rows if not row.left_out) == Decimal("12.5")


def test_an_export_of_one_account_of_actual_has_no_column_for_splits():
    usual = {name: text for name, text in ACTUAL.items() if name != "Split_Amount"}
    assert read(usual, {}).only.price == Decimal("12.5")


def test_a_blank_amount_of_actual_is_refused():
    assert read(ACTUAL, {"Amount": ""}).refused == [Remark(2, "Amount: is blank")]


@pytest.mark.parametrize("usual", [MINT, YNAB, ACTUAL])
def test_the_same_file_again_names_its_rows_the_same_and_twins_apart(usual):
    rows: tuple[dict[str, str], ...] = (
        {},
        {},
        {"Date": "2023-02-03" if usual is ACTUAL else "03/02/2023"},
    )
    first, again = read(usual, *rows), read(usual, *rows)
    ids = [row.source_id for row in first.rows]
    assert ids == [row.source_id for row in again.rows]
    assert len(set(ids)) == 3
    assert ids[0].removesuffix("/1") == ids[1].removesuffix("/2")


@pytest.mark.parametrize("usual", [MINT, YNAB, ACTUAL])
def test_the_same_in_another_account_is_another_row(usual):
    account = "Account Name" if usual is MINT else "Account"
    rows = read(usual, {}, {account: "Card"}).rows
    assert rows[0].source_id != rows[1].source_id


def test_a_row_without_a_payee_is_called_by_what_else_it_says():
    row = read(YNAB, {"Payee": ""}).only
    assert (row.name, row.retailer) == ("milk", "")
    assert row.oddities == ("Payee: is blank; it is called “milk”",)
