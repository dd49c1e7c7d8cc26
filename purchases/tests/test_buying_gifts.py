"""Buying a gift: one purchase, and the gift, the budget and the list agree to the cent."""

from decimal import Decimal

import pytest
from django.test import Client

from budgets.ledger import budget_of
from budgets.tests.factories import make_budget, open_cycle
from occasions.models import Gift
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import NOW, TODAY, buy
from purchases.tests.forms import error_of, said, sent_by, typed

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return make_budget(limit=Decimal(500)).user


@pytest.fixture
def me(ann) -> Person:
    return PersonFactory(name="Ann", user=ann)


@pytest.fixture
def member(client: Client, me: Person) -> Client:
    client.force_login(me.user)
    return client


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def cups(mom) -> Gift:
    link = "https://example.com/cups"
    return make_gift(OccasionFactory(), mom, title="Cups", price="33.00", quantity=3, link=link)


def add(client: Client, gift: Gift, **values: str):
    path = f"/purchases/add/?gift={gift.pk}"
    return client.post(path, sent_by(client.get(path)) | values)


def test_the_form_begins_with_what_the_gift_says(member, cups):
    sent = sent_by(member.get(f"/purchases/add/?gift={cups.pk}"))
    assert (sent["name"], sent["price"], sent["quantity"]) == (["Cups"], ["99.00"], ["3"])
    assert (sent["link"], sent["gift"]) == (["https://example.com/cups"], [str(cups.pk)])
    assert sent["shared"] == [""]


def test_a_gift_without_a_price_asks_for_it(member, cups):
    Gift.objects.update(price=None)
    assert sent_by(member.get(f"/purchases/add/?gift={cups.pk}"))["price"] == [""]


def test_gift_budget_and_list_agree_to_the_cent(member, ann, me, cups):
    assert add(member, cups, price="100.00").status_code == 302
    cups.refresh_from_db()
    bought = Purchase.objects.get()
    assert (bought.gift, bought.quantity, bought.amount) == (cups, 3, 100)
    assert (cups.status, cups.bought_on, cups.purchaser) == ("purchased", TODAY, me)
    assert (cups.cost, cups.paid_total) == (100, 100)
    assert open_cycle(budget_of(ann, now=NOW)).spent == 100
    for path in (
        cups.occasion.get_absolute_url(),
        cups.get_absolute_url(),
        "/gifts/",
        "/budget/",
        "/purchases/",
        bought.get_absolute_url(),
    ):
        html = said(member.get(path))
        assert "$100.00" in html, path
        assert "$99.99" not in html, path


def test_a_corrected_price_reaches_all_of_them(member, ann, cups):
    add(member, cups, price="100.00")
    bought = Purchase.objects.get()
    path = f"/purchases/{bought.pk}/edit/"
    member.post(path, sent_by(member.get(path)) | {"price": "95.50"})
    cups.refresh_from_db()
    assert cups.cost == Decimal("95.50")
    assert open_cycle(budget_of(ann, now=NOW)).spent == Decimal("95.50")


def test_what_does_not_fit_leaves_the_gift_as_it_was(member, cups):
    answer = add(member, cups, price="500.01")
    assert answer.status_code == 422
    assert sent_by(answer)["gift"] == [str(cups.pk)]
    cups.refresh_from_db()
    assert (cups.status, cups.paid_total) == ("selected", None)


def test_a_purchase_may_be_told_later_that_it_was_for_a_gift(member, ann, cups):
    bought = buy(ann, "60.00")
    path = f"/purchases/{bought.pk}/edit/"
    member.post(path, sent_by(member.get(path)) | {"gift": str(cups.pk)})
    cups.refresh_from_db()
    assert (cups.status, cups.cost) == ("purchased", 60)
    member.post(path, sent_by(member.get(path)) | {"gift": ""})
    cups.refresh_from_db()
    assert (cups.status, cups.cost) == ("selected", 99)


