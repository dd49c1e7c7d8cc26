"""Spending: what a program's use of something cost, told as a cost or as tokens."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import BaseModel, ConfigDict, Field

from budgets import ledger
from budgets.access import rights, spender
from budgets.api.history import EntryShown
from budgets.api.standing import StandingShown
from budgets.ledger import Posting
from budgets.problems import FINAL, figures_withheld
from budgets.usage import pricing
from budgets.usage.loading import SOURCE
from budgets.wire import Amount, MomentSent, Text, Tokens
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.once import Reply, once
from people.programs.problems import Refused, invalid, refusals

router = Router(tags=["Spending"])

_NO_COST = "Send a cost, or the tokens with their provider and model."
_KEPT_SOURCE = "That is what imports of files are kept under."


class CostSent(BaseModel):
    """What something cost: `cost`, or the tokens, whose price is then looked up."""

    model_config = ConfigDict(extra="forbid")

    cost: Amount | None = Field(None, description="In the base currency, six decimals at most.")
    provider: Text = Field("", max_length=100, examples=["anthropic"])
    model: Text = Field("", max_length=200, examples=["claude-sonnet-4-5"])
    operation: Text = Field("", max_length=100, examples=["messages"])
    input_tokens: Tokens | None = Field(None, description="The cached ones among them.")
    output_tokens: Tokens | None = None
    cached_tokens: Tokens = Field(0, description="Of the input tokens, those read from a cache.")
    occurred_at: MomentSent | None = Field(None, description="Now, unless it is said.")
    memo: Text = Field("", max_length=500)
    source: Text = Field(
        "", max_length=100, description="Where the event comes from.", examples=["gateway"]
    )
    source_event_id: Text = Field(
        "",
        max_length=200,
        description="The event's name there: one that was posted before counts once.",
        examples=["req-7f3a"],
    )

    def posting(self, *, now: datetime, via: str) -> Posting:
        """Return what is posted. Raises BadPosting, NoPrice, or Refused for what says no cost."""
        cost, priced_by = self.cost, ""
        if cost is None:
            if self.input_tokens is None and self.output_tokens is None:
                raise Refused(invalid({"cost": [_NO_COST]}))
            prices = pricing.PublishedPrices(settings.CURRENCY)
            tokens = pricing.Tokens(
                self.input_tokens or 0, self.output_tokens or 0, self.cached_tokens
            )
            at = self.occurred_at or now
            cost = prices.cost(tokens, provider=self.provider, model=self.model, at=at)
            priced_by = prices.label
        if self.source.startswith(SOURCE):
            raise Refused(invalid({"source": [_KEPT_SOURCE]}))
        posting = Posting(
            amount=cost,
            occurred_at=self.occurred_at,
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input_tokens=self.input_tokens or 0,
            output_tokens=self.output_tokens or 0,
            cached_tokens=self.cached_tokens,
            memo=self.memo,
            source=self.source,
            source_event_id=self.source_event_id,
            priced_by=priced_by,
            via=via,
        )
        posting.moment(now)
        return posting


class UsageSent(CostSent):
    """Something that was used, and by whom."""

    on_behalf_of: Text | None = Field(
        None,
        min_length=1,
        max_length=150,
        description="The user name of the member who pays; for gateways' tokens.",
    )


class SpentShown(Schema):
    """What was posted, and what is left after it."""

    outcome: Literal["accepted", "duplicate"] = Field(
        description="Duplicate: the event was posted before, and this is its first entry."
    )
    entry: EntryShown
    budget: StandingShown | None = Field(
        description="The open window with it; none where the budget is not shown to you."
    )


@router.post(
    "usage",
    response={201: SpentShown, 200: SpentShown, **refusals(402, 409)},
    auth=may(Scope.SPEND),
    summary="Record usage",
)
def record_usage(request: ProgramRequest, sent: UsageSent) -> HttpResponse:
    """Spend: refused (402) when it does not fit into an enforced budget.

    An event that was posted before is answered with 200 and its first entry. What happened in a
    window that is closed is recorded there, whatever the limit.
    """
    now = timezone.now()

    def work() -> Reply:
        budget = spender(request.auth, sent.on_behalf_of, now=now)
        withheld = not rights(request.user, budget).view
        posting = sent.posting(now=now, via=request.auth.label)
        with figures_withheld(withheld):
            entry, is_new = ledger.charge_once(budget=budget, posting=posting, now=now)
        standing = StandingShown.after(entry, budget, now=now, withheld=withheld)
        shown = SpentShown.model_construct(
            outcome="accepted" if is_new else "duplicate",
            entry=EntryShown.of(entry),
            budget=standing,
        )
        return Reply.of(shown, 201 if is_new else 200)

    return once(request, work, final=FINAL)
