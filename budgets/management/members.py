"""Whom a command is about."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet

from budgets.models import Budget
from people.models import User


def member_named(username: str) -> User:
    """Return the user of exactly this name. Raises CommandError."""
    try:
        return User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        raise CommandError(f"There is no user “{username}”.") from None


def budgets_named(usernames: Sequence[str]) -> QuerySet[Budget, Any]:
    """Return the budgets of these users, or of every user when none is named.

    Raises CommandError that names each user who does not exist or has no budget.
    """
    budgets = Budget.objects.of_members().select_related("user").order_by("user__username")
    if not usernames:
        return budgets
    wanted = set(usernames)
    known = set(User.objects.filter(username__in=wanted).values_list("username", flat=True))
    if unknown := sorted(wanted - known):
        names = ", ".join(f"“{name}”" for name in unknown)
        raise CommandError(f"There is no user {names}.")
    budgets = budgets.filter(user__username__in=wanted)
    if without := sorted(wanted - set(budgets.values_list("user__username", flat=True))):
        names = ", ".join(f"“{name}”" for name in without)
        raise CommandError(f"There is no budget for {names} yet; ensure_budgets makes one.")
    return budgets
