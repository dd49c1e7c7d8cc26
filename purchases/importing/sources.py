"""A file as it was sent: what it looks like from its beginning, and its text."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import TextIOWrapper
from itertools import islice
from pathlib import Path, PurePath
from typing import IO

from purchases.importing import encodings, streams, table
from purchases.importing.archives import MOST_BYTES, Archive, BadPaper
from purchases.importing.rows import BadFile

#: The longest line of JSON lines that is looked at to find out what a file is.
_LONGEST_LINE = 1 << 20
_SAMPLES = 10
#: Where JSON lies in an archive, with the papers beside it.
_DOCUMENT = "data.json"
_START = 8192
_LINES_ENDINGS = {".jsonl", ".ndjson"}
#: By which of its members an archive is known as a spreadsheet.
_SPREADSHEETS = {
    "xl/workbook.xml": "an Excel workbook",
    "xl/workbook.bin": "an Excel workbook",
    "content.xml": "an OpenDocument spreadsheet",
    "Index/Document.iwa": "a Numbers spreadsheet",
}
#: How what is text and yet no table begins.
_PAGES = {
    "<!doctype html": "a page of the web (HTML)",
    "<html": "a page of the web (HTML)",
    "<head": "a page of the web (HTML)",
    "<body": "a page of the web (HTML)",
    "<table": "a page of the web (HTML)",
    "<!--": "a page of the web (HTML)",
    "<svg": "a picture",
    "<?xml": "XML",
}


class Shape(StrEnum):
    """What a file is made of."""

    TABLE = "table"
    JSON = "json"
    LINES = "lines"
    ZIP = "zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The beginning of a file.

    `names` are the header of a table, or the keys of the outermost JSON object (of the first one
    where it is an array or lines); `members` are the names in an archive. `samples` are the first
    rows of a table, as text, and `start` the first characters of JSON. `header_line` is the line in
    which the columns are named: what stands above it is no part of the table.
    """

    shape: Shape
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    names: tuple[str, ...] = ()
    samples: tuple[tuple[str, ...], ...] = ()
    members: tuple[str, ...] = ()
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Bytes on the disk, and how they are to be read."""

    path: Path
    head: Head
    #: The name it was sent under.
    name: str = field(default="")
    #: Where what was found on the way may be kept for the next reading of the same bytes.
    aside: Path | None = None

    def text(self, encoding: str = "") -> TextIOWrapper:
        """Open the text: without its byte order mark, with its line ends as they are.

        An `encoding` is what a person chose instead of the one that it looked like. A byte that
        is no letter of it becomes one that `encodings.is_readable` finds.
        """
        return encodings.opened(self.path, encoding or self.head.encoding)

    def utf8(self) -> IO[bytes]:
        """Open the text as bytes of UTF-8, without a byte order mark: what JSON is read from."""
        return _utf8(self.path, self.head.encoding)


def look(
    path: Path, *, name: str, encoding: str = "", delimiter: str = "", header_line: int = 0
) -> Head:
    """Return what a file looks like; what a person chose is given and not looked for.

    Raises BadFile for what nobody could read: nothing in it, no text and no archive, broken JSON.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    if start in (b"PK\3\4", b"PK\5\6"):
        return _archive(path)
    encoding = encoding or encodings.detect(path)
    shape = _shape(path, encoding, PurePath(name).suffix.lower())
    if shape is Shape.TABLE:
        return _table(path, encoding, delimiter, header_line)
    # JSON is Unicode, whatever its bytes look like: what is no UTF-8 in it is broken.
    encoding = encoding if encoding.startswith("utf-16") else "utf-8"
    names_in = _names_in_lines if shape is Shape.LINES else _names_in_json
    names = names_in(path, encoding)
    with encodings.opened(path, encoding) as text:
        return Head(shape=shape, encoding=encoding, names=names, start=text.read(_START))


def _archive(path: Path) -> Head:
    """Return the names in an archive, and those in the document that lies in it."""
    with Archive(path) as archive:
        members = archive.names
        for sheet, kind in _SPREADSHEETS.items():
            if sheet in members:
                raise BadFile(f"The file is {kind}. {encodings.AS_CSV}")
        if _DOCUMENT not in members:
            return Head(shape=Shape.ZIP, members=members)
        try:
            with archive.opened(_DOCUMENT, most=MOST_BYTES) as stream:
                names = streams.names_at_top(stream)
        except BadPaper as problem:
            raise BadFile(f"In the archive {_DOCUMENT} {problem}.") from None
    return Head(shape=Shape.ZIP, members=members, names=names)


def _shape(path: Path, encoding: str, ending: str) -> Shape:
    with encodings.opened(path, encoding) as text:
        lines = list(_lines(text, most=2))
    if not lines:
        raise BadFile("The file is empty.")
    for beginning, kind in _PAGES.items():
        if lines[0].lower().startswith(beginning):
            raise BadFile(f"The file is {kind}. {encodings.AS_CSV}")
    first = lines[0][:1]
    if first == "[":
        return Shape.JSON
    if first == "{":
        has_lines = len(lines) > 1 and _keys(lines[0]) is not None
        return Shape.LINES if has_lines or ending in _LINES_ENDINGS else Shape.JSON
    if ending == ".json":
        raise BadFile("The file is JSON, but neither an object nor a list of them.")
    return Shape.LINES if ending in _LINES_ENDINGS else Shape.TABLE


def _lines(text: TextIOWrapper, *, most: int) -> Iterator[str]:
    """Yield the first lines that are not blank; one that is too long is cut, and the last."""
    while most and (line := text.readline(_LONGEST_LINE)):
        if stripped := line.strip():
            yield stripped
            most -= 1
        if len(line) == _LONGEST_LINE:
            return


def _keys(line: str) -> tuple[str, ...] | None:
    """Return the keys of a line that is a JSON object; None when it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return tuple(value) if isinstance(value, dict) else None


def _names_in_lines(path: Path, encoding: str) -> tuple[str, ...]:
    with encodings.opened(path, encoding) as text:
        found = (_keys(line) for line in _lines(text, most=_SAMPLES))
        return next((names for names in found if names), ())


def _names_in_json(path: Path, encoding: str) -> tuple[str, ...]:
    with _utf8(path, encoding) as stream:
        return streams.names_at_top(stream)


def _utf8(path: Path, encoding: str) -> IO[bytes]:
    stream = path.open("rb")
    if encoding.startswith("utf-16"):
        stream.seek(2 if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else 0)
        return codecs.EncodedFile(stream, "utf-8", encoding)
    stream.seek(3 if stream.read(3) == codecs.BOM_UTF8 else 0)
    return stream


def _table(path: Path, encoding: str, delimiter: str, header_line: int) -> Head:
    with encodings.opened(path, encoding) as text:
        begin = table.begin(text, delimiter, header_line)
    return Head(
        shape=Shape.TABLE,
        encoding=encoding,
        delimiter=begin.delimiter,
        header_line=begin.line,
        names=begin.names,
        samples=tuple(islice(begin.samples, _SAMPLES)),
    )
