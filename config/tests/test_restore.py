"""A restore brings everything back as it was, keeps how things stood, and leaves nothing over."""

import json
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from budgets.ledger import check
from budgets.tests.factories import record
from config import backups
from config.backups import RestoreFailed, replacing
from config.portable.snapshots import snapshot
from config.tests import copies
from config.tests.copies import LATER, NOW
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases import files, keeping
from purchases.keeping.inspecting import check_files
from purchases.models import Blob, Purchase
from purchases.tests.factories import buy

pytestmark = pytest.mark.django_db
#: Where it matters what happens after a transaction.
for_real = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    return copies.settle(settings, tmp_path)


@pytest.fixture
def backup():
    copies.furnish()
    return backups.make(now=NOW)


def agrees():
    return not check() and not list(check_files(now=LATER, verify=True))


@for_real
def test_everything_is_as_it_was(backup):
    before = copies.state()
    copies.change()
    assert copies.state() != before
    done = backups.restore(backup.name, now=LATER)
    assert copies.state() == before
    assert agrees()
    assert done.counts == backup.counts
    assert done.missing == ()
    assert done.laid == 2  # a paper and the photo


@for_real
def test_how_things_stood_comes_back_by_the_restore_point(backup):
    copies.change()
    before = copies.state()
    point = backups.restore(backup.name, now=LATER).restore_point
    assert point == "pursestrings-20260716T120000Z-restore-point.zip"
    backups.restore(point, now=LATER + timedelta(minutes=1))
    assert copies.state() == before
    assert agrees()


def test_an_installation_that_is_empty_is_filled(backup, shelf, tmp_path):
    before = copies.state()
    path = (shelf / backup.name).rename(tmp_path / "carried.zip")
    copies.wipe()
    done = backups.restore(path, now=LATER, with_restore_point=False)
    assert copies.state() == before
    assert (done.name, done.restore_point) == ("carried.zip", "")
    assert backups.listed() == []
    assert agrees()


def test_where_people_are_it_never_goes_without_a_restore_point(backup):
    before = copies.state()
    with pytest.raises(RestoreFailed, match="There are users here"):
        backups.restore(backup.name, now=LATER, with_restore_point=False)
    assert copies.state() == before


@for_real
def test_new_rows_come_after_those_that_were_restored(backup):
    copies.wipe()
    backups.restore(backup.name, now=LATER, with_restore_point=False)
    user = UserFactory(username="new")
    assert user.pk > User.objects.get(username="bob").pk
    record(user.budget, "1.00", now=NOW)
    buy(user, "5.00")
    assert agrees()


def test_entries_cannot_be_changed_afterwards_either(backup):
    backups.restore(backup.name, now=LATER)
    with pytest.raises(DatabaseError, match="immutable"), connection.cursor() as cursor:
        cursor.execute("UPDATE budgets_entry SET amount = 1")


class TestKinds:
    """Content types and permissions have numbers of their own everywhere."""

    @pytest.fixture
    def elsewhere(self, shelf):
        """Return a backup of an installation that numbers them otherwise, and has one more."""
        copies.furnish()
        ann, kind = User.objects.get(username="ann"), ContentType.objects.get_for_model(Purchase)
        LogEntry.objects.create(user=ann, content_type=kind, object_id="1", action_flag=2)
        LogEntry.objects.create(user=ann, content_type=None, action_flag=2)
        ours = Permission.objects.get(codename="change_purchase")
        own = Permission.objects.create(content_type=kind, codename="praise", name="May praise")
        ann.user_permissions.set([ours, own])
        path = copies.repacked(shelf / backups.make(now=NOW).name, _renumber)
        own.delete()
        return path

    def test_every_process_may_go_on_with_the_numbers_that_it_knows(self, elsewhere):
        before = list(ContentType.objects.order_by("pk").values_list())
        backups.restore(elsewhere, now=LATER)
        assert list(ContentType.objects.order_by("pk").values_list()) == before
        assert Permission.objects.filter(pk__gte=1_000_000).count() == 0

    def test_whatever_points_at_them_points_at_the_same_kinds(self, elsewhere):
        backups.restore(elsewhere, now=LATER)
        with_kind, without = LogEntry.objects.order_by("pk")
        assert with_kind.content_type == ContentType.objects.get_for_model(Purchase)
        assert without.content_type is None
        held = User.objects.get(username="ann").user_permissions.order_by("codename")
        assert [(one.codename, one.name) for one in held] == [
            ("change_purchase", "Can change purchase"),
            ("praise", "May praise"),
        ]


