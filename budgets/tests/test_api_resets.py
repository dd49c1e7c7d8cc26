"""POST budget/reset and GET budget/resets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.models import Reset
from budgets.tests.asking import at_now, member, wrong
from budgets.tests.factories import NOW, open_cycle, spend

pytestmark = at_now


def test_starts_over_and_tells_the_window_that_was_closed():
    budget, ann = member(limit=10, user_can_reset=True)
    spend(budget, "4.5")
    old = open_cycle(budget)
    told = ann.post("budget/reset", {"reason": "A new month for me"}).json()
    assert (told["kind"], told["by"], told["reason"], told["window"]) == (
        "manual",
        budget.user.username,
        "A new month for me",
        old.pk,
    )
    assert (told["spent_before"], told["limit_after"]) == ("4.50", "10.00")
    assert open_cycle(budget).spent == 0
    assert ann.get("budget/resets").json() == {
        "items": [told],
        "total": 1,
        "skip": 0,
        "limit": 20,
    }


@pytest.mark.parametrize("body", [None, b"", {}, {"reason": None}, {"reason": ""}])
def test_the_reason_and_even_the_body_may_be_left_out(body):
    _, ann = member(user_can_reset=True)
    answer = ann.post("budget/reset", body)
    assert (answer.status_code, answer.json()["reason"]) == (200, "")


@pytest.mark.parametrize(
    "reason", ["x" * 501, "nul \x00", "half \ud800", 7], ids=["501", "nul", "half", "number"]
)
def test_a_reason_that_cannot_be_kept_is_refused(reason):
    _, ann = member(user_can_reset=True)
    assert list(wrong(ann.post("budget/reset", {"reason": reason}))) == ["reason"]
    assert Reset.objects.count() == 0


def test_a_reason_may_have_500_characters():
    _, ann = member(user_can_reset=True)
    assert ann.post("budget/reset", {"reason": "x" * 500}).status_code == 200


def test_takes_the_right_of_its_own_and_that_to_see():
    _, ann = member(user_can_modify=True)
    assert ann.post("budget/reset").json()["type"] == "urn:pursestrings:forbidden"
    _, ben = member(user_can_reset=True, visible_to_user=False)
    assert ben.post("budget/reset").json()["type"] == "urn:pursestrings:budget-hidden"
    assert ben.get("budget/resets").status_code == 403
    assert Reset.objects.count() == 0


def test_lists_only_ones_own_in_pages_with_as_many_queries_for_many():
    _, ann = member(user_can_reset=True)
    _, ben = member(user_can_reset=True)
    for number in range(3):
        ann.post("budget/reset", {"reason": f"number {number}"})
    ben.post("budget/reset")
    with CaptureQueriesContext(connection) as few:
        page = ann.get("budget/resets", {"limit": 2}).json()
    assert [reset["reason"] for reset in page["items"]] == ["number 2", "number 1"]
    assert page["total"] == 3
    page = ann.get("budget/resets", {"skip": 2, "limit": 2}).json()
    assert [reset["reason"] for reset in page["items"]] == ["number 0"]
    for _ in range(9):
        ann.post("budget/reset")
    with CaptureQueriesContext(connection) as many:
        assert len(ann.get("budget/resets").json()["items"]) == 12
    assert len(many) == len(few)


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 101}, {"skip": -1}, {"skip": "x"}])
def test_pages_have_bounds(asked):
    _, ann = member()
    assert list(wrong(ann.get("budget/resets", asked))) == [f"query.{next(iter(asked))}"]


@pytest.mark.time_machine(NOW.replace(month=9), tick=False)
def test_windows_that_ended_by_themselves_are_listed_too():
    _, ann = member()
    told = ann.get("budget/resets").json()
    assert [(reset["kind"], reset["by"]) for reset in told["items"]] == [
        ("automatic", "the system")
    ] * 2
