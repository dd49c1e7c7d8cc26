"""The commands of docs/runbook.md, run as they stand there after each misfortune."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from config import backups
from config.tests import copies, forking, installation
from config.tests.copies import NOW

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = (settings.BASE_DIR / "docs" / "runbook.md").read_text()
OF_MIGRATIONS = {"contenttypes.ContentType", "auth.Permission"}
#: How an installation may be run, by the database that it has.
WAYS = {"sqlite": ("SQLite",), "postgresql": ("PostgreSQL", "containers")}
POINT = re.compile(r"pursestrings-\d{8}T\d{6}Z-restore-point(?:_\w+)?\.zip")


def blocks(page: str) -> dict[tuple[str, str], str]:
    """Return the commands below each title, by the way that they are for."""
    found = {}
    for part in page.split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        for below in text.split("\n### ")[1:]:
            heading, _, text = below.partition("\n")
            [commands] = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
            for way in re.findall("SQLite|PostgreSQL|containers", heading):
                found[title, way] = commands
    return found


BLOCKS = blocks(PAGE)
TITLES = {title for title, _ in BLOCKS}

#: Whoever runs what: the app's data is touched by the app's user alone, everything else by root.
AS_ROOT = '[ -z "${AS:-}" ] || { echo "not as $AS: $0 $*" >&2; exit 9; }'
AS_THE_APP = '[ "${AS:-}" = pursestrings ] || { echo "as ${AS:-root}: $*" >&2; exit 9; }'
STUBS = {
    "systemctl": f'{AS_ROOT}; echo "systemctl $*" >> called.txt',
    "chown": f'{AS_ROOT}; echo "chown $*" >> called.txt',
    "sudo": f'{AS_ROOT}; [ "$1" = -u ]; export AS="$2"; shift 2; exec "$@"',
    # `compose run [OPTION …] app WORD …` and `compose exec db WORD …`
    "docker": f"""{AS_ROOT}; echo "docker $2" >> called.txt
        shift
        case "$1" in
          run) shift; while [ "${{1#-}}" != "$1" ]; do shift; done
               [ "$1" = app ]; shift; export AS=pursestrings; exec "$@" ;;
          exec) [ "$2" = db ]; shift 2; export AS=postgres; exec "$@" ;;
          stop) [ "$2" = app ] ;;
          up|build) ;;
          *) exit 9 ;;
        esac""",
}
#: What the server's own programs do, on the tests' server and with the tests' name.
ON_THE_SERVER = """
import os, sys, time
import psycopg
server, name = sys.argv[1:3]
assert os.environ["AS"] == "postgres", os.environ["AS"]
said = [word.partition("=")[2] for word in sys.argv[3:] if word.startswith("--command=")]
statement = said[0].replace("pursestrings", name) if said else f"CREATE DATABASE {name}"
with psycopg.connect(server, autocommit=True) as database:
    for _ in range(100):
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        if not database.execute(others, [name]).fetchone()[0]:
            break
        time.sleep(0.05)  # who has just ended is still there for the server
    database.execute(statement)
