"""CSV that a spreadsheet reads as data and never runs."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets import sheets


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_formula_gets_an_apostrophe(text):
    assert sheets.neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["", "plain", "a=b", " =1", "1", "'quoted'", "Ünïcode"])
def test_other_text_stays_as_it_is(text):
    assert sheets.neutralise(text) == text


@given(st.text(alphabet="'=+-@\t\ra1 "))
def test_taking_one_apostrophe_off_restores_every_text(text):
    safe = sheets.neutralise(text)
    assert safe == text or safe.removeprefix("'") == text
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(alphabet="'=+-@\t\ra1 "), st.text(alphabet="'=+-@\t\ra1 "))
def test_two_texts_never_become_the_same_cell(one, other):
    assert (sheets.neutralise(one) == sheets.neutralise(other)) == (one == other)


def test_numbers_are_not_touched():
    lines = list(sheets.stream(["a", "b", "c"], [[Decimal("-12.50"), -3, Decimal("1E+2")]]))
    assert lines == ["a,b,c\r\n", "-12.50,-3,100\r\n"]


def test_yes_no_and_nothing_are_written_as_words():
    assert list(sheets.stream(["a", "b", "c"], [[True, False, None]]))[1] == "yes,no,\r\n"


def test_quotes_commas_and_lines_survive():
    cells = ['say "hi"', "a,b", "two\nlines"]
    text = "".join(sheets.stream(["x", "y", "z"], [cells]))
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == cells


def test_is_written_row_by_row():
    def rows():
        yield ["first"]
        raise RuntimeError("asked for more than was read")

    lines = sheets.stream(["head"], rows())
    assert [next(lines), next(lines)] == ["head\r\n", "first\r\n"]


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("30.000000", "30.00"),
        ("0.000001", "0.000001"),
        ("12.340000", "12.34"),
        ("1000000.000000", "1000000.00"),
        ("-0.125000", "-0.125"),
    ],
)
def test_an_exact_amount_has_two_places_or_all_it_needs(amount, written):
    assert f"{sheets.exact(Decimal(amount)):f}" == written
