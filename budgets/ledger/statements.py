"""The ledger's hot path: the hand-written SQL that decides, posts and counts.

One conditional UPDATE of the cycle row decides; nothing is read first, so parallel charges can
never pass together. PostgreSQL does all of it in one statement, which is its own transaction.
SQLite cannot write inside a WITH, so there it is three short statements in one transaction.
What many postings at once take is in `batches`; everything else in the project is plain ORM.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import IntegrityError, connection, transaction

from budgets.ledger.postings import Posting
from budgets.models import Cycle, DailyTotal, Entry, Hold
from budgets.money import from_micros, to_micros

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
#: What a decision tells of the window that it was made on: enough to say what is left.
_FIGURES = ("limit", "carried", "spent", "held")

_CURRENT = f"""SELECT *, held > 0 AND EXISTS (
    SELECT 1 FROM {_HOLD} AS hold
    WHERE hold.cycle_id = cycle.id AND hold.status = 'held' AND hold.expires_at <= %(now)s
    ) AS has_expired
    FROM {_CYCLE} AS cycle
    WHERE budget_id = %(budget)s AND closed_at IS NULL"""  # noqa: S608  (constants only)


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
    " input_tokens, output_tokens, cached_tokens, memo, source, source_event_id, priced_by, via,"
    " reverses_id",
    "%(budget)s, %(kind)s, %(amount)s, %(at)s, %(day)s, %(now)s, %(provider)s, %(model)s,"
    " %(operation)s, %(input)s, %(output)s, %(cached)s, %(memo)s, %(source)s, %(event)s,"
    " %(priced_by)s, %(via)s, %(reverses)s",
)
#: A daily total that is there already takes the new figures in.
ADD_UP = "ON CONFLICT (cycle_id, day, provider, model, kind) DO UPDATE SET " + ", ".join(
    f"{column} = {_DAILY}.{column} + excluded.{column}"
    for column in ("amount", "count", "input_tokens", "output_tokens", "cached_tokens")
)
_COUNT = _Insert(
    _DAILY,
    "budget_id, day, provider, model, kind, amount, count, input_tokens, output_tokens,"
    " cached_tokens",
    "%(budget)s, %(day)s, %(provider)s, %(model)s, %(kind)s, %(amount)s, 1, %(input)s,"
    " %(output)s, %(cached)s",
    ADD_UP,
)
_SET_ASIDE = _Insert(
    _HOLD,
    "budget_id, amount, status, memo, via, on_behalf, created_at, expires_at",
    "%(budget)s, %(amount)s, 'held', %(memo)s, %(via)s, %(on_behalf)s, %(now)s, %(expires)s",
)


class _Settled:
    """The end of a hold that was settled, by the entry that was inserted first."""

    _set = (
        f"UPDATE {_HOLD} SET status = 'settled',"  # noqa: S608  (constants only)
        " ended_at = %(now)s, entry_id ="
    )

    def from_decided(self) -> str:
        return f"{self._set} step0.id FROM step0 WHERE {_HOLD}.id = %(hold)s RETURNING {_HOLD}.id"

    def plain(self) -> str:
        return f"{self._set} %(first)s WHERE id = %(hold)s RETURNING id"


# PostgreSQL locks the window and then the hold, and reads both anew once it has them: whoever
# settles or frees the hold at the same instant comes wholly before or wholly after.
_HELD = f"""SELECT hold.id AS hold_id, hold.cycle_id AS held_in, hold.amount AS set_aside
    FROM {_CYCLE} AS cycle JOIN {_HOLD} AS hold ON hold.cycle_id = cycle.id
    WHERE hold.id = %(hold)s AND hold.status = 'held'"""  # noqa: S608  (constants only)
_LOCKED = f"{_HELD} FOR NO KEY UPDATE OF cycle, hold"


@dataclass(frozen=True)
class _Write:
    """A decision and what follows when it is favourable; it may read a `held` hold first."""

    decide: str
    steps: tuple[_Insert | _Settled, ...]
    reads_hold: bool = False

    def run(self, values: Mapping[str, Any]) -> tuple[int, ...] | None:
        """Return the id of the first inserted row, the id of its cycle and the cycle's figures.

        None when refused.
        """
        if connection.vendor == "postgresql":
            return self._run_together(values)
        return self._run_apart(values)

    @cached_property
    def _together(self) -> str:
        named = [("held_now", _LOCKED)] if self.reads_hold else []
        named.append(("decided", self.decide))
        named += [(f"step{number}", step.from_decided()) for number, step in enumerate(self.steps)]
        parts = ", ".join(f"{name} AS ({sql})" for name, sql in named)
        return (
            f"WITH {parts}"  # noqa: S608  (constants only)
            " SELECT step0.id, decided.* FROM step0, decided"
        )

    @cached_property
    def _apart(self) -> list[str]:
        first = f"WITH held_now AS ({_HELD}) {self.decide}" if self.reads_hold else self.decide
        return [first, *(step.plain() for step in self.steps)]

    def _run_together(self, values: Mapping[str, Any]) -> tuple[int, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(self._together, values)
            row: tuple[int, ...] | None = cursor.fetchone()
            return row

    def _run_apart(self, values: Mapping[str, Any]) -> tuple[int, ...] | None:
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            decide, insert, *others = self._apart
            decided = cursor.execute(decide, values).fetchone()
            if decided is None:
                return None
            values = {**values, "cycle": decided[0]}
            first = cursor.execute(insert, values).fetchone()[0]
            for step in others:
                cursor.execute(step, {**values, "first": first})
            return first, *decided


def _decide(counter: str, *conditions: str, also: str = "") -> str:
    return (
        f"UPDATE {_CYCLE}"  # noqa: S608  (constants only)
        f" SET {counter} = {counter} + %(amount)s {also}"
        f" WHERE {' '.join(conditions)} RETURNING id, {', '.join(map(_quoted, _FIGURES))}"
    )


def _quoted(column: str) -> str:
    return f'"{column}"'


_CHARGE = _Write(_decide("spent", _IN_OPEN_CYCLE, _FITS, _IS_NEW), (_POST, _COUNT))
_RECORD = _Write(_decide("spent", _IN_OPEN_CYCLE, _IS_NEW), (_POST, _COUNT))
_RECORD_LATE = _Write(_decide("spent", _IN_GIVEN_CYCLE, _IS_NEW), (_POST, _COUNT))
_HOLD_MONEY = _Write(_decide("held", _IN_OPEN_CYCLE, _FITS), (_SET_ASIDE,))
_SETTLE = _Write(
    _decide(
        "spent",
        _IN_OPEN_CYCLE,
        "AND id = held_in AND %(now)s < ends_at",
        _IS_NEW,
        also=", held = held - set_aside FROM held_now",
    ),
    (_POST, _COUNT, _Settled()),
    reads_hold=True,
)


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
    hold_id: int | None = None,
) -> Entry | None:
    """Post into the open cycle that contains `at`, or into the cycle that is named.

    With `hold_id` it settles that hold, which must still hold money in the open cycle. Returns None
    when no row was decided upon: the cycle is not there or not current, the event is known, or
    (`judged`) the amount does not fit. Of the open cycle the entry carries the figures as they are
    after it, so that nobody has to ask for them.
    """
    if hold_id is not None:
        write = _SETTLE
    elif cycle_id is not None:
        write = _RECORD_LATE
    else:
        write = _CHARGE if judged else _RECORD
    values = {
        **_values_of(posting, at=at, day=day, now=now),
        "budget": budget_id,
        "cycle": cycle_id,
        "reverses": reverses_id,
        "hold": hold_id,
    }
    try:
        # A repeat that arrives at the same instant is stopped by the unique constraint alone.
        with _guarded():
            row = write.run(values)
    except IntegrityError:
        if posting.source_event_id or reverses_id is not None:
            return None
        raise
    if row is None:
        return None
    entry = entry_of(
        posting,
        budget_id=budget_id,
        cycle_id=row[1],
        at=at,
        day=day,
        now=now,
        reverses_id=reverses_id,
    )
    entry.pk, entry._state.adding = row[0], False
    if cycle_id is None:
        entry.cycle = _open_cycle(budget_id, row[1:])
    return entry


def _values_of(posting: Posting, *, at: datetime, day: date, now: datetime) -> dict[str, Any]:
    """Return what the statements say of `posting`, as the database takes it."""
    return {
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
        "priced_by": posting.priced_by,
        "via": posting.via,
    }


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
        "priced_by": posting.priced_by,
        "via": posting.via,
        "reverses_id": reverses_id,
    }
    # Values in the order of the fields make a row in less time than keywords do.
    make: Callable[..., Entry] = Entry
    return make(*(row[name] for name in _ENTRY_FIELDS))


def set_aside(
    amount: Decimal,
    *,
    budget_id: int,
    memo: str,
    via: str,
    on_behalf: bool,
    now: datetime,
    expires_at: datetime,
) -> Hold | None:
    """Hold `amount` in the open cycle at `now`; None when it does not fit or is not current."""
    moment = connection.ops.adapt_datetimefield_value(now)
    row = _HOLD_MONEY.run(
        {
            "budget": budget_id,
            "amount": to_micros(amount),
            "at": moment,
            "now": moment,
            "memo": memo,
            "via": via,
            "on_behalf": on_behalf,
            "expires": connection.ops.adapt_datetimefield_value(expires_at),
        }
    )
    if row is None:
        return None
    hold = Hold(
        id=row[0],
        cycle=_open_cycle(budget_id, row[1:]),
        budget_id=budget_id,
        amount=amount,
        memo=memo,
        via=via,
        on_behalf=on_behalf,
        created_at=now,
        expires_at=expires_at,
    )
    hold._state.adding = False
    return hold


def current(budget_id: int, now: datetime) -> Cycle:
    """Return the open cycle, which tells by `has_expired` whether a hold in it has expired."""
    # The ORM would take longer to say it than a database to answer.
    moment = connection.ops.adapt_datetimefield_value(now)
    [cycle] = Cycle.objects.raw(_CURRENT, {"budget": budget_id, "now": moment})
    return cycle


def _open_cycle(budget_id: int, told: Sequence[int]) -> Cycle:
    """Return what a decision tells of the open cycle; its other fields are read when asked for."""
    cycle_id, *figures = told
    return Cycle.from_db(
        connection.alias,
        ["id", "budget_id", "closed_at", *_FIGURES],
        [cycle_id, budget_id, None, *map(from_micros, figures)],
    )


def _guarded() -> Any:
    """Return a savepoint inside a transaction, and nothing where the statement is its own."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
