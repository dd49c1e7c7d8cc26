"""Usage files as a stream of records: CSV or JSON lines, with the line where each one starts.

A record that cannot be read is a `Problem` among the others and stops none of them. What concerns
the whole file is `BadFile`, raised before the first record.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from budgets.usage.columns import BadColumns, Columns, Header

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
    """Nothing of the file can be read; the message says why.

    `hint` is what to do about it: an option of the command, which means nothing on a page.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason + hint)
        self.reason, self.hint = reason, hint


@dataclass(frozen=True, slots=True)
class Record:
    """The text of each field of one row, and the line on which the row starts."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the row that starts on `line` cannot be taken.

    `hint` goes on from the reason: which option of the command would help.
    """

    line: int
    reason: str
    hint: str = ""


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
        return table(lines_of(stream), columns)
    if first == b"[":
        raise BadFile("The file is one JSON array; JSON lines have one object on each line.")
    return json_lines(lines_of(stream), columns)


def lines_of(stream: io.BufferedReader) -> Iterator[str]:
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


def table(
    lines: Iterator[str], header: Header, *, delimiter: str = ""
) -> Iterator[Record | Problem]:
    """Return the records of a table with a header; the delimiter is told by it, unless given.

    Raises BadFile at once when the header is not what it should be.
    """
    csv.field_size_limit(LONGEST_LINE)
    above, first = 1, next(lines, "")
    while first and not first.strip():
        above, first = above + 1, next(lines, "")
    if not first:
        raise BadFile("The file has no header.")
    if not _is_text(first):
        raise BadFile("The header is not UTF-8 text.")
    delimiter = delimiter or max(",;\t", key=lambda mark: len(_cells(first, mark)))
    names = _cells(first, delimiter)
    try:
        places = header.check(names)
    except BadColumns as problem:
        raise BadFile(problem.reason, problem.hint) from None
    return _csv_records(lines, delimiter, places, len(names), above)


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter))


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


def json_lines(lines: Iterator[str], columns: Columns) -> Iterator[Record | Problem]:
    """Yield the records of JSON lines: one object on each line."""
    places_in = lru_cache(maxsize=128)(columns.places)
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            row = json_object(text)
            names = tuple(row)
            places = places_in(names)
            values = {known: as_text(known, row[names[at]]) for known, at in places.items()}
        except BadColumns as problem:
            yield Problem(line, problem.reason, problem.hint)
            continue
        except BadValue as problem:
            yield Problem(line, str(problem))
            continue
        missing = columns.missing_from(places)
        yield Problem(line, missing) if missing else Record(line, values)


class BadValue(ValueError):
    """The JSON is not what a row is made of; the message says why."""


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object that `text` is, its numbers exact. Raises BadValue."""
    if not _is_text(text):
        raise BadValue("is not UTF-8 text")
    try:
        row = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except BadValue:
        raise
    except (ValueError, ArithmeticError, RecursionError):
        raise BadValue("is not JSON") from None
    if not isinstance(row, dict):
        raise BadValue("is not a JSON object")
    return row


def _refuse_constant(name: str) -> None:
    raise BadValue(f"{name} is not a number")


def as_text(known: str, value: Any) -> str:
    """Return a JSON value as the text a CSV cell would hold. Raises BadValue."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise BadValue(f"{known}: is neither text nor a number")
    text = str(value).strip()
    if not _is_text(text):
        raise BadValue(f"{known}: is not UTF-8 text")
    return text


def _is_text(text: str) -> bool:
    """Tell whether `text` has no lone surrogates, which no database can store."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
