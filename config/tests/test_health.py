"""/healthz and /readyz: alive, and ready for people."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """Make a directory that this process may not write to, not even as root."""
    tmp_path.chmod(0o500)
    real, effective, saved = os.getresuid()
    if real == 0:
        os.setresuid(65534, effective, saved)
    yield tmp_path
    os.setresuid(real, effective, saved)


@pytest.fixture
def no_database(django_db_blocker, monkeypatch) -> Iterator[None]:
    """Send the connection to where no database is."""
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "NAME", "/nowhere/at/all")
        yield
        connection.close()


def test_healthz_is_open_and_asks_nothing_of_the_database(client):
    # Without the `django_db` mark a query is an error.
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert "no-cache" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_is_ready(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready"}
    assert "no-cache" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_waits_for_migrations(client):
    newest = (
        MigrationRecorder(connection).migration_qs.filter(app="budgets").order_by("name").last()
    )
    newest.delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "migrations not applied: 1"}


@pytest.mark.django_db
def test_readyz_tells_of_a_data_directory_that_is_missing(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["storage"] == "The data directory 'gone' does not exist."


@pytest.mark.django_db
def test_readyz_tells_of_a_data_directory_that_cannot_be_written_to(client, settings, read_only):
    settings.DATA_DIR = read_only
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "storage": f"The data directory '{read_only.name}' cannot be written to.",
    }


def test_readyz_tells_of_a_database_that_cannot_be_reached(client, no_database):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "no connection"}
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_get_is_answered(client, path):
    assert client.post(path).status_code == 405
