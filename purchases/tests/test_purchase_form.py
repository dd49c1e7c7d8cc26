"""Writing a purchase down and changing it: what is stored, and what comes with it."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from budgets.ledger import budget_of
from budgets.models import Cycle, Entry
from budgets.tests.factories import make_budget, open_cycle
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Attachment, Brand, Purchase, Retailer
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
    buy,
)
from purchases.tests.forms import add, said, sent_by, typed

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return make_budget(limit=Decimal(500)).user


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


def cycle_of(user: User) -> Cycle:
    return open_cycle(budget_of(user, now=NOW))


def test_what_is_needed_is_enough(member, ann):
    answer = add(member)
    kettle = Purchase.objects.get()
    assert answer.status_code == 302
    assert answer.url == kettle.get_absolute_url()
    assert (kettle.owner, kettle.name, kettle.price, kettle.currency) == (ann, "Kettle", 30, "USD")
    assert (kettle.quantity, kettle.purchased_on, kettle.status) == (1, TODAY, "received")
    assert not kettle.shared
    assert "“Kettle” is saved." in said(member.get(answer.url))


def test_it_is_charged_to_the_budget_of_whoever_writes_it_down(member, ann):
    add(member)
    assert cycle_of(ann).spent == 30


def test_everything_that_is_typed_is_stored(member):
    add(
        member,
        quantity="3",
        retailer="Corner shop",
        brand="Teaworks",
        tags="a, b ,a,,",
        status="ordered",
        order_number="O-1",
        model_number="M-1",
        serial_number="S-1",
        link="https://example.com/kettle",
        return_by="2026-07-29",
        return_policy="With the box",
        tax_deductible="on",
        notes="Red\r\nand round",
        shared="shared",
    )
    kettle = Purchase.objects.get()
    assert (kettle.retailer.name, kettle.brand.name) == ("Corner shop", "Teaworks")
    assert {tag.name for tag in kettle.tags.all()} == {"a", "b"}
    assert (kettle.quantity, kettle.status, kettle.shared) == (3, "ordered", True)
    assert (kettle.order_number, kettle.model_number, kettle.serial_number) == ("O-1", "M-1", "S-1")
    assert kettle.link == "https://example.com/kettle"
    assert (kettle.return_by, kettle.return_policy) == (date(2026, 7, 29), "With the box")
    assert kettle.tax_deductible
    assert kettle.notes == "Red\nand round"


def test_the_end_of_a_line_counts_as_one_character(member):
    add(member, notes="x\r\n" * 999 + "xy")
    assert Purchase.objects.get().notes == "x\n" * 999 + "xy"


def test_a_retailer_that_is_there_is_found_regardless_of_case_and_space(member):
    shop = RetailerFactory(name="Corner Shop", listed=True)
    add(member, retailer=" corner  shop")
    assert Purchase.objects.get().retailer == shop
    assert Retailer.objects.count() == 1


def test_without_names_there_are_none(member):
    add(member, retailer=" ", brand="", tags=" , ")
    kettle = Purchase.objects.get()
    assert (kettle.retailer, kettle.brand, list(kettle.tags.all())) == (None, None, [])
    assert not Brand.objects.exists()


def test_usd_in_small_letters_is_usd(member):
    add(member, currency=" usd ")
    assert Purchase.objects.get().currency == "USD"


def test_another_currency_reaches_the_budget_converted(member, ann):
    add(member, price="80.00", currency="eur", exchange_rate="1.0842")
    lamp = Purchase.objects.get()
    assert (lamp.price, lamp.currency, lamp.amount) == (80, "EUR", Decimal("86.74"))
    assert cycle_of(ann).spent == Decimal("86.74")


def test_yen_are_whole(member):
    add(member, price="3000", currency="JPY", exchange_rate="0.0068")
    bowl = Purchase.objects.get()
    assert (bowl.price, bowl.amount) == (3000, Decimal("20.40"))
    assert sent_by(member.get(f"/purchases/{bowl.pk}/edit/"))["price"] == ["3000"]


def test_a_rate_of_the_base_currency_means_nothing(member):
    add(member, exchange_rate="2.5")
    assert Purchase.objects.get().exchange_rate == 1


def test_a_warranty_comes_along(member):
    add(member, **{"warranty-kind": "extended", "warranty-ends_on": "2028-07-14"})
    warranty = Purchase.objects.get().warranties.get()
    assert (warranty.kind, warranty.starts_on) == ("extended", TODAY)
    assert warranty.ends_on == date(2028, 7, 14)


def test_a_warranty_begins_on_the_day_that_was_typed(member):
    add(
        member,
        purchased_on="2026-07-01",
        **{"warranty-kind": "manufacturer", "warranty-length": "24"},
    )
    warranty = Purchase.objects.get().warranties.get()
    assert (warranty.starts_on, warranty.ends_on) == (date(2026, 7, 1), date(2028, 6, 30))


def test_without_anything_entered_there_is_no_warranty(member):
    add(member, **{"warranty-kind": "manufacturer", "warranty-notes": ""})
    assert not Purchase.objects.get().warranties.exists()


def test_files_that_wait_are_handed_over(member, ann):
    mine = AttachmentFactory(purchase=None, uploaded_by=ann)
    other = AttachmentFactory(purchase=None, uploaded_by=UserFactory())
    add(member, files=[mine.pk, other.pk])
    assert list(Purchase.objects.get().attachments.all()) == [mine]
    assert Attachment.objects.get(pk=other.pk).purchase is None


def test_a_new_purchase_begins_today_in_the_base_currency(member):
    sent = sent_by(member.get("/purchases/add/"))
    assert sent["purchased_on"] == ["2026-07-15"]
    assert (sent["currency"], sent["quantity"]) == (["USD"], ["1"])
    assert (sent["status"], sent["shared"]) == (["received"], [""])


def test_today_is_where_the_member_is(client):
    user = make_budget(timezone="Pacific/Auckland").user
    client.force_login(user)
    sent = sent_by(client.get("/purchases/add/"))
    assert sent["purchased_on"] == ["2026-07-16"]
    assert add(client, purchased_on="2026-07-16").status_code == 302


def test_an_address_may_name_the_shop(member):
    sent = sent_by(member.get("/purchases/add/?retailer=Corner+shop&brand=Teaworks&name=Cup"))
    assert (sent["name"], sent["retailer"]) == (["Cup"], ["Corner shop"])
    assert sent["brand"] == ["Teaworks"]


def test_the_form_shows_what_is_stored_and_saving_it_changes_nothing(member, ann):
    kettle = PurchaseFactory(
        owner=ann,
        price=Decimal("80.00"),
        currency="EUR",
        exchange_rate=Decimal("1.0842"),
        retailer=RetailerFactory(name="Corner shop"),
        tags=[TagFactory(name="b"), TagFactory(name="a")],
        return_by=TODAY,
        tax_deductible=True,
        shared=True,
        notes="Red",
    )
    before = Purchase.objects.values().get()
    sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
    assert (sent["price"], sent["currency"]) == (["80.00"], ["EUR"])
    assert (sent["exchange_rate"], sent["tags"]) == (["1.0842"], ["a, b"])
    assert (sent["retailer"], sent["return_by"]) == (["Corner shop"], ["2026-07-15"])
    assert (sent["tax_deductible"], sent["shared"]) == (["on"], ["shared"])
    assert member.post(f"/purchases/{kettle.pk}/edit/", sent).status_code == 302
    after = Purchase.objects.values().get()
    assert after | {"version": 1, "amount": 0} == before | {"amount": 0}
    assert {tag.name for tag in kettle.tags.all()} == {"a", "b"}


def test_a_corrected_price_posts_the_difference(member, ann):
    add(member)
    kettle = Purchase.objects.get()
    sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
    member.post(f"/purchases/{kettle.pk}/edit/", sent | {"price": "45.00"})
    assert cycle_of(ann).spent == 45
    assert [entry.amount for entry in Entry.objects.order_by("pk")] == [30, 15]


def test_a_purchase_is_changed_with_a_warranty_and_files_added(member, ann):
    kettle = buy(ann)
    paper = AttachmentFactory(purchase=None, uploaded_by=ann)
    WarrantyFactory(purchase=kettle)
    sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
    more = {"files": [paper.pk], "warranty-provider": "Teaworks", "name": "Red kettle"}
    assert member.post(f"/purchases/{kettle.pk}/edit/", sent | more).status_code == 302
    kettle.refresh_from_db()
    assert kettle.name == "Red kettle"
    assert kettle.warranties.count() == 2
    assert list(kettle.attachments.all()) == [paper]


def test_a_tag_may_be_taken_off_and_a_shop_too(member, ann):
    kettle = buy(ann, tags=["a", "b"], retailer="Corner shop")
    sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
    member.post(f"/purchases/{kettle.pk}/edit/", sent | {"tags": "b", "retailer": ""})
    kettle.refresh_from_db()
    assert [tag.name for tag in kettle.tags.all()] == ["b"]
    assert kettle.retailer is None


def test_parts_in_which_something_stands_are_open(member, ann):
    html = said(member.get("/purchases/add/"))
    assert html.count("<details") == 5
    assert 'id="part-about" open' not in html
    kettle = buy(ann, brand="Teaworks", shared=True)
    html = said(member.get(f"/purchases/{kettle.pk}/edit/"))
    assert 'id="part-about" open' in html
    assert 'id="part-sharing" open' in html
    assert 'id="part-order" open' not in html


@pytest.mark.parametrize("shared", [True, False])
def test_only_the_owner_changes_it(client, ann, shared):
    kettle = buy(ann, shared=shared)
    client.force_login(UserFactory(administrator=True))
    assert client.get(f"/purchases/{kettle.pk}/edit/").status_code == 404
    assert client.post(f"/purchases/{kettle.pk}/edit/", typed(name="Mine")).status_code == 404
    assert Purchase.objects.get().name == "Kettle"


def test_what_is_in_the_trash_is_not_changed(member, ann):
    kettle = PurchaseFactory(owner=ann, deleted_at=NOW)
    assert member.get(f"/purchases/{kettle.pk}/edit/").status_code == 404


def test_names_are_text(member):
    name = "<script>alert(1)</script>"
    add(member, name=name, retailer=name, brand=name, tags=name, notes=name)
    kettle = Purchase.objects.get()
    for path in ("", "edit/", "delete/"):
        html = member.get(f"/purchases/{kettle.pk}/{path}").content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>" not in html
