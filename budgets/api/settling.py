"""Settling holds: what they came to."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import BaseModel, ConfigDict, Field

from budgets import ledger
from budgets.access import HELD_BY_GATEWAY, hold_to_end, holds_of, may_end, rights
from budgets.api.batches import (
    WRONG,
    BatchShown,
    Unread,
    answered,
    problem_of,
    read_each,
)
from budgets.api.history import EntryShown
from budgets.api.holds import HoldShown
from budgets.api.standing import StandingShown
from budgets.api.usage import CostSent
from budgets.ledger import Settlement
from budgets.models import Hold
from budgets.problems import FINAL
from people.models import Scope
from people.programs.callers import Caller, ProgramRequest, may
from people.programs.once import Reply, once
from people.programs.paging import Key, RowKey
from people.programs.problems import Problem, not_found, problem, refusals

router = Router(tags=["Spending"])


class SettlementSent(CostSent):
    """What a hold came to."""

    hold: RowKey = Field(description="The id of the hold.")


class SettlementsSent(BaseModel):
    """Up to 1,000 holds with what they came to."""

    model_config = ConfigDict(extra="forbid")

    holds: Annotated[list[Any], Unread(SettlementSent)]


class SettledShown(Schema):
    """A settled hold, the posting that settled it, and what is left after it."""

    outcome: Literal["accepted", "duplicate"] = Field(
        description="Duplicate: it was posted before, and this is the first entry."
    )
    hold: HoldShown
    entry: EntryShown
    budget: StandingShown | None = Field(
        description="The open window with it; none where the budget is not shown to you."
    )


@router.post(
    "holds/{hold_id}/settle",
    response={200: SettledShown, **refusals(409)},
    auth=may(Scope.SPEND),
    summary="Settle a hold",
)
def settle_hold(request: ProgramRequest, hold_id: Key, sent: CostSent) -> HttpResponse:
    """Record what it really cost, be it more or less than what was set aside.

    Exactly once: a second time is answered with the first posting. An expired hold may be settled,
    a released one may not (409).
    """
    now = timezone.now()

    def work() -> Reply:
        found = hold_to_end(request.auth, hold_id)
        budget = found.budget
        posting = sent.posting(now=now, via=request.auth.label)
        entry, is_new = ledger.settle_once(hold=found, posting=posting, now=now)
        withheld = not rights(request.user, budget).view
        shown = SettledShown.model_construct(
            outcome="accepted" if is_new else "duplicate",
            hold=HoldShown.of(entry.hold),
            entry=EntryShown.of(entry),
            budget=StandingShown.after(entry, budget, now=now, withheld=withheld),
        )
        return Reply.of(shown)

    return once(request, work, final=FINAL)


@router.post(
    "holds/settle",
    response={200: BatchShown},
    auth=may(Scope.SPEND),
    summary="Settle many holds",
)
def settle_holds(request: ProgramRequest, sent: SettlementsSent) -> HttpResponse:
    """Settle many, each answered in its order: a hold that was settled before is a duplicate."""
    now = timezone.now()

    def work() -> Reply:
        read = list(read_each(SettlementSent, sent.holds))
        keys = {one.hold for one in read if isinstance(one, SettlementSent)}
        holds = holds_of(request.auth).in_bulk(keys)
        found = [
            _settlement(one, holds.get(one.hold), request.auth, now=now)
            if isinstance(one, SettlementSent)
            else one
            for one in read
        ]
        settlements = [one for one in found if isinstance(one, Settlement)]
        outcomes = iter(ledger.settle_many(settlements, now=now))
        return answered([next(outcomes) if isinstance(one, Settlement) else one for one in found])

    return once(request, work, final=FINAL)


def _settlement(
    sent: SettlementSent, hold: Hold | None, caller: Caller, *, now: datetime
) -> Settlement | Problem:
    """Return what is to be settled, or what is wrong with it."""
    if hold is None:
        return not_found("There is no such hold, or none of yours.")
    if not may_end(caller, hold):
        return problem(403, "forbidden", "Not allowed", HELD_BY_GATEWAY)
    try:
        return Settlement(hold, sent.posting(now=now, via=caller.label))
    except WRONG as wrong:
        return problem_of(wrong)
