"""Gifts: for whom, by whom, how much, and how far each has come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from budgets.wire import Amount, Money
from occasions import access, lists, planning
from occasions.api.viewing import GiftStatus, OccasionNamed, PersonNamed, viewing
from occasions.forms.gifts import GiftForm
from occasions.models import Gift, Viewer
from occasions.models.gift import MAX_QUANTITY
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Sought, partial
from people.programs.forms import filled, refused
from people.programs.matching import match, tagged
from people.programs.paging import Asked, Key, KeyAsked, Page, RowKey
from people.programs.problems import refusals

router = Router(tags=["Gifts"])

GiftPriority = Literal[1, 2, 3]
GiftSort = Literal[
    "",
    "date",
    "-date",
    "title",
    "-title",
    "cost",
    "-cost",
    "status",
    "-status",
    "priority",
    "-priority",
]

#: What programs call a field of the form.
_NAMED = {"occasion": "occasion_id", "recipients": "recipient_ids", "purchaser": "purchaser_id"}
_PAID = {"paid_price": "Its purchase says what was paid."}
#: The most people that one gift is for.
_MANY = 500


class GiftShown(Schema):
    """One thing, or several alike, given at one occasion to one person or to several."""

    id: int
    title: str = Field(examples=["A red scarf"])
    occasion: OccasionNamed
    recipients: list[PersonNamed] = Field(description="They share its cost.")
    purchaser: PersonNamed | None = Field(description="Who buys it.")
    status: GiftStatus
    priority: GiftPriority = Field(description="1 is high, 2 normal, 3 low.")
    price: Money | None = Field(description="For one piece.")
    paid_price: Money | None = Field(description="For one piece; it counts once it is bought.")
    paid_total: Money | None = Field(description="What its purchases cost together.")
    quantity: int
    cost: Money = Field(description="What it counts, all pieces together.")
    bought_on: date | None
    link: str
    notes: str

    @classmethod
    def of(cls, gift: Gift) -> "GiftShown":
        names = (
            *("title", "status", "priority", "price", "paid_price", "paid_total"),
            *("quantity", "cost", "bought_on", "link", "notes"),
        )
        people = sorted(gift.recipients.all(), key=lambda person: (person.name, person.pk))
        return cls(
            **{name: getattr(gift, name) for name in names},
            id=gift.pk,
            occasion=OccasionNamed.of(gift.occasion),
            recipients=[PersonNamed.of(person) for person in people],
            purchaser=PersonNamed.of(gift.purchaser) if gift.purchaser else None,
        )


class GiftSent(Schema):
    """What a gift is. What is left out stays as it is; null empties it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=partial)

    title: str = Field("", max_length=200, examples=["A red scarf"])
    occasion_id: RowKey | None = Field(None, description="Another one moves it there.")
    recipient_ids: list[RowKey] = Field(
        [], max_length=_MANY, description="Who is not on the occasion’s list yet is put there."
    )
    purchaser_id: RowKey | None = Field(None, description="Who buys it; none of those it is for.")
    status: GiftStatus = "idea"
    priority: GiftPriority = Field(2, description="1 is high, 2 normal, 3 low.")
    price: Amount | None = Field(None, description="For one piece.")
    paid_price: Amount | None = Field(
        None, description="For one piece. Once it is bought this counts instead of the price."
    )
    quantity: Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)] = 1
    link: str | None = Field(None, max_length=2000, examples=["https://example.com/scarf"])
    notes: str | None = Field(None, max_length=2000)


class GiftAdded(GiftSent):
    """A new gift."""

    title: str = Field(min_length=1, max_length=200, examples=["A red scarf"])
    occasion_id: RowKey
    recipient_ids: list[RowKey] = Field(min_length=1, max_length=_MANY)


class GiftStatusSent(Schema):
    """How far a gift has come."""

    model_config = ConfigDict(extra="forbid")

    status: GiftStatus


class GiftFilter(Schema):
    """Which gifts a list shows, and in which order."""

    q: Sought = Field("", description="Words in titles, notes and links.")
    occasion_id: KeyAsked | None = None
    recipient_id: KeyAsked | None = None
    purchaser_id: KeyAsked | None = None
    unassigned: bool = Field(False, description="Only what nobody buys yet.")
    status: GiftStatus | None = None
    sort: GiftSort = Field("", description="Soonest occasion first, then past ones, unless told.")


