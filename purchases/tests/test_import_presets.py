"""Presets: how a bank writes its files, kept under a name and used for the next file."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from people.models import User
from people.tests.factories import UserFactory
from purchases.importing import batches
from purchases.importing.choices import Choices
from purchases.models import ImportBatch, ImportPreset
from purchases.tests.factories import NOW
from purchases.tests.statements import CHOICES, CHOSEN, begun, recorded, statement

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def ann(client: Client) -> User:
    user = UserFactory(username="ann")
    client.force_login(user)
    return user


@pytest.fixture
def batch(ann) -> ImportBatch:
    return begun(ann, statement("05.02.2026;Kiosk;x;-3,45"))


def preset_of(owner: User, name: str = "My bank") -> ImportPreset:
    return batches.save_preset(owner=owner, name=name, choices=CHOICES)


def text(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


class TestSaving:
    def test_keeps_what_was_chosen_and_goes_on_with_it(self, client, ann, batch):
        answer = client.post(
            f"/data/import/{batch.pk}/preset/", CHOSEN | {"name": "My bank", "mode": "update"}
        )
        preset = ImportPreset.objects.get()
        assert (preset.owner, preset.name) == (ann, "My bank")
        assert preset.choices["columns"]["notes"] == "Verwendungszweck"
        assert preset.choices["decimals"] == "comma"
        shown = text(client.get(answer["Location"]))
        assert "The preset “My bank” is saved." in shown
        assert re.search(r'value="comma"[^>]* checked', shown)
        assert re.search(r'value="update"[^>]* checked', shown)
        assert "$3.45" in shown

    def test_one_of_the_same_name_is_replaced(self, client, ann, batch):
        preset_of(ann)
        client.post(f"/data/import/{batch.pk}/preset/", CHOSEN | {"name": "My bank", "days": "ymd"})
        assert ImportPreset.objects.get().choices["days"] == "ymd"

    @pytest.mark.parametrize("name", ["", "   ", "x" * 81])
    def test_it_needs_a_name_of_fair_length(self, client, ann, batch, name):
        answer = client.post(f"/data/import/{batch.pk}/preset/", CHOSEN | {"name": name})
        assert answer.status_code == 422
        assert 'id="id_name_error"' in text(answer)
        assert re.search(r'value="comma"[^>]* checked', text(answer))
        assert not ImportPreset.objects.exists()

    def test_a_format_that_asks_nothing_has_nothing_to_keep(self, client, ann, batch):
        answer = client.post(
            f"/data/import/{batch.pk}/preset/", {"format": "anthropic", "name": "x"}
        )
        assert answer.status_code == 302
        assert not ImportPreset.objects.exists()

    def test_it_is_too_late_once_the_file_is_recorded(self, client, ann):
        done = recorded(ann, statement("05.02.2026;Kiosk;x;-3,45"))
        client.post(f"/data/import/{done.pk}/preset/", CHOSEN | {"name": "x"})
        assert not ImportPreset.objects.exists()


class TestPicking:
    def pick(self, client: Client, batch: ImportBatch, preset: ImportPreset, **more: str) -> str:
        sent = {"format": "bank", "mode": "skip", "preset": preset.pk, **more}
        return text(client.post(f"/data/import/{batch.pk}/sample/?preset=use", sent))

    def test_fills_in_everything(self, client, ann, batch):
        shown = self.pick(client, batch, preset_of(ann), mode="strict")
        assert re.search(r'value="dmy"[^>]* checked', shown)
        assert re.search(r'value="strict"[^>]* checked', shown)
        assert "My bank (fits this file)" in shown
        assert "A suggestion" not in shown
        assert "$3.45" in shown

    def test_a_script_gets_all_choices_drawn_anew(self, client, ann, batch):
        sent = {"format": "bank", "mode": "skip", "preset": preset_of(ann).pk}
        headers = {"HX-Request": "true", "HX-Target": "choices"}
        answer = client.post(f"/data/import/{batch.pk}/sample/?preset=use", sent, headers=headers)
        assert re.search(r'value="dmy"[^>]* checked', text(answer))

    def test_is_proposed_before_anybody_said_what_the_file_is(self, client, ann, batch):
        mine = batches.save_preset(owner=ann, name="My bank", choices=CHOICES, format="bank")
        other = CHOICES.as_json() | {"columns": {"day": "Elsewhere"}}
        batches.save_preset(owner=ann, name="Other", choices=Choices.from_json(other))
        shown = text(client.get(f"/data/import/{batch.pk}/"))
        assert "“My bank” fits this file." in shown
        assert "Other" not in shown
        shown = self.pick(client, batch, mine, format="")
        assert '<option value="bank" selected>' in shown
        assert "$3.45" in shown

    def test_one_that_names_no_format_is_for_a_table(self, client, ann, batch):
        shown = self.pick(client, batch, preset_of(ann), format="")
        assert '<option value="bank" selected>' in shown

    def test_asks_the_rates_anew(self, client, ann, batch):
        sent = CHOSEN | {"name": "Abroad", "currency": "EUR", "rate_EUR": "1.07"}
        client.post(f"/data/import/{batch.pk}/preset/", sent)
        preset = ImportPreset.objects.get()
        assert batches.format_of(preset) == "bank"
        shown = self.pick(client, batch, preset)
        assert "1 EUR is worth" in shown
        assert "1.07" not in shown

    def test_a_button_does_it_without_scripts(self, client, ann, batch):
        preset = preset_of(ann)
        sent = {"format": "bank", "preset": preset.pk, "use": "preset"}
        assert "$3.45" in text(client.post(f"/data/import/{batch.pk}/sample/", sent))

    def test_columns_that_the_file_does_not_have_are_named(self, client, ann):
        other = begun(ann, b"Datum;Was;Betrag\n1.2.2026;Kiosk;-3,45\n")
        shown = self.pick(client, other, preset_of(ann))
        assert "does not have these columns of the preset: “Buchungstag”, “Empfänger”." in shown
        assert "(fits this file)" not in shown

    def test_anothers_is_not_offered_and_picks_nothing(self, client, ann, batch):
        theirs = preset_of(UserFactory(), "Their bank")
        shown = self.pick(client, batch, theirs)
        assert "Their bank" not in shown
        assert not re.search(r'value="dmy"[^>]* checked', shown)


class TestDeleting:
    def test_asks_first_and_then_deletes(self, client, ann):
        preset = preset_of(ann)
        listed = text(client.get("/data/import/"))
        assert "Columns: Buchungstag, Empfänger, Betrag" in listed
        address = f"/data/import/presets/{preset.pk}/delete/"
        assert "Delete the preset “My bank”?" in text(client.get(address))
        answer = client.post(address, follow=True)
        assert "The preset “My bank” is deleted." in text(answer)
        assert not ImportPreset.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_anothers_is_not_there(self, client, ann, method):
        preset = preset_of(UserFactory())
        address = f"/data/import/presets/{preset.pk}/delete/"
        assert getattr(client, method)(address).status_code == 404
        assert ImportPreset.objects.exists()
