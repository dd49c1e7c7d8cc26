"""What the ledger refuses, with the numbers that explain it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from budgets.models import Cycle, Hold


# Not frozen: on its way up an exception is given its traceback.
@dataclass(eq=False)
class OverBudget(Exception):
    """The amount does not fit into what is left of the window. Amounts in currency units."""

    limit: Decimal
    spent: Decimal
    held: Decimal
    asked: Decimal
    remaining: Decimal
    ends_at: datetime

    @classmethod
    def in_cycle(cls, cycle: Cycle, asked: Decimal) -> "OverBudget":
        remaining = max(cycle.available - cycle.spent - cycle.held, Decimal(0))
        return cls(cycle.available, cycle.spent, cycle.held, asked, remaining, cycle.ends_at)

    def __str__(self) -> str:
        return (
            f"{self.asked:f} does not fit: {self.remaining:f} of {self.limit:f} is left"
            f" until {self.ends_at:%Y-%m-%d}"
        )


class Busy(Exception):
    """The budget kept changing while it was asked: nothing is stored, and asking again is safe."""


class EventTaken(Exception):
    """The event was posted to another budget, or settled another hold; no more is told of it."""


class HoldEnded(Exception):
    """The hold was released before; it can no longer be settled."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(f"hold {hold.pk} is {hold.status}")
        self.hold = hold
