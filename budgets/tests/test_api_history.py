"""GET budget/usage/history: every posting, in parts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import reverse
from budgets.tests.asking import at_now, member, wrong
from budgets.tests.factories import NOW, record

pytestmark = at_now

HISTORY = "budget/usage/history"


def ids(answer):
    return [entry["id"] for entry in answer.json()["items"]]


def test_tells_all_of_a_posting():
    budget, ann = member(limit=100)
    entry = record(
        budget,
        "1.234567",
        occurred_at=NOW - timedelta(hours=1),
        provider="acme",
        model="m1",
        operation="chat",
        input_tokens=9,
        output_tokens=8,
        cached_tokens=7,
        memo="a question",
        source="gateway",
        source_event_id="e1",
        priced_by="genai-prices 0.2.3",
        via="Gateway (ps_12345678…)",
    )
    back = reverse(entry=entry, now=NOW)
    newest, told = ann.get(HISTORY).json()["items"]
    assert told == {
        "id": entry.pk,
        "kind": "usage",
        "amount": "1.234567",
        "occurred_at": "2026-07-15T11:00:00Z",
        "day": "2026-07-15",
        "recorded_at": "2026-07-15T12:00:00Z",
        "provider": "acme",
        "model": "m1",
        "operation": "chat",
        "input_tokens": 9,
        "output_tokens": 8,
        "cached_tokens": 7,
        "memo": "a question",
        "source": "gateway",
        "source_event_id": "e1",
        "priced_by": "genai-prices 0.2.3",
        "via": "Gateway (ps_12345678…)",
        "reverses": None,
    }
    assert (newest["id"], newest["reverses"], newest["amount"]) == (back.pk, entry.pk, "-1.234567")


def test_any_part_is_found_whatever_days_it_lies_on():
    budget, ann = member(limit=100)
    made = [
        record(budget, "0.01", occurred_at=NOW - timedelta(hours=7 * number)).pk
        for number in range(23)
    ]
    for skip in range(25):
        for limit in (1, 4, 100):
            answer = ann.get(HISTORY, {"skip": skip, "limit": limit})
            assert ids(answer) == made[skip : skip + limit]
            assert answer.json()["total"] == 23


def test_is_narrowed_by_provider_model_and_days():
    budget, ann = member(limit=100)
    first = record(budget, "1", provider="acme", model="m1", occurred_at=NOW - timedelta(days=2))
    second = record(budget, "1", provider="acme", model="m2")
    third = record(budget, "1", provider="zeta", model="m1")
    assert ids(ann.get(HISTORY, {"provider": "acme"})) == [second.pk, first.pk]
    assert ids(ann.get(HISTORY, {"model": "m1"})) == [third.pk, first.pk]
    assert ids(ann.get(HISTORY, {"provider": "acme", "since": "2026-07-14"})) == [second.pk]
    answer = ann.get(HISTORY, {"until": "2026-07-13"})
    assert (ids(answer), answer.json()["total"]) == ([first.pk], 1)
    assert ids(ann.get(HISTORY, {"provider": "nobody"})) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"limit": 0}, "query.limit"),
        ({"limit": 101}, "query.limit"),
        ({"limit": "x"}, "query.limit"),
        ({"skip": -1}, "query.skip"),
        ({"skip": 10**30}, "query.skip"),
        ({"since": "2026-07-12", "until": "2026-07-11"}, "query.until"),
        ({"since": "0001-01-01"}, "query.since"),
        ({"provider": "a\x00b"}, "query.provider"),
        ({"model": "x" * 201}, "query.model"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, field):
    _, ann = member()
    assert list(wrong(ann.get(HISTORY, asked))) == [field]


def test_a_part_of_a_hundred_is_allowed_and_one_beyond_the_end_is_empty():
    _, ann = member()
    answer = ann.get(HISTORY, {"limit": 100, "skip": 10**9})
    assert answer.json() == {"items": [], "total": 0, "skip": 10**9, "limit": 100}


def test_nothing_of_another_member_is_told_and_a_hidden_budget_is_refused():
    other, _ = member()
    record(other, "1")
    _, ann = member()
    assert ann.get(HISTORY).json()["total"] == 0
    _, ben = member(visible_to_user=False)
    assert ben.get(HISTORY).status_code == 403


def test_asks_as_many_queries_for_many_rows_and_for_the_last():
    budget, ann = member(limit=100)
    counts = []
    for rows in (3, 12):
        for number in range(rows):
            record(budget, "0.01", occurred_at=NOW - timedelta(days=number))
        for asked in ({}, {"skip": rows - 1}):
            ann.get(HISTORY, asked)
            with CaptureQueriesContext(connection) as queries:
                ann.get(HISTORY, asked)
            counts.append(len(queries))
    assert len(set(counts)) == 1
