"""ensure_budgets: nobody is left without a budget."""

import pytest

from budgets.models import Budget, Cycle
from budgets.tests.running import run
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def without():
    """Two users whose budgets are missing, an administrator and a member, beside one with."""
    UserFactory(username="cleo")
    users = [UserFactory(username="ann", administrator=True), UserFactory(username="ben")]
    Cycle.objects.filter(budget__user__in=users).delete()
    Budget.objects.filter(user__in=users).delete()
    return users


def test_users_without_a_budget_get_the_defaults_of_their_role(without):
    assert run("ensure_budgets").lines == ["ann", "ben", "Budgets made: 2."]
    made = Budget.objects.order_by("member_name").values_list("limit", "enforced")
    assert list(made[:2]) == [(100, False), (30, True)]
    assert Cycle.objects.open().count() == 3


def test_repeating_it_makes_nothing(without):
    run("ensure_budgets")
    assert run("ensure_budgets").lines == ["Budgets made: 0."]
    assert Budget.objects.count() == 3


def test_a_dry_run_names_them_and_makes_nothing(without):
    ran = run("ensure_budgets", "--dry-run")
    assert ran.lines == ["ann", "ben", "Users without a budget: 2. Nothing was changed."]
    assert Budget.objects.count() == 1
