"""What a search for purchases finds."""

import pytest
from django.test import Client

from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Purchase
from purchases.tests.factories import (
    NOW,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    buy,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann(client: Client):
    user = UserFactory()
    client.force_login(user)
    return user


def found(client: Client, text: str) -> set[str]:
    answer = client.get("/purchases/", {"q": text})
    assert answer.status_code == 200
    return {purchase.name for purchase in answer.context["page"]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("100%", {"100% wool"}),
        ("a_b", {"part a_b"}),
        ("über", {"ÜBER Café"}),
        ("CAFÉ über", {"ÜBER Café"}),
        ("cafe", set()),
        ("straße", {"STRASSE map"}),
        ("100% scarf", set()),
        ("%", {"100% wool"}),
        ("_", {"part a_b"}),
        ("\\", {"back\\slash"}),
        ("'", {"Ben's cup"}),
        ("nothing of the kind", set()),
    ],
)
def test_every_word_must_be_there_and_signs_mean_themselves(client, ann, text, names):
    for name in (
        "100% wool",
        "100 % linen".replace(" %", ""),
        "part a_b",
        "part aXb",
        "ÜBER Café",
        "STRASSE map",
        "back\\slash",
        "Ben's cup",
    ):
        PurchaseFactory(owner=ann, name=name)
    assert found(client, text) == names


def test_blanks_search_for_nothing(client, ann):
    PurchaseFactory(owner=ann, name="Kettle")
    assert found(client, "   ") == {"Kettle"}
    assert found(client, "") == {"Kettle"}


@pytest.mark.parametrize(
    "text",
    ["SN-77", "ord-12", "MODEL X", "corner SHOP", "acme", "kitchen", "attic", "kettle attic"],
)
def test_looks_into_everything_that_is_written_down(client, ann, text):
    PurchaseFactory(
        owner=ann,
        name="Kettle",
        serial_number="sn-77",
        order_number="ORD-12",
        model_number="Model X",
        retailer=RetailerFactory(name="Corner shop"),
        brand=BrandFactory(name="ACME"),
        tags=[TagFactory(name="Kitchen")],
        notes="It is in the attic.",
    )
    PurchaseFactory(owner=ann, name="Lamp")
    assert found(client, text) == {"Kettle"}


def test_follows_what_the_verbs_change(client, ann):
    purchase = buy(ann, "3.00", retailer="Corner shop", tags=["tea"])
    assert found(client, "corner tea") == {"Kettle"}
    keeping.change(
        purchase=purchase, values={"tags": ["milk"]}, version=purchase.version, by=ann, now=NOW
    )
    assert found(client, "tea") == set()
    assert found(client, "milk") == {"Kettle"}
    keeping.rename(item=Purchase.objects.get().retailer, name="Mill")
    assert found(client, "mill") == {"Kettle"}


def test_combines_with_the_filters(client, ann):
    PurchaseFactory(owner=ann, name="Red cup", status="returned")
    PurchaseFactory(owner=ann, name="Red plate")
    answer = client.get("/purchases/", {"q": "red", "status": "returned"})
    assert [purchase.name for purchase in answer.context["page"]] == ["Red cup"]
