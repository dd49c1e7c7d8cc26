"""Why a purchase does not fit into its owner's budget, and whom they can ask."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from budgets import ledger
from budgets.access import rights
from budgets.ledger import OverBudget
from budgets.status import Status
from people.access import administrators
from people.models import User


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was asked and what is left, in the base currency; a hidden budget tells no figures."""

    asked: Decimal
    limit: Decimal
    spent: Decimal
    held: Decimal
    remaining: Decimal
    #: Until when that is so, in words: "until November 30".
    until: str
    is_hidden: bool
    administrators: QuerySet[User]

    @classmethod
    def of(cls, refusal: OverBudget, owner: User, *, now: datetime) -> "Refusal":
        budget = ledger.budget_of(owner, now=now)
        status = Status.of(budget, ledger.roll(budget, now=now), now=now)
        return cls(
            refusal.asked,
            refusal.limit,
            refusal.spent,
            refusal.held,
            refusal.remaining,
            status.until,
            not rights(owner, budget).view,
            administrators(),
        )
