"""OpenAI's reports of an organization: pages of buckets, each with results for its hour or day.

A result sums up the requests of one bucket, so an import should wait until the bucket is over: the
same bucket with other figures is refused, because nobody could tell which of them is right.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from budgets.usage.details import Lengths
from budgets.usage.documents import Object
from budgets.usage.files import BadValue, Problem, Record, as_text
from budgets.usage.parsing import BadRow, Reading, Row, parse

PROVIDER = "openai"

_KEYS = ("project_id", "user_id", "api_key_id", "model", "batch", "service_tier")
_COST_KEYS = ("project_id", "organization_id", "api_key_id", "line_item")
_KINDS = {
    "cache_write_tokens": "input_cache_write_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "cache_audio_read_tokens": "input_cached_audio_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "input_image_tokens": "input_image_tokens",
    "cache_image_read_tokens": "input_cached_image_tokens",
    "output_image_tokens": "output_image_tokens",
}
_USUAL_TIERS = {"", "default", "auto", "standard"}
_KIND = re.compile(r"organization\.(?:usage\.)?(\w+)\.result")


def usage(objects: Iterable[Object | Problem], reading: Reading) -> Iterator[Row | Problem]:
    """Yield a row for each result of the usage API; its tokens have yet to be priced."""
    return _results(objects, reading, wanted="usage")


def costs(objects: Iterable[Object | Problem], reading: Reading) -> Iterator[Row | Problem]:
    """Yield a row for each result of the costs API, in the currency of the budgets alone."""
    return _results(objects, reading, wanted="costs")


def _results(
    objects: Iterable[Object | Problem], reading: Reading, *, wanted: str
) -> Iterator[Row | Problem]:
    for found in objects:
        if isinstance(found, Problem):
            yield found
            continue
        bucket = found.members
        results = bucket.get("results", bucket.get("result"))
        if not isinstance(results, list):
            yield Problem(found.line, "is no bucket: has no results")
            continue
        for result in results:
            try:
                yield _row(found.line, bucket, result, reading, wanted)
            except (BadRow, BadValue) as problem:
                yield Problem(found.line, str(problem))


def _row(line: int, bucket: Mapping[str, Any], result: Any, reading: Reading, wanted: str) -> Row:
    if not isinstance(result, dict):
        raise BadRow("results: holds something that is not a JSON object")
    kind = "costs" if "amount" in result else "usage"
    if kind != wanted:
        raise BadRow(f"is a result of {kind}, not of {wanted}")
    reading = replace(reading, provider=PROVIDER, cached_inside=True)
    if kind == "costs":
        return _cost(line, bucket, result, reading)
    return _usage(line, bucket, result, reading)


def _cost(line: int, bucket: Mapping[str, Any], result: Mapping[str, Any], reading: Reading) -> Row:
    amount = result["amount"]
    if not isinstance(amount, dict):
        raise BadRow("amount: has no value and currency")
    currency = as_text("amount.currency", amount.get("currency")).upper()
    if currency != reading.currency:
        said = currency or "no currency"
        raise BadRow(f"amount: is in {said}, and budgets are in {reading.currency}")
    cost = as_text("amount.value", amount.get("value"))
    if not cost:
        raise BadRow("amount.value: is blank")
    # Such as “gpt-4o, input”: what was used, and which part of the bill it is.
    item = as_text("line_item", result.get("line_item"))
    model, comma, part = item.rpartition(", ")
    values = {
        "occurred_at": as_text("start_time", bucket.get("start_time")),
        "cost": cost,
        "model": model,
        "operation": part if comma else item,
        "event_id": _id("openai-costs", bucket, result, _COST_KEYS),
    }
    # What is no model is no question for a person either: the cost is known.
    return parse(Record(line, values), replace(reading, model=""))


def _usage(
    line: int, bucket: Mapping[str, Any], result: Mapping[str, Any], reading: Reading
) -> Row:
    if "input_tokens" not in result and "output_tokens" not in result:
        raise BadRow("tells no tokens; what it cost is in the costs API")
    kind = _KIND.fullmatch(as_text("object", result.get("object")))
    said = {
        name: as_text(field, result[field]) for name, field in _KINDS.items() if field in result
    }
    values = {
        "occurred_at": as_text("start_time", bucket.get("start_time")),
        "model": as_text("model", result.get("model")),
        "operation": kind[1] if kind else "",
        "input_tokens": as_text("input_tokens", result.get("input_tokens", 0)),
        "output_tokens": as_text("output_tokens", result.get("output_tokens", 0)),
        "cached_tokens": as_text("input_cached_tokens", result.get("input_cached_tokens")),
        "event_id": _id("openai-usage", bucket, result, _KEYS),
        **said,
    }
    row = parse(Record(line, values), reading)
    for medium in ("audio", "image"):
        if row.detail.kinds.get(f"input_{medium}_tokens") and row.cached_tokens:
            _check_cache(said, medium)
    detail = replace(row.detail, terms=_terms(result), lengths=_lengths(result, row))
    return replace(row, detail=detail)


def _check_cache(said: Mapping[str, str], medium: str) -> None:
    if not said.get(f"cache_{medium}_read_tokens"):
        raise BadRow(f"input_cached_tokens: does not tell how many of them are {medium}")


def _terms(result: Mapping[str, Any]) -> dict[str, str]:
    """Return the terms that have another price than usual, as the price list names them."""
    tier = as_text("service_tier", result.get("service_tier")).lower()
    if result.get("batch") is True or tier == "batch":
        return {"processing": "batch"}
    return {} if tier in _USUAL_TIERS else {"service_tier": tier}


def _lengths(result: Mapping[str, Any], row: Row) -> Lengths | None:
    """Return how long the requests may have been: no longer than all of them together."""
    requests = as_text("num_model_requests", result.get("num_model_requests"))
    return None if requests == "1" else Lengths(0, row.input_tokens)


def _id(
    what: str, bucket: Mapping[str, Any], result: Mapping[str, Any], keys: Iterable[str]
) -> str:
    """Name a result by its bucket and by what the report was grouped by."""
    times = [as_text(name, bucket.get(name)) for name in ("start_time", "end_time")]
    parts = [str(result.get(name)) for name in ("object", *keys)]
    return f"{what}:{sha256('\0'.join([*times, *parts]).encode(errors='replace')).hexdigest()}"
