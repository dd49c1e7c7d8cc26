"""The console's lists of purchases, warranties, papers, names, postings and calendars."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.tests.consoles import administrator, rows_of
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import PurchaseEntry
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    BlobFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
    buy,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

PURCHASES = "/admin/purchases/purchase/"
WARRANTIES = "/admin/purchases/warranty/"
PAPERS = "/admin/purchases/attachment/"
BLOBS = "/admin/purchases/blob/"
POSTINGS = "/admin/purchases/purchaseentry/"
RETAILERS = "/admin/purchases/retailer/"
BRANDS = "/admin/purchases/brand/"
TAGS = "/admin/purchases/tag/"
CALENDARS = "/admin/purchases/calendarfeed/"
#: Each list, and the column that tells its rows apart.
FIRST = {
    PURCHASES: "name",
    WARRANTIES: "purchase",
    PAPERS: "name",
    BLOBS: "sha256",
    POSTINGS: "purchase",
    RETAILERS: "name",
    BRANDS: "name",
    TAGS: "name",
    CALENDARS: "user",
}
LISTS = [*FIRST]


@pytest.fixture
def console() -> Client:
    return administrator()


def shown(console: Client, place: str, **query: str) -> list[str]:
    """Return the first words of the rows of a list."""
    return [*rows_of(console.get(place, query), FIRST[place])]


def furnish(number: int) -> None:
    owner = UserFactory(username=f"owner{number}")
    purchase = buy(
        owner,
        "1.00",
        name=f"Thing{number}",
        retailer=f"Shop{number}",
        brand=f"Brand{number}",
        tags=[f"tag{number}", f"other{number}"],
        as_fact=True,
    )
    WarrantyFactory(purchase=purchase)
    AttachmentFactory(purchase=purchase, name=f"Paper{number}")
    keeping.make_feed(user=owner, now=NOW)


@pytest.mark.parametrize("place", LISTS)
def test_a_list_asks_as_much_for_twenty_rows_as_for_ten(console, place):
    counts = []
    for numbers in (range(10), range(10, 20)):
        for number in numbers:
            furnish(number)
        with CaptureQueriesContext(connection) as queries:
            assert len(rows_of(console.get(place), FIRST[place])) >= numbers.stop
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("place", LISTS)
def test_lists_are_for_administrators(client, place):
    client.force_login(UserFactory())
    assert client.get(place).status_code == 403


def test_the_lists_stand_on_the_front_page(console):
    page = console.get("/admin/").content.decode()
    for place in LISTS:
        assert f'href="{place}"' in page


def test_purchases_with_their_price_and_what_they_count(console):
    ann = UserFactory(username="ann")
    PurchaseFactory(
        owner=ann,
        name="Lamp",
        price=Decimal("80.00"),
        currency="EUR",
        exchange_rate=Decimal("1.08"),
        shared=True,
    )
    PurchaseFactory(owner=None, name="Gone", deleted_at=NOW)
    rows = rows_of(console.get(PURCHASES), "name")
    assert rows["Lamp"] == {
        "name": "Lamp",
        "owner": "ann",
        "paid": "€80.00",
        "counted": "$86.40",
        "purchased_on": "July 15, 2026",
        "standing": "Received",
        "for_all": "Yes",
    }
    assert (rows["Gone"]["owner"], rows["Gone"]["standing"]) == ("–", "Deleted")
    assert rows["Gone"]["counted"] == "–"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("über", ["Über"]),
        ("ÜBER café", ["Über"]),
        ("100%", ["Wool"]),
        ("0%x", []),
        ("a_b", ["Wool"]),
        ("a_c", []),
        ("serial-7", ["Wool"]),
        ("kitchen", ["Über"]),
        ("nothing", []),
    ],
)
def test_purchases_are_searched_as_on_the_pages(console, text, found):
    PurchaseFactory(
        name="Über", retailer=RetailerFactory(name="Café"), tags=[TagFactory(name="Kitchen")]
    )
    PurchaseFactory(name="Wool", notes="100% a_b abc", serial_number="SERIAL-7")
    assert shown(console, PURCHASES, q=text) == found


@pytest.mark.parametrize(
    ("place", "query", "found"),
    [
        (PURCHASES, {"trash": "no"}, ["Live"]),
        (PURCHASES, {"trash": "yes"}, ["Trashed"]),
        (PURCHASES, {"status__exact": "returned"}, ["Trashed"]),
        (PURCHASES, {"shared__exact": "1"}, ["Live"]),
        (PURCHASES, {"tax_deductible__exact": "1"}, ["Live"]),
        (WARRANTIES, {"kind__exact": "parts"}, ["Live"]),
        (PAPERS, {"kind__exact": "manual"}, ["Leaflet"]),
        (RETAILERS, {"listed__exact": "1"}, ["Listed"]),
    ],
)
def test_filters(console, place, query, found):
    live = PurchaseFactory(name="Live", shared=True, tax_deductible=True)
    PurchaseFactory(
        name="Trashed", status="returned", deleted_at=NOW, retailer=RetailerFactory(name="Shop")
    )
    WarrantyFactory(purchase=live, kind="parts")
    WarrantyFactory(purchase=live, kind="labour")
    AttachmentFactory(purchase=live, kind="manual", name="Leaflet")
    AttachmentFactory(purchase=live, name="Receipt")
    RetailerFactory(name="Listed", listed=True)
    assert shown(console, place, **query) == found


def test_warranties_by_how_they_stand_today(console):
    for name, days, voided in (
        ("Over", -1, False),
        ("Last", 0, False),
        ("Later", 31, False),
        ("Void", 10, True),
    ):
        WarrantyFactory(
            purchase__name=name,
            purchase__purchased_on=TODAY - timedelta(days=9),
            ends_on=TODAY + timedelta(days=days),
            voided=voided,
        )
    assert shown(console, WARRANTIES, standing="expired") == ["Over"]
    assert shown(console, WARRANTIES, standing="expiring") == ["Last"]
    assert set(shown(console, WARRANTIES, standing="active")) == {"Last", "Later"}
    assert shown(console, WARRANTIES, standing="voided") == ["Void"]
    assert len(shown(console, WARRANTIES, standing="nonsense")) == 4
    rows = rows_of(console.get(WARRANTIES), "purchase")
    assert rows["Last"]["standing"] == "Expiring soon"
    assert rows["Over"]["standing"] == "Expired"


def test_names_with_how_many_purchases_have_them(console):
    shop, tag = RetailerFactory(name="Shop"), TagFactory(name="tea")
    PurchaseFactory(retailer=shop, tags=[tag])
    PurchaseFactory(retailer=shop, deleted_at=NOW)
    BrandFactory(name="Listed", listed=True)
    assert rows_of(console.get(RETAILERS), "name")["Shop"]["uses"] == "2"
    assert rows_of(console.get(TAGS), "name")["tea"]["uses"] == "1"
    assert rows_of(console.get(BRANDS), "name")["Listed"]["uses"] == "0"


def test_postings_say_what_the_ledger_was_told(console):
    purchase = buy(UserFactory(), "30.00", as_fact=True)
    keeping.change(
        purchase=purchase, values={"price": Decimal(45)}, version=1, by=purchase.owner, now=NOW
    )
    page = console.get(POSTINGS)
    assert page.context["cl"].result_count == PurchaseEntry.objects.count() == 2
    assert rows_of(page, "amount").keys() == {"$30.00", "$15.00"}


def test_bytes_with_how_many_papers_they_have(console):
    blob = BlobFactory(size=2048)
    AttachmentFactory.create_batch(3, blob=blob)
    [row] = rows_of(console.get(BLOBS), "sha256").values()
    assert (row["papers"], row["bytes"]) == ("3", "2.0 KB")


def test_every_filter_and_column_works(console):
    furnish(1)
    for place in LISTS:
        page = console.get(place).content.decode()
        for part in page.split('href="?')[1:]:
            link = part.split('"')[0].replace("&amp;", "&")
            assert console.get(f"{place}?{link}").status_code == 200, link


#: Questions about what a row points at, or what points at it.
PRYING = [
    "gift__title__startswith=C",
    "gift__recipients=1",
    "retailer__name__startswith=C",
    "tags=1",
    "tags__name=C",
    "owner__password__startswith=p",
    "warranties=1",
    "attachments__id=1",
    "postings=1",
    "purchase__gift__title__startswith=C",
    "purchase__name__startswith=C",
    "purchases=1",
    "purchases__id=1",
    "purchases__isnull=0",
    "blob__attachments=1",
    "entry__memo=C",
]


@pytest.mark.parametrize("place", [*LISTS, "/admin/people/user/"])
def test_nobody_asks_from_the_address_bar_who_bought_what(place):
    console = administrator(is_superuser=True)
    for query in PRYING:
        answer = console.get(f"{place}?{query}")
        assert answer.status_code in {302, 400}, query
        if answer.status_code == 302:
            assert answer["Location"] == f"{place}?e=1"
