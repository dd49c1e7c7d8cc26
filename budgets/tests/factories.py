"""Budgets for tests, in the state a test names."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from budgets.ledger import Posting, charge, configure
from budgets.models import Budget, Cycle, Entry, Origin
from people.tests.factories import UserFactory

#: The moment at which tests happen unless they say otherwise: a Wednesday, well into its month.
NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


def make_budget(*, now: datetime = NOW, timezone: str = "UTC", **settings: Any) -> Budget:
    """Return a new member's budget whose first window contains `now`, set up as told."""
    user = UserFactory(timezone=timezone)
    Cycle.objects.filter(budget__user=user).delete()
    Budget.objects.filter(user=user).delete()
    from budgets.ledger import ensure_budget

    budget = ensure_budget(user, now=now)
    if settings:
        configure(budget=budget, settings=settings, actor=None, origin=Origin.COMMAND, now=now)
    return Budget.objects.select_related("user").get(pk=budget.pk)


def spend(budget: Budget, amount: str, *, now: datetime = NOW, **details: Any) -> Entry:
    """Charge `amount` as a member would."""
    posting = Posting(amount=Decimal(amount), **details)
    return charge(budget=budget, posting=posting, now=now)


def record(budget: Budget, amount: str, *, now: datetime = NOW, **details: Any) -> Entry:
    """Record `amount` as a fact, whatever the limit."""
    posting = Posting(amount=Decimal(amount), **details)
    return charge(budget=budget, posting=posting, now=now, as_fact=True)


def open_cycle(budget: Budget) -> Cycle:
    return Cycle.objects.open().get(budget=budget)
