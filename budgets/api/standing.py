"""Where a budget stands."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from budgets import ledger
from budgets.access import own_budget
from budgets.levels import Standing
from budgets.models import Budget, Cycle, Entry, Hold
from budgets.status import Status
from budgets.wire import Moment, Money
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.once import Reply

router = Router(tags=["Budget"])

LevelName = Literal["green", "yellow", "orange", "red"]
PeriodName = Literal["monthly", "weekly", "daily", "custom"]


class StandingShown(Schema):
    """What may still be spent. `remaining` is never below zero: `over_by` tells the rest."""

    level: LevelName
    limit: Money = Field(description="In force in this window, with what was carried into it.")
    spent: Money
    held: Money = Field(description="Set aside by holds.")
    remaining: Money
    over_by: Money
    percent: Decimal | None = Field(
        description="Spent in percent of the limit; none at limit 0.", examples=["41.7"]
    )

    @staticmethod
    def figures(standing: Standing) -> dict[str, Any]:
        return {
            "level": standing.level.value,
            "limit": standing.limit,
            "spent": standing.spent,
            "held": standing.held,
            "remaining": standing.remaining,
            "over_by": standing.over_by,
            "percent": standing.percent,
        }

    @classmethod
    def after(
        cls, posted: Entry | Hold, budget: Budget, *, now: datetime, withheld: bool
    ) -> "StandingShown | None":
        """Return what the open window comes to with `posted`; nothing for whom it is withheld.

        What was posted just now carries it along; only otherwise does it take a query.
        """
        if withheld:
            return None
        known: Cycle | None = posted._state.fields_cache.get("cycle")
        cycle = known if known and known.is_open else ledger.roll(budget, now=now)
        return cls.model_construct(**cls.figures(cycle.standing(budget.thresholds)))


class StatusShown(StandingShown):
    """The open window of a budget."""

    enforced: bool = Field(description="Whether new spending above the limit is refused.")
    period: PeriodName
    window: int = Field(description="The id of this window.")
    starts_at: Moment
    ends_at: Moment = Field(description="The first moment after it.")
    days_left: int = Field(description="Local days, today included.")
    projected: Money | None = Field(
        description="Spent by the end of the window at this pace; none in its first tenth."
    )
    runs_out_on: date | None = Field(
        description="The local day on which the limit is reached at this pace, in this window."
    )

    @classmethod
    def of(cls, status: Status) -> "StatusShown":
        cycle, projection = status.cycle, status.projection
        return cls.model_construct(
            **cls.figures(status.standing),
            enforced=cycle.enforced,
            period=status.budget.period,
            window=cycle.pk,
            starts_at=cycle.starts_at,
            ends_at=cycle.ends_at,
            days_left=status.days_left,
            projected=projection.amount if projection else None,
            runs_out_on=status.runs_out_on,
        )


@router.get("budget/status", response=StatusShown, auth=may(Scope.READ), summary="Status")
def status(request: ProgramRequest) -> HttpResponse:
    """Tell how much may still be spent."""
    now = timezone.now()
    budget, _ = own_budget(request, now=now)
    status = Status.of(budget, ledger.roll(budget, now=now), now=now)
    # Asked more often than anything else, so it is written out at once.
    return Reply.of(StatusShown.of(status)).response
