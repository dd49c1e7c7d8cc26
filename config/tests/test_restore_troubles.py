"""A restore that is interrupted, or cannot go on, leaves the old state or one command back."""

import random
import re
from functools import partial

import pytest
from django.db import connection

from budgets.tests.threads import together
from config import backups
from config.backups import RestoreFailed, RestoreRunning, replacing
from config.backups.alone import alone
from config.backups.restoring import or_back
from config.tests import copies
from config.tests.copies import LATER, NOW
from config.tests.installation import beside
from people.models import Person, User
from purchases import files
from purchases.models import Blob

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 20260715


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    return copies.settle(settings, tmp_path)


@pytest.fixture
def writing(monkeypatch):
    monkeypatch.setattr(replacing, "PATIENCE", 0.2)
    with copies.somebody_who_writes() as start:
        yield start


class TestKilled:
    """After each of its steps."""

    BEFORE = (
        "end config.backups.making:make",
        "end config.portable.outputs:lay",
        "end config.portable.tables:Table.load 9",
        "end config.portable.tables:set_sequences",
        "end config.backups.laying:lay_down 2",
    )
    AFTER = (
        "begin config.backups.laying:sweep_all",
        "end purchases.keeping.storing:sweep",
    )

    @pytest.fixture
    def old(self):
        """Return the backup that is restored, and how things stand in it."""
        copies.furnish()
        copies.post(50)
        old = backups.make(now=NOW).name, copies.state()
        copies.change()
        Person.objects.create(name="Dad")
        return old

    def test_the_old_state_or_the_new_one_and_one_command_back(self, old, tmp_path):
        name, then = old
        restore = ("restore", name, "--no-input")
        with beside(tmp_path) as installation:
            today = installation.state()
            for moment in self.BEFORE:
                assert installation.run(*restore, moment=moment).code == -9
                found = installation.state()
                assert rows_of(found) == rows_of(today)
                assert today.items() <= found.items()  # and files that nobody needs yet
                installation.takes_rows()
            for moment in self.AFTER:
                ended = installation.run(*restore, moment=moment)
                assert ended.code == -9
                found = installation.state()
                assert rows_of(found) == rows_of(then)
                assert then.items() <= found.items()
                (back,) = re.findall("“manage.py (restore .*)” brings back", ended.said)
                assert installation.run(*back.split(), "--no-input").code == 0
                assert installation.state() == today
            for command in (restore, ("check_ledger",), ("check_files",)):
                assert installation.run(*command).code == 0
            assert installation.state() == then


def rows_of(state):
    return {name: digest for name, digest in state.items() if "/" not in name}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no server")
def test_a_server_that_goes_away_at_the_very_end_leaves_the_restore_point():
    def end_the_session(number):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [number])

    told = r"“manage\.py restore point\.zip” brings it back"

    def go_away():
        with or_back("point.zip"), replacing.everything(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (number,) = cursor.fetchone()
            together([partial(end_the_session, number)])

    with pytest.raises(RestoreFailed, match=told):
        go_away()


class TestTwoAtOnce:
    @pytest.fixture
    def backup(self):
        copies.furnish()
        return backups.make(now=NOW)

    @pytest.mark.parametrize("refused", ["restore", "recover_files", "erase_everything"])
    def test_the_second_is_told(self, backup, refused):
        before = copies.state()
        how = {
            "restore": lambda: backups.restore(backup.name, now=LATER),
            "recover_files": lambda: backups.recover_files(backup.name),
            "erase_everything": lambda: backups.erase_everything(
                keep_user=User.objects.first(), now=LATER
            ),
        }
        with alone(), pytest.raises(RestoreRunning, match="Another restore is running"):
            how[refused]()
        assert copies.state() == before
        assert backups.listed() == [backup]

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is for one server")
    def test_on_two_servers_too(self, backup, settings, tmp_path):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        with alone():
            settings.DATA_DIR = elsewhere
            with pytest.raises(RestoreRunning):
                backups.restore(backup.name, now=LATER)

    def test_afterwards_it_is_free_again(self, backup):
        with alone():
            pass
        backups.restore(backup.name, now=LATER)

    def test_of_many_that_begin_together_each_runs_or_is_told(self, backup):
        before = copies.state()
        copies.change()
        ended = together([lambda: backups.restore(backup.name, now=LATER)] * 3)
        told = [one for one in ended if isinstance(one, RestoreRunning)]
        ran = [one for one in ended if isinstance(one, backups.Restored)]
        assert len(told) + len(ran) == 3
        assert ran
        assert copies.state() == before


class TestSomebodyElseWrites:
    def test_a_restore_gives_up_and_says_so(self, writing):
        copies.furnish()
        backup = backups.make(now=NOW)
        before = copies.state()
        writing()
        with pytest.raises(RestoreFailed, match="Somebody else was writing all the time"):
            backups.restore(backup.name, now=LATER)
        assert backups.listed() == [backup]
        assert copies.state() == before

    def test_a_backup_does_not_wait(self, writing):
        copies.furnish()
        before = copies.state()
        writing()
        backup = backups.make(now=NOW)
        assert backups.verify(backup.name).rows
        assert copies.state() == before


class TestNoRoomOnTheDisk:
    """Files may not grow beyond a size, which is as if the disk were full."""

    LIMIT = 100_000

    def refusal(self, installation, *words):
        """Run out of room, which changes nothing, and return what is said."""
        before = installation.state()
        ended = installation.run(*words, limit=self.LIMIT)
        assert ended.code == 1
        assert installation.state() == before
        assert not list(installation.folder.glob("backups/*.part"))
        return ended.said

    def test_neither_a_backup_nor_a_restore_changes_anything(self, shelf, tmp_path):
        kettle = copies.furnish()
        empty = backups.make(now=NOW).name
        copies.attach(kettle, random.Random(SEED).randbytes(2 * self.LIMIT))
        with beside(tmp_path) as installation:
            assert self.refusal(installation, "backup") == (
                "CommandError: No backup was made. There is no room left on the disk.\n"
            )
            assert [one.name for one in backups.listed()] == [empty]

            said = self.refusal(installation, "restore", empty, "--no-input")
            assert "No restore point could be made: There is no room left on the disk." in said
            assert [one.name for one in backups.listed()] == [empty]

            full = self.backup(installation)
            files.place_of(Blob.objects.get(size=2 * self.LIMIT).path).unlink()
            said = self.refusal(installation, "restore", full, "--no-input")
            told = "CommandError: Nothing was changed. There is no room left on the disk.\n"
            assert said.endswith(told)
            assert {one.name for one in backups.listed()} == {empty, full}

    def backup(self, installation):
        assert installation.run("backup").code == 0
        return backups.listed()[0].name

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="the server writes the rows")
    def test_nor_does_a_restore_whose_rows_have_no_room(self, shelf, tmp_path):
        copies.furnish()
        copies.post(1_500)
        backup = backups.make(now=NOW)
        assert backup.size < self.LIMIT
        with beside(tmp_path) as installation:
            said = self.refusal(installation, "restore", backup.name, "--no-input")
        assert "CommandError: Nothing was changed. The database says: " in said
        assert backups.listed() == [backup]
