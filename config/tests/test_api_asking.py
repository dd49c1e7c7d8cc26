"""What an operation does not know is refused; a locked database is worth another try."""

import pytest
from django.db import OperationalError

from people.models import Scope
from people.tests.factories import UserFactory
from people.tests.programs import program

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return program(UserFactory(), Scope.READ)


@pytest.mark.parametrize("path", ["purchases", "gifts", "budget/usage/history", "me"])
def test_a_filter_that_is_spelt_wrong_does_not_tell_of_everything(ann, path):
    answer = ann.get(path, {"sinse": "2026-01-01"})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error == {"field": "query.sinse", "message": "There is no such filter."}


def test_who_may_not_ask_at_all_is_told_that_first(client):
    assert client.get("/api/v1/purchases?sinse=1").status_code == 401


def test_a_database_that_is_locked_is_worth_another_try(ann, monkeypatch):
    def locked(*args, **kwargs):
        raise OperationalError("deadlock detected at tuple (0,7) of relation budgets_cycle")

    monkeypatch.setattr("budgets.api.standing.ledger.roll", locked)
    monkeypatch.setattr("budgets.api.standing.own_budget", locked)
    answer = ann.get("budget/status")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert b"cycle" not in answer.content
