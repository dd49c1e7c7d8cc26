"""A forgotten password, from the form to the new password."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils.html import strip_tags

from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FORGOTTEN = "/account/password/reset/"
SENT = "/account/password/reset/sent/"
NEW = "a purse of many strings"


@pytest.fixture(autouse=True)
def ann():
    return UserFactory(username="ann", first_name="Ann", email="ann@example.org")


def ask(client: Client, email: str = "ann@example.org"):
    return client.post(FORGOTTEN, {"email": email}, follow=True)


def link_in(text: str) -> str:
    """Return the path of the link in a mail."""
    [path] = re.findall(r"http://testserver(/account/password/reset/[^\s\"]+)", text)
    return path


def test_the_sign_in_page_leads_to_the_form(client):
    assert f'href="{FORGOTTEN}"' in client.get("/account/login/").content.decode()
    assert client.get(FORGOTTEN).status_code == 200


def test_the_mail_has_a_subject_a_text_and_an_html_part(client):
    ask(client)
    [message] = mail.outbox
    assert message.to == ["ann@example.org"]
    assert message.from_email == "Pursestrings <pursestrings@localhost>"
    assert message.subject == "Choose a new password for Pursestrings"
    assert message.body.startswith("Hello Ann,\n")
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert "<p>Hello Ann,</p>" in html
    assert link_in(html) == link_in(message.body)
    assert "The link works once." in html
    assert "The link works once." in message.body


def test_a_name_with_a_sign_in_it_reads_right_in_both_parts(client, ann):
    ann.first_name = "Ann & <Bo>"
    ann.save()
    ask(client)
    [message] = mail.outbox
    assert "Hello Ann & <Bo>," in message.body
    assert "Hello Ann &amp; &lt;Bo&gt;," in message.alternatives[0][0]


def test_the_link_leads_to_a_new_password_and_works_once(client, ann):
    ask(client)
    link = link_in(mail.outbox[0].body)
    form = client.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    [(address, _)] = form.redirect_chain
    done = client.post(address, {"new_password1": NEW, "new_password2": NEW}, follow=True)
    assert done.redirect_chain == [("/account/password/reset/complete/", 302)]
    assert "Your password is changed" in done.content.decode()
    ann.refresh_from_db()
    assert ann.check_password(NEW)

    again = Client().get(link, follow=True)
    assert "This link has expired" in again.content.decode()
    assert 'type="password"' not in again.content.decode()


def test_the_token_leaves_the_address_before_the_form_is_shown(client):
    ask(client)
    link = link_in(mail.outbox[0].body)
    token = link.rstrip("/").rpartition("/")[2]
    answer = client.get(link)
    assert answer.status_code == 302
    assert token not in answer["Location"]


@pytest.mark.parametrize(
    ("new", "again", "message"),
    [
        (NEW, "another one", "The two password fields didn’t match."),
        ("12345678", "12345678", "This password is entirely numeric."),
    ],
)
def test_a_password_that_will_not_do_is_refused_and_the_link_still_works(
    client, ann, new, again, message
):
    ask(client)
    [(address, _)] = client.get(link_in(mail.outbox[0].body), follow=True).redirect_chain
    answer = client.post(address, {"new_password1": new, "new_password2": again})
    assert message in answer.content.decode()
    ann.refresh_from_db()
    assert ann.check_password("open sesame")
    assert client.post(address, {"new_password1": NEW, "new_password2": NEW}).status_code == 302


def test_an_unknown_address_is_answered_the_same_and_gets_no_mail(client):
    known, unknown = ask(client), ask(client, "nobody@example.org")
    assert known.redirect_chain == unknown.redirect_chain == [(SENT, 302)]
    words = strip_tags(unknown.content.decode())
    assert "If that address belongs to somebody here" in words
    assert strip_tags(known.content.decode()) == words
    assert [message.to for message in mail.outbox] == [["ann@example.org"]]


def test_somebody_inactive_gets_no_mail(client, ann):
    ann.is_active = False
    ann.save()
    assert ask(client).redirect_chain == [(SENT, 302)]
    assert mail.outbox == []


def test_text_that_is_no_address_is_refused_and_kept(client):
    page = client.post(FORGOTTEN, {"email": "ann at home"}).content.decode()
    assert "Enter a valid email address." in page
    assert 'value="ann at home"' in page
    assert mail.outbox == []


@pytest.mark.parametrize("uid", ["MQ", "OTk5OTk5", "%F0%9F%98%80", "x" * 200])
def test_a_made_up_link_is_told_as_expired(client, uid):
    page = client.get(f"/account/password/reset/{uid}/abc-def/", follow=True).content.decode()
    assert "This link has expired" in page
