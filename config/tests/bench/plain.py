"""The limit: what the verb says to the database, said by the driver alone."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

Values = Mapping[str, Any]
Charge = Callable[[Values], object]
Statement = tuple[str, Any]


def said_by(act: Callable[[], object]) -> list[Statement]:
    """Return the statements with their values that `act` sends through Django."""
    heard: list[Statement] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        heard.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        act()
    return heard


@contextmanager
def driver(statements: list[Statement]) -> Iterator[Charge]:
    """Connect without Django and yield what sends the same statements with other values."""
    if connection.vendor == "postgresql":
        with _postgresql(statements) as charge:
            yield charge
    else:
        with _sqlite(statements) as charge:
            yield charge


@contextmanager
def _postgresql(statements: list[Statement]) -> Iterator[Charge]:
    """The one statement, which psycopg prepares on the server after its fifth time."""
    [(sql, _)] = statements
    database = connection.settings_dict
    with psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
        host=database["HOST"],
        port=database["PORT"] or 5432,
        autocommit=True,
    ) as connected:
        yield lambda values: connected.execute(sql, values).fetchone()


@contextmanager
def _sqlite(statements: list[Statement]) -> Iterator[Charge]:
    """The three statements in one transaction, the cycle passed on from the first to the others."""
    begin, decide, *inserts = (re.sub(r"%\((\w+)\)s", r":\1", sql) for sql, _ in statements)
    options = settings.DATABASES["default"]["OPTIONS"]
    connected = sqlite3.connect(
        connection.settings_dict["NAME"],
        timeout=options["timeout"],
        isolation_level=None,
        check_same_thread=False,
    )
    connected.executescript("PRAGMA foreign_keys=ON;" + options["init_command"])

    def charge(values: Values) -> None:
        connected.execute(begin)
        cycle, *_ = connected.execute(decide, values).fetchone()
        values = {**values, "cycle": cycle}
        for insert in inserts:
            connected.execute(insert, values).fetchone()
        connected.execute("COMMIT")

    try:
        yield charge
    finally:
        connected.close()
