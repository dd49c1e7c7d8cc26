"""How a file is written: found, said, and never a reason to change a letter silently."""

import codecs
from decimal import Decimal

import pytest

from purchases.importing import encodings
from purchases.importing.rows import BadFile, Remark
from purchases.importing.sources import look
from purchases.tests.tables import laid, read

MAPPED = {
    "columns": {"day": "Datum", "name": "Name", "amount": "Betrag"},
    "days": "dmy",
    "decimals": "comma",
    "sign": "negative",
    "currency": "EUR",
}
GERMAN = "Datum;Name;Betrag\n01.02.2026;Bäckerei Müller – 5 €;-5,00\n02.02.2026;Café;-3,00\n"
CZECH = "Datum;Name;Betrag\n01.02.2026;Nákup potravin Žižkov;-5,00\n02.02.2026;Káva u Dvořáka;-3\n"
POLISH = "Datum;Name;Betrag\n01.02.2026;Zakupy spożywcze w Łodzi;-5,00\n02.02.2026;Książka;-3,00\n"
HUNGARIAN = "Datum;Name;Betrag\n01.02.2026;Bevásárlás, őszi gyümölcs;-5,00\n"
FRENCH = "Datum;Name;Betrag\n01.02.2026;Épicerie d’août;-5,00\n"
SPANISH = "Datum;Name;Betrag\n01/02/2026;Peluquería Muñoz;-5,00\n02/02/2026;Año nuevo;-3,00\n"


def names(content, **choices):
    result = read(content, "bank", **{**MAPPED, **choices})
    assert result.refused == []
    return [row.name for row in result.rows]


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8-sig", "utf-8"),
        (GERMAN, "utf-16", "utf-16-le"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        (GERMAN, "cp1252", "cp1252"),
        (GERMAN.replace("–", "-").replace("€", "E"), "latin-1", "cp1252"),
        (SPANISH, "latin-1", "cp1252"),
        (CZECH, "utf-8", "utf-8"),
        (CZECH, "cp1250", "cp1250"),
        (POLISH, "cp1250", "cp1250"),
        (HUNGARIAN, "cp1250", "cp1250"),
        (FRENCH, "cp1252", "cp1252"),
        ("Datum;Name;Betrag\n", "ascii", "utf-8"),
    ],
)
def test_an_encoding_is_found_and_every_letter_is_right(tmp_path, text, written, found):
    source = laid(tmp_path, text.encode(written))
    assert source.head.encoding == found
    with source.text() as lines:
        assert lines.read() == text


