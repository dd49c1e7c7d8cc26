"""JSON of any length, one record at a time: nothing but the record at hand is in memory.

A record is an element of an array that lies at the top of the document, or one object deeper.
What is wrong with one record is its fault alone; what is wrong with the document is BadFile.
"""

import codecs
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

import ijson

from purchases.importing.rows import BadFile

type Path = tuple[str, ...]
type Scalar = str | int | Decimal | bool | None
type _Events = Iterator[tuple[str, Any]]

#: How deep objects and arrays may lie in each other.
DEEPEST = 50
#: Bytes; what is longer is no record of anything, and is not kept in memory either.
LONGEST_RECORD = 1024 * 1024
#: How many names a document may have outside its records.
MOST_NAMES = 1_000
#: How much of a document tells what it is, in bytes.
LOOKED_AT = 1024 * 1024

_PIECE = 64 * 1024
_OPENING, _CLOSING = {"start_map", "start_array"}, {"end_map", "end_array"}
# The parser makes "?" of half a character, and breaks at numbers that Python will not read.
_HALF = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])")
_ENDLESS = re.compile(rb"(?<!\d)\d{4000}")
_LONGEST_MARK = 4096
_TOO_DEEP = f"The file has objects in each other, more than {DEEPEST} deep."
_COMPLAINT = re.compile(r"error: ([^\n\\]*)")


