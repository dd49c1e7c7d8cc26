"""Which version of a thing a program has seen."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from ninja import Schema

from people.programs.matching import match, tag_of, tagged
from people.programs.problems import Refused


class Shown(Schema):
    name: str
    price: str | None = None


SEEN, CHANGED = Shown(name="Kettle"), Shown(name="Kettle", price="1.00")


def ask(**headers: str) -> None:
    match(RequestFactory().put("/", headers=headers), SEEN)


def test_a_tag_is_the_same_for_the_same_and_another_for_another():
    assert tag_of(SEEN) == tag_of(Shown(name="Kettle"))
    assert tag_of(SEEN) != tag_of(CHANGED)
    assert tag_of(SEEN).strip('"').isalnum()


def test_an_answer_carries_the_tag_of_what_it_shows():
    response = HttpResponse()
    assert tagged(response, SEEN) is SEEN
    assert response["ETag"] == tag_of(SEEN)


@pytest.mark.parametrize(
    "sent",
    [
        "*",
        " * ",
        tag_of(SEEN),
        f'"other", {tag_of(SEEN)}',
        f'{tag_of(SEEN)},"other"',
        f"W/{tag_of(SEEN)}",
    ],
)
def test_whoever_has_seen_it_as_it_is_goes_on(sent):
    ask(**{"If-Match": sent})


def test_whoever_asks_for_no_version_goes_on():
    ask()


@pytest.mark.parametrize(
    "sent",
    [
        tag_of(CHANGED),
        f'"other", {tag_of(CHANGED)}',
        f"W/{tag_of(CHANGED)}",
        tag_of(SEEN).strip('"'),
        tag_of(SEEN)[:-1],
        '""',
        "",
        ",",
        "**",
        "é",
    ],
)
def test_whoever_has_seen_another_version_is_refused_with_the_present_one(sent):
    with pytest.raises(Refused) as refusal:
        ask(**{"If-Match": sent})
    assert refusal.value.problem.status == 412
    assert refusal.value.headers == {"ETag": tag_of(SEEN)}
