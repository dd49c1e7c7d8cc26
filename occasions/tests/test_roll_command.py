"""roll_occasions: what comes back every year is opened once."""

from datetime import date

import pytest

from budgets.tests.running import run
from occasions.models import Occasion
from occasions.tests.factories import NOW, OccasionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(autouse=True)
def last_year() -> None:
    OccasionFactory(date=date(2025, 12, 25), repeats_yearly=True)
    OccasionFactory(name="Graduation", date=date(2026, 5, 1))


def test_the_next_year_is_opened_and_told_once():
    assert run("roll_occasions").lines == [
        "Opened: Christmas, 2026-12-25",
        "Occasions opened: 1.",
    ]
    assert run("roll_occasions").lines == ["Occasions opened: 0."]
    assert Occasion.objects.count() == 3


def test_a_dry_run_tells_which_are_due_and_changes_nothing():
    assert run("roll_occasions", "--dry-run").lines == [
        "Due: Christmas, 2025-12-25",
        "Occasions due: 1. Nothing was changed.",
    ]
    assert Occasion.objects.count() == 2


def test_the_day_is_over_when_it_is_over_at_home(settings, time_machine):
    Occasion.objects.all().delete()
    OccasionFactory(repeats_yearly=True)
    time_machine.move_to("2026-12-26T09:30:00Z")
    settings.TIME_ZONE = "Pacific/Honolulu"
    assert run("roll_occasions").lines == ["Occasions opened: 0."]
    settings.TIME_ZONE = "UTC"
    assert run("roll_occasions").lines[-1] == "Occasions opened: 1."
