"""Values such as a schema of the document describes, for examples and for tests."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

type Schema = dict[str, Any]
type Named = Mapping[str, Schema]

#: What a text looks like, by its format.
_FORMATS = {
    "date": "2026-11-30",
    "date-time": "2026-11-30T23:00:00Z",
    "uri": "https://example.org/",
    "binary": "…",
}


def resolved(schema: Schema, named: Named) -> Schema:
    """Return the schema that a reference leads to, with what stands beside it; any other as is."""
    while "$ref" in schema:
        found = named[schema["$ref"].rpartition("/")[2]]
        schema = {**found, **{word: told for word, told in schema.items() if word != "$ref"}}
    return schema


def referred(answer: Schema, document: Schema) -> Schema:
    """Return the answer that a reference leads to; any other as it is."""
    name = answer.get("$ref", "").rpartition("/")[2]
    return document["components"]["responses"][name] if name else answer


def sample(schema: Schema, named: Named, *, whole: bool = False) -> Any:
    """Return a value that the schema allows: the least one, or one that is `whole`."""
    schema = resolved(schema, named)
    for word in ("const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    for word in ("examples", "enum"):
        if word in schema:
            # Whoever gets it may fill it in for a place of theirs.
            return deepcopy(schema[word][0])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return sample(schema[word][0], named, whole=whole)
    return _plain(schema, named, whole=whole)


def _plain(schema: Schema, named: Named, *, whole: bool) -> Any:
    match schema.get("type"):
        case "object":
            parts = schema.get("properties", {})
            names = parts if whole else schema.get("required", ())
            return {name: sample(parts[name], named, whole=whole) for name in names}
        case "array":
            count = schema.get("minItems", int(whole))
            return [sample(schema["items"], named, whole=whole)] * count
        case "string":
            return _FORMATS.get(schema.get("format", ""), "x" * max(schema.get("minLength", 0), 1))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return None