@router.get("gifts", response=Page[GiftShown], auth=may(Scope.READ), summary="List gifts")
def gifts(
    request: ProgramRequest, paging: Asked, wanted: Annotated[GiftFilter, Query()]
) -> dict[str, object]:
    """Tell of gifts. Those for you are left out until their day has passed."""
    viewer = viewing(request)
    asked = lists.wanted(
        text=wanted.q,
        recipient=wanted.recipient_id,
        occasion=wanted.occasion_id,
        status=wanted.status or "",
        purchaser=wanted.purchaser_id,
        unassigned=wanted.unassigned,
    )
    return paging.cut(lists.found(viewer, asked, wanted.sort), GiftShown.of)


@router.post("gifts", response={201: GiftShown}, auth=may(Scope.MANAGE), summary="Add a gift")
def add_gift(request: ProgramRequest, response: HttpResponse, sent: GiftAdded) -> Status[GiftShown]:
    """Write down a gift, or an idea for one. What you get yourself is for others to plan."""
    viewer = viewing(request)
    form = filled(_form_of(viewer), sent, named=_NAMED)
    values = dict(form.cleaned_data)
    occasion, recipients = values.pop("occasion"), list(values.pop("recipients"))
    with _refusing(form):
        saved = planning.add_gift(
            occasion=occasion, recipients=recipients, values=values, today=viewer.today
        )
    return Status(201, tagged(response, GiftShown.of(saved)))


@router.get("gifts/{gift_id}", response=GiftShown, auth=may(Scope.READ), summary="A gift")
def gift(request: ProgramRequest, response: HttpResponse, gift_id: Key) -> GiftShown:
    """Tell about one gift."""
    viewer = viewing(request)
    return tagged(response, GiftShown.of(access.visible_gift(viewer, gift_id)))


@router.patch(
    "gifts/{gift_id}",
    response={200: GiftShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Change a gift",
)
def change_gift(
    request: ProgramRequest, response: HttpResponse, gift_id: Key, sent: GiftSent
) -> GiftShown:
    """Change a gift; another occasion or recipient moves it there."""
    viewer = viewing(request)
    with transaction.atomic():
        found = _locked(viewer, gift_id, sent.occasion_id)
        match(request, GiftShown.of(found))
        form = filled(_form_of(viewer, found), sent, named=_NAMED, kept=_PAID)
        with _refusing(form):
            saved = planning.change_gift(
                gift=found,
                values=form.values(),
                recipients=form.recipients_changed(),
                today=viewer.today,
            )
    return tagged(response, GiftShown.of(saved))


@router.post(
    "gifts/{gift_id}/status",
    response={200: GiftShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Move a gift along",
)
def set_gift_status(
    request: ProgramRequest, response: HttpResponse, gift_id: Key, sent: GiftStatusSent
) -> GiftShown:
    """Move a gift to another status; the day it was bought fills itself and clears again."""
    viewer = viewing(request)
    with transaction.atomic():
        found = _locked(viewer, gift_id)
        match(request, GiftShown.of(found))
        status = Gift.Status(sent.status)
        saved = planning.set_status(gift=found, status=status, today=viewer.today)
    return tagged(response, GiftShown.of(saved))


@router.delete(
    "gifts/{gift_id}",
    response={204: None, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Delete a gift",
)
def delete_gift(request: ProgramRequest, gift_id: Key) -> Status[None]:
    """Delete a gift. What was bought for it stays among the purchases."""
    viewer = viewing(request)
    with transaction.atomic():
        found = _locked(viewer, gift_id)
        match(request, GiftShown.of(found))
        planning.delete_gift(gift=found)
    return Status(204, None)


def _locked(viewer: Viewer, gift_id: int, moving_to: int | None = None) -> Gift:
    """Return a gift that is kept to this transaction until it ends; 404 when it is a secret.

    Where it moves to is kept with it: taken later, two that change places would wait for ever.
    """
    seen = access.visible_gift(viewer, gift_id)
    planning.hold(seen.occasion_id, *([moving_to] if moving_to else []))
    list(Gift.objects.select_for_update().filter(pk=gift_id).values_list("pk"))
    # Read again: until now somebody may have changed it, or made it a present for the viewer.
    return access.visible_gift(viewer, gift_id)


def _form_of(viewer: Viewer, gift: Gift | None = None) -> Callable[[QueryDict | None], GiftForm]:
    return lambda data: GiftForm(data, viewer=viewer, gift=gift)


@contextmanager
def _refusing(form: GiftForm) -> Iterator[None]:
    """Tell what a verb refuses at its field, in the words of the page. Raises Refused (422)."""
    try:
        yield
    except planning.BuysOwnGift as refusal:
        form.refuse_purchaser(refusal.person)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    else:
        return
    raise refused(form, named=_NAMED)
