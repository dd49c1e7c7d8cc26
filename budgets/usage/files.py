"""Usage files as a stream of records: CSV or JSON lines, with the line where each one starts.

A record that cannot be read is a `Problem` among the others and stops none of them. What concerns
the whole file is `BadFile`, raised before the first record.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from budgets.usage.columns import BadColumns, Columns

FORMATS = ("csv", "jsonl")
#: Bytes; what is longer is not usage, and is not kept in memory either.
LONGEST_LINE = 16 * 1024 * 1024

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


class BadFile(ValueError):
    """Nothing of the file can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """The text of each field of one row, and the line on which the row starts."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the row that starts on `line` cannot be taken."""

    line: int
    reason: str


def read(
    stream: io.BufferedReader, *, name: str, file_format: str | None, columns: Columns
) -> Iterator[Record | Problem]:
    """Return the records of a UTF-8 file, one at a time.

    Without a `file_format` it follows from the ending of `name`, else from the first character.
    Raises BadFile at once when the file as a whole cannot be read.
    """
    start = stream.peek(4096)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile("The file is UTF-16; save it as UTF-8.")
    first = start.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1]
    if not start:
        raise BadFile("The file is empty.")
    if file_format is None:
        by_look = "jsonl" if first in (b"{", b"[") else "csv"
        file_format = _ENDINGS.get(PurePath(name).suffix.lower(), by_look)
    if file_format == "csv":
        return _read_csv(_lines(stream), columns)
    if first == b"[":
        raise BadFile("The file is one JSON array; JSON lines have one object on each line.")
    return _read_json(_lines(stream), columns)


def _lines(stream: io.BufferedReader) -> Iterator[str]:
    """Yield the lines with their ends, each cut off at LONGEST_LINE.

    Bytes that are not UTF-8 become lone surrogates, so that they spoil their own row only.
    """
    mark = _BYTE_ORDER_MARK
    while line := stream.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        yield line.removeprefix(mark).decode(errors="surrogateescape")
        mark = b""


def _read_csv(lines: Iterator[str], columns: Columns) -> Iterator[Record | Problem]:
    csv.field_size_limit(LONGEST_LINE)
    above, header = 1, next(lines, "")
    while header and not header.strip():
        above, header = above + 1, next(lines, "")
    if not header:
        raise BadFile("The file has no header.")
    if not _is_text(header):
        raise BadFile("The header is not UTF-8 text.")
    delimiter = max(",;\t", key=lambda mark: len(_cells(header, mark)))
    names = _cells(header, delimiter)
    places = _places_in_header(names, columns)
    return _csv_records(lines, delimiter, places, len(names), above)


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter))


def _places_in_header(names: Sequence[str], columns: Columns) -> dict[str, int]:
    try:
        places = columns.places(names)
    except BadColumns as problem:
        raise BadFile(str(problem)) from None
    for known, column in columns.chosen.items():
        if column and known not in places:
            raise BadFile(f"The header has no column “{column}”: {', '.join(names)}")
    if missing := columns.missing_from(places):
        shown = ", ".join(names)
        raise BadFile(f"In the header {missing}: {shown}. Name it with --columns FIELD=COLUMN.")
    return places


def _csv_records(
    lines: Iterator[str], delimiter: str, places: Mapping[str, int], width: int, above: int
) -> Iterator[Record | Problem]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = above + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = None
        last = above + reader.line_num
        span = f" (lines {line} to {last})" if last > line else ""
        if row is None:
            yield Problem(line, f"the quotation marks do not pair up{span}")
        elif not any(cell.strip() for cell in row):
            continue
        elif len(row) != width:
            yield Problem(line, f"has {len(row)} cells and the header {width}{span}")
        elif not _is_text("".join(row)):
            yield Problem(line, "is not UTF-8 text")
        else:
            yield Record(line, {known: row[place].strip() for known, place in places.items()})


def _read_json(lines: Iterator[str], columns: Columns) -> Iterator[Record | Problem]:
    places_in = lru_cache(maxsize=128)(columns.places)
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            row = _object(text)
            names = tuple(row)
            places = places_in(names)
            values = {known: _text(known, row[names[at]]) for known, at in places.items()}
        except (BadColumns, _BadValue) as problem:
            yield Problem(line, str(problem))
            continue
        missing = columns.missing_from(places)
        yield Problem(line, missing) if missing else Record(line, values)


class _BadValue(ValueError):
    pass


def _object(text: str) -> dict[str, Any]:
    if not _is_text(text):
        raise _BadValue("is not UTF-8 text")
    try:
        row = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except _BadValue:
        raise
    except (ValueError, ArithmeticError, RecursionError):
        raise _BadValue("is not JSON") from None
    if not isinstance(row, dict):
        raise _BadValue("is not a JSON object")
    return row


def _refuse_constant(name: str) -> None:
    raise _BadValue(f"{name} is not a number")


def _text(known: str, value: Any) -> str:
    """Return a JSON value as the text a CSV cell would hold."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _BadValue(f"{known}: is neither text nor a number")
    text = str(value).strip()
    if not _is_text(text):
        raise _BadValue(f"{known}: is not UTF-8 text")
    return text


def _is_text(text: str) -> bool:
    """Tell whether `text` has no lone surrogates, which no database can store."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
