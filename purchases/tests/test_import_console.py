"""Imports in the console: how far they are, and nothing of what they hold."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import User
from people.tests.factories import UserFactory
from purchases.models import ImportBatch, ImportPreset
from purchases.tests.factories import NOW
from purchases.tests.statements import begun, recorded, statement
from purchases.tests.test_import_presets import preset_of

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

LIST = "/admin/purchases/importbatch/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def root(client: Client) -> User:
    user = UserFactory(administrator=True)
    client.force_login(user)
    return user


def test_they_tell_how_far_they_are(client, root):
    batch = recorded(UserFactory(username="ben"), statement("05.02.2026;Secret;x;-3,45"))
    page = client.get(LIST).content.decode()
    for words in ("umsatz.csv", "ben", "Recorded"):
        assert words in page
    form = client.get(f"{LIST}{batch.pk}/change/").content.decode()
    for shown in (page, form):
        assert "Secret" not in shown
        assert "Buchungstag" not in shown


def test_they_cannot_be_changed_or_deleted(client, root):
    batch = begun(root, statement("05.02.2026;Kiosk;x;-3,45"))
    assert client.get(f"{LIST}{batch.pk}/delete/").status_code == 403
    assert client.post(f"{LIST}{batch.pk}/change/", {"name": "x"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert ImportBatch.objects.get().name == "umsatz.csv"


def test_the_list_asks_as_much_for_one_as_for_many(client, root):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    begun(UserFactory(), statement("05.02.2026;Kiosk;x;-3,45"))
    client.get(LIST)
    few = asked()
    for _ in range(10):
        begun(UserFactory(), statement("05.02.2026;Kiosk;x;-3,45"))
    assert asked() == few


def test_a_preset_can_be_deleted(client, root):
    preset = preset_of(UserFactory())
    place = f"/admin/purchases/importpreset/{preset.pk}"
    assert "Buchungstag, Empfänger, Betrag" in client.get(f"{place}/change/").content.decode()
    client.post(f"{place}/delete/", {"post": "yes"})
    assert not ImportPreset.objects.exists()
