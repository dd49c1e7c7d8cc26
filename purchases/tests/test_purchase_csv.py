"""Purchases as a file: all columns, as the page filters and sorts them."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory
from purchases import naming
from purchases.columns import CSV_HEADER
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann(client: Client):
    user = UserFactory(username="ann")
    client.force_login(user)
    return user


def rows_of(client: Client, **asked: object) -> list[dict[str, str]]:
    answer = client.get("/purchases/purchases.csv", asked)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(text.splitlines()))


def test_every_column_of_a_purchase(client, ann):
    gift = make_gift(OccasionFactory(), PersonFactory())
    purchase = PurchaseFactory(
        owner=ann,
        name="Kettle",
        retailer=RetailerFactory(name="Shop"),
        brand=BrandFactory(name="Acme"),
        tags=[TagFactory(name="tea"), TagFactory(name="milk")],
        price=Decimal("90.00"),
        currency="EUR",
        exchange_rate=Decimal("1.1"),
        quantity=3,
        status="ordered",
        order_number="O-1",
        model_number="M-1",
        serial_number="S-1",
        link="https://example.com/kettle",
        return_by=TODAY + timedelta(days=14),
        return_policy="Unused",
        tax_deductible=True,
        notes="Blue",
        shared=True,
        gift=gift,
        source="shop.csv",
        source_id="7",
    )
    WarrantyFactory(purchase=purchase, ends_on=TODAY + timedelta(days=365))
    WarrantyFactory(purchase=purchase, kind="parts", ends_on=None, voided=True)
    AttachmentFactory(purchase=purchase)
    assert rows_of(client) == [
        {
            "name": "Kettle",
            "retailer": "Shop",
            "brand": "Acme",
            "tags": "milk, tea",
            "bought on": "2026-07-15",
            "price": "90.00",
            "currency": "EUR",
            "exchange rate": "1.1",
            "amount": "99.00",
            "quantity": "3",
            "unit price": "30.00",
            "status": "ordered",
            "order number": "O-1",
            "model number": "M-1",
            "serial number": "S-1",
            "link": "https://example.com/kettle",
            "returnable until": "2026-07-29",
            "return policy": "Unused",
            "tax deductible": "yes",
            "notes": "Blue",
            "owner": "ann",
            "shared": "yes",
            "gift": "yes",
            "warranties": "manufacturer from 2026-07-15 to 2027-07-15;"
            " parts from 2026-07-15 for life, voided",
            "papers": "1",
            "uid": str(purchase.uid),
            "source": "shop.csv",
            "source id": "7",
            "secret until": f"{gift.occasion.date}",
            "base currency": "USD",
        }
    ]


def test_a_gift_that_is_gone_is_told_as_long_as_it_is_a_surprise(client, ann):
    for name, days in (("Past", -1), ("Today", 0), ("Later", 9)):
        PurchaseFactory(owner=ann, name=name, secret_until=TODAY + timedelta(days=days))
    told = {row["name"]: row["secret until"] for row in rows_of(client)}
    assert told == {
        "Past": "",
        "Today": f"{TODAY}",
        "Later": f"{TODAY + timedelta(days=9)}",
    }


def test_the_day_of_a_gift_that_has_passed_or_is_for_the_viewer_is_not_told(client, ann):
    past = OccasionFactory(date=TODAY - timedelta(days=2))
    PurchaseFactory(owner=ann, gift=make_gift(past, PersonFactory()))
    # Who bought for a gift that is for them now is not told that there is one.
    PurchaseFactory(owner=ann, gift=make_gift(OccasionFactory(), PersonFactory(user=ann)))
    told = [(row["gift"], row["secret until"]) for row in rows_of(client)]
    assert told == [("no", ""), ("yes", "")]


def test_tags_can_be_told_apart(client, ann):
    names = ['"quoted"', 'half"', "tea"]
    PurchaseFactory(owner=ann, tags=[TagFactory(name=name) for name in names])
    assert naming.tags(rows_of(client)[0]["tags"]) == names


def test_nothing_bought_is_a_file_with_its_header(client, ann):
    answer = client.get("/purchases/purchases.csv")
    assert b"".join(answer.streaming_content).decode() == ",".join(CSV_HEADER) + "\r\n"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="pursestrings-purchases.csv"'


def test_cells_cannot_be_mistaken_for_formulas(client, ann):
    PurchaseFactory(
        owner=ann,
        name="=1+1",
        notes="@SUM(A1)",
        serial_number="-7",
        retailer=RetailerFactory(name="+44 shop"),
    )
    row = rows_of(client)[0]
    assert [row[name] for name in ("name", "notes", "serial number", "retailer")] == [
        "'=1+1",
        "'@SUM(A1)",
        "'-7",
        "'+44 shop",
    ]


def test_as_the_page_filters_and_sorts_with_no_end_at_twenty(client, ann):
    for number in range(25):
        PurchaseFactory(owner=ann, name=f"Red {number:02}", price=Decimal(number + 1))
    PurchaseFactory(owner=ann, name="Blue")
    names = [row["name"] for row in rows_of(client, q="red", sort="-price", size=5, page=2)]
    assert names == [f"Red {number:02}" for number in reversed(range(25))]


def test_an_exchange_rate_is_written_in_full(client, ann):
    PurchaseFactory(
        owner=ann, price=Decimal(10000), currency="JPY", exchange_rate=Decimal("0.0000000123")
    )
    assert rows_of(client)[0]["exchange rate"] == "0.0000000123"


def test_what_cannot_be_read_leads_back_to_the_page_that_says_so(client, ann):
    answer = client.get("/purchases/purchases.csv", {"since": "yesterday"})
    assert (answer.status_code, answer["Location"]) == (302, "/purchases/?since=yesterday")


def test_others_private_ones_are_not_in_it(client, ann):
    PurchaseFactory(name="Private")
    PurchaseFactory(name="Shared", shared=True)
    PurchaseFactory(owner=ann, name="Deleted", deleted_at=NOW)
    assert [row["name"] for row in rows_of(client)] == ["Shared"]


def test_more_purchases_cost_no_more_queries(client, ann):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows_of(client)
        return len(captured)

    def add_ten() -> None:
        for _ in range(10):
            purchase = PurchaseFactory(owner=ann, tags=[TagFactory()], brand=BrandFactory())
            WarrantyFactory(purchase=purchase)

    add_ten()
    ten = queries()
    add_ten()
    assert queries() == ten
