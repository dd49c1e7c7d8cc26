"""Backups on the Data page: made, checked, handed out, restored and deleted by the owner alone."""

import errno
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.files.storage import FileSystemStorage, Storage
from django.template.defaultfilters import filesizeformat
from django.test import Client
from django.urls import reverse

from budgets.tests.factories import NOW
from config import backups
from config.backups.alone import alone
from config.data.refusals import in_words
from config.tests.shelf import shelf_in
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import AttachmentFactory, PurchaseFactory, RetailerFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.time_machine(NOW, tick=False),
]

PASSWORD = "open sesame"
TODAY = "2026-07-15 12:00"
_TOKEN = re.compile('csrfmiddlewaretoken" value="\\w+"')
ACTIONS = ("check", "download", "restore", "delete")


@pytest.fixture(autouse=True)
def shelf(tmp_path) -> Iterator[Path]:
    with shelf_in(tmp_path) as shelf:
        yield shelf


@pytest.fixture
def owner() -> User:
    return UserFactory(username="olga", administrator=True)


@pytest.fixture
def client(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def backup(owner: User) -> backups.Backup:
    return backups.make(now=NOW)


def at(action: str, name: str) -> str:
    return reverse(f"data:backup_{action}", args=[name])


def text(answer) -> str:
    spaces = {ord(space): " " for space in "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"}
    return unescape(answer.content.decode()).translate(spaces)


def names() -> list[str]:
    return [one.name for one in backups.listed()]


def spoil(shelf: Path, name: str) -> None:
    """Change one byte in the middle of a backup."""
    path = shelf / name
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


class TestRights:
    @pytest.mark.parametrize("trait", [{}, {"is_staff": True}])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_only_the_owner_comes_near_them(self, backup, trait, method):
        client = Client()
        client.force_login(UserFactory(**trait))
        sent = {"password": PASSWORD, "confirmation": TODAY}
        for action in ACTIONS:
            answer = getattr(client, method)(at(action, backup.name), sent)
            expected = 405 if (method, action) == ("get", "check") else 403
            assert answer.status_code == expected, action
        assert client.post(reverse("data:backup_make")).status_code == 403
        assert names() == [backup.name]

    def test_visitors_are_sent_to_sign_in(self, backup):
        for action in ACTIONS:
            answer = Client().post(at(action, backup.name), {"password": PASSWORD})
            assert answer["Location"].startswith("/account/login/?next=")
        assert names() == [backup.name]

    @pytest.mark.parametrize("action", ["make", "check"])
    def test_nothing_happens_by_following_a_link(self, client, backup, action):
        path = reverse("data:backup_make") if action == "make" else at(action, backup.name)
        for method in ("get", "put", "delete"):
            assert getattr(client, method)(path).status_code == 405
        assert names() == [backup.name]

    @pytest.mark.parametrize("action", ["download", "restore", "delete"])
    def test_other_methods_are_refused(self, client, backup, action):
        for method in ("put", "patch", "delete"):
            assert getattr(client, method)(at(action, backup.name)).status_code == 405
        assert names() == [backup.name]


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "pursestrings-20260101T000000Z-manual.zip",
            "..",
            "%2e%2e%2f%2e%2e%2fdb.sqlite3",
            "..%5c..%5cdb.sqlite3",
            "secret.zip",
            "a%00b",
        ],
    )
    @pytest.mark.parametrize("action", ACTIONS)
    def test_what_is_not_in_the_list_is_not_there(self, client, backup, shelf, name, action):
        (shelf / "secret.zip").write_bytes(b"secret")
        path = at(action, "NAME").replace("NAME", name)
        sent = {"password": PASSWORD, "confirmation": TODAY}
        assert client.post(path, sent).status_code == 404
        assert (shelf / "secret.zip").read_bytes() == b"secret"
        assert names() == [backup.name]


class Watched(FileSystemStorage):
    """Notes which backups are looked at."""

    looked_at: ClassVar[set[str]] = set()

    def path(self, name: str) -> str:
        self.looked_at.add(name)
        return super().path(name)

    def size(self, name: str) -> int:
        self.looked_at.add(name)
        return super().size(name)


