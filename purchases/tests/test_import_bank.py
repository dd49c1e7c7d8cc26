"""Any table of an account: read by what a person says of it, and by nothing else."""

from datetime import date
from decimal import Decimal

import pytest

from purchases.importing.choices import Choices
from purchases.importing.formats import FIELDS, format_named, recognise, suggest_columns
from purchases.importing.rows import BadFile, Remark
from purchases.importing.sources import Head, Shape
from purchases.tests import tables

ONE = {"day": "Date", "name": "Text", "amount": "Amount"}
TWO = {"day": "Date", "name": "Text", "spent": "Debit", "came_in": "Credit"}
CHOSEN = {
    "days": "dmy",
    "decimals": "comma",
    "sign": "negative",
    "currency": "EUR",
}
ROW = {"Date": "01.02.2026", "Text": "Shop", "Amount": "-5,00"}
PAIR = {"Date": "01.02.2026", "Text": "Shop", "Debit": "5,00", "Credit": ""}


def one(*rows, usual=ROW, **choices):
    text = tables.table_of(usual, *rows)
    return tables.read(text, "bank", **{**CHOSEN, "columns": ONE, **choices})


def two(*rows, **choices):
    return one(*rows, usual=PAIR, columns=TWO, **choices)


def head_of(*names, samples=()):
    return Head(shape=Shape.TABLE, delimiter=",", names=names, samples=samples)


def asked(head, **choices):
    return format_named("bank").asks(head, Choices(**choices))


HEAD = head_of("Date", "Text", "Amount", "Debit", "Credit", "Currency")


def test_a_bank_is_never_recognised_and_asks_for_everything(tmp_path):
    source = tables.laid(tmp_path, tables.table_of(ROW, {}))
    assert recognise(source.head) is None
    assert asked(source.head) == ("columns", "days", "decimals", "sign", "currency")


@pytest.mark.parametrize(
    ("choices", "left"),
    [
        ({"columns": ONE}, ("days", "decimals", "sign", "currency")),
        ({"columns": TWO}, ("days", "decimals", "currency")),
        ({"columns": {**ONE, "currency": "Currency"}}, ("days", "decimals", "sign")),
        ({"columns": {**ONE, "amount": ""}}, ("columns", "days", "decimals", "sign", "currency")),
        ({"columns": {**ONE, "day": ""}}, ("columns", "days", "decimals", "sign", "currency")),
        ({"columns": {**ONE, "name": "X"}}, ("columns", "days", "decimals", "sign", "currency")),
        ({"columns": ONE, **CHOSEN}, ()),
        ({"columns": {**ONE, "nonsense": "X"}, **CHOSEN}, ()),
    ],
)
def test_what_is_left_to_choose(choices, left):
    assert asked(HEAD, **choices) == left


def test_days_year_first_need_no_order(tmp_path):
    chosen = {**CHOSEN, "days": "", "columns": ONE}
    clear = head_of(*ONE.values(), samples=(("2026-02-01", "Shop", "-5"),))
    assert asked(clear, **chosen) == ()
    assert asked(head_of(*ONE.values(), samples=(("01.02.2026", "Shop", "-5"),)), **chosen) == (
        "days",
    )


def test_spent_amounts_with_a_minus_ask_what_it_means():
    samples = (("01.02.2026", "Shop", "-5,00", ""),)
    head = head_of(*TWO.values(), samples=samples)
    assert asked(head, columns=TWO, days="dmy", decimals="comma", currency="EUR") == ("sign",)
    row = two({"Debit": "-5,00"}).only
    assert (row.price, row.left_out) == (5, "")
    row = two({"Debit": "-5,00"}, sign="positive").only
    assert row.left_out == "Debit: -5.00 is money that came back, not a purchase"


def test_nothing_is_read_before_everything_is_chosen():
    with pytest.raises(BadFile, match="Choose first: which mark stands before the decimals"):
        one({}, decimals="")


def test_amounts_in_one_column_and_in_two_at_once_are_refused():
    with pytest.raises(BadFile, match="either in one column, or in two"):
        one({}, usual={**PAIR, "Amount": "5,00"}, columns={**TWO, "amount": "Amount"})


def test_a_row_says_what_was_bought():
    row = one({}).only
    assert (row.name, row.price, row.currency) == ("Shop", Decimal("5.00"), "EUR")
    assert (row.purchased_on, row.retailer, row.tags) == (date(2026, 2, 1), "", ())
    assert (row.source, row.left_out, row.oddities) == ("bank", "", ())


