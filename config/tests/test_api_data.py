"""Exports for everybody and backups for the owner, by programs."""

import errno
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from budgets.models import Budget
from budgets.tests.factories import NOW
from config import backups
from config.backups.alone import alone
from config.exporting import downloads
from config.tests.household import NOW as HALF_A_YEAR_BEFORE
from config.tests.household import SECRETS, Household
from config.tests.shelf import shelf_in
from people.models import Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases.tests.factories import PurchaseFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

#: Each export, what it is, and the page that hands out the same.
EXPORTS = {
    "purchases.csv": ("text/csv; charset=utf-8", "purchases:csv"),
    "history.csv": ("text/csv; charset=utf-8", "budgets:history_csv"),
    "gifts.csv": ("text/csv; charset=utf-8", "gifts:csv"),
    "document": ("application/json", "data:export_json"),
    "archive": ("application/zip", "data:export_zip"),
}
FILES = ("document", "archive")
NO_OWNERS: list[dict[str, Any]] = [{}, {"is_staff": True}]


@pytest.fixture(autouse=True)
def shelf(tmp_path) -> Iterator[Path]:
    with shelf_in(tmp_path) as shelf:
        yield shelf


@pytest.fixture
def owner() -> User:
    return UserFactory(username="olga", administrator=True)


@pytest.fixture
def asking(owner) -> Program:
    return program(owner)


def body_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def texts_of(asking: Program) -> dict[str, str]:
    """Return every export as text, the members of the archive too."""
    found = {name: body_of(asking.get(f"export/{name}")) for name in EXPORTS}
    with ZipFile(io.BytesIO(found.pop("archive"))) as packed:
        found |= {name: packed.read(name) for name in packed.namelist()}
    return {name: content.decode(errors="replace") for name, content in found.items()}


class TestExports:
    @pytest.mark.parametrize("name", EXPORTS)
    def test_each_is_what_the_page_hands_out(self, name):
        household = Household(administrator=False)
        browser = Client()
        browser.force_login(household.user)
        kind, page = EXPORTS[name]
        answer = program(household.user, Scope.READ).get(f"export/{name}")
        shown = browser.get(reverse(page))
        assert body_of(answer) == body_of(shown)
        assert answer["Content-Type"] == shown["Content-Type"] == kind
        assert answer["Content-Disposition"] == shown["Content-Disposition"]

    def test_the_document_is_of_the_member_alone(self, asking):
        PurchaseFactory(name="Diary")
        document = json.loads(body_of(asking.get("export/document")))
        assert (document["format"], document["scope"]) == ("pursestrings", "member")
        assert [row["username"] for row in document["tables"]["people.User"]] == ["olga"]
        assert document["tables"]["purchases.Purchase"] == []

    @pytest.mark.parametrize("administrator", [False, True])
    def test_presents_are_in_none_of_them(self, administrator, time_machine):
        time_machine.move_to(HALF_A_YEAR_BEFORE, tick=False)
        household = Household(administrator=administrator)
        asking = program(household.user)
        before = texts_of(asking)
        household.hide()
        after = texts_of(asking)
        assert not [(name, secret) for name in after for secret in SECRETS if secret in after[name]]
        for name in ("purchases.csv", "history.csv", "gifts.csv"):
            assert after[name] == before[name]

    def test_a_budget_that_is_hidden_has_no_history(self):
        user = UserFactory()
        Budget.objects.filter(user=user).update(visible_to_user=False)
        answer = program(user).get("export/history.csv")
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:pursestrings:budget-hidden"

    @pytest.mark.parametrize("name", FILES)
    def test_a_full_disk_is_told_without_a_path(self, asking, name, monkeypatch):
        def fail(pieces: Iterator[bytes]) -> None:
            raise OSError(errno.ENOSPC, "No space left on device", "/srv/secret/place")

        monkeypatch.setattr(downloads, "spooled", fail)
        answer = asking.get(f"export/{name}")
        assert answer.status_code == 507
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:pursestrings:storage-failed"
        assert answer.json()["detail"] == "There is no room left on the disk."

    @pytest.mark.parametrize("name", FILES)
    def test_a_database_that_fails_is_told_as_one_that_is_busy(self, asking, name, monkeypatch):
        def fail(pieces: Iterator[bytes]) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr(downloads, "spooled", fail)
        answer = asking.get(f"export/{name}")
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:pursestrings:busy"

    @pytest.mark.parametrize("name", EXPORTS)
    def test_who_only_spends_takes_nothing_along(self, owner, name):
        assert program(owner, Scope.SPEND, Scope.MANAGE).get(f"export/{name}").status_code == 403


