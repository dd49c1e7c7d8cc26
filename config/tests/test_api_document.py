"""What the API's document says of every operation, so that programs can rely on it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from ninja import Schema

from config.api.bodies import EXAMPLES
from config.tests.operations import Operation, document, operations, parts
from people.models import Scope
from people.tests.factories import UserFactory
from people.tests.programs import program

GOLDEN = Path(__file__).parent / "golden" / "openapi.json"
OPERATIONS = operations()
#: With which any operation may refuse.
ANY = {"400", "401", "403", "404", "422", "429", "503"}
#: What bounds a text.
BOUNDS = {"maxLength", "enum", "const", "pattern", "format"}
APPS = ("people.", "budgets.", "occasions.", "purchases.", "config.api.")


def test_is_as_in_its_golden_file():
    told = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    assert GOLDEN.read_text() == told, "`make openapi` writes the golden file anew"


def test_is_valid():
    # It is worked on while it is read.
    schemathesis.openapi.from_dict(deepcopy(document())).validate()


@pytest.mark.django_db
def test_is_served_to_members_and_their_programs(client):
    ann = UserFactory()
    assert client.get("/api/v1/openapi.json").status_code == 401
    assert program(ann, Scope.SPEND).get("openapi.json").json() == document()
    client.force_login(ann)
    assert client.get("/api/v1/openapi.json").json() == document()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_a_body_is_one(name):
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    jsonschema_rs.validator_for(schema).validate(EXAMPLES[name])


def test_no_two_operations_have_one_name():
    names = Counter(operation.name for operation in OPERATIONS)
    assert [name for name, times in names.items() if times > 1] == []


def test_no_two_models_have_one_name():
    homes: dict[str, set[str]] = {}
    for model in models(Schema):
        homes.setdefault(model.__name__, set()).add(model.__module__)
    assert {name: home for name, home in homes.items() if len(home) > 1} == {}


def models(kind: type[Schema]) -> Iterator[type[Schema]]:
    """Yield our own models below `kind`; those of a `Page` are named for what is on it."""
    for below in kind.__subclasses__():
        home = below.__module__
        if home.startswith(APPS) and ".tests." not in home and "[" not in below.__name__:
            yield below
        yield from models(below)


def those(fails: Callable[[Operation], Any]) -> dict[str, Any]:
    """Return the operations that are not as they should be, each with what is wrong."""
    return {operation.name: fault for operation in OPERATIONS if (fault := fails(operation))}


def test_every_operation_is_told_in_words():
    words = ("summary", "description", "tags")
    assert those(lambda operation: [word for word in words if not operation.told.get(word)]) == {}
    assert those(lambda operation: len(operation.told["tags"]) != 1) == {}


def test_who_only_reads_takes_the_scope_for_it():
    def differs(operation: Operation) -> bool:
        return (operation.method == "get") != (operation.scope == Scope.READ)

    assert those(differs) == {}
    assert {operation.scope for operation in OPERATIONS} == set(Scope)


def test_every_operation_declares_its_answers():
    def fault(operation: Operation) -> Any:
        answers = operation.answers
        problems = {status: answer for status, answer in answers.items() if status >= "4"}
        return (
            ANY - answers.keys()
            or not answers.keys() - problems.keys()
            or [status for status, answer in answers.items() if not answer["description"]]
            or [
                status
                for status, answer in problems.items()
                if list(answer["content"]) != ["application/problem+json"]
            ]
        )

    assert those(fault) == {}


def sent(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema of what one may send, with where."""
    for parameter in operation.told.get("parameters", []):
        yield from parts(parameter["schema"], f"{parameter['in']}.{parameter['name']}")
    for content in operation.told.get("requestBody", {}).get("content", {}).values():
        yield from parts(content["schema"], "body")


def unbounded(kinds: set[str], is_bounded: Callable[[set[str]], bool]) -> dict[str, Any]:
    """Return the operations that take something of these `kinds` without end, with where."""
    return those(
        lambda operation: [
            where
            for where, schema in sent(operation)
            if schema.get("type") in kinds and not is_bounded(set(schema))
        ]
    )


def test_every_number_that_is_sent_has_bounds():
    def is_bounded(words: set[str]) -> bool:
        return words >= {"minimum", "maximum"} or bool(words & {"enum", "const"})

    assert unbounded({"integer", "number"}, is_bounded) == {}


def test_every_text_that_is_sent_has_bounds():
    assert unbounded({"string"}, lambda words: bool(words & BOUNDS)) == {}


def test_every_list_that_is_sent_has_bounds():
    assert unbounded({"array"}, lambda words: "maxItems" in words) == {}


def test_no_key_of_a_body_is_passed_over():
    def loose(operation: Operation) -> list[str]:
        return [
            where
            for where, schema in sent(operation)
            if operation.media_type == "application/json"
            and schema.get("type") == "object"
            and schema.get("additionalProperties", True) is True
        ]

    assert those(loose) == {}


def test_money_is_never_a_number():
    floats = [
        f"{operation.name} {where}"
        for operation in OPERATIONS
        for answer in operation.answers.values()
        for content in answer.get("content", {}).values()
        for where, schema in [*sent(operation), *parts(content["schema"])]
        if schema.get("type") == "number"
    ]
    assert floats == []
