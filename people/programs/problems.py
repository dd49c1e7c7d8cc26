"""How a refusal reads to a program: problem details as of RFC 9457."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

from people import request_ids
from people.programs import wording

MEDIA_TYPE = "application/problem+json"
_KIND = "urn:pursestrings:"


class FieldProblem(Schema):
    """What is wrong with one field of a request."""

    field: str = Field(
        description="Where: `limit`, `query.skip`, `events.3.amount`; empty for all of it.",
        examples=["limit"],
    )
    message: str = Field(examples=["Enter an amount like 12.50."])


class Problem(BaseModel):
    """Why a request was not answered."""

    # A refusal may carry the numbers that explain it; the framework's own schema would drop them.
    model_config = ConfigDict(extra="allow")

    type: str = Field(description="What kind it is, for programs.", examples=[_KIND + "not-found"])
    title: str = Field(description="The same in words.", examples=["Not found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field("", description="What happened this time.")
    errors: list[FieldProblem] | None = Field(
        None, description="Every field that is wrong (422 only)."
    )
    request_id: str | None = Field(
        None,
        description="Under which the log knows the request, as in the header X-Request-ID.",
        examples=["0b6ea1e7-5c2f-4f0e-9f0a-2f6d5f6f3c11"],
    )


#: What tells of an exception to programs.
type Telling = Callable[[Any], Problem]
type Refusals = Mapping[type[Exception], Telling]


class Refused(Exception):
    """A request that cannot be answered, with the problem that says why."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.title)
        self.problem, self.headers = problem, dict(headers or {})


def problem(status: int, kind: str, title: str, detail: str = "", **more: Any) -> Problem:
    """Return a problem of `kind`, a word of its own such as "over-budget"."""
    return Problem(type=_KIND + kind, title=title, status=status, detail=detail, **more)


def not_found(detail: str = "There is nothing here, or nothing for you.") -> Problem:
    return problem(404, "not-found", "Not found", detail)


def invalid(errors: Mapping[str, list[str]] | None = None, detail: str = "") -> Problem:
    """Return the problem of a request whose fields are wrong, each with its messages."""
    found = [
        # A key of JSON may hold half a character, which no answer can repeat.
        FieldProblem(field=name.encode(errors="replace").decode(), message=message)
        for name, messages in (errors or {}).items()
        for message in messages
    ]
    return problem(422, "invalid", "Not valid", detail, errors=found or None)


@contextmanager
def within(place: str) -> Iterator[None]:
    """Say of the fields that a part of a request is refused for where in the request they stand."""
    try:
        yield
    except Refused as refusal:
        errors = [
            FieldProblem(field=f"{place}.{one.field}".rstrip("."), message=one.message)
            for one in refusal.problem.errors or ()
        ]
        problem = refusal.problem.model_copy(update={"errors": errors or None})
        raise Refused(problem, refusal.headers) from None


def wrong_fields(errors: Iterable[tuple[Iterable[str | int], Mapping[str, Any]]]) -> Problem:
    """Return the problem that names each wrong field by its path, and says what pydantic found."""
    found: dict[str, list[str]] = {}
    for path, error in errors:
        found.setdefault(".".join(map(str, path)), []).append(wording.sentence(error))
    return invalid(found)


def told(problem: Problem, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return the answer that carries a problem."""
    return HttpResponse(
        body_of(problem),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def body_of(problem: Problem) -> str:
    """Return a problem as JSON, with the id of the present request.

    It may name what the program sent: halves of a character, which nobody can write, become "?".
    """
    known = problem.model_copy(update={"request_id": request_ids.present() or None})
    shown = known.model_dump(exclude_none=True)
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace").decode()


def is_for_programs(request: HttpRequest) -> bool:
    """Tell whether a request is answered in the words of the API, whatever becomes of it."""
    return request.path_info.startswith("/api/")


def refusals(*statuses: int) -> dict[int, type[Problem]]:
    """Declare with which statuses an operation may refuse, besides those that any may have."""
    return dict.fromkeys(statuses, Problem)
