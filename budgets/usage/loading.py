"""Metered usage into the ledger: every row answered, no row half applied, no row twice."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from budgets.ledger import BadPosting, Event, Fate, Posting, budget_of, ingest
from budgets.ledger.ingesting import LARGEST_BATCH
from budgets.models import Entry
from budgets.money import ZERO
from budgets.usage.files import Problem, Record
from budgets.usage.parsing import BadRow, Reading, Row, parse
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
    records: Iterable[Record | Problem],
    *,
    user: User,
    reading: Reading,
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
    with closing(_Seen()) as seen:
        loader = _Loader(user, reading, prices, now, seen, dry_run, keep_problems)
        for record in records:
            loader.add(record)
        loader.flush()
    return loader.result


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row that is ready to be posted; `repeated` when its own id was in the file before."""

    row: Row
    posting: Posting
    repeated: bool


@dataclass(slots=True)
class _Loader:
    user: User
    reading: Reading
    prices: Prices
    now: datetime
    seen: "_Seen"
    dry_run: bool
    keep_problems: int
    result: Result = field(default_factory=Result)
    batch: list[_Candidate] = field(default_factory=list)

    @property
    def source(self) -> str:
        return f"import_usage:{self.user.pk}"

    def add(self, record: Record | Problem) -> None:
        if isinstance(record, Problem):
            self._refuse(record)
            return
        try:
            self.batch.append(self._candidate(parse(record, self.reading)))
        except (BadRow, NoPrice, BadPosting) as problem:
            self._refuse(Problem(record.line, str(problem)))
        if len(self.batch) == LARGEST_BATCH:
            self.flush()

    def flush(self) -> None:
        batch, self.batch = self.batch, []
        if batch:
            answers = self._foresee(batch) if self.dry_run else self._post(batch)
            for candidate, (fate, entry) in zip(batch, answers, strict=True):
                self._count(candidate, fate, entry)

    def _candidate(self, row: Row) -> _Candidate:
        cost = row.cost
        if cost is None:
            tokens = Tokens(row.input_tokens, row.output_tokens, row.cached_tokens)
            cost = self.prices.cost(
                tokens, provider=row.provider, model=row.model, at=row.occurred_at
            )
        event_id, repeated = self._event_id(row)
        posting = Posting(
            amount=cost,
            occurred_at=row.occurred_at,
            provider=row.provider,
            model=row.model,
            operation=row.operation,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cached_tokens=row.cached_tokens,
            source=self.source,
            source_event_id=event_id,
        )
        posting.moment(self.now)
        return _Candidate(row, posting, repeated)

    def _event_id(self, row: Row) -> tuple[str, bool]:
        """Return the row's own id, else one made of what it says and how often that was said."""
        fingerprint = row.fingerprint
        if not row.event_id:
            times = self.seen.before(fingerprint)
            return sha256(f"{fingerprint}:{times}".encode()).hexdigest(), False
        repeated = self.seen.before(f"id:{row.event_id}") > 0
        if not self.seen.before(f"id:{row.event_id}:{fingerprint}") and repeated:
            raise BadRow(f"event_id: {row.event_id[:60]} stands above with other figures")
        return row.event_id, repeated

    def _post(self, batch: list[_Candidate]) -> list[tuple[Fate, Entry | None]]:
        budget = budget_of(self.user, now=self.now)
        events = [Event(budget, candidate.posting) for candidate in batch]
        return [
            (outcome.fate, outcome.entry) for outcome in ingest(events, now=self.now, as_facts=True)
        ]

    def _foresee(self, batch: list[_Candidate]) -> list[tuple[Fate, Entry | None]]:
        """Tell what the ledger would answer, without asking it to write."""
        ids = [candidate.posting.source_event_id for candidate in batch]
        known = {
            entry.source_event_id: entry
            for entry in Entry.objects.filter(source=self.source, source_event_id__in=ids)
        }
        return [
            (Fate.DUPLICATE, known.get(event_id))
            if event_id in known or candidate.repeated
            else (Fate.ACCEPTED, None)
            for event_id, candidate in zip(ids, batch, strict=True)
        ]

    def _count(self, candidate: _Candidate, fate: Fate, entry: Entry | None) -> None:
        row, posting, result = candidate.row, candidate.posting, self.result
        if fate is Fate.ACCEPTED:
            result.accepted += 1
            result.amount += posting.amount
            result.priced += row.cost is None
            result.rounded += row.is_rounded
        elif fate is Fate.REFUSED:
            self._refuse(Problem(row.line, "event_id: is taken by somebody else’s usage"))
        elif entry is not None and not _says(entry, row):
            # An id that means something else now: to call it a repeat would lose this row's money.
            reason = f"event_id: {row.event_id[:60]} was recorded before with other figures"
            self._refuse(Problem(row.line, reason))
        else:
            result.duplicates += 1

    def _refuse(self, problem: Problem) -> None:
        self.result.invalid += 1
        if len(self.result.problems) < self.keep_problems:
            self.result.problems.append(problem)


def _says(entry: Entry, row: Row) -> bool:
    """Tell whether the entry is what the row says. A cost that was worked out may have changed."""
    same = ("occurred_at", "provider", "model", "operation")
    counts = ("input_tokens", "output_tokens", "cached_tokens")
    return all(getattr(entry, name) == getattr(row, name) for name in same + counts) and (
        row.cost is None or row.cost == entry.amount
    )


class _Seen:
    """How often each key has come by, in a private temporary database.

    SQLite keeps it in memory while it is small and moves it to a temporary file when it grows, so
    that a file of any length can be read.
    """

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, times INT) WITHOUT ROWID")

    def before(self, key: str) -> int:
        """Return how often `key` has been asked for before."""
        counted = self.database.execute(
            "INSERT INTO seen VALUES (?, 0)"
            " ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times",
            (key,),
        )
        times: int = counted.fetchone()[0]
        return times

    def close(self) -> None:
        self.database.close()
