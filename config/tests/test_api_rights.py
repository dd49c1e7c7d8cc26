"""Who may ask what: every operation of the API's document, asked by everybody there is."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.test import Client, TestCase

from config.tests.asking import NOBODY, SHARED, Household
from config.tests.operations import METHODS, Operation, document, operations
from config.tests.shelf import shelf_in
from people.models import Scope
from people.programs.problems import MEDIA_TYPE
from people.tests.programs import program

OPERATIONS = operations()
#: What is for others than Ann, who is a member and on the list; she is told so.
FOR_OTHERS = {
    "administration_configuration": "root",
    "administration_configure": "root",
    "administration_member_budgets": "root",
    "administration_reset_member": "root",
    "data_add_backup": "root",
    "data_backups": "root",
    "data_verify_backup": "root",
    "people_claim_person": "ben",
}


def is_problem(answer: Any, status: int, kind: str) -> bool:
    return (
        answer.status_code == status
        and answer["Content-Type"] == MEDIA_TYPE
        and answer.json()["type"] == f"urn:pursestrings:{kind}"
    )


class TestEveryOperation(TestCase):
    @classmethod
    def setUpTestData(cls):
        folder = cls.enterClassContext(TemporaryDirectory())
        cls.enterClassContext(shelf_in(Path(folder)))
        cls.home = home = Household()
        members = (home.ann, home.ben, home.root)
        cls.secrets = {member.username: program(member).secret for member in members}
        cls.scoped = {scope: program(home.ann, *(set(Scope) - {scope})).secret for scope in Scope}

    def secret(self, operation: Operation) -> str:
        """Return the token of somebody who may."""
        return self.secrets[FOR_OTHERS.get(operation.name, "ann")]

    def test_names_things_that_are_known_here(self):
        nouns = {noun for operation in OPERATIONS for noun in operation.nouns.values()}
        assert nouns - self.home.keys.keys() == set()
        assert nouns - self.home.kept.keys() - SHARED == set()

    def test_asks_who_asks(self):
        strangers = [{}, {"Authorization": "Bearer ps_wrong"}, {"Authorization": "Basic YTpi"}]
        wrong = {
            operation.name: answer.status_code
            for operation in OPERATIONS
            for headers in strangers
            if not is_problem(
                answer := self.home.ask(operation, headers=headers),
                401,
                "unauthorised",
            )
            or not answer["WWW-Authenticate"].startswith("Bearer")
            or answer["X-Request-ID"] != "asked"
        }
        assert wrong == {}

    def test_takes_its_scope(self):
        wrong = {
            operation.name: answer.status_code
            for operation in OPERATIONS
            if not is_problem(
                answer := self.home.ask(operation, self.scoped[operation.scope]),
                403,
                "missing-scope",
            )
        }
        assert wrong == {}

    def test_lets_in_who_may(self):
        wrong = {
            operation.name: (answer.status_code, answer.content)
            for operation in OPERATIONS
            if (answer := self.home.ask(operation, self.secret(operation))).status_code
            in {400, 401, 403, 404, 405}
            or answer.status_code >= 500
        }
        assert wrong == {}

    def test_refuses_what_is_for_others(self):
        refused = {
            operation.name
            for operation in OPERATIONS
            if is_problem(self.home.ask(operation, self.secrets["ann"]), 403, "forbidden")
        }
        assert refused == FOR_OTHERS.keys()

    def test_knows_nothing_of_what_is_not_there_or_not_for_whoever_asks(self):
        wrong = {}
        for operation in OPERATIONS:
            for name, noun in operation.nouns.items():
                kept = [] if noun in SHARED else [self.home.kept[noun]]
                answers = [
                    self.home.ask(operation, self.secret(operation), keys={name: key})
                    for key in (NOBODY, *kept)
                ]
                told = {(answer.status_code, answer.content) for answer in answers}
                if len(told) > 1 or not is_problem(answers[0], 404, "not-found"):
                    wrong[f"{operation.name} {name}"] = told
        assert wrong == {}

    def test_lets_a_member_in_who_is_signed_in_and_sends_the_csrf_token(self):
        wrong = {}
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.home.ann)
        for operation in OPERATIONS:
            without = self.home.ask(operation, client=client)
            writes = operation.method != "get"
            if is_problem(without, 403, "csrf") != writes:
                wrong[operation.name] = without.status_code
            client.cookies["csrftoken"] = token = "x" * 32
            answer = self.home.ask(operation, client=client, headers={"X-CSRFToken": token})
            del client.cookies["csrftoken"]
            if is_problem(answer, 403, "csrf") or answer.status_code == 401:
                wrong[f"{operation.name} with the token"] = answer.status_code
        assert wrong == {}

    def test_that_is_another_method_is_none(self):
        wrong = {}
        for path, methods in document()["paths"].items():
            for method in {*METHODS, "head", "options"} - methods.keys():
                unknown = Operation(method, path, {})
                answer = getattr(Client(), method)(unknown.at(**self.home.keys_of(unknown)))
                allowed = {one.strip().lower() for one in answer.get("Allow", "").split(",")}
                is_told = method == "head" or is_problem(answer, 405, "wrong-method")
                if answer.status_code != 405 or allowed != methods.keys() or not is_told:
                    wrong[f"{method} {path}"] = answer.status_code
        assert wrong == {}

    def test_with_versions_refuses_to_change_another_than_was_seen(self):
        wrong = {
            operation.name: (answer.status_code, answer.content)
            for operation in OPERATIONS
            if operation.knows_header("If-Match")
            and not is_problem(
                answer := self.home.ask(
                    operation,
                    self.secret(operation),
                    headers={"If-Match": '"another"'},
                ),
                412,
                "changed",
            )
        }
        assert wrong == {}

    def test_that_spends_looks_at_its_key(self):
        spending = {one.name for one in OPERATIONS if one.method == "post" and "402" in one.answers}
        assert spending >= {"purchases_restore_purchase", "purchases_undo_purchases"}
        assert spending <= {one.name for one in OPERATIONS if one.knows_header("Idempotency-Key")}
        wrong = {}
        for operation in OPERATIONS:
            if operation.knows_header("Idempotency-Key"):
                headers = {"Idempotency-Key": "x" * 256}
                answer = self.home.ask(operation, self.secret(operation), headers=headers)
                fields = [one["field"] for one in answer.json().get("errors", [])]
                if answer.status_code != 422 or fields != ["header.Idempotency-Key"]:
                    wrong[operation.name] = (answer.status_code, answer.content)
        assert wrong == {}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "nothing", "budget/", "budget/status/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_no_address_is_told_as_a_problem(client, method, path):
    assert is_problem(getattr(client, method)(f"/api/v1/{path}"), 404, "not-found")
