"""Usage in batches."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import BaseModel, ConfigDict

from budgets import ledger
from budgets.access import NO_SUCH_MEMBER, NOT_FOR_OTHERS, rights, spenders
from budgets.api.batches import (
    WRONG,
    BatchShown,
    Unread,
    answered,
    problem_of,
    read_each,
)
from budgets.api.usage import UsageSent
from budgets.ledger import Event
from budgets.problems import FINAL
from people.models import Scope
from people.programs.callers import Caller, ProgramRequest, may
from people.programs.once import Reply, once
from people.programs.problems import Problem, not_found, problem

router = Router(tags=["Spending"])


class UsageBatchSent(BaseModel):
    """Up to 1,000 events."""

    model_config = ConfigDict(extra="forbid")

    events: Annotated[list[Any], Unread(UsageSent)]


@router.post(
    "usage/batch",
    response={200: BatchShown},
    auth=may(Scope.SPEND),
    summary="Record much usage",
)
def record_usage_batch(request: ProgramRequest, sent: UsageBatchSent) -> HttpResponse:
    """Spend many times, each decided in its order as `POST usage` decides.

    Each event has an answer of its own: one that is malformed or does not fit spoils no other.
    """
    now = timezone.now()

    def work() -> Reply:
        read = list(read_each(UsageSent, sent.events))
        payers = _Payers(request.auth, [one for one in read if isinstance(one, UsageSent)], now)
        found = [payers.event(one) if isinstance(one, UsageSent) else one for one in read]
        events = [one for one in found if isinstance(one, Event)]
        outcomes = iter(ledger.ingest(events, now=now))
        answers = [next(outcomes) if isinstance(one, Event) else one for one in found]
        return answered(answers, withheld=payers.withheld)

    return once(request, work, final=FINAL)


class _Payers:
    """The budgets of those who pay for a batch: the caller's own, and for a gateway the others'."""

    def __init__(self, caller: Caller, events: list[UsageSent], now: datetime) -> None:
        self.caller, self.now = caller, now
        names = {event.on_behalf_of for event in events}
        self.own = ledger.budget_of(caller.user, now=now) if None in names else None
        others = {name for name in names if name is not None}
        asks = bool(others) and caller.may_spend_for_others
        self.others = spenders(caller, others) if asks else {}

    @property
    def withheld(self) -> bool:
        """Whether the caller may not know the figures of their own budget."""
        return self.own is not None and not rights(self.caller.user, self.own).view

    def event(self, sent: UsageSent) -> Event | Problem:
        """Return what is to be posted, or what is wrong with it."""
        budget = self.own
        if sent.on_behalf_of is not None:
            if not self.caller.may_spend_for_others:
                return problem(403, "forbidden", "Not allowed", NOT_FOR_OTHERS)
            budget = self.others.get(sent.on_behalf_of)
        if budget is None:
            return not_found(NO_SUCH_MEMBER)
        try:
            return Event(budget, sent.posting(now=self.now, via=self.caller.label))
        except WRONG as wrong:
            return problem_of(wrong)
