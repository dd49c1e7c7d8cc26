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


@pytest.mark.django_db
def test_no_secret_of_a_token_reaches_the_log(client, log):
    ann = UserFactory()
    client.force_login(ann)
    made = client.post("/account/tokens/add/", {"name": "a", "may_read": "on", "lasting": "30"})
    secret, beginning = made.context["secret"], made.context["token"].prefix
    bearer = {"Authorization": f"Bearer {secret}"}
    client.get("/api/v1/me", headers=bearer)
    client.get(f"/api/v1/me?token={secret}")
    client.get(f"/api/v1/{secret}", headers={"X-Request-ID": secret.replace("_", "")})
    client.post("/account/tokens/add/", {"name": secret})
    logging.getLogger("somewhere").warning("refused %s", bearer)
    told = lines(log)
    assert secret not in json.dumps(told)
    assert [line["request"] for line in told[2:4]] == [
        f"GET /api/v1/me?token={beginning}…",
        f"GET /api/v1/{beginning}…",
    ]
    # What people know it by is there, so that its traces can be found.
    assert (told[1]["token"], told[1]["user_id"]) == (beginning, ann.pk)


class TestTheIdOfARequest:
    def test_is_the_same_in_the_answer_in_every_line_and_in_a_problem(self, client, log):
        answer = client.get("/api/v1/no/such/thing")
        known = answer["X-Request-ID"]
        assert len(known) == 36
        assert answer.json()["request_id"] == known
        assert {line["request_id"] for line in lines(log)} == {known}

    @pytest.mark.parametrize("sent", ["a", "A-z_0.9", "x" * 128])
    def test_is_taken_from_whoever_asks(self, client, log, sent):
        answer = client.get("/healthz", headers={"X-Request-ID": sent})
        assert answer["X-Request-ID"] == sent
        assert lines(log)[0]["request_id"] == sent

    @pytest.mark.parametrize(
        "sent", ["", "x" * 129, "a b", "a\nb", "ä", '"', "{}", "<b>", "a,b", "\u202e", "a\n"]
    )
    def test_is_a_new_one_where_what_was_sent_does_not_belong_into_a_log(self, client, log, sent):
        answer = client.get("/healthz", headers={"X-Request-ID": sent})
        assert len(answer["X-Request-ID"]) == 36
        assert lines(log)[0]["request_id"] == answer["X-Request-ID"]

    @pytest.mark.parametrize("path", ["/healthz", "/no/such/page/", "/account/", "/static/no.css"])
    def test_is_on_every_answer(self, client, path):
        assert client.get(path)["X-Request-ID"]

    @pytest.mark.urls(__name__)
    def test_is_on_an_error_and_on_what_another_host_is_told(self, client, log):
        client.raise_request_exception = False
        for host, status in (("localhost", 500), ("elsewhere.example", 400)):
            answer = client.get("/broken/", headers={"Host": host})
            assert answer.status_code == status
            told = lines(log)
            assert told
            assert {line["request_id"] for line in told} == {answer["X-Request-ID"]}

    @pytest.mark.urls(__name__)
    def test_is_in_the_lines_of_a_streamed_answer(self, client, log):
        answer = client.get("/streamed/")
        answer.getvalue()
        assert {line["request_id"] for line in lines(log)} == {answer["X-Request-ID"]}

    def test_no_other_id_is_taken_into_the_log(self, client, log):
        client.get("/healthz", headers={"X-Correlation-ID": "theirs"})
        assert "theirs" not in json.dumps(lines(log))


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
