"""Posting one amount, and taking one back."""

from datetime import datetime

from django.db import transaction

from budgets.ledger import statements
from budgets.ledger.covering import cover
from budgets.ledger.postings import BadPosting, Posting
from budgets.ledger.refusals import Busy, EventTaken, OverBudget
from budgets.ledger.rolling import lock_current, roll
from budgets.models import Budget, Cycle, Entry
from budgets.periods import local_day

#: How often a charge is tried while the window, the limit or the holds change under it.
ATTEMPTS = 10


def charge(*, budget: Budget, posting: Posting, now: datetime, as_fact: bool = False) -> Entry:
    """Do as `charge_once` and return the entry alone."""
    return charge_once(budget=budget, posting=posting, now=now, as_fact=as_fact)[0]


def charge_once(
    *, budget: Budget, posting: Posting, now: datetime, as_fact: bool = False
) -> tuple[Entry, bool]:
    """Post an amount to the budget. Returns its entry and whether that is new.

    Load `user` with the budget. An entry that is new in the open window carries in `cycle` what
    that window comes to with it.

    In the open window the amount must fit, unless the budget is not enforced: otherwise OverBudget
    is raised and nothing is stored. Facts (imports, refunds, what an administrator records) and
    entries that fall into closed windows are recorded whatever the limit. An event that was posted
    before is answered with its first entry, or EventTaken when that one is another budget's.
    Raises BadPosting for a negative amount that is no fact, and for a moment in the future; Busy
    when the budget kept changing meanwhile.
    """
    if posting.amount < 0 and not as_fact:
        raise BadPosting("amount: below zero")
    at = posting.moment(now)
    entry = statements.post(
        posting,
        budget_id=budget.pk,
        at=at,
        day=local_day(at, budget.zone),
        now=now,
        judged=not as_fact,
    )
    return (entry, True) if entry else _charge_with_care(budget, posting, now, as_fact=as_fact)


def _charge_with_care(
    budget: Budget, posting: Posting, now: datetime, *, as_fact: bool
) -> tuple[Entry, bool]:
    """Find out why the one statement did nothing, mend what can be mended, and try again."""
    for _ in range(ATTEMPTS):
        if first := posted_before(budget, posting):
            return first, False
        cycle = roll(budget, now=now)
        # A window that begins this very instant is the right one for what happens now.
        at = posting.occurred_at or max(now, cycle.starts_at)
        if at < cycle.starts_at:
            if entry := _record_late(budget, posting, at, now):
                return entry, True
            continue
        entry = statements.post(
            posting,
            budget_id=budget.pk,
            at=at,
            day=local_day(at, budget.zone),
            now=max(now, at),
            judged=not as_fact,
        )
        if entry:
            return entry, True
        cycle.refresh_from_db()
        if cycle.is_open and not as_fact and not _fits(cycle, posting):
            if first := posted_before(budget, posting):
                return first, False
            raise OverBudget.in_cycle(cycle, posting.amount)
    raise Busy


def _fits(cycle: Cycle, posting: Posting) -> bool:
    return not cycle.enforced or cycle.spent + cycle.held + posting.amount <= cycle.available


@transaction.atomic
def _record_late(budget: Budget, posting: Posting, at: datetime, now: datetime) -> Entry | None:
    """Record what happened in a closed window, opening that window when it never was."""
    locked = lock_current(budget, now)
    cycle = cover(locked.budget, [at])[at]
    if cycle.is_open:
        return None
    return statements.post(
        posting,
        budget_id=budget.pk,
        at=at,
        day=local_day(at, locked.budget.zone),
        now=now,
        cycle_id=cycle.pk,
    )


def posted_before(budget: Budget, posting: Posting) -> Entry | None:
    """Return the entry of this very event. Raises EventTaken when it is another budget's."""
    if not posting.source_event_id:
        return None
    first = (
        Entry.objects.of_events()
        .filter(source=posting.source, source_event_id=posting.source_event_id)
        .first()
    )
    if first is not None and first.budget_id != budget.pk:
        raise EventTaken
    return first


def reverse(*, entry: Entry, now: datetime, memo: str = "") -> Entry:
    """Post the opposite of `entry` into its own window and day, which restores every counter.

    A second reversal is answered with the first. Raises BadPosting for reversing a reversal.
    """
    if entry.reverses_id is not None:
        raise BadPosting("a reversal cannot be reversed; post the amount again")
    if first := Entry.objects.filter(reverses=entry).first():
        return first
    reversal = statements.post(
        Posting.opposite_of(entry, memo),
        budget_id=entry.budget_id,
        at=entry.occurred_at,
        day=entry.day,
        now=now,
        cycle_id=entry.cycle_id,
        reverses_id=entry.pk,
    )
    return reversal or Entry.objects.get(reverses=entry)
