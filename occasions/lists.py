"""The gifts of all occasions: found and sorted, as CSV, and as what somebody is to buy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from django.db.models import FETCH_RAISE, Case, Expression, F, Prefetch, Q, Value, When
from django.db.models.functions import Lower

from budgets.sheets import exact
from occasions.figures import Spending
from occasions.models import Gift, GiftQuerySet, Occasion, Viewer
from people.models import Person
from people.searching import matching

#: For how long something counts as bought lately.
LATELY = timedelta(days=60)
#: How many gifts are read at once for a file.
CHUNK = 2_000

_BY_STATUS = Case(
    *(When(status=status, then=Value(place)) for place, status in enumerate(Gift.Status))
)
_KEYS: Mapping[str, Expression | F] = {
    "date": F("occasion__date"),
    "title": Lower("title"),
    "cost": F("cost"),
    "status": _BY_STATUS,
    "priority": F("priority"),
}
_TIES = ("occasion__date", "occasion_id", "title", "pk")
#: The ways to sort gifts; "" is soonest first, then what is past.
SORTS = {
    "": "Next occasion first",
    "date": "Earliest occasion first",
    "-date": "Latest occasion first",
    "title": "Title, A to Z",
    "-title": "Title, Z to A",
    "cost": "Least cost first",
    "-cost": "Most cost first",
    "status": "Ideas first",
    "-status": "Received first",
    "priority": "High priority first",
    "-priority": "Low priority first",
}

CSV_HEADER = [
    "occasion",
    "date",
    "title",
    "recipients",
    "purchaser",
    "status",
    "quantity",
    "price",
    "paid price",
    "cost",
    "bought on",
    "priority",
    "link",
    "notes",
    "paid in all",
]


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody is to buy for one occasion."""

    occasion: Occasion
    gifts: list[Gift]
    spending: Spending


@dataclass(frozen=True, slots=True)
class Shopping:
    """What somebody is to buy, soonest first, and what they bought lately, latest first."""

    errands: list[Errand]
    spending: Spending
    bought: list[Gift]


def wanted(
    *,
    text: str = "",
    recipient: int | None = None,
    occasion: int | None = None,
    status: str = "",
    purchaser: int | None = None,
    unassigned: bool = False,
) -> Q:
    """Return what holds the gifts asked for, by words and keys; `unassigned` nobody buys yet."""
    about = {"recipients": recipient, "occasion": occasion, "purchaser": purchaser}
    asked = {field: key for field, key in about.items() if key is not None}
    gifts = matching(text, "title", "notes", "link") & Q(**asked)
    if status:
        gifts &= Q(status=status)
    return gifts & Q(purchaser__isnull=True) if unassigned else gifts


def found(viewer: Viewer, wanted: Q, sort: str = "") -> GiftQuerySet:
    """Return the gifts that are `wanted` and no surprise to the viewer, for a page or a file."""
    gifts = _drawn(Gift.objects.filter(wanted).visible_to(viewer))
    if not sort:
        coming = Case(When(occasion__date__gte=viewer.today, then=F("occasion__date")))
        past = F("occasion__date").desc()
        ties = ("occasion_id", "priority", "title", "pk")
        return gifts.order_by(coming.asc(nulls_last=True), past, *ties)
    key = _KEYS[sort.removeprefix("-")]
    return gifts.order_by(key.desc() if sort.startswith("-") else key.asc(), *_TIES)


def _drawn(gifts: GiftQuerySet) -> GiftQuerySet:
    """Prepare gifts for rows that show everything about them."""
    return (
        gifts.select_related("occasion", "purchaser")
        .prefetch_related(Prefetch("recipients", Person.objects.order_by("name", "pk")))
        .fetch_mode(FETCH_RAISE)
    )


def csv_rows(gifts: GiftQuerySet) -> Iterator[list[object]]:
    """Yield gifts as CSV cells, in the order of the header."""
    for gift in gifts.iterator(chunk_size=CHUNK):
        yield [
            gift.occasion.name,
            gift.occasion.date,
            gift.title,
            ", ".join(person.name for person in gift.recipients.all()),
            gift.purchaser.name if gift.purchaser else "",
            gift.status,
            gift.quantity,
            _exact(gift.price),
            _exact(gift.paid_price),
            exact(gift.cost),
            gift.bought_on,
            gift.get_priority_display().lower(),
            gift.link,
            gift.notes,
            _exact(gift.paid_total),
        ]


def _exact(price: Decimal | None) -> Decimal | None:
    return None if price is None else exact(price)


def shopping(buyer: Person, viewer: Viewer) -> Shopping:
    """Return what `buyer` is to buy for occasions to come, and what they bought lately."""
    theirs = Gift.objects.filter(purchaser=buyer).visible_to(viewer)
    to_buy = theirs.exclude(status__in=Gift.BOUGHT).filter(occasion__date__gte=viewer.today)
    ordered = _drawn(to_buy).order_by("occasion__date", "occasion_id", "priority", "title", "pk")
    spending = to_buy.spending_by("occasion")
    lately = theirs.bought().filter(bought_on__gte=viewer.today - LATELY)
    return Shopping(
        errands=[
            Errand(occasion, list(gifts), spending.get(occasion.pk, Spending()))
            for occasion, gifts in groupby(ordered, key=lambda gift: gift.occasion)
        ],
        spending=to_buy.spending(),
        bought=list(_drawn(lately).order_by("-bought_on", "title", "pk")),
    )
