"""Tokens in the console: who has which, and ending them."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import tokens
from people.models import Answer, ApiToken, Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import program

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
PLACE = "/admin/people/apitoken/"

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def root() -> User:
    return UserFactory(username="root", administrator=True)


@pytest.fixture
def console(client: Client, root: User) -> Client:
    client.force_login(root)
    return client


def mint(name: str = "Script", **about) -> ApiToken:
    values = {"scopes": [Scope.READ], "now": NOW, "user": UserFactory(), **about}
    return tokens.mint(name=name, **values).token


def page_of(client: Client, path: str = PLACE, **asked: str) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def act(client: Client, *chosen: ApiToken, **more: str):
    keys = [token.pk for token in chosen]
    data = {"action": "revoke", "index": "0", "_selected_action": keys, **more}
    return client.post(PLACE, data, follow=True)


class TestTheList:
    def test_says_who_has_which_token_and_when_it_was_last_used(self, console):
        script = program(UserFactory(username="ann"), Scope.READ, Scope.SPEND)
        script.get("me")
        page = page_of(console)
        for words in ("Program 1", f"{script.token.prefix}…", "ann", "Read, Spend", "Live"):
            assert words in page
        assert "July 15, 2026, noon" in page
        assert script.secret not in page
        assert script.token.digest not in page

    def test_marks_those_that_spend_for_others(self, console, root):
        mint(user=root, scopes=[Scope.SPEND])
        assert "<strong>for others</strong>" not in page_of(console)
        mint("Gateway", user=root, scopes=list(Scope), for_others=True)
        assert page_of(console).count("Read, Spend <strong>for others</strong>, Manage") == 1

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ({"q": "LAPTOP"}, {"Laptop"}),
            ({"q": "ann"}, {"Laptop"}),
            ({"state": "live"}, {"Laptop", "Gateway"}),
            ({"state": "ended"}, {"Old"}),
            ({"for_others__exact": "1"}, {"Gateway"}),
        ],
    )
    def test_is_searched_and_filtered(self, console, root, asked, shown):
        mint("Laptop", user=UserFactory(username="ann"))
        mint("Old", expires_at=NOW)
        mint("Gateway", user=root, scopes=[Scope.SPEND], for_others=True)
        page = page_of(console, **asked)
        assert {name for name in ("Laptop", "Old", "Gateway") if f">{name}<" in page} == shown

    def test_asks_as_much_for_three_as_for_twelve(self, console):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page_of(console)
            return len(asked)

        for _ in range(3):
            mint()
        three = queries()
        for _ in range(9):
            mint()
        assert queries() == three

    def test_a_token_is_read_and_never_changed_added_or_deleted(self, console):
        token = mint(expires_at=NOW + timedelta(days=1))
        page = page_of(console, f"{PLACE}{token.pk}/change/")
        assert token.prefix in page
        assert token.digest not in page
        assert 'type="submit" value="Save"' not in page
        assert console.post(f"{PLACE}{token.pk}/change/", {"name": "x"}).status_code == 403
        assert console.get(f"{PLACE}add/").status_code == 403
        assert console.post(f"{PLACE}{token.pk}/delete/", {"post": "yes"}).status_code == 403
        assert ApiToken.objects.get().name == "Script"

    def test_members_do_not_see_it(self, client):
        client.force_login(UserFactory())
        assert client.get(PLACE).status_code == 403


class TestRevoking:
    def test_asks_first(self, console):
        token = mint(user=UserFactory(username="ann"))
        page = unescape(act(console, token).content.decode())
        assert "Programs that use it will be refused at once." in page
        assert str(token) in page
        assert "ann" in page
        assert ApiToken.objects.get().revoked_at is None

    def test_ends_those_that_were_chosen_and_keeps_a_record(self, console, root):
        script, laptop, other = mint("Script"), mint("Laptop"), mint("Other")
        page = unescape(act(console, script, laptop, apply="yes").content.decode())
        assert "Revoked: " in page
        assert set(ApiToken.objects.live(NOW)) == {other}
        logged = LogEntry.objects.all()
        assert {(entry.user, entry.object_id, entry.change_message) for entry in logged} == {
            (root, f"{token.pk}", "Revoked.") for token in (script, laptop)
        }

    def test_leaves_those_that_ended_before_as_they_were(self, console):
        token = mint()
        tokens.revoke(token, now=NOW - timedelta(days=1))
        page = act(console, token, apply="yes").content.decode()
        assert "None of these opens anything any more." in page
        assert ApiToken.objects.get().revoked_at == NOW - timedelta(days=1)


class TestDeletingAMember:
    def test_takes_tokens_and_answers_along_without_reading_them_one_by_one(self, console):
        ann = UserFactory(username="ann")
        for number in range(3):
            mint(f"Script {number}", user=ann)
            Answer.objects.create(user=ann, key=f"{number}", status=200, body="{}", created_at=NOW)
        place = f"/admin/people/user/{ann.pk}/delete/"
        assert "Script 0" not in page_of(console, place)
        assert console.post(place, {"post": "yes"}).status_code == 302
        assert not User.objects.filter(username="ann").exists()
        assert not ApiToken.objects.exists()
        assert not Answer.objects.exists()


def test_answers_are_in_no_list(console):
    assert "answer" not in page_of(console, "/admin/").lower()
