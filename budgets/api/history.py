"""Every posting of a budget."""

from datetime import date
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from budgets.access import own_budget
from budgets.forms import PostedForm
from budgets.history import HistoryFilter, Postings
from budgets.models import Entry
from budgets.wire import Moment, Money, Text
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Day
from people.programs.paging import Asked, Page
from people.programs.queries import address_of, readable

router = Router(tags=["Budget"])


class EntryShown(Schema):
    """One posting. It never changes: a correction is another one that `reverses` it."""

    id: int
    kind: Literal["usage", "purchase", "refund", "adjustment"]
    amount: Money = Field(description="Below zero when money came back.")
    occurred_at: Moment
    day: date = Field(description="The member's local day at that time.")
    recorded_at: Moment
    provider: str = Field(examples=["anthropic"])
    model: str = Field(examples=["claude-sonnet-4-5"])
    operation: str
    input_tokens: int = Field(description="The cached ones among them.")
    output_tokens: int
    cached_tokens: int
    memo: str
    source: str
    source_event_id: str
    priced_by: str = Field(
        description="The price list by which the cost was worked out; empty when it was given.",
        examples=["genai-prices 0.2.3"],
    )
    via: str = Field(
        description="The token by which a program recorded it.", examples=["Gateway (ps_Ab12Cd34…)"]
    )
    reverses: int | None = Field(description="The id of the posting that it takes back.")

    @classmethod
    def of(cls, entry: Entry) -> "EntryShown":
        # A row of ours needs no second check: a page of a hundred is told in half the time.
        return cls.model_construct(
            id=entry.pk,
            kind=entry.kind,
            amount=entry.amount,
            occurred_at=entry.occurred_at,
            day=entry.day,
            recorded_at=entry.recorded_at,
            provider=entry.provider,
            model=entry.model,
            operation=entry.operation,
            input_tokens=entry.input_tokens,
            output_tokens=entry.output_tokens,
            cached_tokens=entry.cached_tokens,
            memo=entry.memo,
            source=entry.source,
            source_event_id=entry.source_event_id,
            priced_by=entry.priced_by,
            via=entry.via,
            reverses=entry.reverses_id,
        )


class EntryFilter(Schema):
    """Which postings; the days are local and both included."""

    provider: Text | None = Field(None, max_length=100)
    model: Text | None = Field(None, max_length=200)
    since: Day | None = None
    until: Day | None = None


@router.get(
    "budget/usage/history", response=Page[EntryShown], auth=may(Scope.READ), summary="History"
)
def history(
    request: ProgramRequest, asked: Annotated[EntryFilter, Query()], paging: Asked
) -> dict[str, Any]:
    """List the postings, newest first. The last of millions costs what the first costs."""
    budget, _ = own_budget(request, now=timezone.now())
    days = readable(PostedForm(address_of(asked))).cleaned_data
    wanted = HistoryFilter(provider=asked.provider or "", model=asked.model or "", **days)
    found = Postings(budget, wanted)
    return {
        "items": [EntryShown.of(entry) for entry in found.part(paging.skip, paging.limit)],
        "total": found.count,
        "skip": paging.skip,
        "limit": paging.limit,
    }
