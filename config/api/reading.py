"""The document of the API as people read it: in groups, with every field in words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import slugify

from config.api.document import ANY
from config.api.samples import Named, Schema, referred, resolved, sample

_FORMATS = {
    "date": "date",
    "date-time": "moment with its offset",
    "uri": "address",
    "binary": "file",
}
_PLAIN = {"boolean": "true or false", "object": "object", "null": "null"}


@dataclass(frozen=True, slots=True)
class Field:
    """What is sent or told under a name: `paging.skip`, `events[].amount`."""

    name: str
    kind: str
    about: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back under a status, with an example if it is worth one."""

    status: str
    about: str
    fields: list[Field]
    example: str


@dataclass(frozen=True)
class Told:
    """One operation."""

    method: str
    path: str
    schema: Schema
    document: Schema

    @property
    def named(self) -> Named:
        return self.document["components"]["schemas"]

    @property
    def name(self) -> str:
        return self.schema["operationId"]

    @property
    def scope(self) -> str:
        return self.schema["x-scope"]

    @property
    def paragraphs(self) -> list[list[tuple[str, bool]]]:
        """What is said of it, each part with whether it is code."""
        return [
            [(part, bool(place % 2)) for place, part in enumerate(paragraph.split("`"))]
            for paragraph in self.schema["description"].split("\n\n")
        ]

    @property
    def is_written(self) -> bool:
        return self.media_type == "application/json"

    @property
    def media_type(self) -> str:
        """In which form its body is sent; "" for none."""
        return next(iter(self.schema.get("requestBody", {}).get("content", {})), "")

    @property
    def parameters(self) -> list[tuple[str, Field]]:
        """What stands in its path, its query and its headers, each with where."""
        return [
            (one["in"], replace(field, about=one.get("description", field.about)))
            for one in self.schema.get("parameters", [])
            for field in [_field(one["name"], one["schema"], self.named, required=one["required"])]
        ]

    @property
    def _body(self) -> Schema:
        return self.schema["requestBody"]["content"][self.media_type]["schema"]

    @property
    def fields(self) -> list[Field]:
        """What stands in its body."""
        return list(fields_of(self._body, self.named)) if self.media_type else []

    @property
    def example(self) -> str:
        """A body in full; "" where none is written as JSON."""
        return _json(sample(self._body, self.named, whole=True)) if self.is_written else ""

    @property
    def answers(self) -> list[Answer]:
        """What it answers with, but for what any operation may."""
        return [
            _answer(status, referred(answer, self.document), self.named)
            for status, answer in self.schema["responses"].items()
            if int(status) not in ANY
        ]


@dataclass(frozen=True)
class Group:
    """The operations about one thing."""

    name: str
    operations: list[Told]

    @property
    def slug(self) -> str:
        return slugify(self.name)


def groups_of(document: Schema) -> list[Group]:
    """Return every operation under the first of its tags, in the order of the document."""
    groups: dict[str, Group] = {}
    for path, methods in document["paths"].items():
        for method, schema in methods.items():
            group = groups.setdefault(schema["tags"][0], Group(schema["tags"][0], []))
            group.operations.append(Told(method, path, schema, document))
    return list(groups.values())


def refusals_of(document: Schema) -> list[Answer]:
    """Return what any operation may refuse with."""
    answers = document["components"]["responses"]
    return [_answer(str(status), answers[f"Refused{status}"], {}) for status in sorted(ANY)]


def fields_of(schema: Schema, named: Named, before: str = "", depth: int = 3) -> Iterator[Field]:
    """Yield the fields of what a schema describes, and those within them."""
    schema = _inside(schema, named)
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        yield _field(f"{before}{name}", part, named, required=name in required)
        inside = _inside(part, named)
        if "properties" in inside and depth:
            many = "[]" if _one(part, named).get("type") == "array" else ""
            yield from fields_of(inside, named, f"{before}{name}{many}.", depth - 1)


def _field(name: str, schema: Schema, named: Named, *, required: bool) -> Field:
    about = resolved(schema, named) if "$ref" not in schema else schema
    told = kind(schema, named) + _default(resolved(schema, named))
    return Field(name, told, about.get("description", ""), required)


def _default(schema: Schema) -> str:
    """Say what counts when nothing is sent; nothing, empty and null go without saying."""
    default = schema.get("default")
    if default in (None, "", []):
        return ""
    return f", else {json.dumps(default, ensure_ascii=False)}"


def _one(schema: Schema, named: Named) -> Schema:
    """Return what a schema is when it is not null."""
    schema = resolved(schema, named)
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return resolved(choices[0], named) if choices else schema


def _inside(schema: Schema, named: Named) -> Schema:
    """Return what stands in a list, or is not null."""
    schema = _one(schema, named)
    return _one(schema["items"], named) if schema.get("type") == "array" else schema


def kind(schema: Schema, named: Named) -> str:
    """Return in words what a value may be: “whole number, 1 to 100”."""
    schema = resolved(schema, named)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(kind(one, named) for one in choices))
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return "one of " + ", ".join(f"“{one}”" for one in schema["enum"])
    match schema.get("type"):
        case "string":
            return _text(schema)
        case "integer" | "number":
            return "whole number" + _range(schema)
        case "array":
            most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
            return f"list{most}: {kind(schema['items'], named)}"
        case plain:
            return _PLAIN.get(str(plain), "anything")


def _text(schema: Schema) -> str:
    if told := _FORMATS.get(schema.get("format", "")):
        return told
    if "pattern" in schema and "examples" in schema:
        return f"text like “{schema['examples'][0]}”"
    most = schema.get("maxLength")
    return f"text, at most {most:,} characters" if most else "text"


def _range(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None:
        return ""
    return f", from {least:,}" if most is None or most >= 10**9 else f", {least:,} to {most:,}"


def _answer(status: str, answer: Schema, named: Named) -> Answer:
    content: Any = answer.get("content", {}).get("application/json")
    if content is None:
        return Answer(status, answer["description"], [], "")
    schema = content["schema"]
    fields = list(fields_of(schema, named))
    return Answer(status, answer["description"], fields, _json(sample(schema, named, whole=True)))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
