"""The formats of usage files, by the names that the command knows them under."""

import io
from collections.abc import Callable, Iterator

from budgets.usage import anthropic, files, litellm, openai, opentelemetry
from budgets.usage.columns import Columns
from budgets.usage.documents import objects
from budgets.usage.files import Problem, lines_of, table
from budgets.usage.parsing import Reading, Row, rows

type _Read = Callable[[io.BufferedReader, Reading], Iterator[Row | Problem]]


def _litellm(stream: io.BufferedReader, reading: Reading) -> Iterator[Row | Problem]:
    if _begins_as_json(stream):
        return litellm.read(objects(stream), reading)
    return litellm.read(table(lines_of(stream), litellm.HEADER), reading)


def _anthropic(stream: io.BufferedReader, reading: Reading) -> Iterator[Row | Problem]:
    return anthropic.read(table(lines_of(stream), anthropic.HEADER), reading)


_KNOWN: dict[str, _Read] = {
    "litellm": _litellm,
    "openai-usage": lambda stream, reading: openai.usage(objects(stream), reading),
    "openai-costs": lambda stream, reading: openai.costs(objects(stream), reading),
    "anthropic": _anthropic,
    "opentelemetry": lambda stream, reading: opentelemetry.read(objects(stream), reading),
}
FORMATS = (*files.FORMATS, *_KNOWN)


def read(
    stream: io.BufferedReader,
    *,
    name: str,
    file_format: str | None,
    columns: Columns,
    reading: Reading,
) -> Iterator[Row | Problem]:
    """Return the rows of a UTF-8 file, one at a time.

    Only a table or JSON lines of no known program are read without a `file_format`. Raises BadFile
    at once when the file as a whole cannot be read.
    """
    if known := _KNOWN.get(file_format or ""):
        return known(stream, reading)
    records = files.read(stream, name=name, file_format=file_format, columns=columns)
    return rows(records, reading)


def _begins_as_json(stream: io.BufferedReader) -> bool:
    start = stream.peek(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in (b"{", b"[")
