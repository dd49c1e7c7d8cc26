"""Budgets coming into being: every user has one, with one open window."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from budgets.models import Budget, Cycle
from budgets.periods import Window, local_day, window_at
from people.access import is_administrator
from people.models import User


def budget_of(user: User, *, now: datetime) -> Budget:
    """Return the user's budget, with `user` loaded; create it should it be missing."""
    try:
        budget = Budget.objects.get(user=user)
    except Budget.DoesNotExist:
        return ensure_budget(user, now=now)
    budget.user = user
    return budget


def ensure_budget(user: User, *, now: datetime) -> Budget:
    """Give `user` a budget with their role's defaults and an open window, unless they have one.

    Two at once make one: the second waits for the first and finds its rows.
    """
    role = "administrator" if is_administrator(user) else "member"
    defaults = settings.BUDGET_DEFAULTS[role]
    with transaction.atomic():
        budget, is_new = Budget.objects.get_or_create(
            user=user, defaults={**defaults, "member_name": user.username, "created_at": now}
        )
        budget.user = user
        if is_new:
            window = window_at(
                now, budget.schedule, budget.zone, anchor=local_day(now, budget.zone)
            )
            new_cycle(budget, window, now=now).save(force_insert=True)
    return budget


def ensure_budgets(*, now: datetime) -> list[Budget]:
    """Give every user without a budget one; safe to repeat. Returns the new budgets."""
    return [ensure_budget(user, now=now) for user in User.objects.filter(budget__isnull=True)]


def new_cycle(budget: Budget, window: Window, *, now: datetime) -> Cycle:
    """Return an unsaved cycle of `budget` under the settings in force at `now`."""
    return Cycle(
        budget=budget,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        limit=budget.limit_at(now),
        limit_until=budget.limit_until(now),
        enforced=budget.enforced,
    )
