"""Closed windows for what happened before the ledger began."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta

from budgets.ledger.opening import new_cycle
from budgets.models import Budget, Cycle
from budgets.periods import MAX_CUSTOM_DAYS, Window, local_day, window_at

# No window is longer, so neighbours further away cannot touch the one that is opened.
_REACH = timedelta(days=MAX_CUSTOM_DAYS + 2)


def cover(budget: Budget, moments: Iterable[datetime]) -> dict[datetime, Cycle]:
    """Return the cycle of each moment, opening closed windows where there are none.

    A window that is opened so follows the budget's schedule, cut to fit between its neighbours.
    Call with the budget locked; moments lie before the end of the open window.
    """
    wanted = sorted(set(moments))
    known = list(
        Cycle.objects.filter(budget=budget, ends_at__gt=wanted[0] - _REACH).order_by("starts_at")
    )
    anchor = local_day(known[0].starts_at, budget.zone)
    opened: list[Cycle] = []
    found: dict[datetime, Cycle] = {}
    for moment in wanted:
        after = bisect_right(known, moment, key=lambda cycle: cycle.starts_at)
        before = known[after - 1] if after else None
        if before is None or before.ends_at <= moment:
            regular = window_at(moment, budget.schedule, budget.zone, anchor=anchor)
            before = _closed(
                budget,
                Window(
                    max(regular.starts_at, before.ends_at if before else regular.starts_at),
                    min(regular.ends_at, known[after].starts_at),
                ),
            )
            known.insert(after, before)
            opened.append(before)
        found[moment] = before
    Cycle.objects.bulk_create(opened)
    return found


def _closed(budget: Budget, window: Window) -> Cycle:
    cycle = new_cycle(budget, window, now=window.starts_at)
    cycle.closed_at, cycle.limit_until = cycle.ends_at, None
    return cycle
