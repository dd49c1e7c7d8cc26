"""Many at once: real threads, each with a connection of its own, on whichever database it is.

Nobody ever sees another exception than the ledger's own refusals.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import Sum

from budgets.ledger import (
    EventTaken,
    HoldEnded,
    OverBudget,
    Posting,
    budget_of,
    charge,
    check,
    configure,
    expire_holds,
    hold,
    ingest,
    release,
    reset,
    reverse,
    roll,
    roll_due,
    settle,
)
from budgets.models import Budget, Cycle, DailyTotal, Entry, Hold, Origin, Reset
from budgets.tests.factories import NOW, event, make_budget, open_cycle, record, spend
from budgets.tests.threads import together
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

AUGUST = datetime(2026, 8, 2, 8, tzinfo=UTC)


def of(kind, results):
    return [result for result in results if isinstance(result, kind)]


def only(kinds, results):
    """Tell whether nothing but these came back."""
    return [result for result in results if not isinstance(result, kinds)] == []


def set_aside(budget, amount, now=NOW, **details):
    return hold(budget=budget, amount=Decimal(amount), now=now, **details)


# --- Enforcement ---------------------------------------------------------------------------------


def test_of_fifty_charges_of_one_exactly_five_fit_into_five():
    budget = make_budget(limit=Decimal(10))
    spend(budget, "5")
    results = together([partial(spend, budget, "1.00")] * 50)
    assert only((Entry, OverBudget), results)
    assert len(of(Entry, results)) == 5
    assert open_cycle(budget).spent == 10
    assert Entry.objects.count() == 6
    assert DailyTotal.objects.get().amount == 10
    assert check() == []


def test_of_fifty_holds_of_one_exactly_five_fit_into_five():
    budget = make_budget(limit=Decimal(10))
    spend(budget, "5")
    results = together([partial(set_aside, budget, "1.00")] * 50)
    assert only((Hold, OverBudget), results)
    assert len(of(Hold, results)) == 5
    assert open_cycle(budget).held == 5
    assert check() == []


def test_charges_holds_and_batches_share_what_is_left():
    budget = make_budget(limit=Decimal(10))
    results = together(
        [
            *[partial(spend, budget, "1")] * 8,
            *[partial(set_aside, budget, "1")] * 8,
            *[partial(ingest, [event(budget, "1")] * 3, now=NOW)] * 4,
        ]
    )
    assert only((Entry, Hold, OverBudget, list), results)
    cycle = open_cycle(budget)
    assert cycle.spent + cycle.held == 10
    assert check() == []


def test_an_expired_hold_makes_room_for_one_of_many():
    budget = make_budget(limit=Decimal(10))
    set_aside(budget, "10")
    later = NOW + timedelta(hours=1)
    results = together([partial(spend, budget, "10", now=later)] * 8)
    assert only((Entry, OverBudget), results)
    assert len(of(Entry, results)) == 1
    assert Hold.objects.get().status == Hold.Status.EXPIRED
    assert check() == []


def test_a_limit_that_changes_meanwhile_is_never_passed():
    budget = make_budget(limit=Decimal(20))
    lower = partial(
        configure,
        budget=budget,
        settings={"limit": Decimal(3)},
        actor=None,
        origin=Origin.ADMIN,
        now=NOW,
    )
    results = together([*[partial(spend, budget, "1")] * 10, lower])
    assert only((Entry, OverBudget, list), results)
    assert check() == []
    with pytest.raises(OverBudget):
        spend(budget, "18")


# --- Exactly once --------------------------------------------------------------------------------


def test_settlements_of_one_hold_post_once():
    budget = make_budget()
    held = set_aside(budget, "4")
    results = together(
        [partial(settle, hold=held, posting=Posting(amount=Decimal(3)), now=NOW)] * 6
    )
    assert only(Entry, results)
    assert len({entry.pk for entry in of(Entry, results)}) == 1
    assert (open_cycle(budget).spent, open_cycle(budget).held) == (3, 0)
    assert check() == []


def test_a_hold_is_settled_or_released_or_expired_but_its_money_is_freed_once():
    budget = make_budget()
    keep = set_aside(budget, "7", life=timedelta(days=1))
    for _ in range(3):
        held = set_aside(budget, "4", life=timedelta(minutes=1))
        later = NOW + timedelta(hours=1)
        results = together(
            [
                *[partial(settle, hold=held, posting=Posting(amount=Decimal(3)), now=later)] * 2,
                *[partial(release, hold=held, now=NOW)] * 2,
                *[partial(expire_holds, now=later)] * 2,
            ]
        )
        assert only((Entry, Hold, HoldEnded, int), results)
    keep.refresh_from_db()
    assert open_cycle(budget).held == 7
    assert check() == []


def test_one_event_from_many_is_stored_once_and_all_are_answered():
    budget = make_budget()
    again = partial(spend, budget, "2", source="gateway", source_event_id="e1")
    results = together([again] * 8)
    assert only(Entry, results)
    assert len({entry.pk for entry in of(Entry, results)}) == 1
    assert open_cycle(budget).spent == 2
    assert check() == []


def test_one_late_event_from_many_is_stored_once_in_one_window():
    budget = make_budget()
    again = partial(
        *(record, budget, "2"),
        source="gateway",
        source_event_id="e1",
        occurred_at=NOW - timedelta(days=100),
    )
    results = together([again] * 6)
    assert only(Entry, results)
    assert Entry.objects.count() == 1
    assert Cycle.objects.filter(budget=budget).count() == 2
    assert check() == []


def test_one_event_for_two_budgets_belongs_to_one_of_them():
    budgets = [make_budget(), make_budget()]
    results = together(
        [partial(spend, budget, "2", source="gateway", source_event_id="e1") for budget in budgets]
        * 3
    )
    assert only((Entry, EventTaken), results)
    assert len(of(Entry, results)) == len(of(EventTaken, results)) == 3
    assert Entry.objects.count() == 1
    assert check() == []


def test_batches_that_overlap_and_single_charges_store_every_event_once():
    budget = make_budget(enforced=False)
    batches = [
        [event(budget, "1", f"e{number}") for number in range(start, start + 20)]
        for start in (0, 5, 10, 15)
    ]
    results = together(
        [
            *(partial(ingest, batch, now=NOW) for batch in batches),
            *[partial(spend, budget, "1", source="gateway", source_event_id="e12")] * 3,
        ]
    )
    assert only((Entry, list), results)
    assert Entry.objects.count() == open_cycle(budget).spent == 35
    assert check() == []


def test_an_entry_is_reversed_once_by_many():
    budget = make_budget()
    entry = spend(budget, "2")
    results = together([partial(reverse, entry=entry, now=NOW)] * 6)
    assert only(Entry, results)
    assert len({reversal.pk for reversal in of(Entry, results)}) == 1
    assert open_cycle(budget).spent == 0
    assert check() == []


# --- The first of all charges --------------------------------------------------------------------


def test_two_first_charges_of_a_user_without_a_budget_make_one_and_both_are_judged():
    user = UserFactory()
    Cycle.objects.all().delete()
    Budget.objects.all().delete()
    user.refresh_from_db()

    def first_charge():
        budget = budget_of(user, now=NOW)
        return charge(budget=budget, posting=Posting(amount=Decimal(20)), now=NOW)

    results = together([first_charge] * 2)
    assert only((Entry, OverBudget), results)
    assert len(of(Entry, results)) == len(of(OverBudget, results)) == 1
    budget = Budget.objects.get()
    assert (open_cycle(budget).spent, budget.limit) == (20, 30)
    assert Cycle.objects.count() == 1
    assert check() == []


# --- Windows -------------------------------------------------------------------------------------


def told_once(budget):
    """Tell whether every closed window stands in one Reset, with the money it had."""
    closed = Cycle.objects.filter(budget=budget, closed_at__isnull=False)
    return sorted(closed.values_list("pk", "spent")) == sorted(
        Reset.objects.filter(budget=budget).values_list("closed_cycle", "spent_before")
    )


def test_resets_fired_together_tell_the_money_once():
    budget = make_budget()
    spend(budget, "15")
    results = together([partial(reset, budget=budget, actor=None, now=NOW)] * 5)
    assert only(Reset, results)
    assert sorted(one.spent_before for one in of(Reset, results)) == [0, 0, 0, 0, 15]
    assert told_once(budget)
    assert check() == []


def test_rolling_together_accounts_for_every_window_once():
    budget = make_budget()
    spend(budget, "12")
    november = datetime(2026, 11, 2, tzinfo=UTC)
    results = together(
        [*[partial(roll, budget, now=november)] * 4, *[partial(roll_due, now=november)] * 4]
    )
    assert only((Cycle, int), results)
    assert {cycle.starts_at for cycle in of(Cycle, results)} == {datetime(2026, 11, 1, tzinfo=UTC)}
    assert sum(of(int, results)) in {0, 4}
    assert Reset.objects.count() == 4
    assert Reset.objects.aggregate(sum=Sum("spent_before"))["sum"] == 12
    assert told_once(budget)
    assert check() == []


def test_a_window_that_rolls_beside_charges_loses_and_doubles_nothing():
    budget = make_budget(limit=Decimal(100))
    last_moment = datetime(2026, 8, 1, tzinfo=UTC) - timedelta.resolution
    results = together(
        [
            *[partial(spend, budget, "1", now=last_moment, occurred_at=last_moment)] * 6,
            *[partial(spend, budget, "1", now=AUGUST)] * 6,
            *[partial(set_aside, budget, "1", now=AUGUST)] * 2,
            *[partial(roll, budget, now=AUGUST)] * 2,
            partial(roll_due, now=AUGUST),
            partial(ingest, [event(budget, "1")], now=AUGUST),
        ]
    )
    assert only((Entry, Hold, Cycle, int, list), results)
    assert Entry.objects.count() == 13
    for entry in Entry.objects.select_related("cycle"):
        assert entry.occurred_at in entry.cycle.window
    assert Reset.objects.count() == 1
    assert open_cycle(budget).spent == 7
    assert open_cycle(budget).held == 2
    assert check() == []


def test_resets_and_changes_of_period_beside_charges_lose_and_double_nothing():
    budget = make_budget(limit=Decimal(1000))

    def change(period):
        configure(
            budget=budget, settings={"period": period}, actor=None, origin=Origin.PAGE, now=NOW
        )

    results = together(
        [
            *[partial(spend, budget, "1")] * 12,
            *[partial(reset, budget=budget, actor=None, now=NOW)] * 3,
            *(partial(change, period) for period in ("weekly", "daily")),
        ]
    )
    assert only((Entry, Reset, type(None)), results)
    assert Entry.objects.count() == 12
    assert Cycle.objects.aggregate(sum=Sum("spent"))["sum"] == 12
    for entry in Entry.objects.select_related("cycle"):
        assert entry.occurred_at in entry.cycle.window
    assert told_once(budget)
    assert check() == []


def test_late_batches_and_reversals_of_one_closed_window_do_not_wait_for_each_other_forever():
    budget = make_budget(enforced=False)
    july = [spend(budget, "1", provider=f"p{number % 2}") for number in range(48)]
    roll(budget, now=AUGUST)
    late = [event(budget, "1", provider=f"p{n}", occurred_at=NOW) for n in range(2)]

    def reversals(entries):
        return [reverse(entry=entry, now=AUGUST) for entry in entries]

    def batches():
        return [ingest(late, now=AUGUST) for _ in range(12)]

    results = together(
        [*(partial(reversals, july[start::4]) for start in range(4)), batches, batches]
    )
    assert only(list, results)
    assert Cycle.objects.get(pk=july[0].cycle_id).spent == 2 * 12 * 2
    assert check() == []


def test_batches_for_the_same_budgets_in_another_order_do_not_wait_for_each_other_forever():
    budgets = [make_budget(enforced=False) for _ in range(4)]
    there = [event(budget, "1") for budget in budgets] * 3
    back = there[::-1]
    results = together(
        [
            *[partial(ingest, there, now=AUGUST), partial(ingest, back, now=AUGUST)] * 3,
            *[partial(roll_due, now=AUGUST)] * 2,
            *(partial(reset, budget=budget, actor=None, now=AUGUST) for budget in budgets),
        ]
    )
    assert only((list, int, Reset), results)
    assert Entry.objects.count() == 72
    assert check() == []


def test_the_audit_sees_one_moment_while_others_charge():
    budget = make_budget(enforced=False)

    def audits():
        return [drift for _ in range(8) for drift in check()]

    def charges():
        return [spend(budget, "1", provider=f"p{number}") for number in range(10)]

    results = together([audits, audits, charges, charges, charges])
    assert only(list, results)
    assert results[:2] == [[], []]
