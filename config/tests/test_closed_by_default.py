"""Nothing is open to visitors but what says so."""

import pytest
from django.shortcuts import resolve_url

from config.tests.addresses import addresses
from people.programs.problems import MEDIA_TYPE

#: What visitors may open; everything else sends them to sign in.
OPEN = {
    "healthz",
    "readyz",
    "people:login",
    "people:password_reset",
    "people:password_reset_sent",
    "people:password_reset_confirm",
    "people:password_reset_complete",
    # Its key, which nobody can guess, is what lets a calendar in.
    "warranties:feed",
}
#: What the API answers where it has nothing.
NOTHING = {"api:api-root", "api:nothing"}
#: What describes the API to people: pages like any other.
DESCRIBING = {"api:openapi-view", "api:docs", "api:docs_group"}
ADDRESSES = list(addresses())
PROGRAMS = [
    address
    for address in ADDRESSES
    if address.name.startswith("api:") and address.name not in NOTHING | DESCRIBING
]

pytestmark = pytest.mark.django_db


def test_every_door_is_known():
    names = {address.name for address in ADDRESSES}
    assert names >= OPEN | {
        "home",
        "budgets:detail",
        "admin:index",
        "admin:budgets_entry_changelist",
        "api:me",
        *NOTHING,
        *DESCRIBING,
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_visitors_are_sent_to_sign_in_everywhere_else(client, method):
    # The console's own door leads on to the other.
    doors = tuple(f"{resolve_url(name)}?next=" for name in ("people:login", "admin:login"))
    let_in = {}
    for address in ADDRESSES:
        answer = getattr(client, method)(address.path)
        is_sent = answer.status_code == 302 and answer["Location"].startswith(doors)
        if address.name not in OPEN | NOTHING and address not in PROGRAMS and not is_sent:
            let_in[address.path] = answer.status_code
    assert let_in == {}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_programs_that_nobody_knows_are_refused_in_the_words_of_the_api(client, method):
    let_in = {}
    for address in PROGRAMS:
        answer = getattr(client, method)(address.path)
        # Which methods an address knows is written in the documents for everybody.
        is_refused = answer.status_code == 401 or (answer.status_code == 405 and answer["Allow"])
        if not is_refused or answer["Content-Type"] != MEDIA_TYPE:
            let_in[address.path] = answer.status_code
    assert let_in == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_where_the_api_has_nothing_everybody_is_told_so(client, method):
    for path in ("/api/v1/", "/api/v1/no/such/thing"):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE)


def test_the_open_pages_open(client):
    answers = {
        address.name: client.get(address.path, follow=True).status_code
        for address in ADDRESSES
        if address.name in OPEN
    }
    assert answers == {**dict.fromkeys(OPEN, 200), "warranties:feed": 404}


def test_an_address_that_nothing_answers_is_not_found(client):
    assert client.get("/no/such/page/").status_code == 404
