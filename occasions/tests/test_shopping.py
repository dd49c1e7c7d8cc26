"""My shopping: what somebody is to buy, by occasion, and what they bought lately."""

from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.lists import Shopping
from occasions.models import Gift, Occasion
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.models import Person
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> Person:
    return PersonFactory(name="Ann", user=UserFactory())


@pytest.fixture
def buyer(client: Client, ann: Person) -> Client:
    client.force_login(ann.user)
    return client


@pytest.fixture
def christmas() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


def page_of(client: Client) -> str:
    answer = client.get("/gifts/shopping/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def shopping_of(client: Client) -> Shopping:
    return client.get("/gifts/shopping/").context["shopping"]


def to_buy(client: Client) -> dict[str, list[str]]:
    errands = shopping_of(client).errands
    return {errand.occasion.name: [gift.title for gift in errand.gifts] for errand in errands}


class TestToBuy:
    def test_stands_by_occasion_soonest_first(self, buyer, ann, christmas, mom):
        soon = OccasionFactory(name="Soon", date=TODAY + timedelta(days=12))
        today = OccasionFactory(name="Today", date=TODAY)
        make_gift(christmas, mom, title="Scarf", purchaser=ann)
        make_gift(soon, mom, title="Socks", purchaser=ann, status="idea")
        make_gift(today, mom, title="Cake", purchaser=ann)
        make_gift(christmas, mom, title="Book", purchaser=ann, priority=1)
        assert to_buy(buyer) == {
            "Today": ["Cake"],
            "Soon": ["Socks"],
            "Christmas": ["Book", "Scarf"],
        }
        page = page_of(buyer)
        assert "in 12 days" in page
        assert f'href="/occasions/{soon.pk}/"' in page

    def test_two_occasions_of_one_day_are_two(self, buyer, ann, mom):
        for name in ("Birthday", "Fair"):
            occasion = OccasionFactory(name=name)
            make_gift(occasion, mom, title=f"One at {name}", purchaser=ann)
            make_gift(occasion, mom, title=f"Two at {name}", purchaser=ann)
        assert [len(titles) for titles in to_buy(buyer).values()] == [2, 2]

    def test_is_mine_not_bought_and_not_past(self, buyer, ann, christmas, mom):
        make_gift(christmas, mom, title="Mine", purchaser=ann)
        make_gift(christmas, mom, title="Dad’s", purchaser=PersonFactory())
        make_gift(christmas, mom, title="Nobody’s")
        make_gift(christmas, mom, title="Bought", purchaser=ann, status="purchased")
        make_gift(christmas, mom, title="Given", purchaser=ann, status="received")
        past = OccasionFactory(date=TODAY - timedelta(days=1))
        make_gift(past, mom, title="Too late", purchaser=ann)
        assert to_buy(buyer) == {"Christmas": ["Mine"]}

    def test_what_it_will_cost_per_occasion_and_in_all(self, buyer, ann, christmas, mom):
        soon = OccasionFactory(name="Soon", date=TODAY + timedelta(days=3))
        make_gift(christmas, mom, PersonFactory(), price="100.01", purchaser=ann)
        make_gift(christmas, mom, price="20", quantity=3, purchaser=ann)
        make_gift(christmas, mom, price="500", status="idea", purchaser=ann)
        make_gift(soon, mom, price="5.50", purchaser=ann)
        make_gift(soon, mom, price=None, purchaser=ann)
        make_gift(soon, mom, price="70", purchaser=ann, status="purchased")
        shopping = shopping_of(buyer)
        sums = [errand.spending.planned for errand in shopping.errands]
        assert sums == [Decimal("5.50"), Decimal("160.01")]
        assert shopping.spending.planned == sum(sums)
        assert (shopping.spending.ideas, shopping.spending.unpriced) == (Decimal(500), 1)
        page = page_of(buyer)
        assert "$165.51" in page
        assert '<strong class="money">$160.01</strong> to spend, ideas worth' in page
        assert '<strong class="money">$5.50</strong> to spend, 1 without a price' in page

    def test_says_who_gets_it_and_has_a_status_to_tap(self, buyer, ann, christmas, mom):
        gift = make_gift(christmas, mom, PersonFactory(name="Dad"), purchaser=ann)
        page = page_of(buyer)
        assert "For Dad, Mom" in page
        assert f'action="/gifts/{gift.pk}/status/"' in page
        assert 'name="next" value="/gifts/shopping/"' in page

    def test_nothing_to_buy_is_said_with_something_to_do(self, buyer):
        page = page_of(buyer)
        assert "There is nothing for you to buy right now." in page
        assert 'href="/gifts/?purchaser=nobody"' in page
        assert "Bought lately" not in page


class TestBoughtLately:
    def test_is_what_i_bought_in_sixty_days_latest_first(self, buyer, ann, christmas, mom):
        past = OccasionFactory(name="Past", date=TODAY - timedelta(days=30))
        for title, occasion, status, days in (
            ("Today", christmas, "purchased", 0),
            ("Lately", past, "received", 60),
            ("Yesterday", christmas, "received", 1),
            ("Long ago", past, "received", 61),
        ):
            day = TODAY - timedelta(days=days)
            make_gift(occasion, mom, title=title, status=status, purchaser=ann, today=day)
        make_gift(christmas, mom, title="Dad’s", status="purchased", purchaser=PersonFactory())
        assert [gift.title for gift in shopping_of(buyer).bought] == [
            "Today",
            "Yesterday",
            "Lately",
        ]
        assert "Christmas · bought yesterday" in page_of(buyer)

    def test_a_tap_moves_it_there_and_back(self, buyer, ann, christmas, mom):
        gift = make_gift(christmas, mom, title="Scarf", purchaser=ann)
        address = f"/gifts/{gift.pk}/status/"
        data = {"next": "/gifts/shopping/"}
        answer = buyer.post(address, {**data, "status": "purchased"}, follow=True)
        assert answer.redirect_chain == [("/gifts/shopping/", 302)]
        assert to_buy(buyer) == {}
        assert [gift.title for gift in shopping_of(buyer).bought] == ["Scarf"]
        buyer.post(address, {**data, "status": "selected"})
        assert to_buy(buyer) == {"Christmas": ["Scarf"]}
        assert shopping_of(buyer).bought == []


class TestWhoever:
    def test_is_nobody_yet_is_led_to_the_people(self, client, christmas, mom):
        make_gift(christmas, mom, purchaser=PersonFactory())
        client.force_login(UserFactory())
        page = page_of(client)
        assert "Which of your people is you?" in page
        assert '<a class="button secondary" href="/people/"' in page
        assert "A gift" not in page

    def test_lives_further_east_is_a_day_ahead(self, client, ann, christmas, mom, time_machine):
        make_gift(christmas, mom, title="Scarf", purchaser=ann)
        time_machine.move_to("2026-12-25T12:00:00Z")
        client.force_login(ann.user)
        assert to_buy(client) == {"Christmas": ["Scarf"]}
        ann.user.timezone = "Pacific/Kiritimati"
        ann.user.save()
        assert to_buy(client) == {}

    def test_twenty_gifts_cost_as_many_queries_as_ten(self, buyer, ann):
        def add_ten() -> None:
            for number in range(10):
                occasion = OccasionFactory(date=date(2026, 9, 1 + number))
                two = PersonFactory(), PersonFactory()
                make_gift(occasion, *two, purchaser=ann)
                make_gift(occasion, *two, purchaser=ann, status="purchased")

        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page_of(buyer)
            return len(asked)

        add_ten()
        queries()
        ten = queries()
        add_ten()
        assert queries() == ten <= 12

    def test_only_reads(self, buyer):
        assert buyer.post("/gifts/shopping/").status_code == 405

    def test_learns_nothing_about_their_own_surprises(
        self, buyer, ann, christmas, mom, time_machine
    ):
        CardFactory(occasion=christmas, person=ann)
        make_gift(christmas, mom, title="Scarf", purchaser=ann)

        def look() -> str:
            return "\n".join(x for x in page_of(buyer).splitlines() if "csrf" not in x)

        before = look()
        make_gift(christmas, ann, title="Canary", purchaser=mom)
        make_gift(christmas, ann, mom, title="Canary", purchaser=PersonFactory())
        make_gift(christmas, ann, title="Canary", purchaser=mom, status="purchased")
        assert look() == before

    def test_sees_names_and_never_markup(self, buyer, ann, mom):
        occasion = OccasionFactory(name="<b>Feast</b>")
        make_gift(occasion, mom, title="<i>Scarf</i>", purchaser=ann)
        make_gift(occasion, mom, title="<i>Scarf</i>", purchaser=ann, status="purchased")
        raw = buyer.get("/gifts/shopping/").content.decode()
        assert "<b>Feast" not in raw
        assert "<i>Scarf" not in raw
        assert Gift.objects.count() == 2
