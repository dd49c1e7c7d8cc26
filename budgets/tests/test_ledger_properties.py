"""The ledger as a whole: whatever is done to it, its counters, windows and limits hold.

Random sequences of verbs over two budgets, with time passing; after each sequence the audit is
silent, windows do not overlap, every entry lies in its window and every sum adds up.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import time_machine
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets import ledger
from budgets.ledger import BadPosting, EventTaken, HoldEnded, OverBudget, Posting
from budgets.models import Cycle, DailyTotal, Entry, Hold, Origin, Reset
from budgets.tests.factories import event, fresh, make_budget, open_cycle

#: A Saturday, the evening before clocks change in much of Europe.
START = datetime(2026, 3, 28, 20, tzinfo=UTC)

amounts = st.decimals(min_value=0, max_value=20, places=6)
which = st.integers(min_value=0, max_value=1)
any_number = st.integers(min_value=0, max_value=50)
event_names = st.sampled_from(["", "", "e1", "e2", "e3"])
spans = st.one_of(
    st.sampled_from([timedelta(0), timedelta.resolution, timedelta(minutes=16)]),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=50)),
)
limits = st.sampled_from([None, Decimal(0), Decimal(15), Decimal("30.000001"), Decimal(500)])
periods = st.sampled_from(
    [("monthly", None), ("weekly", None), ("daily", None), ("custom", 1), ("custom", 12)]
)
moves = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/Havana", "Pacific/Kiritimati", "Etc/GMT+12"]
)
details = st.fixed_dictionaries(
    {
        "provider": st.sampled_from(["", "openai"]),
        "kind": st.sampled_from(["usage", "purchase"]),
        "input_tokens": st.integers(min_value=0, max_value=5),
    }
)

operations = st.one_of(
    st.tuples(st.just("charge"), which, amounts, event_names, details),
    st.tuples(st.just("refund"), which, amounts),
    st.tuples(st.just("late"), which, amounts, event_names, spans),
    st.tuples(
        st.just("ingest"),
        st.lists(st.tuples(which, amounts, event_names, spans), min_size=1, max_size=6),
        st.booleans(),
    ),
    st.tuples(st.just("hold"), which, amounts, spans),
    st.tuples(st.just("settle"), any_number, amounts, event_names),
    st.tuples(st.just("release"), any_number),
    st.tuples(st.just("reverse"), any_number),
    st.tuples(st.just("reset"), which),
    st.tuples(st.just("limit"), which, amounts, limits, spans),
    st.tuples(st.just("enforce"), which, st.booleans()),
    st.tuples(st.just("period"), which, periods),
    st.tuples(st.just("move"), which, moves),
    st.tuples(st.just("wait"), spans),
    st.tuples(st.just("roll"), which),
    st.tuples(st.just("roll_due")),
    st.tuples(st.just("expire_holds")),
)


class World:
    """Two budgets and a clock."""

    def __init__(self, budgets):
        self.now, self.budgets = START, budgets

    def do(self, operation):
        """Do one operation; what the ledger refuses must leave no trace."""
        name, *arguments = operation
        before = self.trace()
        try:
            with time_machine.travel(self.now, tick=False):
                getattr(self, name)(*arguments)
        except (OverBudget, EventTaken, HoldEnded, BadPosting):
            assert self.trace() == before

    def trace(self):
        return Entry.objects.count(), Hold.objects.count(), DailyTotal.objects.count()

    def budget(self, index):
        return fresh(self.budgets[index])

    def charge(self, index, amount, name, extra):
        budget = self.budget(index)
        cycle = ledger.roll(budget, now=self.now)
        left = cycle.available - cycle.spent - cycle.held
        posted = Entry.objects.count()
        ledger.charge(
            budget=budget, posting=event(budget, str(amount), name, **extra).posting, now=self.now
        )
        assert Entry.objects.count() == posted or not cycle.enforced or amount <= left

    def refund(self, index, amount):
        posting = Posting(amount=-amount, kind="refund")
        ledger.charge(budget=self.budget(index), posting=posting, now=self.now, as_fact=True)

    def late(self, index, amount, name, ago):
        budget = self.budget(index)
        posting = event(budget, str(amount), name, occurred_at=self.now - ago).posting
        ledger.charge(budget=budget, posting=posting, now=self.now)

    def ingest(self, events, as_facts):
        outcomes = ledger.ingest(
            [
                event(self.budget(index), str(amount), name, occurred_at=self.now - ago)
                for index, amount, name, ago in events
            ],
            now=self.now,
            as_facts=as_facts,
        )
        assert all((outcome.entry is None) == (outcome.fate == "refused") for outcome in outcomes)

    def hold(self, index, amount, life):
        ledger.hold(budget=self.budget(index), amount=amount, now=self.now, life=life)

    def settle(self, number, amount, name):
        if held := self.one_of(Hold, number):
            posting = event(held.budget, str(amount), name).posting
            first = ledger.settle(hold=held, posting=posting, now=self.now)
            assert ledger.settle(hold=held, posting=posting, now=self.now) == first

    def release(self, number):
        if held := self.one_of(Hold, number):
            ledger.release(hold=held, now=self.now)

    def reverse(self, number):
        if entry := self.one_of(Entry, number):
            ledger.reverse(entry=entry, now=self.now)

    def reset(self, index):
        ledger.reset(budget=self.budget(index), actor=None, now=self.now)
        assert open_cycle(self.budget(index)).spent == 0

    def limit(self, index, limit, custom_limit, lasts):
        self.configure(
            index, limit=limit, custom_limit=custom_limit, custom_limit_until=self.now + lasts
        )

    def enforce(self, index, enforced):
        self.configure(index, enforced=enforced)

    def period(self, index, length):
        period, days = length
        self.configure(index, period=period, custom_days=days)

    def configure(self, index, **values):
        ledger.configure(
            budget=self.budget(index),
            settings=values,
            actor=None,
            origin=Origin.COMMAND,
            now=self.now,
        )

    def move(self, index, zone):
        user = self.budget(index).user
        user.timezone = zone
        user.save(update_fields=["timezone"])
        assert self.now < open_cycle(self.budget(index)).ends_at

    def wait(self, span):
        self.now += span

    def roll(self, index):
        cycle = ledger.roll(self.budget(index), now=self.now)
        assert self.now < cycle.ends_at

    def roll_due(self):
        ledger.roll_due(now=self.now)
        assert not Cycle.objects.due(self.now).exists()

    def expire_holds(self):
        ledger.expire_holds(now=self.now)
        assert not Hold.objects.due(self.now).exists()

    def one_of(self, model, number):
        rows = list(model.objects.order_by("pk"))
        return rows[number % len(rows)] if rows else None


def assert_that_it_holds():
    assert ledger.check() == []
    for entry in Entry.objects.select_related("cycle"):
        assert entry.occurred_at in entry.cycle.window
        assert entry.cycle.budget_id == entry.budget_id
    for budget in {cycle.budget_id for cycle in Cycle.objects.all()}:
        cycles = list(Cycle.objects.filter(budget=budget).order_by("starts_at"))
        assert all(a.ends_at <= b.starts_at for a, b in pairwise(cycles))
        assert [cycle.is_open for cycle in cycles] == [False] * (len(cycles) - 1) + [True]
        resets = Reset.objects.filter(budget=budget)
        assert all(reset.old_ends_at == reset.new_starts_at for reset in resets)
    for held in Hold.objects.filter(status=Hold.Status.HELD).select_related("cycle"):
        assert held.cycle.is_open
    sums = [
        model.objects.aggregate(sum=Sum(name))["sum"] or 0
        for model, name in ((Entry, "amount"), (Cycle, "spent"), (DailyTotal, "amount"))
    ]
    assert len(set(sums)) == 1


@pytest.mark.django_db
def test_whatever_is_done_every_counter_agrees_and_windows_do_not_overlap():
    budgets = [
        make_budget(now=START),
        make_budget(now=START, timezone="Europe/Berlin", period="daily"),
    ]

    @settings(max_examples=settings.default.max_examples // 2)
    @given(st.lists(operations, min_size=4, max_size=18))
    def try_sequence(sequence):
        with transaction.atomic():
            world = World(budgets)
            for operation in sequence:
                world.do(operation)
            assert_that_it_holds()
            transaction.set_rollback(True)

    try_sequence()


@pytest.mark.django_db
def test_nobody_spends_or_holds_more_than_the_limit():
    limit = Decimal("40.01")
    budget = make_budget(now=START, limit=limit)
    wish = st.tuples(st.sampled_from(["charge", "hold"]), amounts)

    @settings(max_examples=settings.default.max_examples // 4)
    @given(st.lists(wish, min_size=3, max_size=20))
    def try_wishes(wishes):
        with transaction.atomic():
            taken = Decimal(0)
            for verb, amount in wishes:
                fits = taken + amount <= limit
                try:
                    if verb == "charge":
                        ledger.charge(budget=budget, posting=Posting(amount=amount), now=START)
                    else:
                        ledger.hold(budget=budget, amount=amount, now=START)
                except OverBudget:
                    assert not fits
                else:
                    assert fits
                    taken += amount
            cycle = open_cycle(budget)
            assert cycle.spent + cycle.held == taken <= limit
            transaction.set_rollback(True)

    try_wishes()
