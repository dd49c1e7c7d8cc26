"""Charging: one row decides, and a refusal stores nothing and tells its numbers."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, transaction

from budgets.ledger import (
    BadPosting,
    Busy,
    EventTaken,
    OverBudget,
    Posting,
    charge,
    charge_once,
    check,
    hold,
    roll,
)
from budgets.models import DailyTotal, Entry
from budgets.money import MAX_AMOUNT
from budgets.tests.factories import NOW, make_budget, open_cycle, record, set_up, spend

pytestmark = pytest.mark.django_db


def test_ten_charges_of_fifteen_cents_make_exactly_one_and_a_half():
    budget = make_budget(limit=Decimal(30))
    for _ in range(10):
        spend(budget, "0.15")
    standing = open_cycle(budget).standing(budget.thresholds)
    assert standing.spent == Decimal("1.50")
    assert standing.remaining == Decimal("28.50")
    assert standing.percent == Decimal("5.0")


def test_an_entry_keeps_what_was_said_about_it():
    budget = make_budget(timezone="Asia/Tokyo")
    at = NOW - timedelta(hours=20, minutes=30)
    entry = spend(
        budget,
        "1.234567",
        occurred_at=at,
        provider="anthropic",
        model="claude",
        operation="messages",
        input_tokens=1000,
        output_tokens=200,
        cached_tokens=300,
        memo="a question",
        source="gateway",
        source_event_id="e1",
    )
    stored = Entry.objects.values().get(pk=entry.pk)
    assert stored == {
        "id": entry.pk,
        "budget_id": budget.pk,
        "cycle_id": open_cycle(budget).pk,
        "kind": "usage",
        "amount": Decimal("1.234567"),
        "occurred_at": at,
        "day": date(2026, 7, 15),  # 00:30 in Tokyo
        "recorded_at": NOW,
        "provider": "anthropic",
        "model": "claude",
        "operation": "messages",
        "input_tokens": 1000,
        "output_tokens": 200,
        "cached_tokens": 300,
        "memo": "a question",
        "source": "gateway",
        "source_event_id": "e1",
        "priced_by": "",
        "via": "",
        "reverses_id": None,
    }
    returned = {name: getattr(entry, name) for name in stored}
    assert returned == stored


def test_charges_are_counted_by_day_provider_model_and_kind():
    budget = make_budget()
    for amount, details in [
        ("1", {"provider": "a", "model": "m", "input_tokens": 5, "output_tokens": 1}),
        ("2", {"provider": "a", "model": "m", "input_tokens": 7, "cached_tokens": 2}),
        ("4", {"provider": "a", "model": "n"}),
        ("8", {"provider": "a", "model": "m", "kind": "purchase"}),
        ("16", {"provider": "a", "model": "m", "occurred_at": NOW - timedelta(days=1)}),
    ]:
        record(budget, amount, **details)
    today, yesterday = NOW.date(), NOW.date() - timedelta(days=1)
    assert set(
        DailyTotal.objects.values_list(
            *("day", "model", "kind", "amount", "count"),
            *("input_tokens", "output_tokens", "cached_tokens"),
        )
    ) == {
        (today, "m", "usage", Decimal(3), 2, 12, 1, 2),
        (today, "n", "usage", Decimal(4), 1, 0, 0, 0),
        (today, "m", "purchase", Decimal(8), 1, 0, 0, 0),
        (yesterday, "m", "usage", Decimal(16), 1, 0, 0, 0),
    }


# --- Enforcement ---------------------------------------------------------------------------------


def test_what_just_fits_is_admitted():
    budget = make_budget(limit=Decimal(10))
    spend(budget, "9.50")
    spend(budget, "0.50")
    assert open_cycle(budget).spent == Decimal(10)


def test_a_micro_unit_too_much_is_refused_with_the_numbers_and_nothing_is_stored():
    budget = make_budget(limit=Decimal(10))
    spend(budget, "9.20")
    hold(budget=budget, amount=Decimal("0.30"), now=NOW)
    with pytest.raises(OverBudget) as refusal:
        spend(budget, "0.500001")
    told = refusal.value
    assert (told.limit, told.spent, told.held) == (10, Decimal("9.20"), Decimal("0.30"))
    assert (told.asked, told.remaining) == (Decimal("0.500001"), Decimal("0.50"))
    assert told.ends_at == datetime(2026, 8, 1, tzinfo=UTC)
    assert str(told) == "0.500001 does not fit: 0.500000 of 10.000000 is left until 2026-08-01"
    assert Entry.objects.count() == 1
    assert DailyTotal.objects.get().amount == Decimal("9.20")
    assert open_cycle(budget).spent == Decimal("9.20")


def test_a_refusal_can_pass_through_a_context_manager():
    @contextmanager
    def anything():
        yield

    budget = make_budget(limit=Decimal(1))
    with pytest.raises(OverBudget), anything(), transaction.atomic():
        spend(budget, "2")
    assert Entry.objects.count() == 0


def test_with_a_limit_of_zero_everything_but_nothing_is_refused():
    budget = make_budget(limit=Decimal(0))
    spend(budget, "0")
    with pytest.raises(OverBudget) as refusal:
        spend(budget, "0.000001")
    assert (refusal.value.limit, refusal.value.remaining) == (0, 0)


def test_what_is_left_is_never_below_zero():
    budget = make_budget(limit=Decimal(10))
    record(budget, "12")
    with pytest.raises(OverBudget) as refusal:
        spend(budget, "1")
    assert (refusal.value.spent, refusal.value.remaining) == (12, 0)


def test_nothing_is_refused_where_limits_are_not_enforced():
    budget = make_budget(limit=Decimal(10), enforced=False)
    spend(budget, "11")
    assert open_cycle(budget).standing(budget.thresholds).over_by == 1


def test_facts_are_recorded_whatever_the_limit():
    budget = make_budget(limit=Decimal(10))
    record(budget, "25", kind=Entry.Kind.PURCHASE)
    record(budget, "-5", kind=Entry.Kind.REFUND)
    assert open_cycle(budget).spent == 20


def test_a_refund_makes_room_again():
    budget = make_budget(limit=Decimal(10))
    spend(budget, "10")
    record(budget, "-4", kind=Entry.Kind.REFUND)
    spend(budget, "4")
    assert open_cycle(budget).spent == 10


@pytest.mark.parametrize("limit", ["9.999999", "10"])
def test_a_changed_limit_counts_at_once(limit):
    budget = make_budget(limit=Decimal(30))
    spend(budget, "9")
    set_up(budget, limit=Decimal(limit))
    if limit == "10":
        spend(budget, "1")
    else:
        with pytest.raises(OverBudget):
            spend(budget, "1")


def test_enforcement_counts_from_the_moment_it_is_switched():
    budget = make_budget(limit=Decimal(1))
    set_up(budget, enforced=False)
    spend(budget, "5")
    set_up(budget, enforced=True)
    with pytest.raises(OverBudget):
        spend(budget, "0.01")


# --- Events --------------------------------------------------------------------------------------


def test_a_repeated_event_is_answered_with_its_first_entry():
    budget = make_budget(limit=Decimal(10))
    first = spend(budget, "9", source="gateway", source_event_id="e1")
    assert spend(budget, "9", source="gateway", source_event_id="e1") == first
    assert record(budget, "5", source="gateway", source_event_id="e1") == first
    assert open_cycle(budget).spent == 9


def test_a_repeat_after_the_window_ended_is_still_a_repeat():
    budget = make_budget()
    first = spend(budget, "9", source="gateway", source_event_id="e1")
    later = NOW + timedelta(days=40)
    assert spend(budget, "9", now=later, source="gateway", source_event_id="e1") == first
    assert roll(budget, now=later).spent == 0


def test_a_repeated_late_event_is_answered_with_its_first_entry():
    budget = make_budget()
    long_ago = {"occurred_at": NOW - timedelta(days=90)}
    first = spend(budget, "9", source="gateway", source_event_id="e1", **long_ago)
    assert spend(budget, "9", source="gateway", source_event_id="e1", **long_ago) == first
    assert Entry.objects.count() == 1


def test_the_same_id_of_another_source_is_another_event():
    budget = make_budget()
    spend(budget, "1", source="gateway", source_event_id="e1")
    spend(budget, "1", source="bank", source_event_id="e1")
    assert open_cycle(budget).spent == 2


def test_what_has_no_event_id_is_never_a_repeat():
    budget = make_budget()
    spend(budget, "1", source="gateway")
    spend(budget, "1", source="gateway")
    assert open_cycle(budget).spent == 2


def test_an_event_of_another_budget_is_refused_and_nothing_about_it_is_told():
    spend(make_budget(), "1", memo="private", source="gateway", source_event_id="e1")
    mine = make_budget()
    with pytest.raises(EventTaken) as refusal:
        spend(mine, "1", source="gateway", source_event_id="e1")
    assert "private" not in str(refusal.value)
    assert open_cycle(mine).spent == 0


def test_a_refused_event_may_be_tried_again():
    budget = make_budget(limit=Decimal(1))
    with pytest.raises(OverBudget):
        spend(budget, "2", source="gateway", source_event_id="e1")
    set_up(budget, limit=Decimal(2))
    assert spend(budget, "2", source="gateway", source_event_id="e1").amount == 2


# --- Windows -------------------------------------------------------------------------------------


def test_what_happens_exactly_at_the_start_counts_and_at_the_end_belongs_to_the_next():
    budget = make_budget()
    july = open_cycle(budget)
    at_start = record(budget, "1", occurred_at=july.starts_at)
    last = record(
        budget,
        "2",
        now=july.ends_at - timedelta.resolution,
        occurred_at=july.ends_at - timedelta.resolution,
    )
    at_end = record(budget, "4", now=july.ends_at)
    assert at_start.cycle_id == last.cycle_id == july.pk
    assert at_end.cycle_id == open_cycle(budget).pk != july.pk
    assert (open_cycle(budget).starts_at, open_cycle(budget).spent) == (july.ends_at, 4)
    assert check() == []


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo", "Etc/GMT+6", "Etc/GMT-9"])
@pytest.mark.parametrize("hour", [0, 3, 15, 23])
def test_the_day_of_an_entry_is_the_members_own(zone, hour):
    now = datetime(2026, 7, 15, hour, 30, tzinfo=UTC)
    entry = spend(make_budget(timezone=zone, now=now), "1", now=now)
    assert entry.day == now.astimezone(ZoneInfo(zone)).date()


# --- What is wrong with the posting itself -------------------------------------------------------


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"amount": 0.1}, "amount: money is Decimal or int, not float"),
        ({"amount": Decimal("0.0000001")}, "amount: 1E-7 has more than 6 decimal places"),
        ({"amount": Decimal("NaN")}, "amount: NaN is not an amount"),
        ({"amount": Decimal("1e30")}, r"amount: 1E\+30 is not an amount"),
        ({"amount": MAX_AMOUNT + Decimal("0.01")}, "amount: more than 99,999,999.99"),
        ({"amount": -MAX_AMOUNT - Decimal("0.01")}, "amount: more than 99,999,999.99"),
        ({"kind": "gift"}, "kind: 'gift' is not one of"),
        ({"provider": "x" * 101}, "provider: longer than 100"),
        ({"memo": "x" * 501}, "memo: longer than 500"),
        ({"source": "s", "source_event_id": "x" * 201}, "source_event_id: longer than 200"),
        ({"memo": "a\x00b"}, "memo: contains a NUL"),
        ({"memo": "a\ud800b"}, "memo: contains half a character"),
        ({"input_tokens": 10**15 + 1}, "input_tokens: out of range"),
        ({"source_event_id": "e1"}, "source: needed"),
        ({"occurred_at": datetime(2026, 7, 1)}, "needs a time zone"),  # noqa: DTZ001
        ({"occurred_at": datetime(1969, 12, 31, tzinfo=UTC)}, "occurred_at: before 1970"),
        ({"occurred_at": datetime.min.replace(tzinfo=UTC)}, "occurred_at: before 1970"),
    ],
)
def test_a_posting_says_what_is_wrong_with_it(details, message):
    with pytest.raises(BadPosting, match=message):
        Posting(**{"amount": Decimal(1), **details})


def test_the_largest_amount_is_posted_exactly():
    budget = make_budget()
    record(budget, str(MAX_AMOUNT))
    assert Entry.objects.get().amount == open_cycle(budget).spent == MAX_AMOUNT


def test_nobody_spends_a_negative_amount():
    budget = make_budget()
    with pytest.raises(BadPosting, match="amount: below zero"):
        spend(budget, "-0.01")
    assert Entry.objects.count() == 0


def test_nothing_is_posted_that_is_still_to_come():
    budget = make_budget()
    with pytest.raises(BadPosting, match="lies in the future"):
        spend(budget, "1", occurred_at=NOW + timedelta.resolution)
    assert (
        charge(
            budget=budget, posting=Posting(amount=Decimal(1), occurred_at=NOW), now=NOW
        ).occurred_at
        == NOW
    )


def test_an_event_that_the_database_refuses_is_not_called_over_budget():
    budget = make_budget()
    posting = Posting(amount=Decimal(1), source="test", source_event_id="1")
    # Past the posting's own check, so that a constraint of the table refuses it.
    object.__setattr__(posting, "kind", "gift")
    with pytest.raises(Busy):
        charge(budget=budget, posting=posting, now=NOW)
    assert not Entry.objects.exists()
    assert open_cycle(budget).spent == 0


def test_a_database_error_is_a_refusal_and_stores_nothing():
    def fail(execute, sql, params, many, context):
        if "UPDATE" in sql:
            raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)

    budget = make_budget()
    with (
        pytest.raises(OperationalError),
        transaction.atomic(),
        connection.execute_wrapper(fail),
    ):
        spend(budget, "1")
    assert not Entry.objects.exists()
    assert open_cycle(budget).spent == 0


# --- What a charge tells beside its entry ---------------------------------------------------------


def test_a_charge_tells_whether_its_entry_is_new():
    budget = make_budget(limit=Decimal(10))
    posting = Posting(amount=Decimal(1), source="gateway", source_event_id="e1")
    first, is_new = charge_once(budget=budget, posting=posting, now=NOW)
    again, is_again = charge_once(budget=budget, posting=posting, now=NOW)
    assert (again, is_new, is_again) == (first, True, False)


def test_the_window_of_a_new_entry_is_known_without_another_question(django_assert_num_queries):
    budget = make_budget(limit=Decimal(10))
    spend(budget, "2")
    entry = spend(budget, "3.5")
    with django_assert_num_queries(0):
        standing = entry.cycle.standing(budget.thresholds)
        assert (standing.spent, standing.remaining) == (Decimal("5.5"), Decimal("4.5"))
    assert entry.cycle.ends_at == open_cycle(budget).ends_at
