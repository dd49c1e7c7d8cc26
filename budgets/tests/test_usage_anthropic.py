"""Anthropic's usage export: four kinds of input, apart from one another."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from budgets.tests.usage_rows import read_as, reason_as, row_as
from budgets.usage.details import Lengths
from budgets.usage.files import BadFile, Problem

ROW = {
    "usage_date_utc": "2026-03-22",
    "model_version": "claude-sonnet-4-5-20250929",
    "api_key": "laptop",
    "workspace": "Default",
    "usage_type": "standard",
    "context_window": "≤ 200k",
    "usage_input_tokens_no_cache": "100000",
    "usage_input_tokens_cache_write_5m": "2000",
    "usage_input_tokens_cache_write_1h": "300",
    "usage_input_tokens_cache_read": "40",
    "usage_output_tokens": "5000",
    "web_search_count": "10",
    "inference_geo": "not_available",
    "speed": "",
}


def text(*rows):
    lines = [",".join(ROW), *(",".join(row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


def row(**said):
    return row_as("anthropic", text({**ROW, **said}), zone=UTC)


def reason(**said):
    return reason_as("anthropic", text({**ROW, **said}))


def test_what_went_in_is_all_four_and_each_is_kept_apart():
    one = row()
    assert one.occurred_at == datetime(2026, 3, 22, tzinfo=UTC)
    assert (one.provider, one.model) == ("anthropic", "claude-sonnet-4-5-20250929")
    assert one.input_tokens == 100_000 + 2000 + 300 + 40
    assert (one.output_tokens, one.cached_tokens) == (5000, 40)
    assert one.detail.kinds == {
        "cache_write_tokens": 2300,
        "cache_write_1h_tokens": 300,
        "web_searches": 10,
    }
    assert one.cost is None


def test_what_is_written_for_an_hour_alone_is_written_too():
    one = row(usage_input_tokens_cache_write_5m="0", web_search_count="")
    assert one.detail.kinds == {"cache_write_tokens": 300, "cache_write_1h_tokens": 300}
    assert one.input_tokens == 100_340


def test_the_shorter_export_of_earlier_years_is_read_too():
    short = [name for name in ROW if name not in ("context_window", "inference_geo", "speed")]
    content = ",".join(short) + "\n" + ",".join(ROW[name] for name in short)
    assert row_as("anthropic", content).detail.lengths == Lengths(0, 102_340)


@pytest.mark.parametrize(
    ("window", "lengths"),
    [
        ("≤ 200k", Lengths(0, 102_340)),
        ("≤100k", Lengths(0, 100_000)),
        ("<= 50k", Lengths(0, 50_000)),
        ("> 200k", Lengths(200_001, None)),
        ("200k - 1M", Lengths(200_001, None)),
        ("200k–1M", Lengths(200_001, None)),
        ("", Lengths(0, 102_340)),
        ("large", Lengths(0, 102_340)),
    ],
)
def test_the_window_tells_how_long_the_requests_were(window, lengths):
    assert row(context_window=window).detail.lengths == lengths


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ({}, {}),
        ({"usage_type": "batch"}, {"processing": "batch"}),
        ({"usage_type": "priority"}, {"service_tier": "priority"}),
        ({"speed": "fast"}, {"speed": "fast"}),
        ({"speed": "standard", "inference_geo": "global"}, {}),
        ({"inference_geo": "us"}, {"inference_geo": "us"}),
    ],
)
def test_what_is_not_usual_is_a_term_of_the_price(said, terms):
    assert row(**said).detail.terms == terms


@pytest.mark.parametrize(
    "column", [name for name in ROW if not name.startswith("usage_") or "type" in name]
)
def test_a_row_is_named_by_all_that_it_is_grouped_by(column):
    if column == "web_search_count":
        assert row(**{column: "3"}).event_id == row().event_id
    else:
        assert row(**{column: "other"}).event_id != row().event_id


def test_other_counts_have_the_same_name_and_are_seen_to_differ():
    grown = row(usage_output_tokens="6000")
    assert grown.event_id == row().event_id
    assert grown.fingerprint != row().fingerprint


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"usage_date_utc": ""}, "occurred_at: is blank"),
        ({"usage_date_utc": "22/03/2026"}, "occurred_at: “22/03/2026” is neither like"),
        ({"usage_input_tokens_no_cache": ""}, "input_tokens: is blank, and there is no cost"),
        ({"usage_input_tokens_cache_read": "-4"}, "cached_tokens: -4 is below zero"),
        ({"usage_input_tokens_cache_write_5m": "x"}, "cache_write_tokens: “x” is not a whole"),
        ({"web_search_count": "many"}, "web_searches: “many” is not a whole"),
    ],
)
def test_a_row_that_cannot_be_read_is_told(said, expected):
    assert reason(**said).startswith(expected)


def test_a_table_without_its_columns_is_refused_whole():
    with pytest.raises(BadFile, match="This is not Anthropic’s usage export: the header has no"):
        read_as("anthropic", "usage_date_utc,cost_usd\n")


def test_columns_may_stand_in_any_order_and_case():
    names = list(reversed(ROW))
    content = ",".join(name.upper() for name in names) + "\n" + ",".join(ROW[n] for n in names)
    assert row_as("anthropic", "\ufeff" + content).event_id == row().event_id


def test_a_day_is_one_of_utc_wherever_the_import_is():
    there = row_as("anthropic", text(ROW), zone=ZoneInfo("Asia/Karachi"))
    assert there.occurred_at == row().occurred_at


def test_a_row_with_too_few_cells_spoils_itself_alone():
    content = text(ROW) + "a,b\n" + text(ROW).splitlines()[1]
    first, problem, last = read_as("anthropic", content)
    assert problem == Problem(3, "has 2 cells and the header 14")
    assert (first.line, last.line) == (2, 4)


def test_without_an_hour_only_what_lasts_minutes_was_written():
    one = row(usage_input_tokens_cache_write_1h="0", web_search_count="0")
    assert one.detail.kinds == {"cache_write_tokens": 2000}
    assert one.input_tokens == 102_040
