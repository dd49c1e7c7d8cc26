"""Does every counter say what the rows behind it say?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from budgets.fields import MoneyField, money_value
from budgets.models import Cycle, DailyTotal, Entry, Hold
from budgets.money import ZERO

_KEY = ("cycle", "day", "provider", "model", "kind")
_COUNTED = ("amount", "count", "input_tokens", "output_tokens", "cached_tokens")


@dataclass(frozen=True, slots=True)
class Drift:
    """A counter that disagrees with its rows."""

    counter: str
    stored: Any
    counted: Any

    def __str__(self) -> str:
        return f"{self.counter}: stored {self.stored}, counted {self.counted}"


def check() -> list[Drift]:
    """Return every disagreement between the counters and the entries and holds."""
    with _one_snapshot():
        return [
            *_drifting_cycles("spent", Entry.objects.all()),
            *_drifting_cycles("held", Hold.objects.filter(status=Hold.Status.HELD)),
            *_drifting_days(),
            *_stale_decisions(),
        ]


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Let several queries see one moment, so that a charge between them is no disagreement.

    By a plain BEGIN, because `atomic` would keep every writer waiting on SQLite.
    """
    if connection.in_atomic_block:
        yield
        return
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ" if is_postgresql else "BEGIN")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _drifting_cycles(counter: str, rows: QuerySet[Any]) -> Iterator[Drift]:
    total = rows.filter(cycle=OuterRef("pk")).order_by().values("cycle").annotate(s=Sum("amount"))
    cycles = Cycle.objects.select_related("budget").annotate(
        counted=Coalesce(Subquery(total.values("s"), output_field=MoneyField()), money_value(ZERO))
    )
    for cycle in cycles.exclude(**{counter: F("counted")}).order_by("pk"):
        where = f"{cycle.budget}, window {cycle} (cycle {cycle.pk}): {counter}"
        yield Drift(where, f"{getattr(cycle, counter):f}", f"{vars(cycle)['counted']:f}")


def _drifting_days() -> Iterator[Drift]:
    counted = _totals(
        Entry.objects.values_list(*_KEY).annotate(
            Sum("amount"),
            Count("pk"),
            Sum("input_tokens"),
            Sum("output_tokens"),
            Sum("cached_tokens"),
        )
    )
    stored = _totals(DailyTotal.objects.values_list(*_KEY, *_COUNTED))
    for key in sorted({**counted, **stored}, key=repr):
        mine, theirs = stored.get(key), counted.get(key)
        if mine != theirs:
            where = " ".join(f"{name}={value}" for name, value in zip(_KEY, key, strict=True))
            yield Drift(f"daily total {where}", _say(mine), _say(theirs))


def _totals(rows: QuerySet[Any, Any]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {tuple(row[: len(_KEY)]): tuple(row[len(_KEY) :]) for row in rows.order_by().iterator()}


def _say(sums: tuple[Any, ...] | None) -> str:
    if sums is None:
        return "nothing"
    return ", ".join(f"{name} {value}" for name, value in zip(_COUNTED, sums, strict=True))


def _stale_decisions() -> Iterator[Drift]:
    """Yield open cycles that would decide by other settings than their budget has."""
    in_force = Case(
        When(
            Q(limit_until__isnull=False) | Q(budget__custom_limit_until=None),
            then=Coalesce("budget__custom_limit", "budget__limit"),
        ),
        default=F("budget__limit"),
    )
    cycles = Cycle.objects.open().select_related("budget").annotate(in_force=in_force)
    for cycle in cycles.filter(~Q(limit=F("in_force")) | ~Q(enforced=F("budget__enforced"))):
        yield Drift(
            f"{cycle.budget}, window {cycle} (cycle {cycle.pk}): decides by",
            f"limit {cycle.limit:f}, enforced {cycle.enforced}",
            f"limit {vars(cycle)['in_force']:f}, enforced {cycle.budget.enforced}",
        )
