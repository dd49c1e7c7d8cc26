"""Many holds settled at once, each with its own answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, F, Value, When

from budgets.fields import money_value
from budgets.ledger.ingesting import LARGEST_BATCH, Event, Fate, Outcome, ingest
from budgets.ledger.postings import BadPosting, Posting
from budgets.ledger.refusals import EventTaken, HoldEnded
from budgets.ledger.rolling import lock_many
from budgets.models import Cycle, Entry, Hold
from budgets.money import ZERO


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a hold came to."""

    hold: Hold
    posting: Posting


def settle_many(settlements: Sequence[Settlement], *, now: datetime) -> list[Outcome]:
    """Settle up to 1,000 holds in one transaction and answer each, in their order.

    The rules are those of `settle`, one after the other; a hold that was settled before is a
    duplicate. The number of statements does not grow with the number of holds. Raises BadPosting,
    with nothing stored, when the batch is too large or a posting could not be a settlement.
    """
    if len(settlements) > LARGEST_BATCH:
        raise BadPosting(f"a batch has at most {LARGEST_BATCH:,} holds")
    if any(settlement.posting.amount < 0 for settlement in settlements):
        raise BadPosting("amount: below zero")
    if not settlements:
        return []
    with transaction.atomic():
        return _Batch(settlements, now).settle()


class _Batch:
    """The holds of one transaction, locked behind their windows."""

    def __init__(self, settlements: Sequence[Settlement], now: datetime) -> None:
        self.settlements, self.now = settlements, now
        budgets = {settlement.hold.budget_id for settlement in settlements}
        self.budgets = {one.budget.pk: one.budget for one in lock_many(budgets, now)}
        keys = {settlement.hold.pk for settlement in settlements}
        self.holds = Hold.objects.select_related("entry").in_bulk(keys)
        self.settled: dict[int, Entry] = {}

    def settle(self) -> list[Outcome]:
        answers = self._post()
        if self.settled:
            self._free()
            self._write()
        keys = [settlement.hold.pk for settlement in self.settlements]
        # Each answer is taken out by the first who asks: the next one settled it again.
        return [answers.pop(key) if key in answers else self._again(key) for key in keys]

    def _post(self) -> dict[int, Outcome]:
        """Post what the live holds came to. Returns the answer to each, by its key."""
        due: dict[int, Event] = {}
        for settlement in self.settlements:
            hold = self.holds[settlement.hold.pk]
            if hold.entry is None and hold.status != Hold.Status.RELEASED:
                due.setdefault(hold.pk, Event(self.budgets[hold.budget_id], settlement.posting))
        outcomes = ingest(list(due.values()), now=self.now, as_facts=True)
        known = [one.entry for one in outcomes if one.fate is Fate.DUPLICATE]
        taken = set(Hold.objects.filter(entry__in=known).values_list("entry", flat=True))
        answers = {}
        for key, outcome in zip(due, outcomes, strict=True):
            entry = outcome.entry
            if entry is not None and entry.pk in taken:
                answers[key] = Outcome(Fate.REFUSED, refusal=EventTaken())
                continue
            answers[key] = outcome
            if entry is not None:
                taken.add(entry.pk)
                self.settled[key] = entry
        return answers

    def _again(self, key: int) -> Outcome:
        """Answer what was settled or released before, perhaps further up in this batch."""
        hold = self.holds[key]
        entry = self.settled.get(key) or hold.entry
        if entry is not None:
            return Outcome(Fate.DUPLICATE, entry)
        refusal = HoldEnded(hold) if hold.status == Hold.Status.RELEASED else EventTaken()
        return Outcome(Fate.REFUSED, refusal=refusal)

    def _free(self) -> None:
        freed: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for key in self.settled:
            if self.holds[key].status == Hold.Status.HELD:
                freed[self.holds[key].cycle_id] += self.holds[key].amount
        amounts = (When(pk=cycle, then=money_value(amount)) for cycle, amount in freed.items())
        if freed:
            Cycle.objects.filter(pk__in=freed).update(
                held=F("held") - Case(*amounts, default=money_value(ZERO))
            )

    def _write(self) -> None:
        entries = (When(pk=key, then=Value(entry.pk)) for key, entry in self.settled.items())
        Hold.objects.filter(pk__in=self.settled).update(
            status=Hold.Status.SETTLED, ended_at=self.now, entry=Case(*entries)
        )
