"""Values as JSON writes them and back: amounts as text, moments in UTC."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, partial
from math import isfinite
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    CharField,
    Field,
    FileField,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

type Read = Callable[[Any], Any]

#: Texts that say where a file lies, besides those of file fields. A row that comes from elsewhere
#: must not name any other file: bytes are read, written and deleted by it.
_PATHS = {("purchases.ImportBatch", "path")}
_HASHES = {("purchases.Blob", "sha256")}
_HASH = re.compile(r"[0-9a-f]{64}")


def plain(value: Any) -> Any:
    """Return a value as JSON writes it: an amount as text, a moment in UTC."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case UUID():
            return str(value)
        case dict():
            # PostgreSQL keeps the keys of JSON in an order of its own.
            return {key: plain(value[key]) for key in sorted(value)}
        case list():
            return [plain(one) for one in value]
        case _:
            return value


@cache
def readers_of(model: type[Model]) -> dict[str, Read]:
    """Return what reads the values of each column.

    It raises ValidationError, ValueError, TypeError or ArithmeticError for what `plain` would
    write otherwise, and for what the database would refuse.
    """
    return {one.attname: _reader(one) for one in model._meta.concrete_fields if not one.generated}


def _reader(field: Field[Any, Any]) -> Read:
    """Return what reads what was written for a field, if `plain` would write it so again."""
    holds = _pointed_at(field)
    to_python, judges = holds.to_python, [*_judges(field, holds)]

    def read(written: Any) -> Any:
        if written is None:
            if not field.null:
                raise ValueError("This cannot be empty.")
            return None
        value = to_python(written)
        again = value if type(value) is type(written) else plain(value)
        if type(again) is not type(written) or again != written:
            raise ValueError(f"“{written}” is not written as it should be.")
        for judge in judges:
            judge(value)
        return value

    return read


def _pointed_at(field: Field[Any, Any]) -> Field[Any, Any]:
    """Return the field whose values a foreign key has; any other is itself."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field


def _judges(field: Field[Any, Any], holds: Field[Any, Any]) -> Iterator[Callable[[Any], None]]:
    """Yield what raises ValueError for values that the database would refuse, or we would."""
    place = (field.model._meta.label, field.attname)
    if isinstance(field, FileField) or place in _PATHS:
        yield _judge_path
    if place in _HASHES:
        yield _judge_hash
    if isinstance(holds, IntegerField):
        yield partial(_judge_range, *connection.ops.integer_field_range(holds.get_internal_type()))
    if isinstance(holds, CharField | TextField | FileField):
        yield _judge_text
        # A column of SQLite takes any length, and what it took once it takes again.
        is_strict = connection.vendor == "postgresql"
        if is_strict and (holds.db_type(connection) or "").startswith("varchar("):
            yield partial(_judge_length, holds.max_length)
    if isinstance(holds, JSONField):
        yield _judge_json


def _judge_path(path: Any) -> None:
    """Raise ValueError unless a path, if it is one, stays below its folder."""
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts or "\\" in path or "\0" in path:
        raise ValueError(f"“{path}” names no file of ours.")


def _judge_hash(value: str) -> None:
    if not _HASH.fullmatch(value):
        raise ValueError(f"“{value}” is no SHA-256.")


def _judge_range(least: int, most: int, value: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{value} is beyond what fits here.")


def _judge_length(most: int | None, value: str) -> None:
    if most is not None and len(value) > most:
        raise ValueError(f"This is longer than {most} characters.")


def _judge_text(value: str) -> None:
    """Raise ValueError for half a character; and for NUL, where the database has none."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("This has half a character.") from None
    if "\0" in value and connection.vendor == "postgresql":
        raise ValueError("This has a character that the database does not store.")


def _judge_json(value: Any) -> None:
    match value:
        case str():
            _judge_text(value)
        case float():
            if not isfinite(value):
                raise ValueError(f"{value} is no number of JSON.")
        case list():
            for one in value:
                _judge_json(one)
        case dict():
            for key, one in value.items():
                _judge_text(key)
                _judge_json(one)
