"""The analytics page: what it says, what can be asked of it, and what it never tells."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases.analysis import Card
from purchases.models import Preferences, Purchase
from purchases.tests.factories import (
    NOW,
    TODAY,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    WarrantyFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def member(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page_of(client: Client, **asked: object) -> str:
    answer = client.get("/analytics/", asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def chart(client: Client, name: str, **asked: object) -> dict[str, Any]:
    """Return what the script of the page draws."""
    page = client.get("/analytics/", asked).content.decode()
    found = re.search(rf'<script id="{name}-chart" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def follow(client: Client, link: str) -> list[str]:
    """Return the names on the list of purchases that a link leads to."""
    answer = client.get(link)
    assert answer.status_code == 200
    form = answer.context["form"]
    assert not form.errors
    return [purchase.name for purchase in answer.context["page"]]


@pytest.fixture
def household(user) -> User:
    """Return a member with a laptop, cables of another shop, and a lamp in another currency."""
    shop, maker = RetailerFactory(name="Corner"), BrandFactory(name="Acme")
    PurchaseFactory(owner=user, name="Laptop", price=Decimal("1200.00"), retailer=shop, brand=maker)
    PurchaseFactory(
        owner=user,
        name="Cable",
        price=Decimal("9.99"),
        purchased_on=TODAY - timedelta(days=60),
        retailer=RetailerFactory(name="Market"),
    )
    PurchaseFactory(
        owner=user,
        name="Lamp",
        price=Decimal(80),
        currency="EUR",
        exchange_rate=Decimal("1.1"),
    )
    return user


class TestThePage:
    def test_says_each_currency_apart_and_all_of_it_in_the_base_one(self, member, household):
        page = page_of(member)
        assert "$1,209.99" in page
        assert "€80.00" in page
        assert "$1,297.99" in page
        assert "1,289.99" not in page

    def test_has_a_row_for_each_of_the_last_twelve_months(self, member, household):
        page = page_of(member)
        table = page.split("Spending by month, in USD</caption>")[1].split("</table>")[0]
        assert table.count("<tr") == 13
        assert ["Aug 2025" in table, "Jul 2025" in table, "Jul 2026" in table] == [
            True,
            False,
            True,
        ]

    def test_says_that_what_was_returned_does_not_count(self, member, household):
        assert "What was returned does not count." in page_of(member)

    def test_charts_the_same_numbers_as_its_tables(self, member, household):
        months = chart(member, "months")
        assert len(months["labels"]) == 12
        assert months["sets"][0]["values"][-3:] == ["9.99", "0", "1200"]
        assert months["sets"][0]["texts"][-1] == "$1,200.00, 1 purchase"
        shares = chart(member, "retailers")
        assert shares["labels"] == ["Corner", "Market", "No retailer"]
        assert shares["sets"][0]["values"] == ["99.17", "0.83", "0"]
        assert shares["sets"][1]["values"] == ["33.34", "33.33", "33.33"]

    def test_draws_warranties_from_their_first_to_their_last_day(self, member, household):
        laptop = Purchase.objects.get(name="Laptop")
        WarrantyFactory(purchase=laptop, ends_on=TODAY + timedelta(days=5))
        WarrantyFactory(purchase=laptop)
        drawn = chart(member, "warranties")
        assert drawn["sets"][0]["values"] == [
            ["2026-07-15", "2026-07-20"],
            ["2026-07-15", None],
        ]
        assert drawn["sets"][0]["colours"] == ["yellow-fill", "green-fill"]

    def test_every_chart_has_words_for_who_cannot_see_it(self, member, household):
        canvases = re.findall(r"<canvas[^>]*>", page_of(member))
        assert len(canvases) == 3
        assert all('role="img" aria-label="' in canvas for canvas in canvases)

    def test_a_name_is_never_markup(self, member, user):
        PurchaseFactory(
            owner=user,
            name="</script><script>alert(1)</script>",
            retailer=RetailerFactory(name="<b>&"),
        )
        page = member.get("/analytics/").content.decode()
        assert "<script>alert" not in page
        assert "<b>&" not in page

    def test_without_anything_there_is_one_thing_to_do(self, member):
        page = page_of(member)
        assert "What you buy adds up here" in page
        assert 'href="/purchases/add/"' in page
        assert "<canvas" not in page

    def test_with_nothing_in_the_days_asked_for_it_says_so(self, member, household):
        page = page_of(member, since="2020-01-01", until="2020-12-31")
        assert "Nothing that counts was bought in these days." in page
        assert 'value="2020-01-01"' in page


class TestTheFilters:
    def test_a_range_of_days_has_its_own_months(self, member, household):
        drawn = chart(member, "months", since="2026-05-01", until="2026-06-30")
        assert drawn["labels"] == ["May 2026", "Jun 2026"]
        assert drawn["sets"][0]["values"] == ["9.99", "0"]

    def test_a_long_range_is_told_by_year(self, member, household):
        page = page_of(member, since="2010-01-01")
        assert "Spending by year" in page

    def test_another_currency(self, member, household):
        drawn = chart(member, "months", currency="eur")
        assert (drawn["currency"], drawn["sets"][0]["values"][-1]) == ("EUR", "80")
        assert '<option value="eur" selected>EUR, Euro</option>' in page_of(member, currency="eur")

    def test_a_currency_in_which_nothing_was_paid(self, member, household):
        assert "Nothing was paid in GBP" in page_of(member, currency="GBP")

    def test_only_ones_own(self, member, household):
        PurchaseFactory(name="Sofa", shared=True)
        assert "Sofa" in page_of(member)
        assert "Sofa" in page_of(member, whose="all")
        assert "Sofa" not in page_of(member, whose="mine")

    @pytest.mark.parametrize(
        ("asked", "reason"),
        [
            ({"since": "yesterday"}, "Choose a day, as year-month-day."),
            ({"until": "2026-02-30"}, "Choose a day, as year-month-day."),
            ({"since": "0000-00-00"}, "Choose a day, as year-month-day."),
            (
                {"since": "2026-07-01", "until": "2026-06-01"},
                "The last day comes before the first.",
            ),
            ({"currency": "ZZZ"}, "“ZZZ” is no currency; USD or EUR is."),
            ({"currency": "€"}, "“€” is no currency; USD or EUR is."),
            ({"whose": "nobody"}, "Select a valid choice."),
        ],
    )
    def test_what_is_wrong_is_said_and_stays(self, member, household, asked, reason):
        page = page_of(member, **asked)
        assert reason in page
        for name, value in asked.items():
            if name != "whose":
                assert f'value="{value}"' in page
        assert "$1,200.00" in page

    @pytest.mark.parametrize(
        "asked",
        [
            {"since": "0001-01-01"},
            {"until": "0001-01-01"},
            {"since": "9999-12-31"},
            {"until": "9999-12-31"},
            {"since": "0001-01-01", "until": "9999-12-31"},
            {"since": "9999-12-01", "until": "9999-12-31"},
            {"since": "\0", "until": "\0", "currency": "\0", "whose": "\0"},
            {"currency": "X" * 5000},
        ],
    )
    def test_nothing_that_is_asked_breaks_the_page(self, member, household, asked):
        page_of(member, **asked)


class TestDrillingDown:
    def test_a_month_leads_to_its_purchases(self, member, household):
        links = chart(member, "months")["sets"][0]["links"]
        assert follow(member, links[-1]) == ["Laptop"]
        assert follow(member, links[-3]) == ["Cable"]
        assert f'href="{links[-1]}"' in page_of(member)

    def test_a_share_leads_to_its_purchases(self, member, household):
        paid, counted = chart(member, "retailers")["sets"]
        assert follow(member, counted["links"][0]) == ["Laptop"]
        assert follow(member, counted["links"][-1]) == ["Lamp"]
        assert follow(member, paid["links"][-1]) == []
        counted = chart(member, "brands")["sets"][1]
        assert sorted(follow(member, counted["links"][-1])) == ["Cable", "Lamp"]

    def test_the_days_and_whose_they_are_come_along(self, member, household):
        PurchaseFactory(name="Sofa", shared=True)
        asked = {"since": "2026-07-01", "until": "2026-07-31"}
        link = chart(member, "retailers", **asked)["sets"][1]["links"][-1]
        assert sorted(follow(member, link)) == ["Lamp", "Sofa"]
        link = chart(member, "retailers", whose="mine", **asked)["sets"][1]["links"][-1]
        assert follow(member, link) == ["Lamp"]

    def test_what_is_bought_most_leads_to_all_of_it(self, member, user):
        name = "Very " * 45 + "long"
        for _ in range(2):
            PurchaseFactory(owner=user, name=name)
        link = member.get("/analytics/").context["analysis"].most_bought[0].link
        assert follow(member, link) == [name, name]

    def test_what_is_bought_most_leads_to_nothing_else(self, member, user):
        for name in ("Tea", "TEA", "Teapot", "Steak", "Green tea"):
            PurchaseFactory(owner=user, name=name)
        bought = member.get("/analytics/").context["analysis"].most_bought[0]
        assert sorted(follow(member, bought.link)) == ["TEA", "Tea"]
        page = unescape(member.get(bought.link).content.decode())
        assert f"Called “{bought.name}”" in page
        assert f'<input type="hidden" name="name" value="{bought.name}"' in page


class TestCards:
    def hide(self, client: Client, query: str = "", **posted: str) -> str:
        return client.post(f"/analytics/cards/{query}", posted)["Location"]

    def test_one_that_is_put_away_stays_away(self, member, household):
        assert 'id="retailers-title"' in page_of(member)
        assert self.hide(member, hide="retailers") == "/analytics/"
        page = page_of(member)
        assert 'id="retailers-title"' not in page
        assert 'name="show" value="retailers"' in page
        assert 'id="brands-title"' in page

    def test_it_comes_back(self, member, household):
        self.hide(member, hide="retailers")
        self.hide(member, hide="recent")
        self.hide(member, show="retailers")
        page = page_of(member)
        assert 'id="retailers-title"' in page
        assert 'id="recent-title"' not in page

    def test_the_same_figures_are_there_afterwards(self, member, household):
        query = "?since=2026-07-01&currency=EUR"
        assert self.hide(member, query, hide="recent") == f"/analytics/{query}"

    def test_everybody_has_their_own(self, member, user, client):
        other = UserFactory()
        PurchaseFactory(owner=user, shared=True)
        self.hide(member, hide="months")
        client.force_login(other)
        assert 'id="months-title"' in page_of(client)

    @pytest.mark.parametrize("name", ["", "nonsense", "<b>", "\0", "x" * 5000])
    def test_a_name_of_no_card_is_ignored(self, member, user, household, name):
        assert self.hide(member, hide=name, show=name) == "/analytics/"
        assert Preferences.objects.get(user=user).hidden_cards == []

    def test_a_name_that_is_none_any_more_is_forgotten_on_the_page(self, member, household):
        Preferences.objects.create(user=household, hidden_cards=["weather", "recent"])
        page = page_of(member)
        assert "weather" not in page
        assert 'id="recent-title"' not in page

    def test_all_of_them_can_be_put_away(self, member, household):
        for card in Card:
            self.hide(member, hide=card)
        page = page_of(member)
        assert [f'value="{card}"' in page for card in Card] == [True] * len(Card)
        assert "<canvas" not in page

    def test_the_columns_of_the_list_stay_as_they_are(self, member, user, household):
        Preferences.objects.create(user=user, purchase_columns=["brand"])
        self.hide(member, hide="recent")
        assert Preferences.objects.get(user=user).purchase_columns == ["brand"]

    def test_without_posting_nothing_changes(self, member, household):
        answer = member.get("/analytics/cards/?currency=EUR")
        assert answer["Location"] == "/analytics/?currency=EUR"
        assert not Preferences.objects.exists()


def queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as context:
        page_of(client)
    return len(context)


def test_the_page_asks_the_same_queries_for_ten_purchases_and_for_twenty(member, user):
    def add(number: int) -> None:
        for i in range(number):
            purchase = PurchaseFactory(
                owner=user,
                retailer=RetailerFactory(),
                brand=BrandFactory(),
                currency="EUR" if i % 2 else "USD",
                purchased_on=TODAY - timedelta(days=20 * i),
            )
            WarrantyFactory(purchase=purchase, ends_on=TODAY + timedelta(days=i))

    add(10)
    first = queries(member)
    add(10)
    assert queries(member) == first <= 20


def test_a_card_that_is_put_away_is_not_read(member, household):
    before = queries(member)
    for card in Card:
        member.post("/analytics/cards/", {"hide": card})
    assert queries(member) <= before - 7


class TestSurprises:
    ASKED: tuple[dict[str, object], ...] = (
        {},
        {"since": "2026-01-01"},
        {"currency": "GBP"},
        {"whose": "mine"},
        {"currency": "USD", "until": "2026-07-31"},
    )

    def look(self, client: Client) -> list[str]:
        pages = (page_of(client, **asked) for asked in self.ASKED)
        return ["\n".join(x for x in page.splitlines() if "csrf" not in x) for page in pages]

    def canary(self, **values: object) -> Purchase:
        canary = PurchaseFactory(
            name="Canary",
            price=Decimal("77.70"),
            currency="GBP",
            retailer=RetailerFactory(name="Canary corner"),
            brand=BrandFactory(name="Canary brand"),
            **values,
        )
        WarrantyFactory(purchase=canary, ends_on=TODAY)
        return canary

    def test_a_private_purchase_of_somebody_else_leaves_no_trace(self, member, household):
        before = self.look(member)
        self.canary()
        assert self.look(member) == before

    def test_neither_does_a_present_for_the_viewer(self, member, household):
        me = PersonFactory(name="Me", user=household)
        gift = make_gift(OccasionFactory(), me, title="Canary")
        before = self.look(member)
        self.canary(gift=gift, shared=True)
        assert self.look(member) == before

    def test_nor_one_whose_gift_is_gone(self, member, household):
        before = self.look(member)
        self.canary(shared=True, secret_until=TODAY)
        assert self.look(member) == before

    def test_what_is_shared_shows(self, member, household):
        self.canary(shared=True)
        assert "£77.70" in page_of(member)
