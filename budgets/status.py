"""Where one budget stands now, as a status card tells it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from budgets import formats
from budgets.forecast import Projection, project
from budgets.levels import Standing
from budgets.models import Budget, Cycle
from budgets.periods import local_day


@dataclass(frozen=True, slots=True)
class Status:
    """A budget, its window and what follows from both at one moment."""

    budget: Budget
    cycle: Cycle
    standing: Standing
    projection: Projection | None
    now: datetime

    @classmethod
    def of(cls, budget: Budget, cycle: Cycle, *, now: datetime) -> "Status":
        standing = cycle.standing(budget.thresholds)
        ends_early = cycle.limit_until is not None and cycle.limit_until < cycle.ends_at
        final = budget.limit + cycle.carried if ends_early else cycle.available
        projection = project(spent=cycle.spent, limit=final, window=cycle.window, now=now)
        return cls(budget, cycle, standing, projection, now)

    @property
    def special_until(self) -> date | None:
        """The last local day of a special limit that ends before the window does."""
        until = self.cycle.limit_until
        if until is None or until >= self.cycle.ends_at:
            return None
        return formats.last_day(until, self.budget.zone)

    @property
    def until(self) -> str:
        """Until when what is left may be spent, in words: "today" or "until November 30"."""
        last = self.special_until or self.last_day
        if last == local_day(self.now, self.budget.zone):
            return "today"
        return f"until {formats.day_of_year(last)}"

    @property
    def projected_over(self) -> bool:
        """Whether the projection passes the limit that holds when the window ends."""
        if self.projection is None:
            return False
        final = self.budget.limit if self.special_until else self.standing.limit
        return self.projection.amount > final

    @property
    def label(self) -> str:
        return formats.level_label(self.standing)

    @property
    def last_day(self) -> date:
        """The last local day of the window."""
        return formats.last_day(self.cycle.ends_at, self.budget.zone)

    @property
    def span_label(self) -> str:
        """The window in words: its first and its last day."""
        return formats.window(self.cycle.starts_at, self.cycle.ends_at, self.budget.zone)

    @property
    def runs_out_on(self) -> date | None:
        """The local day on which the limit would be reached at this pace, within the window."""
        if self.projection is None or self.projection.runs_out_at is None:
            return None
        return local_day(self.projection.runs_out_at, self.budget.zone)

    @property
    def ticks(self) -> list[Decimal]:
        """Where on the meter a level begins, in percent."""
        budget = self.budget
        return [percent for percent in (budget.yellow, budget.orange, budget.red) if percent < 100]

    @property
    def days_left(self) -> int:
        """How many local days are left, today included."""
        return (self.last_day - local_day(self.now, self.budget.zone)).days + 1

    @property
    def spent_share(self) -> Decimal:
        """The filled part of the meter in percent: full when over, or when there is no limit."""
        return self._share(self.standing.spent)

    @property
    def held_share(self) -> Decimal:
        """The part of the meter that is set aside, in what the filled part leaves free."""
        return min(self._share(self.standing.held), 100 - self.spent_share)

    def _share(self, amount: Decimal) -> Decimal:
        if amount <= 0:
            return Decimal(0)
        if self.standing.limit <= 0:
            return Decimal(100)
        share = (amount * 100 / self.standing.limit).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return min(share, Decimal(100))

    @property
    def meter_text(self) -> str:
        """The meter in words, for those who do not see it."""
        standing = self.standing
        words = f"{formats.money(standing.spent)} of {formats.money(standing.limit)} spent"
        if standing.held:
            words += f", {formats.money(standing.held)} held"
        if standing.is_over:
            words += f", over by {formats.money(standing.over_by)}"
        return words

    @property
    def stamp(self) -> str:
        """A text that changes whenever a figure of this window does."""
        cycle = self.cycle
        return f"{cycle.pk}.{cycle.spent:f}.{cycle.held:f}.{cycle.limit:f}"
