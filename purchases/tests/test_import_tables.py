"""Tables as they come: every row is answered, at its line, and none spoils another."""

import tracemalloc
from decimal import Decimal

import pytest

from purchases.importing import table
from purchases.importing.choices import Choices
from purchases.importing.formats import format_named
from purchases.importing.rows import BadFile, Remark
from purchases.tests.tables import laid, read

COLUMNS = {"day": "day", "name": "name", "amount": "amount"}
MAPPED = {
    "columns": COLUMNS,
    "days": "ymd",
    "decimals": "point",
    "sign": "positive",
    "currency": "USD",
}
HEADER = "day,name,amount\n"
GOOD = "2026-01-02,Tea,5.00\n"


def bank(text, **choices):
    return read(text, "bank", **{**MAPPED, **choices})


def lines(result):
    return [row.line for row in result.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_cells_is_found(tmp_path, delimiter):
    text = (HEADER + GOOD + GOOD).replace(",", delimiter)
    assert laid(tmp_path, text).head.delimiter == delimiter
    assert lines(bank(text)) == [2, 3]


def test_commas_inside_amounts_do_not_part_cells(tmp_path):
    text = "day;name;amount, EUR\n2026-01-02;Tea, green;5,00\n2026-01-03;Milk, fresh;3,00\n"
    head = laid(tmp_path, text).head
    assert (head.delimiter, head.names) == (";", ("day", "name", "amount, EUR"))


def test_a_person_may_say_what_stands_between_cells():
    text = "day|name;a|amount\n2026-01-02|Tea;b|5.00\n"
    columns = {"day": "day", "name": "name;a", "amount": "amount"}
    assert bank(text, delimiter="|", columns=columns).only.name == "Tea;b"


def test_the_line_that_tells_excel_the_delimiter_is_no_header(tmp_path):
    text = "sep=;\n" + (HEADER + GOOD).replace(",", ";")
    assert laid(tmp_path, text).head.names == ("day", "name", "amount")
    assert lines(bank(text)) == [3]


def test_the_beginning_shows_the_header_and_the_first_rows_as_they_stand(tmp_path):
    head = laid(tmp_path, HEADER + GOOD * 40).head
    assert head.names == ("day", "name", "amount")
    assert head.samples == (("2026-01-02", "Tea", "5.00"),) * 10


def test_columns_may_stand_in_any_order_case_and_company():
    text = "Extra,AMOUNT, Name ,DAY\nx,5.00,Tea,2026-01-02\n"
    row = bank(text).only
    assert (row.name, row.price) == ("Tea", Decimal("5.00"))


def test_a_column_that_is_not_there_refuses_the_file():
    with pytest.raises(BadFile, match="Choose first: what the columns are"):
        bank("day,name\n2026-01-02,Tea\n")


def test_two_columns_of_one_name_refuse_the_file_when_it_is_that_one():
    with pytest.raises(BadFile, match="two columns that could be amount"):
        bank("day,name,amount,amount\n2026-01-02,Tea,5.00,6.00\n")
    assert bank("day,name,amount,x,x\n2026-01-02,Tea,5.00,1,2\n").only.price == 5


def test_a_header_alone_is_a_file_without_rows():
    result = bank(HEADER)
    assert (result.rows, result.refused) == ([], [])


def test_blank_lines_count_and_are_no_rows():
    result = bank(f"\n  \n{HEADER}\n{GOOD},,\n\r\n{GOOD}")
    assert (lines(result), result.refused) == ([5, 8], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_machine_ends_them(end):
    assert lines(bank((HEADER + GOOD + GOOD).replace("\n", end))) == [2, 3]


def test_a_last_line_without_an_end_is_a_row():
    assert lines(bank((HEADER + GOOD + GOOD).rstrip())) == [2, 3]


def test_quoted_commas_doubled_quotes_line_breaks_and_emoji_are_part_of_a_cell():
    text = HEADER + '2026-01-02,"Tea, ""green"" 🍵\nfor two",5.00\n' + GOOD
    result = bank(text)
    assert [(row.line, row.name) for row in result.rows] == [
        (2, 'Tea, "green" 🍵 for two'),
        (4, "Tea"),
    ]


@pytest.mark.parametrize(
    ("row", "cells"), [("2026-01-02,Tea\n", 2), ("2026-01-02,Tea,5.00,x\n", 4)]
)
def test_too_few_and_too_many_cells_spoil_their_own_row(row, cells):
    result = bank(HEADER + GOOD + row + GOOD)
    assert lines(result) == [2, 4]
    assert result.refused == [Remark(3, f"has {cells} cells and the header 3")]


def test_a_row_of_several_lines_with_too_few_cells_says_which_lines():
    result = bank(HEADER + '2026-01-02,"Tea\n\n5.00"\n' + GOOD)
    assert result.refused == [Remark(2, "has 2 cells and the header 3 (lines 2 to 4)")]
    assert lines(result) == [5]


@pytest.mark.parametrize("broken", ['2026-01-02,"Tea,5.00\n', '2026-01-02,"Te"a,5.00\n', '"\n'])
def test_a_quotation_mark_without_a_partner_spoils_its_own_line_only(broken):
    result = bank(HEADER + GOOD + broken + GOOD * 3)
    assert lines(result) == [2, 4, 5, 6]
    assert result.refused == [Remark(3, "the quotation marks do not pair up")]


def test_a_quotation_mark_that_is_never_closed_costs_one_line_of_a_long_file():
    result = bank(HEADER + '2026-01-02,"Tea,5.00\n' + GOOD * 10_000)
    assert len(result.rows) == 10_000
    assert result.refused == [Remark(2, "the quotation marks do not pair up")]


def test_many_broken_quotation_marks_are_each_told():
    result = bank(HEADER + '2026-01-02,"Tea,5.00\n' * 300 + GOOD)
    assert [remark.line for remark in result.refused] == list(range(2, 302))
    assert lines(result) == [302]


def test_a_row_that_is_far_too_long_is_told_and_the_next_one_is_read():
    result = bank(HEADER + f"2026-01-02,{'x' * 500_000},5.00\n" + GOOD)
    assert result.refused == [Remark(2, f"is longer than {table.LONGEST_ROW:,} characters")]
    assert lines(result) == [3]


def test_a_header_that_cannot_be_read_refuses_the_file():
    with pytest.raises(BadFile, match="The header cannot be read"):
        bank('"day,name')


@pytest.mark.parametrize(
    ("price", "why"),
    [
        ("1e3", "amount: “1e3” cannot be read. Enter an amount like 12.50."),
        ("NaN", "amount: “NaN” cannot be read. Enter an amount like 12.50."),
        ("5.005", "amount: “5.005” cannot be read. Use at most 2 decimal places."),
        ("100000000", "amount: “100000000” cannot be read. That is more than 99,999,999.99."),
        ("", "amount: is blank"),
        ("1.234,56", "amount: “1.234,56” cannot be read. Enter an amount like 12.50."),
    ],
)
def test_a_price_that_cannot_be_read_spoils_its_own_row(price, why):
    result = bank(HEADER + GOOD + f'2026-01-02,Tea,"{price}"\n' + GOOD)
    assert lines(result) == [2, 4]
    assert result.refused == [Remark(3, why)]


@pytest.mark.parametrize("day", ["31/02/2026", "2026-13-01", "soon"])
def test_a_day_that_cannot_be_read_spoils_its_own_row(day):
    result = bank(HEADER + GOOD + f"{day},Tea,5.00\n" + GOOD)
    assert lines(result) == [2, 4]
    assert result.refused == [Remark(3, f"day: “{day}” is no day like 2026-12-31")]


def test_a_blank_day_spoils_its_own_row():
    assert bank(HEADER + ",Tea,5.00\n" + GOOD).refused == [Remark(2, "day: is blank")]


def test_a_day_with_an_offset_is_the_written_one_and_told():
    row = bank(HEADER + "2026-01-02T23:30:00+02:00,Tea,5.00\n").only
    assert f"{row.purchased_on}" == "2026-01-02"
    assert row.oddities == (
        "day: “2026-01-02T23:30:00+02:00” has a clock of +02:00, taken as 2026-01-02",
    )


def test_a_name_that_is_too_long_is_cut_and_told():
    row = bank(HEADER + f"2026-01-02,{'x' * 300},5.00\n").only
    assert (len(row.name), row.name[-2:]) == (255, "x…")
    assert row.oddities == ("name: is longer than 255 characters and was cut",)


def test_a_cell_that_looks_like_a_formula_is_only_text():
    assert bank(HEADER + "2026-01-02,=cmd(),5.00\n").only.name == "=cmd()"


def test_how_far_the_reading_is_never_falls_and_ends_at_the_end():
    percents = bank(HEADER + GOOD * 10_000).percents
    assert percents == sorted(percents)
    assert (percents[0] < 5, percents[-1]) == (True, 100)


def test_rows_come_one_at_a_time(tmp_path):
    source = laid(tmp_path, HEADER + GOOD * 10_000)
    said = format_named("bank").read(source, Choices(**MAPPED))
    percent, row = next(said)
    assert (percent < 10, row.line) == (True, 2)
    said.close()


def peak(folder, rows):
    source = laid(folder, HEADER + "".join(f"2026-01-02,Tea {n},5.00\n" for n in range(rows)))
    said = format_named("bank").read(source, Choices(**MAPPED))
    tracemalloc.start()
    try:
        assert sum(1 for _ in said) == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_rows_need_no_more_memory(tmp_path):
    peak(tmp_path, 10)  # what is made once is made
    small, large = peak(tmp_path, 500), peak(tmp_path, 5_000)
    assert large / small <= 1.3