"""
MAKEFILE = "setup:\n\t@cp VERSION var/installed\n"


class House:
    """An installation in a folder of its own, as the page takes it for granted."""

    def __init__(self, folder: Path, way: str) -> None:
        self.folder = folder / "pursestrings"
        self.upstream = folder / "upstream"
        self.carried = folder / "carried"
        self.var = self.folder / "var"
        self.way = way
        self.publish("1")
        self._git("clone", "--quiet", str(self.upstream), str(self.folder), at=folder)
        self.var.mkdir()
        self.installation: installation.Installation

    def furnish(self, made: installation.Installation) -> None:
        """Let the programs be there that the page speaks of."""
        self.installation = made
        python = f'exec "{sys.executable}" -S "{forking.__file__}" "{installation.served()}"'
        manage = f'{AS_THE_APP}; [ "$1" = manage.py ]; shift; {python} "$@"'
        self._programs(self.folder / ".venv" / "bin", {"python": manage})
        server = urlsplit(made.database)
        place, name = server._replace(path="/postgres").geturl(), server.path[1:]
        on_the_server = f'exec "{sys.executable}" -c \'{ON_THE_SERVER}\' "{place}" "{name}" "$@"'
        programs = {"psql": on_the_server, "createdb": on_the_server, "python": manage}
        self._programs(self.folder / "bin", STUBS | programs)

    def _programs(self, folder: Path, scripts: dict[str, str]) -> None:
        folder.mkdir(parents=True)
        for name, script in scripts.items():
            (folder / name).write_text(
                f"#!/bin/sh -eu\n{script.replace('called.txt', 'var/called')}\n"
            )
            (folder / name).chmod(0o755)

    def publish(self, version: str) -> None:
        """Let there be a newer version upstream."""
        self.upstream.mkdir(exist_ok=True)
        (self.upstream / "VERSION").write_text(version)
        (self.upstream / "Makefile").write_text(MAKEFILE)
        (self.upstream / ".gitignore").write_text("var\n.venv\nbin\n")
        if not (self.upstream / ".git").exists():
            self._git("init", "--quiet", "--initial-branch=main")
        self._git("add", ".")
        who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
        self._git(*who, "commit", "--quiet", "--message", version)

    def _git(self, *words: str, at: Path | None = None) -> None:
        subprocess.run(["git", *words], cwd=at or self.upstream, env=_shell(), check=True)

    def version(self) -> str:
        return (self.folder / "VERSION").read_text()

    def follow(self, title: str, *, point: str = "") -> str:
        """Run what stands below a title, and return what it printed."""
        commands = BLOCKS[title, self.way].replace("/mnt/backups", str(self.carried))
        commands = POINT.sub(point, commands).replace("/data/backups", "var/backups")
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-eu", "-c", commands],
            cwd=self.folder,
            env=_shell() | self.installation.environment | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def run(self, *words: str) -> str:
        ended = self.installation.run(*words)
        assert ended.code == 0, ended.said
        return ended.said

    def state(self) -> dict[str, str]:
        """Return a hash of each file and of each table but those that migrations fill."""
        found = self.installation.state()
        return {name: value for name, value in found.items() if name not in OF_MIGRATIONS}

    @contextmanager
    def database(self) -> Iterator[object]:
        """Yield a connection to the database that is there."""
        with self.installation._connected():
            yield connections[installation.ALIAS]

    def write(self, *statements: str) -> None:
        with self.database() as there, there.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def has_stopped_and_started(self) -> bool:
        called = (self.var / "called").read_text().splitlines()
        stops = {"systemctl stop pursestrings", "docker stop"}
        starts = {"systemctl start pursestrings", "docker up"}
        return called[0] in stops and any(one in starts for one in called[1:])


def _shell() -> dict[str, str]:
    """Return the environment of a shell that no outer `make` has called."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return {name: value for name, value in mine.items() if not name.startswith("GIT_")}


@pytest.fixture(params=WAYS[connection.vendor])
def house(tmp_path, settings, request):
    """Return a house with a backup, in which something has happened since."""
    house = House(tmp_path, request.param)
    copies.settle(settings, house.var)
    settings.MEDIA_ROOT.mkdir(parents=True)
    copies.furnish()
    backups.make(now=NOW)
    with installation.beside(house.var) as made:
        house.furnish(made)
        yield house
        _forget(made.database)


def _forget(address: str) -> None:
    """Delete the databases that were moved aside."""
    server = urlsplit(address)
    if server.scheme != "postgres":
        return
    aside = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as database:
        for (name,) in database.execute(aside, [f"{server.path[1:]}_"]).fetchall():
            database.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def the_backup(house):
    (path,) = house.var.glob("backups/*-manual.zip")
    return path


def aside(house, why):
    """Return how many databases were moved aside."""
    if house.way == "SQLite":
        return len(list(house.var.glob(f"{why}-*/db.sqlite3")))
    server = urlsplit(house.installation.database)
    query = "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)"
    with psycopg.connect(server._replace(path="/postgres").geturl()) as database:
        [(count,)] = database.execute(query, [f"{server.path[1:]}_{why}_"]).fetchall()
        return count


def test_every_part_tells_all_ways_and_is_run_here():
    source = Path(__file__).read_text()
    ways = {way for some in WAYS.values() for way in some}
    assert len(TITLES) == 7
    assert set(BLOCKS) == {(title, way) for title in TITLES for way in ways}
    assert [title for title in TITLES if f'follow("{title}"' not in source] == []
    assert PAGE.count("```sh\n") == PAGE.count("\n### ")


