"""What a budget was spent on."""

from datetime import date
from typing import Annotated

from django.http import QueryDict
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from budgets import ledger, reports
from budgets.access import own_budget, own_cycle
from budgets.forms import BreakdownForm
from budgets.periods import local_day
from budgets.reports import UNNAMED, Share
from budgets.wire import Money, Percent
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Day
from people.programs.forms import refused
from people.programs.paging import KeyAsked
from people.programs.problems import Refused, invalid

router = Router(tags=["Budget"])

#: What programs call the fields of the form.
_NAMED = {"from": "query.since", "to": "query.until", "window": "query.window"}

_EITHER = "Send a window or days, not both."


class BreakdownFilter(Schema):
    """What it covers: this window, a past one, or any days."""

    window: KeyAsked | None = Field(None, description="A window, by the id that resets tell.")
    since: Day | None = Field(None, description="The first local day; alone it lasts until today.")
    until: Day | None = Field(
        None, description="The last local day; alone it begins with that day's month."
    )


class ShareShown(Schema):
    """One provider's or model's part. Purchases go to no provider and no model."""

    provider: str | None
    model: str | None
    amount: Money
    count: int
    tokens: int = Field(description="Input and output together.")
    percent: Percent = Field(description="Of the total; together exactly 100.00.")


class BreakdownShown(Schema):
    """What was spent, by provider and by model, the largest first."""

    since: date
    until: date
    window: int | None = Field(description="The window, if it is one and not any days.")
    total: Money
    count: int = Field(description="How many postings.")
    tokens: int
    providers: list[ShareShown]
    models: list[ShareShown]


@router.get(
    "budget/usage/breakdown",
    response=BreakdownShown,
    auth=may(Scope.READ),
    summary="Breakdown",
)
def breakdown(
    request: ProgramRequest, asked: Annotated[BreakdownFilter, Query()]
) -> BreakdownShown:
    """Tell what was spent, by provider and by model, with shares in percent."""
    now = timezone.now()
    budget, _ = own_budget(request, now=now)
    if asked.window is not None and (asked.since or asked.until):
        raise Refused(invalid({"query.window": [_EITHER]}))
    shown = ledger.roll(budget, now=now)
    if asked.window is not None:
        shown = own_cycle(budget, str(asked.window), [shown])
    form = BreakdownForm(_address(asked), budget=budget, shown=shown, closed=[])
    if not form.is_valid():
        raise refused(form, named=_NAMED)
    found = reports.breakdown(budget, form.span(local_day(now, budget.zone)))
    return BreakdownShown(
        since=found.span.first,
        until=found.span.last,
        window=found.span.cycle.pk if found.span.cycle else None,
        total=found.total,
        count=found.count,
        tokens=sum(share.tokens for share in found.providers),
        providers=[_told(share, provider=share.name, model=UNNAMED) for share in found.providers],
        models=[_told(share, provider=share.note, model=share.name) for share in found.models],
    )


def _address(asked: BreakdownFilter) -> QueryDict:
    """Return the days as they would stand in the address of the page."""
    data = QueryDict(mutable=True)
    data["from"], data["to"] = (f"{day or ''}" for day in (asked.since, asked.until))
    return data


def _told(share: Share, *, provider: str, model: str) -> ShareShown:
    return ShareShown(
        provider=_name(provider),
        model=_name(model),
        amount=share.amount,
        count=share.count,
        tokens=share.tokens,
        percent=share.percent,
    )


def _name(name: str) -> str | None:
    return None if name in ("", UNNAMED) else name
