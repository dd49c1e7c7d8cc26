"""What may be written down twice is told of before it is: same product, day and amount."""

from decimal import Decimal

import pytest
from django.test import Client

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import NOW, TODAY, PurchaseFactory, TagFactory
from purchases.tests.forms import add, said, sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

NOTICE = "Is it the same purchase?"
ASKED = {"name": "Kettle", "price": "30.00", "currency": "USD", "purchased_on": "2026-07-15"}


@pytest.fixture
def ann() -> User:
    return UserFactory(administrator=True)


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def kettle(ann) -> Purchase:
    return keep(ann)


def keep(owner: User, **values) -> Purchase:
    return PurchaseFactory(owner=owner, **{"name": "Kettle", "price": Decimal(30), **values})


def told(client: Client, **values: str):
    return client.get("/purchases/alike/", ASKED | values, headers={"HX-Request": "true"})


def test_the_first_time_it_is_asked_and_nothing_is_stored(member, kettle):
    answer = add(member, notes="Red")
    assert answer.status_code == 422
    assert NOTICE in said(answer)
    assert f'<a href="{kettle.get_absolute_url()}">Kettle</a>' in said(answer)
    assert "Save anyway" in said(answer)
    assert sent_by(answer)["notes"] == ["Red"]
    assert Purchase.objects.count() == 1


def test_saved_anyway_both_are_there(member, kettle):
    sent = sent_by(add(member))
    assert sent["anyway"] == [str(kettle.pk)]
    assert member.post("/purchases/add/", sent).status_code == 302
    assert Purchase.objects.count() == 2


def test_what_was_not_told_of_is_asked_again(member, ann, kettle):
    sent = sent_by(add(member))
    keep(ann, price=Decimal(40))
    answer = member.post("/purchases/add/", sent | {"price": "40.00"})
    assert answer.status_code == 422
    assert NOTICE in said(answer)


def test_the_name_is_compared_regardless_of_case_and_space(member, ann):
    keep(ann, name="ÜBER Café", tags=[TagFactory()])
    assert NOTICE in said(add(member, name=" über  CAFÉ"))


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Kettles"},
        {"price": Decimal("30.01")},
        {"currency": "EUR"},
        {"purchased_on": TODAY.replace(day=14)},
        {"deleted_at": NOW},
    ],
)
def test_another_product_price_or_day_is_another_purchase(member, ann, other):
    keep(ann, **other)
    assert add(member).status_code == 302


def test_what_somebody_shares_may_be_the_same_purchase(member):
    keep(UserFactory(), shared=True)
    assert NOTICE in said(add(member))


def test_what_must_not_be_seen_is_not_told_of(member, ann):
    keep(UserFactory())
    present = make_gift(OccasionFactory(), PersonFactory(user=ann))
    keep(UserFactory(), gift=present, shared=True)
    assert NOTICE not in said(told(member))
    assert add(member).status_code == 302


def test_while_it_is_typed_a_script_is_told(member, kettle):
    answer = told(member)
    assert answer.status_code == 200
    assert NOTICE in said(answer)
    assert kettle.get_absolute_url() in said(answer)
    assert "<html" not in said(answer)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"price": "3"},
        {"price": "abc"},
        {"currency": "ZZZ"},
        {"purchased_on": ""},
        {"purchased_on": "2026-07-16"},
        {"name": "a\0b"},
    ],
)
def test_what_is_not_typed_to_the_end_is_like_nothing(member, kettle, values):
    answer = told(member, **values)
    assert answer.status_code == 200
    assert NOTICE not in said(answer)


def test_a_purchase_is_not_like_itself(member, kettle):
    assert NOTICE not in said(told(member, but=str(kettle.pk)))
    assert NOTICE in said(told(member, but="9" * 30))
    sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
    answer = member.post(f"/purchases/{kettle.pk}/edit/", sent | {"price": "30", "notes": "Red"})
    assert answer.status_code == 302


def test_two_that_were_kept_are_not_asked_of_with_every_change(member, ann, kettle):
    keep(ann)
    sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
    answer = member.post(f"/purchases/{kettle.pk}/edit/", sent | {"notes": "Red"})
    assert answer.status_code == 302


def test_a_change_that_makes_two_alike_is_asked_of(member, ann, kettle):
    cup = keep(ann, name="Cup")
    sent = sent_by(member.get(f"/purchases/{cup.pk}/edit/"))
    answer = member.post(f"/purchases/{cup.pk}/edit/", sent | {"name": "kettle"})
    assert answer.status_code == 422
    assert NOTICE in said(answer)


def test_without_a_script_the_address_leads_to_the_form(member):
    assert member.get("/purchases/alike/", ASKED).url == "/purchases/add/"
