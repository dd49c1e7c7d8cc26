"""Metered usage into the ledger: every row answered, no row half applied, no row twice."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple, Self

from django.db import transaction

from budgets.ledger import BadPosting, Event, Fate, Posting, budget_of, ingest
from budgets.ledger.ingesting import LARGEST_BATCH
from budgets.models import Entry
from budgets.money import ZERO
from budgets.usage.files import Problem
from budgets.usage.parsing import BadRow, Row
from budgets.usage.pricing import NoPrice, Prices, Tokens
from people.models import User


@dataclass(slots=True)
class Result:
    """What became of the rows of one file. `amount` is the sum of the accepted ones.

    `priced` and `rounded` count among the accepted: costs worked out from tokens, and given costs
    that had more than six places. `problems` are the first of the invalid ones.
    """

    accepted: int = 0
    duplicates: int = 0
    invalid: int = 0
    priced: int = 0
    rounded: int = 0
    amount: Decimal = ZERO
    problems: list[Problem] = field(default_factory=list)


def load(
    rows: Iterable[Row | Problem],
    *,
    user: User,
    prices: Prices,
    now: datetime,
    dry_run: bool = False,
    keep_problems: int = 20,
) -> Result:
    """Record the usage of `user`, whatever their limit, in batches of 1,000 rows.

    Each batch is one transaction, and a row that was recorded before is answered as a duplicate,
    so an import that was interrupted is finished by running it again. With `dry_run` nothing is
    stored and the answers are what they would be.
    """
    with Names() as names:
        loader = _Loader(user, now, dry_run, keep_problems)
        for candidate in postings(rows, user=user, prices=prices, now=now, names=names):
            loader.add(candidate)
        loader.flush()
    return loader.result


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that is ready to be posted; `repeated` when its own id was in the file before."""

    row: Row
    posting: Posting
    repeated: bool


#: How the source of every imported entry begins.
SOURCE = "import_usage:"


def source_of(user: User) -> str:
    """Return what the ledger calls the files of `user`: an event's id is unique within it."""
    return f"{SOURCE}{user.pk}"


def postings(
    rows: Iterable[Row | Problem], *, user: User, prices: Prices, now: datetime, names: "Names"
) -> Iterator[Candidate | Problem]:
    """Price and name the rows of one file, in their order and one at a time.

    The same file has the same names each time, whoever imports it by whichever way, so nothing
    counts twice. `names` has heard of every earlier row of the file: to go on in the middle of one,
    let it hear of those first, by `Names.of`.
    """
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        try:
            yield _candidate(row, user, prices, now, names)
        except NoPrice as problem:
            yield Problem(row.line, problem.reason, problem.hint)
        except (BadRow, BadPosting) as problem:
            yield Problem(row.line, str(problem))


def _candidate(row: Row, user: User, prices: Prices, now: datetime, names: "Names") -> Candidate:
    cost, priced_by = row.cost, ""
    if cost is None:
        tokens = Tokens(row.input_tokens, row.output_tokens, row.cached_tokens, row.detail)
        cost = prices.cost(tokens, provider=row.provider, model=row.model, at=row.occurred_at)
        priced_by = prices.label
    name = names.of(row)
    posting = Posting(
        amount=cost,
        occurred_at=row.occurred_at,
        provider=row.provider,
        model=row.model,
        operation=row.operation,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cached_tokens=row.cached_tokens,
        source=source_of(user),
        source_event_id=name.event_id,
        priced_by=priced_by,
    )
    posting.moment(now)
    return Candidate(row, posting, name.repeated)


