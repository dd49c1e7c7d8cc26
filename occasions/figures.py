"""What gifts cost and what that does to a gift budget."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from budgets.levels import Standing, percent_of
from budgets.money import ZERO
from budgets.splits import split


def shares(cost: Decimal, recipients: int, *, places: int) -> list[Decimal]:
    """Split `cost` equally, in the least coin of a currency with `places` decimals.

    The shares add up to the cost exactly; the coins left over go to the first (largest remainder).
    A cost with more decimals than the currency has is split that much finer.
    """
    finest = max(places, -int(cost.normalize().as_tuple().exponent))
    coins = split(int(cost.scaleb(finest)), [1] * recipients)
    return [Decimal(part).scaleb(-finest) for part in coins]


def each(total: Decimal, quantity: int, *, places: int) -> Decimal:
    """Return what one of `quantity` pieces cost, rounded half up to `places` decimals."""
    return (total / quantity).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Spending:
    """Sums over some gifts: an idea is never counted as spending."""

    bought: Decimal = ZERO
    planned: Decimal = ZERO
    ideas: Decimal = ZERO
    #: How many of the gifts have no price yet.
    unpriced: int = 0
    gifts: int = 0

    @property
    def committed(self) -> Decimal:
        """What is spent or going to be."""
        return self.bought + self.planned


@dataclass(frozen=True, slots=True)
class Figures:
    """Some spending against a budget; without a budget there is nothing to be left or over."""

    spending: Spending
    budget: Decimal | None

    @property
    def standing(self) -> Standing | None:
        """Level, percent, remaining and over by, with the rules that every budget has."""
        if self.budget is None:
            return None
        return Standing(limit=self.budget, spent=self.spending.committed)

    @property
    def percent(self) -> Decimal | None:
        """What is bought and planned, in percent of the budget."""
        return self._percent(self.spending.committed)

    @property
    def bought_percent(self) -> Decimal | None:
        return self._percent(self.spending.bought)

    @property
    def planned_percent(self) -> Decimal | None:
        return self._percent(self.spending.planned)

    @property
    def left_percent(self) -> Decimal | None:
        standing = self.standing
        return self._percent(standing.remaining) if standing else None

    def _percent(self, part: Decimal) -> Decimal | None:
        """Return a percentage with two decimals, or one when the second is zero."""
        percent = percent_of(part, self.budget or ZERO, places=2)
        if percent is None:
            return None
        short = percent.quantize(Decimal("0.1"))
        return short if short == percent else percent

    @property
    def bought_bar(self) -> Decimal:
        """The bought part of the bar in percent of its width; a bar that is over is full."""
        return self._bar(self.spending.bought)

    @property
    def planned_bar(self) -> Decimal:
        return self._bar(self.spending.planned)

    def _bar(self, part: Decimal) -> Decimal:
        whole = max(self.budget or ZERO, self.spending.committed)
        if not whole:
            return Decimal(0)
        return (part * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def over_allocated(total: Decimal | None, budgets: Iterable[Decimal | None]) -> Decimal:
    """Return by how much the `budgets` together exceed the `total`; zero when there is none."""
    if total is None:
        return ZERO
    return max(sum((budget or ZERO for budget in budgets), ZERO) - total, ZERO)
