"""The rows of many postings at once: hand-written SQL where the ORM would take most of the time."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import batched
from operator import attrgetter
from typing import Any

from django.db import connection

from budgets.ledger import statements
from budgets.models import DailyTotal, Entry
from budgets.money import to_micros

_ENTRY, _DAILY = (f'"{model._meta.db_table}"' for model in (Entry, DailyTotal))
_WRITTEN = [field.attname for field in Entry._meta.concrete_fields if field.attname != "id"]
_ALL_WRITTEN = attrgetter(*_WRITTEN)

#: Rows of one INSERT, of daily totals and of entries: 11 and 19 values each, 32,766 at the most.
_ROWS = 500
_ENTRY_ROWS = 1_000


def insert(entries: Sequence[Entry]) -> None:
    """Store new entries in their order, and give each its key.

    `bulk_create` does the same, and asks every field of every row what to write: that alone takes
    as long as all else that a batch takes.
    """
    adapted = [(_WRITTEN.index(name), adapt) for name, adapt in _adapters().items()]
    place = f"({', '.join(['%s'] * len(_WRITTEN))})"
    with connection.cursor() as cursor:
        for some in batched(entries, _ENTRY_ROWS, strict=False):
            values: list[Any] = []
            for entry in some:
                row = list(_ALL_WRITTEN(entry))
                for at, adapt in adapted:
                    row[at] = adapt(row[at])
                values += row
            cursor.execute(
                f"INSERT INTO {_ENTRY} ({', '.join(_WRITTEN)})"  # noqa: S608  (constants only)
                f" VALUES {', '.join([place] * len(some))} RETURNING id",
                values,
            )
            for entry, (key,) in zip(some, cursor.fetchall(), strict=True):
                entry.pk, entry._state.adding = key, False


def _adapters() -> dict[str, Callable[[Any], Any]]:
    """Return how the database takes what it does not take as it is."""
    moment = connection.ops.adapt_datetimefield_value
    return {
        "amount": to_micros,
        "occurred_at": moment,
        "recorded_at": moment,
        "day": connection.ops.adapt_datefield_value,
    }


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
                f" VALUES {places} {statements.ADD_UP}",
                [value for row in some for value in row],
            )
