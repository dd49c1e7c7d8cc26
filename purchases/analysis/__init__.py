"""Where the money went: everything that the analytics page says, read in a few passes.

All of it is over purchases that the viewer may see. What was returned does not count, and amounts
of two currencies are never added.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings

from budgets.money import ZERO
from purchases.analysis import months, shares, tops, totals, warranties
from purchases.analysis.cards import Card, hidden_by
from purchases.analysis.scope import Scope
from purchases.analysis.shares import Share
from purchases.analysis.tops import Bought
from purchases.analysis.totals import Group, Total
from purchases.analysis.warranties import Lasting
from purchases.models import Brand, Purchase, Retailer
from purchases.series import Series

__all__ = ["Analysis", "Card", "Scope", "analyse", "hidden_by"]


@dataclass(slots=True)
class Analysis:
    """The figures of a page: those of one `currency`, and beside them the totals of all.

    A card that is put away is not read: its figures are empty.
    """

    scope: Scope
    currency: str
    totals: list[Total]
    months: Series | None = None
    retailers: list[Share] = field(default_factory=list)
    brands: list[Share] = field(default_factory=list)
    most_bought: list[Bought] = field(default_factory=list)
    most_expensive: list[Purchase] = field(default_factory=list)
    recent: list[Purchase] = field(default_factory=list)
    warranties: list[Lasting] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many purchases there are, in all currencies."""
        return sum(one.count for one in self.totals)

    @property
    def amount(self) -> Decimal:
        """All that was paid, in the base currency."""
        return sum((one.amount for one in self.totals), ZERO)

    @property
    def is_foreign(self) -> bool:
        """Whether some of it was paid in another currency than the base one."""
        return any(one.currency != settings.CURRENCY for one in self.totals)


def analyse(scope: Scope, currency: str = "", *, hidden: Collection[Card] = ()) -> Analysis:
    """Return the figures of `scope` in a currency.

    Without one it is the base currency or, where nothing was paid in that, the most used one.
    """
    shops = totals.groups(scope, Retailer)
    paid = totals.by_currency(shops)
    chosen = currency or (paid[0].currency if paid else settings.CURRENCY)
    analysis = Analysis(scope, chosen, paid)
    if Card.WARRANTIES not in hidden:
        analysis.warranties = warranties.warranties(scope)
    if paid:
        _read(analysis, shops, hidden)
    return analysis


def _read(analysis: Analysis, shops: Sequence[Group], hidden: Collection[Card]) -> None:
    """Read the cards beside the totals, unless they are put away."""
    scope, currency = analysis.scope, analysis.currency
    if Card.MONTHS not in hidden:
        analysis.months = months.months(scope, currency)
    if Card.RETAILERS not in hidden:
        analysis.retailers = shares.shares(Retailer, shops, scope, currency)
    if Card.BRANDS not in hidden:
        makers = totals.groups(scope, Brand)
        analysis.brands = shares.shares(Brand, makers, scope, currency)
    if Card.MOST_BOUGHT not in hidden:
        analysis.most_bought = tops.most_bought(scope, currency)
    if Card.MOST_EXPENSIVE not in hidden:
        analysis.most_expensive = tops.most_expensive(scope, currency)
    if Card.RECENT not in hidden:
        analysis.recent = tops.recent(scope)