@pytest.mark.parametrize(
    ("amount", "sign", "price", "left_out"),
    [
        ("-5,00", "negative", 5, ""),
        ("5,00", "negative", 5, "came in and was not spent"),
        ("5,00", "positive", 5, ""),
        ("-5,00", "positive", 5, "came in and was not spent"),
        ("0,00", "negative", 0, "Amount: is zero, so nothing was paid"),
    ],
)
def test_the_chosen_sign_tells_what_was_spent(amount, sign, price, left_out):
    row = one({"Amount": amount}, sign=sign).only
    assert (row.price, row.left_out) == (price, left_out)


@pytest.mark.parametrize(
    ("spent", "came_in", "price", "left_out"),
    [
        ("5,00", "", 5, ""),
        ("5,00", "0,00", 5, ""),
        ("", "5,00", 5, "came in and was not spent"),
        ("0,00", "5,00", 5, "came in and was not spent"),
        ("0,00", "0,00", 0, "Debit: is zero, so nothing was paid"),
        ("", "0,00", 0, "Debit: is zero, so nothing was paid"),
    ],
)
def test_two_columns_tell_what_was_spent_and_what_came_in(spent, came_in, price, left_out):
    row = two({"Debit": spent, "Credit": came_in}).only
    assert (row.price, row.left_out) == (price, left_out)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Debit": "5,00", "Credit": "5,00"}, "Debit: and Credit both have an amount"),
        ({"Debit": "", "Credit": ""}, "Debit: is blank"),
    ],
)
def test_two_columns_that_contradict_each_other_refuse_their_row(cells, reason):
    assert two(cells).refused == [Remark(2, reason)]


def test_a_column_of_what_was_spent_alone_is_enough():
    columns = {"day": "Date", "name": "Text", "spent": "Debit"}
    assert one({}, usual=PAIR, columns=columns).only.price == 5


def test_every_column_has_its_place():
    usual = {
        **ROW,
        "Cur": "USD",
        "Shop": "Corner Shop",
        "Kind": "Food, drinks",
        "Memo": "For two",
        "Order": "O-1",
    }
    columns = {
        **ONE,
        "currency": "Cur",
        "retailer": "Shop",
        "category": "Kind",
        "notes": "Memo",
        "order_number": "Order",
    }
    row = one({}, usual=usual, columns=columns, currency="").only
    assert (row.currency, row.retailer, row.tags) == ("USD", "Corner Shop", ("Food drinks",))
    assert (row.notes, row.order_number) == ("For two", "O-1")


def test_one_column_may_be_two_things():
    row = one({}, columns={**ONE, "retailer": "Text"}).only
    assert (row.name, row.retailer) == ("Shop", "Shop")


def test_a_row_without_a_currency_of_its_own_has_the_chosen_one_or_none():
    usual, columns = {**ROW, "Cur": ""}, {**ONE, "currency": "Cur"}
    row = one({}, usual=usual, columns=columns).only
    assert (row.currency, row.oddities) == ("EUR", ("Cur: is blank, taken as EUR",))
    assert one({}, usual=usual, columns=columns, currency="").refused == [
        Remark(2, "Cur: is blank, and no currency was chosen")
    ]
    assert one({"Cur": "Gold"}, usual=usual, columns=columns).refused == [
        Remark(2, "Cur: “GOLD” is no currency")
    ]


def test_an_amount_in_another_currency_than_the_chosen_one_is_refused():
    assert one({"Amount": "-5,00 €"}).rows
    for text in ("-5,00 $", "-5,00 USD"):
        assert one({"Amount": text}).refused == [Remark(2, f"Amount: “{text}” is not in EUR.")]


def test_a_row_without_a_name_takes_another_or_is_refused():
    usual, columns = {**ROW, "Memo": "For two"}, {**ONE, "notes": "Memo"}
    row = one({"Text": ""}, usual=usual, columns=columns).only
    assert (row.name, row.oddities) == (
        "For two",
        ("Text: is blank; it is called “For two”",),
    )
    assert one({"Text": ""}).refused == [Remark(2, "Text: is blank")]


def ids(*rows, **choices):
    return [row.source_id for row in one(*rows, **choices).rows]


def test_the_same_file_again_names_its_rows_the_same_and_twins_apart():
    rows: tuple[dict[str, str], ...] = (
        {},
        {"Text": "Other"},
        {},
        {"Amount": "-6,00"},
        {"Date": "02.02.2026"},
    )
    assert ids(*rows) == ids(*rows)
    assert len(set(ids(*rows))) == 5
    assert all(len(name) <= 200 for name in ids(*rows))


