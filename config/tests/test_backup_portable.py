"""A backup does not know on which database it was made."""

import json

import pytest
from django.db import connection

from config import backups
from config.backups.kinds import KEPT
from config.backups.writing import member_of
from config.portable.tables import Table
from config.tests import copies
from config.tests.copies import LATER, NOW
from config.tests.installation import Installation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="it takes both databases"),
]


@pytest.fixture
def embedded(tmp_path):
    """Return an installation on SQLite."""
    folder = tmp_path / "embedded"
    folder.mkdir()
    installation = Installation(folder, f"sqlite:///{folder}/db.sqlite3")
    assert installation.run("migrate", "--verbosity", "0").code == 0
    return installation


def test_from_sqlite_to_postgresql_and_back_every_row_is_the_same(embedded, settings, tmp_path):
    shelf = copies.settle(settings, tmp_path)
    copies.furnish()
    carried = shelf / backups.make(now=NOW).name
    here = contents(carried, "postgresql")

    on_sqlite = moved(embedded, carried, "--no-restore-point")
    assert contents(on_sqlite, "sqlite") == here

    copies.wipe()
    backups.restore(on_sqlite, now=LATER, with_restore_point=False)
    again = shelf / backups.make(now=LATER).name
    assert contents(again, "postgresql") == here

    assert contents(moved(embedded, again), "sqlite") == here


def moved(embedded, path, *how):
    """Restore a backup on SQLite, and return the one that is made there."""
    ended = embedded.run("restore", str(path), "--no-input", *how)
    assert ended.code == 0, ended.said
    for command in ("check_ledger", "check_files"):
        assert embedded.run(command).code == 0
    before = set(embedded.folder.glob("backups/*-manual*.zip"))
    assert embedded.run("backup").code == 0
    (made,) = set(embedded.folder.glob("backups/*-manual*.zip")) - before
    return made


def contents(path, database):
    found = copies.members(path)
    assert json.loads(found.pop(copies.MANIFEST))["database"] == database
    for kind in KEPT:  # each has numbers of its own for them
        del found[member_of(Table.of(kind))]
    return found
