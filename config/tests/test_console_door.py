"""The door of the console: one sign-in page, and administrators alone come through."""

import pytest
from django.test import Client

from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

USERS = "/admin/people/user/"


@pytest.fixture
def member() -> Client:
    client = Client()
    client.force_login(UserFactory())
    return client


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("path", ["/admin/", USERS])
def test_visitors_are_sent_to_the_one_sign_in_page(client, path):
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1] == (f"/account/login/?next={path}", 302)
    assert "<h1>Sign in</h1>" in answer.content.decode()


def test_who_signs_in_there_arrives_where_they_wanted_to_go(client):
    UserFactory(username="root", administrator=True)
    form = client.get(USERS, follow=True).context["next"]
    data = {"username": "root", "password": "open sesame", "next": form}
    assert client.post("/account/login/", data)["Location"] == USERS


def test_its_own_sign_in_page_leads_to_the_index_unless_told_otherwise(client):
    assert client.get("/admin/login/")["Location"] == "/account/login/?next=/admin/"
    answer = client.get("/admin/login/", {"next": USERS})
    assert answer["Location"] == f"/account/login/?next={USERS}"


def test_its_own_sign_in_page_takes_no_password(client):
    UserFactory(username="root", administrator=True)
    data = {"username": "root", "password": "open sesame"}
    assert client.post("/admin/login/", data)["Location"] == "/account/login/?next=/admin/"
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", USERS, "/admin/no/such/page/"])
def test_members_are_told_that_it_is_not_for_them(member, path):
    answer = member.get(path)
    assert answer.status_code == 403
    assert "The console is for administrators." in answer.content.decode()


def test_members_are_not_shown_the_way(member):
    assert "/admin/" not in member.get("/").content.decode()


def test_an_administrator_passes(staff):
    assert staff.get("/admin/").status_code == 200
    assert staff.get("/admin/login/", {"next": USERS}, follow=True).status_code == 200
    assert '<a href="/admin/">' in staff.get("/").content.decode()


def test_an_administrator_who_is_made_inactive_is_out_at_once(client):
    root = UserFactory(administrator=True)
    client.force_login(root)
    root.is_active = False
    root.save()
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1] == ("/account/login/?next=/admin/", 302)


def test_signing_out_of_the_console_leads_to_the_one_sign_in_page(staff):
    page = staff.get("/admin/").content.decode()
    assert '<form id="logout-form" method="post" action="/account/logout/">' in page
