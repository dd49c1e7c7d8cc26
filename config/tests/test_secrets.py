"""Secrets come from the environment or from a file, and a missing one stops the start."""

from pathlib import Path

import pytest

from config.tests.elsewhere import run, settle

TELL_KEY = "from django.conf import settings; print(settings.SECRET_KEY, end='')"
TELL_DATABASE = "from django.conf import settings; print(settings.DATABASES['default']['HOST'])"
KEY = "k" * 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return settle(tmp_path)


@pytest.mark.parametrize("environment", [{}, {"SECRET_KEY": ""}])
def test_without_a_secret_key_nothing_starts(folder, environment):
    told = run(TELL_KEY, folder=folder, **environment)
    assert told.returncode == 1
    assert told.stdout == ""
    reason = told.stderr.splitlines()[-1]
    assert "ImproperlyConfigured" in reason
    assert "SECRET_KEY" in reason


def test_the_key_may_stand_in_a_file(folder, tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY, encoding="utf-8")
    assert run(TELL_KEY, folder=folder, SECRET_KEY_FILE=str(file)).stdout == KEY


def test_a_file_that_is_not_there_stops_the_start(folder, tmp_path):
    told = run(TELL_KEY, folder=folder, SECRET_KEY_FILE=str(tmp_path / "gone"))
    assert told.returncode == 1
    assert str(tmp_path / "gone") in told.stderr


def test_a_key_in_env_file_is_read_and_the_process_wins_over_it(folder):
    (folder / ".env").write_text("SECRET_KEY=from-the-file\n", encoding="utf-8")
    assert run(TELL_KEY, folder=folder).stdout == "from-the-file"
    assert run(TELL_KEY, folder=folder, SECRET_KEY=KEY).stdout == KEY


def test_the_address_of_the_database_may_stand_in_a_file(folder, tmp_path):
    file = tmp_path / "url"
    file.write_text("postgres://ann:secret@db.example.org/purse", encoding="utf-8")
    told = run(TELL_DATABASE, folder=folder, SECRET_KEY=KEY, DATABASE_URL_FILE=str(file))
    assert told.stdout.strip() == "db.example.org"
