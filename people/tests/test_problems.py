"""How a refusal reads to a program."""

import json

import pytest

from people.programs.problems import MEDIA_TYPE, invalid, problem, told


def test_it_carries_its_kind_its_words_its_status_and_its_numbers():
    answer = told(problem(402, "over-budget", "Over budget", "No.", limit="1.00"), {"A": "b"})
    assert (answer.status_code, answer["Content-Type"], answer["A"]) == (402, MEDIA_TYPE, "b")
    assert json.loads(answer.content) == {
        "type": "urn:pursestrings:over-budget",
        "title": "Over budget",
        "status": 402,
        "detail": "No.",
        "limit": "1.00",
    }


def test_wrong_fields_are_told_each_with_all_that_is_wrong():
    found = invalid({"name": ["Too long.", "Too odd."], "": ["Both."]})
    assert [(error.field, error.message) for error in found.errors] == [
        ("name", "Too long."),
        ("name", "Too odd."),
        ("", "Both."),
    ]


@pytest.mark.parametrize("odd", ["\ud800", "a\udfff", "\0", "é☃", "\n\u2028"])
def test_what_a_program_sent_can_always_be_named(odd):
    answer = told(invalid({odd: [f"{odd} is odd."]}))
    [error] = json.loads(answer.content)["errors"]
    assert error["message"].endswith("is odd.")
