"""A backup holds everything, once, and says what it is."""

import json
import os
import stat
import zipfile
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings as here
from django.core.files.storage import InMemoryStorage, Storage, storages
from django.db import connection

from budgets.models import Cycle
from budgets.tests.running import run
from config import backups
from config.backups.writing import member_of
from config.portable.tables import tables, written
from config.tests import copies
from config.tests.copies import NOW
from people.models import Person, User
from purchases import files, keeping
from purchases.models import Attachment, Blob

pytestmark = pytest.mark.django_db
#: Where it matters what happens after a transaction.
for_real = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    return copies.settle(settings, tmp_path)


@pytest.fixture
def kettle():
    return copies.furnish()


def made(shelf, **how):
    backup = backups.make(now=NOW, **how)
    return copies.members(shelf / backup.name)


def manifest(contents):
    return json.loads(contents[copies.MANIFEST])


def test_it_is_called_by_its_moment_and_its_kind():
    assert backups.make(now=NOW).name == "pursestrings-20260715T120000Z-manual.zip"
    scheduled = backups.make(now=NOW + timedelta(seconds=1), kind="scheduled")
    assert scheduled.name == "pursestrings-20260715T120001Z-scheduled.zip"


def test_it_holds_the_rows_of_every_table_as_they_are(kettle, shelf):
    contents = made(shelf)
    for table in tables():
        rows = "".join(f"{written(row)}\n" for row in table.rows())
        assert contents[member_of(table)].decode() == rows


def test_it_holds_passwords_and_no_sessions(kettle, client, shelf):
    client.force_login(User.objects.get(username="ann"))
    contents = made(shelf)
    password = User.objects.get(username="ann").password
    assert password.encode() in contents["tables/people.User.jsonl"]
    assert not [name for name in contents if "session" in name.lower()]


def test_it_holds_each_paper_once(kettle, shelf):
    copies.attach(kettle, b"A receipt")
    contents = made(shelf)
    papers = {name: content for name, content in contents.items() if name.startswith("files/")}
    assert papers == {
        f"files/{blob.path}": files.place_of(blob.path).read_bytes() for blob in Blob.objects.all()
    }
    assert len(papers) == 2


def test_it_holds_photos_and_files_that_are_being_imported(kettle, shelf):
    contents = made(shelf)
    mom = Person.objects.get(name="Mom")
    with mom.photo.open() as photo:
        assert contents[mom.photo.name.replace("people/", "photos/")] == photo.read()
    assert contents["imports/bank.csv"] == b"a;b"


def test_its_manifest_says_what_it_is(kettle, shelf):
    said = manifest(made(shelf))
    assert said["format"] == "pursestrings-backup"
    assert said["version"] == 1
    assert said["made_at"] == "2026-07-15T12:00:00Z"
    assert said["kind"] == "manual"
    assert said["base_currency"] == here.CURRENCY
    assert said["database"] == connection.vendor
    assert "purchases.0001_purchases" in said["migrations"]
    assert said["missing"] == []


def test_its_manifest_counts_the_rows_and_hashes_every_member(kettle, shelf):
    contents = made(shelf)
    said = manifest(contents)
    assert said["counts"] == {table.name: table.model._base_manager.count() for table in tables()}
    del contents[copies.MANIFEST]
    assert said["members"] == {
        name: {"size": len(content), "sha256": copies.hash_of(content)}
        for name, content in contents.items()
    }


def test_its_manifest_is_the_last_member(kettle, shelf):
    backup = backups.make(now=NOW)
    with zipfile.ZipFile(shelf / backup.name) as archive:
        assert archive.namelist()[-1] == copies.MANIFEST


def test_nobody_else_on_the_machine_may_read_it(shelf):
    backup = backups.make(now=NOW)
    assert stat.S_IMODE((shelf / backup.name).stat().st_mode) == 0o600


def test_it_tells_what_it_holds(kettle, shelf):
    backup = backups.make(now=NOW)
    assert backup == backups.listed()[0]
    assert backup.size == (shelf / backup.name).stat().st_size
    assert backup.counts["people.User"] == 2
    assert backup.files == 4
    assert backup.is_readable


