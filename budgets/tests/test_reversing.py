"""Reversing: a correction is a new entry, and every counter is as it was."""

from datetime import timedelta
from decimal import Decimal

import pytest

from budgets.ledger import BadPosting, check, reset, reverse
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import NOW, make_budget, open_cycle, record, spend

pytestmark = pytest.mark.django_db

USE = {
    "provider": "anthropic",
    "model": "claude",
    "operation": "messages",
    "input_tokens": 900,
    "output_tokens": 80,
    "cached_tokens": 7,
    "memo": "a question",
    "source": "gateway",
    "source_event_id": "e1",
}


def test_a_reversal_restores_both_counters():
    budget = make_budget()
    spend(budget, "1", provider="anthropic", model="claude", input_tokens=3)
    entry = spend(budget, "2.345678", **USE)
    reversal = reverse(entry=entry, now=NOW + timedelta(hours=1), memo="twice by mistake")
    assert open_cycle(budget).spent == 1
    total = DailyTotal.objects.get()
    assert (total.amount, total.count) == (Decimal(1), 3)
    assert (total.input_tokens, total.output_tokens, total.cached_tokens) == (3, 0, 0)
    stored = Entry.objects.get(pk=reversal.pk)
    assert stored.reverses == entry
    assert (stored.amount, stored.day, stored.cycle_id) == (
        Decimal("-2.345678"),
        entry.day,
        entry.cycle_id,
    )
    assert (stored.occurred_at, stored.recorded_at) == (NOW, NOW + timedelta(hours=1))
    assert (stored.memo, stored.source_event_id) == ("twice by mistake", "")
    assert check() == []


def test_the_entry_itself_stays_as_it_was():
    entry = spend(make_budget(), "2", **USE)
    before = Entry.objects.values().get(pk=entry.pk)
    reverse(entry=entry, now=NOW)
    assert Entry.objects.values().get(pk=entry.pk) == before


def test_reversing_twice_is_answered_with_the_first_reversal():
    budget = make_budget()
    entry = spend(budget, "2")
    first = reverse(entry=entry, now=NOW)
    assert reverse(entry=entry, now=NOW) == first
    assert Entry.objects.count() == 2
    assert open_cycle(budget).spent == 0


def test_a_reversal_cannot_be_reversed():
    budget = make_budget()
    reversal = reverse(entry=spend(budget, "2"), now=NOW)
    with pytest.raises(BadPosting, match="a reversal cannot be reversed"):
        reverse(entry=reversal, now=NOW)
    assert open_cycle(budget).spent == 0


def test_a_reversal_of_something_old_corrects_the_old_window():
    budget = make_budget()
    entry = spend(budget, "2")
    later = NOW + timedelta(days=40)
    spend(budget, "5", now=later)
    reverse(entry=entry, now=later)
    assert Cycle.objects.get(pk=entry.cycle_id).spent == 0
    assert open_cycle(budget).spent == 5
    assert check() == []


def test_a_reversal_after_a_reset_does_not_touch_the_new_window():
    budget = make_budget()
    entry = spend(budget, "2")
    reset(budget=budget, actor=None, now=NOW + timedelta(hours=1))
    reverse(entry=entry, now=NOW + timedelta(hours=2))
    assert open_cycle(budget).spent == 0
    assert Cycle.objects.get(pk=entry.cycle_id).spent == 0


def test_a_refund_can_be_taken_back_even_when_that_passes_the_limit():
    budget = make_budget(limit=Decimal(10))
    refund = record(budget, "-5", kind=Entry.Kind.REFUND)
    spend(budget, "15")
    reverse(entry=refund, now=NOW)
    assert open_cycle(budget).spent == 15


def test_what_was_reversed_makes_room_again():
    budget = make_budget(limit=Decimal(10))
    entry = spend(budget, "10")
    reverse(entry=entry, now=NOW)
    spend(budget, "10")
    assert open_cycle(budget).spent == 10
