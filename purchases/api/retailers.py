"""Where things were bought, for programs."""

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
from purchases.models import Retailer

router = Router(tags=["Retailers"])


@router.get("retailers", response=Page[SellerShown], auth=may(Scope.READ), summary="Retailers")
def retailers(
    request: ProgramRequest, asked: Annotated[SellerFilter, Query()], paging: Asked
) -> dict[str, object]:
    """List the retailers on the list, and those of the purchases that you may see."""
    return names.listed(Retailer, _viewer(request), asked, paging)


@router.post(
    "retailers", response={201: SellerShown}, auth=may(Scope.MANAGE), summary="Add a retailer"
)
def add_retailer(request: ProgramRequest, response: HttpResponse, sent: SellerSent) -> SellerShown:
    """Put a retailer on the list, for everybody."""
    return tagged(response, names.added(Retailer, _viewer(request), sent))


@router.get(
    "retailers/{retailer_id}", response=SellerShown, auth=may(Scope.READ), summary="One retailer"
)
def retailer(request: ProgramRequest, response: HttpResponse, retailer_id: Key) -> SellerShown:
    """Tell about a retailer, and what was bought there."""
    viewer = _viewer(request)
    return tagged(response, names.told(shops.known_one(Retailer, viewer, retailer_id), viewer))


@router.patch(
    "retailers/{retailer_id}",
    response={200: SellerShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Change a retailer",
)
def change_retailer(
    request: ProgramRequest, response: HttpResponse, retailer_id: Key, sent: SellerChange
) -> SellerShown:
    """Give a retailer another name or website; a missing key is untouched, null clears."""
    shown = names.changed(request, Retailer, _viewer(request), retailer_id, sent)
    return tagged(response, shown)


@router.delete(
    "retailers/{retailer_id}",
    response={204: None, **refusals(409, 412)},
    auth=may(Scope.MANAGE),
    summary="Delete a retailer",
)
def delete_retailer(request: ProgramRequest, retailer_id: Key) -> Status[None]:
    """Delete a retailer; one that purchases have is in use."""
    names.removed(request, Retailer, _viewer(request), retailer_id)
    return Status(204, None)


@router.post(
    "retailers/{retailer_id}/merge",
    response=SellerShown,
    auth=may(Scope.MANAGE),
    summary="Merge a retailer",
)
def merge_retailer(
    request: ProgramRequest, response: HttpResponse, retailer_id: Key, sent: SellerMerging
) -> SellerShown:
    """Move all that a retailer has to another one, and delete it. The answer is the other."""
    return tagged(response, names.merged(Retailer, _viewer(request), retailer_id, sent))


def _viewer(request: ProgramRequest) -> Viewer:
    return viewer_of(request.user, now=timezone.now())
