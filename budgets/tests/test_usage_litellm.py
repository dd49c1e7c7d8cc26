"""LiteLLM's spend log as JSON, JSON lines and CSV."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budgets.tests.usage_rows import read_as, reason_as, row_as, rows_as
from budgets.usage.files import BadFile, Problem

REQUEST = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "88dc28d0",
    "spend": 0.0105,
    "total_tokens": 1200,
    "prompt_tokens": 1000,
    "completion_tokens": 200,
    "startTime": "2026-07-02T10:00:00.123456Z",
    "endTime": "2026-07-02T10:00:01Z",
    "model": "claude-sonnet-4-5",
    "user": "ann",
    "metadata": "{}",
    "custom_llm_provider": "anthropic",
    "request_tags": "[]",
    "team_id": None,
    "status": "success",
}
USAGE = {
    "usage_object": {
        "cache_creation_input_tokens": 50,
        "cache_read_input_tokens": 300,
        "prompt_tokens_details": {
            "cached_tokens": 300,
            "cache_creation_token_details": {"ephemeral_1h_input_tokens": 20},
        },
    }
}


def litellm(content, **reading):
    return row_as("litellm", content, **reading)


def request(**said):
    return [{**REQUEST, **said}]


def as_csv(*requests):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(REQUEST))
    writer.writeheader()
    writer.writerows(requests)
    return stream.getvalue()


def as_lines(*requests):
    return "".join(json.dumps(one) + "\n" for one in requests)


def test_a_request_says_what_it_was_and_what_it_cost():
    row = litellm(request())
    assert row.occurred_at == datetime(2026, 7, 2, 10, 0, 0, 123456, UTC)
    assert (row.provider, row.model) == ("anthropic", "claude-sonnet-4-5")
    assert (row.operation, row.event_id) == ("acompletion", "chatcmpl-1")
    assert (row.cost, row.is_rounded) == (Decimal("0.0105"), False)
    assert (row.input_tokens, row.output_tokens, row.cached_tokens) == (1000, 200, 0)
    assert not row.detail


def test_an_array_pages_lines_and_a_table_say_the_same():
    requests = [REQUEST, {**REQUEST, "request_id": "chatcmpl-2", "metadata": json.dumps(USAGE)}]
    rows = [
        [row.as_json() | {"line": 0} for row in rows_as("litellm", content)]
        for content in (
            requests,
            {"data": requests, "total": 2, "page": 1},
            as_lines(*requests),
            as_csv(*requests),
        )
    ]
    assert rows[0] == rows[1] == rows[2] == rows[3]
    assert rows[0][1]["detail"] == {
        "kinds": {"cache_write_tokens": 50, "cache_write_1h_tokens": 20}
    }


def test_a_float_keeps_its_digits_and_is_rounded_once():
    text = json.dumps(request()).replace("0.0105", "1.2345678e-05")
    assert (litellm(text).cost, litellm(text).is_rounded) == (Decimal("0.000012"), True)
    assert litellm(request(spend="0.1")).cost == Decimal("0.1")


@pytest.mark.parametrize("metadata", [USAGE, json.dumps(USAGE)])
def test_the_counts_of_the_cache_are_in_the_metadata(metadata):
    row = litellm(request(metadata=metadata))
    assert (row.input_tokens, row.cached_tokens) == (1000, 300)
    assert row.detail.kinds == {"cache_write_tokens": 50, "cache_write_1h_tokens": 20}


def test_older_versions_have_them_under_another_name():
    usage = {"additional_usage_values": {"cache_read_input_tokens": 7, "cache_creation": None}}
    assert litellm(request(metadata=json.dumps(usage))).cached_tokens == 7
    details = {"usage_object": {"prompt_tokens_details": {"cached_tokens": 8}}}
    assert litellm(request(metadata=details)).cached_tokens == 8


def test_counts_that_cannot_be_among_the_prompt_tokens_were_beside_them():
    row = litellm(request(metadata=USAGE, prompt_tokens=31))
    assert (row.input_tokens, row.cached_tokens) == (381, 300)


@pytest.mark.parametrize("nothing", ["none", "", "null", None, "{}"])
def test_none_as_text_is_nothing(nothing):
    row = litellm(request(metadata=nothing, custom_llm_provider=nothing and "None"))
    assert (row.provider, row.cached_tokens) == ("", 0)


@pytest.mark.parametrize("spend", [0, "0.0", "none", None, ""])
def test_a_request_that_failed_counts_as_nothing(spend):
    failed = request(
        status="failure", spend=spend, prompt_tokens=0, completion_tokens=0, model="None"
    )
    row = litellm(failed)
    assert (row.cost, row.input_tokens, row.model) == (0, 0, "")


def test_a_request_that_did_not_fail_is_not_free():
    row = litellm(request(spend=None))
    assert row.cost is None
    assert reason_as("litellm", request(spend="None", prompt_tokens="")) == (
        "input_tokens: is blank, and there is no cost"
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"metadata": "{'a': 1}"}, "metadata: is not JSON, so its cached tokens cannot be told"),
        ({"metadata": "[" * 10_000}, "metadata: is not JSON, so its cached tokens cannot be told"),
        ({"metadata": [1]}, "metadata: is not a JSON object"),
        ({"metadata": {"usage_object": "[]"}}, "usage_object: is not a JSON object"),
        ({"spend": "free"}, "cost: “free” is not a number like 0.0125"),
        ({"spend": -1}, "cost: is below zero; usage does not give money back"),
        ({"spend": {"a": 1}}, "spend: is neither text nor a number"),
        ({"startTime": "02/07/2026"}, "occurred_at: “02/07/2026” is neither like"),
        ({"prompt_tokens": 1.5}, "input_tokens: “1.5” is not a whole number"),
    ],
)
def test_a_request_that_cannot_be_read_is_told(said, reason):
    assert reason_as("litellm", request(**said)).startswith(reason)


def test_an_object_that_is_no_request_is_told_among_the_others():
    first, problem, last = read_as("litellm", [REQUEST, {"model": "x"}, REQUEST])
    assert problem == Problem(2, "is no spend log: has no request_id, startTime, spend")
    assert (first.line, last.line) == (1, 3)


def test_a_table_without_its_columns_is_refused_whole():
    with pytest.raises(BadFile) as refused:
        read_as("litellm", "request_id,model\n1,x\n")
    assert str(refused.value) == (
        "This is not LiteLLM’s spend log: the header has no startTime, spend."
    )
    with pytest.raises(BadFile, match="The header has model twice"):
        read_as("litellm", "request_id,startTime,spend,model,MODEL\n")


def test_a_row_of_a_table_with_too_few_cells_spoils_itself_alone():
    content = as_csv(REQUEST, REQUEST).splitlines()
    content.insert(2, "a,b")
    first, problem, last = read_as("litellm", "\n".join(content))
    assert problem.line == 3
    assert (first.line, last.line) == (2, 4)


def test_spend_is_in_dollars_and_stands_for_no_other_currency():
    assert reason_as("litellm", request(), currency="EUR") == (
        "spend: is in USD, and budgets are in EUR"
    )
    assert litellm(request(spend=0), currency="EUR").cost == 0
