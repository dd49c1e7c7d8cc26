"""Names to choose from while one is typed, of those that the viewer may know."""

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from occasions.models import Viewer
from people.searching import LONGEST
from purchases import shops
from purchases.models import Brand, Purchase, Retailer, Tag
from purchases.naming import fold

#: How many are offered at once; every other one is found by typing more of it.
MOST = 20

type Suggested = type[Retailer] | type[Brand] | type[Tag]

KINDS: dict[str, Suggested] = {"retailer": Retailer, "brand": Brand, "tag": Tag}


def names(model: Suggested, viewer: Viewer, text: str = "") -> list[str]:
    """Return the names that hold every word of `text`, those that begin with it first."""
    key = fold(text[:LONGEST])
    found = _known(model, viewer)
    for word in key.split():
        found = found.filter(key__contains=word)
    place = Case(When(key__startswith=key, then=Value(0)), default=Value(1))
    return list(found.order_by(place, "key").values_list("name", flat=True)[:MOST])


def _known(
    model: Suggested, viewer: Viewer
) -> QuerySet[Retailer] | QuerySet[Brand] | QuerySet[Tag]:
    """Return the names that the viewer may know; a tag shows with a purchase alone."""
    if model is Retailer:
        return shops.known(Retailer, viewer)
    if model is Brand:
        return shops.known(Brand, viewer)
    seen = Purchase.objects.live().visible_to(viewer).filter(tags=OuterRef("pk"))
    return Tag.objects.filter(Exists(seen))
