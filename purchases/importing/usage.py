"""Metered usage among the formats of files: who is known by what, and what has to be asked.

What the files say is read by `budgets.usage`, as the command `import_usage` does, so that a row has
one name whichever way it comes.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from io import TextIOWrapper
from typing import Any

from django.conf import settings

from budgets.usage import anthropic, files, litellm, openai, opentelemetry
from budgets.usage.columns import BadColumns, Columns
from budgets.usage.documents import Object, in_document, in_lines
from budgets.usage.files import LONGEST_LINE, Problem
from budgets.usage.parsing import Reading, rows
from budgets.usage.parsing import Row as UsageRow
from purchases.importing.choices import Choices
from purchases.importing.rows import BadFile, Remark
from purchases.importing.shapes import Format, Kind, Said
from purchases.importing.sources import Head, Shape, Source
from purchases.importing.table import below

#: What a column of a table of usage may be, and what people call it.
USAGE_FIELDS = {
    "occurred_at": "when it happened",
    "input_tokens": "input tokens",
    "output_tokens": "output tokens",
    "cached_tokens": "tokens read from the cache",
    "cache_write_tokens": "tokens written to the cache",
    "cost": "cost",
    "provider": "provider",
    "model": "model",
    "operation": "operation",
    "event_id": "its own id",
}

_JSON = (Shape.JSON, Shape.LINES)
_TOKENS = ("input_tokens", "output_tokens")

type _Rows = Iterator[UsageRow | Problem]
type _Objects = Iterator[Object | Problem]


def _said(source: Source, choices: Choices, read: Callable[[Any], _Rows]) -> Iterator[Said]:
    """Yield the rows of a file with how far into it they are. Raises BadFile."""
    size = source.path.stat().st_size or 1
    with closing(_opened(source, choices)) as stream:
        raw = stream.buffer if isinstance(stream, TextIOWrapper) else stream
        try:
            for row in read(stream):
                percent = min(100, raw.tell() * 100 // size)
                yield (
                    percent,
                    Remark(row.line, row.reason) if isinstance(row, Problem) else row,
                )
        except files.BadFile as problem:
            raise BadFile(problem.reason) from None


def _opened(source: Source, choices: Choices) -> Any:
    """Open tables and lines as text, and anything else as bytes of UTF-8."""
    if source.head.shape is Shape.JSON:
        return source.utf8()
    return source.text(choices.encoding)


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """Yield the lines with their ends, each cut off where no usage is as long."""
    while line := text.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
            rest = text.readline(LONGEST_LINE)
        yield line


def _reading(choices: Choices) -> Reading:
    return Reading(
        provider=choices.provider.strip(), model=choices.model.strip(), currency=settings.CURRENCY
    )


def _from_objects(
    read: Callable[[_Objects, Reading], _Rows],
) -> Callable[[Source, Choices], Iterator[Said]]:
    def said(source: Source, choices: Choices) -> Iterator[Said]:
        is_document = source.head.shape is Shape.JSON

        def rows_of(stream: Any) -> _Rows:
            objects = in_document(stream) if is_document else in_lines(_lines(stream))
            return read(objects, _reading(choices))

        return _said(source, choices, rows_of)

    return said


def _table_lines(text: TextIOWrapper, source: Source, choices: Choices) -> Iterator[str]:
    """Yield the lines of a table, without what stands above its header."""
    return below(_lines(text), choices.header_line or source.head.header_line)


def _delimiter(source: Source, choices: Choices) -> str:
    return choices.delimiter or source.head.delimiter


def _read_litellm(source: Source, choices: Choices) -> Iterator[Said]:
    if source.head.shape is not Shape.TABLE:
        return _from_objects(litellm.read)(source, choices)

    def rows_of(text: TextIOWrapper) -> _Rows:
        delimiter = _delimiter(source, choices)
        records = files.table(
            _table_lines(text, source, choices), litellm.HEADER, delimiter=delimiter
        )
        return litellm.read(records, _reading(choices))

    return _said(source, choices, rows_of)


def _read_anthropic(source: Source, choices: Choices) -> Iterator[Said]:
    def rows_of(text: TextIOWrapper) -> _Rows:
        delimiter = _delimiter(source, choices)
        records = files.table(
            _table_lines(text, source, choices), anthropic.HEADER, delimiter=delimiter
        )
        return anthropic.read(records, _reading(choices))

    return _said(source, choices, rows_of)


def _read_generic(source: Source, choices: Choices) -> Iterator[Said]:
    columns = Columns(choices.columns)

    def rows_of(text: TextIOWrapper) -> _Rows:
        if source.head.shape is Shape.TABLE:
            records = files.table(
                _table_lines(text, source, choices), columns, delimiter=_delimiter(source, choices)
            )
        else:
            records = files.json_lines(_lines(text), columns)
        return rows(records, _reading(choices))

    return _said(source, choices, rows_of)


def _has(names: Iterable[str], needed: Collection[str]) -> bool:
    return {name.lower() for name in needed} <= {name.strip().lower() for name in names}


def _is_litellm(head: Head) -> bool:
    if _has(head.names, litellm.NEEDED):
        return True
    return all(f'"{name}"' in head.start for name in litellm.NEEDED)


def _is_anthropic(head: Head) -> bool:
    return _has(head.names, anthropic.NEEDED)


def _is_openai_usage(head: Head) -> bool:
    return '"organization.usage.' in head.start and '"results"' in head.start


def _is_openai_costs(head: Head) -> bool:
    return '"organization.costs.result"' in head.start


def _is_opentelemetry(head: Head) -> bool:
    return '"gen_ai.usage.' in head.start


def _is_generic(head: Head) -> bool:
    """Accept what tells its tokens and when: a date and an amount alone may be anything."""
    if _is_litellm(head) or _is_anthropic(head) or _is_opentelemetry(head):
        return False
    found = _places(head, Choices())
    return "occurred_at" in found and any(name in found for name in _TOKENS)


def _places(head: Head, choices: Choices) -> dict[str, int]:
    """Return where the columns are; {} while they have yet to be chosen."""
    try:
        return Columns(choices.columns).check(head.names)
    except BadColumns:
        return {}


def _asks_generic(head: Head, choices: Choices) -> tuple[str, ...]:
    """Ask for columns that nobody would know, and for what tokens have no price without."""
    found = _places(head, choices)
    if not found:
        return ("columns",)
    if "cost" in found:
        return ()
    return tuple(
        name for name in ("provider", "model") if name not in found and not getattr(choices, name)
    )


def _asks_openai(head: Head, choices: Choices) -> tuple[str, ...]:
    """Ask for the model where the report was not grouped by it."""
    names_model = re.search(r'"model"\s*:\s*"', head.start)
    return () if names_model or choices.model else ("model",)


def _asks_opentelemetry(head: Head, choices: Choices) -> tuple[str, ...]:
    keys = {
        "provider": ("gen_ai.provider.name", "gen_ai.system"),
        "model": ("gen_ai.request.model", "gen_ai.response.model"),
    }
    return tuple(
        name
        for name, names in keys.items()
        if not getattr(choices, name) and not any(f'"{key}"' in head.start for key in names)
    )


FORMATS_OF_USAGE = (
    Format(
        key="litellm",
        title="LiteLLM spend log",
        hint="LiteLLM answers it at /spend/logs; its table LiteLLM_SpendLogs saved as CSV will do.",
        kind=Kind.USAGE,
        shapes=(Shape.TABLE, *_JSON),
        recognises=_is_litellm,
        read=_read_litellm,
    ),
    Format(
        key="openai-usage",
        title="OpenAI usage",
        hint="OpenAI answers it at /v1/organization/usage; group it by model.",
        kind=Kind.USAGE,
        shapes=_JSON,
        recognises=_is_openai_usage,
        read=_from_objects(openai.usage),
        asks=_asks_openai,
    ),
    Format(
        key="openai-costs",
        title="OpenAI costs",
        hint="OpenAI answers it at /v1/organization/costs; it tells the same as the usage, once.",
        kind=Kind.USAGE,
        shapes=_JSON,
        recognises=_is_openai_costs,
        read=_from_objects(openai.costs),
    ),
    Format(
        key="anthropic",
        title="Anthropic usage",
        hint="In the Claude Console, the export on the page about usage.",
        kind=Kind.USAGE,
        recognises=_is_anthropic,
        read=_read_anthropic,
    ),
    Format(
        key="opentelemetry",
        title="OpenTelemetry spans",
        hint="What a collector or an exporter wrote as JSON, with gen_ai attributes.",
        kind=Kind.USAGE,
        shapes=_JSON,
        recognises=_is_opentelemetry,
        read=_from_objects(opentelemetry.read),
        asks=_asks_opentelemetry,
    ),
    Format(
        key="usage-table",
        title="Usage of any program, as a table",
        hint="A table that tells for each use when it was, and its tokens or its cost.",
        kind=Kind.USAGE,
        recognises=_is_generic,
        read=_read_generic,
        asks=_asks_generic,
    ),
    Format(
        key="usage-lines",
        title="Usage of any program, as JSON lines",
        hint="One JSON object on each line, with when it was, and its tokens or its cost.",
        kind=Kind.USAGE,
        shapes=(Shape.LINES,),
        recognises=_is_generic,
        read=_read_generic,
        asks=_asks_generic,
    ),
)
