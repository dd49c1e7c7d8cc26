"""Warranties: the lists, what ends soon, and those of one purchase."""

from datetime import date
from typing import Annotated

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.responses import Status as Told
from pydantic import ConfigDict, Field

from occasions.access import viewer_of
from occasions.models import Viewer
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Day, Flag, partial
from people.programs.forms import filled, refused
from people.programs.matching import match, tagged
from people.programs.paging import Asked, Key, Page
from people.programs.problems import refusals
from people.programs.queries import address_of, readable
from people.searching import LONGEST
from purchases import access, deadlines, keeping
from purchases.api.fields import BoughtOne, Kind, Like, Standing
from purchases.forms.warranties import ListForm, WarrantyForm
from purchases.guarantees import SOON
from purchases.keeping.holding import lock
from purchases.models import Purchase, Warranty

router = Router(tags=["Warranties"])

#: The most days ahead that are asked about: a hundred years.
FURTHEST = 36_525
_PLAIN = ("kind", "provider", "starts_on", "ends_on", "notes", "voided")


class WarrantyShown(Schema):
    """A promise about a purchase, and how it stands today where whoever asks is."""

    id: int
    purchase: BoughtOne
    kind: Kind
    provider: str
    starts_on: date
    ends_on: date | None = Field(description="The last day; none is for life.")
    notes: str
    voided: bool
    status: Standing
    days_left: int | None = Field(description="0 on the last day, below zero after it.")

    @classmethod
    def of(cls, warranty: Warranty, today: date) -> "WarrantyShown":
        bought = warranty.purchase
        return cls(
            **{name: getattr(warranty, name) for name in _PLAIN},
            id=warranty.pk,
            purchase=BoughtOne(id=bought.pk, name=bought.name, purchased_on=bought.purchased_on),
            status=warranty.status(today).value,
            days_left=warranty.days_left(today),
        )


