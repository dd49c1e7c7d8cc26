"""Many postings taken back at once: as one after the other, in as many statements as a few."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from budgets import ledger
from budgets.ledger import BadPosting, reverse, reverse_many
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import NOW, make_budget, record, spend
from budgets.tests.threads import together

pytestmark = pytest.mark.django_db

SAID = (
    *("budget", "cycle", "kind", "amount", "occurred_at", "day", "recorded_at", "provider"),
    *("model", "operation", "input_tokens", "output_tokens", "cached_tokens", "memo", "source"),
    *("source_event_id", "reverses"),
)


@pytest.fixture
def budget():
    return make_budget(limit=Decimal(5000))


def some(budget):
    """Return entries of two windows, kinds and models, one of them a refund."""
    words = {"provider": "openai", "model": "m", "operation": "chat", "memo": "Why"}
    tokens = {"input_tokens": 5, "output_tokens": 7, "cached_tokens": 2}
    return [
        record(budget, "1.25", **words, **tokens),
        record(budget, "-0.5", kind="refund"),
        record(budget, "3", kind="purchase", occurred_at=NOW - timedelta(days=400)),
        record(budget, "2", source="gateway", source_event_id="e1"),
        record(make_budget(), "7"),
    ]


def entries():
    return sorted(Entry.objects.filter(reverses__isnull=False).values_list(*SAID), key=str)


def counters():
    cycles = sorted(Cycle.objects.values_list("pk", "spent"))
    fields = ("cycle", "day", "kind", "amount", "count", "input_tokens", "cached_tokens")
    return cycles, sorted(DailyTotal.objects.values_list(*fields))


def tried(call):
    """Return what a way of reversing posts and counts; nothing of it stays."""
    with transaction.atomic():
        call()
        assert set(Cycle.objects.values_list("spent", flat=True)) == {Decimal(0)}
        assert ledger.check() == []
        found = entries(), counters()
        transaction.set_rollback(True)
    return found


def test_it_comes_to_what_single_reversals_come_to(budget):
    posted = some(budget)

    def one_by_one():
        for entry in posted:
            reverse(entry=entry, now=NOW, memo=entry.memo)

    assert tried(partial(reverse_many, entries=posted, now=NOW)) == tried(one_by_one)


def test_what_was_reversed_before_is_left_out(budget):
    posted = some(budget)
    reverse(entry=posted[0], now=NOW)
    assert len(reverse_many(entries=posted, now=NOW)) == len(posted) - 1
    assert reverse_many(entries=posted, now=NOW) == []
    assert Entry.objects.filter(reverses__isnull=False).count() == len(posted)
    assert ledger.check() == []


def test_a_reversal_cannot_be_reversed(budget):
    opposite = reverse(entry=spend(budget, "1"), now=NOW)
    with pytest.raises(BadPosting):
        reverse_many(entries=[opposite], now=NOW)


def test_nothing_is_nothing():
    assert reverse_many(entries=[], now=NOW) == []


def test_hundreds_take_as_many_statements_as_two(budget):
    def statements(count):
        posted = [record(budget, "0.01") for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            reverse_many(entries=posted, now=NOW)
        return len(queries)

    assert statements(2) == statements(300)
    assert ledger.check() == []


@pytest.mark.django_db(transaction=True)
def test_beside_single_reversals_and_charges_each_is_taken_back_once(budget):
    posted = [record(budget, "1") for _ in range(8)]
    calls = [
        *[partial(reverse_many, entries=posted, now=NOW)] * 2,
        partial(reverse_many, entries=posted[::-1], now=NOW),
        *(partial(spend, budget, "0.5") for _ in range(4)),
    ]
    results: list[object] = [*together(calls)]
    assert not any(isinstance(result, Exception) for result in results)
    assert Entry.objects.filter(reverses__isnull=False).count() == 8
    assert Cycle.objects.open().get(budget=budget).spent == Decimal(2)
    assert ledger.check() == []
