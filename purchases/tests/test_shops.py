"""What was bought where, and of which brand: counts, and totals that never mix currencies."""

from decimal import Decimal

import pytest

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory
from purchases import shops
from purchases.models import Brand, Retailer
from purchases.shops import Total
from purchases.tests.factories import (
    NOW,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    viewer_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

EURO = {"currency": "EUR", "exchange_rate": Decimal("1.08")}


@pytest.fixture
def ann():
    return UserFactory()


def names(viewer, model=Retailer, **asked):
    return [item.name for item in shops.found(model, viewer, **asked)]


def paid(item, viewer):
    return shops.totals_of([item], viewer)[item.pk]


class TestTotals:
    def test_each_currency_has_its_own_with_the_base_one_first(self, ann):
        shop = RetailerFactory()
        for price in ("1200.00", "9.99"):
            PurchaseFactory(owner=ann, retailer=shop, price=Decimal(price))
        PurchaseFactory(owner=ann, retailer=shop, price=Decimal("80.00"), **EURO)
        totals = paid(shop, viewer_of(ann))
        assert totals.by_currency == [
            Total("USD", Decimal("1209.99"), Decimal("1209.99")),
            Total("EUR", Decimal("80.00"), Decimal("86.40")),
        ]
        assert totals.amount == Decimal("1296.39")
        assert totals.is_foreign

    def test_what_was_returned_counts_as_a_purchase_and_in_no_amount(self, ann):
        shop = RetailerFactory()
        PurchaseFactory(owner=ann, retailer=shop, price=Decimal("30.00"))
        PurchaseFactory(owner=ann, retailer=shop, price=Decimal("5.00"), status="returned")
        viewer = viewer_of(ann)
        assert paid(shop, viewer).amount == Decimal("30.00")
        assert [item.uses for item in shops.found(Retailer, viewer)] == [2]

    def test_nothing_bought_is_no_amount(self, ann):
        totals = paid(RetailerFactory(listed=True), viewer_of(ann))
        assert (totals.by_currency, totals.amount, totals.is_foreign) == ([], 0, False)

    def test_a_brand_has_its_own(self, ann):
        brand = BrandFactory()
        PurchaseFactory(owner=ann, brand=brand, retailer=RetailerFactory())
        PurchaseFactory(owner=ann, retailer=RetailerFactory())
        assert paid(brand, viewer_of(ann)).amount == Decimal("10.00")


class TestWhoKnowsWhat:
    def test_a_listed_one_is_known_to_everybody(self, ann):
        RetailerFactory(name="Corner", listed=True)
        assert names(viewer_of(ann)) == ["Corner"]

    def test_one_of_a_purchase_is_known_to_who_may_see_it(self, ann):
        ben = UserFactory()
        PurchaseFactory(owner=ben, retailer=RetailerFactory(name="Private"))
        PurchaseFactory(owner=ben, retailer=RetailerFactory(name="Shared"), shared=True)
        assert names(viewer_of(ann)) == ["Shared"]
        assert names(viewer_of(ben)) == ["Private", "Shared"]

    def test_the_shop_of_a_present_would_say_what_it_is(self, ann):
        ben = UserFactory()
        gift = make_gift(OccasionFactory(), PersonFactory(user=ann))
        shop = RetailerFactory(name="Kite shop")
        PurchaseFactory(owner=ben, retailer=shop, shared=True, gift=gift)
        assert names(viewer_of(ann)) == []
        assert names(viewer_of(ben)) == ["Kite shop"]

    def test_what_is_in_the_trash_makes_nothing_known(self, ann):
        PurchaseFactory(owner=ann, retailer=RetailerFactory(), deleted_at=NOW)
        assert names(viewer_of(ann)) == []

    def test_counts_and_amounts_are_over_what_the_viewer_may_see(self, ann):
        shop = RetailerFactory(listed=True)
        PurchaseFactory(owner=ann, retailer=shop)
        PurchaseFactory(owner=ann, retailer=shop, deleted_at=NOW)
        PurchaseFactory(retailer=shop)
        PurchaseFactory(retailer=shop, shared=True)
        viewer = viewer_of(ann)
        assert [item.uses for item in shops.found(Retailer, viewer)] == [2]
        assert paid(shop, viewer).amount == Decimal("20.00")


class TestFinding:
    @pytest.fixture(autouse=True)
    def shops_there(self):
        for name in ("ÜBER Café", "100% wool", "a_b", "aXb"):
            RetailerFactory(name=name, listed=True)
            BrandFactory(name=f"{name} & co", listed=True)

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("über", ["ÜBER Café"]),
            ("CAFÉ über", ["ÜBER Café"]),
            ("100%", ["100% wool"]),
            ("a_b", ["a_b"]),
            ("axb", ["aXb"]),
            ("nothing", []),
            ("", ["100% wool", "a_b", "aXb", "ÜBER Café"]),
        ],
    )
    def test_every_word_whatever_the_case_and_signs_are_themselves(self, ann, text, wanted):
        assert names(viewer_of(ann), text=text) == wanted
        assert names(viewer_of(ann), Brand, text=text) == [f"{name} & co" for name in wanted]


def test_every_way_to_sort_has_one_order(ann):
    for name, count in (("b", 1), ("A", 2), ("c", 0), ("d", 2)):
        shop = RetailerFactory(name=name, listed=True)
        PurchaseFactory.create_batch(count, owner=ann, retailer=shop)
    viewer = viewer_of(ann)
    assert names(viewer) == ["A", "b", "c", "d"]
    assert names(viewer, sort="-name") == ["d", "c", "b", "A"]
    assert names(viewer, sort="-count") == ["A", "d", "b", "c"]
    assert names(viewer, sort="count") == ["c", "b", "A", "d"]
    assert {
        shops.found(Retailer, viewer, sort=sort).query.order_by[-1] for sort in shops.SORTS
    } == {"pk"}
