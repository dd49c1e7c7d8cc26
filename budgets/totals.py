"""Where the whole installation stands: every member's open window, added up."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from budgets.levels import percent_of
from budgets.models import Budget
from budgets.money import ZERO


@dataclass(frozen=True, slots=True)
class Totals:
    """How many members have a budget, and what they may spend, spent and overspent."""

    users: int
    allocated: Decimal
    spent: Decimal
    over: int

    @property
    def percent(self) -> Decimal | None:
        """Spent in percent of what is allocated."""
        return percent_of(self.spent, self.allocated)


def totals() -> Totals:
    """Add up the open windows of all members in one query; roll the due ones first."""
    sums = (
        Budget.objects.of_members()
        .with_standing()
        .aggregate(
            users=Count("pk"),
            allocated=Sum("available"),
            total_spent=Sum("spent"),
            over=Count("pk", filter=Q(spent__gt=F("available"))),
        )
    )
    return Totals(
        users=sums["users"],
        allocated=sums["allocated"] or ZERO,
        spent=sums["total_spent"] or ZERO,
        over=sums["over"],
    )
