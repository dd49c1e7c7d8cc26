"""What was paid, by currency; amounts of two currencies are never added.

One pass over the purchases gives the totals and the shares of retailers alike: they are grouped by
both, which are far fewer groups than purchases.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db.models import Count, Sum

from budgets.money import ZERO
from purchases import rates
from purchases.analysis.scope import Scope
from purchases.models import Brand, Retailer


@dataclass(frozen=True, slots=True)
class Group:
    """What was bought at one retailer, or of one brand, by its key, and paid in one currency.

    `amount` is the price in the base currency.
    """

    key: int | None
    currency: str
    count: int
    price: Decimal
    amount: Decimal


@dataclass(slots=True)
class Total:
    """What was paid in one currency, and what that is in the base one."""

    currency: str
    count: int = 0
    price: Decimal = ZERO
    amount: Decimal = ZERO

    @property
    def average(self) -> Decimal:
        return average(self.price, self.count, self.currency)


def average(price: Decimal, count: int, currency: str) -> Decimal:
    """Return the price of one of `count` purchases, rounded to the decimals of the currency."""
    unit = Decimal(1).scaleb(-rates.places(currency))
    return (price / count).quantize(unit, ROUND_HALF_UP)


def groups(scope: Scope, model: type[Retailer | Brand]) -> list[Group]:
    """Add up what counts, by retailer or by brand, and by currency."""
    rows = (
        scope.counted()
        .values_list(str(model._meta.model_name), "currency")
        .annotate(count=Count("*"), paid=Sum("price"), worth=Sum("amount"))
    )
    return [Group(*row) for row in rows]


def by_currency(parts: Iterable[Group]) -> list[Total]:
    """Return the totals: the base currency first, then the one that is used most."""
    totals: dict[str, Total] = {}
    for part in parts:
        total = totals.setdefault(part.currency, Total(part.currency))
        total.count += part.count
        total.price += part.price
        total.amount += part.amount
    return sorted(
        totals.values(),
        key=lambda one: (one.currency != settings.CURRENCY, -one.count, one.currency),
    )
