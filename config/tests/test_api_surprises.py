"""Nobody's programs learn of a present for them either: a walk over every operation as Leo.

As on the pages: once with presents hidden for him and once without, and each answer is the same.
"""

import json
import re

import pytest
from django.db import transaction
from django.test import Client, TestCase

from config.tests.addresses import Address
from config.tests.household import NOW, Household
from config.tests.operations import Operation, operations, parts
from config.tests.test_surprises import COUNTED, TERMS, Answer, Walk, answer_of, ask, told_by
from people.tests.counters import count_from

DESCRIBING = ("/api/v1/docs", "/api/v1/openapi.json")


def questions(operation: Operation) -> list[str]:
    """Return what may be asked of a list: every choice there is, and every search."""
    return [
        f"{parameter['name']}={value}"
        for parameter in operation.parameters("query")
        for _, schema in parts(parameter["schema"])
        for value in schema.get("enum", TERMS if schema.get("type") == "string" else ())
    ]


class WalkOfAProgram(Walk):
    dull = ()

    @classmethod
    def opens(cls, address: Address) -> bool:
        return address.template.startswith("/api/v1/") and not address.template.startswith(
            DESCRIBING
        )

    @classmethod
    def by_hand(cls, hidden: list[int]) -> list[str]:
        return [
            f"{operation.path}?{question}"
            for operation in operations()
            if operation.method == "get" and not operation.nouns
            for question in questions(operation)
        ]

    @classmethod
    def more(cls, client: Client, paths: list[str]) -> dict[str, Answer]:
        """Send every row the least that each of its operations takes; all is undone."""
        answers = {}
        for operation in operations():
            template = re.compile(re.sub(r"\{\w+\}", r"[^/?]+", operation.path))
            if operation.method == "get" or operation.name == "data_add_backup":
                continue
            body = json.dumps(operation.sample_body())
            for path in filter(template.fullmatch, dict.fromkeys(paths)):
                with transaction.atomic():
                    count_from(cls.start, COUNTED)
                    send = getattr(client, operation.method)
                    response = send(path, body, content_type="application/json")
                    answers[f"{path} {operation.name}"] = answer_of(response)
                    transaction.set_rollback(True)
        return answers

    def test_it_comes_by_everywhere(self):
        opened = {where for where, answer in self.with_presents.items() if answer[0] == 200}
        assert opened >= {
            "/api/v1/gifts",
            "/api/v1/gifts?q=canary",
            "/api/v1/occasions",
            "/api/v1/persons",
            "/api/v1/purchases?q=canary",
            "/api/v1/export/document",
            "/api/v1/export/archive",
        }
        asked = {where.rpartition(" ")[2] for where in self.with_presents if " " in where}
        assert len(asked) > 40


class TestTheWalkOfAMembersProgram(WalkOfAProgram, TestCase):
    administrator = False


class TestTheWalkOfAnAdministratorsProgram(WalkOfAProgram, TestCase):
    administrator = True


@pytest.mark.django_db
def test_whoever_gives_is_told_it_all(time_machine):
    time_machine.move_to(NOW, tick=False)
    home = Household(administrator=False)
    home.hide()
    client = Client()
    client.force_login(home.sis.user)
    telling = {"gifts", "purchases", "retailers", "brands", "export/document", "export/gifts.csv"}
    answers = ask(client, [f"/api/v1/{path}" for path in telling])
    assert told_by(answers).keys() == answers.keys()
