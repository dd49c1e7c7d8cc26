"""Holds: money is set aside, and then spent, let go, or free again by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budgets.ledger import (
    BadPosting,
    EventTaken,
    HoldEnded,
    OverBudget,
    Posting,
    check,
    expire_holds,
    hold,
    ingest,
    release,
    reset,
    roll,
    settle,
)
from budgets.ledger.holding import DEFAULT_LIFE
from budgets.models import Entry, Hold
from budgets.tests.factories import NOW, event, make_budget, open_cycle, set_up, spend

pytestmark = pytest.mark.django_db

HELD, SETTLED, RELEASED, EXPIRED = Hold.Status.values


def set_aside(budget, amount, *, now=NOW, **details):
    return hold(budget=budget, amount=Decimal(amount), now=now, **details)


def cost(amount, **details):
    return Posting(amount=Decimal(amount), **details)


def figures(budget):
    cycle = open_cycle(budget)
    return cycle.spent, cycle.held


def status(held):
    return Hold.objects.get(pk=held.pk).status


def test_a_hold_sets_money_aside_for_a_quarter_of_an_hour():
    budget = make_budget(limit=Decimal(10))
    held = set_aside(budget, "4.5", memo="a long answer")
    assert Hold.objects.values().get(pk=held.pk) == {
        "id": held.pk,
        "budget_id": budget.pk,
        "cycle_id": open_cycle(budget).pk,
        "amount": Decimal("4.5"),
        "status": HELD,
        "memo": "a long answer",
        "via": "",
        "on_behalf": False,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
        "ended_at": None,
        "entry_id": None,
    }
    assert figures(budget) == (0, Decimal("4.5"))
    assert check() == []


def test_held_money_cannot_be_spent_or_held_again():
    budget = make_budget(limit=Decimal(10))
    set_aside(budget, "4")
    spend(budget, "5")
    with pytest.raises(OverBudget) as refusal:
        spend(budget, "1.000001")
    assert (refusal.value.spent, refusal.value.held, refusal.value.remaining) == (5, 4, 1)
    with pytest.raises(OverBudget) as refusal:
        set_aside(budget, "1.000001")
    assert (refusal.value.asked, refusal.value.remaining) == (Decimal("1.000001"), 1)
    set_aside(budget, "1")
    assert figures(budget) == (5, 5)
    assert Hold.objects.count() == 2


def test_without_enforcement_every_hold_is_granted():
    budget = make_budget(limit=Decimal(1), enforced=False)
    set_aside(budget, "5")
    assert figures(budget) == (0, 5)


@pytest.mark.parametrize("amount", ["-0.01", "0.0000001", "100000000", "NaN"])
def test_a_hold_is_an_amount_that_could_be_spent(amount):
    budget = make_budget()
    with pytest.raises((BadPosting, ArithmeticError)):
        set_aside(budget, amount)
    assert Hold.objects.count() == 0


@pytest.mark.parametrize("life", [timedelta(0), timedelta(minutes=-1)])
def test_a_hold_has_a_life(life):
    with pytest.raises(BadPosting):
        set_aside(make_budget(), "1", life=life)


# --- Settling ------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["3", "4", "0", "4.000001", "25"])
def test_settling_records_the_real_cost_even_above_the_hold_and_the_limit(amount):
    budget = make_budget(limit=Decimal(10))
    held = set_aside(budget, "4")
    entry = settle(hold=held, posting=cost(amount, provider="openai"), now=NOW)
    assert figures(budget) == (Decimal(amount), 0)
    held.refresh_from_db()
    assert (held.status, held.ended_at, held.entry) == (SETTLED, NOW, entry)
    assert entry.provider == "openai"
    assert check() == []


def test_a_second_settlement_is_answered_with_the_first_entry():
    budget = make_budget()
    held = set_aside(budget, "4")
    first = settle(hold=held, posting=cost("3"), now=NOW)
    assert settle(hold=held, posting=cost("9"), now=NOW + timedelta(hours=1)) == first
    assert figures(budget) == (3, 0)
    assert Hold.objects.get().ended_at == NOW


def test_settling_gives_back_what_was_held_too_much():
    budget = make_budget(limit=Decimal(10))
    settle(hold=set_aside(budget, "10"), posting=cost("1"), now=NOW)
    spend(budget, "9")
    with pytest.raises(OverBudget):
        spend(budget, "0.01")


def test_a_cost_is_never_negative():
    held = set_aside(make_budget(), "4")
    with pytest.raises(BadPosting, match="below zero"):
        settle(hold=held, posting=cost("-1"), now=NOW)
    assert status(held) == HELD


def test_a_cost_that_was_posted_already_settles_the_hold_without_counting_twice():
    budget = make_budget()
    held = set_aside(budget, "4")
    named = {"source": "gateway", "source_event_id": "e1"}
    first = spend(budget, "3", **named)
    assert settle(hold=held, posting=cost("3", **named), now=NOW) == first
    assert figures(budget) == (3, 0)


def test_one_event_cannot_settle_two_holds():
    budget = make_budget()
    one, two = set_aside(budget, "4"), set_aside(budget, "5")
    named = {"source": "gateway", "source_event_id": "e1"}
    settle(hold=one, posting=cost("3", **named), now=NOW)
    with pytest.raises(EventTaken):
        settle(hold=two, posting=cost("3", **named), now=NOW)
    assert status(two) == HELD
    assert figures(budget) == (3, 5)
    assert check() == []


def test_a_hold_is_settled_in_the_window_of_its_cost():
    budget = make_budget()
    held = set_aside(budget, "4", life=timedelta(days=60))
    july, august = open_cycle(budget), datetime(2026, 8, 2, tzinfo=UTC)
    entry = settle(hold=held, posting=cost("3", occurred_at=NOW), now=august)
    assert entry.cycle_id == july.pk
    assert figures(budget) == (0, 0)
    assert check() == []


# --- Letting go ----------------------------------------------------------------------------------


def test_releasing_frees_the_money_once():
    budget = make_budget(limit=Decimal(10))
    keep, held = set_aside(budget, "2"), set_aside(budget, "8")
    assert release(hold=held, now=NOW).status == RELEASED
    again = release(hold=held, now=NOW + timedelta(minutes=1))
    assert (again.status, again.ended_at) == (RELEASED, NOW)
    assert figures(budget) == (0, 2)
    assert status(keep) == HELD
    spend(budget, "8")


def test_a_released_hold_cannot_be_settled():
    budget = make_budget()
    held = set_aside(budget, "4")
    release(hold=held, now=NOW)
    with pytest.raises(HoldEnded) as refusal:
        settle(hold=held, posting=cost("3"), now=NOW)
    assert refusal.value.hold.pk == held.pk
    assert figures(budget) == (0, 0)
    assert Entry.objects.count() == 0


def test_releasing_a_settled_hold_changes_nothing():
    budget = make_budget()
    held = set_aside(budget, "4")
    settle(hold=held, posting=cost("3"), now=NOW)
    assert release(hold=held, now=NOW).status == SETTLED
    assert figures(budget) == (3, 0)


# --- Expiring ------------------------------------------------------------------------------------


def test_a_hold_lasts_until_the_moment_it_expires():
    budget = make_budget(limit=Decimal(10))
    set_aside(budget, "10")
    with pytest.raises(OverBudget):
        spend(budget, "1", now=NOW + DEFAULT_LIFE - timedelta.resolution)
    spend(budget, "1", now=NOW + DEFAULT_LIFE)
    assert figures(budget) == (1, 0)


@pytest.mark.parametrize(
    "use",
    [
        lambda budget, now: spend(budget, "10", now=now),
        lambda budget, now: set_aside(budget, "10", now=now),
        lambda budget, now: roll(budget, now=now),
        lambda budget, now: reset(budget=budget, actor=None, now=now),
        lambda budget, now: ingest([event(budget, "10")], now=now),
        lambda budget, now: expire_holds(now=now),
    ],
    ids=["charge", "hold", "roll", "reset", "ingest", "expire_holds"],
)
def test_whoever_comes_next_frees_the_money_of_an_expired_hold_and_it_stays_visible(use):
    budget = make_budget(limit=Decimal(10))
    held = set_aside(budget, "10")
    later = NOW + timedelta(hours=1)
    use(budget, later)
    held.refresh_from_db()
    assert (held.status, held.ended_at) == (EXPIRED, NOW + DEFAULT_LIFE)
    standing = open_cycle(budget)
    assert standing.spent + standing.held in {0, 10}
    assert check() == []


def test_a_batch_may_spend_what_expired_holds_gave_back():
    budget = make_budget(limit=Decimal(10))
    set_aside(budget, "10")
    [outcome] = ingest([event(budget, "10")], now=NOW + timedelta(hours=1))
    assert outcome.fate == "accepted"


def test_an_expired_hold_may_still_be_settled_because_the_money_was_spent():
    budget = make_budget()
    held = set_aside(budget, "4")
    later = NOW + timedelta(hours=1)
    expire_holds(now=later)
    entry = settle(hold=held, posting=cost("3"), now=later)
    assert figures(budget) == (3, 0)
    held.refresh_from_db()
    assert (held.status, held.entry) == (SETTLED, entry)
    assert settle(hold=held, posting=cost("3"), now=later) == entry
    assert check() == []


def test_releasing_an_expired_hold_leaves_it_expired():
    budget = make_budget()
    held = set_aside(budget, "4")
    assert release(hold=held, now=NOW + timedelta(hours=1)).status == EXPIRED
    assert figures(budget) == (0, 0)


def test_only_what_is_due_expires_and_only_once():
    one, two = make_budget(), make_budget()
    due = [set_aside(one, "1"), set_aside(one, "2"), set_aside(two, "4")]
    lasting = set_aside(one, "8", life=timedelta(days=1))
    later = NOW + timedelta(hours=1)
    assert expire_holds(now=later, budgets=[two.pk]) == 1
    assert expire_holds(now=later) == 2
    assert expire_holds(now=later) == 0
    assert {status(held) for held in due} == {EXPIRED}
    assert status(lasting) == HELD
    assert figures(one) == (0, 8)
    assert figures(two) == (0, 0)


def test_looking_for_expired_holds_when_none_is_due_asks_one_question(django_assert_num_queries):
    set_aside(make_budget(), "1")
    with django_assert_num_queries(1):
        assert expire_holds(now=NOW) == 0


# --- Windows -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["roll", "reset", "period"])
def test_a_live_hold_moves_on_with_the_window(how):
    budget = make_budget(limit=Decimal(10))
    held = set_aside(budget, "4", life=timedelta(days=90))
    old, later = open_cycle(budget), datetime(2026, 9, 3, tzinfo=UTC)
    if how == "roll":
        roll(budget, now=later)
    elif how == "reset":
        reset(budget=budget, actor=None, now=NOW)
    else:
        set_up(budget, period="weekly")
    new = open_cycle(budget)
    held.refresh_from_db()
    assert held.cycle_id == new.pk != old.pk
    assert figures(budget) == (0, 4)
    assert check() == []
    settle(hold=held, posting=cost("3"), now=max(NOW, new.starts_at))
    assert figures(budget) == (3, 0)
    assert check() == []