@dataclass(slots=True)
class _Loader:
    user: User
    now: datetime
    dry_run: bool
    keep_problems: int
    result: Result = field(default_factory=Result)
    batch: list[Candidate] = field(default_factory=list)

    def add(self, candidate: Candidate | Problem) -> None:
        if isinstance(candidate, Problem):
            self._refuse(candidate)
            return
        self.batch.append(candidate)
        if len(self.batch) == LARGEST_BATCH:
            self.flush()

    def flush(self) -> None:
        batch, self.batch = self.batch, []
        if batch:
            answers = self._foresee(batch) if self.dry_run else self._post(batch)
            for candidate, (fate, entry) in zip(batch, answers, strict=True):
                self._count(candidate, fate, entry)

    @transaction.atomic
    def _post(self, batch: list[Candidate]) -> list[tuple[Fate, Entry | None]]:
        # One at a time with imports on the pages: what they undo meanwhile is known by then.
        User.objects.select_for_update(no_key=True).get(pk=self.user.pk)
        known, budget = self._known(batch), budget_of(self.user, now=self.now)
        events = [Event(budget, known.renamed_in(candidate.posting)) for candidate in batch]
        return [
            (outcome.fate, outcome.entry) for outcome in ingest(events, now=self.now, as_facts=True)
        ]

    def _foresee(self, batch: list[Candidate]) -> list[tuple[Fate, Entry | None]]:
        """Tell what the ledger would answer, without asking it to write."""
        known = self._known(batch)
        found = [known.of_event(one.posting.source_event_id)[1] for one in batch]
        return [
            (Fate.DUPLICATE, entry) if entry or candidate.repeated else (Fate.ACCEPTED, None)
            for entry, candidate in zip(found, batch, strict=True)
        ]

    def _known(self, batch: list[Candidate]) -> "Known":
        events = {candidate.posting.source_event_id for candidate in batch}
        return Known.of(source_of(self.user), events)

    def _count(self, candidate: Candidate, fate: Fate, entry: Entry | None) -> None:
        row, posting, result = candidate.row, candidate.posting, self.result
        if fate is Fate.ACCEPTED:
            result.accepted += 1
            result.amount += posting.amount
            result.priced += row.cost is None
            result.rounded += row.is_rounded
        elif fate is Fate.REFUSED:
            self._refuse(Problem(row.line, "event_id: is taken by somebody else’s usage"))
        elif entry is not None and not says(entry, row):
            # An id that means something else now: to call it a repeat would lose this row's money.
            reason = f"event_id: {row.event_id[:60]} was recorded before with other figures"
            self._refuse(Problem(row.line, reason))
        else:
            result.duplicates += 1

    def _refuse(self, problem: Problem) -> None:
        self.result.invalid += 1
        if len(self.result.problems) < self.keep_problems:
            self.result.problems.append(problem)


def says(entry: Entry, row: Row) -> bool:
    """Tell whether the entry is what the row says. A cost that was worked out may have changed."""
    same = ("occurred_at", "provider", "model", "operation")
    counts = ("input_tokens", "output_tokens", "cached_tokens")
    return all(getattr(entry, name) == getattr(row, name) for name in same + counts) and (
        row.cost is None or row.cost == entry.amount
    )


class Known:
    """What the ledger has under the names of some events, and their names when it was taken back.

    An entry is never deleted: what was reversed and comes again is another event.
    """

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._renamed: dict[str, str] = {}

    @classmethod
    def of(cls, source: str, events: Collection[str]) -> Self:
        """Look them up; once more for each time that the same file was undone before."""
        known = cls()
        asked = {event: event for event in events}
        while asked:
            found = Entry.objects.of_events().filter(source=source, source_event_id__in=asked)
            again = {}
            for entry in found.select_related("reversed_by"):
                if hasattr(entry, "reversed_by"):
                    first = asked[entry.source_event_id]
                    known._renamed[first] = again_after(entry.source_event_id)
                    again[known._renamed[first]] = first
                else:
                    known._entries[entry.source_event_id] = entry
            asked = again
        return known

    def of_event(self, event: str) -> tuple[str, Entry | None]:
        """Return what an event is called by now, and its entry if it counts."""
        name = self._renamed.get(event, event)
        return name, self._entries.get(name)

    def renamed_in(self, posting: Posting) -> Posting:
        """Return a posting under the name that its event has by now."""
        return replace(posting, source_event_id=self.of_event(posting.source_event_id)[0])


def again_after(event: str) -> str:
    """Return what an event is called that was taken back and is recorded again."""
    return sha256(f"again:{event}".encode()).hexdigest()


class Name(NamedTuple):
    """What the ledger calls a row; `repeated` when its own id was in the file before."""

    event_id: str
    repeated: bool


class Names:
    """The names of the rows of one file: how often each was said is kept apart from memory.

    SQLite keeps it in memory while it is small and moves it to a temporary file when it grows, so
    that a file of any length can be read.
    """

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, times INT) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.database.close()

    def of(self, row: Row) -> Name:
        """Return the row's own id, else one made of what it says and how often that was said.

        Raises BadRow when the file has said something else under the row's own id.
        """
        fingerprint = row.fingerprint
        if not row.event_id:
            times = self._times(fingerprint)
            return Name(sha256(f"{fingerprint}:{times}".encode()).hexdigest(), repeated=False)
        repeated = self._times(f"id:{row.event_id}") > 0
        if not self._times(f"id:{row.event_id}:{fingerprint}") and repeated:
            raise BadRow(f"event_id: {row.event_id[:60]} stands above with other figures")
        return Name(row.event_id, repeated)

    def _times(self, key: str) -> int:
        """Return how often `key` has been asked for before."""
        counted = self.database.execute(
            "INSERT INTO seen VALUES (?, 0)"
            " ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times",
            (key,),
        )
        times: int = counted.fetchone()[0]
        return times
