"""What a purchase may be, whoever writes it down."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Brand, Purchase, Retailer, Tag, Warranty
from purchases.tests.factories import NOW, TODAY, PurchaseFactory, buy
from purchases.tests.pictures import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return UserFactory(administrator=True)


def wrong(member, **values):
    with pytest.raises(ValidationError) as refusal:
        buy(member, **values)
    assert not Purchase.objects.exists()
    return set(refusal.value.message_dict)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 256),
        ("price", "0"),
        ("price", "-1"),
        ("price", "10.005"),
        ("price", "100000000.00"),
        ("purchased_on", TODAY + timedelta(days=1)),
        ("purchased_on", date(1969, 12, 31)),
        ("quantity", 0),
        ("quantity", 10_000),
        ("currency", "ZZZ"),
        ("currency", ""),
        ("link", "javascript:alert(1)"),
        ("link", "ftp://example.org/"),
        ("return_by", TODAY - timedelta(days=1)),
        ("status", "lost"),
        ("notes", "x" * 2001),
    ],
)
def test_what_is_wrong_is_refused_at_its_field_and_nothing_is_stored(member, field, value):
    assert wrong(member, **{field: value}) == {field}
    assert not Tag.objects.exists()


def test_everything_wrong_is_said_at_once(member):
    assert wrong(member, price="0", name="", quantity=0) == {"name", "price", "quantity"}


def test_nothing_is_no_price(member):
    with pytest.raises(ValidationError) as refusal:
        keeping.record(
            owner=member,
            values={"name": "Kettle", "price": Decimal("NaN"), "purchased_on": TODAY},
            by=member,
            now=NOW,
        )
    assert set(refusal.value.message_dict) == {"price"}


def test_the_extremes_are_accepted(member):
    purchase = buy(member, "99999999.99", name="x" * 255, quantity=9_999, return_by=TODAY)
    assert Purchase.objects.get() == purchase


def test_a_currency_is_written_in_capitals(member):
    assert buy(member, "10.00", currency="usd").currency == "USD"


@pytest.mark.parametrize(
    ("price", "currency", "is_right"),
    [("1000", "JPY", True), ("1000.5", "JPY", False), ("1.125", "KWD", True)],
)
def test_each_currency_has_its_own_decimals(member, price, currency, is_right):
    rate = {"currency": currency, "exchange_rate": Decimal("0.01")}
    if is_right:
        assert buy(member, price, **rate).price == Decimal(price)
    else:
        assert wrong(member, price=price, **rate) == {"price"}


def test_another_currency_needs_a_rate(member):
    assert wrong(member, currency="EUR", exchange_rate=None) == {"exchange_rate"}
    assert wrong(member, currency="EUR", exchange_rate=Decimal(0)) == {"exchange_rate"}


def test_the_base_currency_is_worth_itself(member):
    assert buy(member, exchange_rate=Decimal(7)).exchange_rate == 1


def test_what_is_too_much_when_converted_is_refused(member):
    assert wrong(member, price="99999999.99", currency="EUR", exchange_rate=Decimal("1.1")) == {
        "exchange_rate"
    }


def test_retailer_brand_and_tags_are_made_on_the_spot_and_found_again(member):
    first = buy(member, retailer="Corner shop", brand="ACME", tags=["Garden", "tool"])
    second = buy(member, retailer=" CORNER  SHOP", brand="acme", tags=["garden"])
    assert (first.retailer, first.brand) == (second.retailer, second.brand)
    assert Retailer.objects.count() == Brand.objects.count() == 1
    assert Tag.objects.count() == 2
    assert first.retailer.name == "Corner shop"


def test_a_change_sets_what_it_names_alone(member):
    purchase = buy(member, retailer="Corner shop", tags=["tea"], notes="blue")
    changed = keeping.change(
        purchase=purchase, values={"notes": "red"}, version=1, by=member, now=NOW
    )
    assert (changed.notes, changed.retailer.name, changed.version) == ("red", "Corner shop", 2)
    assert [tag.name for tag in changed.tags.all()] == ["tea"]
    keeping.change(
        purchase=purchase, values={"retailer": "", "tags": []}, version=2, by=member, now=NOW
    )
    stored = Purchase.objects.get()
    assert stored.retailer is None
    assert not stored.tags.exists()


def test_a_change_of_what_was_changed_meanwhile_is_refused_with_what_is_stored(member):
    purchase = buy(member)
    keeping.change(purchase=purchase, values={"name": "Pot"}, version=1, by=member, now=NOW)
    with pytest.raises(keeping.Conflict) as conflict:
        keeping.change(purchase=purchase, values={"name": "Pan"}, version=1, by=member, now=NOW)
    assert conflict.value.current.name == "Pot"
    assert Purchase.objects.get().name == "Pot"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"price": Decimal(30), "name": " Kettle "},
        {"retailer": "CORNER shop", "brand": ""},
        {"tags": ["TEA", "garden", "tea"]},
        {"currency": "usd", "exchange_rate": Decimal(7)},
    ],
)
def test_what_makes_nothing_different_is_no_change(member, values):
    bought = buy(member, "30.00", retailer="Corner shop", tags=["garden", "tea"])
    told = {"version": 1, "by": member, "now": NOW + timedelta(hours=1)}
    assert keeping.change(purchase=bought, values=values, **told).version == 1
    stored = Purchase.objects.get()
    assert (stored.version, stored.changed_at) == (1, NOW)


@pytest.mark.parametrize(
    "values",
    [
        {"price": Decimal(31)},
        {"retailer": ""},
        {"brand": "ACME"},
        {"tags": ["garden"]},
        {"tags": []},
        {"notes": "red"},
        {"currency": "EUR", "exchange_rate": Decimal("1.1")},
    ],
)
def test_what_makes_something_different_is_counted(member, values):
    bought = buy(member, "30.00", retailer="Corner shop", tags=["garden", "tea"])
    later = NOW + timedelta(hours=1)
    keeping.change(purchase=bought, values=values, version=1, by=member, now=later)
    stored = Purchase.objects.get()
    assert (stored.version, stored.changed_at) == (2, later)


def test_a_warranty_or_a_paper_that_comes_with_a_change_is_one(member):
    bought = buy(member)
    told = {"values": {}, "by": member, "now": NOW}
    keeping.change(purchase=bought, version=1, warranties=[{"ends_on": TODAY}], **told)
    paper = keeping.stage(upload=upload(), kind="receipt", by=member, now=NOW)
    assert keeping.change(purchase=bought, version=2, files=[paper], **told).version == 3


def test_what_was_deleted_cannot_be_changed(member):
    purchase = buy(member)
    keeping.trash(purchase=purchase, now=NOW)
    with pytest.raises(Purchase.DoesNotExist):
        keeping.change(purchase=purchase, values={"name": "Pan"}, version=2, by=member, now=NOW)


def test_a_warranty_comes_with_it_and_a_wrong_one_stops_it(member):
    buy(member, warranties=[{"ends_on": TODAY + timedelta(days=365)}])
    assert Warranty.objects.get().starts_on == TODAY
    with pytest.raises(ValidationError):
        buy(member, name="Pan", warranties=[{"ends_on": TODAY - timedelta(days=1)}])
    assert Purchase.objects.get().name == "Kettle"


def test_a_field_that_is_not_for_setting_is_an_error(member):
    with pytest.raises(ValueError, match="has no version"):
        buy(member, version=7)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", Decimal(0)),
        ("price", Decimal("100000000.00")),
        ("amount", Decimal(-1)),
        ("exchange_rate", Decimal(0)),
        ("quantity", 0),
        ("return_by", TODAY - timedelta(days=1)),
    ],
)
def test_the_database_refuses_it_too(field, value):
    purchase = PurchaseFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Purchase.objects.filter(pk=purchase.pk).update(**{field: value})


def test_an_import_comes_once_per_owner():
    first = PurchaseFactory(source="amazon-items", source_id="1")
    PurchaseFactory(source="amazon-items", source_id="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        PurchaseFactory(owner=first.owner, source="amazon-items", source_id="1")


def test_the_unit_price_follows_from_the_quantity(member):
    assert buy(member, "100.00", quantity=3).unit_price == Decimal("33.33")
    assert (
        buy(member, "100", currency="JPY", exchange_rate=Decimal("0.01"), quantity=3).unit_price
        == 33
    )


def test_the_trash_is_emptied_after_thirty_days(member):
    old, new = buy(member, name="Old"), buy(member, name="New")
    keeping.trash(purchase=old, now=NOW - timedelta(days=30, seconds=1))
    keeping.trash(purchase=new, now=NOW - timedelta(days=30))
    assert keeping.empty_trash(now=NOW, dry_run=True) == 1
    assert Purchase.objects.count() == 2
    assert keeping.empty_trash(now=NOW) == 1
    assert Purchase.objects.get() == new
