"""Holds whose time has passed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet

from budgets.models import Cycle, Hold
from budgets.money import ZERO


def expire_holds(*, now: datetime, budgets: Collection[int] | None = None) -> int:
    """Free the money of the holds that expired, of these budgets or of all. Returns how many.

    They stay visible as expired, and may still be settled with the real cost.
    """
    due = Hold.objects.due(now)
    if budgets is not None:
        due = due.filter(budget__in=budgets)
    budget_ids = set(due.values_list("budget_id", flat=True))
    return _expire(due, budget_ids) if budget_ids else 0


@transaction.atomic
def _expire(due: QuerySet[Hold], budget_ids: set[int]) -> int:
    locked = (
        Cycle.objects.open()
        .filter(budget__in=budget_ids)
        .order_by("budget_id")
        .select_for_update(no_key=True)
    )
    cycles = {cycle.pk: cycle for cycle in locked}
    # Asked again under the locks: a hold that was settled meanwhile is no longer due.
    holds = list(due.filter(cycle__in=list(cycles)))
    freed: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for hold in holds:
        freed[hold.cycle_id] += hold.amount
    for cycle_id, amount in freed.items():
        cycles[cycle_id].held -= amount
    Cycle.objects.bulk_update([cycles[cycle_id] for cycle_id in freed], ["held"])
    Hold.objects.filter(pk__in=[hold.pk for hold in holds]).update(
        status=Hold.Status.EXPIRED, ended_at=F("expires_at")
    )
    return len(holds)