class TestWhatIsASecret:
    def test_a_gift_for_me_is_as_if_it_were_not_there(self, member, me):
        mine = make_gift(OccasionFactory(), me, title="Canary ring", price="77.00")
        asked = member.get(f"/purchases/add/?gift={mine.pk}")
        nothing = member.get("/purchases/add/?gift=999999")
        assert sent_by(asked) | {"csrfmiddlewaretoken": []} == sent_by(nothing) | {
            "csrfmiddlewaretoken": []
        }
        assert "anary" not in said(asked)

    def test_nor_can_it_be_bought_by_its_key(self, member, me):
        mine = make_gift(OccasionFactory(), me)
        wrong = [mine.pk, 999_999, "abc", "9" * 30]
        reasons = set()
        for key in wrong:
            answer = member.post("/purchases/add/", typed(gift=key))
            assert answer.status_code == 422
            reasons.add(error_of(answer, "gift"))
        assert len(reasons) == 1
        assert not Purchase.objects.exists()

    def test_a_gift_for_me_and_others_is_none_either(self, member, me, mom):
        both = make_gift(OccasionFactory(), me, mom, title="Canary ring")
        assert "anary" not in said(member.get(f"/purchases/add/?gift={both.pk}"))

    def test_what_i_got_once_is_not_for_me_to_buy(self, member, me, mom):
        past = OccasionFactory(date=TODAY.replace(month=6))
        mine = make_gift(past, me, title="Old ring")
        theirs = make_gift(past, mom, title="Old vase")
        html = said(member.get("/purchases/add/"))
        assert "Old vase" in html
        assert "Old ring" not in html
        assert sent_by(member.get(f"/purchases/add/?gift={theirs.pk}"))["name"] == ["Old vase"]
        assert sent_by(member.get(f"/purchases/add/?gift={mine.pk}"))["name"] == [""]


class TestOnTheGift:
    def test_what_is_not_bought_can_be(self, member, cups):
        link = f'href="/purchases/add/?gift={cups.pk}"'
        for path in (cups.get_absolute_url(), "/gifts/"):
            assert link in said(member.get(path)), path
        Gift.objects.update(purchaser=Person.objects.get(name="Ann"))
        assert link in said(member.get("/gifts/shopping/"))
        assert link in said(member.get(cups.occasion.get_absolute_url()))

    def test_what_is_bought_is_not_offered_again(self, member, cups):
        add(member, cups)
        link = f"/purchases/add/?gift={cups.pk}"
        for path in (cups.get_absolute_url(), "/gifts/", cups.occasion.get_absolute_url()):
            assert link not in said(member.get(path)), path

    def test_the_paid_price_comes_from_the_purchase(self, member, cups):
        add(member, cups, price="100.00")
        html = said(member.get(cups.get_absolute_url()))
        assert "What its purchase cost, for one piece." in html
        path = cups.get_absolute_url()
        start = html.index('name="paid_price"')
        assert "disabled" in html[start : html.index(">", start)]
        fields = {"title": "Red cups", "paid_price": "1.00", "occasion": cups.occasion.pk}
        fields |= {"recipients": [person.pk for person in cups.recipients.all()]}
        fields |= {"priority": 2, "status": "purchased", "price": "33.00", "quantity": "3"}
        assert member.post(path, fields).status_code == 302
        cups.refresh_from_db()
        assert (cups.title, cups.cost) == ("Red cups", 100)
        assert cups.paid_price == Decimal("33.33")

    def test_without_a_purchase_it_is_typed(self, member, cups):
        html = said(member.get(cups.get_absolute_url()))
        start = html.index('name="paid_price"')
        assert "disabled" not in html[start : html.index(">", start)]


def test_somebody_else_buys_it_too(cups):
    client = Client()
    client.force_login(UserFactory(administrator=True))
    assert add(client, cups).status_code == 302
    cups.refresh_from_db()
    assert (cups.status, cups.cost) == ("purchased", 99)
