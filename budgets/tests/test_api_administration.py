"""GET budget/admin/list and POST budget/admin/reset/{user_id}, for administrators."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.models import Budget, Reset
from budgets.tests.asking import administrator, at_now, gateway, member, wrong
from budgets.tests.consoles import budget_of, many
from budgets.tests.factories import open_cycle, record, spend
from people.models import User

pytestmark = at_now

LIST = "budget/admin/list"


def names(answer):
    return [budget["username"] for budget in answer.json()["items"]]


def test_lists_every_budget_with_what_all_come_to():
    root = administrator()
    ann = budget_of("ann", limit=Decimal(10), first_name="Ann", last_name="Lee")
    record(ann, "12.5")
    told = root.get(LIST).json()
    assert told["items"][0] == {
        "level": "red",
        "limit": "10.00",
        "spent": "12.50",
        "held": "0.00",
        "remaining": "0.00",
        "over_by": "2.50",
        "percent": "125.0",
        "user_id": ann.user_id,
        "username": "ann",
        "name": "Ann Lee",
        "custom_limit": None,
        "period": "monthly",
        "custom_days": None,
        "enforced": True,
        "visible_to_user": True,
        "user_can_modify": False,
        "user_can_reset": False,
        "starts_at": "2026-07-01T00:00:00Z",
        "ends_at": "2026-08-01T00:00:00Z",
    }
    assert told["totals"] == {
        "users": 2,
        "allocated": "110.00",
        "spent": "12.50",
        "percent": "11.4",
        "over": 1,
    }
    assert (told["total"], told["skip"], told["limit"]) == (2, 0, 20)


def test_is_narrowed_and_sorted_as_the_console_is():
    root = administrator()
    ann = budget_of("ann", limit=Decimal(10), email="lee@example.org", period="weekly")
    ben = budget_of("ben", limit=Decimal(10), last_name="Größe", visible_to_user=False)
    spend(ann, "8")
    record(ben, "11")
    expected: list[tuple[dict[str, str], list[str]]] = [
        ({}, ["ann", "ben", "root"]),
        ({"search": "LEE"}, ["ann"]),
        ({"search": "größe"}, ["ben"]),
        ({"search": "%"}, []),
        ({"level": "yellow"}, ["ann"]),
        ({"level": "over"}, ["ben"]),
        ({"level": "green"}, ["root"]),
        ({"period": "weekly"}, ["ann"]),
        ({"enforced": "false"}, ["root"]),
        ({"visible_to_user": "false"}, ["ben"]),
        ({"user_can_modify": "true"}, ["root"]),
        ({"user_can_reset": "true"}, ["root"]),
        ({"sort": "-user"}, ["root", "ben", "ann"]),
        ({"sort": "-spent"}, ["ben", "ann", "root"]),
        ({"sort": "used"}, ["root", "ann", "ben"]),
        ({"sort": "-limit"}, ["root", "ann", "ben"]),
        ({"sort": "ends_at"}, ["ann", "root", "ben"]),
    ]
    found = [(asked, names(root.get(LIST, asked))) for asked, _ in expected]
    assert found == expected


@pytest.mark.parametrize(
    "asked",
    [{"level": "purple"}, {"sort": "password"}, {"limit": 0}, {"limit": 101}, {"enforced": "x"}],
)
def test_what_cannot_be_asked_is_refused(asked):
    assert list(wrong(administrator().get(LIST, asked))) == [f"query.{next(iter(asked))}"]


def test_asks_as_many_queries_for_many_budgets():
    root = administrator()
    counts = []
    for more in (2, 9):
        many(more)
        root.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            root.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_notes_are_in_no_list():
    root = administrator()
    budget_of("ann", admin_notes="zzz-private")
    assert b"zzz-private" not in root.get(LIST).content


def test_starts_a_member_over_with_or_without_a_reason():
    root = administrator()
    ann, _ = member(limit=10)
    spend(ann, "4")
    told = root.post(f"budget/admin/reset/{ann.user_id}", {"reason": "Agreed"}).json()
    assert (told["by"], told["reason"], told["spent_before"]) == ("root", "Agreed", "4.00")
    assert open_cycle(ann).spent == 0
    assert root.post(f"budget/admin/reset/{ann.user_id}").status_code == 200
    long = root.post(f"budget/admin/reset/{ann.user_id}", {"reason": "x" * 501})
    assert list(wrong(long)) == ["reason"]
    assert Reset.objects.filter(budget=ann).count() == 2


@pytest.mark.parametrize("key", ["999999", str(2**63 - 1)])
def test_a_user_whom_nobody_knows_is_not_there_and_nothing_is_made(key):
    root = administrator()
    counted = (User.objects.count(), Budget.objects.count())
    for answer in (
        root.post(f"budget/admin/reset/{key}"),
        root.get(f"budget/admin/configure/{key}"),
        root.put("budget/admin/configure", {"user_id": int(key), "limit": "1"}),
    ):
        assert answer.status_code == 404
    assert (User.objects.count(), Budget.objects.count(), Reset.objects.count()) == (*counted, 0)


@pytest.mark.parametrize("key", ["0", "-1", "x", str(2**63)])
def test_what_is_no_id_is_told_so(key):
    root = administrator()
    assert root.post(f"budget/admin/reset/{key}").status_code in {404, 422}


def test_members_are_refused_whether_or_not_the_user_is_there():
    ann, program = member(user_can_modify=True, user_can_reset=True)
    for key in (ann.user_id, 999_999):
        for answer in (
            program.get(LIST),
            program.post(f"budget/admin/reset/{key}"),
            program.get(f"budget/admin/configure/{key}"),
            program.put("budget/admin/configure", {"user_id": key, "limit": "1"}),
        ):
            assert answer.status_code == 403
    assert Reset.objects.count() == 0


def test_a_gateway_may_spend_and_read_but_not_start_over():
    ann, _ = member()
    proxy = gateway()
    assert proxy.post(f"budget/admin/reset/{ann.user_id}").status_code == 403
    assert proxy.get(LIST).status_code == 200