def test_a_file_that_overlaps_names_the_rows_of_the_same_days_the_same():
    assert set(ids({}, {}, {"Date": "02.02.2026"})) & set(
        ids({"Date": "02.02.2026"}, {"Text": "x"})
    )


def test_how_an_amount_is_written_is_no_part_of_the_name():
    assert ids({"Amount": "-5,00"}) == ids({"Amount": "-5"})
    assert ids({"Text": "SHOP"}) == ids({"Text": "Shop"})
    assert ids({"Amount": "-5,00"}) != ids({"Amount": "-5,00"}, currency="USD")
    assert ids({"Amount": "-5,00"}) != ids({"Amount": "5,00"})


def test_a_number_of_the_banks_own_names_the_row():
    usual, columns = {**ROW, "Nr": "7"}, {**ONE, "id": "Nr"}
    first, other = ids({}, {"Nr": "8"}, usual=usual, columns=columns)
    assert first != other
    assert ids({"Text": "Renamed"}, usual=usual, columns=columns) == [first]
    assert ids({}, {}, usual=usual, columns=columns) == [first, first]


def test_accounts_are_kept_apart():
    usual, columns = {**ROW, "Account": "A"}, {**ONE, "account": "Account"}
    assert len(set(ids({}, {"Account": "B"}, usual=usual, columns=columns))) == 2


@pytest.mark.parametrize(
    ("names", "suggested"),
    [
        (
            ("Date", "Description", "Amount"),
            {"day": "Date", "name": "Description", "amount": "Amount"},
        ),
        (
            ("Buchungstag", "Verwendungszweck", "Empfänger", "Betrag", "Währung"),
            {
                "day": "Buchungstag",
                "name": "Empfänger",
                "amount": "Betrag",
                "currency": "Währung",
                "notes": "Verwendungszweck",
            },
        ),
        (
            ("Date", "Libellé", "Débit", "Crédit"),
            {"day": "Date", "name": "Libellé", "spent": "Débit", "came_in": "Crédit"},
        ),
        (
            ("DATA OPERACJI", "Opis operacji", "Kwota"),
            {"day": "DATA OPERACJI", "name": "Opis operacji", "amount": "Kwota"},
        ),
        (("Datum zaúčtování", "Popis", "Částka"), {"day": 0, "name": 1, "amount": 2}),
        (("Date", "Transaction Date", "Name"), {"day": "Date", "name": "Name"}),
        (("Date", "Amount", "Debit"), {"day": "Date", "spent": "Debit"}),
        (("Date", "Amount", "Credit"), {"day": "Date", "amount": "Amount"}),
        (("x", "y"), {}),
    ],
)
def test_columns_are_suggested_by_their_usual_names(names, suggested):
    meant = {key: names[at] if isinstance(at, int) else at for key, at in suggested.items()}
    assert suggest_columns(head_of(*names)) == meant


@pytest.mark.parametrize(
    ("names", "row", "suggested"),
    [
        (("Buchungstag", "Valuta"), ("01.07.2026", "02.07.2026"), {"day": "Buchungstag"}),
        (("Gebucht", "Valuta"), ("01.07.2026", "02.07.2026"), {"day": "Valuta"}),
        (("Datum", "Valuta"), ("01.07.2026", "SEK"), {"day": "Datum", "currency": "Valuta"}),
        (("Tag", "Valuta"), ("01.07.2026", "SEK"), {"currency": "Valuta"}),
    ],
)
def test_valuta_is_the_day_or_the_currency_that_stands_in_it(names, row, suggested):
    assert suggest_columns(head_of(*names, samples=(row, ("", "")))) == suggested


def test_umlauts_may_be_written_in_plain_letters():
    names = ("Buchungstag", "Beguenstigter/Zahlungspflichtiger", "Betrag", "Waehrung")
    meant = dict(zip(("day", "name", "amount", "currency"), names, strict=True))
    assert suggest_columns(head_of(*names)) == meant


def test_no_usual_name_is_that_of_two_fields_of_which_one_is_needed():
    usual = [(header, key) for key, known in FIELDS.items() for header in known.headers]
    needed = {header for header, key in usual if FIELDS[key].needed}
    others = {header for header, key in usual if not FIELDS[key].needed}
    assert needed & others == {"valuta"}
    assert [key for key, known in FIELDS.items() if known.needed] == ["day", "name"]
