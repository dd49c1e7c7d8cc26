"""Rows of usage as JSON and back, and the details by which they differ."""

import json
from dataclasses import replace
from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.usage.details import KINDS, PLAIN, Detail, Lengths
from budgets.usage.files import Record
from budgets.usage.parsing import Reading, Row, parse

counts = st.integers(0, 10**15)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
details = st.builds(
    Detail,
    st.dictionaries(st.sampled_from(sorted(KINDS)), st.integers(1, 10**15), max_size=3),
    st.dictionaries(st.sampled_from(["processing", "service_tier"]), texts, max_size=2),
    st.none() | st.builds(Lengths, counts, st.none() | counts),
)
rows = st.builds(
    Row,
    line=st.integers(1, 10**9),
    occurred_at=st.datetimes(timezones=st.just(UTC)),
    provider=texts,
    model=texts,
    operation=texts,
    input_tokens=counts,
    output_tokens=counts,
    cached_tokens=counts,
    cost=st.none() | st.decimals(0, 10**8, places=6),
    is_rounded=st.booleans(),
    event_id=texts,
    detail=details,
)


@given(rows)
def test_a_row_comes_back_from_json_as_it_was(row):
    back = Row.from_json(json.loads(json.dumps(row.as_json())))
    assert back == row
    assert back.fingerprint == row.fingerprint
    assert str(back.cost) == str(row.cost)


def test_a_row_in_json_says_only_what_it_says():
    row = parse(Record(7, {"occurred_at": "2026-07-01", "cost": "0"}), Reading())
    assert row.as_json() == {
        "line": 7,
        "occurred_at": "2026-07-01T00:00:00+00:00",
        "cost": "0.000000",
    }
    assert Row.from_json(row.as_json()).cost == Decimal(0)


def test_the_name_of_a_plain_row_is_what_it_always_was():
    row = parse(Record(2, {"occurred_at": "2026-01-02", "cost": "1"}), Reading(model="x"))
    assert row.detail is PLAIN
    assert row.fingerprint == "5eed2eb14df11e3f397f3b109eac433b793ced21f6cbc73cf7d21d41d4f1ab58"


@pytest.mark.parametrize(
    "detail",
    [
        Detail({"cache_write_tokens": 1}),
        Detail({}, {"processing": "batch"}),
        Detail({}, {}, Lengths(0, 5)),
        Detail({}, {}, Lengths(0, 0)),
    ],
    ids=range(4),
)
def test_rows_that_differ_in_detail_have_other_names(detail):
    row = parse(Record(2, {"occurred_at": "2026-01-02", "cost": "1"}), Reading())
    assert replace(row, detail=detail).fingerprint != row.fingerprint
    assert Detail.from_json(detail.as_json()) == detail


def test_tokens_written_to_the_cache_are_inside_the_input_or_apart():
    said = {"occurred_at": "2026-01-01", "input_tokens": "10", "output_tokens": "0"}
    said |= {"cached_tokens": "90", "cache_write_tokens": "900"}
    apart = parse(Record(2, said), Reading(cached_inside=False))
    assert (apart.input_tokens, apart.detail.kinds) == (1000, {"cache_write_tokens": 900})
    assert parse(Record(2, said), Reading()).input_tokens == 10
    assert parse(Record(2, {**said, "cache_write_tokens": "0"}), Reading()).detail is PLAIN
