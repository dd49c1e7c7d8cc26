"""Databases that live as long as a measurement, made and dropped by Django's own test helpers."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper


def server() -> str:
    """Return the database's name and version, without those of its distribution."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return f"SQLite {cursor.execute('SELECT sqlite_version()').fetchone()[0]}"
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


@contextmanager
def scratch_database() -> Iterator[None]:
    """Make the test database of the settings, with its tables, and drop it at the end."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def copies(suffixes: list[str]) -> Iterator[list[BaseDatabaseWrapper]]:
    """Copy the database as it is under each of the suffixes; yield connections to the copies."""
    made: list[tuple[str, BaseDatabaseWrapper]] = []
    connection.close()
    try:
        for suffix in suffixes:
            connection.creation.clone_test_db(suffix, verbosity=0)
            copy = connections[DEFAULT_DB_ALIAS].copy()
            copy.settings_dict |= connection.creation.get_test_db_clone_settings(suffix)
            made.append((suffix, copy))
        yield [copy for _, copy in made]
    finally:
        for suffix, copy in made:
            copy.close()
            connection.creation.destroy_test_db(suffix=suffix, verbosity=0)


@contextmanager
def connected_by(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Let everything read and write through the other connection."""
    usual = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = usual
