"""Taking many postings back at once."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, F, When

from budgets.fields import money_value
from budgets.ledger import batches, statements
from budgets.ledger.postings import BadPosting, Posting
from budgets.ledger.rolling import lock_many
from budgets.models import Cycle, Entry
from budgets.money import ZERO


@transaction.atomic
def reverse_many(*, entries: Collection[Entry], now: datetime) -> list[Entry]:
    """Post the opposite of each of these entries, as `reverse` does, with its memo.

    One that was reversed before is left out; so the answer may be shorter. The number of statements
    does not grow with the number of entries. Raises BadPosting for reversing a reversal.
    """
    if any(entry.reverses_id is not None for entry in entries):
        raise BadPosting("a reversal cannot be reversed; post the amount again")
    # The budgets first: whoever posts late takes them before any window.
    lock_many(sorted({entry.budget_id for entry in entries}), now)
    _lock_cycles(entries)
    keys = [entry.pk for entry in entries]
    taken_back = set(Entry.objects.filter(reverses__in=keys).values_list("reverses_id", flat=True))
    standing = {entry.pk: entry for entry in entries if entry.pk not in taken_back}
    opposites = [_opposite(standing[key], now) for key in sorted(standing)]
    if opposites:
        _add_to_cycles(opposites)
        batches.insert(opposites)
        batches.count(opposites)
    return opposites


def _lock_cycles(entries: Collection[Entry]) -> None:
    """Keep the windows to this transaction: a reversal beside this one waits for its own."""
    cycles = Cycle.objects.filter(pk__in={entry.cycle_id for entry in entries}).order_by("pk")
    list(cycles.select_for_update(no_key=True).values_list("pk"))


def _opposite(entry: Entry, now: datetime) -> Entry:
    return statements.entry_of(
        Posting.opposite_of(entry, entry.memo),
        budget_id=entry.budget_id,
        cycle_id=entry.cycle_id,
        at=entry.occurred_at,
        day=entry.day,
        now=now,
        reverses_id=entry.pk,
    )


def _add_to_cycles(entries: Collection[Entry]) -> None:
    added: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        added[entry.cycle_id] += entry.amount
    sums = (When(pk=cycle, then=money_value(amount)) for cycle, amount in added.items())
    Cycle.objects.filter(pk__in=added).update(
        spent=F("spent") + Case(*sums, default=money_value(ZERO))
    )
