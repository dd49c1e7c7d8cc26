"""GET budget/usage/breakdown: by provider and by model, over a window or any days."""

from datetime import timedelta

import pytest

from budgets.ledger import reset
from budgets.tests.asking import at_now, member, wrong
from budgets.tests.factories import NOW, open_cycle, record

pytestmark = at_now


def test_tells_the_shares_of_this_window():
    budget, ann = member(limit=100)
    record(budget, "3", provider="acme", model="m1", input_tokens=10, output_tokens=5)
    record(budget, "1", provider="acme", model="m2")
    record(budget, "2", kind="purchase")
    told = ann.get("budget/usage/breakdown").json()
    assert told == {
        "since": "2026-07-01",
        "until": "2026-07-31",
        "window": open_cycle(budget).pk,
        "total": "6.00",
        "count": 3,
        "tokens": 15,
        "providers": [
            {
                "provider": "acme",
                "model": None,
                "amount": "4.00",
                "count": 2,
                "tokens": 15,
                "percent": "66.67",
            },
            {
                "provider": None,
                "model": None,
                "amount": "2.00",
                "count": 1,
                "tokens": 0,
                "percent": "33.33",
            },
        ],
        "models": [
            {
                "provider": "acme",
                "model": "m1",
                "amount": "3.00",
                "count": 1,
                "tokens": 15,
                "percent": "50.00",
            },
            {
                "provider": None,
                "model": None,
                "amount": "2.00",
                "count": 1,
                "tokens": 0,
                "percent": "33.33",
            },
            {
                "provider": "acme",
                "model": "m2",
                "amount": "1.00",
                "count": 1,
                "tokens": 0,
                "percent": "16.67",
            },
        ],
    }


def test_covers_a_past_window_by_the_id_that_resets_tell():
    budget, ann = member(limit=100)
    record(budget, "3")
    reset(budget=budget, actor=None, now=NOW)
    record(budget, "1", now=NOW + timedelta(seconds=1))
    past = ann.get("budget/resets").json()["items"][0]["window"]
    assert ann.get("budget/usage/breakdown", {"window": past}).json()["total"] == "3.00"


@pytest.mark.parametrize(
    ("asked", "total", "span"),
    [
        ({"since": "2026-07-10", "until": "2026-07-12"}, "2.00", ("2026-07-10", "2026-07-12")),
        ({"since": "2026-07-12"}, "6.00", ("2026-07-12", "2026-07-15")),
        ({"until": "2026-07-12"}, "3.00", ("2026-07-01", "2026-07-12")),
    ],
)
def test_covers_any_days(asked, total, span):
    budget, ann = member(limit=100)
    for days, amount in ((0, "4"), (3, "2"), (10, "1")):
        record(budget, amount, occurred_at=NOW - timedelta(days=days))
    told = ann.get("budget/usage/breakdown", asked).json()
    assert (told["total"], told["since"], told["until"], told["window"]) == (total, *span, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "2026-07-12", "until": "2026-07-11"}, "query.until"),
        ({"since": "2000-01-01", "until": "2026-07-11"}, "query.until"),
        ({"since": "0001-01-01"}, "query.since"),
        ({"until": "9999-12-31"}, "query.until"),
        ({"since": "yesterday"}, "query.since"),
        ({"since": "1752537600"}, "query.since"),
        ({"until": "2026-02-30"}, "query.until"),
        ({"window": "0"}, "query.window"),
        ({"window": "9" * 30}, "query.window"),
        ({"window": "1", "since": "2026-07-12"}, "query.window"),
        ({"window": "1", "until": "2026-07-12"}, "query.window"),
    ],
)
def test_what_cannot_be_read_is_refused(asked, field):
    _, ann = member()
    assert list(wrong(ann.get("budget/usage/breakdown", asked))) == [field]


def test_a_window_and_days_are_not_asked_for_together():
    budget, ann = member()
    asked = {"window": open_cycle(budget).pk, "since": "2026-07-12"}
    said = wrong(ann.get("budget/usage/breakdown", asked))
    assert said == {"query.window": ["Send a window or days, not both."]}


def test_a_window_of_somebody_else_is_not_there():
    _, ann = member()
    other, _ = member()
    theirs, none = open_cycle(other).pk, 10**9
    answers = [ann.get("budget/usage/breakdown", {"window": key}) for key in (theirs, none)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_hidden_budget_is_refused():
    _, ann = member(visible_to_user=False)
    assert ann.get("budget/usage/breakdown").status_code == 403
