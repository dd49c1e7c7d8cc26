"""Members with budgets, made quickly."""

from datetime import datetime
from decimal import Decimal
from itertools import count

from django.db import transaction

from budgets.ledger import ensure_budget
from budgets.models import Budget, Cycle
from budgets.money import MAX_LIMIT
from people.models import User

_numbers = count(1)


def make_members(number: int, *, now: datetime, **settings: object) -> list[Budget]:
    """Return new members' budgets, their users loaded: enforced, and too large to be used up."""
    names = [f"member{next(_numbers)}" for _ in range(number)]
    # In bulk, so that the budgets begin when they are told to and not today.
    users = User.objects.bulk_create(
        User(username=name, timezone="UTC", password="!", **settings) for name in names
    )
    with transaction.atomic():
        budgets = [ensure_budget(user, now=now) for user in users]
        Budget.objects.filter(pk__in=[budget.pk for budget in budgets]).update(limit=MAX_LIMIT)
        Cycle.objects.filter(budget__in=budgets).update(limit=MAX_LIMIT)
    for budget in budgets:
        budget.limit = Decimal(MAX_LIMIT)
    return budgets
