"""What people see when something is not there, not theirs, or broken."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from people.tests.factories import UserFactory


def test_an_unknown_address_is_told_with_a_way_back(client):
    # Without the `django_db` mark a query is an error.
    answer = client.get("/no/such/page/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "<h1>There is nothing at this address</h1>" in page
    assert 'href="/">Back to the start</a>' in page


@pytest.mark.django_db
def test_an_unknown_address_keeps_the_navigation_of_a_member(client):
    client.force_login(UserFactory(first_name="Ann"))
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "Signed in as Ann" in answer.content.decode()


@pytest.mark.django_db
def test_a_right_that_is_missing_is_told(client):
    client.force_login(UserFactory())
    answer = client.get("/admin/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "<h1>This page is not yours to open</h1>" in page
    assert "Nothing was changed." in page


def test_a_form_without_its_token_is_told_in_plain_words():
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"username": "ann"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "<h1>This page was open too long</h1>" in page
    assert "nothing was changed" in page


@pytest.mark.urls(__name__)
def test_what_breaks_is_answered_with_a_page_that_gives_nothing_away(client):
    client.raise_request_exception = False
    answer = client.get("/broken/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "<h1>Something broke on our side</h1>" in page
    assert "a secret" not in page


def test_the_page_for_what_is_broken_needs_neither_context_nor_database():
    page = render_to_string("500.html")
    assert "<h1>Something broke on our side</h1>" in page
    assert '<link rel="stylesheet" href="/static/css/base.css">' in page


@pytest.mark.urls(__name__)
def test_a_request_that_makes_no_sense_is_refused(client):
    assert client.get("/senseless/").status_code == 400


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret")


@login_not_required
def senseless(request: HttpRequest) -> HttpResponse:
    raise BadRequest


urlpatterns = [path("broken/", broken), path("senseless/", senseless)]