class TestOne:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_the_others_are_not_looked_at(self, client, backup, settings, shelf, action):
        other = backups.make(now=NOW - timedelta(days=1))
        spoil(shelf, other.name)
        watched = f"{Watched.__module__}.{Watched.__qualname__}"
        place = {**settings.STORAGES["backups"], "BACKEND": watched}
        settings.STORAGES = {**settings.STORAGES, "backups": place}
        Watched.looked_at.clear()
        sent = {"password": PASSWORD, "confirmation": "not this one"}
        client.post(at(action, backup.name), sent).close()
        assert Watched.looked_at - {""} == {backup.name}


class Unreachable(Storage):
    """A storage elsewhere that answers nothing, with an error of its own kind."""

    def __init__(self, **_options: object) -> None:
        pass

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return super().__getattribute__(name)
        raise LookupError("no route to the bucket")


class TestAStorageThatCannotBeReached:
    @pytest.fixture(autouse=True)
    def _unreachable(self, backup, settings):
        elsewhere = {"BACKEND": f"{Unreachable.__module__}.{Unreachable.__qualname__}"}
        settings.STORAGES = {**settings.STORAGES, "backups": elsewhere}

    def test_the_page_says_so(self, client):
        answer = client.get("/data/")
        assert answer.status_code == 200
        assert "The storage of the backups says: no route to the bucket." in text(answer)

    def test_no_backup_is_made(self, client):
        page = text(client.post(reverse("data:backup_make"), follow=True))
        assert "No backup was made. The storage of the backups says: no route" in page

    @pytest.mark.parametrize("action", ACTIONS)
    def test_whatever_is_asked_of_a_backup_leads_back_to_the_list(self, client, backup, action):
        sent = {"password": PASSWORD, "confirmation": TODAY}
        answer = client.post(at(action, backup.name), sent, follow=True)
        assert answer.redirect_chain == [("/data/", 302)]
        assert "The backups cannot be reached. The storage of the backups says: " in text(answer)

    def test_nothing_is_deleted_without_a_restore_point(self, client, owner):
        PurchaseFactory(owner=owner)
        sent = {"password": PASSWORD, "confirmation": "delete everything"}
        answer = client.post(reverse("data:reset"), sent)
        assert answer.status_code == 422
        assert "The storage of the backups says: no route to the bucket." in text(answer)
        assert Purchase.objects.count() == 1


class TestMaking:
    def test_a_backup_is_made_and_listed_with_what_it_holds(self, client, owner):
        PurchaseFactory(owner=owner)
        answer = client.post(reverse("data:backup_make"), follow=True)
        assert answer.redirect_chain == [("/data/", 302)]
        assert len(names()) == 1
        page = text(answer)
        assert "The backup is made: " in page
        assert "<h3>Jul 15, 2026, 12:00 PM</h3>" in page
        assert "Just now · made by hand · " in page
        assert "1 member, 0 people, 0 occasions, 0 budget entries" in page

    def test_its_age_is_told_in_words_and_in_the_owners_own_day(self, client, owner):
        User.objects.filter(pk=owner.pk).update(timezone="Pacific/Kiritimati")
        backups.make(now=NOW - timedelta(hours=3, minutes=5), kind=backups.Kind.SCHEDULED)
        page = text(client.get("/data/"))
        assert "<h3>Jul 15, 2026, 10:55 PM</h3>" in page
        assert "3 hours ago · made by the schedule" in page

    def test_a_present_more_is_not_told_by_what_is_counted(self, client, owner):
        def told() -> str:
            [one] = backups.listed()
            page = text(client.get("/data/"))
            size = filesizeformat(one.size).replace("\N{NO-BREAK SPACE}", " ")
            return page[page.index('id="backups"') :].replace(size, "")

        occasion, person = OccasionFactory(), PersonFactory()
        AttachmentFactory(purchase=PurchaseFactory(owner=owner))
        backups.make(now=NOW)
        before = _TOKEN.sub("", told())
        backups.remove(names()[0])
        gift = make_gift(occasion, person)
        purchase = PurchaseFactory(owner=owner, gift=gift, retailer=RetailerFactory())
        AttachmentFactory(purchase=purchase)
        AttachmentFactory(purchase=purchase)
        backups.make(now=NOW)
        assert "Some papers or photos had been lost before." in before
        assert _TOKEN.sub("", told()) == before

    def test_older_ones_are_folded_away(self, client):
        for day in range(7):
            backups.make(now=NOW - timedelta(days=day))
        page = text(client.get("/data/"))
        assert "2 older backups" in page
        assert page.index("Jul 11, 2026") < page.index("2 older backups") < page.index("Jul 10")

    def test_a_place_that_cannot_be_written_is_told_in_words(self, client, shelf):
        shelf.write_text("a file where the folder should be")
        page = text(client.post(reverse("data:backup_make"), follow=True))
        assert "No backup was made. The disk says: " in page
        assert page.count("The disk says: ") == 2
        assert str(shelf) not in page

    def test_a_full_disk_is_told_in_words(self):
        told = in_words(OSError(errno.ENOSPC, "No space left on device", "/secret/place"))
        assert told == "There is no room left on the disk."

    def test_no_path_of_the_machine_is_told(self):
        told = in_words(PermissionError(errno.EACCES, "Permission denied", "/secret/place"))
        assert told == "The disk says: Permission denied."