def test_big_endian_with_its_mark_is_read_without_it(tmp_path):
    source = laid(tmp_path, codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"))
    assert source.head.encoding == "utf-16-be"
    assert source.head.names == ("Datum", "Name", "Betrag")


def test_the_byte_order_mark_is_no_part_of_the_first_header():
    for written in ("utf-8-sig", "utf-16"):
        assert names(GERMAN.encode(written)) == ["Bäckerei Müller – 5 €", "Café"]


def test_a_letter_far_below_tells_how_the_whole_is_written(tmp_path):
    plain = "01.02.2026;Shop;-1,00\n" * 100_000
    text = f"Datum;Name;Betrag\n{plain}01.02.2026;Müller;-1,00\n"
    assert laid(tmp_path, text.encode()).head.encoding == "utf-8"
    assert laid(tmp_path, text.encode("cp1252")).head.encoding == "cp1252"


def test_a_person_may_overrule_what_was_found(tmp_path):
    text = "Datum;Name;Betrag\n01.02.2026;Dvořák;-1,00\n"
    written = text.encode("cp1250")
    assert names(written) == ["Dvoøák"]
    assert names(written, encoding="cp1250") == ["Dvořák"]
    path = laid(tmp_path, written).path
    assert look(path, name="x.csv", encoding="cp1250").samples[0][1] == "Dvořák"


def test_a_broken_byte_in_a_utf8_file_spoils_its_own_row_only():
    lines = [line.encode() for line in GERMAN.splitlines(keepends=True)]
    result = read(b"".join([*lines, b"03.02.2026;Sh\xffop;-1,00\n", lines[1]]), "bank", **MAPPED)
    assert [row.line for row in result.rows] == [2, 3, 5]
    assert result.refused == [Remark(4, "has characters that are no text; the file may be damaged")]


def test_half_a_letter_of_utf16_spoils_its_own_row_only():
    text = GERMAN + "03.02.2026;\ud83d;-1,00\n" + "04.02.2026;Shop;-1,00\n"
    result = read(text.encode("utf-16-le", "surrogatepass"), "bank", **MAPPED)
    assert [row.line for row in result.rows] == [2, 3, 5]
    assert [remark.line for remark in result.refused] == [4]


def test_a_nul_spoils_its_own_row_only():
    result = read(GERMAN + "03.02.2026;Sh\0op;-1,00\n04.02.2026;Shop;-1,00\n", "bank", **MAPPED)
    assert [row.line for row in result.rows] == [2, 3, 5]
    assert [remark.line for remark in result.refused] == [4]


def test_utf16_that_ends_in_half_a_letter_is_refused(tmp_path):
    with pytest.raises(BadFile, match="ends in the middle of a letter"):
        laid(tmp_path, GERMAN.encode("utf-16")[:-1])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b" \n\t\r\n", "The file is empty."),
        (codecs.BOM_UTF8, "The file is empty."),
        (codecs.BOM_UTF16_LE, "The file is empty."),
        (b"%PDF-1.7 whatever", f"The file is a PDF document. {encodings.AS_CSV}"),
        (b"\x89PNG\r\n\x1a\n", f"The file is a picture. {encodings.AS_CSV}"),
        (b"\xff\xd8\xff\xe0", f"The file is a picture. {encodings.AS_CSV}"),
        (b"RIFF\n\0\0\0WEBPVP8 ", f"The file is a picture. {encodings.AS_CSV}"),
        (b"\0\0\0\x18ftypheic", f"The file is a picture. {encodings.AS_CSV}"),
        (b"II*\0\x08\0", f"The file is a picture. {encodings.AS_CSV}"),
        (b"BM\x8a\0\0\0\0\0\0\0", f"The file is a picture. {encodings.AS_CSV}"),
        (b"<svg xmlns='x'>", f"The file is a picture. {encodings.AS_CSV}"),
        (b"\n <!DOCTYPE html>\n<p>Sign in", f"a page of the web \\(HTML\\). {encodings.AS_CSV}"),
        ("<HTML><table>".encode("utf-16"), f"a page of the web \\(HTML\\). {encodings.AS_CSV}"),
        (b"<table><tr><td>", f"a page of the web \\(HTML\\). {encodings.AS_CSV}"),
        (b"<?xml version='1.0'?>", f"The file is XML. {encodings.AS_CSV}"),
        (b"\x1f\x8b\x08\x00", "Unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"an old Excel workbook. {encodings.AS_CSV}"),
        (b"SQLite format 3\x00", "a database"),
        (bytes(range(256)) * 40, "no text"),
        (codecs.BOM_UTF32_LE + "Datum".encode("utf-32-le"), "UTF-32"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_is(tmp_path, content, reason):
    with pytest.raises(BadFile, match=reason):
        laid(tmp_path, content)


def test_an_encoding_is_said_in_words():
    assert encodings.spoken("utf-8") == "UTF-8"
    assert encodings.spoken("cp1250") == "Windows-1250 (Central Europe)"
    assert encodings.spoken("klingon") == "klingon"


def test_emoji_and_letters_of_everybody_stay_as_they_are():
    text = "Datum;Name;Betrag\n01.02.2026;🍓 Ёлка 東京 cafe\u0301;-5,00\n"
    for written in ("utf-8", "utf-16"):
        assert names(text.encode(written)) == ["🍓 Ёлка 東京 caf\u00e9"]


def test_an_amount_is_the_same_in_every_encoding():
    for written in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        result = read(GERMAN.encode(written), "bank", **MAPPED)
        assert [row.price for row in result.rows] == [Decimal(5), Decimal(3)]
