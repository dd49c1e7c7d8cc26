"""GET and PUT budget/admin/configure: everything about a member's budget that may be set."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budgets.models import Change, Cycle
from budgets.tests.asking import administrator, at_now, member, wrong
from budgets.tests.factories import NOW, fresh, open_cycle, set_up, spend

pytestmark = at_now

CONFIGURE = "budget/admin/configure"


def put(root, budget, headers=None, **settings):
    return root.put(CONFIGURE, {"user_id": budget.user_id, **settings}, **(headers or {}))


def test_tells_everything_that_is_set_with_the_notes():
    ann, _ = member(limit=30, admin_notes="Ask first")
    told = administrator().get(f"{CONFIGURE}/{ann.user_id}").json()
    assert told == {
        "user_id": ann.user_id,
        "username": ann.member_name,
        "limit": "30.00",
        "custom_limit": None,
        "custom_limit_until": None,
        "period": "monthly",
        "custom_days": None,
        "yellow": "75.00",
        "orange": "90.00",
        "red": "100.00",
        "enforced": True,
        "visible_to_user": True,
        "user_can_modify": False,
        "user_can_reset": False,
        "modify_ceiling": None,
        "admin_notes": "Ask first",
    }


def test_sets_everything_at_once():
    root = administrator()
    ann, _ = member(timezone="Europe/Vienna")
    answer = put(
        root,
        ann,
        limit="1000000",
        custom_limit="12.50",
        custom_limit_until="2026-12-24T18:00:00+01:00",
        period="custom",
        custom_days=14,
        yellow="50",
        orange="60.25",
        red="99.99",
        enforced=False,
        visible_to_user=False,
        user_can_modify=True,
        user_can_reset=True,
        modify_ceiling="99",
        admin_notes="Agreed on Sunday",
    )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["custom_limit_until"], told["orange"]) == ("2026-12-24T17:00:00Z", "60.25")
    stored = fresh(ann)
    assert stored.custom_limit_until == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert (stored.enforced, stored.visible_to_user, stored.user_can_modify) == (False, False, True)
    assert (stored.modify_ceiling, stored.admin_notes) == (99, "Agreed on Sunday")
    cycle = open_cycle(ann)
    assert (cycle.limit, cycle.enforced) == (Decimal("12.5"), False)
    changes = Change.objects.filter(budget=ann, origin="api")
    assert set(changes.values_list("actor_name", flat=True)) == {"root"}
    assert "custom_limit" in changes.values_list("setting", flat=True)


def test_a_missing_key_is_untouched_and_null_clears():
    root = administrator()
    ann, _ = member(
        limit=30,
        custom_limit=Decimal(5),
        custom_limit_until=NOW + timedelta(days=9, seconds=7),
        modify_ceiling=Decimal(40),
        admin_notes="Ask first",
    )
    before = Change.objects.count()
    assert put(root, ann).status_code == 200
    assert Change.objects.count() == before
    told = put(root, ann, yellow="70").json()
    assert (told["custom_limit"], told["modify_ceiling"], told["admin_notes"]) == (
        "5.00",
        "40.00",
        "Ask first",
    )
    assert fresh(ann).custom_limit_until == NOW + timedelta(days=9, seconds=7)
    told = put(
        root,
        ann,
        custom_limit=None,
        custom_limit_until=None,
        modify_ceiling=None,
        admin_notes=None,
    ).json()
    assert (told["custom_limit"], told["custom_limit_until"]) == (None, None)
    assert (told["modify_ceiling"], told["admin_notes"]) == (None, "")
    assert open_cycle(ann).limit == 30


def test_a_special_limit_that_ran_out_is_no_reason_to_refuse_another_setting():
    root = administrator()
    ann, _ = member(limit=30)
    set_up(ann, custom_limit=Decimal(5), custom_limit_until=NOW - timedelta(days=1, seconds=7))
    assert put(root, ann, yellow="70").status_code == 200
    said = wrong(put(root, ann, custom_limit="6"))
    assert said == {"custom_limit_until": ["This moment has passed. Choose a later one."]}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"limit": "1000000.01"}, "limit"),
        ({"limit": None}, "limit"),
        ({"limit": "0.001"}, "limit"),
        ({"custom_limit": "1000000.01"}, "custom_limit"),
        ({"custom_limit": "-1"}, "custom_limit"),
        ({"modify_ceiling": "1000000.01"}, "modify_ceiling"),
        ({"custom_limit_until": "2027-01-01T00:00:00Z"}, "custom_limit_until"),
        ({"custom_limit": "5", "custom_limit_until": "2026-07-15"}, "custom_limit_until"),
        ({"custom_limit": "5", "custom_limit_until": "2026-07-15T12:00:00"}, "custom_limit_until"),
        ({"custom_limit": "5", "custom_limit_until": 1789000000}, "custom_limit_until"),
        (
            {"custom_limit": "5", "custom_limit_until": "0001-01-01T00:00:00+14:00"},
            "custom_limit_until",
        ),
        ({"custom_limit": "5", "custom_limit_until": "2026-07-15T11:00:00Z"}, "custom_limit_until"),
        ({"yellow": "91"}, "orange"),
        ({"yellow": "75.005"}, "yellow"),
        ({"red": None}, "red"),
        ({"period": "custom"}, "custom_days"),
        ({"period": "custom", "custom_days": 0}, "custom_days"),
        ({"enforced": None}, "enforced"),
        ({"enforced": "no"}, "enforced"),
        ({"admin_notes": "a\x00b"}, "admin_notes"),
        ({"carry": "surplus"}, "carry"),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_field(sent, field):
    root = administrator()
    ann, _ = member(limit=30)
    assert list(wrong(put(root, ann, **sent))) == [field]
    assert fresh(ann).limit == 30
    assert not Change.objects.filter(budget=ann, origin="api").exists()


@pytest.mark.parametrize("key", [None, "1", True, 0, 2**63])
def test_the_member_is_named_by_their_number(key):
    answer = administrator().put(CONFIGURE, {"user_id": key, "limit": "1"})
    assert list(wrong(answer)) == ["user_id"]


def test_another_period_begins_anew_whatever_is_spent():
    root = administrator()
    ann, _ = member(limit=30)
    spend(ann, "9")
    put(root, ann, period="weekly")
    assert (open_cycle(ann).spent, Cycle.objects.filter(budget=ann).count()) == (0, 2)


def test_a_stale_version_changes_nothing():
    root = administrator()
    ann, _ = member(limit=30)
    seen = root.get(f"{CONFIGURE}/{ann.user_id}")["ETag"]
    spend(ann, "1")
    now = put(root, ann, {"If_Match": seen}, limit="31")["ETag"]
    assert now == root.get(f"{CONFIGURE}/{ann.user_id}")["ETag"] != seen
    assert put(root, ann, {"If_Match": seen}, limit="32").status_code == 412
    assert fresh(ann).limit == 31
