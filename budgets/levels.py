"""How full a budget is: percent used, the four levels, what is left and what is over."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from budgets.money import ZERO


class Level(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The percentages at which a level begins: 0 < yellow < orange < red <= 100."""

    yellow: Decimal = Decimal("75.00")
    orange: Decimal = Decimal("90.00")
    red: Decimal = Decimal("100.00")

    def __post_init__(self) -> None:
        if not 0 < self.yellow < self.orange < self.red <= 100:
            raise ValueError("thresholds need 0 < yellow < orange < red <= 100")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a budget stands: all that a status card, a badge or a refusal tells.

    Amounts are in currency units. `held` is money set aside; it does not count for the level, but
    it can no longer be spent.
    """

    limit: Decimal
    spent: Decimal
    held: Decimal = ZERO
    thresholds: Thresholds = Thresholds()

    @property
    def level(self) -> Level:
        """Level by spent / limit, each threshold included, red first.

        With a limit of zero nothing spent is green and anything spent is red.
        """
        if self.limit <= 0:
            return Level.RED if self.spent > self.limit else Level.GREEN
        for level, percent in (
            (Level.RED, self.thresholds.red),
            (Level.ORANGE, self.thresholds.orange),
            (Level.YELLOW, self.thresholds.yellow),
        ):
            if self.spent * 100 >= self.limit * percent:
                return level
        return Level.GREEN

    @property
    def remaining(self) -> Decimal:
        """What may still be spent; never below zero."""
        return max(self.limit - self.spent - self.held, ZERO)

    @property
    def over_by(self) -> Decimal:
        """How far spending has passed the limit; zero at exactly the limit."""
        return max(self.spent - self.limit, ZERO)

    @property
    def is_over(self) -> bool:
        return self.spent > self.limit

    @property
    def is_used_up(self) -> bool:
        """Whether not a micro-unit is left of a limit that was there to spend, or was passed."""
        return self.spent >= self.limit and (self.limit > 0 or self.spent > 0)

    @property
    def percent(self) -> Decimal | None:
        """Spent as a percentage of the limit, one decimal; None when the limit is zero."""
        return percent_of(self.spent, self.limit)


def percent_of(part: Decimal, whole: Decimal, *, places: int = 1) -> Decimal | None:
    """Return part / whole in percent with `places` decimals, or None when `whole` is zero.

    Rounded half up, except that a part below the whole never reads as 100 %.
    """
    if whole <= 0:
        return None
    least = Decimal(1).scaleb(-places)
    percent = (part * 100 / whole).quantize(least, ROUND_HALF_UP)
    return percent - least if percent == 100 and part < whole else percent
