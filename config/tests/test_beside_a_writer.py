"""A command that only reads does not wait for somebody who writes for long."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import psycopg
import pytest
from django.conf import settings

from config.tests.installation import Installation, beside


def writer(installation: Installation) -> sqlite3.Connection | psycopg.Connection:
    """Return a connection that is in the middle of writing."""
    scheme, _, path = installation.database.partition(":///")
    if scheme == "sqlite":
        file = sqlite3.connect(path, isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        return file
    server = psycopg.connect(installation.database)
    server.execute("LOCK TABLE people_user IN EXCLUSIVE MODE")
    return server


@pytest.mark.django_db(transaction=True)
def test_it_comes_to_its_end(tmp_path):
    with beside(tmp_path) as installation, closing(writer(installation)):
        done = subprocess.run(
            [sys.executable, "manage.py", "check_ledger"],
            cwd=settings.BASE_DIR,
            env=installation.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
