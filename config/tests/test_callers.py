"""Who asks the API: tokens and sessions, how often, and what is remembered of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils import timezone

from config.api import refusals
from config.api.site import Site
from people import tokens
from people.models import ApiToken, Scope, User
from people.programs.callers import Caller, ProgramRequest, may
from people.programs.problems import MEDIA_TYPE
from people.tests.factories import UserFactory
from people.tests.programs import Program, program

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
ME = "/api/v1/me"
SAID = "/api/v1/said"

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

# --- An API of one operation each, so that the tests do not lean on what some app offers --------

small = Site(title="Small", urls_namespace="small", docs_url=None)
refusals.register(small)


@small.get("me", auth=may(Scope.READ))
def me(request: ProgramRequest) -> dict[str, Any]:
    return {"username": request.user.username, "zone": timezone.get_current_timezone_name()}


@small.post("said", auth=may(Scope.SPEND))
def said(request: ProgramRequest) -> dict[str, str]:
    return {"label": request.auth.label}


patterns, *names = small.urls
for pattern in patterns:
    pattern.callback = login_not_required(pattern.callback)
# A form that is refused leads to the start of the app.
urlpatterns = [path("api/v1/", (patterns, *names)), path("", include("config.urls"))]


@pytest.fixture(autouse=True)
def _small(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann", timezone="Asia/Tokyo")


@pytest.fixture
def script(ann) -> Program:
    return program(ann)


def ask(client: Client, authorization: str) -> Any:
    headers = {"Authorization": authorization, "X-Request-ID": "1"}
    return client.get(ME, headers=headers)


# --- Who is not let in ---------------------------------------------------------------------------


class TestUnknownPrograms:
    @pytest.fixture
    def doors(self, ann) -> dict[str, str]:
        """Return what nobody is let in with, by what is wrong with it."""
        expired = program(ann, lasting=timedelta(0)).secret
        revoked = program(ann)
        tokens.revoke(revoked.token, now=NOW)
        shut_out = program(UserFactory(is_active=False)).secret
        live = program(ann)
        return {
            "wrong": f"Bearer ps_{'a' * 43}",
            "expired": f"Bearer {expired}",
            "revoked": f"Bearer {revoked.secret}",
            "of somebody who is shut out": f"Bearer {shut_out}",
            "its beginning": f"Bearer {live.token.prefix}",
            "its hash": f"Bearer {live.token.digest}",
            "another scheme": f"Basic {live.secret}",
            "no scheme": live.secret,
            "no secret": "Bearer",
            "a blank secret": "Bearer   ",
            "nothing at all": "",
            "no ASCII": "Bearer pß_é",
            "very long": f"Bearer {'x' * 5_000}",
        }

    def test_are_all_answered_alike(self, client, doors):
        answers = {what: ask(client, sent) for what, sent in doors.items()}
        first = answers["wrong"]
        told = first.json()
        assert (first.status_code, told["type"]) == (401, "urn:pursestrings:unauthorised")
        for what, answer in answers.items():
            assert answer.status_code == 401, what
            assert answer.content == first.content, what
            assert dict(answer.items()) == dict(first.items()), what

    def test_cost_the_same_work_whatever_is_wrong(self, client, doors, monkeypatch):
        hashed, digest = [], tokens.digest_of

        def counted(secret: str) -> str:
            hashed.append(secret)
            return digest(secret)

        monkeypatch.setattr(tokens, "digest_of", counted)
        for what, sent in doors.items():
            hashed.clear()
            with CaptureQueriesContext(connection) as asked:
                ask(client, sent)
            assert (len(asked), len(hashed)) == (1, 1), what

    def test_a_request_without_any_is_told_the_same(self, client):
        bare = client.get(ME, headers={"X-Request-ID": "1"})
        assert (bare.status_code, bare["Content-Type"]) == (401, MEDIA_TYPE)
        assert bare.content == ask(client, "Bearer x").content
        assert bare["WWW-Authenticate"] == 'Bearer realm="Pursestrings"'

    def test_a_session_does_not_make_good_a_wrong_token(self, client, ann, doors):
        client.force_login(ann)
        assert client.get(ME).status_code == 200
        for what, sent in doors.items():
            assert ask(client, sent).status_code == 401, what

    def test_the_scheme_is_known_whatever_its_case(self, client, script):
        assert ask(client, f"bEARER  {script.secret} ").status_code == 200


class TestScopes:
    @pytest.mark.parametrize("scope", [Scope.READ, Scope.MANAGE])
    def test_one_does_not_include_another(self, ann, scope):
        answer = program(ann, scope).post("said")
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:pursestrings:missing-scope"
        assert answer.json()["detail"] == "This takes the scope “spend”."
        assert program(ann, Scope.SPEND).post("said").status_code == 200


# --- Sessions ------------------------------------------------------------------------------------


class TestSessions:
    @pytest.fixture
    def tab(self, ann) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.force_login(ann)
        return client

    def test_read_what_their_member_reads(self, tab):
        assert tab.get(ME).json() == {"username": "ann", "zone": "Asia/Tokyo"}

    @pytest.mark.parametrize("sent", [{}, {"X-CSRFToken": "wrong"}])
    def test_write_nothing_without_their_csrf_token(self, tab, sent):
        answer = tab.post(SAID, headers=sent)
        assert (answer.status_code, answer["Content-Type"]) == (403, MEDIA_TYPE)
        assert answer.json()["type"] == "urn:pursestrings:csrf"

    def test_write_with_it_under_nobodys_label(self, tab):
        tab.cookies["csrftoken"] = "a" * 32
        answer = tab.post(SAID, headers={"X-CSRFToken": "a" * 32})
        assert (answer.status_code, answer.json()) == (200, {"label": ""})

    def test_a_token_needs_none_also_beside_a_session(self, tab, ann, script):
        answer = tab.post(SAID, headers={"Authorization": f"Bearer {script.secret}"})
        assert answer.status_code == 200

    def test_a_token_acts_for_its_owner_whoever_is_signed_in(self, tab):
        ben = program(UserFactory(username="ben"))
        answer = tab.get(ME, headers=ben.headers)
        assert answer.json()["username"] == "ben"
        assert tab.get(ME).json()["username"] == "ann"


# --- What a known program is given ---------------------------------------------------------------


class TestTheTimeZone:
    def test_is_the_owners_for_this_request_and_put_back_after_it(self, script):
        before = timezone.get_current_timezone_name()
        assert script.get("me").json()["zone"] == "Asia/Tokyo"
        assert timezone.get_current_timezone_name() == before == "UTC"

    def test_of_a_refused_request_is_put_back_too(self, ann):
        program(ann, Scope.READ).post("said")
        assert timezone.get_current_timezone_name() == "UTC"


class TestTheLastUse:
    def test_is_remembered_to_the_minute(self, script, time_machine):
        for seconds, known in ((0, 0), (30, 0), (59, 0), (61, 61), (100, 61)):
            time_machine.move_to(NOW + timedelta(seconds=seconds), tick=False)
            script.get("me")
            used = ApiToken.objects.get().last_used_at
            assert used == NOW + timedelta(seconds=known)

    def test_a_request_within_the_minute_writes_nothing(self, script, django_assert_num_queries):
        script.get("me")
        with django_assert_num_queries(1):
            assert script.get("me").status_code == 200

    def test_counts_what_was_refused_for_its_scope(self, ann):
        program(ann, Scope.READ).post("said")
        assert ApiToken.objects.get().last_used_at == NOW


class TestTheLabel:
    def test_names_the_token(self, script):
        assert script.post("said").json() == {"label": f"Program 1 ({script.token.prefix}…)"}

    def test_fits_into_the_ledger(self, ann):
        longest = ApiToken(user=ann, name="n" * 100, prefix="p" * 16)
        assert Caller(ann, longest).label == str(longest)
        assert len(Caller(ann, ApiToken(user=ann, name="n" * 300, prefix="p")).label) == 120


# --- How often -----------------------------------------------------------------------------------


class TestTheRate:
    @pytest.fixture(autouse=True)
    def _rates(self, settings):
        settings.API_RATE, settings.API_GATEWAY_RATE = 3, 5

    def test_a_token_that_asks_too_often_is_told_when_to_come_again(self, script, time_machine):
        assert [script.get("me").status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = script.get("me")
        assert answer["Content-Type"] == MEDIA_TYPE
        told, wait = answer.json(), int(answer["Retry-After"])
        assert told["type"] == "urn:pursestrings:too-many-requests"
        assert told["detail"] == f"At most 3 requests a minute. Ask again in {wait} s."
        assert 1 <= wait <= 60
        time_machine.move_to(NOW + timedelta(seconds=wait - 1), tick=False)
        again = script.get("me")
        assert (again.status_code, again["Retry-After"]) == (429, "1")
        time_machine.move_to(NOW + timedelta(seconds=wait), tick=False)
        assert script.get("me").status_code == 200

    def test_the_wait_is_true_at_every_second_of_the_minute(self, ann, time_machine):
        for second in range(0, 60, 7):
            start = NOW + timedelta(hours=second, seconds=second)
            time_machine.move_to(start, tick=False)
            script = program(ann)
            answers = [script.get("me") for _ in range(4)]
            wait = int(answers[-1]["Retry-After"])
            time_machine.move_to(start + timedelta(seconds=wait), tick=False)
            assert script.get("me").status_code == 200

    def test_other_tokens_and_sessions_go_on(self, client, ann, script):
        for _ in range(4):
            script.get("me")
        assert program(ann).get("me").status_code == 200
        client.force_login(ann)
        assert client.get(ME).status_code == 200

    def test_a_gateway_may_ask_more_often(self):
        gateway = program(UserFactory(administrator=True), for_others=True)
        assert [gateway.get("me").status_code for _ in range(6)] == [200] * 5 + [429]

    def test_a_refused_request_does_no_work(self, script, django_assert_num_queries):
        for _ in range(3):
            script.get("me")
        with django_assert_num_queries(1):
            assert script.get("me").status_code == 429

    @pytest.mark.parametrize("method", ["add", "incr"])
    def test_where_the_cache_fails_everybody_is_let_in_and_the_log_says_so(
        self, script, monkeypatch, caplog, method
    ):
        def fail(*args, **kwargs):
            raise ConnectionError("cache.example:6379 is away")

        monkeypatch.setattr(cache, method, fail)
        with caplog.at_level("WARNING", "people.programs.callers"):
            assert [script.get("me").status_code for _ in range(5)] == [200] * 5
        said = [record.getMessage() for record in caplog.records]
        assert "requests are not counted: ConnectionError" in said

    def test_where_the_cache_forgets_at_once_everybody_is_let_in(self, script, monkeypatch):
        monkeypatch.setattr(cache, "add", lambda *args: False)
        assert [script.get("me").status_code for _ in range(5)] == [200] * 5


def test_whoever_asks_is_known_to_the_operation(ann, script):
    request: HttpRequest = RequestFactory().get(ME, headers=script.headers)
    token, _ = may(Scope.READ)
    # The zone of whoever asks stays until the middleware, which is not here, puts it back.
    with timezone.override(None):
        assert token(request) == Caller(ann, script.token)
