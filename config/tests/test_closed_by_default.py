"""Nothing is open to visitors but what says so."""

import pytest
from django.shortcuts import resolve_url

from config.tests.addresses import addresses

#: What visitors may open; everything else sends them to sign in.
OPEN = {
    "healthz",
    "readyz",
    "people:login",
    "people:password_reset",
    "people:password_reset_sent",
    "people:password_reset_confirm",
    "people:password_reset_complete",
}
ADDRESSES = list(addresses())

pytestmark = pytest.mark.django_db


def test_every_door_is_known():
    names = {address.name for address in ADDRESSES}
    assert names >= OPEN | {
        "home",
        "budgets:detail",
        "admin:index",
        "admin:budgets_entry_changelist",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_visitors_are_sent_to_sign_in_everywhere_else(client, method):
    # The console's own door leads on to the other.
    doors = tuple(f"{resolve_url(name)}?next=" for name in ("people:login", "admin:login"))
    let_in = {}
    for address in ADDRESSES:
        answer = getattr(client, method)(address.path)
        is_sent = answer.status_code == 302 and answer["Location"].startswith(doors)
        if address.name not in OPEN and not is_sent:
            let_in[address.path] = answer.status_code
    assert let_in == {}


def test_the_open_pages_open(client):
    answers = {
        address.name: client.get(address.path, follow=True).status_code
        for address in ADDRESSES
        if address.name in OPEN
    }
    assert answers == dict.fromkeys(OPEN, 200)


def test_an_address_that_nothing_answers_is_not_found(client):
    assert client.get("/no/such/page/").status_code == 404
