"""Documents that are broken as a whole: each is told in a sentence, whatever is wrong with it."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchases.importing import streams
from purchases.importing.documents import FORMATS_OF_DOCUMENTS
from purchases.importing.rows import BadFile, Remark, Row
from purchases.importing.sources import Head, Shape, look
from purchases.importing.streams import names_at_top
from purchases.tests.documents import (
    OURS,
    SPENDS,
    lay_json,
    lay_zip,
    our_purchase,
    ours,
    said,
    spends,
    spends_purchase,
)

KINDS = {
    "ours": (OURS, ours, our_purchase),
    "spends": (SPENDS, spends, spends_purchase),
}

BROKEN = {
    b"": "The file is empty.",
    b" \n": "The file breaks off, before its end.",
    b"{": "The file breaks off, before its end.",
    b"[]": "The file is a list, where an object with lists in it should be.",
    b'"x"': "The file is a single value, without any records.",
    b"null": "The file is a single value, without any records.",
    b"NaN": "The file is not JSON: invalid char in json text.",
    b'{"purchases": [{"price": NaN}]}': "The file is not JSON: invalid char in json text.",
    b'{"purchases": [{"price": Infinity}]}': "The file is not JSON: invalid char in json text.",
    b'{"purchases": []} {}': "The file goes on after its end.",
    b'{"purchases": [],}': "The file is not JSON: invalid object key (must be a string).",
    b'{"purchases": [{"id": "\xff"}]}': "The file is not UTF-8 text.",
    b"\xff\xfe{\0}\0": "The file is not UTF-8 text; save it as UTF-8.",
    b"{\0}\0": "The file is not UTF-8 text; save it as UTF-8.",
    b'{"purchases": [], "purchases": []}': "The file has “purchases” twice.",
    b'{"a": ' + b"9" * 5_000 + b"}": "The file has a number of thousands of digits.",
    b'{"a": 1e99999999999999999999}': "The file is not JSON: a number is too large.",
    b'{"a": "\\ud83d"}': "The file has half a character in a text.",
    b'{"a": "\\ude00"}': "The file is not UTF-8 text.",
    b"[" * 10_000
    + b"]" * 10_000: "The file is a list, where an object with lists in it should be.",
    b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}": (
        "The file has objects in each other, more than 50 deep."
    ),
    b'{"purchases": [' + b'{"a": ' * 10_000 + b"1" + b"}" * 10_000 + b"]}": (
        "The file has objects in each other, more than 50 deep."
    ),
    b'{"warranties": [{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}]}": (
        "The file has objects in each other, more than 50 deep."
    ),
    b'{"a": {"b": {"c": {"d": []}}}}': "The file has no list of purchases.",
    b'{"purchases": [{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}]}": (
        "The file has objects in each other, more than 50 deep."
    ),
}


def refusal(format_, source):
    with pytest.raises(BadFile) as refused:
        said(format_, source)
    return str(refused.value)


def head_of(source):
    return look(source.path, name=source.path.name)


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: repr(content[:30]))
def test_what_is_wrong_as_a_whole_is_told(tmp_path, content):
    assert refusal(SPENDS, lay_json(tmp_path / "x.json", content)) == BROKEN[content]


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: repr(content[:30]))
def test_it_is_told_of_a_document_in_an_archive_as_well(tmp_path, content):
    """The list of BROKEN is told by the other reader too, in its own words or the same."""
    assert refusal(OURS, lay_zip(tmp_path / "x.zip", content)).endswith(".")


def test_where_it_goes_wrong_is_told(tmp_path, kind):
    format_, document, purchase = kind
    text = json.dumps(document(*(purchase(number) for number in range(1, 4))))
    source = lay_json(tmp_path / "x.json", text[: text.index("Kettle 3")])
    assert "breaks off after record 2 of “purchases" in refusal(format_, source)


def test_utf_16_is_read_where_its_encoding_is_known(tmp_path, kind):
    format_, document, purchase = kind
    source = lay_json(tmp_path / "x.json", json.dumps(document(purchase())).encode("utf-16"))
    head = Head(shape=Shape.JSON, encoding="utf-16-le")
    (row,) = said(format_, type(source)(path=source.path, head=head))
    assert row.name == "Kettle 1"


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path, kind):
    format_, document, purchase = kind
    text = json.dumps(document(purchase()))
    for source in (
        lay_json(tmp_path / "x.json", b"\xef\xbb\xbf" + text.encode()),
        lay_zip(tmp_path / "x.zip", b"\xef\xbb\xbf" + text.encode()),
    ):
        assert [row.name for row in said(format_, source)] == ["Kettle 1"]


def test_a_record_without_end_is_not_kept_in_memory(tmp_path, kind):
    format_, document, purchase = kind
    notes = "x" * (streams.LONGEST_RECORD + 200_000)
    source = lay_json(tmp_path / "x.json", document(purchase(1), purchase(2, notes=notes)))
    assert "has a record of more than 1 MB after record 1" in refusal(format_, source)


def test_names_without_end_are_not_kept_in_memory(tmp_path):
    text = json.dumps({f"name {number}": 1 for number in range(streams.MOST_NAMES + 1)})
    told = refusal(SPENDS, lay_json(tmp_path / "x.json", text))
    assert told == "The file has more than 1,000 names outside its records."


@pytest.mark.parametrize("element", ["null", "1", '"x"', "[]", "[{}]"])
def test_a_record_that_is_no_object_costs_itself_only(tmp_path, kind, element):
    format_, document, purchase = kind
    text = json.dumps(document(purchase(1), "HERE", purchase(3))).replace('"HERE"', element)
    before, wrong, after = said(format_, lay_json(tmp_path / "x.json", text))
    assert wrong == Remark(2, "is no JSON object")
    assert [(row.line, row.name) for row in (before, after)] == [(1, "Kettle 1"), (3, "Kettle 3")]


def test_a_value_that_stands_twice_is_not_chosen_from(tmp_path, kind):
    format_, document, purchase = kind
    text = json.dumps(document(purchase())).replace('"quantity"', '"price": "5", "quantity"')
    assert said(format_, lay_json(tmp_path / "x.json", text)) == [Remark(1, "has “price” twice")]


def test_a_value_inside_a_value_is_neither_text_nor_a_number(tmp_path, kind):
    format_, document, purchase = kind
    for value in ({"a": [1, {"b": 2}]}, [1], True):
        source = lay_json(tmp_path / "x.json", document(purchase(notes=value)))
        assert said(format_, source) == [Remark(1, "notes: is neither text nor a number")]


def test_a_nul_is_in_no_text(tmp_path, kind):
    format_, document, purchase = kind
    source = lay_json(tmp_path / "x.json", document(purchase(notes="a\0b")))
    assert said(format_, source) == [Remark(1, "notes: has a character that no text may have")]


def test_half_a_character_is_found_wherever_a_piece_ends(tmp_path):
    for length in (65_500, 65_519, 65_520, 65_521, 65_525, 65_530, 65_536, 65_540):
        for text, is_refused in ((r"\ud83d", True), (r"\ud83d\ude00", False), (r"\\ud83d", False)):
            content = '{"purchases": [], "a": "'.ljust(length, "x") + text + 'tail of the text"}'
            source = lay_json(tmp_path / "x.json", content)
            if is_refused:
                assert "half a character" in refusal(SPENDS, source)
            else:
                assert said(SPENDS, source) == []


def test_emoji_are_text_like_any_other(tmp_path, kind):
    format_, document, purchase = kind
    name = "product_name" if format_ is SPENDS else "name"
    for ascii_ in (True, False):
        text = json.dumps(document(purchase(**{name: "Tea 🫖, “green”"})), ensure_ascii=ascii_)
        assert said(format_, lay_json(tmp_path / "x.json", text))[0].name == "Tea 🫖, “green”"


def test_each_document_is_known_by_one_format_alone(tmp_path):
    mine, theirs = ours(our_purchase()), spends(spends_purchase())
    heads = {
        OURS: [
            head_of(lay_json(tmp_path / "a", mine)),
            head_of(lay_zip(tmp_path / "b", mine)),
        ],
        SPENDS: [
            head_of(lay_json(tmp_path / "c", theirs)),
            head_of(lay_zip(tmp_path / "d", theirs, manifest=False)),
        ],
    }
    for format_, found in heads.items():
        for head in found:
            assert [one for one in FORMATS_OF_DOCUMENTS if one.recognises(head)] == [format_]
            assert all(one.fits(head) for one in FORMATS_OF_DOCUMENTS)
    for head in (
        Head(shape=Shape.TABLE, names=("purchases", "format", "tables")),
        Head(shape=Shape.JSON, names=("data",)),
        Head(shape=Shape.ZIP, members=("other.txt",)),
    ):
        assert not any(one.recognises(head) for one in FORMATS_OF_DOCUMENTS)


def test_a_document_of_the_other_format_is_refused_by_name(tmp_path):
    mine = lay_json(tmp_path / "a.json", ours(our_purchase()))
    theirs = lay_json(tmp_path / "b.json", spends(spends_purchase()))
    assert refusal(OURS, theirs) == "The file is no export of Pursestrings."
    assert refusal(SPENDS, mine).startswith("The file is no export of spends-tracker")


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b'{"a": {"x": 1}, "b": [[1], {"y": 2}], "c": 3}', ("a", "b", "c")),
        (b'[{"a": 1, "b": {"x": 1}}, {"c": 2}]', ("a", "b")),
        (b'{"a": 1}\n{"b": 2}\n', ("a",)),
        (b'{"a": [' + (b'{"x": "' + b"y" * 1_000 + b'"},') * 3_000, ("a",)),
        (b'{"a": [' + b'{"x": 1},' * 200_000, ("a",)),
    ],
    ids=["object", "array", "lines", "long", "endless"],
)
def test_the_names_at_the_top_are_read_from_the_beginning(content, names):
    assert names_at_top(io.BytesIO(content)) == names


def test_no_more_names_are_read_than_a_document_has():
    text = json.dumps({str(number): 1 for number in range(5_000)})
    assert len(names_at_top(io.BytesIO(text.encode()))) == streams.MOST_NAMES


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b"null", b"[1]", b'{"a": NaN}', b"[" * 10_000]
)
def test_names_are_not_read_from_what_has_none(content):
    with pytest.raises(BadFile):
        names_at_top(io.BytesIO(content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False).map(str) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(values=st.dictionaries(st.sampled_from(sorted(our_purchase())), JSON, max_size=4))
def test_whatever_a_record_of_ours_says_it_is_a_row_or_a_remark(tmp_path_factory, values):
    source = lay_json(
        tmp_path_factory.getbasetemp() / "mine.json",
        ours(our_purchase(1, **values), our_purchase(2)),
    )
    found = said(OURS, source)
    assert all(isinstance(one, Row | Remark) for one in found)
    assert any(one.line == 2 for one in found)
    for row in found:
        if isinstance(row, Row):
            assert Row.from_json(json.loads(json.dumps(row.as_json()))) == row


@given(
    values=st.dictionaries(st.sampled_from(sorted(spends_purchase())), JSON, max_size=4),
    retailer=JSON,
    warranty=st.dictionaries(st.sampled_from(["warranty_start", "status", "notes"]), JSON),
    file=st.dictionaries(st.sampled_from(["filename", "stored_filename", "file_hash"]), JSON),
)
def test_whatever_lists_of_others_say_each_record_is_answered(
    tmp_path_factory, values, retailer, warranty, file
):
    purchase = spends_purchase(1, **values)
    document = spends(
        purchase,
        spends_purchase(2),
        retailers=[{"id": purchase["retailer_id"], "name": retailer}, retailer],
        warranties=[{"purchase_id": purchase["id"], **warranty}],
        files=[{"purchase_id": purchase["id"], **file}],
    )
    source = lay_json(tmp_path_factory.getbasetemp() / "theirs.json", document)
    for row in said(SPENDS, source, currency="EUR"):
        if isinstance(row, Row):
            assert Row.from_json(json.loads(json.dumps(row.as_json()))) == row


@given(content=st.binary(max_size=60), place=st.integers(0, 2_000))
def test_whatever_bytes_are_in_a_document_it_is_read_or_refused(tmp_path_factory, content, place):
    text = json.dumps(ours(our_purchase())).encode()
    source = lay_json(
        tmp_path_factory.getbasetemp() / "bytes.json", text[:place] + content + text[place:]
    )
    try:
        found = said(OURS, source)
    except BadFile as problem:
        found, told = [], str(problem)
    else:
        told = "."
    assert told.endswith(".")
    assert len(found) <= 1
