"""A restore that is interrupted, or cannot go on, leaves the old state or one command back."""

import random
import re
from functools import partial
from itertools import pairwise

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
    """After each of its parts, and before ten of its steps, one drawn from each tenth of them."""

    PARTS = (
        "end config.backups.making:make",
        "end config.portable.outputs:lay",
        "end config.portable.tables:Table.load 9",
        "end config.portable.tables:set_sequences",
        "end config.backups.laying:lay_down 2",
        "begin config.backups.laying:sweep_all",
        "end purchases.keeping.storing:sweep",
    )
    DRAWN = 10

    @pytest.fixture
    def old(self):
        """Return the backup that is restored, and how things stand in it."""
        copies.furnish()
        copies.post(50)
        old = backups.make(now=NOW).name, copies.state()
        copies.change()
        Person.objects.create(name="Dad")
        return old

    @pytest.fixture
    def installation(self, old, tmp_path):
        with beside(tmp_path) as installation:
            yield installation

    def test_the_old_state_or_the_new_one_and_one_command_back(self, old, installation):
        name, then = old
        restore = ("restore", name, "--no-input")
        today = installation.state()
        counted = self.ended(installation, *restore, moment="counted")
        assert installation.state() == then
        self.ended(installation, "check_ledger")
        self.go_back(installation, counted)
        assert installation.state() == today

        (steps,) = map(int, re.findall(r"Steps: (\d+)", counted))
        draw = random.Random(SEED)
        ends = [steps * number // self.DRAWN for number in range(self.DRAWN + 1)]
        drawn = [f"step {draw.randint(before + 1, end)}" for before, end in pairwise(ends)]
        killed = partial(self.killed, installation, restore, today=today, then=then)
        assert list(map(killed, self.PARTS)) == [True] * 5 + [False] * 2
        assert set(map(killed, drawn)) == {True, False}

        self.ended(installation, "check_ledger")
        self.ended(installation, "check_files", "--delete-orphans")
        assert whole(installation.state()) == today

    def killed(self, installation, restore, moment, *, today, then):
        """Kill a restore, go back to today, and return whether it still was today."""
        ended = installation.run(*restore, moment=moment)
        assert ended.code == -9, moment
        found = installation.state()
        is_today = rows_of(found) == rows_of(today)
        there = today if is_today else then
        assert rows_of(found) == rows_of(there), moment
        assert there.items() <= found.items(), moment  # and files that nobody needs yet
        installation.takes_rows()
        if not is_today:
            self.go_back(installation, ended.said)
            assert whole(installation.state()) == today, moment
        return is_today

    def go_back(self, installation, said):
        """Run the one command that a restore told of at its beginning."""
        (back,) = re.findall("“manage.py (restore .*)” brings back", said)
        self.ended(installation, *back.split(), "--no-input")

    def ended(self, installation, *words, moment=""):
        ended = installation.run(*words, moment=moment)
        assert ended.code == 0, ended.said
        return ended.said


def rows_of(state):
    return {name: digest for name, digest in state.items() if "/" not in name}


def whole(state):
    """Leave out files that were on their way, which check_files deletes once they are old."""
    return {name: digest for name, digest in state.items() if "/arriving/" not in name}


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
