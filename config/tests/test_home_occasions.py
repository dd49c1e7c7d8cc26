"""The home page: the next occasions, and who still needs a gift."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import Budget
from budgets.tests.factories import make_budget, set_up
from occasions import planning
from occasions.models import Occasion, PersonOccasion
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.models import Person, User
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

NOT_FOR_YOU = "Gifts that are not for you"


@pytest.fixture
def budget() -> Budget:
    return make_budget(limit=30)


@pytest.fixture
def member(client: Client, budget: Budget) -> Client:
    client.force_login(budget.user)
    return client


def page_of(client: Client) -> str:
    """Return the content of the page in one line, without the tokens that always differ."""
    answer = client.get("/")
    assert answer.status_code == 200
    html = unescape(answer.content.decode()).partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"[A-Za-z0-9]{64}", "", html))


def card_of(client: Client) -> str:
    """Return the card of the next occasions."""
    return page_of(client).partition('id="coming-title"')[2].partition("</section>")[0]


def names(client: Client) -> list[str]:
    return [summary.occasion.name for summary in client.get("/").context["coming"]]


def on_day(days: int, name: str = "Day", **values: object) -> Occasion:
    return OccasionFactory(name=name, date=TODAY + timedelta(days=days), **values)


class TestWhatComesNext:
    def test_nothing_yet_leads_to_adding_and_to_holidays(self, member):
        card = card_of(member)
        assert "No occasion is on the calendar yet." in card
        assert 'href="/occasions/add/"' in card
        assert 'href="/occasions/holidays/"' in card
        assert "All of them" not in card

    def test_the_next_four_are_shown_soonest_first(self, member):
        for days in (40, 10, 30, 0, 20, -1):
            on_day(days, f"In {days}")
        assert names(member) == ["In 0", "In 10", "In 20", "In 30"]
        assert '<a href="/occasions/">All of them</a>' in card_of(member)

    def test_what_is_more_than_120_days_away_waits(self, member):
        for days in (119, 120, 121):
            on_day(days, f"In {days}")
        assert names(member) == ["In 119", "In 120"]

    def test_but_the_very_next_one_is_always_shown(self, member):
        for days in (300, 200):
            on_day(days, f"In {days}")
        assert names(member) == ["In 200"]

    def test_each_tells_how_far_away_it_is_where_it_stands_and_who_needs_a_gift(self, member):
        occasion = on_day(34, "Christmas", budget_total=Decimal(200))
        make_gift(occasion, PersonFactory(name="Mom"), status="purchased")
        make_gift(occasion, PersonFactory(name="Dad"), price="10", status="idea")
        card = card_of(member)
        assert f'<a href="/occasions/{occasion.pk}/">Christmas</a>' in card
        assert "<strong>in 34 days</strong>" in card
        assert 'role="img" aria-label="Bought $50.00 of $200.00, $150.00 left"' in card
        assert "On track</span>" in card
        assert "Dad still needs a gift" in card

    def test_what_comes_back_is_opened_by_looking(self, member):
        OccasionFactory(date=date(2025, 8, 1), repeats_yearly=True)
        assert names(member) == ["Christmas"]
        assert Occasion.objects.filter(date=date(2026, 8, 1)).count() == 1

    def test_a_member_whose_budget_is_hidden_sees_them_too(self, member, budget):
        on_day(3, "Party")
        set_up(budget, visible_to_user=False)
        page = page_of(member)
        assert "Your budget is hidden from you" in page
        assert ">Party</a>" in page

    @pytest.mark.parametrize(
        ("zone", "said"),
        [("Pacific/Kiritimati", None), ("Pacific/Honolulu", "today"), ("UTC", "today")],
    )
    def test_today_is_where_the_member_is(self, client, time_machine, zone, said):
        OccasionFactory()
        time_machine.move_to("2026-12-25T10:30:00Z")
        client.force_login(UserFactory(timezone=zone))
        assert names(client) == (["Christmas"] if said else [])
        assert not said or f"<strong>{said}</strong>" in card_of(client)

    def test_the_same_queries_for_one_as_for_many(self, member, budget):
        PersonFactory(user=budget.user)
        counts = []
        for _ in range(2):
            for number in range(4):
                occasion = on_day(9 - number, budget_total=Decimal(50))
                CardFactory(occasion=occasion)
                make_gift(occasion, PersonFactory())
                person = Person(name=f"P{number}", birthday=TODAY + timedelta(days=2 - 366))
                planning.save_person(person=person, today=TODAY)
            with CaptureQueriesContext(connection) as queries:
                page_of(member)
            counts.append(len(queries))
        assert counts == [13, 13]


class TestSurprises:
    @pytest.fixture
    def me(self, budget: Budget) -> Person:
        return PersonFactory(name="Ann", user=budget.user)

    @pytest.fixture
    def party(self, me: Person) -> Occasion:
        occasion = on_day(3, "Party", budget_total=Decimal(1000))
        CardFactory(occasion=occasion, person=me)
        CardFactory(occasion=occasion, person__name="Dad", recipient_budget=Decimal(1100))
        make_gift(occasion, PersonFactory(name="Mom"), price="450", status="purchased")
        return occasion

    def surprise(self, party: Occasion, me: Person) -> None:
        make_gift(party, me, price="77", status="purchased")
        make_gift(party, me, Person.objects.get(name="Dad"), price="88")
        PersonOccasion.objects.filter(person=me).update(recipient_budget=Decimal(300))

    @pytest.mark.parametrize("zone", ["UTC", "Pacific/Honolulu", "Pacific/Kiritimati"])
    @pytest.mark.parametrize("moment", ["2026-07-15T12:00:00Z", "2026-07-18T23:59:00Z"])
    def test_home_is_the_same_with_and_without_a_gift_for_who_looks(
        self, member, budget, party, me, time_machine, moment, zone
    ):
        User.objects.filter(pk=budget.user.pk).update(timezone=zone)
        time_machine.move_to(moment)
        member.force_login(budget.user)
        before = page_of(member)
        self.surprise(party, me)
        assert page_of(member) == before

    def test_what_could_give_it_away_is_left_out_and_the_sum_says_so(self, member, party, me):
        self.surprise(party, me)
        card = card_of(member)
        assert NOT_FOR_YOU in card
        assert "Bought $450.00</p>" in card
        assert "Dad still needs a gift" in card
        for given_away in ("badge", "meter", "$1,000.00", "over", "left"):
            assert given_away not in card

    def test_everybody_else_sees_all_of_it(self, client, party, me):
        self.surprise(party, me)
        client.force_login(UserFactory())
        card = card_of(client)
        assert NOT_FOR_YOU not in card
        assert "Bought $527.00 of $1,000.00, $88.00 planned, $385.00 left" in card
