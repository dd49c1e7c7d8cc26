"""`manage.py backup`, `verify_backup` and `restore`, as an operator runs them."""

import io
import sys

import pytest

from budgets.models import Cycle
from budgets.tests.running import run
from config import backups
from config.tests import copies
from config.tests.copies import NOW
from people.models import User
from purchases import files
from purchases.models import Blob

pytestmark = pytest.mark.django_db

RESTORE = ("restore", "--latest", "--no-input")


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    shelf = copies.settle(settings, tmp_path)
    copies.furnish()
    return shelf


@pytest.fixture
def made():
    return backups.make(now=NOW)


@pytest.fixture
def lost():
    blob = Blob.objects.first()
    files.place_of(blob.path).unlink()
    return f"files/{blob.path}"


@pytest.fixture
def drifted():
    Cycle.objects.filter(budget__user__username="ann").update(spent=5)


def latest():
    return backups.listed()[0]


class TestBackup:
    def test_it_tells_name_size_and_counts(self):
        done = run("backup")
        one = latest()
        assert done.out.startswith(f"{one.name}  ")
        assert done.out.endswith(f"KB  rows {one.rows}, files 4\n")
        assert done.err == ""

    def test_it_is_quiet_when_told(self):
        done = run("backup", "--quiet")
        assert (done.out, done.err, done.failure) == ("", "", "")
        assert latest().kind == "manual"

    def test_a_schedule_names_itself(self):
        run("backup", "--scheduled")
        assert latest().kind == "scheduled"

    def test_it_keeps_so_many(self, made):
        run("backup", "--keep", "1")
        assert made not in backups.listed()
        assert len(backups.listed()) == 1

    def test_it_keeps_one_at_least(self, made):
        assert run("backup", "--keep", "0").failure == "--keep is at least 1."
        assert backups.listed() == [made]

    def test_it_lists_them_and_makes_none(self, made, shelf):
        broken = shelf / "pursestrings-20260101T000000Z-scheduled.zip"
        broken.write_bytes(b"PK")
        first, second = run("backup", "--list").lines
        assert first.startswith(f"{made.name}  ")
        assert second == f"{broken.name}  2 bytes  cannot be read"

    def test_a_lost_file_is_warned_of_even_when_quiet(self, lost):
        done = run("backup", "--quiet")
        assert done.failure == ""
        assert done.err.startswith("Lost files that are in no backup: 1.")
        assert run("backup", "--list").out.endswith(", files 3, lost 1\n")

    def test_a_ledger_that_drifted_is_warned_of_even_when_quiet(self, drifted):
        done = run("backup", "--quiet")
        assert done.failure == ""
        assert done.err.startswith("Counters of the ledger that disagree with their rows: 1.")

    def test_what_cannot_be_written_fails_without_a_trace(self, shelf):
        shelf.write_text("in the way")
        failure = run("backup").failure
        assert failure.startswith("No backup was made. The disk says: ")


class TestVerifyBackup:
    def test_a_whole_one(self, made):
        assert run("verify_backup", made.name).out == (
            f"{made.name} is whole: rows {made.rows}, files 4, made 2026-07-15 12:00 UTC.\n"
        )

    def test_a_file_of_its_own(self, made, shelf, tmp_path):
        path = (shelf / made.name).rename(tmp_path / "carried.zip")
        assert run("verify_backup", str(path)).out.startswith("carried.zip is whole: ")

    def test_what_was_lost_already(self, lost, made):
        assert run("verify_backup", "--latest").lines[1:] == [
            f"lost already when it was made: {lost}"
        ]

    def test_what_had_drifted_already(self, drifted, made):
        assert run("verify_backup", "--latest").lines[1:] == [
            "counters of the ledger that disagreed with their rows already when it was made: 1"
        ]

    def test_a_broken_one(self, made, shelf):
        (shelf / made.name).write_bytes(b"")
        failure = f"{made.name}: This is no backup: the file is empty."
        assert run("verify_backup", made.name).failure == failure

    def test_none(self):
        assert run("verify_backup", "--latest").failure == "There is no such backup."

    @pytest.mark.parametrize("words", [[], ["some.zip", "--latest"]])
    def test_neither_or_both(self, words):
        failure = run("verify_backup", *words).failure
        assert failure == "Name a backup, or give --latest: one of the two."

    def test_the_latest_of_a_kind(self, made):
        point = backups.make(now=NOW, kind="restore-point")
        assert run("verify_backup", "--latest").out.startswith(made.name)
        assert run("verify_backup", "--latest", "restore-point").out.startswith(point.name)


class TestRestore:
    @pytest.fixture(autouse=True)
    def before(self, made):
        before = copies.state()
        User.objects.update(first_name="Changed")
        return before

    def answer(self, monkeypatch, text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    def test_it_tells_what_it_did(self, made, before):
        done = run(*RESTORE)
        assert copies.state() == before
        assert done.lines == [
            f"“manage.py restore {latest().name}” brings back how things stand now.",
            f"{made.name} is restored: rows {made.rows}, files laid down 0.",
        ]

    def test_it_asks_and_goes_on(self, monkeypatch, made, before):
        self.answer(monkeypatch, "restore\n")
        done = run("restore", made.name)
        assert "It replaces everything that is here now." in done.out
        assert copies.state() == before

    @pytest.mark.parametrize("typed", ["yes\n", "\n"])
    def test_it_asks_and_does_nothing(self, monkeypatch, made, before, typed):
        self.answer(monkeypatch, typed)
        assert run("restore", made.name).out.endswith("Nothing was changed.\n")
        assert copies.state() != before
        assert backups.listed() == [made]

    def test_nobody_is_there_to_ask(self, monkeypatch, made):
        self.answer(monkeypatch, "")
        failure = "Nobody is there to confirm; give --no-input to go on."
        assert run("restore", made.name).failure == failure

    def test_a_broken_one_is_refused_before_it_asks(self, made, shelf):
        (shelf / made.name).write_bytes(b"")
        failure = "Nothing was changed. This is no backup: the file is empty."
        assert run("restore", made.name).failure == failure
        assert run("restore", made.name, "--no-input").failure == failure

    def test_where_people_are_a_restore_point_is_made(self):
        failure = run(*RESTORE, "--no-restore-point").failure
        assert failure.startswith("Nothing was changed. There are users here")

    def test_what_is_lost_is_named(self, lost):
        backups.make(now=copies.LATER)
        done = run(*RESTORE)
        assert done.err == f"lost: {lost}\n"

    def test_what_has_drifted_comes_back_and_is_told(self, drifted):
        drifted_too = backups.make(now=copies.LATER)
        done = run("restore", drifted_too.name, "--no-input")
        assert done.failure == ""
        assert done.err.startswith("Counters of the ledger that disagree with their rows, as they")

    def test_only_files(self, lost, made):
        assert run("restore", made.name, "--files-only").out == "Files brought back: 1.\n"
        assert User.objects.filter(first_name="Changed").count() == 2
