"""The list of purchases: found, sorted and added up, as far as the viewer may see them.

Amounts of several currencies are never added; beside them stands what they are in the base one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil

from django.conf import settings
from django.db.models import (
    FETCH_RAISE,
    Case,
    Count,
    Exists,
    Expression,
    F,
    OuterRef,
    Prefetch,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Lower

from budgets.money import ZERO
from occasions.models import Viewer
from purchases.guarantees import Status
from purchases.models import Attachment, Purchase, PurchaseQuerySet, UndoStep, Warranty
from purchases.models.purchase import TRASHED_FOR
from purchases.naming import fold

#: How many purchases stand on one page, and at most.
PAGE, LARGEST_PAGE = 20, 100
#: How many of a selection are named.
NAMED = 10
#: For how long the list offers to undo what was done to many.
UNDO_FOR = timedelta(minutes=10)

_BY_STATUS = Case(
    *(When(status=status, then=Value(place)) for place, status in enumerate(Purchase.Status))
)
_KEYS: Mapping[str, Expression | F] = {
    "name": Lower("name"),
    # Prices of several currencies are compared by what they are in the base one.
    "price": F("amount"),
    "day": F("purchased_on"),
    "retailer": F("retailer__key"),
    "brand": F("brand__key"),
    "status": _BY_STATUS,
}
USUAL_SORT = "-day"
#: The ways to sort purchases.
SORTS = {
    "-day": "Latest first",
    "day": "Earliest first",
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "-price": "Highest price first",
    "price": "Lowest price first",
    "retailer": "Retailer, A to Z",
    "-retailer": "Retailer, Z to A",
    "brand": "Brand, A to Z",
    "-brand": "Brand, Z to A",
    "status": "Ordered first",
    "-status": "Returned first",
}
#: What a row says of its warranties: the first of these that one of them has.
_TELLING = (Status.EXPIRING, Status.ACTIVE, Status.EXPIRED, Status.VOIDED)


@dataclass(frozen=True, slots=True)
class Total:
    """What was paid for so many purchases of one currency, and what that is in the base one."""

    currency: str
    count: int
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What was paid, by currency, the base one first; what was returned stands apart."""

    paid: tuple[Total, ...] = ()
    returned: tuple[Total, ...] = ()

    @property
    def count(self) -> int:
        """How many purchases there are, returned or not."""
        return sum(total.count for total in (*self.paid, *self.returned))

    @property
    def returned_count(self) -> int:
        return sum(total.count for total in self.returned)

    @property
    def amount(self) -> Decimal:
        """All that was paid in the base currency."""
        return sum((total.amount for total in self.paid), ZERO)

    @property
    def base(self) -> str:
        return settings.CURRENCY

    @property
    def is_foreign(self) -> bool:
        """Whether some of it was paid in another currency than the base one."""
        return any(total.currency != settings.CURRENCY for total in self.paid)


