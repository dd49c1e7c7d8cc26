"""The page of one purchase: everything about it, to those who may know."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.ledger import budget_of
from budgets.models import Budget
from budgets.tests.factories import make_budget, open_cycle
from occasions import planning
from occasions.tests.factories import CHRISTMAS, OccasionFactory, PersonFactory, make_gift
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    PurchaseFactory,
    WarrantyFactory,
    buy,
)
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
def me(ann) -> Person:
    return PersonFactory(name="Ann", user=ann)


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom", user=UserFactory())


@pytest.fixture
def other() -> Client:
    client = Client()
    client.force_login(UserFactory())
    return client


def page(client: Client, purchase: Purchase) -> str:
    answer = client.get(purchase.get_absolute_url())
    assert answer.status_code == 200
    return said(answer)


def move(client: Client, purchase: Purchase, status: str):
    return client.post(f"/purchases/{purchase.pk}/status/", {"status": status})


def spent(user: User) -> Decimal:
    return open_cycle(budget_of(user, now=NOW)).spent


def test_everything_about_it_is_there(member, ann):
    kettle = buy(
        ann,
        "100.00",
        quantity=3,
        retailer="Corner shop",
        brand="Teaworks",
        tags=["tea"],
        order_number="O-1",
        model_number="M-1",
        serial_number="S-1",
        link="https://example.com/kettle",
        return_by=TODAY + timedelta(days=9),
        return_policy="With the box",
        tax_deductible=True,
        notes="Red",
        warranties=[{"provider": "Teaworks"}],
    )
    AttachmentFactory(purchase=kettle, name="bill.png")
    html = page(member, kettle)
    words = ["$100.00", "$33.33", "Corner shop", "Teaworks", "O-1", "M-1", "S-1", "in 9 days"]
    words += ["With the box", "Deductible", "Red", "bill.png", "Jul 15, 2026", "Yours"]
    for word in words:
        assert word in html, word
    assert 'href="https://example.com/kettle" rel="noopener noreferrer"' in html
    assert f'href="/purchases/?tag={kettle.tags.get().pk}"' in html


def test_another_currency_shows_both_amounts_and_the_rate(member, ann):
    lamp = buy(ann, "80.00", currency="EUR", exchange_rate=Decimal("1.0842"))
    html = page(member, lamp)
    for words in ("€80.00", "$86.74", "at 1.0842"):
        assert words in html, words


def test_the_postings_are_told_to_the_owner_and_to_administrators(member, other, client, ann):
    kettle = buy(ann, shared=True)
    assert "In the budget" in page(member, kettle)
    assert "In the budget" not in page(other, kettle)
    client.force_login(UserFactory(administrator=True))
    assert "In the budget" in page(client, kettle)


def test_a_hidden_budget_shows_no_postings(member, ann):
    kettle = buy(ann)
    Budget.objects.filter(user=ann).update(visible_to_user=False)
    assert "In the budget" not in page(member, kettle)


def test_who_only_looks_is_offered_no_change(member, other, ann):
    kettle = buy(ann, shared=True)
    html = page(other, kettle)
    for path in ("edit", "delete", "status"):
        assert f"/purchases/{kettle.pk}/{path}/" not in html
        assert f"/purchases/{kettle.pk}/{path}/" in page(member, kettle)
    assert ann.display_name in html


def test_a_private_purchase_is_not_there_for_others(other, ann):
    assert other.get(buy(ann).get_absolute_url()).status_code == 404


def test_of_somebody_who_left_the_page_still_tells(other):
    html = page(other, PurchaseFactory(owner=None, shared=True))
    assert "Somebody who left" in html


def test_the_gift_is_told_to_who_may_know_of_it(member, mom, ann):
    ring = make_gift(OccasionFactory(), mom, title="Ring")
    bought = buy(ann, gift=ring, shared=True)
    html = page(member, bought)
    assert f'<a href="{ring.get_absolute_url()}">Ring</a>' in html
    client = Client()
    client.force_login(mom.user)
    assert client.get(bought.get_absolute_url()).status_code == 404


def test_who_gets_it_too_now_sees_their_own_purchase_without_the_gift(member, me, mom, ann):
    ring = make_gift(OccasionFactory(), mom, title="Ring")
    bought = buy(ann, name="Silver", gift=ring)
    values = {"purchaser": None}
    planning.change_gift(gift=ring, values=values, recipients=[mom, me], today=TODAY)
    html = page(member, bought)
    assert "Ring" not in html
    assert "Christmas" not in html
    edit = said(member.get(f"/purchases/{bought.pk}/edit/"))
    assert "Ring" not in edit
    assert "Ring" not in said(member.get(f"/purchases/{bought.pk}/delete/"))


class TestStatus:
    def test_one_tap_moves_it_and_the_budget_follows(self, member, ann):
        kettle = buy(ann, status="ordered")
        for status, counted in (("received", 30), ("returned", 0), ("received", 30)):
            assert move(member, kettle, status).url == kettle.get_absolute_url()
            kettle.refresh_from_db()
            assert (kettle.status, spent(ann)) == (status, counted)

    def test_what_was_returned_counts_again_only_where_it_fits(self, member, ann):
        kettle = buy(ann, "300.00", status="returned")
        buy(ann, "300.00", name="Ladder")
        answer = move(member, kettle, "received")
        assert answer.status_code == 422
        assert "This does not fit into your budget" in said(answer)
        kettle.refresh_from_db()
        assert (kettle.status, spent(ann)) == ("returned", 300)

    def test_there_is_no_other(self, member, ann):
        kettle = buy(ann)
        answer = move(member, kettle, "lost")
        assert answer.status_code == 422
        assert "There is no such status." in said(answer)
        assert "aria-pressed" in said(answer)

    def test_what_cannot_be_saved_any_more_says_why(self, member, ann):
        gift = make_gift(OccasionFactory(), PersonFactory())
        kettle = buy(ann, gift=gift, status="returned")
        buy(ann, "99999999.99", gift=gift, as_fact=True)
        answer = move(member, kettle, "received")
        assert answer.status_code == 422
        assert "What was bought for it is more than 99,999,999.99." in said(answer)

    def test_only_the_owner_moves_it(self, other, ann):
        kettle = buy(ann, shared=True)
        assert move(other, kettle, "returned").status_code == 404
        kettle.refresh_from_db()
        assert kettle.status == "received"

    def test_its_address_leads_to_the_page(self, member, ann):
        kettle = buy(ann)
        assert member.get(f"/purchases/{kettle.pk}/status/").url == kettle.get_absolute_url()


def test_it_asks_as_many_queries_for_much_as_for_little(member, ann):
    counts = []
    for many in (1, 10):
        kettle = buy(ann, "1.00", tags=[f"tag {number}" for number in range(many)])
        for _ in range(many):
            WarrantyFactory(purchase=kettle)
            AttachmentFactory(purchase=kettle)
        with CaptureQueriesContext(connection) as queries:
            page(member, kettle)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_surprise_is_told_as_one_for_later(member, ann):
    ring = make_gift(OccasionFactory(), PersonFactory(name="Mom"), title="Ring")
    html = page(member, buy(ann, gift=ring, shared=True))
    assert "whoever gets the gift, only after the day" in html
    assert ring.occasion.date == CHRISTMAS
