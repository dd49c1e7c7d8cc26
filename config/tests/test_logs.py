"""The request log: one line of JSON for each request, and nothing in it that opens a door."""

import io
import json
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path

from config.logs import logging_config
from people.tests.factories import UserFactory


@pytest.fixture
def log(settings) -> Iterator[io.StringIO]:
    """Log as a server does, to a stream of the test's own."""
    stream = io.StringIO()
    logging.config.dictConfig(logging_config("json", level="INFO"))
    logging.getHandlerByName("stderr").setStream(stream)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """Return what was logged since the last time."""
    told = [json.loads(line) for line in log.getvalue().splitlines(log)]
    log.seek(0)
    log.truncate()
    return told


@pytest.mark.django_db
def test_a_request_gives_one_line_with_its_id_its_user_and_its_status(client, log):
    user = UserFactory()
    client.force_login(user)
    assert client.get("/account/?tab=1").status_code == 200
    [line] = lines(log)
    assert line["event"] == "request_finished"
    assert line["request"] == "GET /account/?tab=1"
    assert (line["code"], line["user_id"], line["level"]) == (200, user.pk, "info")
    assert line["timestamp"].endswith("Z")

    client.get("/account/")
    [next_line] = lines(log)
    assert len(line["request_id"]) == 36
    assert next_line["request_id"] != line["request_id"]


def test_a_visitors_line_names_nobody(client, log):
    assert client.get("/no/such/page/").status_code == 404
    [line] = lines(log)
    assert (line["code"], line["user_id"], line["level"]) == (404, None, "warning")


@pytest.mark.urls(__name__)
def test_an_error_gives_one_line_with_where_it_happened(client, log):
    client.raise_request_exception = False
    assert client.get("/broken/").status_code == 500
    first, *_ = told = lines(log)
    assert first["event"] == "request_failed"
    assert (first["code"], first["level"]) == (500, "error")
    assert "ZeroDivisionError" in first["exception"]
    assert {line["request_id"] for line in told if "request_id" in line} == {first["request_id"]}


@pytest.mark.urls(__name__)
def test_a_streamed_answer_is_told_when_it_ends(client, log):
    answer = client.get("/streamed/")
    assert [line["event"] for line in lines(log)] == ["request_finished"]
    assert answer.getvalue() == b"onetwo"
    assert [line["event"] for line in lines(log)] == ["streaming_finished"]


@pytest.mark.django_db
def test_no_password_and_no_cookie_reaches_the_log(client, log):
    UserFactory(username="ann")
    client.post("/account/login/", {"username": "ann", "password": "close sesame"})
    client.post("/account/login/", {"username": "ann", "password": "open sesame"})
    client.get("/account/password/")
    told = json.dumps(lines(log))
    assert "request_finished" in told
    assert "sesame" not in told
    assert client.cookies["sessionid"].value not in told
    assert client.cookies["csrftoken"].value not in told


@pytest.mark.django_db
def test_no_reset_link_in_the_log_works(client, log):
    client.get("/account/password/reset/MQ/abc123-def456/")
    client.get("/account/password/reset/complete/")
    assert [line["request"] for line in lines(log)] == [
        "GET /account/password/reset/MQ/…/",
        "GET /account/password/reset/complete/",
    ]


def test_a_line_of_any_library_is_json_too(log):
    logging.getLogger("somewhere.else").warning("Low on %s", "disk")
    [line] = lines(log)
    assert (line["event"], line["logger"], line["level"]) == (
        "Low on disk",
        "somewhere.else",
        "warning",
    )


def test_a_terminal_is_told_in_plain_words(settings):
    stream = io.StringIO()
    logging.config.dictConfig(logging_config("console", level="INFO"))
    logging.getHandlerByName("stderr").setStream(stream)
    logging.getLogger("somewhere").info("Ready")
    logging.config.dictConfig(settings.LOGGING)
    assert "Ready" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(1 / 0)


@login_not_required
def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter(["one", "two"]))


urlpatterns = [
    path("broken/", broken),
    path("streamed/", streamed),
    path("", include("config.urls")),
]
