"""Ingesting: many events, each with its own answer, in a fixed number of statements."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import BadPosting, EventTaken, Fate, OverBudget, check, hold, ingest, reset
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import (
    NOW,
    event,
    make_budget,
    open_cycle,
    record,
    set_up,
    spend,
)

pytestmark = pytest.mark.django_db

LAST_MONTH = NOW - timedelta(days=30)


def fates(outcomes):
    return [outcome.fate.value for outcome in outcomes]


def test_each_event_is_answered_in_its_order():
    budget = make_budget(limit=Decimal(10))
    first = spend(budget, "4", source="gateway", source_event_id="seen")
    outcomes = ingest(
        [
            event(budget, "5", "a"),
            event(budget, "4", "seen"),
            event(budget, "1.000001", "b"),
            event(budget, "1", "c"),
            event(budget, "0.000001", "d"),
        ],
        now=NOW,
    )
    assert fates(outcomes) == ["accepted", "duplicate", "refused", "accepted", "refused"]
    assert outcomes[1].entry == first
    refusal = outcomes[2].refusal
    assert isinstance(refusal, OverBudget)
    assert (refusal.limit, refusal.spent, refusal.remaining) == (10, 9, 1)
    assert refusal.asked == Decimal("1.000001")
    assert outcomes[2].entry is None
    assert open_cycle(budget).spent == 10
    assert set(Entry.objects.values_list("source_event_id", flat=True)) == {"seen", "a", "c"}
    assert check() == []


def test_accepted_events_are_the_entries_that_charge_would_have_made():
    batched, charged = make_budget(timezone="Asia/Tokyo"), make_budget(timezone="Asia/Tokyo")
    details = {
        "kind": "purchase",
        "provider": "openai",
        "model": "gpt",
        "operation": "chat",
        "input_tokens": 9,
        "output_tokens": 8,
        "cached_tokens": 7,
        "memo": "hello",
        "occurred_at": NOW - timedelta(hours=3),
    }
    [outcome] = ingest([event(batched, "1.5", **details)], now=NOW)
    entry = spend(charged, "1.5", **details)
    same = [
        field.attname
        for field in Entry._meta.concrete_fields
        if field.attname not in {"id", "budget_id", "cycle_id"}
    ]
    one, other = (Entry.objects.values(*same).get(pk=e.pk) for e in (outcome.entry, entry))
    assert one == other
    totals = [
        DailyTotal.objects.values("day", "provider", "model", "kind", "amount", "count").get(
            budget=budget
        )
        for budget in (batched, charged)
    ]
    assert totals[0] == totals[1]


def test_a_duplicate_inside_one_batch_is_answered_with_the_first():
    budget = make_budget()
    outcomes = ingest([event(budget, "1", "a"), event(budget, "2", "a")], now=NOW)
    assert fates(outcomes) == ["accepted", "duplicate"]
    assert outcomes[1].entry == outcomes[0].entry
    assert Entry.objects.get().amount == 1


def test_after_a_refusal_the_same_event_is_judged_again():
    budget = make_budget(limit=Decimal(1))
    outcomes = ingest([event(budget, "2", "a"), event(budget, "1", "a")], now=NOW)
    assert fates(outcomes) == ["refused", "accepted"]


def test_the_same_batch_again_adds_nothing():
    budget = make_budget()
    batch = [event(budget, "1", f"e{number}") for number in range(5)]
    ingest(batch, now=NOW)
    assert fates(ingest(batch, now=NOW)) == ["duplicate"] * 5
    assert open_cycle(budget).spent == 5


def test_an_event_of_another_budget_is_refused_without_a_word_about_it():
    other, mine = make_budget(), make_budget()
    spend(other, "1", source="gateway", source_event_id="seen")
    outcomes = ingest(
        [event(mine, "1", "seen"), event(other, "2", "new"), event(mine, "2", "new")], now=NOW
    )
    assert fates(outcomes) == ["refused", "accepted", "refused"]
    assert isinstance(outcomes[0].refusal, EventTaken)
    assert outcomes[0].entry is outcomes[2].entry is None
    assert open_cycle(mine).spent == 0


def test_facts_are_recorded_whatever_the_limit_and_may_be_negative():
    budget = make_budget(limit=Decimal(1))
    outcomes = ingest(
        [event(budget, "5", "a"), event(budget, "-2", "b", kind="refund")],
        now=NOW,
        as_facts=True,
    )
    assert fates(outcomes) == ["accepted", "accepted"]
    assert open_cycle(budget).spent == 3


def test_held_money_cannot_be_spent_by_a_batch():
    budget = make_budget(limit=Decimal(10))
    hold(budget=budget, amount=Decimal(6), now=NOW)
    outcomes = ingest([event(budget, "5"), event(budget, "4")], now=NOW)
    assert fates(outcomes) == ["refused", "accepted"]


def test_without_enforcement_nothing_is_refused():
    budget = make_budget(limit=Decimal(1), enforced=False)
    assert fates(ingest([event(budget, "5")], now=NOW)) == ["accepted"]


def test_events_without_an_id_are_never_duplicates():
    budget = make_budget()
    assert fates(ingest([event(budget, "1"), event(budget, "1")], now=NOW)) == ["accepted"] * 2


def test_several_budgets_in_one_batch_are_each_judged_by_their_own_limit():
    rich, poor = make_budget(limit=Decimal(100)), make_budget(limit=Decimal(1))
    outcomes = ingest(
        [event(poor, "2"), event(rich, "2"), event(poor, "1"), event(rich, "98")], now=NOW
    )
    assert fates(outcomes) == ["refused", "accepted", "accepted", "accepted"]
    assert (open_cycle(rich).spent, open_cycle(poor).spent) == (100, 1)
    assert check() == []


def test_late_events_are_recorded_in_their_windows_and_never_refused():
    budget = make_budget(limit=Decimal(1))
    outcomes = ingest(
        [
            event(budget, "5", occurred_at=LAST_MONTH),
            event(budget, "6", occurred_at=LAST_MONTH - timedelta(days=60)),
            event(budget, "7", occurred_at=LAST_MONTH + timedelta(days=1)),
            event(budget, "1"),
            event(budget, "1"),
        ],
        now=NOW,
    )
    assert fates(outcomes) == ["accepted"] * 4 + ["refused"]
    assert [
        (cycle.starts_at.month, cycle.spent)
        for cycle in Cycle.objects.filter(budget=budget).order_by("starts_at")
    ] == [(4, 6), (6, 12), (7, 1)]
    assert check() == []


def test_a_late_event_finds_the_part_of_the_window_before_a_reset():
    budget = make_budget()
    before = open_cycle(budget)
    reset(budget=budget, actor=None, now=NOW)
    [outcome] = ingest(
        [event(budget, "1", occurred_at=NOW - timedelta(hours=1))], now=NOW + timedelta(hours=1)
    )
    assert outcome.entry is not None
    assert outcome.entry.cycle_id == before.pk


def test_a_batch_of_now_goes_into_a_window_that_begins_a_moment_later():
    budget = make_budget()
    spend(budget, "1")
    reset(budget=budget, actor=None, now=NOW)
    [outcome] = ingest([event(budget, "2")], now=NOW)
    assert outcome.entry is not None
    assert outcome.entry.occurred_at in open_cycle(budget).window
    assert open_cycle(budget).spent == 2


# --- How many statements -------------------------------------------------------------------------


def batch(budget, size):
    """Return events of many days, providers and models: new, known, late and repeated ones."""
    return [
        event(
            budget,
            "0.000123",
            f"e{size}-{number % (size - 2)}",
            provider=f"p{number % 3}",
            model=f"m{number % 7}",
            occurred_at=NOW - timedelta(days=number % 5),
        )
        for number in range(size)
    ]


def statements(events):
    with CaptureQueriesContext(connection) as captured:
        outcomes = ingest(events, now=NOW)
    return len(captured), outcomes


def test_a_thousand_events_take_as_many_statements_as_ten():
    budget = make_budget()
    few, _ = statements(batch(budget, 10))
    many, outcomes = statements(batch(budget, 1000))
    assert many == few <= 9
    assert fates(outcomes).count(Fate.ACCEPTED) == 998
    assert check() == []


@pytest.mark.parametrize("period", ["monthly", "daily"])
def test_late_events_take_hardly_more_statements_when_there_are_more(period):
    budget = make_budget(period=period)

    def late(size):
        return [
            event(budget, "1", f"{size}-{n}", occurred_at=LAST_MONTH - timedelta(days=n))
            for n in range(size)
        ]

    few, _ = statements(late(10))
    many, _ = statements(late(900))
    assert few <= 10
    assert many <= few + 1  # daily totals are written 500 rows at a time
    assert check() == []


def test_a_thousand_sources_are_no_trouble():
    budget = make_budget()
    events = [
        event(budget, "0.01", source=f"s{number}", source_event_id="1") for number in range(1000)
    ]
    assert fates(ingest(events, now=NOW)) == ["accepted"] * 1000
    assert fates(ingest(events, now=NOW)) == ["duplicate"] * 1000


def test_looking_for_an_event_is_served_by_its_index():
    known = Entry.objects.of_events().filter(source="s", source_event_id="e")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "entry_unique_source_event" in known.explain()


# --- What is wrong with the batch itself ---------------------------------------------------------


def test_an_empty_batch_is_answered_with_nothing():
    assert ingest([], now=NOW) == []


def test_a_batch_has_at_most_a_thousand_events():
    budget = make_budget()
    with pytest.raises(BadPosting, match="at most 1,000 events"):
        ingest([event(budget, "0.01")] * 1001, now=NOW)
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    ("amount", "at", "message"),
    [("-1", NOW, "below zero"), ("1", NOW + timedelta(seconds=1), "in the future")],
)
def test_one_bad_event_and_nothing_is_stored(amount, at, message):
    budget = make_budget()
    with pytest.raises(BadPosting, match=message):
        ingest([event(budget, "1"), event(budget, amount, occurred_at=at)], now=NOW)
    assert Entry.objects.count() == 0


def test_a_batch_after_a_changed_limit_is_judged_by_the_new_one():
    budget = make_budget(limit=Decimal(1))
    set_up(budget, limit=Decimal(5))
    record(budget, "4")
    assert fates(ingest([event(budget, "1"), event(budget, "1")], now=NOW)) == [
        "accepted",
        "refused",
    ]
