"""OpenTelemetry's spans as JSON: flat, with attributes, and as a collector writes them."""

import json
from datetime import UTC, datetime

import pytest

from budgets.tests.usage_rows import read_as, reason_as, row_as, rows_as

USED = {
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.operation.name": "chat",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 200,
    "gen_ai.usage.cache_read.input_tokens": 300,
    "gen_ai.usage.cache_creation.input_tokens": 50,
}
SPAN = {
    "traceId": "5B8EFFF798038103D269B633813FC60C",
    "spanId": "EEE19B7EC3C1B174",
    "name": "chat gpt-4o",
    "startTimeUnixNano": "1782986400123456789",
    "endTimeUnixNano": "1782986401000000000",
    "attributes": USED,
}
ID = "5b8efff798038103d269b633813fc60c/eee19b7ec3c1b174"


def span(**said):
    return {**SPAN, **said}


def row(one):
    return row_as("opentelemetry", json.dumps(one))


def typed(value):
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


LISTED = [{"key": key, "value": typed(value)} for key, value in USED.items()]
COLLECTED = {
    "resourceSpans": [
        {
            "resource": {"attributes": []},
            "scopeSpans": [{"scope": {"name": "x"}, "spans": [span(attributes=LISTED)]}],
        }
    ]
}


@pytest.mark.parametrize("content", [SPAN, span(attributes=LISTED), COLLECTED])
def test_a_span_says_what_it_was(content):
    one = row(content)
    assert one.occurred_at == datetime(2026, 7, 2, 10, 0, 0, 123456, UTC)
    assert (one.provider, one.model, one.operation) == ("openai", "gpt-4o", "chat")
    assert (one.input_tokens, one.output_tokens, one.cached_tokens) == (1000, 200, 300)
    assert one.detail.kinds == {"cache_write_tokens": 50}
    assert (one.event_id, one.cost) == (ID, None)


def test_lines_and_an_array_are_read_alike():
    spans = [SPAN, span(spanId="2")]
    lines = "".join(json.dumps(one) + "\n" for one in spans)
    for content in (lines, json.dumps(spans)):
        assert [one.line for one in rows_as("opentelemetry", content)] == [1, 2]


def test_what_a_console_exporter_prints_is_read():
    printed = {
        "context": {"trace_id": "0x" + SPAN["traceId"].lower(), "span_id": "0xeee19b7ec3c1b174"},
        "start_time": "2026-07-02T10:00:00.123456Z",
        "attributes": USED,
    }
    one = row_as("opentelemetry", json.dumps(printed, indent=4))
    assert (one.event_id, one.occurred_at) == (ID, row(SPAN).occurred_at)


def test_older_names_are_known():
    used = {
        "gen_ai.system": "anthropic",
        "gen_ai.response.model": "claude",
        "gen_ai.usage.prompt_tokens": 5,
        "gen_ai.usage.completion_tokens": 6,
        "gen_ai.usage.cache_read_input_tokens": 3,
        "gen_ai.usage.cache_creation_input_tokens": 1,
    }
    one = row(span(attributes=used))
    assert (one.provider, one.model) == ("anthropic", "claude")
    assert (one.input_tokens, one.output_tokens, one.cached_tokens) == (5, 6, 3)
    assert one.detail.kinds == {"cache_write_tokens": 1}


def test_a_flat_line_has_the_name_that_it_has_as_a_line_of_no_known_program():
    flat = {"timestamp": "2026-07-02T10:00:00Z", "traceId": "1", "spanId": "2", **USED}
    known = row(flat)
    generic = row_as("jsonl", json.dumps(flat) + "\n")
    assert (known.event_id, known.fingerprint) == ("", generic.fingerprint)
    named = {**flat, "id": "req-1"}
    assert row(named).event_id == row_as("jsonl", json.dumps(named)).event_id == "req-1"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ({"timestamp": "2026-07-02T12:00:00+02:00"}, datetime(2026, 7, 2, 10, tzinfo=UTC)),
        ({"timestamp": 1782986400}, datetime(2026, 7, 2, 10, tzinfo=UTC)),
        ({"timestamp": 1782986400000000000}, datetime(2026, 7, 2, 10, tzinfo=UTC)),
        ({"timeUnixNano": 1782986400000000999}, datetime(2026, 7, 2, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_is_text_seconds_or_nanoseconds(said, moment):
    bare = {name: value for name, value in SPAN.items() if "Time" not in name}
    assert row({**bare, **said}).occurred_at == moment


@pytest.mark.parametrize("moment", ["1782986400", "-1", "soon", "17829864001234567890"])
def test_nanoseconds_that_are_none_are_told(moment):
    reason = reason_as("opentelemetry", json.dumps(span(startTimeUnixNano=moment)))
    assert reason == f"occurred_at: “{moment}” is not the nanoseconds since 1970"


def test_without_ids_the_answer_has_one_or_none():
    bare = {name: value for name, value in SPAN.items() if "Id" not in name}
    assert row(bare).event_id == ""
    assert row({**bare, "attributes": {**USED, "gen_ai.response.id": "r1"}}).event_id == "r1"


def test_an_embedding_tells_no_output():
    used = {"gen_ai.usage.input_tokens": 5, "gen_ai.operation.name": "embeddings"}
    assert row(span(attributes=used)).output_tokens == 0


@pytest.mark.parametrize(
    "attributes",
    [
        {"http.method": "GET"},
        {"gen_ai.operation.name": "chat"},
        {**USED, "gen_ai.operation.name": "invoke_agent"},
        {**USED, "gen_ai.operation.name": "execute_tool"},
        None,
        "x",
    ],
)
def test_a_span_that_used_nothing_itself_is_no_usage(attributes):
    assert read_as("opentelemetry", json.dumps(span(attributes=attributes))) == []


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("gen_ai.usage.input_tokens", -1, "input_tokens: -1 is below zero"),
        ("gen_ai.usage.input_tokens", [1], "gen_ai.usage.input_tokens: is neither text nor"),
        ("gen_ai.usage.output_tokens", None, "output_tokens: is blank, and there is no cost"),
    ],
)
def test_a_span_that_cannot_be_read_is_told(name, value, reason):
    told = reason_as("opentelemetry", json.dumps(span(attributes={**USED, name: value})))
    assert told.startswith(reason)


def test_bad_lines_spoil_themselves_alone():
    content = f"{json.dumps(SPAN)}\n{{oops\n{json.dumps(SPAN)}\n"
    kinds = [type(one).__name__ for one in read_as("opentelemetry", content)]
    assert kinds == ["Row", "Problem", "Row"]


def test_a_batch_that_holds_odd_things_is_passed_over():
    assert read_as("opentelemetry", json.dumps({"resourceSpans": [7, {"scopeSpans": "x"}]})) == []
