"""Money set aside: hold it, settle the real cost, or let it go."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from budgets.ledger import statements
from budgets.ledger.charging import ATTEMPTS, charge_once
from budgets.ledger.postings import BadPosting, Posting
from budgets.ledger.refusals import Busy, EventTaken, HoldEnded, OverBudget
from budgets.ledger.rolling import lock_many, roll
from budgets.models import Budget, Entry, Hold
from budgets.periods import local_day

DEFAULT_LIFE = timedelta(minutes=15)


def hold(
    *,
    budget: Budget,
    amount: Decimal,
    now: datetime,
    life: timedelta = DEFAULT_LIFE,
    memo: str = "",
    via: str = "",
    on_behalf: bool = False,
) -> Hold:
    """Set `amount` (currency units, not negative) aside for `life`.

    `on_behalf` says that somebody else asked for it, who alone may end it.

    Raises OverBudget when it does not fit into what is left and the budget is enforced, and Busy
    when the budget kept changing meanwhile.
    """
    if amount < 0 or life <= timedelta(0):
        raise BadPosting("a hold needs an amount of zero or more and a life")
    Posting(amount=amount, memo=memo, via=via)  # refuses what no entry could carry either
    for _ in range(ATTEMPTS):
        held = statements.set_aside(
            amount,
            budget_id=budget.pk,
            memo=memo,
            via=via,
            on_behalf=on_behalf,
            now=now,
            expires_at=now + life,
        )
        if held:
            return held
        cycle = roll(budget, now=now)
        now = max(now, cycle.starts_at)
        if cycle.enforced and cycle.spent + cycle.held + amount > cycle.available:
            raise OverBudget.in_cycle(cycle, amount)
    raise Busy


def settle(*, hold: Hold, posting: Posting, now: datetime) -> Entry:
    """Settle as `settle_once` does, and return the entry alone."""
    entry, _ = settle_once(hold=hold, posting=posting, now=now)
    return entry


def settle_once(*, hold: Hold, posting: Posting, now: datetime) -> tuple[Entry, bool]:
    """Record the real cost of a hold, be it more or less, and free the hold, exactly once.

    Returns the entry, which knows its hold, and whether it is new. A second settlement changes
    nothing and is answered with the first entry. An expired hold may still be settled: the money
    was spent. Raises HoldEnded for a hold that was released, EventTaken for an event that settled
    another hold, and BadPosting for a negative cost.
    """
    if posting.amount < 0:
        raise BadPosting("amount: below zero")
    if entry := _settle_at_once(hold, posting, now):
        return entry, True
    is_new = False
    with transaction.atomic():
        budget, current = _free(hold, now)
        if current.status == Hold.Status.RELEASED:
            raise HoldEnded(current)
        if current.entry is None:
            entry, is_new = charge_once(budget=budget, posting=posting, now=now, as_fact=True)
            if not is_new and Hold.objects.filter(entry=entry).exists():
                raise EventTaken
            current.entry = entry
            current.status, current.ended_at = Hold.Status.SETTLED, now
            current.save(update_fields=["entry", "status", "ended_at"])
        return current.entry, is_new


def _settle_at_once(hold: Hold, posting: Posting, now: datetime) -> Entry | None:
    """Settle in one statement what still holds money in the open window; None for all else."""
    at = posting.moment(now)
    entry = statements.post(
        posting,
        budget_id=hold.budget_id,
        at=at,
        day=local_day(at, hold.budget.zone),
        now=now,
        hold_id=hold.pk,
    )
    if entry is not None:
        hold.status, hold.ended_at, hold.entry = Hold.Status.SETTLED, now, entry
    return entry


def release(*, hold: Hold, now: datetime) -> Hold:
    """Free the money of a hold that is not needed. One that ended before stays as it is."""
    with transaction.atomic():
        _, current = _free(hold, now)
        if current.status == Hold.Status.HELD:
            current.status, current.ended_at = Hold.Status.RELEASED, now
            current.save(update_fields=["status", "ended_at"])
        return current


def _free(hold: Hold, now: datetime) -> tuple[Budget, Hold]:
    """Lock the hold behind its cycle and give its money back, should it still hold any.

    Returns its budget, and the row as it stands; the caller writes the new status in the same
    transaction.
    """
    [locked] = lock_many([hold.budget_id], now)
    cycle = locked.cycle
    current = Hold.objects.select_related("entry").get(pk=hold.pk)
    if current.status == Hold.Status.HELD:
        cycle.held -= current.amount
        cycle.save(update_fields=["held"])
    return locked.budget, current
