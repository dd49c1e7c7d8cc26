"""Where the money went: the figures of a household that is known by heart."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from people.models import User
from people.tests.factories import UserFactory
from purchases.analysis import Analysis, Scope, analyse
from purchases.models import Purchase
from purchases.series import Series
from purchases.tests.factories import (
    NOW,
    TODAY,
    PurchaseFactory,
    RetailerFactory,
    viewer_of,
)
from purchases.tests.households import bought_by_heart, month

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def household(user) -> User:
    """Return a member who has bought six things of three shops and two brands."""
    bought_by_heart(user)
    return user


def months_of(user: User, moment: datetime) -> Series:
    """Return the last twelve months of somebody who has bought something."""
    PurchaseFactory(owner=user)
    months = analyse(Scope(viewer_of(user, now=moment))).months
    assert months
    return months


def figures(user: User, currency: str = "", **asked: object) -> Analysis:
    return analyse(Scope(viewer_of(user), **asked), currency)


def test_each_currency_has_a_total_of_its_own(household):
    analysis = figures(household)
    assert [(one.currency, one.count, one.price, one.amount) for one in analysis.totals] == [
        ("USD", 5, Decimal("2710.49"), Decimal("2710.49")),
        ("EUR", 1, Decimal(80), Decimal(100)),
    ]
    assert analysis.totals[0].average == Decimal("542.10")
    assert (analysis.currency, analysis.is_foreign) == ("USD", True)
    assert (analysis.count, analysis.amount) == (6, Decimal("2810.49"))


def test_the_last_twelve_months_stand_one_by_one(household):
    months = figures(household).months
    spent = {(slot.first, slot.last): (slot.count, slot.total) for slot in months.slots}
    assert len(spent) == 12
    assert {days: sums for days, sums in spent.items() if sums[0]} == {
        (date(2025, 8, 1), date(2025, 8, 31)): (1, Decimal(350)),
        (date(2026, 5, 1), date(2026, 5, 31)): (2, Decimal("1009.99")),
        (date(2026, 7, 1), date(2026, 7, 31)): (1, Decimal(1200)),
    }
    assert months.total == Decimal("2559.99")


def test_the_shares_of_retailers_make_a_hundred(household):
    shares = figures(household).retailers
    assert [(one.name, one.of_count, one.of_total) for one in shares] == [
        ("R1", Decimal("33.33"), Decimal("81.17")),
        ("R2", Decimal("33.33"), Decimal("13.28")),
        ("R3", Decimal("16.67"), Decimal("0.00")),
        ("No retailer", Decimal("16.67"), Decimal("5.55")),
    ]
    assert sum(one.of_count for one in shares) == sum(one.of_total for one in shares) == 100


def test_the_shares_of_brands_make_a_hundred(household):
    shares = figures(household).brands
    assert [(one.name, one.count, one.total) for one in shares] == [
        ("B1", 2, Decimal(2200)),
        ("B2", 2, Decimal("500.50")),
        ("No brand", 2, Decimal("9.99")),
    ]
    assert sum(one.of_count for one in shares) == sum(one.of_total for one in shares) == 100


def test_many_small_retailers_stand_together(user):
    for number in range(10):
        PurchaseFactory(owner=user, price=Decimal(100 - number), retailer=RetailerFactory())
    PurchaseFactory(owner=user, price=Decimal(5))
    shares = figures(user).retailers
    names = [one.name for one in shares]
    assert (len(names), names[-2:]) == (10, ["2 others", "No retailer"])
    assert (shares[-2].count, shares[-2].total, shares[-2].link) == (2, Decimal(183), "")
    assert sum(one.of_count for one in shares) == sum(one.of_total for one in shares) == 100


def test_the_most_bought_comes_first(household):
    first = figures(household).most_bought[0]
    assert (first.name, first.count, first.total, first.average) == (
        "Laptop",
        2,
        Decimal(2200),
        Decimal(1100),
    )


def test_one_name_is_the_same_regardless_of_case_and_space(user):
    for name in ("Über  Café", "ÜBER CAFÉ", "über café", "Tea"):
        PurchaseFactory(owner=user, name=name, price=Decimal("1.00"))
    assert [(one.name.casefold(), one.count) for one in figures(user).most_bought][1:] == [
        ("tea", 1)
    ]
    assert figures(user).most_bought[0].count == 3


def test_an_average_is_rounded_to_the_decimals_of_its_currency(user):
    for price in (100, 101, 101):
        PurchaseFactory(owner=user, name="Sake", price=Decimal(price), currency="JPY")
    analysis = figures(user)
    assert (analysis.totals[0].average, analysis.most_bought[0].average) == (101, 101)


def test_the_highest_prices_are_of_one_currency(household):
    PurchaseFactory(owner=household, name="Yacht", price=Decimal(9000), currency="EUR")
    names = [one.name for one in figures(household).most_expensive]
    assert names == ["Laptop", "Laptop", "Desk", "Chair", "Cable"]
    assert [one.name for one in figures(household, "EUR").most_expensive] == ["Yacht", "Lamp"]


def test_what_was_bought_last_is_of_any_currency(household):
    names = [one.name for one in figures(household).recent]
    assert names == ["Laptop", "Lamp", "Cable", "Laptop", "Desk", "Chair"]


def test_another_currency_has_months_and_shares_of_its_own(household):
    analysis = figures(household, "EUR")
    assert (analysis.months.count, analysis.months.total) == (1, Decimal(80))
    first = analysis.retailers[0]
    assert (first.name, first.of_total) == ("R3", Decimal(100))
    assert [one.name for one in analysis.most_bought] == ["Lamp"]


def test_a_range_of_days_counts_its_first_and_its_last_day(household):
    analysis = figures(household, since=month(2), until=month(0))
    assert [(one.currency, one.count) for one in analysis.totals] == [("USD", 3), ("EUR", 1)]
    assert [(slot.first, slot.last) for slot in analysis.months.slots] == [
        (date(2026, 5, 1), date(2026, 5, 31)),
        (date(2026, 6, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), date(2026, 7, 1)),
    ]
    assert analysis.months.total == Decimal("2209.99")
    assert [one.name for one in analysis.recent] == ["Laptop", "Lamp", "Cable", "Laptop"]


def test_a_range_without_a_first_day_begins_with_the_first_purchase(household):
    months = figures(household, until=month(2)).months
    assert months.slots[0].first == month(12)
    assert months.slots[-1].last == month(2)
    assert months.total == Decimal("1510.49")


def test_a_range_without_a_last_day_ends_today(household):
    slots = figures(household, since=month(2)).months.slots
    assert (len(slots), slots[-1].last) == (3, TODAY)


def test_where_nothing_was_paid_in_the_base_currency_the_most_used_one_shows(user):
    for currency, number in (("SEK", 1), ("EUR", 2), ("CHF", 1)):
        for _ in range(number):
            PurchaseFactory(owner=user, currency=currency)
    assert figures(user).currency == "EUR"
    PurchaseFactory(owner=user)
    assert figures(user).currency == "USD"


def test_what_was_returned_does_not_count(household):
    before = figures(household)
    PurchaseFactory(owner=household, name="Laptop", status=Purchase.Status.RETURNED)
    after = figures(household)
    assert (after.totals, after.months) == (before.totals, before.months)
    assert (after.retailers, after.brands) == (before.retailers, before.brands)
    assert after.most_bought == before.most_bought
    assert after.recent == before.recent


def test_what_is_in_the_trash_does_not_count(household):
    PurchaseFactory(owner=household, deleted_at=NOW)
    assert figures(household).count == 6


def test_only_ones_own_on_request(household):
    PurchaseFactory(name="Sofa", price=Decimal(700), shared=True)
    assert figures(household).count == 7
    assert figures(household, is_mine=True).count == 6


def test_nothing_at_all_is_nothing(user):
    analysis = figures(user)
    assert (analysis.totals, analysis.currency, analysis.count) == ([], "USD", 0)
    assert (analysis.months, analysis.retailers, analysis.warranties) == (None, [], [])


class TestTheMonthOfTheViewer:
    def test_is_the_one_where_they_are(self):
        east = UserFactory(timezone="Pacific/Kiritimati")
        moment = NOW.replace(day=31, hour=11)
        months = months_of(east, moment)
        assert months.slots[-1].first == date(2026, 8, 1)
        west = UserFactory(timezone="Pacific/Pago_Pago")
        moment = NOW.replace(month=8, day=1, hour=10)
        months = months_of(west, moment)
        assert months.slots[-1].first == date(2026, 7, 1)


@pytest.mark.time_machine(NOW, tick=False)
def test_the_page_never_adds_two_currencies(client, household):
    client.force_login(household)
    page = client.get("/analytics/").content.decode()
    assert all(amount in page for amount in ("$2,710.49", "€80.00", "$2,810.49", "$542.10"))
    assert "2,790.49" not in page
    assert "2790.49" not in page


def test_one_small_retailer_more_stands_by_itself(user):
    for _ in range(9):
        PurchaseFactory(owner=user, retailer=RetailerFactory())
    shares = figures(user).retailers
    assert len(shares) == 9
    assert all(one.link for one in shares)