def test_two_of_one_second_are_two(kettle):
    first, second = backups.make(now=NOW), backups.make(now=NOW)
    assert first.name != second.name
    assert {one.name for one in backups.listed()} == {first.name, second.name}
    assert second.made_at == NOW


def test_a_lost_paper_is_named_and_stops_nothing(kettle, shelf):
    blob = Blob.objects.first()
    files.place_of(blob.path).unlink()
    backup = backups.make(now=NOW)
    assert backup.missing == 1
    assert manifest(copies.members(shelf / backup.name))["missing"] == [f"files/{blob.path}"]
    assert backups.verify(backup.name).missing == (f"files/{blob.path}",)


def test_a_ledger_that_does_not_agree_with_itself_is_counted(kettle, shelf):
    Cycle.objects.filter(budget__user__username="ann").update(spent=5)
    backup = backups.make(now=NOW)
    assert backup.drifts == 1
    assert manifest(copies.members(shelf / backup.name))["drifts"] == 1
    assert backups.verify(backup.name).drifts == 1


def test_a_paper_with_other_bytes_is_lost_too(kettle, shelf):
    blob = Blob.objects.first()
    files.place_of(blob.path).write_bytes(b"x" * blob.size)
    contents = made(shelf)
    assert manifest(contents)["missing"] == [f"files/{blob.path}"]
    assert f"files/{blob.path}" not in contents


@for_real
class TestAPaperThatGoesMeanwhile:
    """The rows are read at one moment, the files a little later."""

    @pytest.fixture
    def meanwhile(self, monkeypatch):
        """Have something happen after the rows were read, when a file is to be."""

        def arrange(happen, *, times=1):
            left = [happen] * times
            open_it = Path.open

            def slowly(path, mode="r", *how, **more):
                is_ours = path.is_relative_to(files.folder()) and files.ARRIVING not in path.parts
                if left and mode == "rb" and is_ours:
                    left.pop()()
                return open_it(path, mode, *how, **more)

            monkeypatch.setattr(Path, "open", slowly)

        return arrange

    def test_is_not_in_the_backup_when_its_row_went_too(self, kettle, shelf, meanwhile):
        gone = Attachment.objects.first()
        meanwhile(lambda: keeping.detach(attachment=gone))
        contents = made(shelf)
        assert manifest(contents)["missing"] == []
        assert manifest(contents)["counts"]["purchases.Blob"] == 1
        assert not [name for name in contents if name.endswith(gone.blob_id)]

    def test_is_lost_when_its_row_is_still_there(self, kettle, shelf, meanwhile):
        blob = Attachment.objects.first().blob
        meanwhile(files.place_of(blob.path).unlink)
        assert manifest(made(shelf))["missing"] == [f"files/{blob.path}"]

    def test_leaves_nothing_when_it_happens_again_and_again(self, kettle, shelf, meanwhile):
        def replace():
            attachment = Attachment.objects.first()
            keeping.detach(attachment=attachment)
            copies.attach(kettle, attachment.blob_id.encode())

        meanwhile(replace, times=99)
        with pytest.raises(OSError, match="change faster"):
            backups.make(now=NOW)
        assert list(shelf.iterdir()) == []


class TestOneThatFails:
    @pytest.fixture(autouse=True)
    def unreadable(self, kettle):
        place = files.place_of(Blob.objects.first().path)
        place.unlink()
        place.mkdir()

    def test_leaves_nothing(self, shelf):
        with pytest.raises(IsADirectoryError):
            backups.make(now=NOW)
        assert list(shelf.iterdir()) == []

    def test_lets_no_other_go(self, shelf):
        shelf.mkdir()
        kept = shelf / "pursestrings-20260101T000000Z-manual.zip"
        kept.write_bytes(b"")
        failure = run("backup", "--keep", "1").failure
        assert failure.startswith("No backup was made.")
        assert list(shelf.iterdir()) == [kept]


