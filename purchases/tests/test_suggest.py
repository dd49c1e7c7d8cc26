"""Names to choose from while one is typed: all that the viewer may know, and no other."""

from datetime import timedelta

import pytest
from django.test import Client

from occasions.tests.factories import CHRISTMAS, OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases.suggesting import MOST
from purchases.tests.factories import (
    NOW,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
)
from purchases.tests.forms import said

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return UserFactory()


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


def names(client: Client, what: str, text: str = "") -> list[str]:
    return client.get(f"/purchases/suggest/{what}/", {"q": text}).json()["names"]


@pytest.mark.parametrize(
    ("what", "factory"), [("retailer", RetailerFactory), ("brand", BrandFactory)]
)
def test_each_of_many_names_is_reached_by_typing(member, what, factory):
    for number in range(3 * MOST):
        factory(name=f"Place {number:02}", listed=True)
    assert len(names(member, what)) == MOST
    assert names(member, what, "place 57") == ["Place 57"]
    assert names(member, what, "57") == ["Place 57"]


def test_each_of_many_tags_is_reached_too(member, ann):
    tags = [TagFactory(name=f"tag {number:02}") for number in range(3 * MOST)]
    PurchaseFactory(owner=ann, tags=tags)
    assert names(member, "tag", "TAG 4")[:10] == [f"tag {number}" for number in range(40, 50)]


def test_names_that_begin_so_come_first(member):
    for name in ("A nice bakery", "Bakery Nord", "Zur Bäckerei"):
        RetailerFactory(name=name, listed=True)
    assert names(member, "retailer", "BAK") == ["Bakery Nord", "A nice bakery"]
    assert names(member, "retailer", "bäck") == ["Zur Bäckerei"]


def test_signs_mean_themselves(member):
    for name in ("100% wool", "100 wool"):
        RetailerFactory(name=name, listed=True)
    assert names(member, "retailer", "100%") == ["100% wool"]
    assert names(member, "retailer", "_") == []
    assert names(member, "retailer", "a\0b" * 100) == []


def test_what_only_hidden_purchases_have_is_not_told(member, ann):
    gift = make_gift(OccasionFactory(), PersonFactory(user=ann))
    secrets = {
        "retailer": RetailerFactory(name="Canary shop"),
        "brand": BrandFactory(name="Canary brand"),
        "tags": [TagFactory(name="canary")],
    }
    PurchaseFactory(owner=UserFactory(), **secrets)
    PurchaseFactory(owner=UserFactory(), shared=True, gift=gift, **secrets)
    PurchaseFactory(owner=ann, deleted_at=NOW, **secrets)
    for what in ("retailer", "brand", "tag"):
        assert names(member, what, "canary") == [], what
    assert "anary" not in said(member.get("/purchases/add/"))


def test_what_came_with_a_visible_purchase_is_told(member, ann):
    shop, tag = RetailerFactory(name="Corner shop"), TagFactory(name="tea")
    PurchaseFactory(owner=UserFactory(), shared=True, retailer=shop, tags=[tag])
    assert names(member, "retailer") == ["Corner shop"]
    assert names(member, "tag") == ["tea"]


def test_after_the_day_a_surprise_is_told(client, ann, time_machine):
    gift = make_gift(OccasionFactory(), PersonFactory(user=ann))
    shop = RetailerFactory(name="Corner shop")
    PurchaseFactory(owner=UserFactory(), shared=True, gift=gift, retailer=shop)
    time_machine.move_to(CHRISTMAS + timedelta(days=1))
    client.force_login(ann)
    assert names(client, "retailer") == ["Corner shop"]


def test_without_a_script_the_first_names_are_in_the_page(member):
    RetailerFactory(name="Corner <b> shop", listed=True)
    html = member.get("/purchases/add/").content.decode()
    assert '<option value="Corner &lt;b&gt; shop">' in html


def test_there_are_no_other_kinds(member):
    assert member.get("/purchases/suggest/owner/").status_code == 404


def test_it_asks_as_many_queries_for_many_names_as_for_few(member, django_assert_max_num_queries):
    for number in range(30):
        RetailerFactory(name=f"Place {number}", listed=True)
    with django_assert_max_num_queries(6):
        names(member, "retailer", "pl")
