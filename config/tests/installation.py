"""An installation beside the one of the tests: a database of its own, and processes of its own."""

import atexit
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections, transaction
from psycopg import sql

from config.tests import copies
from config.tests.forking import asked
from people.models import Person

ALIAS = "beside"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    said: str


class Installation:
    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"DATA_DIR": str(self.folder), "DATABASE_URL": self.database}

    def run(self, *words: str, limit: int = 0, moment: str = "") -> Ended:
        """Run a command to its end; `limit` is the size of file that it may write.

        At a moment such as "begin config.backups.making:make" or "end config.backups.laying:lay 2"
        it is killed, or before one of its steps, as in "step 17": those are its statements, and
        what it does to files. "counted" lives, and says at the end how many it took.
        """
        said = self.folder / "said.txt"
        with said.open("w+b") as out, Path(os.devnull).open("rb") as none:
            streams = (none.fileno(), out.fileno(), out.fileno())
            how = {"places": self.environment, "limit": limit, "moment": moment}
            with asked(served(), words, streams, **how) as (_, ended):
                code = ended()
            out.seek(0)
            return Ended(code, out.read().decode())

    def state(self) -> dict[str, str]:
        """Return what `copies.state` does, of this installation's own database."""
        with self._connected():
            return copies.state(ALIAS, self.folder / "media")

    def takes_rows(self) -> None:
        """Fail unless a new row has a key of its own; it is not kept."""
        with self._connected(), transaction.atomic(using=ALIAS):
            Person.objects.using(ALIAS).create(name="New")
            transaction.set_rollback(True, using=ALIAS)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        beside = connection.copy(ALIAS)
        name = self.database.rpartition("/")[2]
        is_file = connection.vendor == "sqlite"
        beside.settings_dict["NAME"] = self.folder / name if is_file else name
        connections[ALIAS] = beside
        try:
            _wait_until_alone(beside)
            yield
        finally:
            beside.close()
            del connections[ALIAS]


@cache
def served() -> str:
    """Return the socket of a process that runs commands, for all tests of this process."""
    folder = tempfile.TemporaryDirectory(prefix="commands-")
    place = f"{folder.name}/socket"
    own = {"PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": "config.settings"}
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("forking.py"), "serve", place],
        stdin=subprocess.PIPE,  # with which it ends
        stdout=subprocess.PIPE,
        env=os.environ | own,
    )
    assert process.stdout.readline() == b"ready\n"

    @atexit.register
    def end() -> None:
        process.kill()
        process.wait()
        folder.cleanup()

    return place


def _wait_until_alone(beside: Any) -> None:
    """Wait until the server has noticed that whoever was killed is gone."""
    if beside.vendor != "postgresql":
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with beside.cursor() as cursor:
        for _ in range(200):
            cursor.execute(others)
            if not cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("somebody is still connected")


@contextmanager
def beside(folder: Path) -> Iterator[Installation]:
    """Yield an installation whose database is a copy of the tests' own as it is now."""
    if connection.vendor == "sqlite":
        path = folder / "db.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("PRAGMA journal_mode=WAL")  # as one that was in use
        yield Installation(folder, f"sqlite:///{path}")
        return
    with _copied_on_the_server() as address:
        yield Installation(folder, address)


@contextmanager
def _copied_on_the_server() -> Iterator[str]:
    own = connection.settings_dict
    name = f"{own['NAME']}_beside"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(own["NAME"])
    )
    who = {"host": own["HOST"], "port": own["PORT"], "user": own["USER"]}
    if own["PASSWORD"]:
        who["password"] = own["PASSWORD"]
    connection.close()
    with psycopg.connect(**who, dbname="postgres", autocommit=True) as server:
        server.execute(drop)
        server.execute(copy)
        try:
            password = f":{own['PASSWORD']}" if own["PASSWORD"] else ""
            yield f"postgres://{own['USER']}{password}@{own['HOST']}:{own['PORT']}/{name}"
        finally:
            server.execute(drop)
