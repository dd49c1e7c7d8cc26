"""The operations of the API as its document tells of them, and what to ask them with."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from config.api import api
from config.api.samples import referred, resolved, sample

METHODS = ("get", "put", "post", "delete", "patch")
#: Whose rows a path is about, where its words tell of others.
_READ_AS = {"/api/v1/purchases/{purchase_id}/restore": "/api/v1/trash/{purchase_id}"}


@cache
def document() -> dict[str, Any]:
    """Return the document as programs get it."""
    return json.loads(json.dumps(api.get_openapi_schema()))


@dataclass(frozen=True)
class Operation:
    """One operation: a method of a path, and what the document tells of it."""

    method: str
    path: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.told["operationId"]

    @property
    def scope(self) -> str:
        return self.told["x-scope"]

    @property
    def nouns(self) -> dict[str, str]:
        """What each parameter of the path names: the word before it, as in `persons/{id}`."""
        parts = _READ_AS.get(self.path, self.path).split("/")
        return {
            part[1:-1]: before.strip("{}")
            for before, part in pairwise(parts)
            if part.startswith("{")
        }

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """What it answers with, by status."""
        answers = self.told["responses"]
        return {status: referred(answer, document()) for status, answer in answers.items()}

    def parameters(self, place: str) -> list[dict[str, Any]]:
        return [one for one in self.told.get("parameters", []) if one["in"] == place]

    def knows_header(self, name: str) -> bool:
        return any(one["name"] == name for one in self.parameters("header"))

    @property
    def media_type(self) -> str | None:
        """In which form it wants its body, if it wants one."""
        return next(iter(self.told.get("requestBody", {}).get("content", {})), None)

    def at(self, **keys: object) -> str:
        """Return the path with these keys, and with what must stand in its query."""
        path = self.path
        for name, key in keys.items():
            path = path.replace(f"{{{name}}}", str(key))
        query = [
            f"{one['name']}={sample(one['schema'], named())}"
            for one in self.parameters("query")
            if one["required"]
        ]
        return f"{path}?{'&'.join(query)}" if query else path

    @property
    def texts(self) -> list[str]:
        """What it takes as text in a body of JSON."""
        content = self.told.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return []
        fields: dict[str, Any] = next(
            (one["properties"] for _, one in parts(content["schema"]) if "properties" in one), {}
        )
        kinds = {name: {one.get("type") for _, one in parts(fields[name])} for name in fields}
        return [name for name, kind in kinds.items() if "string" in kind and "array" not in kind]

    def sample_body(self) -> Any:
        """Return the least that the document lets one send."""
        content = self.told.get("requestBody", {}).get("content", {})
        return sample(content[self.media_type]["schema"], named()) if self.media_type else None


def operations() -> list[Operation]:
    """Return every operation of the document."""
    return [
        Operation(method, path, told)
        for path, methods in document()["paths"].items()
        for method, told in methods.items()
        if method in METHODS
    ]


def named() -> dict[str, Any]:
    """Return the schemas that have names."""
    return document()["components"]["schemas"]


def parts(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema within one, references followed, each with where it stands."""
    yield from _parts(schema, where, frozenset())


def _parts(
    schema: dict[str, Any], where: str, seen: frozenset[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if reference := schema.get("$ref"):
        if reference in seen:
            return
        seen |= {reference}
    schema = resolved(schema, named())
    yield where, schema
    for name, one in schema.get("properties", {}).items():
        yield from _parts(one, f"{where}.{name}", seen)
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for one in schema.get(word, []):
            yield from _parts(one, where, seen)
    for word in ("items", "additionalProperties"):
        if isinstance(one := schema.get(word), dict):
            yield from _parts(one, f"{where}.*", seen)
