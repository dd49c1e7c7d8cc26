"""OpenAI's usage and costs: pages of buckets of results."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budgets.tests.usage_rows import read_as, reason_as, row_as, rows_as
from budgets.usage.details import Lengths
from budgets.usage.files import Problem

RESULT = {
    "object": "organization.usage.completions.result",
    "input_tokens": 1000,
    "output_tokens": 500,
    "input_cached_tokens": 800,
    "input_audio_tokens": 0,
    "output_audio_tokens": 0,
    "num_model_requests": 5,
    "project_id": "proj_1",
    "user_id": None,
    "api_key_id": None,
    "model": "gpt-4o-2024-08-06",
    "batch": None,
}
COST = {
    "object": "organization.costs.result",
    "amount": {"value": 0.06, "currency": "usd"},
    "line_item": "gpt-4o-2024-08-06, cached input",
    "project_id": "proj_1",
}
DAY = 1_782_864_000


def bucket(*results, day=0):
    start = DAY + day * 86_400
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 86_400,
        "results": list(results),
    }


def page(*buckets):
    return {"object": "page", "data": list(buckets), "has_more": False, "next_page": None}


def usage(**said):
    return row_as("openai-usage", page(bucket({**RESULT, **said})))


def cost(**said):
    return row_as("openai-costs", page(bucket({**COST, **said})))


def test_a_result_sums_up_a_bucket_and_its_input_holds_the_cached_tokens():
    row = usage()
    assert row.occurred_at == datetime(2026, 7, 1, tzinfo=UTC)
    assert (row.provider, row.model) == ("openai", "gpt-4o-2024-08-06")
    assert row.operation == "completions"
    assert (row.input_tokens, row.output_tokens, row.cached_tokens) == (1000, 500, 800)
    assert row.cost is None


def test_each_result_of_each_bucket_of_each_page_is_a_row():
    other = {**RESULT, "model": "gpt-4o-mini"}
    pages = [page(bucket(RESULT, other), bucket(day=1)), page(bucket(RESULT, day=2))]
    rows = rows_as("openai-usage", pages)
    assert [(row.line, row.model, row.occurred_at.day) for row in rows] == [
        (1, "gpt-4o-2024-08-06", 1),
        (1, "gpt-4o-mini", 1),
        (3, "gpt-4o-2024-08-06", 3),
    ]
    assert len({row.event_id for row in rows}) == 3


@pytest.mark.parametrize(
    "said",
    [
        {"project_id": "proj_2"},
        {"user_id": "user_1"},
        {"api_key_id": "key_1"},
        {"model": "gpt-4o"},
        {"batch": True},
        {"batch": False},
        {"service_tier": "priority"},
        {"object": "organization.usage.embeddings.result"},
    ],
)
def test_a_result_is_named_by_what_it_is_grouped_by(said):
    assert usage(**said).event_id != usage().event_id
    assert usage(**said).event_id == usage(**said).event_id
    assert usage(input_tokens=2000).event_id == usage().event_id


def test_a_batch_and_a_tier_are_terms_of_the_price():
    assert usage(batch=True).detail.terms == {"processing": "batch"}
    assert usage(service_tier="batch").detail.terms == {"processing": "batch"}
    assert usage(service_tier="priority").detail.terms == {"service_tier": "priority"}
    for usual in (None, "default", "auto", "standard"):
        assert usage(service_tier=usual, batch=False).detail.terms == {}


def test_how_long_the_requests_were_is_told_as_far_as_it_is_known():
    assert usage().detail.lengths == Lengths(0, 1000)
    assert usage(num_model_requests=1).detail.lengths is None
    assert usage(num_model_requests=None).detail.lengths == Lengths(0, 1000)


def test_tokens_with_a_price_of_their_own_are_kept_apart():
    row = usage(
        input_cached_tokens=0, input_audio_tokens=10, output_audio_tokens=20, input_image_tokens=30
    )
    assert row.detail.kinds == {
        "input_audio_tokens": 10,
        "output_audio_tokens": 20,
        "input_image_tokens": 30,
    }
    assert usage(input_cache_write_tokens=9).detail.kinds == {"cache_write_tokens": 9}


def test_cached_tokens_that_may_be_audio_are_not_priced_as_text():
    content = page(bucket({**RESULT, "input_audio_tokens": 10}))
    assert reason_as("openai-usage", content) == (
        "input_cached_tokens: does not tell how many of them are audio"
    )
    row = usage(input_audio_tokens=10, input_cached_audio_tokens=4)
    assert row.detail.kinds["cache_audio_read_tokens"] == 4
    assert usage(input_audio_tokens=10, input_cached_audio_tokens=0).cached_tokens == 800


def test_a_model_that_is_not_named_is_that_of_the_import():
    content = page(bucket({**RESULT, "model": None}))
    assert row_as("openai-usage", content).model == ""
    assert row_as("openai-usage", content, model="gpt-4o").model == "gpt-4o"


def test_an_embedding_has_no_output():
    said = {"object": "organization.usage.embeddings.result", "input_tokens": 7, "model": "x"}
    row = row_as("openai-usage", page(bucket(said)))
    assert (row.operation, row.input_tokens, row.output_tokens) == ("embeddings", 7, 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (page(bucket({"images": 3})), "tells no tokens; what it cost is in the costs API"),
        (page(bucket({**RESULT, "input_tokens": -1})), "input_tokens: -1 is below zero"),
        (page(bucket({**RESULT, "input_tokens": None})), "input_tokens: is blank"),
        (page(bucket("x")), "results: holds something that is not a JSON object"),
        (page({"start_time": 1, "results": 7}), "is no bucket: has no results"),
        (page({"results": [RESULT]}), "occurred_at: is blank"),
        (page(bucket(COST)), "is a result of costs, not of usage"),
        (page(7), "is not a JSON object"),
    ],
)
def test_usage_that_cannot_be_read_is_told(content, reason):
    assert reason_as("openai-usage", content).startswith(reason)


def test_a_bad_result_spoils_itself_alone():
    found = read_as("openai-usage", page(bucket(RESULT, {"images": 1}, RESULT), bucket(RESULT)))
    assert [isinstance(row, Problem) for row in found] == [False, True, False, False]


@pytest.mark.parametrize("value", [0.06, "0.060", "6e-2"])
def test_a_cost_is_a_number_or_a_text(value):
    row = cost(amount={"value": value, "currency": "usd"})
    assert (row.cost, row.is_rounded) == (Decimal("0.06"), False)
    assert (row.provider, row.model, row.operation) == (
        "openai",
        "gpt-4o-2024-08-06",
        "cached input",
    )
    assert row.occurred_at == datetime(2026, 7, 1, tzinfo=UTC)


def test_a_line_item_that_is_no_model_is_what_was_done():
    row = cost(line_item="code interpreter sessions")
    assert (row.model, row.operation) == ("", "code interpreter sessions")
    row = row_as("openai-costs", page(bucket({**COST, "line_item": None})), model="gpt-4o")
    assert (row.model, row.operation) == ("", "")


def test_a_cost_is_named_by_its_bucket_and_item():
    assert cost(line_item="x").event_id != cost().event_id
    assert cost(amount={"value": 1, "currency": "usd"}).event_id == cost().event_id
    assert cost().event_id != usage().event_id


def test_a_cost_in_another_currency_is_told():
    content = page(bucket(COST, {**COST, "amount": {"value": 1, "currency": "eur"}}))
    assert [type(row).__name__ for row in read_as("openai-costs", content)] == ["Row", "Problem"]
    assert read_as("openai-costs", content)[1].reason == "amount: is in EUR, and budgets are in USD"
    in_euros = read_as("openai-costs", content, currency="EUR")
    assert [type(row).__name__ for row in in_euros] == ["Problem", "Row"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"amount": {"value": None, "currency": "usd"}}, "amount.value: is blank"),
        ({"amount": {"value": "-1", "currency": "usd"}}, "cost: is below zero"),
        ({"amount": {"value": 1}}, "amount: is in no currency, and budgets are in USD"),
        ({"amount": 7}, "amount: has no value and currency"),
        ({"line_item": ["x"]}, "line_item: is neither text nor a number"),
    ],
)
def test_a_cost_that_cannot_be_read_is_told(said, reason):
    assert reason_as("openai-costs", page(bucket({**COST, **said}))).startswith(reason)


def test_usage_is_no_cost():
    assert reason_as("openai-costs", page(bucket(RESULT))) == "is a result of usage, not of costs"