def _renumber(contents, manifest):
    """Give content types and permissions other numbers, and let all rows have them."""
    for table, fields in {
        "contenttypes.ContentType": ["id"],
        "auth.Permission": ["id", "content_type_id"],
        "admin.LogEntry": ["content_type_id"],
        "people.User_user_permissions": ["permission_id"],
    }.items():
        member = f"tables/{table}.jsonl"
        rows = [json.loads(line) for line in contents[member].splitlines()]
        for row in rows:
            row.update({name: 1_000_000 + row[name] for name in fields if row[name]})
        contents[member] = "".join(f"{json.dumps(row)}\n" for row in rows).encode()


class TestFiles:
    def test_a_whole_one_is_left_alone(self, backup):
        blob = Blob.objects.first()
        written = files.place_of(blob.path).stat().st_ino
        assert backups.restore(backup.name, now=LATER).laid == 0
        assert files.place_of(blob.path).stat().st_ino == written

    def test_a_damaged_one_is_replaced(self, backup):
        blob = Blob.objects.first()
        files.place_of(blob.path).write_bytes(b"?" * blob.size)
        assert backups.restore(backup.name, now=LATER).laid == 1
        assert files.is_intact(blob)

    @for_real
    def test_one_that_came_later_goes_with_its_small_picture(self, backup):
        kettle = Purchase.objects.get(name="Kettle")
        copies.attach(kettle, b"Later")
        blob = Blob.objects.get(sha256=copies.hash_of(b"Later"))
        keeping.keep_thumbnail(blob=blob, small=b"small")
        backups.restore(backup.name, now=LATER)
        assert not files.place_of(blob.path).exists()
        assert not files.place_of(blob.thumbnail_path).exists()

    def test_the_small_pictures_of_those_that_stay_stay(self, backup):
        blob = Blob.objects.first()
        keeping.keep_thumbnail(blob=blob, small=b"small")
        backups.restore(backup.name, now=LATER)
        assert files.thumbnail(blob) == b"small"

    def test_one_that_nobody_knows_goes_when_it_is_old(self, backup):
        arriving = default_storage.save("people/arriving.webp", ContentFile(b"x"))
        forgotten = default_storage.save("people/forgotten.webp", ContentFile(b"x"))
        os.utime(default_storage.path(forgotten), (0, 0))
        backups.restore(backup.name, now=LATER)
        assert default_storage.exists(arriving)
        assert not default_storage.exists(forgotten)

    def test_one_that_an_interrupted_restore_left_behind_goes(self, backup):
        from_it = Person.objects.get(name="Mom").photo.name
        default_storage.delete(from_it)
        backups.recover_files(backup.name)
        Person.objects.update(photo="")
        backups.erase_everything(keep_user=User.objects.first(), now=LATER)
        assert not default_storage.exists(from_it)

    def test_one_that_was_lost_then_and_is_here_now_is_not_lost(self, backup):
        blob = Blob.objects.first()
        content = files.place_of(blob.path).read_bytes()
        files.place_of(blob.path).unlink()
        without = backups.make(now=NOW + timedelta(seconds=1))
        assert backups.restore(without.name, now=LATER).missing == (f"files/{blob.path}",)
        files.place_of(blob.path).write_bytes(content)
        later = LATER + timedelta(seconds=1)
        assert backups.restore(without.name, now=later).missing == ()


class TestFilesAlone:
    """What is lost comes back; the rows stay as they are."""

    def test_those_that_are_lost_or_damaged_come_back(self, backup):
        buy(User.objects.get(username="bob"), "3.00", name="Since then")
        before = copies.state()
        lost, damaged = Blob.objects.all()
        files.place_of(lost.path).unlink()
        files.place_of(damaged.path).write_bytes(b"?" * damaged.size)
        default_storage.delete(Person.objects.get(name="Mom").photo.name)
        assert backups.recover_files(backup.name) == (3, ())
        assert copies.state() == before

    def test_those_that_no_row_needs_stay_away(self, backup):
        keeping.detach(attachment=Purchase.objects.get(name="Kettle").attachments.first())
        before = copies.state()
        assert backups.recover_files(backup.name) == (0, ())
        assert copies.state() == before

    def test_those_that_no_backup_has_are_named(self, backup):
        copies.attach(Purchase.objects.get(name="Kettle"), b"Since then")
        path = Blob(sha256=copies.hash_of(b"Since then")).path
        files.place_of(path).unlink()
        assert backups.recover_files(backup.name) == (0, (f"files/{path}",))


