"""Who made what was bought, for programs."""

from typing import Annotated

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status

from occasions.access import viewer_of
from occasions.models import Viewer
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.matching import tagged
from people.programs.paging import Asked, Key, Page
from people.programs.problems import refusals
from purchases import shops
from purchases.api import names
from purchases.api.names import SellerChange, SellerFilter, SellerMerging, SellerSent, SellerShown
from purchases.models import Brand

router = Router(tags=["Brands"])


@router.get("brands", response=Page[SellerShown], auth=may(Scope.READ), summary="Brands")
def brands(
    request: ProgramRequest, asked: Annotated[SellerFilter, Query()], paging: Asked
) -> dict[str, object]:
    """List the brands on the list, and those of the purchases that you may see."""
    return names.listed(Brand, _viewer(request), asked, paging)


@router.post("brands", response={201: SellerShown}, auth=may(Scope.MANAGE), summary="Add a brand")
def add_brand(request: ProgramRequest, response: HttpResponse, sent: SellerSent) -> SellerShown:
    """Put a brand on the list, for everybody."""
    return tagged(response, names.added(Brand, _viewer(request), sent))


@router.get("brands/{brand_id}", response=SellerShown, auth=may(Scope.READ), summary="One brand")
def brand(request: ProgramRequest, response: HttpResponse, brand_id: Key) -> SellerShown:
    """Tell about a brand, and what was bought of it."""
    viewer = _viewer(request)
    return tagged(response, names.told(shops.known_one(Brand, viewer, brand_id), viewer))


@router.patch(
    "brands/{brand_id}",
    response={200: SellerShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Change a brand",
)
def change_brand(
    request: ProgramRequest, response: HttpResponse, brand_id: Key, sent: SellerChange
) -> SellerShown:
    """Give a brand another name or website; a missing key is untouched, null clears."""
    shown = names.changed(request, Brand, _viewer(request), brand_id, sent)
    return tagged(response, shown)


@router.delete(
    "brands/{brand_id}",
    response={204: None, **refusals(409, 412)},
    auth=may(Scope.MANAGE),
    summary="Delete a brand",
)
def delete_brand(request: ProgramRequest, brand_id: Key) -> Status[None]:
    """Delete a brand; one that purchases have is in use."""
    names.removed(request, Brand, _viewer(request), brand_id)
    return Status(204, None)


@router.post(
    "brands/{brand_id}/merge",
    response=SellerShown,
    auth=may(Scope.MANAGE),
    summary="Merge a brand",
)
def merge_brand(
    request: ProgramRequest, response: HttpResponse, brand_id: Key, sent: SellerMerging
) -> SellerShown:
    """Move all that a brand has to another one, and delete it. The answer is the other."""
    return tagged(response, names.merged(Brand, _viewer(request), brand_id, sent))


def _viewer(request: ProgramRequest) -> Viewer:
    return viewer_of(request.user, now=timezone.now())