class TestChecking:
    def test_a_whole_one_is_told_and_remembered(self, client, backup):
        assert "Not checked since you signed in" in text(client.get("/data/"))
        page = text(client.post(at("check", backup.name), follow=True))
        assert "The backup of Jul 15, 2026, 12:00 PM is whole: it can be restored." in page
        assert "Checked just now" in page
        assert "Not checked" not in page

    def test_a_damaged_one_is_told_with_the_reason(self, client, backup, shelf):
        spoil(shelf, backup.name)
        page = text(client.post(at("check", backup.name), follow=True))
        assert "The backup of Jul 15, 2026, 12:00 PM is no good. " in page
        assert "Checked" not in page

    def test_what_was_noted_of_one_that_is_gone_is_forgotten(self, client, backup):
        client.post(at("check", backup.name))
        other = backups.make(now=NOW + timedelta(minutes=1))
        backups.remove(backup.name)
        client.post(at("check", other.name))
        assert list(client.session["checked_backups"]) == [other.name]


class TestDownload:
    def test_the_page_says_what_the_file_holds_and_hands_out_nothing(self, client, backup):
        answer = client.get(at("download", backup.name))
        assert answer.status_code == 200
        assert "all presents with those for you, and the passwords of all members" in text(answer)

    def test_the_password_opens_it(self, client, backup, shelf):
        answer = client.post(at("download", backup.name), {"password": PASSWORD})
        assert b"".join(answer) == (shelf / backup.name).read_bytes()
        assert answer["Content-Type"] == "application/zip"
        assert answer["Content-Disposition"] == f'attachment; filename="{backup.name}"'
        assert "no-store" in answer["Cache-Control"]

    @pytest.mark.parametrize("password", ["", "wrong", f" {PASSWORD}"])
    def test_another_password_does_not(self, client, backup, password):
        answer = client.post(at("download", backup.name), {"password": password})
        assert answer.status_code == 422
        assert "Content-Disposition" not in answer
        assert "no-store" in answer["Cache-Control"]
        assert f'value="{password or "?"}"' not in text(answer)


