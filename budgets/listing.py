"""Every member's budget with its figures: what lists of them show, and how they are narrowed."""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from django.db.models import F, QuerySet
from django_stubs_ext import WithAnnotations

from budgets.levels import Standing
from budgets.models import Budget

#: In which fields a member is searched for.
SEARCHED = ["member_name", "user__first_name", "user__last_name", "user__email"]
#: Beside the levels: who has spent more than they may.
OVER = "over"


class _Figures(TypedDict):
    available: Decimal
    spent: Decimal
    held: Decimal
    starts_at: datetime
    ends_at: datetime
    level: str


type Listed = WithAnnotations[Budget, _Figures]


def standing_of(budget: Listed) -> Standing:
    return Standing(budget.available, budget.spent, budget.held, budget.thresholds)


def at_level(budgets: QuerySet[Any], level: str) -> QuerySet[Any]:
    """Return those at a level, or those over budget; expects `with_standing()`."""
    if level == OVER:
        return budgets.filter(spent__gt=F("available"))
    return budgets.filter(level=level)