class WarrantySent(Schema):
    """A new warranty. Everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = "manufacturer"
    provider: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Who gives it."
    )
    starts_on: Day | None = Field(None, description="None: the day it was bought.")
    ends_on: Day | None = Field(None, description="The last day; none is for life.")
    notes: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="What it covers, whom to call."
    )


class WarrantyChange(WarrantySent):
    """What is to be different of a warranty: a missing key is untouched, null clears."""

    model_config = ConfigDict(json_schema_extra=partial)

    voided: Flag = Field(False, description="It stays written down, and nothing reminds of it.")


_SORTED = Like("^-?(days|name)$", "Send days, -days, name or -name.")


class WarrantyFilter(Schema):
    """Which warranties are asked for. What went back to the shop is covered by nobody."""

    q: str = Field("", max_length=LONGEST, description="In the purchase or its provider.")
    status: Standing | None = Field(
        None, description="`active` are also those that expire soon, within 30 days."
    )
    days: Annotated[int, Field(ge=0, le=FURTHEST)] | None = Field(
        None, description="Those that end within so many days from today."
    )
    sort: Annotated[str, _SORTED] | None = Field(
        None, description="`days`, `-days`, `name`, `-name`; otherwise what ends next."
    )


@router.get("warranties", response=Page[WarrantyShown], auth=may(Scope.READ), summary="Warranties")
def warranties(
    request: ProgramRequest, asked: Annotated[WarrantyFilter, Query()], paging: Asked
) -> dict[str, object]:
    """List the warranties of the purchases that you may see."""
    viewer = _viewer(request)
    form = readable(ListForm(address_of(asked)))
    found = deadlines.found(viewer, text=form.text, days=form.days_left)
    chosen = found.standing(form.standing, viewer.today) if form.standing else found
    shown = deadlines.ordered(chosen, form.order, viewer.today)
    return paging.cut(shown, lambda one: WarrantyShown.of(one, viewer.today))


@router.get(
    "warranties/expiring",
    response=Page[WarrantyShown],
    auth=may(Scope.READ),
    summary="What ends soon",
)
def expiring_warranties(
    request: ProgramRequest,
    paging: Asked,
    days: Annotated[int, Query(ge=0, le=FURTHEST, description="Today is 0.")] = SOON,
) -> dict[str, object]:
    """List the warranties that end within so many days from today, both included, soonest first."""
    viewer = _viewer(request)
    ending = deadlines.ordered(deadlines.found(viewer, days=days), "days", viewer.today)
    return paging.cut(ending, lambda one: WarrantyShown.of(one, viewer.today))


@router.get(
    "warranties/{warranty_id}",
    response=WarrantyShown,
    auth=may(Scope.READ),
    summary="One warranty",
)
def warranty(request: ProgramRequest, response: HttpResponse, warranty_id: Key) -> WarrantyShown:
    """Tell about a warranty."""
    viewer = _viewer(request)
    found = access.visible_warranty(viewer, warranty_id)
    return tagged(response, WarrantyShown.of(found, viewer.today))


@router.get(
    "purchases/{purchase_id}/warranties",
    response=Page[WarrantyShown],
    auth=may(Scope.READ),
    summary="Warranties of a purchase",
)
def purchase_warranties(
    request: ProgramRequest, purchase_id: Key, paging: Asked
) -> dict[str, object]:
    """List the warranties of a purchase, what ends first first."""
    viewer = _viewer(request)
    purchase = access.visible_purchase(viewer, purchase_id)
    return paging.cut(purchase.warranties.all(), lambda one: WarrantyShown.of(one, viewer.today))


@router.post(
    "purchases/{purchase_id}/warranties",
    response={201: WarrantyShown},
    auth=may(Scope.MANAGE),
    summary="Add a warranty",
)
def add_purchase_warranty(
    request: ProgramRequest, response: HttpResponse, purchase_id: Key, sent: WarrantySent
) -> WarrantyShown:
    """Add a warranty to a purchase."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    bought = access.own_purchase(viewer, purchase_id)
    form = _read(sent, bought)
    try:
        added = keeping.guard(purchase=bought, values=form.values(), now=now)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        raise refused(form) from None
    return tagged(response, WarrantyShown.of(added, viewer.today))


@router.patch(
    "warranties/{warranty_id}",
    response={200: WarrantyShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Change a warranty",
)
def change_warranty(
    request: ProgramRequest, response: HttpResponse, warranty_id: Key, sent: WarrantyChange
) -> WarrantyShown:
    """Change a warranty; a missing key is untouched, null clears."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    with transaction.atomic():
        stored = _held(request, viewer, warranty_id)
        form = _read(sent, stored.purchase, stored)
        try:
            saved = keeping.change_warranty(warranty=stored, values=form.values(), now=now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            raise refused(form) from None
    return tagged(response, WarrantyShown.of(saved, viewer.today))


@router.delete(
    "warranties/{warranty_id}",
    response={204: None, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Delete a warranty",
)
def delete_warranty(request: ProgramRequest, warranty_id: Key) -> Told[None]:
    """Delete a warranty."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    with transaction.atomic():
        keeping.remove_warranty(warranty=_held(request, viewer, warranty_id), now=now)
    return Told(204, None)


def _viewer(request: ProgramRequest) -> Viewer:
    return viewer_of(request.user, now=timezone.now())


def _held(request: ProgramRequest, viewer: Viewer, key: int) -> Warranty:
    """Return a warranty that the viewer may change, held, as whoever asks has seen it.

    What holds it is its purchase, as for the verbs.
    """
    lock(access.own_warranty(viewer, key).purchase)
    held = access.own_warranty(viewer, key)
    match(request, WarrantyShown.of(held, viewer.today))
    return held


def _read(sent: WarrantySent, bought: Purchase, warranty: Warranty | None = None) -> WarrantyForm:
    return filled(
        lambda data: WarrantyForm(data, bought_on=bought.purchased_on, warranty=warranty), sent
    )
