"""All rows replaced by others, in one transaction in which nobody else writes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.db.models import Q

from config.backups.kinds import KEPT, Kinds
from config.backups.refusals import in_words
from config.portable.tables import Row, Table, check_references, set_sequences, tables

#: How long others may take to end what they began, in seconds; SQLite has its own in the settings.
PATIENCE = 20


class Uncertain(Exception):
    """The database was told to keep everything, and nobody can tell whether it did."""


@contextmanager
def everything() -> Iterator[None]:
    """Hold everything in a transaction that survives a power cut once it has ended.

    Files go after it that were needed until then. Raises Uncertain when its very end fails on a
    server, which may have kept everything before it went away.
    """
    is_through = False
    try:
        with _on_the_disk(), transaction.atomic(durable=True):
            hold_everything()
            yield
            is_through = True
    except DatabaseError as problem:
        if is_through and connection.vendor == "postgresql":
            raise Uncertain(in_words(problem)) from problem
        raise


def hold_everything() -> None:
    """Keep every table to this transaction; who reads goes on.

    SQLite has one write lock, which the transaction took when it began.
    """
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(table.model._meta.db_table) for table in tables())
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        cursor.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def empty(keep: dict[str, Q] | None = None) -> None:
    """Delete every row but those that migrations write, and those that `keep` names by table.

    In no order: keys are compared when the transaction ends, and what protects a row from being
    deleted alone does not speak of all of them.
    """
    for table in tables():
        if table.model in KEPT:
            continue
        kept = (keep or {}).get(table.name)
        rows = table.model._base_manager.all()
        rows = rows if kept is None else rows.exclude(kept)
        rows._raw_delete(DEFAULT_DB_ALIAS)  # noqa: SLF001  (delete() would read them all)


def load(rows: Callable[[Table], Iterator[Row]]) -> None:
    """Store the rows of every table, and let new ones come after them. Raises as `Table.load`."""
    kinds = Kinds(rows)
    for table in tables():
        if table.model not in KEPT:
            table.load(kinds.renumbered(table, rows(table)))
    set_sequences(tables())
    check_references()


@contextmanager
def _on_the_disk() -> Iterator[None]:
    """Let a transaction of SQLite wait for the disk, which it does not in the settings."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        (usual,) = cursor.fetchone()
        cursor.execute("PRAGMA synchronous = FULL")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA synchronous = {usual}")
