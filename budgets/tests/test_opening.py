"""Budgets coming into being: every user has one the moment they exist."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from budgets.ledger import budget_of, check, ensure_budget, ensure_budgets, roll
from budgets.models import Budget, Cycle
from budgets.tests.factories import NOW, make_budget, open_cycle, spend
from people.models import User
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def without_budget(**details):
    """Return a user as an installation may have them from before: with no budget row."""
    user = UserFactory(**details)
    Cycle.objects.filter(budget__user=user).delete()
    Budget.objects.filter(user=user).delete()
    return User.objects.get(pk=user.pk)


def rights(budget):
    return {
        name: getattr(budget, name)
        for name in ("limit", "enforced", "visible_to_user", "user_can_modify", "user_can_reset")
    }


def test_a_member_begins_with_thirty_enforced_and_visible():
    budget = UserFactory().budget
    assert rights(budget) == {
        "limit": Decimal(30),
        "enforced": True,
        "visible_to_user": True,
        "user_can_modify": False,
        "user_can_reset": False,
    }
    assert open_cycle(budget).limit == 30
    assert open_cycle(budget).enforced


def test_an_administrator_begins_with_a_hundred_and_every_permission():
    assert rights(UserFactory(is_staff=True).budget) == {
        "limit": Decimal(100),
        "enforced": False,
        "visible_to_user": True,
        "user_can_modify": True,
        "user_can_reset": True,
    }


def test_defaults_come_from_the_settings(settings):
    member = {**settings.BUDGET_DEFAULTS["member"], "limit": Decimal("12.34")}
    settings.BUDGET_DEFAULTS = {**settings.BUDGET_DEFAULTS, "member": member}
    assert UserFactory().budget.limit == Decimal("12.34")


@pytest.mark.parametrize(
    ("zone", "starts_at"),
    [
        ("UTC", datetime(2026, 7, 1, tzinfo=UTC)),
        ("Etc/GMT+12", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 6, 30, 10, tzinfo=UTC)),
    ],
)
def test_the_first_window_is_the_members_own_month(zone, starts_at):
    assert open_cycle(make_budget(timezone=zone)).starts_at == starts_at


def test_the_first_window_is_that_of_the_moment_at_which_the_user_appears():
    with time_machine.travel(datetime(2024, 2, 29, 23, 59, tzinfo=UTC), tick=False):
        budget = UserFactory(timezone="Asia/Tokyo").budget
    assert open_cycle(budget).starts_at == datetime(2024, 2, 29, 15, tzinfo=UTC)


def test_a_user_without_a_budget_gets_one_when_it_is_asked_for():
    user = without_budget()
    budget = budget_of(user, now=NOW)
    assert budget.member_name == user.username
    assert budget_of(user, now=NOW) == budget
    spend(budget, "2")
    assert roll(budget, now=NOW).spent == 2


def test_a_budget_comes_with_its_user(django_assert_num_queries):
    user = User.objects.get(pk=make_budget().user_id)
    with django_assert_num_queries(1):
        assert budget_of(user, now=NOW).zone.key == "UTC"


def test_ensuring_a_budget_again_changes_nothing():
    budget = make_budget(limit=Decimal(55))
    assert ensure_budget(budget.user, now=NOW) == budget
    assert Budget.objects.get(pk=budget.pk).limit == 55
    assert Cycle.objects.filter(budget=budget).count() == 1


def test_backfilling_gives_a_budget_to_those_without_and_is_safe_to_repeat():
    make_budget()
    missing = [without_budget(), without_budget(is_staff=True)]
    new = ensure_budgets(now=NOW)
    assert [(budget.user, budget.limit) for budget in new] == [
        (missing[0], 30),
        (missing[1], 100),
    ]
    assert ensure_budgets(now=NOW) == []
    assert Budget.objects.count() == 3
    assert check() == []


def test_defaults_of_the_settings_are_valid_settings():
    for is_staff in (False, True):
        UserFactory(is_staff=is_staff).budget.full_clean()
