"""Where the money went: the figures of the analytics page, each card by itself."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, cast

from django.conf import settings
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from budgets.wire import Money, Percent
from occasions.access import viewer_of
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Day
from people.programs.queries import address_of, readable
from purchases.analysis import Analysis, Card, analyse
from purchases.analysis.shares import Share
from purchases.analysis.tops import Bought
from purchases.analysis.totals import Total
from purchases.analysis.warranties import Lasting, standings
from purchases.api.fields import CODE, Kind, Standing
from purchases.forms.analytics import AnalyticsForm
from purchases.models import Purchase
from purchases.series import Slot

router = Router(tags=["Analytics"])

Code = Annotated[str, Field(description="ISO 4217.", examples=["USD"])]


class AnalyticsFilter(Schema):
    """Which purchases the figures are about. What was returned does not count."""

    since: Day | None = Field(None, description="The first day, included.")
    until: Day | None = Field(None, description="The last day, included.")
    currency: Annotated[str, CODE, Field(examples=["USD"])] | None = Field(
        None,
        description="Of the amounts. Without one it is the base currency or, where nothing was paid"
        " in that, the most used one.",
    )
    whose: Literal["all", "mine"] = Field(
        "all", description="All that you may see, or only your own."
    )


Filtered = Annotated[AnalyticsFilter, Query()]


class PurchaseTotalShown(Schema):
    """What was paid in one currency."""

    currency: Code
    count: int
    total: Money
    average: Money = Field(description="Rounded to the decimals of the currency.")
    base_total: Money = Field(description="The same in the base currency.")

    @classmethod
    def of(cls, total: Total) -> "PurchaseTotalShown":
        return cls(
            currency=total.currency,
            count=total.count,
            total=total.price,
            average=total.average,
            base_total=total.amount,
        )


class PurchaseSummaryShown(Schema):
    """What was paid by currency, the base one first; two currencies are never added."""

    base_currency: Code
    count: int = Field(description="How many purchases there are, in all currencies.")
    base_total: Money = Field(description="All that was paid, each at its own exchange rate.")
    totals: list[PurchaseTotalShown]


class PurchaseMonthShown(Schema):
    """What was paid from the first to the last day, both included."""

    first: date
    last: date
    count: int
    total: Money

    @classmethod
    def of(cls, slot: Slot) -> "PurchaseMonthShown":
        return cls(first=slot.first, last=slot.last, count=slot.count, total=slot.total)


class PurchaseMonthsShown(Schema):
    """What was paid step by step; a step without a purchase is there too."""

    currency: Code
    step: Literal["month", "year"] = Field(
        description="Years, where there would be more than 120 months."
    )
    count: int
    total: Money
    months: list[PurchaseMonthShown]


class PurchaseShareShown(Schema):
    """The part of one retailer or brand."""

    id: int | None = Field(description="None for several together, and for purchases without.")
    name: str = Field(examples=["Corner shop", "12 others", "No retailer"])
    count: int = Field(description="Purchases in any currency.")
    total: Money = Field(description="What was paid in the currency.")
    percent_of_count: Percent
    percent_of_total: Percent

    @classmethod
    def of(cls, share: Share) -> "PurchaseShareShown":
        return cls(
            id=share.key,
            name=share.name,
            count=share.count,
            total=share.total,
            percent_of_count=share.of_count,
            percent_of_total=share.of_total,
        )


class PurchaseSharesShown(Schema):
    """Parts of the whole: the largest, all others together, and purchases without any.

    The percentages of each kind add up to exactly 100.00, unless there is nothing to divide.
    """

    currency: Code
    shares: list[PurchaseShareShown]


class MostBoughtShown(Schema):
    """What was bought under one name, regardless of case and space."""

    name: str
    count: int
    total: Money
    average: Money

    @classmethod
    def of(cls, bought: Bought) -> "MostBoughtShown":
        return cls(name=bought.name, count=bought.count, total=bought.total, average=bought.average)


class SinglePurchaseShown(Schema):
    """One purchase that stands out."""

    id: int
    name: str
    retailer: str | None
    purchased_on: date
    price: Money
    currency: Code

    @classmethod
    def of(cls, purchase: Purchase) -> "SinglePurchaseShown":
        return cls(
            id=purchase.pk,
            name=purchase.name,
            retailer=purchase.retailer.name if purchase.retailer else None,
            purchased_on=purchase.purchased_on,
            price=purchase.price,
            currency=purchase.currency,
        )


class PurchaseProductsShown(Schema):
    """What stands out, at most ten of each."""

    currency: Code
    most_bought: list[MostBoughtShown] = Field(
        description="Among equals, for the most money first."
    )
    most_expensive: list[SinglePurchaseShown]
    recent: list[SinglePurchaseShown] = Field(description="Bought last, in any currency.")


class WarrantySpanShown(Schema):
    """One warranty on the line of time."""

    purchase: int
    name: str
    kind: Kind
    starts_on: date
    ends_on: date | None = Field(description="None is for life.")
    status: Standing
    days_left: int | None = Field(description="0 on the last day, below zero after it.")

    @classmethod
    def of(cls, lasting: Lasting) -> "WarrantySpanShown":
        return cls(
            purchase=lasting.purchase,
            name=lasting.name,
            kind=cast("Kind", lasting.kind.value),
            starts_on=lasting.first,
            ends_on=lasting.last,
            status=lasting.status.value,
            days_left=lasting.days_left,
        )


class WarrantyStandingsShown(Schema):
    """How many warranties stand how; those that expire soon are among the active."""

    active: int
    expiring: int
    expired: int
    voided: int


class WarrantySpansShown(Schema):
    """How warranties stand today, and those that ended last and end next."""

    standings: WarrantyStandingsShown
    timeline: list[WarrantySpanShown] = Field(description="At most 2 that are over and 6 to come.")


@router.get(
    "analytics/summary",
    response=PurchaseSummaryShown,
    auth=may(Scope.READ),
    summary="What was paid",
)
def summary(request: ProgramRequest, asked: Filtered) -> PurchaseSummaryShown:
    """Add up what was paid, by currency."""
    analysis = _figures(request, asked)
    return PurchaseSummaryShown(
        base_currency=settings.CURRENCY,
        count=analysis.count,
        base_total=analysis.amount,
        totals=[PurchaseTotalShown.of(total) for total in analysis.totals],
    )


@router.get(
    "analytics/months",
    response=PurchaseMonthsShown,
    auth=may(Scope.READ),
    summary="Spending by month",
)
def months(request: ProgramRequest, asked: Filtered) -> PurchaseMonthsShown:
    """Tell what was paid in each of the last twelve calendar months, or in the days asked for."""
    analysis = _figures(request, asked, Card.MONTHS)
    series = analysis.months
    return PurchaseMonthsShown(
        currency=analysis.currency,
        step=series.step.value if series else "month",
        count=series.count if series else 0,
        total=series.total if series else Decimal(0),
        months=[PurchaseMonthShown.of(slot) for slot in series.slots] if series else [],
    )


@router.get(
    "analytics/retailers",
    response=PurchaseSharesShown,
    auth=may(Scope.READ),
    summary="Shares of retailers",
)
def retailers(request: ProgramRequest, asked: Filtered) -> PurchaseSharesShown:
    """Divide the purchases among retailers, by count and by money."""
    analysis = _figures(request, asked, Card.RETAILERS)
    return _shares(analysis, analysis.retailers)


@router.get(
    "analytics/brands",
    response=PurchaseSharesShown,
    auth=may(Scope.READ),
    summary="Shares of brands",
)
def brands(request: ProgramRequest, asked: Filtered) -> PurchaseSharesShown:
    """Divide the purchases among brands, by count and by money."""
    analysis = _figures(request, asked, Card.BRANDS)
    return _shares(analysis, analysis.brands)


@router.get(
    "analytics/products",
    response=PurchaseProductsShown,
    auth=may(Scope.READ),
    summary="What stands out",
)
def products(request: ProgramRequest, asked: Filtered) -> PurchaseProductsShown:
    """Tell what was bought most often, for the most money, and last."""
    cards = (Card.MOST_BOUGHT, Card.MOST_EXPENSIVE, Card.RECENT)
    analysis = _figures(request, asked, *cards)
    return PurchaseProductsShown(
        currency=analysis.currency,
        most_bought=[MostBoughtShown.of(one) for one in analysis.most_bought],
        most_expensive=[SinglePurchaseShown.of(one) for one in analysis.most_expensive],
        recent=[SinglePurchaseShown.of(one) for one in analysis.recent],
    )


@router.get(
    "analytics/warranties", response=WarrantySpansShown, auth=may(Scope.READ), summary="Warranties"
)
def warranties(request: ProgramRequest, asked: Filtered) -> WarrantySpansShown:
    """Tell how warranties stand. They are those of purchases of any day: time goes on for all."""
    analysis = _figures(request, asked, Card.WARRANTIES)
    counts = standings(analysis.scope)
    return WarrantySpansShown(
        standings=WarrantyStandingsShown(
            **{str(status): count for status, count in counts.items()}
        ),
        timeline=[WarrantySpanShown.of(one) for one in analysis.warranties],
    )


def _figures(request: ProgramRequest, asked: AnalyticsFilter, *cards: Card) -> Analysis:
    """Return the figures of these cards; which ones are put away on the page plays no part."""
    viewer = viewer_of(request.user, now=timezone.now())
    form = readable(AnalyticsForm(address_of(asked)))
    return analyse(form.scope(viewer), form.code, hidden=set(Card).difference(cards))


def _shares(analysis: Analysis, shares: list[Share]) -> PurchaseSharesShown:
    return PurchaseSharesShown(
        currency=analysis.currency, shares=[PurchaseShareShown.of(share) for share in shares]
    )