def test_restore_points_are_kept_apart_and_the_newest_three(backup):
    for minute in range(5):
        backups.restore(backup.name, now=LATER + timedelta(minutes=minute))
    points = [one for one in backups.listed() if one.kind == "restore-point"]
    assert [one.made_at.minute for one in points] == [4, 3, 2]
    assert backup in backups.listed()


def test_the_restore_point_that_is_restored_stays(backup):
    first = backups.restore(backup.name, now=LATER).restore_point
    for minute in range(1, 5):
        backups.restore(first, now=LATER + timedelta(minutes=minute))
    assert first in {one.name for one in backups.listed()}


def test_one_that_is_given_as_a_file_stays_too(backup, shelf):
    first = backups.restore(backup.name, now=LATER).restore_point
    for minute in range(1, 5):
        backups.restore(shelf / first, now=LATER + timedelta(minutes=minute))
    assert (shelf / first).exists()


def test_restores_that_fail_make_no_restore_point_go(backup, shelf):
    def alter(contents, manifest):
        rows = contents["tables/purchases.Purchase.jsonl"]
        contents["tables/purchases.Purchase.jsonl"] = rows.replace(b'"quantity":1', b'"quantity":0')

    backups.restore(backup.name, now=LATER)
    before = backups.listed()
    broken = copies.repacked(shelf / backup.name, alter)
    for minute in range(1, 5):
        with pytest.raises(RestoreFailed):
            backups.restore(broken, now=LATER + timedelta(minutes=minute))
    assert backups.listed() == before


@for_real
class TestWithoutARestorePoint:
    def test_papers_that_are_newer_than_the_backup_stay(self, backup):
        newer = User.objects.get(username="ann")
        copies.attach(buy(newer, "1.00"), b"A warranty")
        path = Blob(sha256=copies.hash_of(b"A warranty")).path
        with transaction.atomic():
            replacing.empty()
        backups.restore(backup.name, now=LATER, with_restore_point=False)
        assert files.place_of(path).read_bytes() == b"A warranty"

    def test_who_comes_while_files_are_laid_down_is_not_erased(self, backup, monkeypatch):
        copies.wipe()
        open_it = Path.open

        def slowly(path, mode="r", *how, **more):
            if mode == "xb" and not User.objects.exists():
                UserFactory(username="dan")
            return open_it(path, mode, *how, **more)

        monkeypatch.setattr(Path, "open", slowly)
        with pytest.raises(RestoreFailed, match="There are users here"):
            backups.restore(backup.name, now=LATER, with_restore_point=False)
        assert [user.username for user in User.objects.all()] == ["dan"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a server always waits for its disk")
@for_real
class TestThatFilesGoOnlyAfterTheirRowsAreOnTheDisk:
    def test_the_database_waits_for_the_disk_and_goes_on_as_usual(self, backup):
        with CaptureQueriesContext(connection) as queries:
            backups.restore(backup.name, now=LATER)
        said = [query["sql"] for query in queries]
        begin = said.index("BEGIN IMMEDIATE", said.index("PRAGMA synchronous = FULL"))
        assert said.index("PRAGMA synchronous = 1") > said.index("COMMIT", begin)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (1,)

    def test_nobody_who_reads_for_long_is_waited_for(self, backup):
        with snapshot() as reader:
            assert User.objects.using(reader).count() == 2
            began = time.monotonic()
            backups.restore(backup.name, now=LATER)
            assert time.monotonic() - began < 10


def test_no_row_is_lost_on_the_way_and_back(backup, shelf):
    backups.restore(backup.name, now=LATER)
    again = backups.make(now=LATER)
    first, second = (copies.members(shelf / one.name) for one in (backup, again))
    said, says = (json.loads(one.pop(copies.MANIFEST)) for one in (first, second))
    assert first == second
    assert said.pop("made_at") != says.pop("made_at")
    assert said == says


class TestWhatFails:
    """Each is told in a sentence, without a path of the machine."""

    def test_a_file_that_cannot_be_laid_down(self, backup, settings):
        shutil.rmtree(settings.MEDIA_ROOT)
        settings.MEDIA_ROOT.write_text("in the way")
        told = r"^Nothing was changed\. The disk says: Not a directory\.$"
        with pytest.raises(RestoreFailed, match=told):
            backups.recover_files(backup.name)
        with pytest.raises(RestoreFailed, match=r"The disk says: Not a directory\."):
            backups.restore(backup.name, now=LATER)
