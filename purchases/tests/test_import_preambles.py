"""Tables with lines above their header, as banks write them: the header is found, or said."""

import pytest

from purchases.importing.choices import Choices
from purchases.importing.formats import format_named, recognise, suggest_columns
from purchases.importing.rows import BadFile, Remark
from purchases.importing.sources import Source, look
from purchases.tests.tables import laid, read

NAMES = ("Buchungstag", "Empfänger", "Verwendungszweck", "Betrag")
HEADER = ";".join(NAMES) + "\n"
ROWS = "01.02.2026;Bäckerei;Brot;-5,00\n02.02.2026;Café;Kuchen, groß;-3,50\n"
ABOVE = 'Kontonummer:;DE12 3456\n\nZeitraum:;"01.02.2026 - 28.02.2026"\nKontostand;1.234,56 EUR\n'
CHOSEN = {
    "columns": {"day": "Buchungstag", "name": "Empfänger", "amount": "Betrag"},
    "days": "dmy",
    "decimals": "comma",
    "sign": "negative",
    "currency": "EUR",
}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER + ROWS, 1),
        (f"\n \n{HEADER}{ROWS}", 3),
        (ABOVE + HEADER + ROWS, 5),
        (f"{ABOVE}\n\n{HEADER}{ROWS}", 7),
        # A spreadsheet fills every line up to the same width.
        (f"Konto;DE12;;\nKunde;;;\n{HEADER}{ROWS}", 3),
        # Lines with amounts and days are as wide as a table, and name nothing.
        (f"Konto;DE12;Saldo;1.234,56\n{HEADER}{ROWS}", 2),
        # A quotation mark without a partner stands above.
        (f'Konto "Haus;x\n"Kunde\n{HEADER}{ROWS}', 3),
        # Nothing below it, or little: its names are known.
        (ABOVE + HEADER, 5),
        (f"{ABOVE}{HEADER}01.02.2026;Bäckerei;Brot;-5,00\nSumme;-5,00\nEnde\n", 5),
        ("sep=;\n" + ABOVE + HEADER + ROWS, 6),
    ],
)
def test_the_line_in_which_columns_are_named_is_found(tmp_path, text, line):
    head = laid(tmp_path, text).head
    assert (head.delimiter, head.header_line, head.names) == (";", line, NAMES)


def test_the_rows_below_keep_their_lines():
    result = read(ABOVE + HEADER + ROWS + "x;y\n" + ROWS, "bank", **CHOSEN)
    assert [row.line for row in result.rows] == [6, 7, 9, 10]
    assert [row.name for row in result.rows][:2] == ["Bäckerei", "Café"]
    assert result.refused == [Remark(8, "has 2 cells and the header 4")]


def test_samples_and_suggestions_are_those_of_the_table(tmp_path):
    head = laid(tmp_path, ABOVE + HEADER + ROWS).head
    assert [row[1] for row in head.samples] == ["Bäckerei", "Café"]
    assert suggest_columns(head)["amount"] == "Betrag"


def test_a_known_format_is_recognised_below_other_lines(tmp_path):
    text = (
        "My register\n\nAccount,Date,Payee,Category,Memo,Outflow,Inflow\n"
        "Giro,2026-02-01,Shop,Food,,5.00,0.00\n"
    )
    assert recognise(laid(tmp_path, text).head).key == "ynab"
    assert read(text, decimals="point", currency="USD").only.line == 4


def test_a_register_that_is_gone_through_twice_skips_what_stands_above(tmp_path):
    text = (
        "My register\n\nAccount,Date,Payee,Notes,Category,Amount,Split_Amount,Cleared\n"
        "Giro,2026-02-01,Shop,,Food,-5.00,0,Cleared\n"
    )
    assert read(text, currency="USD").only.line == 4


def test_usage_below_other_lines_keeps_its_lines():
    text = (
        "Usage of July\n\ntimestamp,model,provider,input_tokens,output_tokens,cost\n"
        "2026-07-01T10:00:00Z,gpt-5,openai,1000,200,0.0125\n"
    )
    result = read(text)
    assert ([row.line for row in result.rows], result.refused) == ([4], [])


@pytest.mark.parametrize("rows", ["a,b\nc,d\n", "x,y,z\na,b\nc,d\n", "a,b\n1,2\n3,4,5\n"])
def test_without_a_line_that_names_more_the_first_one_does(tmp_path, rows):
    assert laid(tmp_path, rows).head.header_line == 1


def test_a_row_of_words_is_not_taken_for_the_header_above_it(tmp_path):
    text = "day,name,amount,note\nsoon,Tea,much,x\nlater,Milk,little,y\n"
    assert laid(tmp_path, text).head.header_line == 1


def test_a_person_may_say_the_line(tmp_path):
    text = "Who,What,When,How\nday,name,amount,note\n2026-02-01,Tea,5.00,x\n"
    columns = {"day": "day", "name": "name", "amount": "amount"}
    chosen = {"decimals": "point", "days": "ymd", "sign": "positive", "currency": "USD"}
    said = {**chosen, "columns": columns}
    with pytest.raises(BadFile, match="Choose first"):
        read(text, "bank", **said)
    path = laid(tmp_path, text).path
    source = Source(path=path, head=look(path, name="x.csv", header_line=2))
    for line in (0, 2):
        ((_, row),) = format_named("bank").read(source, Choices(header_line=line, **said))
        assert (row.line, row.name) == (3, "Tea")


@pytest.mark.parametrize("line", [1, 2, 5])
def test_looking_again_may_be_told_the_line(tmp_path, line):
    path = laid(tmp_path, ABOVE + HEADER + ROWS).path
    head = look(path, name="x.csv", header_line=line)
    names = ("Kontonummer:", "DE12 3456")
    # A blank line names nothing: the next one does.
    expected = {1: (1, names), 2: (3, ("Zeitraum:", "01.02.2026 - 28.02.2026")), 5: (5, NAMES)}
    assert (head.header_line, head.names) == expected[line]


def test_a_line_far_below_may_be_said_and_one_below_the_end_is_refused(tmp_path):
    path = laid(tmp_path, "note\n" * 500 + HEADER + ROWS).path
    assert look(path, name="x.csv", header_line=501).names == NAMES
    with pytest.raises(BadFile, match=r"^No columns are named in line 900\.$"):
        look(path, name="x.csv", header_line=900)


def test_the_line_is_kept_with_the_other_choices():
    chosen = Choices(header_line=7)
    assert chosen.as_json() == {"header_line": 7}
    assert Choices.from_json(chosen.as_json()) == chosen
    assert Choices().as_json() == {}
