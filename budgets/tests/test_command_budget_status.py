"""budget_status: where budgets stand, for people and for programs."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from budgets.ledger import hold
from budgets.models import Reset
from budgets.tests.factories import NOW, make_budget, record
from budgets.tests.running import run
from people.models import User

pytestmark = pytest.mark.django_db


def named(name, timezone="UTC", **settings):
    budget = make_budget(timezone=timezone, **settings)
    User.objects.filter(pk=budget.user.pk).update(username=name)
    type(budget).objects.filter(pk=budget.pk).update(member_name=name)
    budget.refresh_from_db()
    return budget


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_table_is_aligned_and_ends_in_the_members_zone():
    named("ann", limit=Decimal(100))
    record(named("ben", "Asia/Tokyo", limit=Decimal(10)), "12.40")
    cleo = named("cleo", limit=Decimal(10))
    record(cleo, "9")
    hold(budget=cleo, amount=Decimal("0.25"), now=NOW)
    assert run("budget_status").lines == [
        "user  level     limit   spent   held  remaining  over by    used  until",
        "ann   green   $100.00   $0.00  $0.00    $100.00    $0.00    0.0%  2026-08-01 00:00 UTC",
        "ben   red      $10.00  $12.40  $0.00      $0.00    $2.40  124.0%  2026-08-01 00:00 JST",
        "cleo  orange   $10.00   $9.00  $0.25      $0.75    $0.00   90.0%  2026-08-01 00:00 UTC",
    ]


def test_json_lines_carry_exact_decimals_as_text():
    record(named("ann", "America/Chicago", limit=Decimal(10)), "7.500001")
    [line] = run("budget_status", "--json").lines
    assert json.loads(line) == {
        "user": "ann",
        "level": "yellow",
        "limit": "10.000000",
        "spent": "7.500001",
        "held": "0.000000",
        "remaining": "2.499999",
        "over_by": "0.000000",
        "percent": "75.0",
        "enforced": True,
        "starts_at": "2026-07-01T00:00:00-05:00",
        "ends_at": "2026-08-01T00:00:00-05:00",
    }


def test_a_limit_of_zero_has_no_percentage():
    named("ann", limit=Decimal(0))
    assert json.loads(run("budget_status", "--json").out)["percent"] is None
    assert "–" in run("budget_status").lines[1]


def test_only_the_named_users_are_shown_and_nobody_who_was_deleted():
    named("ann")
    named("ben")
    gone = named("gone")
    gone.user.delete()
    assert [line.split()[0] for line in run("budget_status", "ben").lines] == ["user", "ben"]
    assert [line.split()[0] for line in run("budget_status").lines] == ["user", "ann", "ben"]


def test_an_unknown_name_is_told():
    named("ann")
    ran = run("budget_status", "ann", "nobody")
    assert ran.failure == "There is no user “nobody”."
    assert not ran.out


def test_windows_that_ended_and_holds_that_expired_are_settled_first():
    budget = make_budget(now=NOW - timedelta(days=30))
    record(budget, "5", now=NOW - timedelta(days=30))
    shown = json.loads(run("budget_status", "--json").out)
    assert (shown["spent"], shown["starts_at"]) == ("0.000000", "2026-07-01T00:00:00+00:00")
    assert Reset.objects.get().spent_before == 5
    hold(budget=budget, amount=Decimal(4), now=NOW)
    with time_machine.travel(datetime(2026, 7, 20, tzinfo=UTC), tick=False):
        assert json.loads(run("budget_status", "--json").out)["held"] == "0.000000"
