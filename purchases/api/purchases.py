"""Purchases: the list, one of them, writing one down, changing and deleting it."""

from datetime import datetime
from typing import Annotated

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from budgets.problems import FINAL
from budgets.wire import Amount, Money
from occasions.access import viewer_of
from occasions.models import Viewer
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Day
from people.programs.matching import match, tag_answer, tagged
from people.programs.once import Reply, once
from people.programs.paging import Asked, Key, Page
from people.programs.problems import refusals
from people.programs.queries import address_of, readable
from people.searching import LONGEST
from purchases import access, keeping, lists
from purchases.api.fields import CODE, Like, PaidShown
from purchases.api.fields import Status as Standing
from purchases.api.reading import (
    GiftBuying,
    PurchaseChange,
    PurchaseSent,
    papers_of,
    read,
    told_by,
    warranties_of,
)
from purchases.api.telling import PurchaseAdded, PurchaseShown, doubles, told, told_one
from purchases.forms.beginning import gifts_for
from purchases.forms.listing import ListForm
from purchases.keeping.holding import hold_occasions, lock
from purchases.models import Attachment, Purchase
from purchases.models.names import MAX_NAME
from purchases.models.purchase import has_gift
from purchases.naming import fold
from purchases.problems import own_figures

router = Router(tags=["Purchases"])

#: How often a change is tried anew when somebody else is faster.
_TRIES = 10
#: What the form of the page does not ask, or asks in another way.
_OURS = ("gift", "tag", "tax_deductible", "attachments", "min_amount", "max_amount")
_SORTED = Like(f"^({'|'.join(lists.SORTS)})$", f"Send one of {', '.join(lists.SORTS)}.")
_COVER = Like(
    "^(active|expiring|expired|voided|none)$",
    "Send active, expiring, expired, voided or none.",
)
_WHOSE = Like("^(mine|shared)$", "Send mine or shared, or leave it out for both.")

NameAsked = Annotated[
    str,
    Like("^(none|[0-9]{1,18})$", "Send its id, or none."),
    Field(description="An id, or `none`.", examples=["none"]),
]


class PurchaseFilter(Schema):
    """Which purchases are asked for: those for which all of it is true."""

    q: str = Field(
        "", max_length=LONGEST, description="Words in names, shops, numbers, tags and notes."
    )
    status: Standing | None = None
    retailer: NameAsked | None = None
    brand: NameAsked | None = None
    tag: Annotated[str, Field(max_length=MAX_NAME, description="A name.")] | None = None
    since: Day | None = Field(None, description="Bought on this day or later.")
    until: Day | None = Field(None, description="Bought on this day or earlier.")
    currency: Annotated[str, CODE, Field(examples=["EUR"])] | None = None
    min_amount: Amount | None = Field(None, description="In the base currency.")
    max_amount: Amount | None = Field(None, description="In the base currency.")
    warranty: Annotated[str, _COVER] | None = Field(
        None, description="With a warranty that stands so, or `none`."
    )
    attachments: bool | None = Field(None, description="With papers, or without any.")
    gift: bool | None = Field(None, description="Bought for a gift, or not.")
    tax_deductible: bool | None = None
    whose: Annotated[str, _WHOSE] | None = Field(
        None, description="`mine`, or `shared` with the household."
    )
    sort: Annotated[str, _SORTED] = Field(
        lists.USUAL_SORT,
        description=f"One of {', '.join(f'`{sort}`' for sort in lists.SORTS)}.",
    )

    def beyond(self, viewer: Viewer) -> Q:
        """Return what finds purchases by what the page does not ask."""
        asked = {
            "tax_deductible": self.tax_deductible,
            "tags__key": None if self.tag is None else fold(self.tag),
            "amount__gte": self.min_amount,
            "amount__lte": self.max_amount,
        }
        found = Q(**{name: value for name, value in asked.items() if value is not None})
        papers = Exists(Attachment.objects.filter(purchase=OuterRef("pk")))
        for wanted, there in ((self.gift, has_gift(viewer)), (self.attachments, papers)):
            if wanted is not None:
                found &= Q(there if wanted else ~there)
        return found


class SumShown(PaidShown):
    """What was paid for so many purchases in one currency."""

    count: int


class PurchasesShown(Page[PurchaseShown]):
    """Some of the purchases that were asked for, and what was paid for all of them."""

    paid: list[SumShown] = Field(description="By currency, without what was returned.")
    returned: list[SumShown] = Field(description="What was returned, by currency.")
    amount: Money = Field(description="All that was paid, in the base currency.")


@router.get("purchases", response=PurchasesShown, auth=may(Scope.READ), summary="Purchases")
def purchases(
    request: ProgramRequest, asked: Annotated[PurchaseFilter, Query()], paging: Asked
) -> dict[str, object]:
    """List your purchases and those that others share with the household."""
    viewer = viewer_of(request.user, now=timezone.now())
    address = address_of(asked.model_copy(update=dict.fromkeys(_OURS)))
    form = readable(ListForm(address, viewer=viewer))
    wanted = form.wanted() & asked.beyond(viewer)
    found = lists.found(viewer, wanted, form.order)
    totals = lists.totals(found, are_all=not wanted)
    page = paging.cut(
        told(found, viewer), lambda one: PurchaseShown.of(one, viewer), total=totals.count
    )
    return page | {
        "paid": [_sum(total) for total in totals.paid],
        "returned": [_sum(total) for total in totals.returned],
        "amount": totals.amount,
    }


