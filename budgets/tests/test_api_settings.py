"""GET and PUT budget/settings: what a member may set, by the rules of the page."""

from decimal import Decimal

import pytest

from budgets.models import Change, Cycle
from budgets.tests.asking import administrator, at_now, member, wrong
from budgets.tests.factories import NOW, fresh, open_cycle, spend
from people.models import Scope
from people.tests.programs import program

pytestmark = at_now


def modifying(**settings):
    return member(user_can_modify=True, user_can_reset=True, **settings)


def test_tells_how_the_budget_is_set():
    _, ann = member(limit=30, admin_notes="zzz-private")
    answer = ann.get("budget/settings")
    assert answer.json() == {
        "limit": "30.00",
        "custom_limit": None,
        "custom_limit_until": None,
        "period": "monthly",
        "custom_days": None,
        "yellow": "75.00",
        "orange": "90.00",
        "red": "100.00",
        "enforced": True,
        "ceiling": None,
        "may_modify": False,
        "may_reset": False,
    }
    assert answer["ETag"]


def test_sets_what_is_named_and_leaves_the_rest():
    budget, ann = modifying(limit=30, yellow=Decimal("60.5"))
    told = ann.put("budget/settings", {"limit": "42.50"}).json()
    assert (told["limit"], told["yellow"]) == ("42.50", "60.50")
    stored = fresh(budget)
    assert (stored.limit, stored.yellow, stored.configured_by) == (
        Decimal("42.5"),
        Decimal("60.5"),
        budget.user,
    )
    change = Change.objects.filter(budget=budget).latest("pk")
    assert (change.setting, change.new, change.origin) == ("limit", "42.50", "api")
    assert open_cycle(budget).limit == Decimal("42.5")


def test_an_empty_object_changes_nothing():
    budget, ann = modifying()
    before = Change.objects.count()
    assert ann.put("budget/settings", {}).status_code == 200
    assert Change.objects.count() == before
    assert fresh(budget) == budget


def test_another_period_begins_a_new_window_and_null_takes_its_days_away():
    budget, ann = modifying()
    told = ann.put("budget/settings", {"period": "custom", "custom_days": 10}).json()
    assert (told["period"], told["custom_days"]) == ("custom", 10)
    assert Cycle.objects.filter(budget=budget).count() == 2
    assert wrong(ann.put("budget/settings", {"custom_days": None})) == {
        "custom_days": ["Say how many days a custom period has."]
    }
    told = ann.put("budget/settings", {"period": "weekly", "custom_days": None}).json()
    assert (told["period"], told["custom_days"]) == ("weekly", None)


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"limit": "1000000.01"}, "limit", "Enter at most 1,000,000."),
        ({"limit": "-1"}, "limit", "It cannot be below zero."),
        ({"limit": 12.5}, "limit", "Send an amount as text, like “12.50”."),
        ({"limit": "12.505"}, "limit", "Use at most 2 decimal places."),
        ({"limit": None}, "limit", "Enter an amount, for example 12.50."),
        ({"limit": "1e3"}, "limit", "Enter an amount like 12.50."),
        ({"yellow": "0"}, "yellow", "Enter 0.01 or more."),
        ({"red": "100.01"}, "red", "Enter at most 100."),
        ({"yellow": "90"}, "orange", "Orange begins above yellow."),
        ({"orange": "100"}, "red", "Red begins above orange."),
        ({"period": "yearly"}, "period", None),
        ({"period": None}, "period", "This field is required."),
        ({"period": "custom"}, "custom_days", "Say how many days a custom period has."),
        ({"period": "custom", "custom_days": 366}, "custom_days", None),
        ({"period": "custom", "custom_days": "7"}, "custom_days", None),
        ({"enforced": False}, "enforced", "There is no such key."),
        ({"admin_notes": ""}, "admin_notes", "There is no such key."),
        ({"modify_ceiling": None}, "modify_ceiling", "There is no such key."),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_field(sent, field, message):
    budget, ann = modifying(limit=30)
    said = wrong(ann.put("budget/settings", sent))
    assert list(said) == [field]
    if message:
        assert said[field] == [message]
    assert fresh(budget).limit == 30
    assert Cycle.objects.filter(budget=budget).count() == 1


