"""Tokens coming into being, opening doors and ending."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from people import tokens
from people.models import ApiToken, Scope
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def ann():
    return UserFactory(username="ann")


def mint(user, *scopes, **about) -> tokens.Minted:
    values = {"name": "Script", "scopes": scopes or [Scope.READ], "now": NOW, **about}
    return tokens.mint(user=user, **values)


class TestANewToken:
    def test_is_known_by_its_beginning_and_kept_as_a_hash_alone(self, ann):
        minted = mint(ann)
        stored = ApiToken.objects.values().get()
        assert minted.secret.startswith(stored["prefix"])
        assert stored["prefix"].startswith("ps_")
        assert len(stored["prefix"]) == 11
        assert stored["digest"] == sha256(minted.secret.encode()).hexdigest()
        assert minted.secret not in str(stored)

    def test_has_256_bits_that_nobody_else_has(self, ann):
        secrets = {mint(ann, name=f"{number}").secret for number in range(5)}
        assert len(secrets) == 5
        assert {len(secret) for secret in secrets} == {3 + 43}

    def test_may_do_what_it_is_given_and_no_more(self, ann):
        token = mint(ann, Scope.READ, Scope.SPEND).token
        assert token.scopes == [Scope.READ, Scope.SPEND]
        assert not token.has(Scope.MANAGE)

    def test_that_may_do_nothing_is_none(self, ann):
        with pytest.raises(IntegrityError), transaction.atomic():
            tokens.mint(user=ann, name="Idle", scopes=[], now=NOW)

    def test_spends_on_behalf_of_others_by_will_of_an_administrator_alone(self, ann):
        with pytest.raises(tokens.NotForOthers):
            mint(ann, Scope.SPEND, for_others=True)
        root = UserFactory(administrator=True)
        assert mint(root, Scope.SPEND, for_others=True).token.for_others

    def test_asks_whether_its_owner_is_an_administrator_now(self):
        root = UserFactory(administrator=True)
        type(root).objects.filter(pk=root.pk).update(is_staff=False)
        with pytest.raises(tokens.NotForOthers):
            mint(root, Scope.SPEND, for_others=True)

    def test_that_does_not_spend_spends_for_nobody_else(self):
        root = UserFactory(administrator=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            mint(root, Scope.READ, for_others=True)

    def test_is_one_of_fifty_at_most_that_are_live(self, ann, monkeypatch):
        monkeypatch.setattr(tokens, "MOST", 2)
        mint(ann, expires_at=NOW)
        first = mint(ann, name="First").token
        mint(ann, name="Second")
        with pytest.raises(tokens.TooMany):
            mint(ann, name="Third")
        mint(UserFactory())
        tokens.revoke(first, now=NOW)
        mint(ann, name="Third")

    def test_has_a_name_that_no_other_live_one_of_its_owner_has(self, ann):
        first = mint(ann).token
        with pytest.raises(tokens.NameTaken) as refusal:
            mint(ann)
        assert refusal.value.token == first
        mint(UserFactory())
        tokens.revoke(first, now=NOW)
        mint(ann, expires_at=NOW)
        mint(ann)

    @pytest.mark.parametrize(
        ("scopes", "for_others", "words"),
        [
            ([Scope.READ], False, "read"),
            ([Scope.MANAGE, Scope.READ], False, "read and manage"),
            (list(Scope), False, "read, spend and manage"),
            (list(Scope), True, "read, spend on behalf of others, and manage"),
            ([Scope.READ, Scope.SPEND], True, "read, and spend on behalf of others"),
            ([Scope.SPEND], True, "spend on behalf of others"),
        ],
    )
    def test_says_in_words_what_it_may(self, scopes, for_others, words):
        root = UserFactory(administrator=True)
        assert mint(root, *scopes, for_others=for_others).token.rights == words


class TestFinding:
    def test_the_secret_finds_its_token_with_its_owner(self, ann):
        minted = mint(ann)
        with CaptureQueriesContext(connection) as asked:
            found = tokens.find(minted.secret, now=NOW)
            assert found.user.username == "ann"
        assert found == minted.token
        assert len(asked) == 1

    @pytest.mark.parametrize(
        "wrong", ["", "ps_", "ps_" + "a" * 43, "\ud800", "\0", "é", " ", "x" * 10_000]
    )
    def test_another_finds_none(self, ann, wrong):
        mint(ann)
        assert tokens.find(wrong, now=NOW) is None

    def test_neither_the_beginning_nor_the_hash_opens_anything(self, ann):
        token = mint(ann).token
        assert tokens.find(token.prefix, now=NOW) is None
        assert tokens.find(token.digest, now=NOW) is None

    def test_it_ends_at_its_very_moment(self, ann):
        minted = mint(ann, expires_at=NOW + timedelta(days=1))
        assert tokens.find(minted.secret, now=NOW + timedelta(hours=23, minutes=59))
        assert tokens.find(minted.secret, now=NOW + timedelta(days=1)) is None

    def test_a_revoked_one_opens_nothing(self, ann):
        minted = mint(ann)
        tokens.revoke(minted.token, now=NOW)
        assert tokens.find(minted.secret, now=NOW) is None

    def test_one_of_somebody_who_is_shut_out_opens_nothing(self, ann):
        minted = mint(ann)
        type(ann).objects.update(is_active=False)
        assert tokens.find(minted.secret, now=NOW) is None


class TestLiveAndEnded:
    def test_each_is_one_or_the_other(self, ann):
        later = NOW + timedelta(seconds=1)
        live = {mint(ann, name="a").token, mint(ann, name="b", expires_at=later).token}
        ended = {mint(ann, expires_at=NOW).token, mint(ann, name="c").token}
        both = mint(ann, expires_at=NOW).token
        for token in (both, max(ended, key=lambda token: token.pk)):
            tokens.revoke(token, now=NOW)
        assert set(ApiToken.objects.live(NOW)) == live
        assert set(ApiToken.objects.ended(NOW)) == ended | {both}
        for token in ApiToken.objects.all():
            assert token.is_live(NOW) is (token in live)

    def test_revoking_twice_keeps_the_first_moment(self, ann):
        token = mint(ann).token
        tokens.revoke(token, now=NOW)
        tokens.revoke(token, now=NOW + timedelta(days=1))
        token.refresh_from_db()
        assert token.revoked_at == NOW


class TestTheLastUse:
    @pytest.mark.parametrize(
        ("later", "writes"),
        [(timedelta(seconds=59), 0), (timedelta(minutes=1), 1), (timedelta(days=9), 1)],
    )
    def test_is_written_once_a_minute(self, ann, django_assert_num_queries, later, writes):
        token = mint(ann).token
        tokens.note_use(token, now=NOW)
        token.refresh_from_db()
        assert token.last_used_at == NOW
        with django_assert_num_queries(writes):
            tokens.note_use(token, now=NOW + later)


def test_tokens_go_with_their_owner(ann):
    mint(ann)
    other = mint(UserFactory()).token
    ann.delete()
    assert list(ApiToken.objects.all()) == [other]
