"""Budgets for tests, in the state a test names."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import time_machine

from budgets.ledger import Event, Posting, charge, configure
from budgets.models import Budget, Cycle, Entry, Origin
from people.tests.factories import UserFactory

#: The moment at which tests happen unless they say otherwise: a Wednesday, well into its month.
NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


def make_budget(*, now: datetime = NOW, timezone: str = "UTC", **settings: Any) -> Budget:
    """Return a new member's budget whose first window contains `now`, set up as told."""
    with time_machine.travel(now, tick=False):
        user = UserFactory(timezone=timezone)
    budget = user.budget
    if settings:
        configure(budget=budget, settings=settings, actor=None, origin=Origin.COMMAND, now=now)
    return fresh(budget)


def fresh(budget: Budget) -> Budget:
    """Return the budget as it is stored, with its user."""
    return Budget.objects.select_related("user").get(pk=budget.pk)


def set_up(budget: Budget, *, now: datetime = NOW, **settings: Any) -> Budget:
    """Configure the budget as an administrator's command would, and return it as it is then."""
    configure(budget=budget, settings=settings, actor=None, origin=Origin.COMMAND, now=now)
    return fresh(budget)


def spend(budget: Budget, amount: str, *, now: datetime = NOW, **details: Any) -> Entry:
    """Charge `amount` as a member would."""
    posting = Posting(amount=Decimal(amount), **details)
    return charge(budget=budget, posting=posting, now=now)


def record(budget: Budget, amount: str, *, now: datetime = NOW, **details: Any) -> Entry:
    """Record `amount` as a fact, whatever the limit."""
    posting = Posting(amount=Decimal(amount), **details)
    return charge(budget=budget, posting=posting, now=now, as_fact=True)


def event(budget: Budget, amount: str, name: str = "", **details: Any) -> Event:
    """Return an event for `ingest`; `name` is its id at the gateway."""
    if name:
        details |= {"source": "gateway", "source_event_id": name}
    return Event(budget, Posting(amount=Decimal(amount), **details))


def open_cycle(budget: Budget) -> Cycle:
    return Cycle.objects.open().get(budget=budget)
