"""The pages of one's own tokens: the list, a new one, its secret shown once, and revoking."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import tokens
from people.models import ApiToken, Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import program

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
PAGE = "/account/tokens/"
ADD = "/account/tokens/add/"
TYPED = {"name": "Script", "may_read": "on", "lasting": "90"}

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def root() -> User:
    return UserFactory(username="root", administrator=True)


def mint(user: User, name: str = "Script", **about) -> ApiToken:
    values = {"scopes": [Scope.READ], "now": NOW, **about}
    return tokens.mint(user=user, name=name, **values).token


def page_of(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def errors_of(answer) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return answer.context["form"].errors


class TestTheList:
    def test_the_account_leads_to_it(self, member):
        assert f'href="{PAGE}"' in page_of(member, "/account/")

    def test_without_tokens_it_offers_to_create_one(self, member):
        page = page_of(member)
        assert "You have no tokens." in page
        assert page.count(f'href="{ADD}"') == 1

    def test_tells_what_is_known_of_a_token_and_never_the_secret(self, member, ann):
        minted = tokens.mint(
            user=ann, name="Laptop", scopes=list(Scope), now=NOW, expires_at=NOW + timedelta(90)
        )
        ApiToken.objects.update(last_used_at=NOW - timedelta(hours=1))
        page = page_of(member)
        assert "<bdi>Laptop</bdi>" in page
        assert f"<code>{minted.token.prefix}…</code> may read, spend and manage" in page
        assert "Created Jul 15, 2026, 12:00 PM" in page
        assert "last used Jul 15, 2026, 11:00 AM" in page
        assert "until Oct 13, 2026, 12:00 PM" in page
        assert minted.secret not in page
        assert minted.token.digest not in page

    @pytest.mark.parametrize(
        ("about", "words"),
        [
            ({}, 'Live</span> <span class="small muted">until you revoke it'),
            ({"expires_at": NOW + timedelta(days=7)}, "Ends soon"),
            ({"expires_at": NOW + timedelta(days=7, seconds=1)}, "Live"),
            ({"expires_at": NOW}, "Expired"),
            ({"revoked_at": NOW}, "Revoked"),
            ({"revoked_at": NOW, "expires_at": NOW}, "Revoked"),
        ],
    )
    def test_says_how_a_token_stands(self, member, ann, about, words):
        mint(ann)
        ApiToken.objects.update(**about)
        page = page_of(member)
        assert words in page
        assert ("Revoke…" in page) is ("Live" in words or "soon" in words)

    def test_shows_the_live_ones_first(self, member, ann):
        mint(ann, "Old but live")
        tokens.revoke(mint(ann, "New but gone"), now=NOW)
        page = page_of(member)
        assert page.index("Old but live") < page.index("Ended") < page.index("New but gone")

    def test_is_of_ones_own_tokens(self, member):
        mint(UserFactory(), "Of somebody else")
        assert "Of somebody else" not in page_of(member)

    def test_names_are_never_markup(self, member, ann):
        mint(ann, "<b>Bold</b>")
        assert b"<b>Bold" not in member.get(PAGE).content

    def test_tells_who_is_no_administrator_any_more_what_becomes_of_their_gateway(
        self, client, root
    ):
        mint(root, scopes=[Scope.SPEND], for_others=True)
        client.force_login(root)
        assert "may spend on behalf of others" in page_of(client)
        assert "for you alone now" not in page_of(client)
        User.objects.filter(pk=root.pk).update(is_staff=False)
        assert "It spends for you alone now" in page_of(client)

    def test_asks_as_much_for_three_as_for_thirty(self, member, ann):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page_of(member)
            return len(asked)

        def more(count: int) -> None:
            for _ in range(count):
                mint(ann, f"Script {ApiToken.objects.count()}")
                tokens.revoke(mint(ann), now=NOW)

        more(3)
        three = queries()
        more(27)
        assert queries() == three
        assert "1–20 of 30 tokens that ended" in page_of(member)
        assert "21–30 of 30" in page_of(member, f"{PAGE}?page=2")


class TestCreating:
    def test_offers_to_read_for_90_days_and_nothing_more(self, member):
        form = member.get(ADD).context["form"]
        ticked = [bound.name for bound in form if bound.value() is True]
        assert ticked == ["may_read"]
        assert form["lasting"].value() == "90"

    def test_makes_a_token_whose_secret_opens_the_api(self, member, ann):
        answer = member.post(ADD, TYPED | {"may_spend": "on"})
        secret = answer.context["secret"]
        token = ApiToken.objects.get()
        assert (token.user, token.name, token.scopes) == (ann, "Script", [Scope.READ, Scope.SPEND])
        asked = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
        assert asked.json()["username"] == "ann"

    def test_shows_the_secret_in_this_one_answer_and_nowhere_else(self, member):
        answer = member.post(ADD, TYPED)
        secret = answer.context["secret"]
        assert answer.status_code == 200
        assert f">{secret}</textarea>" in answer.content.decode()
        assert answer.content.decode().count(secret) == 1
        assert "no-store" in answer["Cache-Control"]
        assert secret not in str(dict(answer.items()))
        assert secret not in str(dict(member.session))
        assert secret not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
        for path in (PAGE, ADD, "/account/"):
            assert secret not in page_of(member, path)

    def test_shows_how_to_try_it_without_putting_it_into_a_history(self, member):
        page = unescape(member.post(ADD, TYPED).content.decode())
        assert "read -rs TOKEN\n" in page
        assert 'curl -H "Authorization: Bearer $TOKEN" http://testserver/api/v1/me' in page

    def test_shows_no_way_to_try_what_it_may_not_do(self, member):
        typed = {"name": "Script", "may_spend": "on", "lasting": "90"}
        assert "Try it" not in member.post(ADD, typed).content.decode()

    def test_sending_the_form_again_makes_no_second_token(self, member):
        member.post(ADD, TYPED)
        answer = member.post(ADD, TYPED)
        token = ApiToken.objects.get()
        words = (
            "You made “<bdi>Script</bdi>” a moment ago. If you did not copy it,"
            f' <a href="{PAGE}{token.pk}/revoke/">revoke it</a> and create another.'
        )
        assert errors_of(answer) == {"name": [words]}
        page = answer.content.decode()
        assert f'<a href="{PAGE}{token.pk}/revoke/">revoke it</a>' in page
        assert "Not created" not in page

    def test_a_name_told_to_be_taken_a_moment_ago_is_never_markup(self, member):
        typed = TYPED | {"name": "<b>Bold</b>"}
        member.post(ADD, typed)
        assert b"<b>Bold" not in member.post(ADD, typed).content

    def test_the_name_of_an_older_token_is_refused(self, member, ann):
        mint(ann, now=NOW - timedelta(minutes=10))
        answer = member.post(ADD, TYPED)
        assert errors_of(answer) == {"name": ["You have a token of this name. Choose another one."]}
        assert "Not created" in answer.content.decode()
        assert ApiToken.objects.count() == 1

    def test_two_wrong_fields_are_each_told_where_they_stand(self, member):
        assert errors_of(member.post(ADD, {"lasting": "90"})) == {
            "name": ["Give it a name."],
            "may_read": ["Choose at least one thing that the token may do."],
        }

    def test_a_name_is_free_again_when_its_token_ended_and_is_nobody_elses_business(
        self, member, ann
    ):
        mint(UserFactory())
        tokens.revoke(mint(ann), now=NOW)
        assert member.post(ADD, TYPED).status_code == 200

    @pytest.mark.parametrize(
        ("changed", "field", "message"),
        [
            ({"name": ""}, "name", "Give it a name."),
            ({"name": "  "}, "name", "Give it a name."),
            ({"name": "a\0"}, "name", "Null characters are not allowed."),
            (
                {"name": "a" * 101},
                "name",
                "Ensure this value has at most 100 characters (it has 101).",
            ),
            ({"may_read": ""}, "may_read", "Choose at least one thing that the token may do."),
            ({"lasting": ""}, "lasting", "This field is required."),
            (
                {"lasting": "31"},
                "lasting",
                "Select a valid choice. 31 is not one of the available choices.",
            ),
            ({"lasting": "day"}, "last_day", "Choose a day."),
            ({"lasting": "day", "last_day": "soon"}, "last_day", "Enter a valid date."),
            ({"lasting": "day", "last_day": "2026-07-14"}, "last_day", "This day has passed."),
            (
                {"lasting": "day", "last_day": "2036-07-13"},
                "last_day",
                "Choose a day in the next ten years.",
            ),
            (
                {"lasting": "day", "last_day": "9999-12-31"},
                "last_day",
                "Choose a day in the next ten years.",
            ),
        ],
    )
    def test_one_wrong_field_is_told_and_nothing_is_made(self, member, changed, field, message):
        typed = {name: value for name, value in (TYPED | changed).items() if value or name != "x"}
        if typed["name"] != "" and not typed["may_read"]:
            del typed["may_read"]
        assert errors_of(member.post(ADD, typed)) == {field: [message]}
        assert ApiToken.objects.count() == 0

    @pytest.mark.parametrize(
        ("lasting", "last_day", "ends"),
        [
            ("30", "", NOW + timedelta(days=30)),
            ("365", "", NOW + timedelta(days=365)),
            ("never", "", None),
            # A day that is not shown is not looked at.
            ("never", "1999-01-01", None),
            ("90", "nonsense", NOW + timedelta(days=90)),
            # Tokyo's 16 July begins at 15:00 UTC.
            ("day", "2026-07-15", datetime(2026, 7, 15, 15, tzinfo=UTC)),
            ("day", "2036-07-12", datetime(2036, 7, 12, 15, tzinfo=UTC)),
        ],
    )
    def test_it_ends_when_it_is_said_to(self, client, lasting, last_day, ends):
        client.force_login(UserFactory(timezone="Asia/Tokyo"))
        client.post(ADD, TYPED | {"lasting": lasting, "last_day": last_day})
        assert ApiToken.objects.get().expires_at == ends

    def test_the_fifty_first_is_refused_with_what_to_do(self, member, ann, monkeypatch):
        monkeypatch.setattr(tokens, "MOST", 1)
        mint(ann, "Other")
        assert errors_of(member.post(ADD, TYPED)) == {
            "__all__": ["You have 1 tokens. Revoke one that is not needed."]
        }


class TestSpendingOnBehalfOfOthers:
    TYPED = TYPED | {"may_spend": "on", "for_others": "on"}

    def test_is_offered_to_administrators_with_a_warning(self, client, root):
        client.force_login(root)
        assert "can spend from every member’s budget" in page_of(client, ADD)
        client.post(ADD, self.TYPED)
        assert ApiToken.objects.get().for_others

    def test_is_not_offered_to_members_and_not_taken_from_them(self, member):
        assert "on behalf of others" not in page_of(member, ADD)
        member.post(ADD, self.TYPED)
        assert not ApiToken.objects.get().for_others

    def test_takes_the_right_to_spend(self, client, root):
        client.force_login(root)
        typed = TYPED | {"for_others": "on"}
        assert errors_of(client.post(ADD, typed)) == {
            "may_spend": ["To spend on behalf of others it must be able to spend."]
        }

    def test_ends_for_whoever_is_no_administrator_any_more(self, root):
        gateway = program(root, Scope.READ, Scope.SPEND, for_others=True)
        assert gateway.get("me").json()["spends_for_others"] is True
        User.objects.filter(pk=root.pk).update(is_staff=False)
        assert gateway.get("me").json()["spends_for_others"] is False


class TestRevoking:
    def test_asks_first_and_says_what_it_means(self, member, ann):
        token = mint(ann)
        page = page_of(member, f"{PAGE}{token.pk}/revoke/")
        assert f"<code>{token.prefix}…</code> will be refused at once. It was never used." in page
        assert token.is_live(NOW)
        token.refresh_from_db()
        assert token.revoked_at is None

    def test_ends_the_token_at_once(self, member, ann):
        script = program(ann)
        answer = member.post(f"{PAGE}{script.token.pk}/revoke/", follow=True)
        assert answer.redirect_chain == [(PAGE, 302)]
        assert "“Program 1” is revoked." in unescape(answer.content.decode())
        assert script.get("me").status_code == 401

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_one_that_ended_is_told_to_have_ended(self, member, ann, method):
        token = mint(ann, expires_at=NOW)
        answer = getattr(member, method)(f"{PAGE}{token.pk}/revoke/", follow=True)
        assert "opens nothing any more already" in unescape(answer.content.decode())
        token.refresh_from_db()
        assert token.revoked_at is None

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_somebody_elses_is_not_there_not_for_an_administrator_either(
        self, client, root, ann, method
    ):
        token = mint(ann)
        client.force_login(root)
        answer = getattr(client, method)(f"{PAGE}{token.pk}/revoke/")
        assert answer.status_code == 404
        token.refresh_from_db()
        assert token.revoked_at is None


@pytest.mark.parametrize(
    ("path", "method"),
    [(PAGE, "post"), (PAGE, "delete"), (ADD, "put"), (f"{PAGE}1/revoke/", "delete")],
)
def test_any_other_method_is_refused(member, path, method):
    assert getattr(member, method)(path).status_code == 405
