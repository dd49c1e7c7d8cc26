"""Signing in and out."""

import pytest
from django.test import Client

from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"
LOGOUT = "/account/logout/"


@pytest.fixture(autouse=True)
def ann():
    return UserFactory(username="ann")


def sign_in(client: Client, username: str = "ann", password: str = "open sesame", **data: str):
    return client.post(LOGIN, {"username": username, "password": password, **data})


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_signing_in_leads_home(client):
    answer = sign_in(client)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert is_signed_in(client)


def test_signing_in_leads_to_the_page_that_was_asked_for(client):
    asked = client.get("/account/password/")
    assert asked["Location"] == f"{LOGIN}?next=/account/password/"
    form = client.get(asked["Location"]).content.decode()
    assert "Sign in to see that page." in form
    assert '<input type="hidden" name="next" value="/account/password/">' in form
    assert sign_in(client, next="/account/password/")["Location"] == "/account/password/"


@pytest.mark.parametrize(
    "next_page", ["https://example.com/", "//example.com", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client, next_page):
    assert sign_in(client, next=next_page)["Location"] == "/"


@pytest.mark.parametrize(
    ("username", "password"),
    [("ann", "close sesame"), ("ann", "OPEN SESAME"), ("nobody", "open sesame")],
)
def test_a_wrong_password_keeps_the_user_name_and_says_so(client, username, password):
    answer = sign_in(client, username, password)
    page = answer.content.decode()
    assert "Please enter a correct username and password." in page
    assert f'value="{username}"' in page
    assert password not in page
    assert not is_signed_in(client)


def test_somebody_inactive_cannot_sign_in(client, ann):
    ann.is_active = False
    ann.save()
    assert "Please enter a correct username and password." in sign_in(client).content.decode()
    assert not is_signed_in(client)


def test_a_member_who_is_signed_in_is_led_home_from_the_form(client, ann):
    client.force_login(ann)
    assert client.get(LOGIN)["Location"] == "/"


def test_signing_in_needs_the_token_of_the_form():
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_signing_out_ends_the_session(client, ann):
    client.force_login(ann)
    answer = client.post(LOGOUT)
    assert answer["Location"] == LOGIN
    assert not is_signed_in(client)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_signing_out_by_any_other_method_is_refused(client, ann, method):
    client.force_login(ann)
    assert getattr(client, method)(LOGOUT).status_code == 405
    assert is_signed_in(client)


def test_every_page_of_a_member_offers_to_sign_out(client, ann):
    client.force_login(ann)
    page = client.get("/account/").content.decode()
    assert f'<form method="post" action="{LOGOUT}">' in page
