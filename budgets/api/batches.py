"""Many at once: what stands in a batch is read one by one, and each has an answer of its own."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ninja import Schema
from pydantic import (
    BaseModel,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from budgets.ledger import Fate, Outcome, OverBudget
from budgets.ledger.ingesting import LARGEST_BATCH
from budgets.problems import REFUSALS, OverHiddenBudget
from budgets.wire import Money, plain
from people.programs.once import Reply
from people.programs.problems import Problem, Refused, invalid, wrong_fields

#: What may be wrong with one of a batch, and is told of that one alone.
WRONG: tuple[type[Exception], ...] = (ValidationError, Refused, *REFUSALS)


@dataclass(frozen=True)
class Unread:
    """Describe a list as one of `kind`, and leave what stands in it to be read later."""

    kind: type[BaseModel]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.list_schema(core_schema.any_schema(), max_length=LARGEST_BATCH)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        item = TypeAdapter(self.kind).core_schema
        return handler(core_schema.list_schema(item, max_length=LARGEST_BATCH))


class AnswerShown(Schema):
    """What became of one of a batch."""

    outcome: Literal["accepted", "duplicate", "refused", "invalid"] = Field(
        description="Duplicate: it was posted before. Nothing is stored of refused and invalid."
    )
    entry: int | None = Field(None, description="The id of its posting.")
    cost: Money | None = Field(None, description="What was posted.")
    problem: Problem | None = Field(None, description="Why it was not.")


class BatchShown(Schema):
    """How many met which fate, and the answer to each, in the order in which they were sent."""

    accepted: int
    duplicate: int
    refused: int
    invalid: int
    answers: list[AnswerShown]


def read_each[Sent: BaseModel](kind: type[Sent], sent: list[Any]) -> Iterator[Sent | Problem]:
    """Yield what each of a batch says, or what is wrong with it."""
    for one in sent:
        if not isinstance(one, dict):
            yield invalid(detail="Send an object.")
            continue
        try:
            yield kind.model_validate(one)
        except ValidationError as wrong:
            yield problem_of(wrong)


def problem_of(wrong: Exception) -> Problem:
    """Return what an operation of its own would have answered."""
    match wrong:
        case ValidationError():
            errors = wrong.errors(include_url=False, include_input=False)
            return wrong_fields((error["loc"], error) for error in errors)
        case Refused():
            return wrong.problem
        case _:
            return next(tell for kind, tell in REFUSALS.items() if isinstance(wrong, kind))(wrong)


def answered(found: Sequence[Outcome | Problem], *, withheld: bool = False) -> Reply:
    """Answer each of a batch: the outcomes of the ledger, and what did not get that far."""
    answers = [_answer(one, withheld) for one in found]
    fates = Counter(answer["outcome"] for answer in answers)
    names = ("accepted", "duplicate", "refused", "invalid")
    # A thousand answers are written as they are: to make models of them would take half the time.
    return Reply(200, json.dumps({**{name: fates[name] for name in names}, "answers": answers}))


def _answer(one: Outcome | Problem, withheld: bool) -> dict[str, Any]:
    if isinstance(one, Problem):
        return {"outcome": "invalid", "problem": _told(one)}
    if one.refusal is not None:
        hides = withheld and isinstance(one.refusal, OverBudget)
        refusal = OverHiddenBudget() if hides else one.refusal
        return {"outcome": Fate.REFUSED.value, "problem": _told(problem_of(refusal))}
    said: dict[str, Any] = {"outcome": one.fate.value}
    if one.entry is not None:
        said |= {"entry": one.entry.pk, "cost": plain(one.entry.amount)}
    return said


def _told(found: Problem) -> dict[str, Any]:
    return found.model_dump(mode="json", exclude_none=True)
