"""Amounts and days as files write them: read exactly in the chosen way, or refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchases.importing.texts import BadText, amount, day

GROUPS = {"point": [",", "'", "’", " ", ""], "comma": [".", "'", "’", " ", ""]}
MARKS = {"point": ".", "comma": ","}


@pytest.mark.parametrize(
    ("text", "decimals", "value"),
    [
        ("1,234.56", "point", "1234.56"),
        ("1.234,56", "comma", "1234.56"),
        ("$5", "point", "5"),
        ("-5", "point", "-5"),
        ("+5", "point", "5"),
        ("\N{MINUS SIGN}5.00", "point", "-5"),
        ("(5.00)", "point", "-5"),
        ("$-5.00", "point", "-5"),
        ("-$5.00", "point", "-5"),
        ("5,00-", "comma", "-5"),
        ("-12,50 €", "comma", "-12.50"),
        ("1 234,50", "comma", "1234.50"),
        ("1'234.50", "point", "1234.50"),
        ("12,50 Kč", "comma", "12.50"),
        ("US$5", "point", "5"),
        ("EUR 5.10", "point", "5.10"),
        ("5.10 EUR", "point", "5.10"),
        (".5", "point", "0.5"),
        ("5.", "point", "5"),
        ("1.234", "comma", "1234"),
        ("1,234", "point", "1234"),
        ("1,234,567.89", "point", "1234567.89"),
        ("99,999,999.99", "point", "99999999.99"),
    ],
)
def test_an_amount_is_read_exactly(text, decimals, value):
    read = amount(text, places=2, decimals=decimals)
    assert (read, type(read)) == (Decimal(value), Decimal)


@pytest.mark.parametrize("decimals", ["point", "comma"])
@pytest.mark.parametrize(
    "text",
    [
        *("", "1e3", "NaN", "Infinity", "free", "$", "-", ".", ",", "$$5", "--5", "(-5)", "-5-"),
        *("1.23.4", "1,23,4", "1,2345.00", "1.2345,00", "1 23", "1,234 567", "0x10", "٣", "5 kr."),
        *("5 XYZ", "12.345", "12,345.6.7", "1_000", "½"),
    ],
)
def test_what_is_no_amount_is_refused_and_quoted(text, decimals):
    if (text, decimals) == ("12.345", "comma"):
        assert amount(text, places=2, decimals=decimals) == 12345
        return
    with pytest.raises(BadText) as refused:
        amount(text, places=2, decimals=decimals)
    assert str(refused.value).startswith(f"“{text}” cannot be read. ")


@pytest.mark.parametrize(
    ("text", "decimals"), [("1.234,56", "point"), ("1,234.56", "comma"), ("1,234", "comma")]
)
def test_the_other_decimal_mark_is_never_guessed(text, decimals):
    with pytest.raises(BadText):
        amount(text, places=2, decimals=decimals)


def test_an_amount_has_no_more_decimals_than_its_currency_and_no_more_than_a_price():
    assert amount("12.50", places=2) == Decimal("12.50")
    assert amount("12.500", places=2) == Decimal("12.50")
    with pytest.raises(BadText, match="Use at most 2 decimal places"):
        amount("12.505", places=2)
    with pytest.raises(BadText, match="no decimal places"):
        amount("12.5", places=0)
    with pytest.raises(BadText, match=r"more than 99,999,999\.99"):
        amount("100,000,000.00", places=2)


@pytest.mark.parametrize(
    ("text", "currency", "fits"),
    [
        ("€5", "EUR", True),
        ("€5", "USD", False),
        ("5 GBP", "GBP", True),
        ("5 GBP", "USD", False),
        ("$5", "CAD", True),
        ("CA$5", "CAD", True),
        ("CA$5", "USD", False),
        ("R$5", "BRL", True),
        ("R$5", "USD", False),
        ("MX$5", "MXN", True),
        ("$5", "EUR", False),
        ("5 $", "GBP", False),
        ("£5", "GBP", True),
        ("£5", "USD", False),
        ("5 kr", "SEK", True),
        ("5 kr", "EUR", False),
        ("5", "EUR", True),
    ],
)
def test_the_mark_of_another_currency_is_refused(text, currency, fits):
    if fits:
        assert amount(text, places=2, currency=currency) == 5
        return
    with pytest.raises(BadText, match=f"is not in {currency}"):
        amount(text, places=2, currency=currency)


def grouped(whole: int, mark: str) -> str:
    return f"{whole:,}".replace(",", mark)


@given(
    cents=st.integers(-9_999_999_999, 9_999_999_999),
    decimals=st.sampled_from(["point", "comma"]),
    data=st.data(),
)
def test_an_amount_written_in_either_way_reads_back_to_the_cent(cents, decimals, data):
    group = data.draw(st.sampled_from(GROUPS[decimals]))
    whole, rest = divmod(abs(cents), 100)
    number = f"{grouped(whole, group)}{MARKS[decimals]}{rest:02}"
    signed = [number] if cents >= 0 else [f"-{number}", f"({number})", f"{number}-", f"-€{number}"]
    text = data.draw(st.sampled_from(signed))
    assert amount(text, places=2, decimals=decimals) == Decimal(cents).scaleb(-2)


@given(
    cents=st.integers(0, 9_999_999_999),
    decimals=st.sampled_from(["point", "comma"]),
    group=st.sampled_from([",", ".", " ", "'"]),
)
def test_an_amount_is_never_read_as_another_one(cents, decimals, group):
    mark = MARKS["comma" if group == "." else "point"]
    whole, rest = divmod(cents, 100)
    text = f"{grouped(whole, group)}{mark}{rest:02}"
    try:
        read = amount(text, places=2, decimals=decimals)
    except BadText:
        return
    assert read == Decimal(cents).scaleb(-2)


@pytest.mark.parametrize(
    ("text", "order", "value"),
    [
        ("2026-02-01", "", date(2026, 2, 1)),
        ("2026-02-01", "dmy", date(2026, 2, 1)),
        ("2026-02-01", "mdy", date(2026, 2, 1)),
        ("2026/2/1", "ymd", date(2026, 2, 1)),
        ("2026.02.01.", "ymd", date(2026, 2, 1)),
        ("20260201", "ymd", date(2026, 2, 1)),
        ("01/02/03", "dmy", date(2003, 2, 1)),
        ("01/02/03", "mdy", date(2003, 1, 2)),
        ("01/02/03", "ymd", date(2001, 2, 3)),
        ("1.2.2026", "dmy", date(2026, 2, 1)),
        ("1. 2. 2026", "dmy", date(2026, 2, 1)),
        ("31-12-69", "dmy", date(1969, 12, 31)),
        ("31-12-68", "dmy", date(2068, 12, 31)),
        ("29/02/2028", "dmy", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_in_the_chosen_order(text, order, value):
    assert day(text, order) == (value, "")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("31/02/2026", "dmy"),
        ("02/31/2026", "mdy"),
        ("2026-13-01", ""),
        ("2026-13-01", "dmy"),
        ("29/02/2027", "dmy"),
        ("01/02/03", ""),
        ("13/01/2026", "mdy"),
        ("01/02-2026", "dmy"),
        ("1/2/203", "dmy"),
        ("20260201", "dmy"),
        ("01022026", ""),
        ("0000-01-01", ""),
        ("2026-02", ""),
        ("tomorrow", "dmy"),
        ("", "dmy"),
        ("1/2/2026 later", "dmy"),
        ("٢٨/٣/٢٣٢٦", "dmy"),
    ],
)
def test_what_is_no_day_in_that_order_is_refused_and_quoted(text, order):
    with pytest.raises(BadText) as refused:
        day(text, order)
    assert str(refused.value).startswith(f"“{text}” is no day like ")


def test_a_refusal_shows_how_a_day_is_written():
    for order, like in (("dmy", "31.12.2026"), ("mdy", "12/31/2026"), ("ymd", "2026-12-31")):
        with pytest.raises(BadText, match=like):
            day("soon", order)


@pytest.mark.parametrize(
    ("text", "order", "offset"),
    [
        ("2026-02-01T23:30:00+02:00", "", "+02:00"),
        ("2026-02-01T23:30:00Z", "", "Z"),
        ("2026-02-01 23:30:00.123456 UTC", "", "UTC"),
        ("2026-02-01 23:30:00 -0800", "", "-0800"),
        ("2026-02-01 23:30", "", ""),
        ("01.02.2026, 23:30", "dmy", ""),
        ("2/1/2026 11:30 PM", "mdy", ""),
    ],
)
def test_a_clock_beside_a_day_moves_nothing_and_its_offset_is_told(text, order, offset):
    assert day(text, order) == (date(2026, 2, 1), offset)


@given(value=st.dates(date(1969, 1, 1), date(2068, 12, 31)), data=st.data())
def test_a_day_written_in_an_order_reads_back(value, data):
    order, pattern = data.draw(
        st.sampled_from(
            [
                *(("dmy", f"%d{mark}%m{mark}%Y") for mark in "./-"),
                *(("mdy", f"%m{mark}%d{mark}%Y") for mark in "./-"),
                *(("ymd", f"%Y{mark}%m{mark}%d") for mark in "./-"),
                ("dmy", "%d.%m.%y"),
                ("mdy", "%m/%d/%y"),
                ("ymd", "%y-%m-%d"),
            ]
        )
    )
    assert day(value.strftime(pattern), order).value == value
