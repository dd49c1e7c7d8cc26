"""Single purchases that stand out: bought most often, for the most money, and last."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import FETCH_RAISE, Count, Max, Sum

from purchases.analysis.scope import Scope
from purchases.analysis.totals import average
from purchases.models import Purchase, PurchaseQuerySet

#: How many rows each list has.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Bought:
    """What was bought under one name, regardless of case and space, in one currency."""

    name: str
    count: int
    total: Decimal
    average: Decimal
    link: str


def most_bought(scope: Scope, currency: str) -> list[Bought]:
    """Return what was bought most often and, among equals, for the most money."""
    rows = (
        scope.counted()
        .filter(currency=currency)
        .values("name_key")
        .annotate(spelling=Max("name"), count=Count("*"), total=Sum("price"))
        .order_by("-count", "-total", "name_key")[:SHOWN]
    )
    return [
        Bought(
            row["spelling"],
            row["count"],
            row["total"],
            average(row["total"], row["count"], currency),
            scope.list_url(name=row["spelling"], currency=currency),
        )
        for row in rows
    ]


def most_expensive(scope: Scope, currency: str) -> list[Purchase]:
    """Return the purchases of one currency with the highest prices."""
    dear = scope.counted().filter(currency=currency).order_by("-price", "-pk")
    return list(_drawn(dear)[:SHOWN])


def recent(scope: Scope) -> list[Purchase]:
    """Return what was bought last, whatever the currency."""
    return list(_drawn(scope.counted().order_by("-purchased_on", "-pk"))[:SHOWN])


def _drawn(purchases: PurchaseQuerySet) -> PurchaseQuerySet:
    """Prepare purchases for rows of a name, a day, a retailer and a price."""
    shown = ("name", "purchased_on", "price", "currency", "retailer__name")
    return purchases.select_related("retailer").only(*shown).fetch_mode(FETCH_RAISE)