class Bytes(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Record:
    """An element of the array at `path`, its place there from 1, and why it is no object."""

    path: Path
    place: int
    said: dict[str, Any]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a document says beside its records, and how many of them each array has."""

    said: dict[Path, Scalar] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)

    def note(self, path: Path, value: Scalar) -> None:
        """Keep a value. Raises BadFile for one name too many."""
        self.said[path] = value
        if len(self.said) > MOST_NAMES:
            raise BadFile(f"The file has more than {MOST_NAMES:,} names outside its records.")


def records(stream: Bytes, *, wanted: Collection[Path], outline: Outline) -> Iterator[Record]:
    """Yield the records of the wanted arrays as they come, and fill in the outline.

    Raises BadFile when the document is no JSON object, at the latest at its end.
    """
    text = _Text(stream)
    with _parsed(text) as events:
        event, _ = next(events)
        if event != "start_map":
            raise BadFile(_no_records(event))
        yield from _object(events, (), wanted, outline, text)
        # What stands behind the end is the parser's to refuse.
        next(events, None)


def names_at_top(stream: Bytes) -> tuple[str, ...]:
    """Return the names in the outermost object, or in the first one of an array.

    Only the beginning of a long document is read. Raises BadFile when it is neither.
    """
    text = _Text(stream, longest=LOOKED_AT + _PIECE)
    with _parsed(text, multiple_values=True) as events:
        event, _ = next(events)
        if event == "start_array":
            event, _ = next(events)
            if event == "end_array":
                raise BadFile("The file is an empty list.")
        if event != "start_map":
            raise BadFile(_no_records(event))
        return _names(events, text)


def _names(events: _Events, text: "_Text") -> tuple[str, ...]:
    names: dict[str, None] = {}
    for event, value in events:
        if event == "end_map":
            break
        if event == "map_key":
            names[value] = None
        elif event in _OPENING:
            _skip(events, until=lambda: text.read_so_far > LOOKED_AT)
        if text.read_so_far > LOOKED_AT or len(names) == MOST_NAMES:
            break
    return tuple(names)


def _object(
    events: _Events, path: Path, wanted: Collection[Path], outline: Outline, text: "_Text"
) -> Iterator[Record]:
    """Go through an object that holds arrays of records, or one more such object."""
    for event, name in events:
        if event == "end_map":
            return
        here = (*path, name)
        if here in outline.said or here in outline.counts:
            raise BadFile(f"The file has “{name[:40]}” twice.")
        inner, value = next(events)
        if inner == "start_array":
            outline.note(here, None)
            yield from _array(events, here, wanted, outline, text)
        elif inner == "start_map":
            outline.note(here, None)
            if path:
                _skip(events)
            else:
                yield from _object(events, here, wanted, outline, text)
        else:
            outline.note(here, value)


def _array(
    events: _Events, path: Path, wanted: Collection[Path], outline: Outline, text: "_Text"
) -> Iterator[Record]:
    place = 0
    is_wanted = path in wanted
    for event, _ in events:
        if event == "end_array":
            break
        place += 1
        if event == "start_map" and is_wanted:
            said, fault = _map(events, 1)
            yield Record(path, place, said, fault)
        else:
            if event in _OPENING:
                _skip(events)
            if is_wanted:
                yield Record(path, place, {}, "is no JSON object")
        text.passed(path, place)
    outline.counts[path] = place


def _map(events: _Events, depth: int) -> tuple[dict[str, Any], str]:
    """Return an object whose start has come by, and what is wrong with it."""
    said: dict[str, Any] = {}
    fault = ""
    for event, name in events:
        if event == "end_map":
            break
        if name in said:
            fault = f"has “{name[:40]}” twice"
        inner, value = next(events)
        if inner in _OPENING:
            value, wrong = _value(inner, value, events, depth)
            fault = fault or wrong
        said[name] = value
    return said, fault


def _value(event: str, value: Any, events: _Events, depth: int) -> tuple[Any, str]:
    if event not in _OPENING:
        return value, ""
    if depth == DEEPEST:
        raise BadFile(_TOO_DEEP)
    if event == "start_map":
        return _map(events, depth + 1)
    parts, fault = [], ""
    for inner, part in events:
        if inner == "end_array":
            break
        read, wrong = _value(inner, part, events, depth + 1)
        parts.append(read)
        fault = fault or wrong
    return parts, fault


def _skip(events: _Events, until: Callable[[], bool] | None = None) -> None:
    """Pass over an object or array whose start has come by."""
    depth = 1
    for event, _ in events:
        if event in _OPENING:
            depth += 1
            if depth > DEEPEST:
                raise BadFile(_TOO_DEEP)
        elif event in _CLOSING:
            depth -= 1
            if not depth:
                return
        if until is not None and until():
            return


class _Text:
    """The bytes of a document as UTF-8, refused where the parser would change or keep too much."""

    def __init__(self, stream: Bytes, *, longest: int = LONGEST_RECORD) -> None:
        self.stream = stream
        self.longest = longest
        self.read_so_far = 0
        self._waiting = 0
        self._last: tuple[Path, int] = ((), 0)
        self._tail = b""
        self._has_begun = False

    def passed(self, path: Path, place: int) -> None:
        """Note that a record is done with."""
        self._waiting = 0
        self._last = path, place

    def after(self) -> str:
        """Say behind which record the reading is."""
        path, place = self._last
        return f" after record {place:,} of “{path[-1][:40]}”" if path else ""

    def read(self, size: int) -> bytes:
        """Return the next piece. Raises BadFile."""
        if not size:
            return b""
        piece = self._next(size)
        self.read_so_far += len(piece)
        self._waiting += len(piece)
        if self._waiting > self.longest:
            raise BadFile(f"The file has a record of more than 1 MB{self.after()}.")
        self._inspect(piece)
        return piece

    def _next(self, size: int) -> bytes:
        if self._has_begun:
            return self.stream.read(size)
        self._has_begun = True
        return _beginning(self.stream, size)

    def _inspect(self, piece: bytes) -> None:
        window = self._tail + piece
        if _ENDLESS.search(window):
            raise BadFile(f"The file has a number of thousands of digits{self.after()}.")
        if b"\\u" in window:
            self._find_halves(window, is_last=not piece)
        self._tail = window[-_LONGEST_MARK:]

    def _find_halves(self, window: bytes, *, is_last: bool) -> None:
        """Judge each half once, when what follows it is there to see."""
        begin = max(len(self._tail) - 12, 0)
        end = len(window) if is_last else len(window) - 12
        for half in _HALF.finditer(window):
            if begin <= half.end() - 6 < end:
                raise BadFile(f"The file has half a character in a text{self.after()}.")


def _beginning(stream: Bytes, size: int) -> bytes:
    """Return the first bytes behind a byte order mark."""
    start = stream.read(size)
    if not start:
        raise BadFile("The file is empty.")
    if b"\0" in start[:4] or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadFile("The file is not UTF-8 text; save it as UTF-8.")
    return start.removeprefix(codecs.BOM_UTF8)


@contextmanager
def _parsed(text: _Text, **options: Any) -> Iterator[_Events]:
    """Give what the parser finds. Raises BadFile where that is no JSON."""
    try:
        yield ijson.basic_parse(text, buf_size=_PIECE, **options)
    except BadFile:
        raise
    except (ijson.JSONError, ValueError, ArithmeticError) as problem:
        raise BadFile(_sentence(str(problem), text.after())) from None


def _sentence(complaint: str, where: str) -> str:
    if "premature EOF" in complaint:
        return f"The file breaks off{where}, before its end."
    if "UTF8" in complaint or "codec" in complaint:
        return f"The file is not UTF-8 text{where}."
    if "trailing garbage" in complaint:
        return "The file goes on after its end."
    found = _COMPLAINT.search(complaint)
    reason = found[1].rstrip(". ") if found else "a number is too large"
    return f"The file is not JSON{where}: {reason}."


def _no_records(event: str) -> str:
    if event == "start_array":
        return "The file is a list, where an object with lists in it should be."
    return "The file is a single value, without any records."
