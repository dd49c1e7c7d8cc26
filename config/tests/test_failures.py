"""What comes to no view, or to a bad end: a problem for programs, a page for people."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from people.programs.problems import MEDIA_TYPE
from purchases.middleware import MAX_REQUEST

pytestmark = pytest.mark.urls(__name__)

handler400 = "config.failures.bad_request"
handler404 = "config.failures.page_not_found"
handler500 = "config.failures.server_error"


def told(answer) -> tuple[int, str]:
    """Return the status and the kind of a problem, found to say no more than problems do."""
    assert answer["Content-Type"] == MEDIA_TYPE
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["request_id"] == answer["X-Request-ID"]
    assert "secret" not in answer.content.decode()
    return answer.status_code, said["type"].removeprefix("urn:pursestrings:")


@pytest.mark.parametrize(
    ("address", "status", "kind"),
    [
        ("broken", 500, "failure"),
        ("senseless", 400, "bad-request"),
        ("suspicious", 400, "bad-request"),
        ("gone", 404, "not-found"),
    ],
)
def test_programs_are_told_a_problem_and_people_get_a_page(client, address, status, kind):
    client.raise_request_exception = False
    assert told(client.get(f"/api/{address}")) == (status, kind)
    page = client.get(f"/{address}")
    assert page.status_code == status
    assert page["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("address", ["/api/", "/api/v2/me", "/api/v1/no/such/thing", "/api/v1/"])
def test_nothing_below_the_api_is_a_page(client, address):
    for method in ("get", "post"):
        assert told(getattr(client, method)(address)) == (404, "not-found")


def test_another_host_is_told_nothing_of_what_is_here(client):
    for address in ("/api/v1/me", "/"):
        answer = client.get(address, headers={"Host": "elsewhere.example"})
        assert answer.status_code == 400
        assert "text/html" in answer["Content-Type"]
        assert b"ursestrings" not in answer.content


@pytest.mark.parametrize("length", [f"{MAX_REQUEST + 1}", "9" * 400])
def test_what_is_too_much_to_be_read_is_told_in_the_words_of_whoever_sends_it(client, length):
    sent = {
        "data": b"{}",
        "content_type": "application/json",
        "headers": {"Content-Length": length},
    }
    assert told(client.post("/api/v1/me", **sent)) == (413, "too-large")
    page = client.post("/account/login/", **sent)
    assert (page.status_code, page["Content-Type"].partition(";")[0]) == (413, "text/html")


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret")


@login_not_required
def senseless(request: HttpRequest) -> HttpResponse:
    raise BadRequest("a secret")


@login_not_required
def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("a secret")


VIEWS = {"broken": broken, "senseless": senseless, "suspicious": suspicious}
urlpatterns = [
    *(path(f"{before}{name}", view) for before in ("", "api/") for name, view in VIEWS.items()),
    path("", include("config.urls")),
]