def spoil(shelf: Path, name: str) -> None:
    """Change one byte in the middle of a backup."""
    path = shelf / name
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


@pytest.mark.django_db(transaction=True)
class TestBackups:
    def test_one_is_made_listed_and_checked(self, asking, owner):
        PurchaseFactory(owner=owner)
        answer = asking.post("backups")
        assert answer.status_code == 201
        made = answer.json()
        assert made["name"] == "pursestrings-20260715T120000Z-manual.zip"
        assert (made["kind"], made["made_at"]) == ("manual", "2026-07-15T12:00:00Z")
        assert (made["members"], made["is_readable"]) == (1, True)
        page = asking.get("backups").json()
        assert (page["items"], page["total"]) == ([made], 1)
        assert asking.post(f"backups/{made['name']}/verify").json() == made

    def test_no_count_of_what_may_be_a_present_is_told(self, asking):
        told = asking.post("backups").json().keys()
        assert told == {
            "name",
            "made_at",
            "kind",
            "size",
            "is_readable",
            "has_lost_files",
            "members",
            "people",
            "occasions",
            "budget_entries",
        }

    def test_they_come_in_pages_the_newest_first(self, asking, time_machine):
        first = asking.post("backups").json()["name"]
        time_machine.shift(60)
        second = asking.post("backups").json()["name"]
        page = asking.get("backups", {"limit": 1}).json()
        assert ([one["name"] for one in page["items"]], page["total"]) == ([second], 2)
        page = asking.get("backups", {"skip": 1}).json()
        assert [one["name"] for one in page["items"]] == [first]

    def test_one_that_is_spoilt_is_told_with_the_reason(self, asking, shelf):
        name = backups.make(now=NOW).name
        spoil(shelf, name)
        answer = asking.post(f"backups/{name}/verify")
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:pursestrings:bad-backup"
        assert answer.json()["detail"]
        assert str(shelf.parent) not in answer.content.decode()

    @pytest.mark.parametrize(
        "name", ["pursestrings-20250101T000000Z-manual.zip", "passwd", "..", "%00", "%2e%2e%2fx"]
    )
    def test_one_that_is_not_there(self, asking, name):
        assert asking.post(f"backups/{name}/verify").status_code == 404

    def test_a_name_that_is_too_long(self, asking):
        assert asking.post(f"backups/{'x' * 101}/verify").status_code == 422

    def test_a_full_disk_is_told_without_a_path(self, asking, monkeypatch, shelf):
        def fail(**_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device", str(shelf))

        monkeypatch.setattr("config.api.data.make", fail)
        answer = asking.post("backups")
        assert answer.status_code == 507
        assert answer.json()["detail"] == "There is no room left on the disk."

    def test_a_shelf_that_cannot_be_reached_is_told(self, asking, monkeypatch, shelf):
        def fail(*_: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied", str(shelf))

        monkeypatch.setattr("config.api.data.kept", fail)
        answer = asking.get("backups")
        assert answer.status_code == 507
        assert answer.json()["detail"] == "The disk says: Permission denied."

    @pytest.mark.parametrize("trait", NO_OWNERS)
    def test_only_the_owner_comes_near_them(self, trait):
        name = backups.make(now=NOW).name
        asking = program(UserFactory(**trait))
        answers = [
            asking.get("backups"),
            asking.post("backups"),
            asking.post(f"backups/{name}/verify"),
            asking.post("backups/nothing/verify"),
        ]
        assert {one.status_code for one in answers} == {403}
        assert len({one.json()["detail"] for one in answers}) == 1
        assert [one.name for one in backups.listed()] == [name]

    def test_a_program_that_reads_makes_and_checks_none(self, owner):
        asking = program(owner, Scope.READ, Scope.SPEND)
        assert asking.post("backups").status_code == 403
        assert backups.listed() == []
        assert asking.get("backups").status_code == 200

    @pytest.mark.parametrize("step", ["", "/download", "/restore", "/delete"])
    def test_what_takes_a_password_is_not_for_programs(self, asking, step):
        name = backups.make(now=NOW).name
        for method in ("get", "post", "put", "patch", "delete"):
            answer = asking.ask(method, f"backups/{name}{step}")
            assert answer.status_code == 404
        assert [one.name for one in backups.listed()] == [name]

    def test_one_is_made_while_somebody_restores(self, asking):
        with alone():
            assert asking.post("backups").status_code == 201
