"""What runs out, and when: warranties, and the last days to return something."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import FETCH_RAISE, Case, Exists, F, OuterRef, Q, Value, When

from occasions.models import Viewer
from people.searching import LONGEST, matching
from purchases.guarantees import SOON
from purchases.models import Purchase, PurchaseQuerySet, Warranty
from purchases.models.warranty import WarrantyQuerySet
from purchases.naming import fold, tidy

#: How many days ahead the last day to return something is soon.
RETURN_SOON = 14
#: For how long a calendar tells what is over.
PAST = timedelta(days=365)

#: The ways to sort warranties; "" is what ends next, then what is for life, then what is over.
SORTS = {
    "": "Ending next",
    "days": "Fewest days left first",
    "-days": "Most days left first",
    "name": "Product, A to Z",
    "-name": "Product, Z to A",
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a warranty or, without one, the last day to return a purchase."""

    day: date
    purchase: Purchase
    warranty: Warranty | None = None

    @property
    def key(self) -> str:
        """What names it among all others, for good."""
        return f"warranty-{self.warranty.pk}" if self.warranty else f"return-{self.purchase.pk}"


def found(viewer: Viewer, *, text: str = "", days: int | None = None) -> WarrantyQuerySet:
    """Return the warranties that the viewer may see and that hold `text`.

    What went back to the shop is covered by nobody. With `days`, only those that end within so many
    days from today.
    """
    warranties = _kept(viewer).filter(_holding(text))
    return warranties if days is None else warranties.expiring(viewer.today, days=days)


def ordered(warranties: WarrantyQuerySet, sort: str, today: date) -> WarrantyQuerySet:
    """Return warranties as a page shows them, sorted by a key of `SORTS`."""
    drawn = warranties.select_related("purchase").fetch_mode(FETCH_RAISE)
    match sort:
        case "days":
            return drawn.order_by(F("ends_on").asc(nulls_last=True), "pk")
        case "-days":
            return drawn.order_by(F("ends_on").desc(nulls_first=True), "pk")
        case "name":
            return drawn.order_by("purchase__search_text", "pk")
        case "-name":
            return drawn.order_by("-purchase__search_text", "pk")
    holds = Q(voided=False) & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))
    coming = Case(When(holds, then=F("ends_on")))
    place = Case(When(holds, then=Value(0)), When(voided=False, then=Value(1)), default=Value(2))
    return drawn.order_by(place, coming.asc(nulls_last=True), F("ends_on").desc(), "pk")


def returns(viewer: Viewer) -> PurchaseQuerySet:
    """Return the visible purchases that can still be returned, soonest first."""
    return _returnable(viewer).filter(return_by__gte=viewer.today)


def soonest(viewer: Viewer, *, most: int) -> list[Deadline]:
    """Return what runs out next: warranties within a month, days to return within two weeks."""
    ending = _worth_telling(viewer).expiring(viewer.today, days=SOON).order_by("ends_on", "pk")
    last = viewer.today + timedelta(days=RETURN_SOON)
    return _in_order(ending[:most], returns(viewer).filter(return_by__lte=last)[:most])[:most]


def calendar(viewer: Viewer) -> list[Deadline]:
    """Return every deadline but those that were over a year ago, in order."""
    first = viewer.today - PAST
    ending = _worth_telling(viewer).filter(ends_on__gte=first)
    return _in_order(ending, _returnable(viewer).filter(return_by__gte=first))


def _in_order(warranties: Iterable[Warranty], purchases: Iterable[Purchase]) -> list[Deadline]:
    ending = (Deadline(one.ends_on, one.purchase, one) for one in warranties if one.ends_on)
    leaving = (Deadline(one.return_by, one) for one in purchases if one.return_by)
    return sorted([*ending, *leaving], key=lambda deadline: (deadline.day, deadline.key))


def _kept(viewer: Viewer) -> WarrantyQuerySet:
    """Return the warranties of purchases that the viewer may see and that were not returned."""
    # Asked for each warranty by its key: a few are found among a hundred thousand purchases.
    seen = Purchase.objects.live().visible_to(viewer).filter(pk=OuterRef("purchase"))
    return Warranty.objects.filter(Exists(seen.exclude(status=Purchase.Status.RETURNED)))


def _worth_telling(viewer: Viewer) -> WarrantyQuerySet:
    """Return the warranties that still matter: none of what went back to the shop."""
    kept = _kept(viewer).filter(voided=False)
    return kept.select_related("purchase").fetch_mode(FETCH_RAISE)


def _returnable(viewer: Viewer) -> PurchaseQuerySet:
    kept = Purchase.objects.live().visible_to(viewer).exclude(status=Purchase.Status.RETURNED)
    purchases = kept.filter(return_by__isnull=False).select_related("retailer")
    return purchases.fetch_mode(FETCH_RAISE).order_by("return_by", "pk")


def _holding(text: str) -> Q:
    """Return what holds every word of `text` in the purchase or in who gives the warranty."""
    wanted = Q()
    for word in tidy(text)[:LONGEST].split():
        wanted &= Q(purchase__search_text__contains=fold(word)) | matching(word, "provider")
    return wanted
