"""What a member may do with a budget."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404

from budgets.ledger import budget_of
from budgets.models import Budget, Cycle
from people.access import MemberRequest, is_administrator
from people.models import User


class BudgetHidden(Exception):
    """The member may not see their own budget."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Seeing comes first: who may not see a budget can neither change it nor start it over."""

    view: bool
    modify: bool
    reset: bool


def rights(user: User, budget: Budget) -> Rights:
    """Return what `user` may do with their own `budget`; administrators may do everything."""
    if is_administrator(user):
        return Rights(view=True, modify=True, reset=True)
    view = budget.visible_to_user
    return Rights(
        view=view, modify=view and budget.user_can_modify, reset=view and budget.user_can_reset
    )


def own_budget(request: MemberRequest, *, now: datetime) -> tuple[Budget, Rights]:
    """Return the budget of whoever asks, and their rights to it. Raises BudgetHidden."""
    budget = budget_of(request.user, now=now)
    granted = rights(request.user, budget)
    if not granted.view:
        raise BudgetHidden
    return budget, granted


def may_begin_anew(granted: Rights, cycle: Cycle) -> bool:
    """Tell whether a member may change the period, which closes the window.

    Where the limit is enforced and something is spent or held, that would be starting over by
    another name.
    """
    return granted.reset or not cycle.enforced or not (cycle.spent or cycle.held)


def own_cycle(budget: Budget, cycle_id: str, loaded: Iterable[Cycle]) -> Cycle:
    """Return one window of `budget`, from the `loaded` ones if it is there.

    Somebody else's window, or none at all, is a 404.
    """
    if not cycle_id.isascii() or not cycle_id.isdecimal() or len(cycle_id) > 18:
        raise Http404
    for cycle in loaded:
        if cycle.pk == int(cycle_id):
            return cycle
    return get_object_or_404(Cycle, budget=budget, pk=int(cycle_id))
