"""Reading usage files: which column is which, where rows start, and what is refused."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from budgets.usage.columns import BadColumns, Columns
from budgets.usage.files import LONGEST_LINE, BadFile, Problem, Record, read
from budgets.usage.parsing import BadRow, Reading, parse

HEAD = "timestamp,input_tokens,output_tokens\n"


def records(content, *, name="usage.csv", file_format=None, **columns):
    data = content if isinstance(content, bytes) else content.encode()
    stream = io.BufferedReader(io.BytesIO(data))
    return list(read(stream, name=name, file_format=file_format, columns=Columns(columns)))


def values(content, **kwargs):
    found = records(content, **kwargs)
    assert all(isinstance(record, Record) for record in found), found
    return [dict(record.values) for record in found]


def moment(text, zone="UTC"):
    row = parse(Record(2, {"occurred_at": text, "cost": "1"}), Reading(zone=ZoneInfo(zone)))
    return row.occurred_at


def row(**texts):
    return parse(Record(2, {"occurred_at": "2026-01-02T03:04:05Z", **texts}), Reading())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("occurred_at", "occurred_at"),
        ("TIMESTAMP", "occurred_at"),
        ("time", "occurred_at"),
        ("Date", "occurred_at"),
        ("created_at", "occurred_at"),
        ("startTime", "occurred_at"),
        ("ContextTokens", "input_tokens"),
        ("prompt_tokens", "input_tokens"),
        ("Input Tokens", "input_tokens"),
        ("gen_ai.usage.input_tokens", "input_tokens"),
        ("GeneratedTokens", "output_tokens"),
        ("completion_tokens", "output_tokens"),
        ("gen_ai.usage.output_tokens", "output_tokens"),
        ("cached_tokens", "cached_tokens"),
        ("cache_read_tokens", "cached_tokens"),
        ("input_cached_tokens", "cached_tokens"),
        ("cost", "cost"),
        ("spend", "cost"),
        ("Amount", "cost"),
        ("price", "cost"),
        ("custom_llm_provider", "provider"),
        ("gen_ai.provider.name", "provider"),
        ("gen_ai.request.model", "model"),
        ("call_type", "operation"),
        ("request_id", "event_id"),
        ("event_id", "event_id"),
        ("ID", "event_id"),
    ],
)
def test_a_column_is_recognised_by_its_usual_names(header, field):
    assert Columns().places(["else", header]) == {field: 1}


def test_a_chosen_column_counts_and_its_look_no_longer():
    columns = Columns.parse(["occurred_at=When, in UTC,cost=Date"])
    assert columns.places(["date", "when, in utc"]) == {"occurred_at": 1, "cost": 0}


def test_an_empty_choice_means_no_column():
    assert Columns.parse(["cost="]).places(["price", "model"]) == {"model": 1}


@pytest.mark.parametrize("text", ["cost", "total=Price", "cost=A,cost=B", ""])
def test_a_choice_that_cannot_be_meant_is_refused(text):
    with pytest.raises(BadColumns):
        Columns.parse([text])


def test_two_columns_for_one_field_are_not_guessed_between():
    with pytest.raises(BadFile, match="“cost” and “Amount” could each be cost"):
        records("time,cost,Amount\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_taken_from_the_header(delimiter):
    lines = ["timestamp,input_tokens", '2026-01-01,"1"']
    content = "\r\n".join(lines).replace(",", delimiter)
    assert values(content) == [{"occurred_at": "2026-01-01", "input_tokens": "1"}]


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    assert values(b"\xef\xbb\xbf" + HEAD.encode() + b"2026-01-01,1,2\n")[0]["occurred_at"]
    line = b'\xef\xbb\xbf{"time": 1700000000, "cost": 1}'
    assert values(line, name="-")[0]["occurred_at"] == "1700000000"


def test_columns_in_any_order_and_case_beside_others():
    content = "Note,OUTPUT_TOKENS,TimeStamp,INPUT_TOKENS\nx,2,2026-01-01,1\n"
    assert values(content) == [
        {"occurred_at": "2026-01-01", "input_tokens": "1", "output_tokens": "2"}
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n \n", "no header"),
        ("timestamp,note\n2026-01-01,x\n", "a cost or tokens"),
        ("cost,note\n1,x\n", "when it happened"),
        ("2026-01-01,100,10\n", "when it happened"),
        (HEAD.encode("utf-16"), "UTF-16"),
        (b"timestamp,cost,\xff\n", "header is not UTF-8"),
    ],
)
def test_a_file_that_says_nothing_is_refused_whole(content, reason):
    with pytest.raises(BadFile, match=reason):
        records(content)


def test_a_chosen_column_that_is_not_there_is_refused_whole():
    with pytest.raises(BadFile, match="no column “Total”"):
        records(HEAD, cost="Total")


def test_a_json_array_is_refused_whole():
    with pytest.raises(BadFile, match="one JSON array"):
        records('[{"time": 1}]', name="-")


def test_a_header_alone_is_a_file_without_rows():
    assert records(HEAD) == []


def test_too_few_and_too_many_cells_spoil_their_own_row():
    found = records(HEAD + "2026-01-01,1,2\n2026-01-01,1\n2026-01-01,1,2,3\n2026-01-01,3,4\n")
    assert [type(record) for record in found] == [Record, Problem, Problem, Record]
    assert found[1] == Problem(3, "has 2 cells and the header 3")
    assert found[2] == Problem(4, "has 4 cells and the header 3")


def test_lines_are_counted_as_an_editor_counts_them():
    content = '\ntime,cost,note\n2026-01-01,1,"a\nb\r\nc"\n\n2026-01-02,2,x\n,,\n2026-01-03,3\n'
    found = records(content)
    assert [record.line for record in found] == [3, 7, 9]


def test_a_quotation_mark_that_is_not_closed_tells_its_lines():
    found = records(HEAD + '2026-01-01,1,2\n2026-01-02,"1,2\n2026-01-03,1,2\n')
    assert found[1:] == [Problem(3, "the quotation marks do not pair up (lines 3 to 4)")]


def test_text_behind_a_closed_quotation_mark_spoils_its_own_row():
    found = records(HEAD + '2026-01-01,"1"x,2\n2026-01-03,1,2\n')
    assert found[0] == Problem(2, "the quotation marks do not pair up")
    assert isinstance(found[1], Record)


def test_bytes_that_are_no_text_spoil_their_own_row():
    content = b"time,cost,note\n2026-01-01,1,\xff\xfe\n2026-01-01,1,ok\n"
    assert records(content)[0] == Problem(2, "is not UTF-8 text")
    lines = b'{"time": 1700000000, "cost": 1, "x": "\xff"}\n{"time": 1700000000, "cost": 1}\n'
    found = records(lines, name="usage.jsonl")
    assert found[0] == Problem(1, "is not UTF-8 text")
    assert isinstance(found[1], Record)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1, 2]", "is not a JSON object"),
        ("12", "is not a JSON object"),
        ("{oops", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"time": 1700000000, "cost": NaN}', "NaN is not a number"),
        ('{"time": 1700000000, "cost": -Infinity}', "-Infinity is not a number"),
        ('{"time": 1700000000, "cost": 1e999999999999999999999}', "is not JSON"),
        ('{"time": 1700000000, "cost": true}', "cost: is neither text nor a number"),
        ('{"time": 1700000000, "cost": [1]}', "cost: is neither text nor a number"),
        ('{"time": 1700000000, "cost": 1, "model": "\\ud800"}', "model: is not UTF-8 text"),
        ('{"time": 1700000000}', "no column tells a cost or tokens"),
        ('{"cost": 1}', "no column tells when it happened"),
        ('{"time": 1, "cost": 1, "spend": 1}', "could each be cost"),
    ],
)
def test_a_json_line_that_cannot_be_read_spoils_itself_alone(line, reason):
    good = '{"time": 1700000000, "cost": 1}'
    before, bad, after = records(f"{good}\n\n{line}\n{good}\n", name="usage.jsonl")
    assert bad.line == 3
    assert reason in bad.reason
    assert before == Record(1, {"occurred_at": "1700000000", "cost": "1"})
    assert after == Record(4, before.values)


def test_json_numbers_keep_every_digit():
    line = '{"time": 1700000000, "spend": 1.2e-05, "id": 7, "model": null}'
    assert values(line, name="log.ndjson") == [
        {"occurred_at": "1700000000", "cost": "0.000012", "event_id": "7", "model": ""}
    ]


def test_the_format_follows_the_option_then_the_name_then_the_look():
    line = '{"time": 1700000000, "cost": 1}\n'
    assert values(line, name="usage.csv", file_format="jsonl")
    assert values(line, name="usage.json")
    assert values(line, name="-")
    assert values("time,cost\n2026-01-01,1\n", name="-")


def test_a_line_without_end_is_cut_off_and_refused():
    long = '{"time": 1700000000, "x": "' + "y" * LONGEST_LINE * 2 + '", "cost": 1}\n'
    found = records(long + '{"time": 1700000000, "cost": 1}\n', name="usage.jsonl")
    assert found[0] == Problem(1, "is not JSON")
    assert found[1].line == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-11-16 18:17:03.9799600", datetime(2023, 11, 16, 18, 17, 3, 979960, UTC)),
        ("2023-11-16T18:17:03.1234567891Z", datetime(2023, 11, 16, 18, 17, 3, 123456, UTC)),
        ("2023-11-16T18:17:03+02:00", datetime(2023, 11, 16, 16, 17, 3, tzinfo=UTC)),
        ("2023-11-16", datetime(2023, 11, 16, tzinfo=UTC)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("1700000000.5", datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC)),
    ],
)
def test_moments_are_read_to_the_microsecond(text, expected):
    assert moment(text) == expected


def test_a_time_without_offset_is_local_in_the_zone_that_is_given():
    assert moment("2026-07-01 00:30", "America/Chicago") == datetime(2026, 7, 1, 5, 30, tzinfo=UTC)
    assert moment("2026-07-01T00:30Z", "America/Chicago") == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "None",
        "yesterday",
        "16.11.2023 18:17",
        "11/16/2023",
        "20231116",
        "20231116181703",
        "1700000000000",
        "-1700000000",
        "2023-13-01",
        "2023-02-29",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T23:59:59Z",
    ],
)
def test_a_moment_that_could_mean_anything_else_is_refused(text):
    with pytest.raises(BadRow, match="occurred_at"):
        moment(text)


@pytest.mark.parametrize(
    ("text", "cost", "is_rounded"),
    [
        ("0.5", "0.500000", False),
        ("1.2E-5", "0.000012", False),
        ("1.2e-05", "0.000012", False),
        (".25", "0.250000", False),
        ("0.0000010000", "0.000001", False),
        ("0.00012345678", "0.000123", True),
        ("0.0000005", "0.000000", True),
        ("0.0000015", "0.000002", True),
        ("0.0000025", "0.000002", True),
        ("1e-400000", "0.000000", True),
        ("-0.0", "0.000000", False),
        ("99999999.99", "99999999.990000", False),
    ],
)
def test_a_cost_is_exact_to_six_places_and_rounding_is_told(text, cost, is_rounded):
    read_row = row(cost=text)
    assert (f"{read_row.cost:f}", read_row.is_rounded) == (cost, is_rounded)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-0.01", "$1", "0,12", "1.234,56", "1,200.00", "1e30", "free", "٣"]
)
def test_a_cost_that_is_no_plain_amount_is_refused(text):
    with pytest.raises(BadRow, match="cost"):
        row(cost=text)


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "12 000", "٣", "9" * 17, "9" * 5000, "many"])
def test_tokens_that_are_no_count_are_refused(text):
    with pytest.raises(BadRow, match="input_tokens"):
        row(cost="1", input_tokens=text)


def test_whole_numbers_may_be_written_with_a_point():
    assert row(input_tokens="12.0", output_tokens="3").input_tokens == 12


def test_blank_tokens_are_nothing_beside_a_cost_and_a_fault_without():
    assert row(cost="1", input_tokens="", output_tokens="None").output_tokens == 0
    with pytest.raises(BadRow, match="output_tokens: is blank, and there is no cost"):
        row(input_tokens="5", output_tokens="null")
    with pytest.raises(BadRow, match="neither a cost nor tokens"):
        row(cost="")
    assert row(input_tokens="5").output_tokens == 0


def test_a_rows_own_provider_and_model_come_before_those_of_the_import():
    reading = Reading(provider="openai", model="gpt-4o")
    said = {"occurred_at": "2026-01-01", "cost": "1"}
    assert parse(Record(2, said), reading).model == "gpt-4o"
    own = parse(Record(2, {**said, "provider": "anthropic", "model": ""}), reading)
    assert (own.provider, own.model) == ("anthropic", "gpt-4o")


def test_cached_tokens_that_stand_apart_are_counted_in():
    said = {"occurred_at": "2026-01-01", "input_tokens": "10", "cached_tokens": "90"}
    assert parse(Record(2, said), Reading(cached_inside=False)).input_tokens == 100
    assert parse(Record(2, said), Reading()).input_tokens == 10


def test_the_fingerprint_is_what_a_row_says_and_not_how():
    plain = row(cost="0.5", input_tokens="1")
    same = parse(
        Record(
            9, {"cost": "5e-1", "input_tokens": "1.0", "occurred_at": "2026-01-02 04:04:05+01:00"}
        ),
        Reading(),
    )
    assert plain.fingerprint == same.fingerprint
    assert plain.cost == Decimal("0.5")
    for other in ({"cost": "0.6"}, {"input_tokens": "2"}, {"model": "x"}, {"operation": "x"}):
        changed = row(**{"cost": "0.5", "input_tokens": "1", **other})
        assert changed.fingerprint != plain.fingerprint
