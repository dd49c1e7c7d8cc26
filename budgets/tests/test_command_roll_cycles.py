"""roll_cycles: every window that has ended is closed once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from budgets.models import Cycle, Reset
from budgets.tests.factories import make_budget, open_cycle, record
from budgets.tests.running import run

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 10, tzinfo=UTC)


def test_windows_nobody_looked_at_are_closed_once_each():
    with time_machine.travel(JANUARY, tick=False):
        budget = make_budget(now=JANUARY)
        record(budget, "12", now=JANUARY)
    with time_machine.travel(datetime(2026, 4, 2, tzinfo=UTC), tick=False):
        assert run("roll_cycles").lines == ["Windows closed: 3."]
        assert run("roll_cycles").lines == ["Windows closed: 0."]
    assert open_cycle(budget).starts_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert sorted(Reset.objects.values_list("spent_before", flat=True)) == [0, 0, Decimal(12)]


def test_a_dry_run_counts_the_due_budgets_and_changes_nothing():
    with time_machine.travel(JANUARY, tick=False):
        make_budget(now=JANUARY)
    with time_machine.travel(datetime(2026, 2, 1, tzinfo=UTC), tick=False):
        assert run("roll_cycles", "--dry-run").lines == ["Budgets due: 1. Nothing was changed."]
    assert Cycle.objects.count() == 1
    assert not Reset.objects.exists()
