"""Retailers and brands with what was bought of them, as far as the viewer may see it.

Amounts of several currencies are never added; beside them stands what they are in the base one.
What was returned is counted among the purchases and in no amount.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from budgets.money import ZERO
from occasions.models import Viewer
from purchases.models import Brand, Purchase, PurchaseQuerySet, Retailer
from purchases.naming import fold

#: The ways to sort names; "" is by name.
SORTS = {
    "": "Name, A to Z",
    "-name": "Name, Z to A",
    "-count": "Most purchases first",
    "count": "Fewest purchases first",
}
_ORDERS = {
    "": ["key"],
    "-name": ["-key"],
    "-count": ["-uses", "key"],
    "count": ["uses", "key"],
}


@dataclass(frozen=True, slots=True)
class Total:
    """What was paid in one currency, and what that is in the base one."""

    currency: str
    price: Decimal
    amount: Decimal


@dataclass(slots=True)
class Totals:
    """What was paid, by currency; the base one comes first."""

    by_currency: list[Total] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """All of it in the base currency."""
        return sum((total.amount for total in self.by_currency), ZERO)

    @property
    def is_foreign(self) -> bool:
        """Whether some of it was paid in another currency than the base one."""
        return any(total.currency != settings.CURRENCY for total in self.by_currency)


def seen(viewer: Viewer) -> PurchaseQuerySet:
    """Return the purchases that count for the viewer."""
    return Purchase.objects.live().visible_to(viewer)


def known[S: (Retailer, Brand)](model: type[S], viewer: Viewer) -> QuerySet[S]:
    """Return the names that are listed or come with a purchase that the viewer may see."""
    theirs = seen(viewer).filter(**{_field(model): OuterRef("pk")})
    return model.objects.filter(Q(listed=True) | Exists(theirs))


def known_one[S: (Retailer, Brand)](model: type[S], viewer: Viewer, pk: int) -> S:
    """Return a name that the viewer knows; 404 for every other one."""
    return get_object_or_404(known(model, viewer), pk=pk)


def found[S: (Retailer, Brand)](
    model: type[S], viewer: Viewer, text: str = "", sort: str = ""
) -> QuerySet[S]:
    """Return the names with every word of `text` in them, each with its number of purchases."""
    theirs = seen(viewer).filter(**{_field(model): OuterRef("pk")}).order_by()
    uses = theirs.values(_field(model)).annotate(number=Count("*")).values("number")
    names = known(model, viewer).annotate(uses=Coalesce(Subquery(uses), 0))
    for word in fold(text).split():
        names = names.filter(key__contains=word)
    return names.order_by(*_ORDERS[sort], "pk")


def purchases_of(item: Retailer | Brand, viewer: Viewer) -> PurchaseQuerySet:
    """Return what was bought there, or of that brand."""
    return seen(viewer).filter(**{_field(type(item)): item})


def totals_of(items: Iterable[Retailer | Brand], viewer: Viewer) -> dict[int, Totals]:
    """Return what was paid in all for each of `items`, which are of one kind, by their keys."""
    totals = {item.pk: Totals() for item in items}
    for model in {type(item) for item in items}:
        paid = seen(viewer).filter(**{f"{_field(model)}__in": list(totals)})
        sums = (
            paid.exclude(status=Purchase.Status.RETURNED)
            .order_by()
            .values_list(_field(model), "currency")
            .annotate(Sum("price"), Sum("amount"))
        )
        for key, currency, price, amount in sums:
            totals[key].by_currency.append(Total(currency, price, amount))
    for total in totals.values():
        total.by_currency.sort(key=_base_first)
    return totals


def _base_first(total: Total) -> tuple[bool, str]:
    return total.currency != settings.CURRENCY, total.currency


def _field(model: type[Retailer | Brand]) -> str:
    """Return what a purchase calls its retailer or its brand."""
    return str(model._meta.model_name)
