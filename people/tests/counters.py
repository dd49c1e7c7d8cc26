"""Keys that are the same in two worlds, whatever else was stored in one of them."""

from collections.abc import Collection

from django.db import connection
from django.db.models import Model


def count_from(start: int, models: Collection[type[Model]]) -> None:
    """Let the next rows of `models` have the keys after `start`.

    A rollback turns the counters back on SQLite, but not on PostgreSQL.
    """
    tables = [model._meta.db_table for model in models]
    places = ", ".join(["%s"] * len(tables))
    sql = (
        f"SELECT setval(pg_get_serial_sequence(name, 'id'), %s) FROM unnest(ARRAY[{places}]) name"
        if connection.vendor == "postgresql"
        else f"UPDATE sqlite_sequence SET seq = %s WHERE name IN ({places})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, *tables])
