"""What tests of the API share: members whose programs ask at one moment."""

from decimal import Decimal
from typing import Any

import pytest

from budgets.models import Budget
from budgets.tests.factories import NOW, make_budget, set_up
from people.models import Scope
from people.tests.factories import UserFactory
from people.tests.programs import Program, program

#: The tests happen at one moment: tokens, windows and all.
at_now = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


def member(**settings: Any) -> tuple[Budget, Program]:
    """Return the budget of a new member and a program of theirs."""
    limit = Decimal(str(settings.pop("limit", 10)))
    budget = make_budget(limit=limit, **settings)
    return budget, program(budget.user)


def administrator(**settings: Any) -> Program:
    """Return a program of an administrator."""
    user = UserFactory(username="root", is_staff=True)
    if settings:
        set_up(user.budget, **settings)
    return program(user)


def gateway() -> Program:
    """Return a program that spends on behalf of others."""
    user = UserFactory(username="gateway", is_staff=True)
    return program(user, Scope.READ, Scope.SPEND, for_others=True)


def wrong(answer: Any) -> dict[str, list[str]]:
    """Return what a refusal says of each field."""
    assert answer.status_code == 422, answer.content
    found: dict[str, list[str]] = {}
    for error in answer.json()["errors"]:
        found.setdefault(error["field"], []).append(error["message"])
    return found