class TestRestoring:
    def test_the_page_says_what_is_lost(self, client, backup):
        page = text(client.get(at("restore", backup.name)))
        assert "What was written down since is lost" in page
        assert "Secret addresses of calendars that were replaced or withdrawn since work" in page
        assert f"Type “{TODAY}”" in page

    def test_everything_is_as_it_was_and_a_restore_point_tells_of_today(
        self, client, owner, backup
    ):
        PurchaseFactory(owner=owner)
        key = client.session.session_key
        sent = {"password": PASSWORD, "confirmation": f"  {TODAY} "}
        answer = client.post(at("restore", backup.name), sent, follow=True)
        assert answer.redirect_chain == [("/data/", 302)]
        assert not Purchase.objects.exists()
        [point, old] = backups.listed()
        assert (old.name, point.kind) == (backup.name, backups.Kind.RESTORE_POINT)
        page = text(answer)
        assert "The backup of Jul 15, 2026, 12:00 PM is restored." in page
        assert f"in the restore point “{point.name}”." in page
        # Still signed in, with a session of its own.
        assert client.session.session_key != key
        assert client.get("/data/").status_code == 200
        sent = {"password": PASSWORD, "confirmation": f"{point.made_at:%Y-%m-%d %H:%M}"}
        client.post(at("restore", point.name), sent)
        assert Purchase.objects.count() == 1

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"password": PASSWORD},
            {"confirmation": TODAY},
            {"password": PASSWORD, "confirmation": "2026-07-15"},
            {"password": PASSWORD, "confirmation": "yes"},
            {"password": "wrong", "confirmation": TODAY},
        ],
    )
    def test_without_password_and_confirmation_nothing_changes(self, client, owner, backup, sent):
        PurchaseFactory(owner=owner)
        answer = client.post(at("restore", backup.name), sent)
        assert answer.status_code == 422
        assert Purchase.objects.count() == 1
        assert names() == [backup.name]
        page = text(answer)
        if typed := sent.get("confirmation"):
            assert f'name="confirmation" value="{typed}"' in page
        assert 'type="password" name="password" value' not in page

    def test_a_damaged_one_is_refused_and_nothing_changes(self, client, owner, backup, shelf):
        PurchaseFactory(owner=owner)
        spoil(shelf, backup.name)
        sent = {"password": PASSWORD, "confirmation": TODAY}
        answer = client.post(at("restore", backup.name), sent)
        assert answer.status_code == 422
        assert 'class="notice notice-error" role="alert"' in text(answer)
        assert Purchase.objects.count() == 1
        assert names() == [backup.name]

    def test_whoever_had_another_password_then_is_led_to_sign_in(self, client, owner, backup):
        owner.set_password("another one")
        owner.save()
        client.force_login(owner)
        sent = {"password": "another one", "confirmation": TODAY}
        answer = client.post(at("restore", backup.name), sent, follow=True)
        assert answer.redirect_chain == [("/account/login/", 302)]
        assert "sign in with the name and password of that time" in text(answer)
        assert client.get("/data/").status_code == 302
        assert client.login(username="olga", password=PASSWORD)

    def test_whoever_was_not_there_then_is_not_taken_for_somebody_else(self, client, backup):
        User.objects.filter(username="olga").update(username="oscar")
        sent = {"password": PASSWORD, "confirmation": TODAY}
        answer = client.post(at("restore", backup.name), sent, follow=True)
        assert answer.redirect_chain == [("/account/login/", 302)]
        assert client.get("/data/").status_code == 302

    def test_while_another_runs_nothing_changes(self, client, owner, backup):
        PurchaseFactory(owner=owner)
        with alone():
            sent = {"password": PASSWORD, "confirmation": TODAY}
            answer = client.post(at("restore", backup.name), sent)
        assert answer.status_code == 409
        assert "Another restore is running." in text(answer)
        assert Purchase.objects.count() == 1
        assert names() == [backup.name]


class TestDeleting:
    def test_it_is_asked_for_and_then_done(self, client, backup):
        other = backups.make(now=NOW + timedelta(days=1))
        page = text(client.get(at("delete", backup.name)))
        assert "Delete the backup of Jul 15, 2026, 12:00 PM?" in page
        assert "The other backups stay." in page
        assert len(names()) == 2
        page = text(client.post(at("delete", backup.name), follow=True))
        assert "The backup of Jul 15, 2026, 12:00 PM is deleted." in page
        assert names() == [other.name]

    def test_that_it_is_the_only_one_is_told(self, client, backup):
        assert "It is the only backup." in text(client.get(at("delete", backup.name)))
