"""Money: what an amount may be, and how a person types it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets import money
from budgets.money import BadAmount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.50"),
        ("1,200", "1200"),
        ("1,200.50", "1200.50"),
        ("1200", "1200"),
        (" 7 ", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+5", "5"),
        ("0", "0"),
        ("10.00000", "10"),
        ("-0.01", "-0.01"),
        ("\N{MINUS SIGN}3", "-3"),
        ("99,999,999.99", "99999999.99"),
    ],
)
def test_what_people_type_is_read(text, amount):
    assert money.parse(text, places=2) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-",
        "abc",
        "12 euro",
        "$5",
        "NaN",
        "Infinity",
        "1e30",
        "1E2",
        "1_000",
        "0x10",
        "1.234,56",
        "12,50",
        "1,20",
        "1,2000",
        "12,34,567",
        ",100",
        "1 000",
        "1.2.3",
        "--1",
        "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}",
        "\N{ARABIC-INDIC DIGIT FIVE}",
        "\N{SUPERSCRIPT TWO}",
        "5\x00",
    ],
)
def test_what_is_not_plainly_an_amount_is_refused_and_never_guessed(text):
    with pytest.raises(BadAmount, match=r"Enter an amount like 12\.50\."):
        money.parse(text, places=2)


@pytest.mark.parametrize("text", ["100,000,000", "99999999.991", "-100000000", "9" * 400])
def test_an_amount_has_a_largest_value(text):
    with pytest.raises(BadAmount, match=r"more than 99,999,999\.99"):
        money.parse(text, places=2)


@pytest.mark.parametrize(
    ("text", "places", "message"),
    [
        ("10.005", 2, "Use at most 2 decimal places."),
        ("0.001", 2, "Use at most 2 decimal places."),
        ("0." + "0" * 60 + "1", 2, "Use at most 2 decimal places."),
        ("99999999.99" + "0" * 40 + "1", 2, "Use at most 2 decimal places."),
        ("1.25", 1, "Use at most 1 decimal place."),
        ("10.5", 0, "Use a whole number: no decimal places."),
        ("0.0000001", 6, "Use at most 6 decimal places."),
    ],
)
def test_one_decimal_too_many_is_refused_and_never_rounded(text, places, message):
    with pytest.raises(BadAmount) as refusal:
        money.parse(text, places=places)
    assert str(refusal.value) == message


@given(st.decimals(min_value=-money.MAX_AMOUNT, max_value=money.MAX_AMOUNT, places=2))
def test_what_is_shown_in_a_field_is_read_back_as_it_was(amount):
    assert money.parse(money.typed(amount, places=2), places=2) == amount


def test_a_field_shows_the_places_of_the_currency_and_nothing_for_none():
    assert money.typed(Decimal("30.000000"), places=2) == "30.00"
    assert money.typed(Decimal(1_000_000), places=2) == "1000000.00"
    assert money.typed(Decimal("500.000000"), places=0) == "500"
    assert money.typed(None, places=2) == ""


@pytest.mark.parametrize(
    ("amount", "micros"),
    [
        (Decimal("0.15"), 150_000),
        (Decimal("0.000001"), 1),
        (Decimal("-0.000001"), -1),
        (Decimal("-0"), 0),
        (Decimal("99999999.99"), 99_999_999_990_000),
        (Decimal("999999999999.999999"), 999_999_999_999_999_999),
        (Decimal("1.50000000000000000000000000000000"), 1_500_000),
        (Decimal("1E+3"), 1_000_000_000),
        (30, 30_000_000),
    ],
)
def test_amounts_are_whole_micro_units(amount, micros):
    assert money.to_micros(amount) == micros


@pytest.mark.parametrize("amount", [0.1, 1.0, True, "1.00", None])
def test_only_decimals_and_whole_numbers_are_money(amount):
    with pytest.raises(TypeError):
        money.to_micros(amount)


@pytest.mark.parametrize(
    "amount",
    [
        Decimal("0.0000001"),
        Decimal("0.500000000000000000000000000001"),
        Decimal("12345678.901234000000000000000000001"),
        Decimal("1E-999999999"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        Decimal("1e30"),
        Decimal(1000000000000),
        10**30,
        -(10**12),
    ],
)
def test_what_micro_units_cannot_hold_exactly_is_refused(amount):
    with pytest.raises(BadAmount):
        money.to_micros(amount)


@given(st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1))
def test_micro_units_and_amounts_are_the_same_thing(micros):
    assert money.to_micros(money.from_micros(micros)) == micros


@given(st.lists(st.decimals(min_value=0, max_value=10_000, places=6), max_size=30))
def test_sums_of_amounts_are_sums_of_micro_units(amounts):
    assert money.to_micros(sum(amounts, Decimal(0))) == sum(map(money.to_micros, amounts))


def test_ten_times_fifteen_cents_is_one_and_a_half():
    assert money.from_micros(sum([money.to_micros(Decimal("0.15"))] * 10)) == Decimal("1.50")