def test_a_member_stays_below_the_ceiling_and_may_keep_a_limit_above_it():
    budget, ann = modifying(limit=80, modify_ceiling=Decimal(50))
    assert ann.get("budget/settings").json()["ceiling"] == "50.00"
    assert wrong(ann.put("budget/settings", {"limit": "50.01"})) == {
        "limit": ["Your limit may go up to $50.00."]
    }
    assert ann.put("budget/settings", {"limit": "80", "yellow": "70"}).status_code == 200
    assert ann.put("budget/settings", {"limit": "50"}).status_code == 200
    assert fresh(budget).limit == 50


def test_the_ceiling_does_not_bind_administrators():
    root = administrator(modify_ceiling=Decimal(50))
    assert root.put("budget/settings", {"limit": "500"}).json()["ceiling"] is None


def test_while_a_special_limit_is_in_force_the_limit_stays():
    budget, ann = modifying(limit=30, custom_limit=Decimal(5))
    assert list(wrong(ann.put("budget/settings", {"limit": "31"}))) == ["limit"]
    assert ann.put("budget/settings", {"limit": "30", "yellow": "70"}).status_code == 200
    assert fresh(budget).yellow == 70


def test_who_may_not_start_over_keeps_the_period_while_something_is_spent():
    budget, ann = member(user_can_modify=True)
    spend(budget, "1")
    said = wrong(ann.put("budget/settings", {"period": "daily"}))
    assert said == {
        "period": ["A new period starts over. While something is spent, ask an administrator."]
    }
    assert ann.put("budget/settings", {"period": "monthly"}).status_code == 200
    assert open_cycle(budget).spent == 1


def test_who_may_not_modify_is_refused_and_who_may_not_see_too():
    budget, ann = member()
    answer = ann.put("budget/settings", {"limit": "1"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:pursestrings:forbidden")
    hidden, ben = member(visible_to_user=False, user_can_modify=True)
    for answer in (ben.get("budget/settings"), ben.put("budget/settings", {"limit": "1"})):
        assert (answer.status_code, answer.json()["type"]) == (
            403,
            "urn:pursestrings:budget-hidden",
        )
    assert (fresh(budget).limit, fresh(hidden).limit) == (10, 10)


def test_reading_and_spending_do_not_include_setting():
    budget, _ = modifying()
    reader = program(budget.user, Scope.READ, Scope.SPEND)
    assert reader.put("budget/settings", {"limit": "1"}).status_code == 403
    assert program(budget.user, Scope.MANAGE).get("budget/settings").status_code == 403


def test_a_stale_version_changes_nothing():
    budget, ann = modifying(limit=30)
    seen = ann.get("budget/settings")["ETag"]
    answer = ann.put("budget/settings", {"limit": "31"}, If_Match=seen)
    assert answer.status_code == 200
    stale = ann.put("budget/settings", {"limit": "32"}, If_Match=seen)
    assert (stale.status_code, stale["ETag"]) == (412, answer["ETag"])
    assert fresh(budget).limit == 31
    assert ann.put("budget/settings", {"limit": "32"}, If_Match=stale["ETag"]).status_code == 200


def test_spending_is_no_change_of_the_settings():
    budget, ann = modifying()
    seen = ann.get("budget/settings")["ETag"]
    spend(budget, "1", now=NOW)
    assert ann.get("budget/settings")["ETag"] == seen


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'"text"', b'{"limit": NaN}'])
def test_what_is_no_object_is_told_so(body):
    _, ann = modifying()
    assert ann.put("budget/settings", body).status_code in {400, 422}
