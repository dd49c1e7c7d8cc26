"""LiteLLM's spend log: one request each, what it cost in US dollars, the cache in its metadata."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from budgets.usage.columns import Known
from budgets.usage.documents import Object
from budgets.usage.files import BadValue, Problem, Record, as_text
from budgets.usage.parsing import NOTHING, BadRow, Reading, Row, parse

#: What LiteLLM counts spend in.
CURRENCY = "USD"

_FIELDS = {
    "occurred_at": "startTime",
    "cost": "spend",
    "provider": "custom_llm_provider",
    "model": "model",
    "operation": "call_type",
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "event_id": "request_id",
}
NEEDED = ("request_id", "startTime", "spend")
HEADER = Known(
    "LiteLLM’s spend log", NEEDED, (*{*_FIELDS.values()} - {*NEEDED}, "metadata", "status")
)


def read(objects: Iterable[Object | Record | Problem], reading: Reading) -> Iterator[Row | Problem]:
    """Yield the requests. One that failed counts as nothing where it says no spend."""
    for found in objects:
        if isinstance(found, Problem):
            yield found
            continue
        said = found.members if isinstance(found, Object) else found.values
        try:
            yield _row(found.line, said, reading)
        except (BadRow, BadValue) as problem:
            yield Problem(found.line, str(problem))


def _row(line: int, said: Mapping[str, Any], reading: Reading) -> Row:
    if missing := [name for name in NEEDED if name not in said]:
        raise BadRow(f"is no spend log: has no {', '.join(missing)}")
    values = {field: as_text(name, said.get(name)) for field, name in _FIELDS.items()}
    has_spend = values["cost"].lower() not in NOTHING
    if not has_spend and as_text("status", said.get("status")).lower() == "failure":
        values["cost"] = "0"
    values |= _cache(said.get("metadata"))
    row = parse(Record(line, values), replace(reading, cached_inside=True))
    if row.cost and reading.currency != CURRENCY:
        raise BadRow(f"spend: is in {CURRENCY}, and budgets are in {reading.currency}")
    counted = row.cached_tokens + row.detail.kinds.get("cache_write_tokens", 0)
    if row.cost is not None and counted > row.input_tokens:
        # They cannot be among the prompt tokens, so this version logged them beside these.
        return replace(row, input_tokens=row.input_tokens + counted)
    return row


def _cache(metadata: Any) -> dict[str, str]:
    """Return the counts of the cache, from wherever this version of LiteLLM has put them."""
    inside = _mapping("metadata", metadata)
    usage = _mapping("usage_object", inside.get("usage_object"))
    usage = {**_mapping("additional_usage_values", inside.get("additional_usage_values")), **usage}
    prompt = _mapping("prompt_tokens_details", usage.get("prompt_tokens_details"))
    ages = _mapping("cache_creation", usage.get("cache_creation"))
    ages |= _mapping("cache_creation_token_details", prompt.get("cache_creation_token_details"))
    found = {
        "cached_tokens": usage.get("cache_read_input_tokens") or prompt.get("cached_tokens"),
        "cache_write_tokens": (
            usage.get("cache_creation_input_tokens") or prompt.get("cache_creation_tokens")
        ),
        "cache_write_1h_tokens": ages.get("ephemeral_1h_input_tokens"),
    }
    return {name: as_text(name, value) for name, value in found.items()}


def _mapping(name: str, value: Any) -> dict[str, Any]:
    """Return an object, which may also be JSON inside a string, or None as text."""
    if isinstance(value, str):
        if value.strip().lower() in NOTHING:
            return {}
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise BadRow(f"{name}: is not JSON, so its cached tokens cannot be told") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRow(f"{name}: is not a JSON object")
    return dict(value)
