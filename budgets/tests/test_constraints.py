"""Constraints: what must hold is kept by the database, whoever writes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from budgets.ledger import hold, relabel, reverse
from budgets.models import Budget, Cycle, DailyTotal, Entry, Hold
from budgets.tests.factories import NOW, make_budget, open_cycle, spend

pytestmark = pytest.mark.django_db


def refused(write, **values):
    """Tell whether the database refuses the write by an integrity error."""
    try:
        with transaction.atomic():
            write(**values)
    except IntegrityError:
        return True
    return False


# --- Entries -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column", [field.column for field in Entry._meta.concrete_fields if field.name != "memo"]
)
def test_an_entry_cannot_be_edited_even_by_hand_written_sql(column):
    entry = spend(make_budget(), "2")
    change = f"{column} = {column}"
    before = Entry.objects.values().get(pk=entry.pk)
    with (
        pytest.raises(IntegrityError, match="entries are immutable: post a reversal"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE budgets_entry SET {change} WHERE id = %s", [entry.pk])
    assert Entry.objects.values().get(pk=entry.pk) == before


def test_an_entry_cannot_be_edited_by_a_model():
    entry = spend(make_budget(), "2")
    entry.amount = Decimal(1)
    assert refused(entry.save)
    assert refused(Entry.objects.filter(pk=entry.pk).update, amount=Decimal(1))
    assert Entry.objects.get().amount == 2


def test_what_an_entry_was_for_may_be_written_anew():
    entry = spend(make_budget(), "2", memo="Bike")
    relabel(entries=[entry], memo="A surprise")
    assert Entry.objects.get().memo == "A surprise"


def test_what_an_entry_points_at_cannot_be_deleted():
    budget = make_budget()
    entry = spend(budget, "2")
    reverse(entry=entry, now=NOW)
    for row in (budget, open_cycle(budget), entry):
        with pytest.raises(ProtectedError):
            row.delete()


def test_an_entry_is_reversed_once_and_an_event_posted_once():
    budget = make_budget()
    entry = spend(budget, "2", source="gateway", source_event_id="e1")
    reversal = reverse(entry=entry, now=NOW)
    for original in (entry, reversal):
        twin = Entry.objects.get(pk=original.pk)
        twin.pk = None
        assert refused(twin.save, force_insert=True)


def test_an_entry_has_a_known_kind():
    entry = spend(make_budget(), "2")
    entry.pk, entry.kind = None, "gift"
    assert refused(entry.save, force_insert=True)


# --- Budgets -------------------------------------------------------------------------------------

RANGE = "between 0 and 1,000,000."


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"limit": Decimal("-0.000001")}, f"The limit is {RANGE}"),
        ({"limit": Decimal("1000000.000001")}, f"The limit is {RANGE}"),
        ({"custom_limit": Decimal("-0.000001")}, f"The special limit is {RANGE}"),
        ({"custom_limit": Decimal("1000000.000001")}, f"The special limit is {RANGE}"),
        ({"modify_ceiling": Decimal("-0.000001")}, f"The ceiling is {RANGE}"),
        ({"modify_ceiling": Decimal("1000000.000001")}, f"The ceiling is {RANGE}"),
        ({"yellow": Decimal(90)}, "Yellow comes before orange, and orange before red."),
        ({"orange": Decimal(100)}, "Yellow comes before orange, and orange before red."),
        ({"red": Decimal("100.01")}, "Yellow comes before orange, and orange before red."),
        ({"yellow": Decimal(0)}, "Yellow comes before orange, and orange before red."),
        ({"period": "custom"}, "A custom period has 1 to 365 days."),
        ({"period": "custom", "custom_days": 0}, "A custom period has 1 to 365 days."),
        ({"period": "custom", "custom_days": 366}, "A custom period has 1 to 365 days."),
    ],
)
def test_a_budget_that_breaks_a_rule_is_refused_by_the_database_and_told_why(values, message):
    budget = make_budget()
    assert refused(Budget.objects.filter(pk=budget.pk).update, **values)
    for name, value in values.items():
        setattr(budget, name, value)
    with pytest.raises(ValidationError) as refusal:
        budget.full_clean()
    said = refusal.value.messages
    assert message in said or "custom_days" in refusal.value.message_dict


def test_a_period_is_a_known_one():
    budget = make_budget()
    assert refused(Budget.objects.filter(pk=budget.pk).update, period="yearly")


@pytest.mark.parametrize(
    "values",
    [
        {"limit": Decimal(0)},
        {"limit": Decimal(1_000_000)},
        {"custom_limit": Decimal(0)},
        {"period": "custom", "custom_days": 365},
        {"yellow": Decimal("0.01"), "orange": Decimal("0.02"), "red": Decimal("0.03")},
    ],
)
def test_a_budget_at_the_edge_of_the_rules_is_stored(values):
    budget = make_budget()
    assert not refused(Budget.objects.filter(pk=budget.pk).update, **values)
    Budget.objects.get(pk=budget.pk).full_clean()


def test_a_user_has_one_budget():
    budget = make_budget()
    twin = Budget.objects.get(pk=budget.pk)
    twin.pk = None
    assert refused(twin.save, force_insert=True)


# --- Windows, holds and totals -------------------------------------------------------------------


def another(cycle, **values):
    twin = Cycle.objects.get(pk=cycle.pk)
    twin.pk = None
    for name, value in values.items():
        setattr(twin, name, value)
    return twin


def test_a_budget_has_one_open_window_and_one_that_begins_at_a_moment():
    cycle = open_cycle(make_budget())
    later = datetime(2026, 9, 1, tzinfo=UTC)
    end = later + timedelta(days=1)
    second_open = another(cycle, starts_at=later, ends_at=end)
    assert refused(second_open.save, force_insert=True)
    same_start = another(cycle, closed_at=NOW)
    assert refused(same_start.save, force_insert=True)
    another_closed = another(cycle, starts_at=later, ends_at=end, closed_at=NOW)
    assert not refused(another_closed.save, force_insert=True)


@pytest.mark.parametrize(
    "values",
    [
        {"ends_at": datetime(2026, 7, 1, tzinfo=UTC)},
        {"ends_at": datetime(2026, 6, 30, tzinfo=UTC)},
        {"held": Decimal("-0.000001")},
        {"held": Decimal(1), "closed_at": NOW},
    ],
)
def test_a_window_has_a_length_and_holds_no_negative_money_and_none_once_closed(values):
    cycle = open_cycle(make_budget())
    assert refused(Cycle.objects.filter(pk=cycle.pk).update, **values)


@pytest.mark.parametrize("values", [{"amount": Decimal("-0.000001")}, {"status": "settled"}])
def test_a_hold_is_not_negative_and_is_settled_by_an_entry(values):
    held = hold(budget=make_budget(), amount=Decimal(1), now=NOW)
    assert refused(Hold.objects.filter(pk=held.pk).update, **values)


def test_only_a_settled_hold_has_an_entry():
    budget = make_budget()
    held = hold(budget=budget, amount=Decimal(1), now=NOW)
    assert refused(Hold.objects.filter(pk=held.pk).update, entry=spend(budget, "1"))


def test_a_day_has_one_total_of_each_kind():
    spend(make_budget(), "1")
    total = DailyTotal.objects.get()
    total.pk = None
    assert refused(total.save, force_insert=True)
