"""Money set aside: hold it, settle the real cost, or let it go."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from budgets.ledger import statements
from budgets.ledger.charging import ATTEMPTS, charge
from budgets.ledger.postings import BadPosting, Posting
from budgets.ledger.refusals import Busy, EventTaken, HoldEnded, OverBudget
from budgets.ledger.rolling import lock_current, roll
from budgets.models import Budget, Entry, Hold

DEFAULT_LIFE = timedelta(minutes=15)


def hold(
    *,
    budget: Budget,
    amount: Decimal,
    now: datetime,
    life: timedelta = DEFAULT_LIFE,
    memo: str = "",
) -> Hold:
    """Set `amount` (currency units, not negative) aside for `life`.

    Raises OverBudget when it does not fit into what is left and the budget is enforced, and Busy
    when the budget kept changing meanwhile.
    """
    if amount < 0 or life <= timedelta(0):
        raise BadPosting("a hold needs an amount of zero or more and a life")
    Posting(amount=amount, memo=memo)  # refuses what no entry could carry either
    for _ in range(ATTEMPTS):
        held = statements.set_aside(
            amount, budget_id=budget.pk, memo=memo, now=now, expires_at=now + life
        )
        if held:
            return held
        cycle = roll(budget, now=now)
        now = max(now, cycle.starts_at)
        if cycle.enforced and cycle.spent + cycle.held + amount > cycle.available:
            raise OverBudget.in_cycle(cycle, amount)
    raise Busy


def settle(*, hold: Hold, posting: Posting, now: datetime) -> Entry:
    """Record the real cost of a hold, be it more or less, and free the hold, exactly once.

    A second settlement changes nothing and is answered with the first entry. An expired hold may
    still be settled: the money was spent. Raises HoldEnded for a hold that was released, EventTaken
    for an event that settled another hold, and BadPosting for a negative cost.
    """
    if posting.amount < 0:
        raise BadPosting("amount: below zero")
    budget = Budget.objects.select_related("user").get(pk=hold.budget_id)
    with transaction.atomic():
        current = _free(budget, hold, now)
        if current.status == Hold.Status.RELEASED:
            raise HoldEnded(current)
        if current.entry is None:
            current.entry = charge(budget=budget, posting=posting, now=now, as_fact=True)
            if Hold.objects.filter(entry=current.entry).exists():
                raise EventTaken
            current.status, current.ended_at = Hold.Status.SETTLED, now
            current.save(update_fields=["entry", "status", "ended_at"])
        return current.entry


def release(*, hold: Hold, now: datetime) -> Hold:
    """Free the money of a hold that is not needed. One that ended before stays as it is."""
    budget = Budget.objects.select_related("user").get(pk=hold.budget_id)
    with transaction.atomic():
        current = _free(budget, hold, now)
        if current.status == Hold.Status.HELD:
            current.status, current.ended_at = Hold.Status.RELEASED, now
            current.save(update_fields=["status", "ended_at"])
        return current


def _free(budget: Budget, hold: Hold, now: datetime) -> Hold:
    """Lock the hold behind its cycle and give its money back, should it still hold any.

    Returns the row as it stands; the caller writes the new status in the same transaction.
    """
    cycle = lock_current(budget, now).cycle
    current = Hold.objects.select_related("entry").get(pk=hold.pk)
    if current.status == Hold.Status.HELD:
        cycle.held -= current.amount
        cycle.save(update_fields=["held"])
    return current
