"""OpenTelemetry's spans of generative models, as JSON: gen_ai attributes, flat or by themselves.

A span that tells no tokens is no usage, and neither is one that only holds others: what an agent
used is told again by each of its requests.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from budgets.usage.documents import Object
from budgets.usage.files import BadValue, Problem, Record, as_text
from budgets.usage.parsing import BadRow, Reading, Row, parse

_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
_OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
_FIELDS = {
    "provider": ("gen_ai.provider.name", "gen_ai.system"),
    "model": ("gen_ai.request.model", "gen_ai.response.model"),
    "operation": ("gen_ai.operation.name",),
    "input_tokens": _INPUT,
    "output_tokens": _OUTPUT,
    "cached_tokens": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cache_read_tokens",
    ),
    "cache_write_tokens": (
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_tokens",
    ),
}
_HOLDING_OTHERS = {"create_agent", "invoke_agent", "invoke_workflow", "execute_tool"}
_NANOSECONDS = ("startTimeUnixNano", "start_time_unix_nano", "timeUnixNano")
_TIMES = ("timestamp", "startTime", "start_time")
_NANO_DIGITS = 19


def read(objects: Iterable[Object | Problem], reading: Reading) -> Iterator[Row | Problem]:
    """Yield the requests; their tokens have yet to be priced."""
    for found in objects:
        if isinstance(found, Problem):
            yield found
            continue
        for span in _spans(found.members):
            try:
                row = _row(found.line, span, reading)
            except (BadRow, BadValue) as problem:
                yield Problem(found.line, str(problem))
            else:
                if row:
                    yield row


def _spans(members: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the spans of a batch as collectors write it, else the object itself."""
    if "resourceSpans" not in members:
        yield members
        return
    for resource in _objects_of(members, "resourceSpans"):
        for scope in _objects_of(resource, "scopeSpans"):
            yield from _objects_of(scope, "spans")


def _objects_of(members: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    values = members.get(name)
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _row(line: int, span: Mapping[str, Any], reading: Reading) -> Row | None:
    said = {**span, **_attributes(span.get("attributes"))}
    values = {field: _first(said, names) for field, names in _FIELDS.items()}
    is_told = any(name in said for name in _INPUT + _OUTPUT)
    if not is_told or values["operation"] in _HOLDING_OTHERS:
        return None
    for field, names in (("input_tokens", _INPUT), ("output_tokens", _OUTPUT)):
        if not any(name in said for name in names):
            # An embedding tells no output, because there is none.
            values[field] = "0"
    values["occurred_at"] = _moment(said)
    values["event_id"] = _id(span)
    return parse(Record(line, values), reading)


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes by their names, also where they are a list of keys and values."""
    if isinstance(value, list):
        return {
            one["key"]: _typed(one.get("value"))
            for one in value
            if isinstance(one, dict) and isinstance(one.get("key"), str)
        }
    return dict(value) if isinstance(value, dict) else {}


def _typed(value: Any) -> Any:
    """Return what {"intValue": "7"} holds."""
    return next(iter(value.values()), None) if isinstance(value, dict) else value


def _first(said: Mapping[str, Any], names: Iterable[str]) -> str:
    texts = (as_text(name, said[name]) for name in names if name in said)
    return next((text for text in texts if text), "")


def _moment(said: Mapping[str, Any]) -> str:
    """Return when it began; nanoseconds since 1970 become seconds with all their digits."""
    text = _first(said, _NANOSECONDS)
    if not text:
        text = _first(said, _TIMES)
        if len(text) != _NANO_DIGITS or not text.isdecimal():
            return text
    if len(text) != _NANO_DIGITS or not text.isdecimal():
        raise BadRow(f"occurred_at: “{text[:40]}” is not the nanoseconds since 1970")
    return f"{text[:-9]}.{text[-9:]}"


def _id(span: Mapping[str, Any]) -> str:
    """Return the ids of trace and span, else that of the answer, else nothing.

    A flat object has the name that it has as a JSON line of no known program, so that one which was
    imported as such is known again.
    """
    attributes = _attributes(span.get("attributes"))
    if not any(name in attributes for name in _INPUT + _OUTPUT):
        return _first(span, ("event_id", "request_id", "id"))
    context = span.get("context")
    where = {**span, **context} if isinstance(context, dict) else span
    trace, own = (
        _first(where, names).lower().removeprefix("0x")
        for names in (("traceId", "trace_id"), ("spanId", "span_id"))
    )
    return f"{trace}/{own}" if trace and own else _first(attributes, ("gen_ai.response.id",))
