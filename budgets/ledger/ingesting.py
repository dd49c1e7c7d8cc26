"""Many events at once, each with its own answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import Case, F, When

from budgets.fields import money_value
from budgets.ledger import batches, statements
from budgets.ledger.covering import cover
from budgets.ledger.postings import BadPosting, Posting
from budgets.ledger.refusals import EventTaken, HoldEnded, OverBudget
from budgets.ledger.rolling import lock_many
from budgets.models import Budget, Cycle, Entry
from budgets.money import ZERO
from budgets.periods import local_day

LARGEST_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Event:
    """A posting for one budget."""

    budget: Budget
    posting: Posting


class Fate(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event: its entry, or why there is none."""

    fate: Fate
    entry: Entry | None = None
    refusal: OverBudget | EventTaken | HoldEnded | None = None


def ingest(events: Sequence[Event], *, now: datetime, as_facts: bool = False) -> list[Outcome]:
    """Post up to 1,000 events in one transaction and answer each, in their order.

    The rules are those of `charge`, decided one after the other. The number of statements does not
    grow with the number of events. Raises BadPosting, with nothing stored, when the batch is too
    large, an event lies in the future or an amount is negative without being a fact.
    """
    if len(events) > LARGEST_BATCH:
        raise BadPosting(f"a batch has at most {LARGEST_BATCH:,} events")
    for event in events:
        event.posting.moment(now)
        if event.posting.amount < 0 and not as_facts:
            raise BadPosting("amount: below zero")
    if not events:
        return []
    try:
        with transaction.atomic():
            return _Batch(events, now, as_facts=as_facts).post()
    except IntegrityError:
        # Somebody posted one of these events at the same instant: now it is there to be found.
        with transaction.atomic():
            return _Batch(events, now, as_facts=as_facts).post()


class _Batch:
    """The events of one transaction, and what has been decided about them so far."""

    def __init__(self, events: Sequence[Event], now: datetime, *, as_facts: bool) -> None:
        self.events, self.now, self.as_facts = events, now, as_facts
        self.added: dict[Cycle, Decimal] = defaultdict(lambda: ZERO)
        self.entries: list[Entry] = []

    def post(self) -> list[Outcome]:
        self.open = {
            locked.budget.pk: locked
            for locked in lock_many({event.budget.pk for event in self.events}, self.now)
        }
        self.known = self._posted_before()
        cycles = self._cycles()
        outcomes = [
            self._decide(event, cycle) for event, cycle in zip(self.events, cycles, strict=True)
        ]
        if self.entries:
            # The cycles first: a reversal waits for its cycle before it counts, and so must we.
            self._add_to_cycles()
            batches.insert(self.entries)
            batches.count(self.entries)
        return outcomes

    def _posted_before(self) -> dict[tuple[str, str], Entry]:
        wanted = [event.posting for event in self.events if event.posting.source_event_id]
        if not wanted:
            return {}
        # Two plain lists may find a pair that nobody asked for, which does no harm.
        found = Entry.objects.of_events().filter(
            source__in={posting.source for posting in wanted},
            source_event_id__in={posting.source_event_id for posting in wanted},
        )
        return {(entry.source, entry.source_event_id): entry for entry in found}

    def _cycles(self) -> list[Cycle]:
        """Return the cycle that each event falls into, opening closed ones where needed."""
        late: dict[int, list[datetime]] = defaultdict(list)
        for event in self.events:
            if self._at(event) < self.open[event.budget.pk].cycle.starts_at:
                late[event.budget.pk].append(self._at(event))
        closed = {
            budget_id: cover(self.open[budget_id].budget, moments)
            for budget_id, moments in sorted(late.items())
        }
        return [
            closed.get(event.budget.pk, {}).get(self._at(event)) or self.open[event.budget.pk].cycle
            for event in self.events
        ]

    def _at(self, event: Event) -> datetime:
        """Return when the event happened; what happens now is never before the open window."""
        start = self.open[event.budget.pk].cycle.starts_at
        return event.posting.occurred_at or max(self.now, start)

    def _decide(self, event: Event, cycle: Cycle) -> Outcome:
        posting = event.posting
        key = (posting.source, posting.source_event_id)
        if posting.source_event_id and (first := self.known.get(key)):
            if first.budget_id != event.budget.pk:
                return Outcome(Fate.REFUSED, refusal=EventTaken())
            return Outcome(Fate.DUPLICATE, first)
        judged = cycle.is_open and cycle.enforced and not self.as_facts
        if judged and cycle.spent + cycle.held + posting.amount > cycle.available:
            return Outcome(Fate.REFUSED, refusal=OverBudget.in_cycle(cycle, posting.amount))
        # The row in hand keeps the running sum; the database gets the difference.
        cycle.spent += posting.amount
        self.added[cycle] += posting.amount
        entry = self._entry(event, cycle)
        self.entries.append(entry)
        self.known[key] = entry
        return Outcome(Fate.ACCEPTED, entry)

    def _entry(self, event: Event, cycle: Cycle) -> Entry:
        posting, at = event.posting, self._at(event)
        return statements.entry_of(
            posting,
            cycle_id=cycle.pk,
            budget_id=event.budget.pk,
            at=at,
            day=local_day(at, self.open[event.budget.pk].budget.zone),
            now=self.now,
        )

    def _add_to_cycles(self) -> None:
        Cycle.objects.filter(pk__in=[cycle.pk for cycle in self.added]).update(
            spent=F("spent")
            + Case(
                *(
                    When(pk=cycle.pk, then=money_value(amount))
                    for cycle, amount in self.added.items()
                ),
                default=money_value(ZERO),
            )
        )
