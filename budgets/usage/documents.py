"""JSON as a stream of objects: one on each line, or an array or pages of them, of any length.

Programs that answer in pages wrap the objects into another, whose `data` holds them. The wrapping
goes, whichever way it stands in the file.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import ijson

from budgets.usage.files import LONGEST_LINE, BadFile, BadValue, Problem, json_object, lines_of

#: How deep an object may be nested before nobody could have meant it.
DEEPEST = 64

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LOOKED_AT = 64 * 1024
# The parser breaks at a number that Python will not read, and says so only later.
_ENDLESS = re.compile(rb"\d{4000}")
_OPENINGS = {"start_map", "start_array"}
_CLOSINGS = {"end_map", "end_array"}

type _Events = Iterator[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Object:
    """One JSON object; `line` is the line of JSON lines, else its place among the objects."""

    line: int
    members: Mapping[str, Any]


def objects(stream: IO[bytes]) -> Iterator[Object | Problem]:
    """Return the objects of JSON in UTF-8, one at a time. Raises BadFile when there are none."""
    start = stream.read(_LOOKED_AT).removeprefix(_BYTE_ORDER_MARK)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile("The file is UTF-16; save it as UTF-8.")
    if not start.strip():
        raise BadFile("The file is empty.")
    rejoined: Any = io.BufferedReader(_Rejoined(start, stream))
    if _has_lines(start):
        return in_lines(lines_of(rejoined))
    if start.lstrip()[:1] not in (b"{", b"["):
        raise BadFile("The file is not JSON.")
    return in_document(rejoined)


def in_lines(lines: Iterable[str]) -> Iterator[Object | Problem]:
    """Yield the object on each line; one that cannot be read spoils none but itself."""
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            members = json_object(text)
        except BadValue as problem:
            yield Problem(line, str(problem))
            continue
        wrapped = members.get("data")
        for value in wrapped if isinstance(wrapped, list) else [members]:
            yield _object(line, value)


def in_document(stream: IO[bytes]) -> Iterator[Object | Problem]:
    """Yield the objects of an array, of pages or of both; the first fault in the JSON ends it."""
    bounded, number = _Bounded(stream), 0
    try:
        for value in _values(ijson.basic_parse(bounded, multiple_values=True)):
            number, bounded.since = number + 1, 0
            yield _object(number, value)
    except _TooLong:
        yield Problem(number + 1, "is too long to be usage; nothing from here on is read")
    except (ijson.JSONError, ValueError, ArithmeticError):
        yield Problem(number + 1, "is not JSON; nothing from here on can be read")


def _object(line: int, value: Any) -> Object | Problem:
    if value is _TOO_DEEP:
        return Problem(line, "is nested too deeply")
    if not isinstance(value, dict):
        return Problem(line, "is not a JSON object")
    return Object(line, value)


def _has_lines(start: bytes) -> bool:
    """Tell whether the first line is an object of its own and another one follows."""
    first, _, rest = start.lstrip().partition(b"\n")
    return first.startswith(b"{") and first.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{"


_TOO_DEEP = object()


def _values(events: _Events) -> Iterator[Any]:
    """Yield what stands in the outermost arrays, and in the `data` of what stands there."""
    for event, value in events:
        if event == "start_map":
            yield from _unwrapped(events)
        elif event not in {"start_array", "end_array"}:
            yield value


def _unwrapped(events: _Events) -> Iterator[Any]:
    """Yield what the `data` of an object holds, else the object itself."""
    members: dict[str, Any] = {}
    is_wrapping = is_too_deep = False
    for kind, name in events:
        if kind == "end_map":
            break
        event, value = next(events)
        if name == "data" and event == "start_array":
            is_wrapping = True
            yield from _elements(events)
        else:
            members[name] = _built(event, value, events)
            is_too_deep |= members[name] is _TOO_DEEP
    if not is_wrapping:
        yield _TOO_DEEP if is_too_deep else members


def _elements(events: _Events) -> Iterator[Any]:
    """Yield what stands in an array whose start has come by."""
    for event, value in events:
        if event == "end_array":
            return
        yield _built(event, value, events)


def _built(event: str, value: Any, events: _Events) -> Any:
    """Return the value that begins with this event, or _TOO_DEEP."""
    builder, depth, deepest = ijson.ObjectBuilder(), 0, 0
    while True:
        depth += (event in _OPENINGS) - (event in _CLOSINGS)
        deepest = max(deepest, depth)
        if deepest <= DEEPEST:
            builder.event(event, value)
        if depth == 0:
            return builder.value if deepest <= DEEPEST else _TOO_DEEP
        event, value = next(events)


class _TooLong(Exception):
    pass


class _Bounded:
    """A stream that ends before an endless number, and where one object has become too long.

    `since` counts the bytes read since the last object.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.since, self.tail, self.has_ended = stream, 0, b"", False

    def read(self, size: int = -1) -> bytes:
        if self.has_ended:
            return b""
        block = self.stream.read(size)
        self.since += len(block)
        if self.since > LONGEST_LINE:
            raise _TooLong
        if endless := _ENDLESS.search(self.tail + block):
            self.has_ended = True
            return block[: max(endless.start() - len(self.tail), 0)]
        self.tail = block[-4000:]
        return block


class _Rejoined(io.RawIOBase):
    """What was read already, and then the rest of the stream."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self.start, self.rest = start, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.start[: len(buffer)] or self.rest.read(len(buffer))
        self.start = self.start[len(buffer) :]
        buffer[: len(block)] = block
        return len(block)
