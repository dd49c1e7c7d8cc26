"""What a file is: found by how it begins, and never two formats at once."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest

from purchases.importing.formats import FORMATS, Kind, format_named, recognise
from purchases.importing.rows import BadFile
from purchases.importing.sources import Shape, look
from purchases.tests.tables import laid


def head_of(tmp_path, content, name="file.csv"):
    return laid(tmp_path, content, name).head


def test_every_format_has_a_key_a_title_and_says_where_a_file_of_it_comes_from():
    keys = [one.key for one in FORMATS]
    assert len(set(keys)) == len(keys)
    for one in FORMATS:
        assert format_named(one.key) is one
        assert (one.title, one.hint[-1]) == (one.title.strip(), ".")
        assert one.shapes
        assert isinstance(one.asks, Callable)
    assert {one.kind for one in FORMATS} == {Kind.PURCHASES, Kind.USAGE}


@pytest.mark.parametrize(
    ("content", "name", "shape", "names"),
    [
        ("a,b\n1,2\n", "x.csv", Shape.TABLE, ("a", "b")),
        ('"x"', "x.csv", Shape.TABLE, ("x",)),
        ('{"a": 1, "b": {"c": 2}}', "x.json", Shape.JSON, ("a", "b")),
        ('\ufeff{"a": 1}', "x.json", Shape.JSON, ("a",)),
        ('\n [{"a": 1, "b": 2}, {"c": 3}]', "x.json", Shape.JSON, ("a", "b")),
        ('{"a": 1}\n{"b": 2}\n', "x.txt", Shape.LINES, ("a",)),
        ('{"a": 1}\n', "x.txt", Shape.JSON, ("a",)),
        ('{"a": 1}\n', "x.JSONL", Shape.LINES, ("a",)),
        ('{"a": NaN,\n{"b": 2}\n', "x.jsonl", Shape.LINES, ("b",)),
        ("nonsense\n", "x.ndjson", Shape.LINES, ()),
    ],
)
def test_a_file_is_a_table_json_or_lines_of_it(tmp_path, content, name, shape, names):
    head = head_of(tmp_path, content, name)
    assert (head.shape, head.names) == (shape, names)


def test_json_may_be_utf16(tmp_path):
    source = laid(tmp_path, '{"äöü": 1}'.encode("utf-16"), "x.json")
    assert source.head.names == ("äöü",)
    with source.utf8() as stream:
        assert json.loads(stream.read()) == {"äöü": 1}


def test_json_without_a_mark_and_with_one_is_the_same(tmp_path):
    for content in (b'{"a": 1}', b'\xef\xbb\xbf{"a": 1}', '{"a": 1}'.encode("utf-16-le")):
        with laid(tmp_path, content, "x.json").utf8() as stream:
            assert stream.read() == b'{"a": 1}'


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "[", "[1, 2]", '{"a": NaN}', "[" * 10_000, '{"a":' * 10_000, b'{"a\xff": 1}'],
)
def test_json_that_is_none_is_refused_with_a_sentence(tmp_path, content):
    with pytest.raises(BadFile, match=r"^The file .*\.$"):
        laid(tmp_path, content, "x.json")


@pytest.mark.parametrize("content", ['"x"', "null", "1"])
def test_json_that_is_no_object_is_refused(tmp_path, content):
    with pytest.raises(BadFile, match="neither an object nor a list"):
        laid(tmp_path, content, "x.json")


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


def test_an_archive_shows_its_members_and_what_its_document_begins_with(tmp_path):
    head = head_of(tmp_path, zipped(data_json='{"purchases": []}', uploads__x="1"), "x.zip")
    assert (head.shape, head.members, head.names) == (
        Shape.ZIP,
        ("data.json", "uploads/x"),
        ("purchases",),
    )
    assert head_of(tmp_path, zipped(a_csv="a,b"), "x.zip").names == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\3\4 and no more", "archive"),
        (zipped(data_json="{}" * 500)[:-30], "archive"),
        (zipped(data_json="{"), "The file"),
        (zipped(xl__workbook_xml="<x/>"), "an Excel workbook. Save the statement as CSV"),
        (zipped(xl__workbook_bin="x"), "an Excel workbook. Save the statement as CSV"),
        (zipped(content_xml="<x/>"), "an OpenDocument spreadsheet. Save the statement as CSV"),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused(tmp_path, content, reason):
    with pytest.raises(BadFile, match=reason):
        laid(tmp_path, content, "x.zip")


def test_an_archive_is_known_by_its_bytes_and_not_by_its_name(tmp_path):
    assert head_of(tmp_path, zipped(a_csv="a,b"), "x.csv").shape is Shape.ZIP


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "Date,Description,Amount\n2026-01-01,x,1\n"])
def test_a_table_of_anything_is_not_recognised(tmp_path, content):
    assert recognise(head_of(tmp_path, content)) is None


def test_a_table_is_offered_no_format_of_documents_and_a_document_none_of_tables(tmp_path):
    table = head_of(tmp_path, "a,b\n1,2\n")
    document = head_of(tmp_path, '{"a": 1}', "x.json")
    for one in FORMATS:
        assert one.fits(table) == (Shape.TABLE in one.shapes)
        assert one.fits(document) == (Shape.JSON in one.shapes)
    assert format_named("bank").fits(table)
    assert not format_named("bank").fits(document)


def test_looking_again_may_be_told_what_to_see(tmp_path):
    path = laid(tmp_path, "a;b,c\n1;2,3\n").path
    assert look(path, name="x.csv", delimiter=";").names == ("a", "b,c")
    assert look(path, name="x.csv", delimiter=",").names == ("a;b", "c")
