"""What a member may do with a budget."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from budgets.ledger import budget_of
from budgets.models import Budget, Cycle, Hold
from people.access import MemberRequest, is_administrator
from people.models import User
from people.programs.callers import Caller

NOT_FOR_OTHERS = "This token may not spend on behalf of others."
HELD_BY_GATEWAY = "A gateway set this aside; the gateway alone ends it."
NO_SUCH_MEMBER = "There is no member of this name."


class BudgetHidden(Exception):
    """The member may not see their own budget."""


class NoSuchMember(Http404):
    """Nobody has this name, or nobody any more; only gateways are told so."""


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


def for_administrators(user: User) -> None:
    """Raise PermissionDenied unless `user` administers this installation."""
    if not is_administrator(user):
        raise PermissionDenied("This is for administrators.")


def member_budget(user_id: int, *, now: datetime) -> Budget:
    """Return the budget of any member, for administrators; a 404 creates nothing."""
    return budget_of(get_object_or_404(User, pk=user_id), now=now)


def spender(caller: Caller, name: str | None, *, now: datetime) -> Budget:
    """Return the budget that is spent from: the caller's own, or that of the member `name`."""
    if name is None:
        return budget_of(caller.user, now=now)
    for_gateways(caller)
    budget = _active().filter(user__username=name).first()
    if budget is None:
        raise NoSuchMember
    return budget


def spenders(caller: Caller, names: Iterable[str]) -> dict[str, Budget]:
    """Return the budgets of those `names` that are members, for a gateway (one query)."""
    for_gateways(caller)
    return {
        budget.user.username: budget
        for budget in _active().filter(user__username__in=names)
        if budget.user
    }


def for_gateways(caller: Caller) -> None:
    """Raise PermissionDenied unless `caller` is a gateway."""
    if not caller.may_spend_for_others:
        raise PermissionDenied(NOT_FOR_OTHERS)


def holds_of(caller: Caller) -> QuerySet[Hold]:
    """Return the holds that `caller` may know of: their own, or all for a gateway."""
    if caller.may_spend_for_others:
        return Hold.objects.all()
    return Hold.objects.filter(budget__user=caller.user)


def hold_of(caller: Caller, key: int) -> Hold:
    """Return one of them with its budget; any other is a 404."""
    # Three small questions cost less than one that joins budgets and users.
    hold = get_object_or_404(Hold, pk=key)
    budget = Budget.objects.get(pk=hold.budget_id)
    if budget.user_id == caller.user.pk:
        budget.user = caller.user
    elif not caller.may_spend_for_others:
        raise Http404
    hold.budget = budget
    return hold


def may_end(caller: Caller, hold: Hold) -> bool:
    """Tell whether `caller` may settle and release one of the holds they know of.

    What a gateway set aside for a member stays set aside until a gateway ends it: else the member
    could settle it with nothing before the gateway tells the real cost.
    """
    return caller.may_spend_for_others or not hold.on_behalf


def hold_to_end(caller: Caller, key: int) -> Hold:
    """Return a hold that `caller` may settle and release. Raises PermissionDenied for others."""
    hold = hold_of(caller, key)
    if not may_end(caller, hold):
        raise PermissionDenied(HELD_BY_GATEWAY)
    return hold


def _active() -> QuerySet[Budget]:
    return Budget.objects.select_related("user").filter(user__is_active=True)
