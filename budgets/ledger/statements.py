"""The ledger's hot path: the hand-written SQL that decides, posts and counts.

One conditional UPDATE of the cycle row decides; nothing is read first, so parallel charges can
never pass together. PostgreSQL does all of it in one statement, which is its own transaction.
SQLite cannot write inside a WITH, so there it is three short statements in one transaction.
Everything else in the project is plain ORM.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import IntegrityError, connection, transaction

from budgets.ledger.postings import Posting
from budgets.models import Cycle, DailyTotal, Entry, Hold
from budgets.money import to_micros

_CYCLE, _ENTRY, _DAILY, _HOLD = (
    f'"{model._meta.db_table}"' for model in (Cycle, Entry, DailyTotal, Hold)
)

_IN_OPEN_CYCLE = """budget_id = %(budget)s AND closed_at IS NULL
    AND starts_at <= %(at)s AND %(at)s < ends_at
    AND (limit_until IS NULL OR %(now)s < limit_until)"""
_IN_GIVEN_CYCLE = "id = %(cycle)s"
_FITS = 'AND (NOT enforced OR spent + held + %(amount)s <= "limit" + carried)'
# The last condition repeats that of the partial index, or SQLite would read the whole table.
_IS_NEW = f"""AND (%(event)s = '' OR NOT EXISTS (
    SELECT 1 FROM {_ENTRY} WHERE source = %(source)s AND source_event_id = %(event)s
    AND NOT (source_event_id = '')))"""  # noqa: S608  (constants only)

_ENTRY_FIELDS = [field.attname for field in Entry._meta.concrete_fields]

#: Rows of one INSERT: eleven values each, well below every database's limit of parameters.
_ROWS = 500


@dataclass(frozen=True)
class _Insert:
    """An INSERT of fixed values beside the id of the cycle that was decided upon."""

    table: str
    columns: str
    values: str
    on_conflict: str = ""

    def from_decided(self) -> str:
        return (
            f"INSERT INTO {self.table} ({self.columns}, cycle_id)"  # noqa: S608  (constants only)
            f" SELECT {self.values}, decided.id FROM decided {self.on_conflict} RETURNING id"
        )

    def plain(self) -> str:
        return (
            f"INSERT INTO {self.table} ({self.columns}, cycle_id)"  # noqa: S608  (constants only)
            f" VALUES ({self.values}, %(cycle)s) {self.on_conflict} RETURNING id"
        )


_POST = _Insert(
    _ENTRY,
    "budget_id, kind, amount, occurred_at, day, recorded_at, provider, model, operation,"
    " input_tokens, output_tokens, cached_tokens, memo, source, source_event_id, reverses_id",
    "%(budget)s, %(kind)s, %(amount)s, %(at)s, %(day)s, %(now)s, %(provider)s, %(model)s,"
    " %(operation)s, %(input)s, %(output)s, %(cached)s, %(memo)s, %(source)s, %(event)s,"
    " %(reverses)s",
)
_COUNT = _Insert(
    _DAILY,
    "budget_id, day, provider, model, kind, amount, count, input_tokens, output_tokens,"
    " cached_tokens",
    "%(budget)s, %(day)s, %(provider)s, %(model)s, %(kind)s, %(amount)s, 1, %(input)s,"
    " %(output)s, %(cached)s",
    "ON CONFLICT (cycle_id, day, provider, model, kind) DO UPDATE SET "
    + ", ".join(
        f"{column} = {_DAILY}.{column} + excluded.{column}"
        for column in ("amount", "count", "input_tokens", "output_tokens", "cached_tokens")
    ),
)
_SET_ASIDE = _Insert(
    _HOLD,
    "budget_id, amount, status, memo, created_at, expires_at",
    "%(budget)s, %(amount)s, 'held', %(memo)s, %(now)s, %(expires)s",
)


@dataclass(frozen=True)
class _Write:
    """A decision and the inserts that follow when it is favourable."""

    decide: str
    inserts: tuple[_Insert, ...]

    def run(self, values: Mapping[str, Any]) -> tuple[int, int] | None:
        """Return the ids of the first inserted row and of its cycle; None when refused."""
        if connection.vendor == "postgresql":
            return self._run_together(values)
        return self._run_apart(values)

    @cached_property
    def _together(self) -> str:
        steps = ", ".join(
            f"step{number} AS ({insert.from_decided()})"
            for number, insert in enumerate(self.inserts)
        )
        return (
            f"WITH decided AS ({self.decide}), {steps}"  # noqa: S608  (constants only)
            " SELECT step0.id, decided.id FROM step0, decided"
        )

    @cached_property
    def _apart(self) -> list[str]:
        return [insert.plain() for insert in self.inserts]

    def _run_together(self, values: Mapping[str, Any]) -> tuple[int, int] | None:
        with connection.cursor() as cursor:
            cursor.execute(self._together, values)
            row: tuple[int, int] | None = cursor.fetchone()
            return row

    def _run_apart(self, values: Mapping[str, Any]) -> tuple[int, int] | None:
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            decided = cursor.execute(self.decide, values).fetchone()
            if decided is None:
                return None
            values = {**values, "cycle": decided[0]}
            ids = [cursor.execute(insert, values).fetchone()[0] for insert in self._apart]
            return ids[0], decided[0]


def _decide(counter: str, *conditions: str) -> str:
    return (
        f"UPDATE {_CYCLE} SET {counter} = {counter} + %(amount)s"  # noqa: S608  (constants only)
        f" WHERE {' '.join(conditions)} RETURNING id"
    )


_CHARGE = _Write(_decide("spent", _IN_OPEN_CYCLE, _FITS, _IS_NEW), (_POST, _COUNT))
_RECORD = _Write(_decide("spent", _IN_OPEN_CYCLE, _IS_NEW), (_POST, _COUNT))
_RECORD_LATE = _Write(_decide("spent", _IN_GIVEN_CYCLE, _IS_NEW), (_POST, _COUNT))
_HOLD_MONEY = _Write(_decide("held", _IN_OPEN_CYCLE, _FITS), (_SET_ASIDE,))


def post(
    posting: Posting,
    *,
    budget_id: int,
    at: datetime,
    day: date,
    now: datetime,
    judged: bool = False,
    cycle_id: int | None = None,
    reverses_id: int | None = None,
) -> Entry | None:
    """Post into the open cycle that contains `at`, or into the cycle that is named.

    Returns None when no row was decided upon: the cycle is not there or not current, the event is
    known, or (`judged`) the amount does not fit.
    """
    if cycle_id is not None:
        write = _RECORD_LATE
    else:
        write = _CHARGE if judged else _RECORD
    values = {
        "budget": budget_id,
        "cycle": cycle_id,
        "kind": posting.kind,
        "amount": to_micros(posting.amount),
        "at": connection.ops.adapt_datetimefield_value(at),
        "day": connection.ops.adapt_datefield_value(day),
        "now": connection.ops.adapt_datetimefield_value(now),
        "provider": posting.provider,
        "model": posting.model,
        "operation": posting.operation,
        "input": posting.input_tokens,
        "output": posting.output_tokens,
        "cached": posting.cached_tokens,
        "memo": posting.memo,
        "source": posting.source,
        "event": posting.source_event_id,
        "reverses": reverses_id,
    }
    try:
        # A repeat that arrives at the same instant is stopped by the unique constraint alone.
        with _guarded():
            ids = write.run(values)
    except IntegrityError:
        if posting.source_event_id or reverses_id is not None:
            return None
        raise
    if ids is None:
        return None
    entry = entry_of(
        posting,
        budget_id=budget_id,
        cycle_id=ids[1],
        at=at,
        day=day,
        now=now,
        reverses_id=reverses_id,
    )
    entry.pk, entry._state.adding = ids[0], False
    return entry


def entry_of(
    posting: Posting,
    *,
    budget_id: int,
    cycle_id: int,
    at: datetime,
    day: date,
    now: datetime,
    reverses_id: int | None = None,
) -> Entry:
    """Return the row for `posting`, not yet stored."""
    row = {
        "id": None,
        "budget_id": budget_id,
        "cycle_id": cycle_id,
        "kind": posting.kind,
        "amount": posting.amount,
        "occurred_at": at,
        "day": day,
        "recorded_at": now,
        "provider": posting.provider,
        "model": posting.model,
        "operation": posting.operation,
        "input_tokens": posting.input_tokens,
        "output_tokens": posting.output_tokens,
        "cached_tokens": posting.cached_tokens,
        "memo": posting.memo,
        "source": posting.source,
        "source_event_id": posting.source_event_id,
        "reverses_id": reverses_id,
    }
    # Values in the order of the fields make a row in less time than keywords do.
    return Entry(*(row[name] for name in _ENTRY_FIELDS))


def count(entries: Sequence[Entry]) -> None:
    """Add stored entries to their daily totals, in as many rows as there are keys."""
    totals: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 5)
    for entry in entries:
        day = connection.ops.adapt_datefield_value(entry.day)
        key = (entry.budget_id, day, entry.provider, entry.model, entry.kind, entry.cycle_id)
        for place, more in enumerate(
            (
                to_micros(entry.amount),
                1,
                entry.input_tokens,
                entry.output_tokens,
                entry.cached_tokens,
            )
        ):
            totals[key][place] += more
    # In the order of their keys, so that two batches never wait for each other in a ring.
    rows = [(*key, *sums) for key, sums in sorted(totals.items())]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            places = ", ".join(["(" + ", ".join(["%s"] * len(some[0])) + ")"] * len(some))
            cursor.execute(
                f"INSERT INTO {_DAILY} (budget_id,"  # noqa: S608  (constants only)
                " day, provider, model, kind, cycle_id, amount, count, input_tokens,"
                " output_tokens, cached_tokens)"
                f" VALUES {places} {_COUNT.on_conflict}",
                [value for row in some for value in row],
            )


def set_aside(
    amount: Decimal, *, budget_id: int, memo: str, now: datetime, expires_at: datetime
) -> Hold | None:
    """Hold `amount` in the open cycle at `now`; None when it does not fit or is not current."""
    moment = connection.ops.adapt_datetimefield_value(now)
    ids = _HOLD_MONEY.run(
        {
            "budget": budget_id,
            "amount": to_micros(amount),
            "at": moment,
            "now": moment,
            "memo": memo,
            "expires": connection.ops.adapt_datetimefield_value(expires_at),
        }
    )
    if ids is None:
        return None
    hold = Hold(
        id=ids[0],
        cycle_id=ids[1],
        budget_id=budget_id,
        amount=amount,
        memo=memo,
        created_at=now,
        expires_at=expires_at,
    )
    hold._state.adding = False
    return hold


def _guarded() -> Any:
    """Return a savepoint inside a transaction, and nothing where the statement is its own."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
