"""How many backups are kept, which are listed, and how they go."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from budgets.tests.running import run
from config import backups
from config.tests import copies
from config.tests.copies import LATER, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    return copies.settle(settings, tmp_path)


def make(*kinds):
    """Make one backup a minute, of these kinds."""
    return [
        backups.make(now=NOW + timedelta(minutes=minute), kind=kind)
        for minute, kind in enumerate(kinds)
    ]


def names():
    return [one.name for one in backups.listed()]


def test_there_are_none_at_first():
    assert backups.listed() == []


def test_the_newest_is_listed_first():
    first, second = make("manual", "scheduled")
    assert backups.listed() == [second, first]


def test_whatever_else_lies_there_is_not_listed(shelf):
    (made,) = make("manual")
    for name in (
        "note.txt",
        "pursestrings.zip",
        "pursestrings-20260715T120000Z-other.zip",
        "pursestrings-20261399T120000Z-manual.zip",
        "backup-x.part",
    ):
        (shelf / name).touch()
    assert names() == [made.name]


def test_one_that_cannot_be_read_is_listed_as_such(shelf):
    shelf.mkdir()
    (shelf / "pursestrings-20260715T120000Z-manual.zip").write_bytes(b"PK")
    (one,) = backups.listed()
    assert (one.made_at, one.kind, one.size) == (NOW, "manual", 2)
    assert (one.is_readable, one.counts, one.rows) == (False, {}, 0)


def test_one_that_may_not_be_read_is_in_nobodys_way(shelf, monkeypatch):
    (locked,) = make("manual")
    open_it = Path.open

    def refuse(path, *how, **more):
        if path.name == locked.name:
            raise PermissionError(13, "Permission denied")
        return open_it(path, *how, **more)

    monkeypatch.setattr(Path, "open", refuse)
    made = backups.make(now=LATER)
    assert [one.is_readable for one in backups.listed()] == [True, False]
    assert backups.listed()[1].size == locked.size
    assert backups.restore(made.name, now=LATER).restore_point
    done = run("backup", "--keep", "1")
    assert done.failure == ""
    assert locked.name not in names()


def test_older_ones_that_cannot_be_deleted_are_told_apart(settings, shelf):
    (old,) = make("manual")
    held = {**settings.STORAGES["backups"], "BACKEND": f"{__name__}.Holding"}
    settings.STORAGES = {**settings.STORAGES, "backups": held}
    done = run("backup", "--keep", "1")
    assert done.failure == (
        "The backup is made, and older ones could not be deleted. The disk says: Permission denied."
    )
    assert len(names()) == 2
    assert done.out.startswith(names()[0])
    assert backups.restore(old.name, now=LATER).restore_point in names()


class Holding(FileSystemStorage):
    """Lets nothing go."""

    def delete(self, name):
        raise PermissionError(13, "Permission denied")


def test_one_is_looked_up_by_its_name_and_no_other_is_read(shelf, monkeypatch):
    one, _ = make("manual", "manual")
    read, open_it = [], Path.open

    def noted(path, *how):
        read.append(path)
        return open_it(path, *how)

    monkeypatch.setattr(Path, "open", noted)
    assert backups.described(one.name) == one
    assert read == [shelf / one.name]


@pytest.mark.parametrize("name", ["../secret.zip", "", "pursestrings-20260101T000000Z-manual.zip"])
def test_where_there_is_none_of_a_name_none_is_found(name):
    assert backups.described(name) is None


def test_all_are_kept_unless_told_otherwise():
    make("manual", "manual", "scheduled")
    assert len(names()) == 3


def test_the_newest_are_kept_by_hand_and_by_schedule_together():
    made = make("manual", "scheduled", "manual", "scheduled")
    assert backups.prune(2) == [made[1].name, made[0].name]
    assert names() == [made[3].name, made[2].name]


def test_restore_points_are_not_counted_and_stay():
    made = make("restore-point", "manual", "restore-point", "manual")
    assert backups.prune(1) == [made[1].name]
    assert names() == [made[3].name, made[2].name, made[0].name]


@pytest.mark.parametrize("keep", [0, -1])
def test_one_is_kept_at_least(keep):
    with pytest.raises(ValueError, match="at least one"):
        backups.prune(keep)


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(ValueError, match="weekly"):
        make("weekly")


def test_one_is_deleted_by_its_name():
    first, second = make("manual", "manual")
    backups.remove(first.name)
    assert names() == [second.name]


@pytest.mark.parametrize("name", ["../secret.zip", "secret.zip", "", "/etc/passwd"])
def test_nothing_but_backups_is_opened_or_deleted(shelf, name):
    shelf.mkdir()
    secrets = [shelf / "secret.zip", shelf.parent / "secret.zip"]
    for path in secrets:
        path.touch()
    for verb in (backups.remove, backups.opened):
        with pytest.raises(backups.BadBackup, match="no backup of this name"):
            verb(name)
    assert all(path.exists() for path in secrets)


def test_one_is_opened_as_it_lies_there(shelf):
    (made,) = make("manual")
    with backups.opened(made.name) as file:
        assert file.read() == (shelf / made.name).read_bytes()
