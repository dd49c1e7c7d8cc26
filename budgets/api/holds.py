"""Holds: money set aside before it is known what something costs."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db.models import FETCH_RAISE
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import BaseModel, ConfigDict, Field

from budgets import ledger
from budgets.access import BudgetHidden, hold_of, hold_to_end, rights, spender
from budgets.api.standing import StandingShown
from budgets.ledger.holding import DEFAULT_LIFE
from budgets.models import Budget, Hold
from budgets.problems import FINAL, figures_withheld
from budgets.wire import Amount, Moment, Money, Text
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.once import Reply, once
from people.programs.paging import Asked, Key, Page
from people.programs.problems import refusals

router = Router(tags=["Spending"])

_LONGEST = 86_400


class HoldShown(Schema):
    """Money set aside, and what became of it."""

    id: int
    amount: Money
    status: Literal["held", "settled", "released", "expired"]
    memo: str
    via: str = Field(description="The token by which a program asked for it.")
    created_at: Moment
    expires_at: Moment = Field(description="When its money is free again by itself.")
    ended_at: Moment | None
    on_behalf: bool = Field(description="A gateway set it aside; the gateway alone ends it.")
    entry: int | None = Field(description="The id of the posting that settled it.")

    @classmethod
    def of(cls, hold: Hold) -> "HoldShown":
        return cls.model_construct(
            id=hold.pk,
            amount=hold.amount,
            status=hold.status,
            memo=hold.memo,
            via=hold.via,
            created_at=hold.created_at,
            expires_at=hold.expires_at,
            ended_at=hold.ended_at,
            on_behalf=hold.on_behalf,
            entry=hold.entry_id,
        )


class HeldShown(Schema):
    """A hold, and what is left beside it."""

    hold: HoldShown
    budget: StandingShown | None = Field(
        description="The open window with it; none where the budget is not shown to you."
    )

    @classmethod
    def of(cls, hold: Hold, budget: Budget, *, now: datetime, withheld: bool) -> "HeldShown":
        standing = StandingShown.after(hold, budget, now=now, withheld=withheld)
        return cls.model_construct(hold=HoldShown.of(hold), budget=standing)


class HoldSent(BaseModel):
    """How much to set aside, and for how long."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount = Field(description="In the base currency, six decimals at most.")
    life: int = Field(
        int(DEFAULT_LIFE.total_seconds()),
        strict=True,
        ge=1,
        le=_LONGEST,
        description="Seconds until it expires.",
    )
    memo: Text = Field("", max_length=500)
    on_behalf_of: Text | None = Field(
        None,
        min_length=1,
        max_length=150,
        description="The user name of the member who pays; for gateways' tokens.",
    )


class HoldFilter(Schema):
    """Which holds."""

    status: Literal["held", "settled", "released", "expired"] | None = None
    on_behalf_of: Text | None = Field(
        None, min_length=1, max_length=150, description="Whose, for gateways' tokens."
    )


@router.get("holds", response=Page[HoldShown], auth=may(Scope.READ), summary="Holds")
def holds(
    request: ProgramRequest, asked: Annotated[HoldFilter, Query()], paging: Asked
) -> dict[str, Any]:
    """List your holds, the last one first."""
    now = timezone.now()
    budget = spender(request.auth, asked.on_behalf_of, now=now)
    _see(request, budget, now)
    rows = Hold.objects.filter(budget=budget).fetch_mode(FETCH_RAISE)
    if asked.status:
        rows = rows.filter(status=asked.status)
    return paging.cut(rows, HoldShown.of)


@router.get("holds/{hold_id}", response=HoldShown, auth=may(Scope.READ), summary="A hold")
def hold(request: ProgramRequest, hold_id: Key) -> HoldShown:
    """Tell what became of a hold."""
    found = hold_of(request.auth, hold_id)
    _see(request, found.budget, timezone.now())
    found.refresh_from_db(fields=["status", "ended_at"])
    return HoldShown.of(found)


@router.post(
    "holds",
    response={201: HeldShown, **refusals(402)},
    auth=may(Scope.SPEND),
    summary="Set money aside",
)
def add_hold(request: ProgramRequest, sent: HoldSent) -> HttpResponse:
    """Authorise before spending: refused (402) when it does not fit into an enforced budget."""
    now = timezone.now()

    def work() -> Reply:
        budget = spender(request.auth, sent.on_behalf_of, now=now)
        withheld = not rights(request.user, budget).view
        with figures_withheld(withheld):
            held = ledger.hold(
                budget=budget,
                amount=sent.amount,
                now=now,
                life=timedelta(seconds=sent.life),
                memo=sent.memo,
                via=request.auth.label,
                on_behalf=sent.on_behalf_of is not None,
            )
        return Reply.of(HeldShown.of(held, budget, now=now, withheld=withheld), 201)

    return once(request, work, final=FINAL)


@router.post(
    "holds/{hold_id}/release",
    response={200: HeldShown},
    auth=may(Scope.SPEND),
    summary="Release a hold",
)
def release_hold(request: ProgramRequest, hold_id: Key) -> HttpResponse:
    """Free money that is not needed. A hold that ended before stays as it is: see its status."""
    now = timezone.now()

    def work() -> Reply:
        found = hold_to_end(request.auth, hold_id)
        withheld = not rights(request.user, found.budget).view
        released = ledger.release(hold=found, now=now)
        return Reply.of(HeldShown.of(released, found.budget, now=now, withheld=withheld))

    return once(request, work, final=FINAL)


def _see(request: ProgramRequest, budget: Budget, now: datetime) -> None:
    """Bring the holds of a budget up to date, for whom it is not hidden."""
    if not rights(request.user, budget).view:
        raise BudgetHidden
    ledger.roll(budget, now=now)
