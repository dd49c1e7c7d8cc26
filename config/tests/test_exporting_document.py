"""Everything as JSON: in one format, of one moment, in any size."""

import gc
import json
import tracemalloc
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budgets.tests.threads import together
from config.exporting.archives import archive
from config.exporting.documents import document
from config.exporting.scopes import LEFT_OUT, ORDER, Everything, Member, Scope, exported
from config.exporting.versions import VERSION
from config.portable.tables import tables
from config.tests.exports import NOW, json_of, rows_of, small
from people import tokens
from people.models import Answer, User
from people.models import Scope as Right
from people.tests.factories import UserFactory
from purchases.models import CalendarFeed, Purchase, Tag
from purchases.tests.factories import PurchaseFactory, viewer_of

pytestmark = pytest.mark.django_db

GOLDEN = Path(__file__).parent / "golden" / f"export-{VERSION}.json"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def buy_many(owner: User, count: int) -> None:
    """Write down purchases with long notes, as they are stored."""
    known = Purchase.objects.count()
    Purchase.objects.bulk_create(
        Purchase(
            owner=owner,
            name=f"Thing {number}",
            price=Decimal(5),
            amount=Decimal(5),
            purchased_on=NOW.date() - timedelta(days=number % 900),
            notes="x" * 100,
            created_at=NOW,
            changed_at=NOW,
        )
        for number in range(known, count)
    )


def peak_of(pieces) -> int:
    """Return how much memory it took at most to go through `pieces`."""
    gc.collect()
    tracemalloc.start()
    try:
        for _ in pieces:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestTheFormat:
    def test_is_the_one_of_this_version(self):
        """Whoever changes it makes another version, and reads this one still."""
        small()
        assert json_of() == GOLDEN.read_text(encoding="utf-8")

    def test_has_every_table_with_rows_in_its_golden_file(self):
        kept = json.loads(GOLDEN.read_text(encoding="utf-8"))["tables"]
        assert list(kept) == list(ORDER)
        assert [name for name, rows in kept.items() if not rows] == []

    def test_every_table_is_either_in_it_or_left_out_on_purpose(self):
        assert {table.name for table in tables()} == {*ORDER, *LEFT_OUT}
        assert not LEFT_OUT & set(ORDER)
        assert [table.name for table in exported()] == list(ORDER)

    def test_an_empty_installation_is_a_document_too(self):
        said = json.loads(json_of())
        assert list(said) == [
            *("format", "version", "made_at", "scope", "base_currency", "tables", "counts")
        ]
        assert set(said["counts"].values()) == {0}
        assert set(map(len, said["tables"].values())) == {0}

    def test_counts_its_rows_at_the_end(self):
        small()
        said = json.loads(json_of())
        assert said["counts"] == {name: len(rows) for name, rows in said["tables"].items()}
        assert said["counts"]["people.User"] == 2

    def test_what_is_pointed_at_comes_first(self):
        places = {table.model: place for place, table in enumerate(exported())}
        for table in exported():
            for field in table.fields:
                if field.related_model and field.related_model is not table.model:
                    assert places[field.related_model] < places[table.model], field

    def test_is_told_in_pieces_that_are_never_empty(self):
        owner = UserFactory()
        buy_many(owner, 300)
        pieces = list(document(Everything(), now=NOW))
        assert len(pieces) > 2
        assert all(pieces)


class TestSecrets:
    def test_no_password_no_secret_address_and_no_token_is_in_it(self):
        user = UserFactory(password="open sesame")
        hashed = User.objects.get().password
        CalendarFeed.objects.create(user=user, key_hash="feed" * 16, made_at=NOW)
        minted = tokens.mint(user=user, name="Backdoor", scopes=[Right.READ], now=NOW)
        Answer.objects.create(user=user, key="akey", status=200, body="told", created_at=NOW)
        for scope in (Everything(), Member(viewer_of(user))):
            text = json_of(scope)
            assert hashed not in text
            assert "feedfeed" not in text
            assert minted.token.digest not in text
            assert not {word for word in ("Backdoor", "akey", "told") if f'"{word}"' in text}
            assert rows_of(text, "people.User")[0]["password"] == ""


class TestOneMoment:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_what_is_written_meanwhile_is_not_in_it(self):
        owner = UserFactory()
        buy_many(owner, 300)
        pieces = document(Everything(), now=timezone.now())
        text = next(pieces)  # the users are read, the purchases are not
        assert '"name":"Thing 299"' not in text
        assert together([lambda: Tag.objects.create(name="late", key="late")]) != []
        Purchase.objects.filter(name="Thing 299").delete()
        text += "".join(pieces)
        assert len(rows_of(text, "purchases.Purchase")) == 300
        assert rows_of(text, "purchases.Tag") == []

    def test_nobody_waits_while_it_is_written(self):
        UserFactory()
        pieces = document(Everything(), now=timezone.now())
        next(pieces)
        assert isinstance(together([lambda: Tag.objects.create(name="a", key="a")])[0], Tag)
        pieces.close()


class TestSize:
    def test_more_purchases_cost_no_more_queries(self):
        owner = UserFactory()

        def queries(scope: Scope) -> int:
            with CaptureQueriesContext(connection) as asked:
                json_of(scope)
            return len(asked)

        scopes = (Everything(), Member(viewer_of(owner)))
        PurchaseFactory.create_batch(10, owner=owner)
        ten = [queries(scope) for scope in scopes]
        PurchaseFactory.create_batch(10, owner=owner)
        assert [queries(scope) for scope in scopes] == ten

    def test_ten_times_as_many_purchases_need_no_more_memory(self, monkeypatch):
        monkeypatch.setattr("config.portable.tables.CHUNK", 200)
        owner = UserFactory()
        scopes = (Everything(), Member(viewer_of(owner)))

        def peaks() -> list[int]:
            return [
                *(peak_of(document(scope, now=NOW)) for scope in scopes),
                peak_of(archive(Everything(), now=NOW)),
            ]

        buy_many(owner, 200)
        peaks()
        few = peaks()
        buy_many(owner, 2_000)
        ratios = [round(many / small, 2) for many, small in zip(peaks(), few, strict=True)]
        assert max(ratios) <= 1.3, ratios