@router.post(
    "purchases",
    response={201: PurchaseAdded, **refusals(402, 409)},
    auth=may(Scope.SPEND),
    summary="Write down a purchase",
)
def add_purchase(request: ProgramRequest, sent: PurchaseSent) -> HttpResponse:
    """Write down a purchase of yours and charge your budget.

    Where it does not fit into an enforced budget nothing is stored and the answer is 402. A
    purchase of the same product, price and day is told as `alike`; it is no reason to refuse.
    Under an `Idempotency-Key` it is written down once.
    """
    return _added(request, sent)


@router.post(
    "gifts/{gift_id}/buy",
    response={201: PurchaseAdded, **refusals(402, 409)},
    auth=may(Scope.SPEND),
    summary="Buy a gift",
    tags=["Gifts"],
)
def buy_gift(request: ProgramRequest, gift_id: Key, sent: GiftBuying) -> HttpResponse:
    """Write down that you bought a gift: a purchase, which marks the gift and fills what was paid.

    Name, price, quantity and link are those of the gift unless they are sent; `{}` is enough for a
    gift with a price.
    """
    return _added(request, sent, gift_id)


@router.get(
    "purchases/{purchase_id}", response=PurchaseShown, auth=may(Scope.READ), summary="One purchase"
)
def purchase(request: ProgramRequest, response: HttpResponse, purchase_id: Key) -> PurchaseShown:
    """Tell everything about a purchase."""
    viewer = viewer_of(request.user, now=timezone.now())
    return tagged(response, told_one(access.visible_purchase(viewer, purchase_id), viewer))


@router.patch(
    "purchases/{purchase_id}",
    response={200: PurchaseShown, **refusals(402, 409, 412)},
    auth=may(Scope.MANAGE),
    summary="Change a purchase",
)
def change_purchase(
    request: ProgramRequest, response: HttpResponse, purchase_id: Key, sent: PurchaseChange
) -> PurchaseShown:
    """Change one of your purchases, and post what that changes for your budget.

    A missing key is untouched, null clears. A corrected price is a fact and never refused; what
    counts again after it was returned may be.
    """
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    for last in (*[False] * (_TRIES - 1), True):
        try:
            saved = _changed(request, viewer, purchase_id, sent, now)
        except keeping.Conflict:
            # Somebody was faster: what is to be different is still to be so, unless `If-Match`
            # says otherwise.
            if last:
                raise
        else:
            break
    return tagged(response, told_one(saved, viewer))


@router.delete(
    "purchases/{purchase_id}",
    response={204: None, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Delete a purchase",
)
def delete_purchase(request: ProgramRequest, purchase_id: Key) -> Status[None]:
    """Move a purchase to the trash, from where it can be brought back for thirty days."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    with transaction.atomic():
        found = access.own_purchase(viewer, purchase_id)
        hold_occasions([found.pk])
        lock(found)
        match(request, told_one(access.own_purchase(viewer, purchase_id), viewer))
        keeping.trash(purchase=found, now=now)
    return Status(204, None)


def _added(request: ProgramRequest, sent: GiftBuying, gift_id: int | None = None) -> HttpResponse:
    """Write down what was sent, once under an `Idempotency-Key`, and answer with it.

    The gift is looked for with the rest: when it is gone, a repeat still has its first answer.
    """
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)

    def work() -> Reply:
        gift = None if gift_id is None else get_object_or_404(gifts_for(viewer), pk=gift_id)
        form = read(sent, viewer, gift=gift)
        warranties, papers = warranties_of(sent, form), papers_of(sent, viewer)
        with told_by(form), own_figures(request.user, now=now):
            saved = keeping.record(
                owner=request.user,
                values=form.values(),
                by=request.user,
                now=now,
                warranties=warranties,
                files=papers,
                via=request.auth.label,
            )
        shown = told_one(saved, viewer)
        return Reply.of(PurchaseAdded(**dict(shown), alike=doubles(saved, viewer)), 201)

    return tag_answer(once(request, work, final=FINAL), PurchaseShown)


def _changed(
    request: ProgramRequest, viewer: Viewer, key: int, sent: PurchaseChange, now: datetime
) -> Purchase:
    """Set what was sent of a purchase as it is now. Raises Conflict when somebody is faster."""
    found = access.own_purchase(viewer, key)
    match(request, told_one(found, viewer))
    form = read(sent, viewer, purchase=found)
    with told_by(form), own_figures(viewer.user, now=now):
        return keeping.change(
            purchase=found,
            values=form.values(),
            version=found.version,
            by=viewer.user,
            now=now,
            via=request.auth.label,
        )


def _sum(total: lists.Total) -> SumShown:
    return SumShown(
        currency=total.currency, price=total.price, amount=total.amount, count=total.count
    )