def test_a_corrupt_database(house):
    before = house.state()
    if house.way == "SQLite":
        path = house.var / "db.sqlite3"
        content = path.read_bytes()
        path.write_bytes(content[:100] + os.urandom(4_000) + content[4_100:])
    else:
        house.write("DROP TABLE budgets_entry CASCADE")
    assert house.installation.run("check_ledger").code == 1
    house.follow("A corrupt database")
    assert house.state() == before
    assert aside(house, "broken") == 1
    assert house.has_stopped_and_started()


def test_lost_uploads(house):
    before = house.state()
    shutil.rmtree(house.var / "media")
    assert "Files brought back: 4." in house.follow("Lost uploads")
    assert house.state() == before


def test_total_loss(house):
    before = house.state()
    house.carried.mkdir()
    shutil.copy(the_backup(house), house.carried)
    for path in (house.var / "media", house.var / "backups"):
        shutil.rmtree(path)
    (house.var / "backups").mkdir()
    house.run("flush", "--no-input")
    house.follow("Total loss")
    assert house.state() == before


def test_a_wrong_restore(house):
    house.write("UPDATE people_user SET first_name = 'Since then'")
    before = house.state()
    said = house.run("restore", "--latest", "--no-input")
    [quoted] = re.findall("`(“manage.py .* how things stand now.)`", PAGE)
    [point] = re.findall(re.escape(quoted).replace("NAME", "(.*)"), said)
    wrong = house.state()
    assert wrong != before
    # Somebody tried something else: the newest restore point is not the one that is meant.
    house.run("restore", "--latest", "--no-input")
    assert POINT.findall(house.run("backup", "--list"))[0] != point
    [another] = set(POINT.findall(house.follow("A wrong restore", point=point))) - {point}
    assert house.state() == before
    house.follow("A wrong restore", point=another)
    assert house.state() == wrong


@contextmanager
def somebody_who_writes(house):
    """Keep the rows from being replaced for as long as this lasts."""
    with house.database() as there, there.cursor() as cursor:
        # Each waits for whoever writes: SQLite for its one lock, PostgreSQL for that of a table.
        cursor.execute("BEGIN IMMEDIATE" if there.vendor == "sqlite" else "BEGIN")
        cursor.execute("UPDATE people_user SET first_name = first_name")
        yield
        cursor.execute("ROLLBACK")


def test_a_restore_that_was_interrupted(house):
    """It is killed once it has laid its files down, when it waits to replace the rows."""
    house.write("DELETE FROM purchases_attachment", "DELETE FROM purchases_blob")
    papers = house.var / "media" / "purchases"
    shutil.rmtree(papers)
    before = house.state()
    with somebody_who_writes(house):
        words = ("restore", "--latest", "--no-input")
        where = {"places": house.installation.environment}
        with (
            (house.var / "said.txt").open("w+b") as out,
            forking.asked(installation.served(), words, [out.fileno()] * 3, **where) as (
                pid,
                ended,
            ),
        ):
            _wait_for(lambda: len(lying(papers)) == 2)
            os.kill(pid, signal.SIGKILL)
            assert ended() == -signal.SIGKILL
    left = house.state()
    assert left != before
    assert {name: value for name, value in left.items() if name in before} == before
    house.follow("A restore that was interrupted")
    assert house.state() == before


def lying(papers):
    return [path for path in papers.glob("??/??/*") if path.is_file()]


def _wait_for(happened):
    for _ in range(1_000):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def test_to_a_newer_version_and_back_and_there_again(house):
    before = house.state()
    house.publish("2")
    house.follow("To take a newer version")
    assert house.version() == "2"
    assert house.has_stopped_and_started()
    noted = (house.var / "before-upgrade").read_text().split()[0]
    house.write(
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('purchases', '0099_newer', '2026-07-15 12:00:00')",
        "UPDATE people_user SET first_name = 'Since then'",
    )
    # The night came, and the newest backup is one of the newer version.
    house.run("backup", "--scheduled")
    assert noted not in house.run("backup", "--list").splitlines()[0]
    house.follow("Back to the version before")
    assert house.state() == before
    assert house.version() == "1"
    assert aside(house, "newer") == 1
    house.follow("To take a newer version")
    assert house.version() == "2"
    if house.way != "containers":
        assert (house.var / "installed").read_text() == "2"
