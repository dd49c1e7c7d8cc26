"""Rows of any table as JSON and back, exactly."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model, QuerySet

from config.portable.values import plain, readers_of

type Row = dict[str, Any]

#: How many rows are read or written at once.
CHUNK = 2_000
#: What nobody needs elsewhere: who is signed in just now.
_PASSING = {"sessions.Session"}
#: Never backward: both are null while there are neither rows nor a number that was given out.
_ONWARD = """
SELECT setval(it, greatest((SELECT max({key}) FROM {table}), pg_sequence_last_value(it)))
FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS it) AS found
"""


class BadRow(ValueError):
    """A row that does not fit its table; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the database, and the fields of its rows in the order of the model."""

    model: type[Model]
    fields: tuple[Field[Any, Any], ...]

    @classmethod
    def of(cls, model: type[Model]) -> "Table":
        return cls(model, tuple(f for f in model._meta.concrete_fields if not f.generated))

    @property
    def name(self) -> str:
        """The name of the table in a file, such as "purchases.Purchase"."""
        return self.model._meta.label

    def rows(self, query: QuerySet[Any] | None = None, *, using: str = "") -> Iterator[Row]:
        """Yield the rows of `query`, or all, by their keys; a piece at a time is in memory."""
        if query is None:
            query = self.model._base_manager.using(using or DEFAULT_DB_ALIAS)
        names = [field.attname for field in self.fields]
        key = names.index(self.model._meta.pk.attname)
        page = left = query.order_by("pk")
        while True:
            rows = list(page.values_list(*names)[:CHUNK])
            for row in rows:
                yield {name: plain(value) for name, value in zip(names, row, strict=True)}
            if len(rows) < CHUNK:
                return
            page = left.filter(pk__gt=rows[-1][key])
            rows.clear()  # or two pieces would be in memory

    def values(self, row: Row) -> dict[str, Any]:
        """Return what a row says, as the model knows it. Raises BadRow."""
        readers = readers_of(self.model)
        if unknown := row.keys() ^ readers.keys():
            raise BadRow(f"{self.name}: the columns differ: {', '.join(sorted(unknown))}")
        values = {}
        for name, read in readers.items():
            try:
                values[name] = read(row[name])
            except (ValidationError, ValueError, TypeError, ArithmeticError) as problem:
                said = problem.messages if isinstance(problem, ValidationError) else [str(problem)]
                key = row[self.model._meta.pk.attname]
                raise BadRow(f"{self.name} {key}, {name}: {' '.join(said)}") from None
        return values

    def instance(self, row: Row) -> Model:
        """Return what a row says, not stored. Raises BadRow."""
        return self.model(**self.values(row))

    def load(self, rows: Iterable[Row], *, using: str = DEFAULT_DB_ALIAS) -> int:
        """Store rows as they are, keys included; call in a transaction. Returns how many.

        Raises BadRow, also for rows that the database refuses at once. What points at rows that
        are not there is found by `check_references`.
        """
        return sum(
            self._store(chunk, connections[using]) for chunk in batched(rows, CHUNK, strict=False)
        )

    def _store(self, rows: Sequence[Row], connection: BaseDatabaseWrapper) -> int:
        made = [self.values(row) for row in rows]
        prepare = {field.attname: field.get_db_prep_save for field in self.fields}
        try:
            stored = [[prepare[n](one[n], connection) for n in prepare] for one in made]
            with connection.cursor() as cursor:
                cursor.executemany(self._insert(connection), stored)
        except (IntegrityError, DataError, ValueError, TypeError, OverflowError) as problem:
            said = str(problem).partition("\n")[0]
            key = self.model._meta.pk.attname
            first, last = made[0][key], made[-1][key]
            raise BadRow(f"{self.name}, one of {first} to {last}: {said}") from problem
        return len(made)

    def _insert(self, connection: BaseDatabaseWrapper) -> str:
        """Return what stores a row: no signal is sent, and `bulk_create` takes twice as long."""
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in self.fields)
        places = ", ".join(["%s"] * len(self.fields))
        name = quote(self.model._meta.db_table)
        return f"INSERT INTO {name} ({columns}) VALUES ({places})"  # noqa: S608  (our own names)


def tables(*, without: Sequence[str] = ()) -> list[Table]:
    """Return every table that has rows to keep, those of many-to-many fields included."""
    left_out = _PASSING | set(without)
    models = apps.get_models(include_auto_created=True)
    kept = (model for model in models if model._meta.managed and not model._meta.proxy)
    return [Table.of(model) for model in kept if model._meta.label not in left_out]


def written(row: Row) -> str:
    """Return a row as one line of JSON, the same for the same row."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def set_sequences(found: Iterable[Table], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Let the next row of each table have a key beyond those that are stored.

    A sequence of PostgreSQL takes no part in the transaction: one that went back would stay there
    when the rows come back. SQLite looks at the keys itself.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in found:
            key = table.model._meta.pk
            if isinstance(key, AutoField):
                name = quote(table.model._meta.db_table)
                onward = _ONWARD.format(table=name, key=quote(str(key.column)))
                cursor.execute(onward, [name, key.column])


def check_references(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Look whether every row that is pointed at is there; call in a transaction. Raises BadRow."""
    try:
        connections[using].check_constraints()
    except IntegrityError as problem:
        raise BadRow(str(problem).partition("\n")[0]) from problem
