"""The home page: what runs out soon."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.tests.factories import make_budget, set_up
from people.models import User
from purchases.models import Purchase
from purchases.tests.factories import NOW, TODAY, PurchaseFactory, WarrantyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def user() -> User:
    return make_budget(limit=30).user


@pytest.fixture
def member(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def card_of(client: Client) -> str:
    page = client.get("/").content.decode()
    return page.partition('id="deadlines-title"')[2].partition("</section>")[0]


def running_out(user: User, name: str, *, ends: int | None = None, back: int | None = None):
    """Write down a purchase with a warranty that ends, or that can go back, in so many days."""
    bought = PurchaseFactory(owner=user, name=name, purchased_on=TODAY - timedelta(days=99))
    if back is not None:
        Purchase.objects.filter(pk=bought.pk).update(return_by=TODAY + timedelta(days=back))
    if ends is not None:
        WarrantyFactory(purchase=bought, ends_on=TODAY + timedelta(days=ends))
    return bought


def test_nothing_is_said_in_one_sentence(member):
    card = card_of(member)
    assert "Nothing runs out in the next weeks." in card
    assert '<a href="/warranties/">' in card
    assert "<li>" not in card


def test_the_next_five_are_told_soonest_first(member, user):
    for days in (30, 12, 5, 31):
        running_out(user, f"Ends {days}", ends=days)
    for days in (14, 0, 1, 15):
        running_out(user, f"Back {days}", back=days)
    card = card_of(member)
    told = ["Back 0", "Back 1", "Ends 5", "Ends 12", "Back 14"]
    places = [card.index(f">{name}</a>") for name in told]
    assert places == sorted(places)
    assert card.count("<li>") == 5
    assert "Can be returned until Jul 15, 2026" in card
    assert "Manufacturer warranty ends Jul 20, 2026" in card
    for words in ("today", "tomorrow", "in 5 days", "in 14 days"):
        assert f'<span class="deadline-when">{words}</span>' in card


def test_each_leads_to_its_purchase(member, user):
    kettle = running_out(user, "<b>Kettle", ends=3)
    assert f'<a href="{kettle.get_absolute_url()}">&lt;b&gt;Kettle</a>' in card_of(member)


def test_a_member_whose_budget_is_hidden_sees_them_too(member, user):
    running_out(user, "Kettle", ends=3)
    set_up(user.budget, visible_to_user=False)
    assert ">Kettle</a>" in card_of(member)


def test_the_same_queries_for_none_as_for_many(member, user):
    counts = []
    for days in (0, 5, 10):
        for number in range(days):
            running_out(user, f"Thing {number}", ends=number, back=number)
        with CaptureQueriesContext(connection) as queries:
            card_of(member)
        counts.append(len(queries))
    assert counts == [10, 10, 10]
