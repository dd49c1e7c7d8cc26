"""What a test committed is deleted after it.

Django's flush truncates every table, and PostgreSQL makes new files for each; then it writes all
permissions anew. That takes longer than most tests.
"""

from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

type Rows = list[tuple[Any, ...]]

#: What migrations write: it stays, and a test that changed it is followed by Django's own flush.
RIGHTS = ("django_content_type", "auth_permission")


def instead_of_flushing() -> None:
    """Let this follow every test that commits."""
    set_up = TransactionTestCase._fixture_setup.__func__
    flush = TransactionTestCase._fixture_teardown

    def remember(cls: Any) -> None:
        set_up(cls)
        cls.rights = rights()

    def tidy(self: Any) -> None:
        if self.rights == rights():
            empty()
        else:
            flush(self)

    for name, method in {
        "_fixture_setup": classmethod(remember),
        "_fixture_teardown": tidy,
    }.items():
        setattr(TransactionTestCase, name, method)


def rights() -> list[Rows]:
    found = []
    with connection.cursor() as cursor:
        for table in RIGHTS:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found.append(cursor.fetchall())
    return found


def empty() -> None:
    """Delete all other rows, in no order: keys are compared when the transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in filled(cursor):
            cursor.execute(f"DELETE FROM {table}")


def filled(cursor: CursorWrapper) -> list[str]:
    """Return the tables that have rows, with one question."""
    tables = set(connection.introspection.django_table_names()).difference(RIGHTS)
    parts = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    cursor.execute(" UNION ALL ".join(parts))
    return [table for (table,) in cursor.fetchall()]
