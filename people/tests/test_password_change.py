"""Changing one's own password."""

import pytest
from django.test import Client

from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/account/password/"
NEW = "a purse of many strings"


@pytest.fixture
def ann():
    return UserFactory(username="ann")


@pytest.fixture
def here(ann) -> Client:
    client = Client()
    client.force_login(ann)
    return client


def change(client: Client, old: str = "open sesame", new: str = NEW, again: str = NEW):
    data = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post(PAGE, data, follow=True)


def test_the_new_password_counts_from_then_on(here, ann):
    answer = change(here)
    assert answer.redirect_chain == [("/account/", 302)]
    assert "Your password is changed." in answer.content.decode()
    ann.refresh_from_db()
    assert ann.check_password(NEW)


def test_the_session_that_changed_it_goes_on_and_every_other_ends(here, ann):
    elsewhere = Client()
    elsewhere.force_login(ann)
    assert elsewhere.get("/account/").status_code == 200
    change(here)
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/")["Location"] == "/account/login/?next=/account/"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"old": "close sesame"}, "Your old password was entered incorrectly."),
        ({"again": "another one"}, "The two password fields didn’t match."),
        ({"new": "12345678", "again": "12345678"}, "This password is entirely numeric."),
        ({"new": "short7x", "again": "short7x"}, "This password is too short."),
        ({"new": "ann", "again": "ann"}, "The password is too similar to the username."),
        ({"new": "", "again": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_told_and_the_old_password_stays(here, ann, typed, message):
    page = change(here, **typed).content.decode()
    assert message in page
    assert NEW not in page
    ann.refresh_from_db()
    assert ann.check_password("open sesame")
