"""Anthropic's usage export: a row sums up a day, or a minute, of one key and one model.

The four columns of input are apart from one another, and each has a price of its own. Rows are
named by all that they are grouped by: the same row with other figures is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from hashlib import sha256

from budgets.usage.columns import Known
from budgets.usage.details import Lengths
from budgets.usage.files import Problem, Record
from budgets.usage.parsing import BadRow, Reading, Row, parse

PROVIDER = "anthropic"

_GROUPED_BY = (
    "usage_date_utc",
    "model_version",
    "api_key",
    "workspace",
    "usage_type",
    "context_window",
    "inference_geo",
    "speed",
)
_PLAIN = "usage_input_tokens_no_cache"
_WRITTEN_5M = "usage_input_tokens_cache_write_5m"
_WRITTEN_1H = "usage_input_tokens_cache_write_1h"
_READ = "usage_input_tokens_cache_read"
_OUTPUT = "usage_output_tokens"
NEEDED = ("usage_date_utc", "model_version", _PLAIN, _WRITTEN_5M, _READ, _OUTPUT)
HEADER = Known(
    "Anthropic’s usage export",
    NEEDED,
    tuple(name for name in (*_GROUPED_BY, _WRITTEN_1H, "web_search_count") if name not in NEEDED),
)
_USUAL = {"", "standard", "global", "not_available", "none", "null"}
_SIZE = r"(\d+)\s*([km])"
_AT_MOST = re.compile(rf"(?:≤|<=|<)\s*{_SIZE}", re.IGNORECASE)
_MORE = re.compile(rf"(?:>\s*{_SIZE}|{_SIZE}\s*[-–]\s*\d+\s*[km])", re.IGNORECASE)


def read(records: Iterable[Record | Problem], reading: Reading) -> Iterator[Row | Problem]:
    """Yield the rows, whose tokens have yet to be priced."""
    reading = replace(reading, provider=PROVIDER, zone=UTC, cached_inside=False)
    for record in records:
        if isinstance(record, Problem):
            yield record
            continue
        try:
            yield _row(record, reading)
        except BadRow as problem:
            yield Problem(record.line, str(problem))


def _row(record: Record, reading: Reading) -> Row:
    said = record.values
    grouped_by = [said.get(name, "") for name in _GROUPED_BY]
    values = {
        "occurred_at": said["usage_date_utc"],
        "model": said["model_version"],
        "input_tokens": said[_PLAIN],
        "output_tokens": said[_OUTPUT],
        "cached_tokens": said[_READ],
        "cache_write_tokens": said[_WRITTEN_5M],
        "cache_write_1h_tokens": said.get(_WRITTEN_1H, ""),
        "web_searches": said.get("web_search_count", ""),
        "event_id": f"anthropic:{sha256('\0'.join(grouped_by).encode()).hexdigest()}",
    }
    row = _with_hours(parse(Record(record.line, values), reading))
    lengths = _lengths(said.get("context_window", ""), row.input_tokens)
    return replace(row, detail=replace(row.detail, terms=_terms(said), lengths=lengths))


def _with_hours(row: Row) -> Row:
    """Count what was written for an hour among all that was written: here it stands apart."""
    hours = row.detail.kinds.get("cache_write_1h_tokens", 0)
    if not hours:
        return row
    kinds = dict(row.detail.kinds)
    kinds["cache_write_tokens"] = kinds.get("cache_write_tokens", 0) + hours
    return replace(
        row, input_tokens=row.input_tokens + hours, detail=replace(row.detail, kinds=kinds)
    )


def _terms(said: Mapping[str, str]) -> dict[str, str]:
    """Return the terms that have another price than usual, as the price list names them."""
    terms = {
        "service_tier": said.get("usage_type", "").lower(),
        "speed": said.get("speed", "").lower(),
        "inference_geo": said.get("inference_geo", "").lower(),
    }
    if terms["service_tier"] in {"batch", "message_batch"}:
        terms["processing"], terms["service_tier"] = "batch", ""
    return {name: value for name, value in terms.items() if value not in _USUAL}


def _lengths(window: str, total: int) -> Lengths:
    """Return how long a request may have been, by its window and by all of them together."""
    if match := _AT_MOST.fullmatch(window):
        return Lengths(0, min(_size(match[1], match[2]), total))
    if match := _MORE.fullmatch(window):
        return Lengths(_size(match[1] or match[3], match[2] or match[4]) + 1, None)
    return Lengths(0, total)


def _size(count: str, unit: str) -> int:
    return int(count) * (1_000 if unit.lower() == "k" else 1_000_000)
