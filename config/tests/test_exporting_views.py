"""What a member downloads: theirs, whole, under a name that tells whose and of when."""

import gc
import io
import json
import resource
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from secrets import token_hex
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.db import connection
from django.http import FileResponse
from django.test import Client
from django.urls import reverse

from config.exporting.scopes import Member
from config.portable import tables
from config.tests.exports import NOW, json_of, small, zip_of
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Purchase, Tag
from purchases.tests.factories import PurchaseFactory, viewer_of

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]
JSON, ZIP = "data:export_json", "data:export_zip"


@pytest.fixture(autouse=True)
def _small(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    small()


@pytest.fixture
def ann(client: Client) -> User:
    user = User.objects.get(username="ann")
    client.force_login(user)
    user.refresh_from_db()
    return user


def body_of(answer: FileResponse) -> bytes:
    assert answer.status_code == 200
    assert answer.streaming
    body = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(body)
    return body


def test_json(client, ann):
    answer = client.get(reverse(JSON))
    assert body_of(answer).decode() == json_of(Member(viewer_of(ann)))
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == (
        'attachment; filename="pursestrings-ann-2026-07-15.json"'
    )
    assert answer["Cache-Control"] == "private, no-store"


def test_zip(client, ann):
    answer = client.get(reverse(ZIP))
    packed = body_of(answer)
    assert packed == zip_of(Member(viewer_of(ann)))
    with ZipFile(io.BytesIO(packed)) as found:
        assert found.testzip() is None
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == (
        'attachment; filename="pursestrings-ann-2026-07-15.zip"'
    )
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", [JSON, ZIP])
def test_an_administrator_gets_their_own_too(client, ann, name):
    PurchaseFactory(name="Of somebody else", shared=True)
    assert ann.is_superuser
    assert b"Of somebody else" not in body_of(client.get(reverse(JSON)))
    assert json.loads(body_of(client.get(reverse(JSON))))["scope"] == "member"


@pytest.mark.parametrize("name", [JSON, ZIP])
def test_who_is_not_signed_in_signs_in_first(client, name):
    answer = client.get(reverse(name))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/")


@pytest.mark.parametrize("name", [JSON, ZIP])
def test_it_is_for_reading_alone(client, ann, name):
    assert client.post(reverse(name)).status_code == 405


def test_the_day_is_that_of_the_member_and_the_name_any(client):
    user = UserFactory(username="jörg@home", timezone="Pacific/Kiritimati")
    client.force_login(user)
    answer = client.get(reverse(JSON))
    assert body_of(answer)
    said = answer["Content-Disposition"]
    assert said.startswith("attachment; filename*=utf-8''pursestrings-j%C3%B6rg%40home-2026-07-16")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let every file that is written be full at so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def moments_held() -> int:
    """Return how many connections read of a moment that is over."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state LIKE 'idle in transaction%'"
            )
            return cursor.fetchone()[0]
    Tag.objects.create(name="new", key="new")  # or there is nothing to wait for
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone()
    connection.close()
    return busy


@pytest.mark.parametrize("name", [JSON, ZIP])
@pytest.mark.django_db(transaction=True)
class TestBesideOthers:
    def test_the_moment_is_over_before_anything_is_sent(self, client, ann, name):
        said = json_of(Member(viewer_of(ann))) if name == JSON else zip_of(Member(viewer_of(ann)))
        answer = client.get(reverse(name))
        assert moments_held() == 0
        Purchase.objects.all().delete()
        assert body_of(answer) == (said.encode() if name == JSON else said)

    def test_a_full_disk_is_told_and_holds_nothing(self, client, ann, name):
        PurchaseFactory.create_batch(20, owner=ann, notes="x" * 1_000)
        with files_of_at_most(1):
            answer = client.get(reverse(name))
        assert answer.status_code == 507
        assert answer.content == b"The file was not made. There is no room left on the disk.\n"
        assert moments_held() == 0


@pytest.mark.parametrize("name", [JSON, ZIP])
def test_ten_times_as_many_purchases_need_no_more_memory(client, ann, name, monkeypatch):
    monkeypatch.setattr(tables, "CHUNK", 50)

    def peak() -> int:
        gc.collect()
        tracemalloc.start()
        try:
            answer = client.get(reverse(name))
            for _ in answer.streaming_content:
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    for _ in range(100):
        PurchaseFactory(owner=ann, notes=token_hex(1_000))
    peak()
    few = peak()
    again = list(Purchase.objects.exclude(notes=""))
    for number in range(900):
        one = again[number % 100]
        one.pk, one.uid, one.notes = None, uuid4(), token_hex(1_000)
        again.append(copy(one))
    Purchase.objects.bulk_create(again[100:])
    del again, one
    assert peak() / few <= 1.3
