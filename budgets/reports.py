"""What a budget was spent on: read from the daily totals, never from the entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from budgets import formats
from budgets.charts import Column, columns
from budgets.models import Budget, Cycle, DailyTotal
from budgets.money import ZERO
from budgets.periods import local_day
from budgets.splits import percentages

#: Longer spans are charted by month.
MOST_DAILY_COLUMNS = 92
UNNAMED = "Not named"


@dataclass(frozen=True, slots=True)
class Span:
    """What a breakdown covers: one window, or the local days from `first` to `last`."""

    first: date
    last: date
    cycle: Cycle | None = None
    name: str = ""

    @classmethod
    def of_cycle(cls, cycle: Cycle, budget: Budget) -> "Span":
        return cls(
            local_day(cycle.starts_at, budget.zone),
            formats.last_day(cycle.ends_at, budget.zone),
            cycle,
            formats.window(cycle.starts_at, cycle.ends_at, budget.zone),
        )

    @property
    def label(self) -> str:
        return self.name or formats.days(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Share:
    """One provider's or model's part of a span."""

    name: str
    note: str
    amount: Decimal
    count: int
    tokens: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Breakdown:
    span: Span
    total: Decimal
    count: int
    providers: list[Share]
    models: list[Share]
    bars: list[tuple[str, Decimal]]
    chart: list[Column]

    @property
    def is_named(self) -> bool:
        """Whether any of it went to a provider or model; purchases go to none."""
        return any(share.name != UNNAMED for share in (*self.providers, *self.models))

    @property
    def highest(self) -> Decimal:
        return max((amount for _, amount in self.bars), default=ZERO)

    @property
    def spending_bars(self) -> list[tuple[str, Decimal]]:
        """The rows of the chart's table: the days or months on which anything was posted."""
        return [bar for bar in self.bars if bar[1]]


def breakdown(budget: Budget, span: Span) -> Breakdown:
    """Return what was spent in `span`, by provider, by model and by day (two queries)."""
    rows = _within(budget, span)
    named = list(
        rows.order_by()
        .values("provider", "model")
        .annotate(
            total=Sum("amount"),
            entries=Sum("count"),
            tokens=Sum("input_tokens") + Sum("output_tokens"),
        )
    )
    by_day = dict(rows.order_by().values_list("day").annotate(Sum("amount")))
    bars = _bars(span, by_day)
    return Breakdown(
        span=span,
        total=sum((row["total"] for row in named), ZERO),
        count=sum(row["entries"] for row in named),
        providers=_shares(named, by="provider"),
        models=_shares(named, by="model", note="provider"),
        bars=bars,
        chart=columns(bars),
    )


def _within(budget: Budget, span: Span) -> QuerySet[DailyTotal]:
    if span.cycle is not None:
        return DailyTotal.objects.filter(cycle=span.cycle)
    return DailyTotal.objects.filter(budget=budget, day__gte=span.first, day__lte=span.last)


def _shares(rows: Iterable[Mapping[str, Any]], *, by: str, note: str = "") -> list[Share]:
    """Group rows by a name (and its note), largest amount first, with shares that sum to 100."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        key = (row[by], row[note] if note else "")
        sums = groups.setdefault(key, [ZERO, 0, 0])
        for place, column in enumerate(("total", "entries", "tokens")):
            sums[place] += row[column]
    ordered = sorted(groups.items(), key=lambda item: (-item[1][0], item[0]))
    shares = percentages([sums[0] for _, sums in ordered])
    return [
        Share(name or UNNAMED, noted, total, entries, tokens, share)
        for ((name, noted), (total, entries, tokens)), share in zip(ordered, shares, strict=True)
    ]


def _bars(span: Span, by_day: dict[date, Decimal]) -> list[tuple[str, Decimal]]:
    """Return one labelled amount a day, or a month where the days would be too many."""
    days = [span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1)]
    if len(days) <= MOST_DAILY_COLUMNS:
        return [(formats.short_day(day), by_day.get(day, ZERO)) for day in days]
    months: dict[str, Decimal] = {}
    for day in days:
        label = formats.month(day)
        months[label] = months.get(label, ZERO) + by_day.get(day, ZERO)
    return list(months.items())


def names(budget: Budget) -> tuple[list[str], list[str]]:
    """Return the providers and the models that ever appeared in the budget (one query)."""
    pairs: Sequence[tuple[str, str]] = list(
        DailyTotal.objects.filter(budget=budget)
        .order_by()
        .values_list("provider", "model")
        .distinct()
    )
    providers = sorted({provider for provider, _ in pairs if provider})
    return providers, sorted({model for _, model in pairs if model})
