"""Deleting a purchase: what it says, the money back, and undoing it."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from budgets.ledger import budget_of
from budgets.models import Entry
from budgets.tests.factories import make_budget, open_cycle
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import NOW, buy
from purchases.tests.forms import said

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return make_budget(limit=Decimal(500)).user


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def kettle(ann) -> Purchase:
    return buy(ann, "45.00")


def spent(user: User) -> Decimal:
    return open_cycle(budget_of(user, now=NOW)).spent


def test_the_page_says_what_happens_and_deletes_nothing(member, kettle):
    html = said(member.get(f"/purchases/{kettle.pk}/delete/"))
    assert "Delete “Kettle”?" in html
    assert "Your budget gets $45.00 back." in html
    assert "30 days" in html
    assert Purchase.objects.live().exists()


def test_what_was_returned_gives_nothing_back(member, ann):
    kettle = buy(ann, status="returned")
    assert (
        "back." not in said(member.get(f"/purchases/{kettle.pk}/delete/")).split("<p>It stays")[0]
    )


def test_it_goes_to_the_trash_and_the_budget_gets_the_money(member, ann, kettle):
    answer = member.post(f"/purchases/{kettle.pk}/delete/")
    assert answer.url == "/purchases/"
    assert not Purchase.objects.live().exists()
    assert spent(ann) == 0
    assert member.get(kettle.get_absolute_url()).status_code == 404
    assert "Kettle" in said(member.get("/purchases/trash/"))


def test_it_can_be_undone_at_once(member, ann, kettle):
    listed = said(member.post(f"/purchases/{kettle.pk}/delete/", follow=True))
    [address] = re.findall(r'action="(/purchases/undo/\d+/)"', listed)
    assert member.post(address).status_code == 302
    assert Purchase.objects.live().get() == kettle
    assert spent(ann) == 45
    amounts = [entry.amount for entry in Entry.objects.order_by("pk")]
    assert amounts == [45, -45, 45]


@pytest.mark.parametrize("shared", [True, False])
def test_only_the_owner_deletes_it(client, ann, shared):
    kettle = buy(ann, shared=shared)
    client.force_login(UserFactory(administrator=True))
    for ask in (client.get, client.post):
        assert ask(f"/purchases/{kettle.pk}/delete/").status_code == 404
    assert Purchase.objects.live().exists()


def test_what_is_deleted_is_not_deleted_again(member, kettle):
    member.post(f"/purchases/{kettle.pk}/delete/")
    assert member.post(f"/purchases/{kettle.pk}/delete/").status_code == 404