@dataclass(frozen=True, slots=True)
class Row:
    """A purchase on a page, and how its warranties stand."""

    purchase: Purchase
    is_own: bool
    warranty: Warranty | None
    status: Status | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The purchases of a selection that the viewer may change, and how many others there are."""

    own: list[Purchase]
    others: int

    @property
    def more(self) -> int:
        """How many of one's own are not named."""
        return max(len(self.own) - NAMED, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to many purchases, which can be put back."""

    pk: int
    count: int
    deed: str


def seen(viewer: Viewer) -> PurchaseQuerySet:
    """Return the purchases that the viewer may look at."""
    return Purchase.objects.live().visible_to(viewer)


def matching(text: str) -> Q:
    """Return what finds every word of `text` in a purchase; % and _ mean themselves."""
    found = Q()
    for word in fold(text).split():
        found &= Q(search_text__contains=word)
    return found


def guaranteed(standing: Status | None, today: date) -> Q:
    """Return what finds purchases with a warranty that stands so, or without any for None."""
    theirs = Warranty.objects.filter(purchase=OuterRef("pk")).order_by()
    if standing is None:
        return Q(~Exists(theirs))
    return Q(Exists(theirs.standing(standing, today)))


def found(viewer: Viewer, wanted: Q, sort: str = USUAL_SORT) -> PurchaseQuerySet:
    """Return the purchases that are `wanted`, in the order that `sort` names."""
    name, falls = sort.removeprefix("-"), sort.startswith("-")
    key, last = _KEYS[name], True if name in {"retailer", "brand"} else None
    ordered = key.desc(nulls_last=last) if falls else key.asc(nulls_last=last)
    # Earliest first is the whole order of latest first read backwards: one index gives both.
    ties = ("pk",) if sort == "day" else ("-purchased_on", "-pk")
    return seen(viewer).filter(wanted).order_by(ordered, *ties)


def drawn(purchases: PurchaseQuerySet) -> PurchaseQuerySet:
    """Prepare purchases for rows and cells that show everything about them."""
    papers = Attachment.objects.only("purchase_id").order_by()
    return (
        purchases.select_related("owner", "retailer", "brand")
        .prefetch_related("tags", "warranties", Prefetch("attachments", papers))
        .defer("search_text")
        .fetch_mode(FETCH_RAISE)
    )


def totals(purchases: PurchaseQuerySet, *, are_all: bool = False) -> Totals:
    """Add up purchases by currency; `are_all` says that no filter leaves any out."""
    # All are added up along the index of the retailers' sums, without a look at a single one.
    # A filter needs the purchases themselves: fetching each by way of an index costs SQLite more
    # than reading them in a row, which it does when no index begins as the groups do.
    by = [*(["retailer"] if are_all else []), "status", "currency"]
    rows = (
        purchases.order_by()
        .values_list(*by)
        .annotate(count=Count("*"), paid=Sum("price"), worth=Sum("amount"))
    )
    paid: dict[str, Total] = {}
    returned: dict[str, Total] = {}
    for *_, status, currency, count, price, amount in rows:
        apart = returned if status == Purchase.Status.RETURNED else paid
        one = apart.get(currency, Total(currency, 0, ZERO, ZERO))
        apart[currency] = Total(currency, one.count + count, one.price + price, one.amount + amount)
    return Totals(_base_first(paid.values()), _base_first(returned.values()))


def _base_first(sums: Iterable[Total]) -> tuple[Total, ...]:
    return tuple(sorted(sums, key=lambda one: (one.currency != settings.CURRENCY, one.currency)))


def rows(purchases: Iterable[Purchase], viewer: Viewer) -> list[Row]:
    """Return the rows of a page, each with the warranty that tells most."""
    return [_row(purchase, viewer) for purchase in purchases]


def _row(purchase: Purchase, viewer: Viewer) -> Row:
    is_own = purchase.owner_id == viewer.user.pk
    standings = [(one.status(viewer.today), one) for one in purchase.warranties.all()]
    if not standings or purchase.status == Purchase.Status.RETURNED:
        return Row(purchase, is_own, None, None)
    status, warranty = min(standings, key=lambda pair: _TELLING.index(pair[0]))
    return Row(purchase, is_own, warranty, status)


def chosen(viewer: Viewer, keys: Iterable[str]) -> Chosen:
    """Return what the viewer chose from the list; what is not there any more is among the others.

    So is what they may not know of: nobody can tell one from the other.
    """
    # Nineteen digits may be more than a number of the databases.
    asked = {key.lstrip("0") for key in keys if key.isascii() and key.isdecimal()}
    numbers = [int(key) for key in asked if 0 < len(key) <= 18]
    own = Purchase.objects.live().filter(owner=viewer.user, pk__in=numbers)
    purchases = list(own.prefetch_related("tags").fetch_mode(FETCH_RAISE))
    return Chosen(purchases, len(asked) - len(purchases))


def trashed(viewer: Viewer) -> PurchaseQuerySet:
    """Return what the viewer deleted and can bring back, the latest first."""
    return (
        Purchase.objects.trashed()
        .filter(owner=viewer.user)
        .order_by("-deleted_at", "-pk")
        .defer("search_text", "notes")
        .fetch_mode(FETCH_RAISE)
    )


def days_left(purchase: Purchase, now: datetime) -> int:
    """Return in how many days a deleted purchase is gone for good; 0 is within the day."""
    assert purchase.deleted_at is not None  # noqa: S101  (only what was deleted is asked about)
    return max(ceil((purchase.deleted_at + TRASHED_FOR - now) / timedelta(days=1)), 0)


def last_step(viewer: Viewer, now: datetime) -> Step | None:
    """Return what the viewer did to many purchases a moment ago, while it can be undone."""
    recent = UndoStep.objects.filter(user=viewer.user, made_at__gt=now - UNDO_FOR)
    step = recent.order_by("-pk").first()
    if step is None or step.undone_at is not None:
        return None
    # What was changed since stays as it is: without anything else there is nothing to put back.
    left = {int(key): state["version"] for key, state in step.before.items()}
    stored = Purchase.objects.only("version").in_bulk(left)
    if not any(purchase.version == left[key] for key, purchase in stored.items()):
        return None
    deleted = any("deleted" in state for state in step.before.values())
    return Step(step.pk, len(step.before), "deleted" if deleted else "changed")
