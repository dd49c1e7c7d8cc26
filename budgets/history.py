"""A budget's postings, page by page: filtered rows, and their number without counting them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet, Sum
from django.utils.functional import cached_property

from budgets.models import Budget, DailyTotal, Entry

PAGE = 20

CSV_HEADER = [
    "when",
    "kind",
    "provider",
    "model",
    "operation",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "amount",
    "memo",
    "recorded",
    "day",
    "source",
    "source_event_id",
    "id",
    "reverses",
    "priced_by",
    "via",
]


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What of the history is asked for; empty means all. Days are local and both included."""

    provider: str = ""
    model: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def lookups(self) -> dict[str, Any]:
        asked = {
            "provider": self.provider,
            "model": self.model,
            "day__gte": self.since,
            "day__lte": self.until,
        }
        return {name: value for name, value in asked.items() if value}


class Postings:
    """Postings in their order, found through the daily totals, which tell on which days they lie.

    So the last of millions, or the few of one model, cost what the first cost.
    """

    def __init__(self, budget: Budget, asked: HistoryFilter) -> None:
        self.postings = entries(budget, asked)
        self.totals = DailyTotal.objects.filter(budget=budget, **asked.lookups)

    @cached_property
    def days(self) -> list[tuple[date, int]]:
        """Every day with postings, newest first, and how many it has."""
        by_day = self.totals.order_by("-day").values_list("day")
        return list(by_day.annotate(Sum("count")))

    @cached_property
    def count(self) -> int:
        return sum(postings for _, postings in self.days)

    def part(self, start: int, size: int) -> QuerySet[Entry]:
        """Return `size` postings, leaving out the first `start`."""
        ends = list(accumulate(postings for _, postings in self.days))
        first = bisect_right(ends, start)
        last = bisect_left(ends, start + size)
        days = [day for day, _ in self.days[first : last + 1]]
        start -= ends[first - 1] if first else 0
        return self.postings.filter(day__in=days)[start : start + size]


class _DayByDay(Paginator[Entry]):
    """The same in pages."""

    def __init__(self, found: Postings) -> None:
        super().__init__(found.postings, PAGE)
        self.found = found

    @cached_property
    def count(self) -> int:
        return self.found.count

    def page(self, number: int | str) -> Page[Entry]:
        number = self.validate_number(number)
        part = self.found.part((number - 1) * self.per_page, self.per_page)
        return Page(part, number, self)


def entries(budget: Budget, asked: HistoryFilter) -> QuerySet[Entry]:
    """Return the postings asked for, newest first."""
    return Entry.objects.for_history(budget).filter(**asked.lookups)


def paginator(budget: Budget, asked: HistoryFilter) -> Paginator[Entry]:
    """Return the pages of the history, 20 postings each (two queries a page)."""
    return _DayByDay(Postings(budget, asked))


def csv_rows(budget: Budget, asked: HistoryFilter) -> Iterator[list[object]]:
    """Yield every posting asked for as CSV cells: all six decimals, times in UTC."""
    for entry in entries(budget, asked).iterator(chunk_size=2_000):
        yield [
            entry.occurred_at.isoformat(),
            entry.kind,
            entry.provider,
            entry.model,
            entry.operation,
            entry.input_tokens,
            entry.output_tokens,
            entry.cached_tokens,
            entry.amount,
            entry.memo,
            entry.recorded_at.isoformat(),
            entry.day,
            entry.source,
            entry.source_event_id,
            entry.pk,
            entry.reverses_id,
            entry.priced_by,
            entry.via,
        ]
