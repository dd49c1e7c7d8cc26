"""All of the database as it was at one moment, however long the reading takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

#: The first query of a transaction is what the moment is taken at.
_BEGIN = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
_LOOK = "SELECT 1 FROM django_migrations LIMIT 1"


@contextmanager
def snapshot() -> Iterator[str]:
    """Yield the alias of a database whose reads are all of one moment, and that takes no write.

    Nobody waits for it, and it waits for nobody: it is a connection of its own, for this thread
    alone. Whoever is in a transaction gets the alias of that one: its own rows are seen by no
    other connection.
    """
    present = connections[DEFAULT_DB_ALIAS]
    if present.in_atomic_block:
        yield DEFAULT_DB_ALIAS
        return
    alias = f"snapshot_{token_hex(8)}"
    connections[alias] = reader = _beside(present, alias)
    try:
        with transaction.atomic(using=alias):
            with reader.cursor() as cursor:
                cursor.execute(_BEGIN[reader.vendor])
                cursor.execute(_LOOK)
            yield alias
    finally:
        reader.close()
        del connections[alias]


def _beside(present: BaseDatabaseWrapper, alias: str) -> BaseDatabaseWrapper:
    """Return another connection to the same database, which is not open yet."""
    reader = present.copy(alias)
    options = reader.settings_dict["OPTIONS"]
    # A pool is one an alias, and would outlive it.
    options.pop("pool", None)
    if reader.vendor == "sqlite":
        # IMMEDIATE would take the one write lock for as long as the reading takes.
        options["transaction_mode"] = "DEFERRED"
    return reader
