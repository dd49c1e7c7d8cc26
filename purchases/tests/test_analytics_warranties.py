"""Warranties on a line of time: which ended last, which end next, and how they stand."""

from datetime import date, timedelta

import pytest

from people.models import User
from people.tests.factories import UserFactory
from purchases.analysis import Scope, analyse
from purchases.analysis.warranties import Lasting
from purchases.guarantees import Status
from purchases.models import Purchase
from purchases.tests.factories import NOW, TODAY, PurchaseFactory, WarrantyFactory, viewer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def household(user) -> User:
    """Return a member whose warranties end around today, one for life and one voided."""
    for days in (-1, 0, 1, 30, 31, 400, None):
        guard(user, days)
    guard(user, 10, voided=True)
    return user


def guard(user: User, days: int | None, **values: object) -> None:
    WarrantyFactory(
        purchase__owner=user,
        purchase__name=f"Thing {days}",
        purchase__purchased_on=TODAY - timedelta(days=100),
        ends_on=None if days is None else TODAY + timedelta(days=days),
        **values,
    )


def drawn(user: User, *, now=NOW, **asked: object) -> list[Lasting]:
    return analyse(Scope(viewer_of(user, now=now), **asked)).warranties


def test_they_stand_by_their_last_day_and_what_is_for_life_comes_last(household):
    assert [(one.name, one.status, one.days_left) for one in drawn(household)] == [
        ("Thing -1", Status.EXPIRED, -1),
        ("Thing 0", Status.EXPIRING, 0),
        ("Thing 1", Status.EXPIRING, 1),
        ("Thing 30", Status.EXPIRING, 30),
        ("Thing 31", Status.ACTIVE, 31),
        ("Thing 400", Status.ACTIVE, 400),
        ("Thing None", Status.ACTIVE, None),
    ]


def test_midnight_expires_one(household):
    tomorrow = drawn(household, now=NOW + timedelta(days=1))
    assert [one.status for one in tomorrow[:3]] == [
        Status.EXPIRED,
        Status.EXPIRED,
        Status.EXPIRING,
    ]


def test_the_last_two_and_the_next_six_show(user):
    for days in range(-8, 10):
        guard(user, days)
    assert [one.days_left for one in drawn(user)] == [*range(-2, 6)]


def test_they_are_of_what_was_bought_on_any_day(household):
    asked = {"since": date(2026, 7, 1), "until": date(2026, 7, 2)}
    assert drawn(household, **asked) == drawn(household)


def test_those_of_what_is_kept_from_the_viewer_are_not_there(household):
    before = drawn(household)
    other = PurchaseFactory(name="Secret")
    WarrantyFactory(purchase=other, ends_on=TODAY)
    assert drawn(household) == before
    Purchase.objects.filter(pk=other.pk).update(shared=True)
    assert "Secret" in [one.name for one in drawn(household)]
    assert drawn(household, is_mine=True) == before
    Purchase.objects.filter(pk=other.pk).update(deleted_at=NOW)
    assert drawn(household) == before


def test_each_leads_to_its_purchase(household):
    names = {one.get_absolute_url(): one.name for one in Purchase.objects.all()}
    assert [names[one.link] for one in drawn(household)] == [one.name for one in drawn(household)]
