"""What is a surprise to an administrator is not in the console, by no way that leads there."""

import pytest
from django.db.models import Model
from django.test import Client

from budgets.tests.consoles import rows_of
from occasions.models import Gift
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Attachment, Blob, Brand, Purchase, PurchaseEntry, Retailer, Tag
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    WarrantyFactory,
    buy,
)
from purchases.tests.test_admin_lists import FIRST, LISTS

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

CANARY = b"anary"


@pytest.fixture
def leo() -> User:
    return UserFactory(username="leo", is_staff=True)


@pytest.fixture
def console(leo: User) -> Client:
    client = Client()
    client.force_login(leo)
    return client


@pytest.fixture
def gift(leo: User) -> Gift:
    return make_gift(OccasionFactory(), PersonFactory(user=leo), title="Canary gift")


@pytest.fixture
def mom() -> User:
    return UserFactory(username="mom")


def surprise(mom: User, gift: Gift, **values: object) -> Purchase:
    """Buy a present with everything that hangs on a purchase."""
    purchase = buy(
        mom,
        "77.77",
        name="Canary kite",
        retailer="Canary shop",
        brand="Canary brand",
        tags=["canary"],
        gift=gift,
        shared=True,
        as_fact=True,
        **values,
    )
    WarrantyFactory(purchase=purchase, provider="Canary insurance")
    AttachmentFactory(purchase=purchase, name="canary.png")
    AttachmentFactory(purchase=None, uploaded_by=mom, name="canary waits.png")
    return purchase


def pages_of(console: Client) -> list[str]:
    questions = ["", "?q=canary", "?o=1", "?all="]
    answers = [console.get(f"{place}{question}") for place in LISTS for question in questions]
    return [
        "\n".join(x for x in answer.content.decode().splitlines() if "csrf" not in x)
        for answer in answers
    ]


def test_every_list_is_the_same_with_and_without_a_surprise(console, leo, mom, gift):
    buy(leo, "10.00", name="Kettle", retailer="Corner shop", tags=["tea"], as_fact=True)
    buy(mom, "10.00", name="Diary", as_fact=True)
    before = pages_of(console)
    surprise(mom, gift)
    assert pages_of(console) == before


def test_what_is_private_is_no_secret_to_administrators(console, mom):
    buy(mom, "10.00", name="Diary", retailer="Bookshop", as_fact=True)
    assert [*rows_of(console.get("/admin/purchases/purchase/"), "name")] == ["Diary"]
    assert [*rows_of(console.get("/admin/purchases/retailer/"), "name")] == ["Bookshop"]


def rows_behind(purchase: Purchase) -> list[Model]:
    return [
        purchase,
        purchase.warranties.get(),
        purchase.attachments.get(),
        Attachment.objects.get(purchase=None),
        purchase.attachments.get().blob,
        PurchaseEntry.objects.get(purchase=purchase),
        Retailer.objects.get(key="canary shop"),
        Brand.objects.get(key="canary brand"),
        Tag.objects.get(key="canary"),
    ]


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_no_key_leads_to_a_surprise(console, mom, gift, page):
    for row in rows_behind(surprise(mom, gift)):
        path = f"/admin/purchases/{row._meta.model_name}/{{}}/{page}/"
        key = "0" * 64 if isinstance(row, Blob) else "99999"
        there, nowhere = (console.get(path.format(key)) for key in (row.pk, key))
        assert there.status_code == nowhere.status_code, row
        assert there.status_code in {403, 404}, row
        assert CANARY not in there.content
        assert console.post(path.format(row.pk), {"post": "yes"}).status_code in {403, 404, 405}
    assert Purchase.objects.live().count() == 1


def test_no_choice_names_one(console, mom, gift):
    purchase = surprise(mom, gift)
    own = buy(User.objects.get(username="leo"), "1.00", retailer="Shop", tags=["x"], as_fact=True)
    pages = [
        "purchases/purchase/add/",
        f"purchases/purchase/{own.pk}/change/",
        "purchases/warranty/add/",
        f"purchases/retailer/{own.retailer_id}/change/",
        f"purchases/tag/{own.tags.get().pk}/change/",
    ]
    for page in pages:
        answer = console.get(f"/admin/{page}")
        assert answer.status_code == 200
        assert CANARY not in answer.content, page
    asked = {"app_label": "purchases", "model_name": "warranty", "field_name": "purchase"}
    for term in ("", "canary"):
        found = console.get("/admin/autocomplete/", {**asked, "term": term})
        assert CANARY not in found.content
    typed = {"kind": "other", "starts_on": TODAY.isoformat(), "purchase": str(purchase.pk)}
    answer = console.post("/admin/purchases/warranty/add/", typed)
    assert "purchase" in answer.context["adminform"].form.errors
    typed = {"owner": str(mom.pk), "name": "Guess", "price": "1", "gift": str(gift.pk)}
    answer = console.post("/admin/purchases/purchase/add/", typed)
    assert "gift" in answer.context["adminform"].form.errors
    assert CANARY not in answer.content


def test_no_action_reaches_one(console, mom, gift):
    purchase = surprise(mom, gift)
    for action in ("trash", "restore", "delete_selected"):
        ticked = {"action": action, "index": "0", "_selected_action": [str(purchase.pk)]}
        console.post("/admin/purchases/purchase/", ticked)
        console.post("/admin/purchases/purchase/", {**ticked, "select_across": "1"})
    purchase.refresh_from_db()
    assert not purchase.is_trashed


def test_its_shop_is_added_and_deleted_as_if_it_were_new(console, mom, gift):
    surprise(mom, gift)
    answer = console.post("/admin/purchases/retailer/add/", {"name": "Canary Shop", "link": ""})
    assert answer.status_code == 302
    shop = Retailer.objects.get(key="canary shop")
    rows = rows_of(console.get("/admin/purchases/retailer/"), "name")
    assert rows["Canary"]["uses"] == "0"
    answer = console.post(f"/admin/purchases/retailer/{shop.pk}/delete/", {"post": "yes"})
    assert answer["Location"] == "/admin/purchases/retailer/"
    assert rows_of(console.get("/admin/purchases/retailer/"), "name") == {}
    assert Purchase.objects.get().retailer == shop


def test_it_stays_secret_until_its_day_when_its_gift_is_gone(console, mom, gift):
    surprise(mom, gift)
    gift.delete()
    for place in LISTS:
        assert CANARY not in console.get(place).content


def test_when_the_day_has_passed_everything_is_told(console, leo, mom, gift, time_machine):
    surprise(mom, gift)
    time_machine.move_to("2026-12-26T00:00:00Z")
    console.force_login(leo)
    assert [*rows_of(console.get("/admin/purchases/purchase/"), "name")] == ["Canary"]


def test_what_is_ones_own_stays(console, leo):
    friend = make_gift(OccasionFactory(), PersonFactory(), title="For a friend")
    buy(leo, "5.00", name="Scarf", gift=friend, as_fact=True)
    assert [*rows_of(console.get("/admin/purchases/purchase/"), "name")] == ["Scarf"]


def test_every_list_has_a_column_to_tell_rows_apart(console, leo):
    keeping.make_feed(user=leo, now=NOW)
    rows = rows_of(console.get("/admin/purchases/calendarfeed/"), FIRST[LISTS[-1]])
    assert [*rows] == ["leo"]