def test_what_a_power_cut_left_half_written_is_cleared_away_a_day_later(shelf):
    shelf.mkdir()
    old, new = shelf / "backup-old.part", shelf / "backup-new.part"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    backups.make(now=NOW)
    assert not old.exists()
    assert new.exists()


class TestInAStorageThatIsNoFolder:
    @pytest.fixture(autouse=True)
    def elsewhere(self, settings):
        memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
        settings.STORAGES = {**settings.STORAGES, "backups": memory}

    def test_it_is_made_listed_opened_and_deleted(self, kettle):
        backup = backups.make(now=NOW)
        assert backups.listed() == [backup]
        with backups.opened(backup.name) as file:
            assert len(file.read()) == backup.size
        backups.remove(backup.name)
        assert backups.listed() == []
        assert storages["backups"].listdir("") == ([], [])

    def test_it_is_verified_and_restored(self, kettle, shelf):
        backup, before = backups.make(now=NOW), copies.state()
        copies.change()
        assert backups.verify(backup.name).counts == backup.counts
        done = backups.restore(backup.name, now=copies.LATER)
        assert copies.state() == before
        assert [one.name for one in backups.listed()] == [done.restore_point, backup.name]

    def test_nothing_is_left_beside_it(self, kettle, settings):
        backups.verify(backups.make(now=NOW).name)
        assert not list(settings.DATA_DIR.glob("*.part"))

    def test_two_of_one_second_are_two_although_it_would_take_one_for_the_other(self, settings):
        here = {"BACKEND": f"{__name__}.Overwriting"}
        settings.STORAGES = {**settings.STORAGES, "backups": here}
        first, second = backups.make(now=NOW), backups.make(now=NOW)
        assert {one.name for one in backups.listed()} == {first.name, second.name}
        assert len({first.name, second.name}) == 2

    def test_one_without_its_label_cannot_be_told_of(self):
        backup = backups.make(now=NOW)
        storages["backups"].delete(f"{backup.name}.json")
        (one,) = backups.listed()
        assert not one.is_readable
        assert backups.verify(one.name).rows


class Overwriting(InMemoryStorage):
    """Takes a second file of a name for the first, as object storages do."""

    def get_available_name(self, name, max_length=None):
        return name


class Closed(Storage):
    """Refuses everything in words of its own, as object storages do."""

    def _refuse(self, *args, **kwargs):
        raise LookupError("An error occurred (AccessDenied).\nRequest 5")

    listdir = exists = size = delete = _open = _save = _refuse


class TestInAStorageThatRefuses:
    TOLD = "The storage of the backups says: An error occurred (AccessDenied)."

    @pytest.fixture(autouse=True)
    def elsewhere(self, settings):
        closed = {"BACKEND": f"{__name__}.Closed"}
        settings.STORAGES = {**settings.STORAGES, "backups": closed}

    def test_every_command_tells_why(self, kettle):
        name = "pursestrings-20260101T000000Z-manual.zip"
        assert run("backup").failure == f"No backup was made. {self.TOLD}"
        assert run("backup", "--list").failure == self.TOLD
        assert run("verify_backup", "--latest").failure == self.TOLD
        assert run("verify_backup", name).failure == f"{name}: {self.TOLD}"
        failure = f"Nothing was changed. {self.TOLD}"
        assert run("restore", name, "--no-input").failure == failure

    def test_whoever_asks_gets_an_error_as_of_a_disk(self, kettle):
        name = "pursestrings-20260101T000000Z-manual.zip"
        verbs = (backups.described, backups.opened, backups.remove, backups.verify)
        for ask in (backups.listed, *(partial(verb, name) for verb in verbs)):
            with pytest.raises(OSError, match="AccessDenied"):
                ask()

    def test_one_that_is_none_tells_why_too(self, settings):
        none = {"BACKEND": "storages.of.nobody"}
        settings.STORAGES = {**settings.STORAGES, "backups": none}
        assert run("backup").failure.startswith("No backup was made. The storage of the backups")
