"""Adding, changing, deleting and bringing back in the console."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from budgets import ledger
from budgets.models import Cycle
from budgets.tests.consoles import administrator, said_by, text_of
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.keeping import counting
from purchases.models import (
    Attachment,
    Brand,
    CalendarFeed,
    Purchase,
    PurchaseEntry,
    Retailer,
    Tag,
    Warranty,
)
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
    buy,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

PURCHASES = "/admin/purchases/purchase/"
TOMORROW = (TODAY + timedelta(days=1)).isoformat()


@pytest.fixture
def console() -> Client:
    return administrator()


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


def place_of(row: Model) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/"


def form_at(console: Client, path: str) -> dict[str, Any]:
    """Return what a browser would send from a form as it is shown."""
    data: dict[str, Any] = {}
    for bound in console.get(path).context["adminform"].form:
        value = bound.value()
        if value is not None and value is not False:
            data[bound.name] = "on" if value is True else str(value)
    # What each field carries along.
    return data | {f"initial-{name}": value for name, value in data.items()}


def change(console: Client, row: Model, **typed: Any) -> HttpResponse:
    path = f"{place_of(row)}change/"
    return console.post(path, {**form_at(console, path), **typed})


def add(console: Client, place: str, **typed: Any) -> HttpResponse:
    return console.post(f"{place}add/", {**form_at(console, f"{place}add/"), **typed})


def act(console: Client, action: str, *purchases: Purchase) -> HttpResponse:
    ticked = [str(purchase.pk) for purchase in purchases]
    data = {"action": action, "index": "0", "_selected_action": ticked}
    return console.post(PURCHASES, data)


def said_after(console: Client, answer: HttpResponse) -> list[str]:
    assert answer.status_code == 302
    return said_by(console.get(answer["Location"]))


def errors_of(answer: HttpResponse) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def spent(user: User) -> Decimal:
    return Cycle.objects.get(budget__user=user, closed_at=None).spent


def kettle(owner: User) -> dict[str, str]:
    return {
        "owner": str(owner.pk),
        "name": "Kettle",
        "price": "45.50",
        "purchased_on": TODAY.isoformat(),
        "retailer_name": "Corner shop",
        "brand_name": "Teaworks",
        "tag_names": "kitchen, tea",
    }


class TestAddingAPurchase:
    def test_is_never_refused_and_charges_its_owner(self, console, ann):
        answer = add(console, PURCHASES, **kettle(ann))
        assert said_after(console, answer) == ["“Kettle” is saved."]
        purchase = Purchase.objects.get()
        assert (purchase.owner, purchase.price) == (ann, Decimal("45.50"))
        assert (purchase.retailer.name, purchase.brand.name) == ("Corner shop", "Teaworks")
        assert [tag.name for tag in purchase.tags.all()] == ["kitchen", "tea"]
        assert "corner shop" in purchase.search_text
        # More than a member's 30.00, which is enforced.
        assert spent(ann) == Decimal("45.50")

    def test_of_another_currency_is_converted(self, console, ann):
        add(console, PURCHASES, **kettle(ann), currency="eur", exchange_rate="1.1")
        purchase = Purchase.objects.get()
        assert (purchase.currency, purchase.amount) == ("EUR", Decimal("50.05"))

    def test_after_adding_there_is_more_to_write(self, console, ann):
        answer = add(console, PURCHASES, **kettle(ann), _continue="yes")
        assert answer["Location"] == f"{place_of(Purchase.objects.get())}change/"

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"owner": ""}, "owner"),
            ({"name": "  "}, "name"),
            ({"name": "x" * 256}, "name"),
            ({"price": "0"}, "price"),
            ({"price": "-1"}, "price"),
            ({"price": "NaN"}, "price"),
            ({"price": "10.005"}, "price"),
            ({"price": "100000000.00"}, "price"),
            ({"price": "10.5", "currency": "JPY", "exchange_rate": "0.01"}, "price"),
            ({"purchased_on": TOMORROW}, "purchased_on"),
            ({"purchased_on": "1969-12-31"}, "purchased_on"),
            ({"purchased_on": ""}, "purchased_on"),
            ({"quantity": "0"}, "quantity"),
            ({"quantity": "1.5"}, "quantity"),
            ({"quantity": "10000"}, "quantity"),
            ({"currency": "ZZZ"}, "currency"),
            ({"currency": ""}, "currency"),
            ({"exchange_rate": "0", "currency": "EUR"}, "exchange_rate"),
            ({"exchange_rate": "9999999", "currency": "EUR"}, "exchange_rate"),
            ({"link": "javascript:alert(1)"}, "link"),
            ({"link": "ftp://shop.example/"}, "link"),
            ({"return_by": (TODAY - timedelta(days=1)).isoformat()}, "return_by"),
            ({"status": "lost"}, "status"),
            ({"retailer_name": "x" * 121}, "retailer_name"),
            ({"tag_names": "x" * 121}, "tag_names"),
        ],
    )
    def test_refusals_stand_at_their_field_and_store_nothing(self, console, ann, typed, field):
        answer = add(console, PURCHASES, **{**kettle(ann), **typed})
        errors = errors_of(answer)
        assert [*errors] == [field]
        assert len(errors[field]) == 1
        assert not Purchase.objects.exists()
        assert not Retailer.objects.exists()

    def test_nobody_buys_a_present_for_themselves(self, console, ann):
        gift = make_gift(OccasionFactory(), PersonFactory(user=ann))
        assert "gift" in errors_of(add(console, PURCHASES, **kettle(ann), gift=str(gift.pk)))


def test_another_currency_is_never_taken_as_the_base_one(console):
    owner = UserFactory()
    typed = {"owner": owner.pk, "name": "Lamp", "price": "40", "currency": "EUR", "quantity": "1"}
    typed |= {"purchased_on": str(TODAY), "status": "received", "exchange_rate": ""}
    place = "/admin/purchases/purchase/add/"
    assert console.get(place).context["adminform"].form["exchange_rate"].value() is None
    answer = console.post(place, typed)
    assert answer.context["adminform"].form.errors["exchange_rate"] == [
        "Say what one EUR is in USD."
    ]
    assert not Purchase.objects.exists()
    assert console.post(place, typed | {"exchange_rate": "1.1"}).status_code == 302
    assert Purchase.objects.get().amount == Decimal("44.00")


class TestChangingAPurchase:
    def test_a_new_price_posts_the_difference(self, console, ann):
        purchase = buy(ann, "30.00")
        answer = change(console, purchase, price="45.00")
        assert said_after(console, answer) == ["“Kettle” is saved."]
        assert spent(ann) == Decimal(45)
        assert PurchaseEntry.objects.count() == 2

    def test_its_owner_stays(self, console, ann):
        purchase = buy(ann)
        change(console, purchase, owner=str(UserFactory().pk), name="Teapot")
        purchase.refresh_from_db()
        assert (purchase.owner, purchase.name) == (ann, "Teapot")

    def test_names_are_others_or_none(self, console, ann):
        purchase = buy(ann, retailer="Old shop", brand="Old brand", tags=["old"])
        change(console, purchase, retailer_name="New shop", brand_name="", tag_names="new")
        purchase.refresh_from_db()
        assert (purchase.retailer.name, purchase.brand) == ("New shop", None)
        assert purchase.search_text == "kettle\nnew shop\nnew"

    def test_an_unchanged_form_changes_nothing(self, console, ann):
        purchase = buy(ann, retailer="Shop", tags=["a", "b"], return_by=TODAY)
        before = Purchase.objects.filter(pk=purchase.pk).values().get()
        assert said_after(console, change(console, purchase)) == ["Nothing was changed."]
        assert Purchase.objects.filter(pk=purchase.pk).values().get() == before

    def test_only_what_was_changed_is_written(self, console, ann):
        purchase = buy(ann)
        data = form_at(console, f"{place_of(purchase)}change/")
        keeping.change(purchase=purchase, values={"notes": "Mine"}, version=1, by=ann, now=NOW)
        console.post(f"{place_of(purchase)}change/", {**data, "name": "Teapot"})
        purchase.refresh_from_db()
        assert (purchase.name, purchase.notes) == ("Teapot", "Mine")

    @pytest.mark.parametrize(
        ("theirs", "typed", "field", "said"),
        [
            ({"name": "Teapot"}, {"name": "Pan"}, "name", "saved “Teapot” here"),
            ({"price": Decimal(45)}, {"price": "12.00"}, "price", "saved “45.00” here"),
            ({"status": "ordered"}, {"status": "returned"}, "status", "saved “Ordered” here"),
            ({"purchased_on": TODAY}, {"purchased_on": "2026-07-01"}, "purchased_on", "Jul 15"),
            ({"tags": ["a", "b"]}, {"tag_names": "c"}, "tag_names", "saved “a, b” here"),
            ({"retailer": ""}, {"retailer_name": "Mill"}, "retailer_name", "emptied this"),
        ],
    )
    def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unseen(
        self, console, ann, theirs, typed, field, said
    ):
        yesterday = TODAY - timedelta(days=1)
        purchase = buy(ann, retailer="Shop", tags=["a"], purchased_on=yesterday)
        path = f"{place_of(purchase)}change/"
        data = {**form_at(console, path), **typed}
        keeping.change(purchase=purchase, values=theirs, version=1, by=ann, now=NOW)
        stored = Purchase.objects.filter(pk=purchase.pk).values().get()
        answer = console.post(path, data)
        [reason] = errors_of(answer)[field]
        assert said in reason
        assert Purchase.objects.filter(pk=purchase.pk).values().get() == stored
        # Everything typed is kept, and sent again it is saved.
        form = answer.context["adminform"].form
        assert form[field].value() == typed[field]
        data["read_version"] = form["read_version"].value()
        assert f'name="read_version" value="{data["read_version"]}"' in answer.content.decode()
        assert console.post(path, data).status_code == 302
        assert form_at(console, path)[field] == typed[field]

    def test_what_both_changed_to_the_same_is_no_conflict(self, console, ann):
        purchase = buy(ann)
        path = f"{place_of(purchase)}change/"
        data = form_at(console, path) | {"shared": "on", "name": "Teapot"}
        theirs = {"shared": True, "name": "Teapot"}
        keeping.change(purchase=purchase, values=theirs, version=1, by=ann, now=NOW)
        assert said_after(console, console.post(path, data)) == ["“Teapot” is saved."]

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"purchased_on": TOMORROW}, "purchased_on"),
            ({"price": "0"}, "price"),
            ({"return_by": "2020-01-01"}, "return_by"),
            ({"currency": "ZZZ"}, "currency"),
        ],
    )
    def test_refusals_keep_what_was_there(self, console, ann, typed, field):
        purchase = buy(ann)
        assert [*errors_of(change(console, purchase, **typed))] == [field]
        purchase.refresh_from_db()
        assert (purchase.version, spent(ann)) == (1, Decimal(30))

    def test_the_log_keeps_silent(self, console, ann):
        purchase = buy(ann)
        change(console, purchase, name="Teapot")
        console.post(f"{place_of(purchase)}delete/", {"post": "yes"})
        assert not LogEntry.objects.exists()
        assert console.get(f"{place_of(purchase)}history/").status_code == 404

    def test_a_shop_that_is_renamed_meanwhile_is_not_made_anew(self, console, ann):
        purchase = buy(ann, retailer="Amazn")
        path = f"{place_of(purchase)}change/"
        opened = form_at(console, path)
        keeping.rename(item=purchase.retailer, name="Amazon")
        assert console.post(path, {**opened, "price": "40.00"}).status_code == 302
        purchase.refresh_from_db()
        assert (purchase.price, purchase.retailer.name) == (40, "Amazon")
        assert Retailer.objects.count() == 1


class TestDeletingAPurchase:
    def test_says_that_it_can_be_brought_back_and_gives_the_money_back(self, console, ann):
        purchase = buy(ann)
        page = text_of(console.get(f"{place_of(purchase)}delete/").content.decode())
        assert "Delete “Kettle”? Its budget gets the money back." in page
        assert "30 days are left to bring it back." in page
        answer = console.post(f"{place_of(purchase)}delete/", {"post": "yes"})
        assert said_after(console, answer) == ["“Kettle” is deleted."]
        purchase.refresh_from_db()
        assert purchase.is_trashed
        assert spent(ann) == 0

    def test_many_are_deleted_and_brought_back_at_once(self, console, ann):
        purchases = [buy(ann, "10.00"), buy(ann, "15.00")]
        said = said_after(console, act(console, "trash", *purchases))
        assert said == ["2 purchases are deleted. 30 days are left to bring them back."]
        assert spent(ann) == 0
        assert said_after(console, act(console, "trash", *purchases)) == [
            "Nothing to do: they are so already."
        ]
        # Meanwhile the budget is used up: an administrator is not refused.
        buy(ann, "30.00")
        said = said_after(console, act(console, "restore", *purchases))
        assert said == ["2 purchases are back."]
        assert spent(ann) == Decimal(55)
        assert "delete_selected" not in console.get(PURCHASES).content.decode()

    def test_none_is_brought_back_while_the_budget_is_busy(self, console, ann, monkeypatch):
        purchase = buy(ann)
        keeping.trash(purchase=purchase, now=NOW)
        monkeypatch.setattr(counting.ledger, "charge", Mock(side_effect=ledger.Busy))
        said = said_after(console, act(console, "restore", purchase))
        assert said == ["Nothing was brought back: the budget kept changing. Try again."]

    def test_a_deleted_one_is_for_looking_alone(self, console):
        purchase = PurchaseFactory(
            name="Gone", retailer=RetailerFactory(name="Corner"), deleted_at=NOW
        )
        page = console.get(f"{place_of(purchase)}change/").content.decode()
        assert "Corner" in page
        assert 'name="_save"' not in page
        assert change_status(console, purchase) == 403
        assert console.post(f"{place_of(purchase)}delete/", {"post": "yes"}).status_code == 403


def change_status(console: Client, row: Model) -> int:
    return console.post(f"{place_of(row)}change/", {"name": "Other"}).status_code


class TestWarranties:
    def test_one_is_added_to_a_purchase(self, console):
        purchase = PurchaseFactory()
        answer = add(
            console,
            "/admin/purchases/warranty/",
            purchase=str(purchase.pk),
            kind="extended",
            starts_on="2026-07-15",
            ends_on="2028-07-14",
        )
        assert said_after(console, answer) == ["The warranty is saved."]
        warranty = Warranty.objects.get()
        assert (warranty.purchase, warranty.kind) == (purchase, "extended")

    def test_the_last_day_is_not_before_the_first(self, console):
        warranty = WarrantyFactory(ends_on=TODAY)
        [said] = errors_of(change(console, warranty, ends_on="2026-07-14"))["ends_on"]
        assert said == "The last day cannot be before the first."
        warranty.refresh_from_db()
        assert warranty.ends_on == TODAY
        answer = add(
            console,
            "/admin/purchases/warranty/",
            purchase=str(warranty.purchase_id),
            starts_on="2026-07-15",
            ends_on="2026-07-14",
        )
        assert "ends_on" in errors_of(answer)
        assert Warranty.objects.count() == 1

    def test_one_is_changed_and_stays_with_its_purchase(self, console):
        warranty = WarrantyFactory(ends_on=TODAY)
        other = PurchaseFactory()
        change(console, warranty, ends_on="", voided="on", purchase=str(other.pk))
        stored = Warranty.objects.get()
        assert (stored.ends_on, stored.voided) == (None, True)
        assert stored.purchase == warranty.purchase

    def test_one_is_deleted(self, console):
        warranty = WarrantyFactory()
        assert "cannot be undone" in console.get(f"{place_of(warranty)}delete/").content.decode()
        console.post(f"{place_of(warranty)}delete/", {"post": "yes"})
        assert not Warranty.objects.exists()
        assert Purchase.objects.exists()

    def test_a_purchase_is_found_by_typing(self, console):
        PurchaseFactory(name="Kettle", serial_number="K-100%")
        PurchaseFactory(name="Lamp")
        asked = {"app_label": "purchases", "model_name": "warranty", "field_name": "purchase"}
        found = console.get("/admin/autocomplete/", {**asked, "term": "k-100%"}).json()["results"]
        assert [row["text"] for row in found] == ["Kettle"]


@pytest.mark.parametrize(
    ("place", "factory", "field"),
    [
        ("/admin/purchases/retailer/", RetailerFactory, "retailer"),
        ("/admin/purchases/brand/", BrandFactory, "brand"),
    ],
)
class TestRetailersAndBrands:
    def test_one_is_listed(self, console, place, factory, field):
        hidden = factory(name="CORNER")
        answer = add(console, place, name=" Corner ", link="https://corner.example/")
        assert said_after(console, answer) == ["“Corner” is saved."]
        hidden.refresh_from_db()
        assert (hidden.name, hidden.link, hidden.listed) == (
            "Corner",
            "https://corner.example/",
            True,
        )

    def test_one_is_renamed_with_its_purchases(self, console, place, factory, field):
        purchase = PurchaseFactory(**{field: factory(name="Old")})
        answer = change(console, getattr(purchase, field), name="New")
        assert said_after(console, answer) == ["“New” is saved."]
        purchase.refresh_from_db()
        assert "new" in purchase.search_text

    @pytest.mark.parametrize(
        ("typed", "field_name"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"name": "other"}, "name"),
            ({"link": "javascript:alert(1)"}, "link"),
            ({"link": "ftp://shop.example/"}, "link"),
            ({"into": "999999"}, "into"),
        ],
    )
    def test_refusals(self, console, place, factory, field, typed, field_name):
        item = factory(name="Corner", listed=True)
        factory(name="Other", listed=True)
        assert [*errors_of(change(console, item, **typed))] == [field_name]
        item.refresh_from_db()
        assert (item.name, item.link) == ("Corner", "")

    @pytest.mark.parametrize("button", ["_save", "_continue"])
    def test_one_is_merged_into_another(self, console, place, factory, field, button):
        purchase = PurchaseFactory(**{field: factory(name="Old")})
        into = factory(name="New", listed=True)
        item = getattr(purchase, field)
        answer = change(console, item, into=str(into.pk), **{button: "yes"})
        assert said_after(console, answer) == ["“Old” is part of “New” now."]
        purchase.refresh_from_db()
        assert getattr(purchase, field) == into
        assert type(into).objects.count() == 1

    def test_one_in_use_stays_and_the_count_is_told(self, console, place, factory, field):
        item = factory(name="Corner")
        PurchaseFactory.create_batch(2, **{field: item})
        answer = console.post(f"{place_of(item)}delete/", {"post": "yes"})
        said = said_after(console, answer)
        assert said == ["It stays: 2 purchases have it. Merge it with another one."]

    def test_an_unused_one_is_deleted(self, console, place, factory, field):
        item = factory(name="Corner", listed=True)
        answer = console.post(f"{place_of(item)}delete/", {"post": "yes"})
        assert said_after(console, answer) == ["“Corner” is deleted."]
        assert not type(item).objects.exists()


class TestTags:
    def test_one_is_renamed_and_merged(self, console):
        purchase = PurchaseFactory(tags=[TagFactory(name="kitchn"), TagFactory(name="home")])
        tag, home = Tag.objects.get(name="kitchn"), Tag.objects.get(name="home")
        change(console, tag, name="kitchen")
        purchase.refresh_from_db()
        assert "kitchen" in purchase.search_text
        change(console, tag, into=str(home.pk))
        assert [*purchase.tags.all()] == [home]

    def test_none_has_a_comma(self, console):
        tag = TagFactory(name="red")
        PurchaseFactory(tags=[tag])
        assert errors_of(change(console, tag, name="red, white")) == {
            "name": ["A tag has no comma."]
        }

    def test_they_come_and_go_with_purchases_alone(self, console):
        tag = TagFactory()
        PurchaseFactory(tags=[tag])
        assert console.get("/admin/purchases/tag/add/").status_code == 403
        assert console.post(f"{place_of(tag)}delete/", {"post": "yes"}).status_code == 403


class TestPapers:
    def test_one_is_called_differently(self, console):
        paper = AttachmentFactory(name="a.png")
        answer = change(console, paper, name="b.png", kind="manual")
        assert said_after(console, answer) == ["“b.png” is saved."]
        assert Attachment.objects.values_list("name", "kind").get() == ("b.png", "manual")

    def test_one_is_deleted_and_what_else_has_its_bytes_stays(self, console):
        paper = AttachmentFactory()
        other = AttachmentFactory(blob=paper.blob)
        console.post(f"{place_of(paper)}delete/", {"post": "yes"})
        assert Attachment.objects.get() == other

    @pytest.mark.parametrize("model", ["attachment", "blob", "purchaseentry", "calendarfeed"])
    def test_nothing_is_added_here(self, console, model):
        assert console.get(f"/admin/purchases/{model}/add/").status_code == 403


class TestWhatIsForLooking:
    def test_postings_and_bytes_are_not_changed(self, console, ann):
        purchase = buy(ann)
        paper = AttachmentFactory(purchase=purchase)
        for row in (PurchaseEntry.objects.get(), paper.blob):
            assert console.get(f"{place_of(row)}change/").status_code == 200
            assert change_status(console, row) == 403
            assert console.post(f"{place_of(row)}delete/", {"post": "yes"}).status_code == 403

    def test_the_address_of_a_calendar_is_taken_back(self, console, ann):
        keeping.make_feed(user=ann, now=NOW)
        feed = CalendarFeed.objects.get()
        page = console.get(f"{place_of(feed)}change/").content.decode()
        assert feed.key_hash not in page
        answer = console.post(f"{place_of(feed)}delete/", {"post": "yes"})
        assert answer.status_code == 302
        assert not CalendarFeed.objects.exists()


def test_deleting_a_user_leaves_their_purchases(ann):
    console = administrator(is_superuser=True)
    purchase = buy(ann)
    AttachmentFactory(purchase=purchase)
    keeping.make_feed(user=ann, now=NOW)
    answer = console.post(f"/admin/people/user/{ann.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    purchase.refresh_from_db()
    assert purchase.owner is None
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("model", [Purchase, Warranty, Retailer, Brand, Tag, Attachment])
@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_what_is_not_there_is_not_found(console, model, page):
    for key in ("999", "x"):
        path = f"/admin/purchases/{model._meta.model_name}/{key}/{page}/"
        assert console.get(path).status_code in {403, 404}
