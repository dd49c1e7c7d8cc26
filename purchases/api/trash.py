"""What was deleted and can be brought back."""

from datetime import date, datetime

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from budgets.problems import FINAL
from budgets.wire import Moment, Money
from occasions.access import viewer_of
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.matching import tag_answer
from people.programs.once import Reply, once
from people.programs.paging import Asked, Key, Page
from people.programs.problems import refusals
from purchases import access, keeping, lists
from purchases.api.telling import PurchaseShown, told_one
from purchases.models import Purchase
from purchases.problems import own_figures

router = Router(tags=["Purchases"])


class TrashedShown(Schema):
    """A purchase that was deleted."""

    id: int
    name: str
    price: Money
    currency: str = Field(examples=["EUR"])
    amount: Money = Field(description="The price in the base currency.")
    purchased_on: date
    deleted_at: Moment
    days_left: int = Field(description="Until it is gone for good; 0 is within the day.")

    @classmethod
    def of(cls, purchase: Purchase, now: datetime) -> "TrashedShown":
        names = ("name", "price", "currency", "amount", "purchased_on", "deleted_at")
        plain = {name: getattr(purchase, name) for name in names}
        return cls(id=purchase.pk, days_left=lists.days_left(purchase, now), **plain)


@router.get(
    "purchases/trash", response=Page[TrashedShown], auth=may(Scope.READ), summary="The trash"
)
def trash(request: ProgramRequest, paging: Asked) -> dict[str, object]:
    """List what you deleted and can bring back, the latest first."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    return paging.cut(lists.trashed(viewer), lambda one: TrashedShown.of(one, now))


@router.post(
    "purchases/{purchase_id}/restore",
    response={200: PurchaseShown, **refusals(402)},
    auth=may(Scope.MANAGE),
    summary="Bring a purchase back",
)
def restore_purchase(request: ProgramRequest, purchase_id: Key) -> HttpResponse:
    """Bring a deleted purchase back and charge it again, if the budget has room for it."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)

    def work() -> Reply:
        deleted = access.own_trashed(viewer, purchase_id)
        with own_figures(request.user, now=now):
            restored = keeping.restore(purchase=deleted, by=request.user, now=now)
        return Reply.of(told_one(restored, viewer))

    return tag_answer(once(request, work, final=FINAL), PurchaseShown)
