"""Everything from one database into the next and back: the same export, byte for byte.

The other installation is a process of its own with a database of the other kind: SQLite, or
PostgreSQL where a server answers.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit
from zipfile import ZipFile

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config.exporting.taking import take_in
from config.portable.outputs import write_whole
from config.tests.exports import NOW, erase, json_of, manifest_of, small, without_moment, zip_of

pytestmark = pytest.mark.django_db

SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
PASS_ON = """
import sys
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("import_data", sys.argv[1])
call_command("export_data", zip=True, output=sys.argv[2])
"""


def pass_on(url: str, folder: Path, parcel: Path, target: Path) -> str:
    """Take an export into a new installation and export it there; return what was printed."""
    (folder / "static").mkdir(parents=True)
    ran = subprocess.run(
        [sys.executable, "-c", PASS_ON, str(parcel), str(target)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[str]:
    """Yield the address of an empty database, of the other kind if there is one."""
    embedded = f"sqlite:///{tmp_path}/other.sqlite3"
    if connection.vendor != "sqlite":
        yield embedded
        return
    try:
        server = psycopg.connect(SERVER, connect_timeout=3, autocommit=True)
    except psycopg.OperationalError:
        yield embedded
        return
    name = f"pursestrings_elsewhere_{token_hex(6)}"
    with server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(SERVER, autocommit=True) as again:
            again.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_from_database_to_database_and_back(elsewhere, settings, tmp_path, time_machine):
    time_machine.move_to(NOW, tick=False)
    settings.MEDIA_ROOT = tmp_path / "media"
    small()
    before, parcel, back = json_of(), tmp_path / "there.zip", tmp_path / "back.zip"
    write_whole(parcel, [zip_of()])
    members = manifest_of(parcel.read_bytes())["members"]
    told = pass_on(elsewhere, tmp_path / "elsewhere", parcel, back)
    assert f"and {len(members) - 1:,} files" in told
    with ZipFile(back) as found:
        document = found.read("data.json").decode()
    assert without_moment(document) == without_moment(before)
    kept = manifest_of(back.read_bytes())["members"]
    assert {**kept, "data.json": None} == {**members, "data.json": None}
    erase()
    settings.MEDIA_ROOT = tmp_path / "home again"
    take_in(back)
    assert json_of() == before
