"""Starting over, and every window that was closed."""

from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import FETCH_RAISE
from django.utils import timezone
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from budgets import ledger
from budgets.access import own_budget
from budgets.forms import ResetForm
from budgets.models import Budget, Reset
from budgets.wire import Moment, Money, Text
from people.models import Scope, User
from people.programs.callers import ProgramRequest, may
from people.programs.forms import filled
from people.programs.paging import Asked, Page

router = Router(tags=["Budget"])


class ResetShown(Schema):
    """One window that ended, and the one that followed it."""

    id: int
    kind: Literal["manual", "automatic"] = Field(description="Automatic: its time was over.")
    by: str = Field(description="Who did it; “the system” when it ended by itself.")
    reason: str
    window: int = Field(description="The id of the window that ended.")
    spent_before: Money
    limit_before: Money
    limit_after: Money
    old_starts_at: Moment
    old_ends_at: Moment
    new_starts_at: Moment
    new_ends_at: Moment
    created_at: Moment

    @classmethod
    def of(cls, reset: Reset) -> "ResetShown":
        return cls.model_construct(
            id=reset.pk,
            kind=reset.kind,
            by=reset.by,
            reason=reset.reason,
            window=reset.closed_cycle_id,
            spent_before=reset.spent_before,
            limit_before=reset.limit_before,
            limit_after=reset.limit_after,
            old_starts_at=reset.old_starts_at,
            old_ends_at=reset.old_ends_at,
            new_starts_at=reset.new_starts_at,
            new_ends_at=reset.new_ends_at,
            created_at=reset.created_at,
        )


class ResetSent(Schema):
    """Why it is started over; the body may be left out."""

    model_config = ConfigDict(extra="forbid")

    reason: Text | None = Field(None, max_length=500)


@router.post("budget/reset", response=ResetShown, auth=may(Scope.MANAGE), summary="Start over")
def reset(request: ProgramRequest, sent: ResetSent | None = None) -> ResetShown:
    """Close the window now and begin another. Every entry stays where it is."""
    now = timezone.now()
    budget, rights = own_budget(request, now=now)
    if not rights.reset:
        raise PermissionDenied("You may look at your budget, but not start it over.")
    return start_over(budget, sent, actor=request.user, now=now)


def start_over(budget: Budget, sent: ResetSent | None, *, actor: User, now: datetime) -> ResetShown:
    """Start over for the reason that was sent, if one was."""
    form = filled(ResetForm, sent or ResetSent(reason=None))
    reason = form.cleaned_data["reason"]
    return ResetShown.of(ledger.reset(budget=budget, actor=actor, reason=reason, now=now))


@router.get("budget/resets", response=Page[ResetShown], auth=may(Scope.READ), summary="Resets")
def resets(request: ProgramRequest, paging: Asked) -> dict[str, Any]:
    """List the windows that were closed, the last one first."""
    now = timezone.now()
    budget, _ = own_budget(request, now=now)
    ledger.roll(budget, now=now)
    rows = Reset.objects.filter(budget=budget).fetch_mode(FETCH_RAISE)
    return paging.cut(rows, ResetShown.of)
