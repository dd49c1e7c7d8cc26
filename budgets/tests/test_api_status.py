"""GET budget/status: how much may still be spent."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import hold
from budgets.models import Cycle, Hold
from budgets.tests.asking import administrator, at_now, member
from budgets.tests.factories import NOW, open_cycle, record, spend
from people.models import Scope
from people.tests.programs import program

pytestmark = at_now


def test_tells_what_the_page_tells():
    budget, ann = member(limit=10)
    spend(budget, "8.125")
    assert ann.get("budget/status").json() == {
        "level": "yellow",
        "limit": "10.00",
        "spent": "8.125",
        "held": "0.00",
        "remaining": "1.875",
        "over_by": "0.00",
        "percent": "81.3",
        "enforced": True,
        "period": "monthly",
        "window": open_cycle(budget).pk,
        "starts_at": "2026-07-01T00:00:00Z",
        "ends_at": "2026-08-01T00:00:00Z",
        "days_left": 17,
        "projected": "17.37",
        "runs_out_on": "2026-07-18",
    }


def test_what_is_over_is_told_beside_a_remainder_of_nothing():
    budget, ann = member(limit=10)
    record(budget, "12.5")
    told = ann.get("budget/status").json()
    assert (told["level"], told["remaining"], told["over_by"]) == ("red", "0.00", "2.50")


def test_a_limit_of_zero_has_no_percentage():
    _, ann = member(limit=0)
    told = ann.get("budget/status").json()
    assert (told["level"], told["percent"]) == ("green", None)


def test_a_hidden_budget_is_refused():
    _, ann = member(visible_to_user=False)
    answer = ann.get("budget/status")
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:pursestrings:budget-hidden"


def test_administrators_see_their_own_even_when_it_is_hidden():
    assert administrator(visible_to_user=False).get("budget/status").status_code == 200


def test_without_a_token_or_its_scope_nothing_is_told(client):
    budget, _ = member()
    assert client.get("/api/v1/budget/status").status_code == 401
    assert program(budget.user, Scope.SPEND).get("budget/status").status_code == 403


@pytest.mark.parametrize("held", [0, 3])
def test_takes_three_queries_also_while_money_is_held(held):
    budget, ann = member(limit=10)
    for _ in range(held):
        hold(budget=budget, amount=1, now=NOW)
    ann.get("budget/status")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert ann.get("budget/status").json()["held"] == f"{held}.00"
    assert len(queries) == 3


def test_expired_holds_are_freed_first():
    budget, ann = member(limit=10)
    hold(budget=budget, amount=4, now=NOW - timedelta(hours=1))
    assert ann.get("budget/status").json()["remaining"] == "10.00"
    assert Hold.objects.get().status == Hold.Status.EXPIRED


@pytest.mark.time_machine(NOW + timedelta(days=40), tick=False)
def test_a_window_that_ended_is_followed_by_the_next():
    budget, ann = member(limit=10)
    spend(budget, "9")
    told = ann.get("budget/status").json()
    assert (told["spent"], told["starts_at"]) == ("0.00", "2026-08-01T00:00:00Z")
    assert Cycle.objects.filter(budget=budget).count() == 2
