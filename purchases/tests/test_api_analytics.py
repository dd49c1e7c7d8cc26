"""What programs are told of where the money went."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.tests.factories import make_budget
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases.models import Purchase
from purchases.tests.factories import (
    NOW,
    TODAY,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    WarrantyFactory,
)
from purchases.tests.households import bought_by_heart, month

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

CARDS = ("summary", "months", "retailers", "brands", "products", "warranties")
each = pytest.mark.parametrize("card", CARDS)


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def asking(ann) -> Program:
    return program(ann, Scope.READ)


@pytest.fixture
def household(ann) -> User:
    bought_by_heart(ann)
    return ann


def told(asking: Program, card: str, **asked: object) -> dict:
    answer = asking.get(f"analytics/{card}", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def wrong(asking: Program, **asked: object) -> dict[str, str]:
    """Return what every card says is wrong, by field."""
    found = []
    for card in CARDS:
        answer = asking.get(f"analytics/{card}", asked)
        assert answer.status_code == 422
        found.append({one["field"]: one["message"] for one in answer.json()["errors"]})
    assert all(one == found[0] for one in found)
    return found[0]


def guard(user: User, days: int | None, **values: object) -> None:
    WarrantyFactory(
        purchase__owner=user,
        purchase__purchased_on=TODAY - timedelta(days=100),
        ends_on=None if days is None else TODAY + timedelta(days=days),
        **values,
    )


class TestFigures:
    def test_each_currency_has_a_total_of_its_own(self, asking, household):
        assert told(asking, "summary") == {
            "base_currency": "USD",
            "count": 6,
            "base_total": "2810.49",
            "totals": [
                {
                    "currency": "USD",
                    "count": 5,
                    "total": "2710.49",
                    "average": "542.10",
                    "base_total": "2710.49",
                },
                {
                    "currency": "EUR",
                    "count": 1,
                    "total": "80.00",
                    "average": "80.00",
                    "base_total": "100.00",
                },
            ],
        }

    @each
    def test_dollars_and_euros_are_never_added(self, asking, household, card):
        assert b"2790.49" not in asking.get(f"analytics/{card}").content

    def test_the_last_twelve_months_stand_one_by_one(self, asking, household):
        shown = told(asking, "months")
        assert (shown["currency"], shown["step"]) == ("USD", "month")
        assert (shown["count"], shown["total"]) == (4, "2559.99")
        assert len(shown["months"]) == 12
        assert [one for one in shown["months"] if one["count"]] == [
            {"first": "2025-08-01", "last": "2025-08-31", "count": 1, "total": "350.00"},
            {"first": "2026-05-01", "last": "2026-05-31", "count": 2, "total": "1009.99"},
            {"first": "2026-07-01", "last": "2026-07-31", "count": 1, "total": "1200.00"},
        ]

    def test_the_shares_of_retailers_make_a_hundred(self, asking, household):
        shown = told(asking, "retailers")
        shares = [
            (one["name"], one["percent_of_count"], one["percent_of_total"], one["id"] is None)
            for one in shown["shares"]
        ]
        assert shares == [
            ("R1", "33.33", "81.17", False),
            ("R2", "33.33", "13.28", False),
            ("R3", "16.67", "0.00", False),
            ("No retailer", "16.67", "5.55", True),
        ]
        for of in ("percent_of_count", "percent_of_total"):
            assert sum(Decimal(one[of]) for one in shown["shares"]) == 100

    def test_the_shares_of_brands_make_a_hundred(self, asking, household):
        shares = told(asking, "brands")["shares"]
        assert [(one["name"], one["count"], one["total"]) for one in shares] == [
            ("B1", 2, "2200.00"),
            ("B2", 2, "500.50"),
            ("No brand", 2, "9.99"),
        ]
        assert sum(Decimal(one["percent_of_count"]) for one in shares) == 100

    def test_several_small_shops_together_have_no_id(self, asking, ann):
        for number in range(10):
            PurchaseFactory(owner=ann, price=Decimal(number + 1), retailer=RetailerFactory())
        shares = told(asking, "retailers")["shares"]
        assert (shares[-1]["name"], shares[-1]["id"]) == ("2 others", None)

    def test_what_stands_out(self, asking, household):
        shown = told(asking, "products")
        assert shown["most_bought"][0] == {
            "name": "Laptop",
            "count": 2,
            "total": "2200.00",
            "average": "1100.00",
        }
        dearest = Purchase.objects.get(price=1200)
        assert shown["most_expensive"][0] == {
            "id": dearest.pk,
            "name": "Laptop",
            "retailer": "R1",
            "purchased_on": month(0).isoformat(),
            "price": "1200.00",
            "currency": "USD",
        }
        assert [one["name"] for one in shown["recent"][:2]] == ["Laptop", "Lamp"]

    def test_how_warranties_stand(self, asking, ann):
        for days in (-1, 0, 1, 30, 31, 400, None):
            guard(ann, days)
        guard(ann, 10, voided=True)
        shown = told(asking, "warranties")
        assert shown["standings"] == {"active": 6, "expiring": 3, "expired": 1, "voided": 1}
        lines = [(one["days_left"], one["status"]) for one in shown["timeline"]]
        assert lines == [
            (-1, "expired"),
            (0, "expiring"),
            (1, "expiring"),
            (30, "expiring"),
            (31, "active"),
            (400, "active"),
            (None, "active"),
        ]
        first = Purchase.objects.get(warranties__ends_on=TODAY - timedelta(days=1))
        assert shown["timeline"][0]["purchase"] == first.pk
        assert shown["timeline"][0]["kind"] == "manufacturer"

    def test_what_went_back_to_the_shop_is_covered_by_nobody(self, asking, ann):
        guard(ann, 10, purchase__status=Purchase.Status.RETURNED)
        shown = told(asking, "warranties")
        assert shown["timeline"] == []
        assert set(shown["standings"].values()) == {0}

    def test_who_bought_nothing_has_figures_of_nothing(self, asking):
        assert told(asking, "summary")["totals"] == []
        assert told(asking, "months") == {
            "currency": "USD",
            "step": "month",
            "count": 0,
            "total": "0.00",
            "months": [],
        }
        for card in ("retailers", "brands"):
            assert told(asking, card) == {"currency": "USD", "shares": []}
        assert told(asking, "products")["recent"] == []

    def test_a_card_that_is_put_away_on_the_page_is_told_all_the_same(self, ann, household):
        from_page = program(ann)
        from_page.client.force_login(ann)
        from_page.client.post("/analytics/cards/", {"hide": "months"})
        assert told(from_page, "months")["count"] == 4


class TestWhatIsAskedFor:
    def test_another_currency(self, asking, household):
        shown = told(asking, "months", currency="eur")
        assert (shown["currency"], shown["count"], shown["total"]) == ("EUR", 1, "80.00")

    def test_some_days(self, asking, household):
        asked = {"since": month(2).isoformat(), "until": month(1).isoformat()}
        assert told(asking, "summary", **asked)["count"] == 3
        assert len(told(asking, "months", **asked)["months"]) == 2

    def test_ones_own_alone(self, asking, household):
        PurchaseFactory(name="Sofa", price=Decimal(700), shared=True)
        assert told(asking, "summary")["count"] == 7
        assert told(asking, "summary", whose="mine")["count"] == 6

    def test_the_ends_of_time(self, asking, household):
        asked = {"since": "0001-01-01", "until": "9999-12-31"}
        for card in CARDS:
            told(asking, card, **asked)
        assert told(asking, "months", **asked)["step"] == "year"

    @pytest.mark.parametrize("text", ["2026-02-30", "1700000000", "2026-7-1", "today", "\0", ""])
    def test_what_is_no_day(self, asking, text):
        assert wrong(asking, since=text).keys() == {"query.since"}

    def test_days_the_wrong_way_round(self, asking):
        told = wrong(asking, since="2026-07-02", until="2026-07-01")
        assert told == {"query.until": "The last day comes before the first."}

    @pytest.mark.parametrize("code", ["ZZZ", "DOLLAR", "", "\0\0\0"])
    def test_what_is_no_currency(self, asking, code):
        assert wrong(asking, currency=code).keys() == {"query.currency"}

    def test_whose_else(self, asking):
        assert wrong(asking, whose="leo").keys() == {"query.whose"}


class TestWhoMayAsk:
    @each
    def test_a_program_that_only_spends_may_not(self, ann, card):
        answer = program(ann, Scope.SPEND).get(f"analytics/{card}")
        assert answer.status_code == 403

    @each
    def test_a_surprise_changes_nothing(self, household, asking, card):
        """Somebody buys a present for the one who asks, dearer than all, with a warranty."""
        before = asking.get(f"analytics/{card}").content
        occasion = OccasionFactory(date=date(2026, 12, 24))
        gift = make_gift(occasion, PersonFactory(user=household))
        present = PurchaseFactory(
            owner=make_budget().user,
            name="Yacht",
            price=Decimal(9000),
            retailer=RetailerFactory(),
            brand=BrandFactory(),
            shared=True,
            gift=gift,
        )
        WarrantyFactory(purchase=present, ends_on=TODAY)
        assert asking.get(f"analytics/{card}").content == before

    @each
    def test_what_others_keep_to_themselves_is_not_in_it(self, household, asking, card):
        before = asking.get(f"analytics/{card}").content
        WarrantyFactory(purchase=PurchaseFactory(price=Decimal(9000)), ends_on=TODAY)
        assert asking.get(f"analytics/{card}").content == before


@each
def test_more_purchases_take_no_more_queries(ann, asking, card):
    def queries(count: int) -> int:
        for _ in range(count):
            about = {"retailer": RetailerFactory(), "brand": BrandFactory()}
            WarrantyFactory(purchase=PurchaseFactory(owner=ann, **about), ends_on=TODAY)
        with CaptureQueriesContext(connection) as found:
            told(asking, card)
        return len(found)

    told(asking, card)
    assert queries(3) == queries(9)
