"""The demo family: people, occasions, budgets and gifts over two years, whenever they are made."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext

from budgets.levels import Level
from config import demo
from config.demo import gifts, members, wishes
from occasions import cards, planning
from occasions.cards import Card
from occasions.figures import Figures
from occasions.models import Gift, Occasion, PersonOccasion
from occasions.summaries import summarise
from occasions.tests.factories import viewer_of
from people.models import Person, User
from people.tests.factories import UserFactory

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
CHRISTMAS, CHRISTMAS_BEFORE = date(2026, 12, 24), date(2025, 12, 24)
LINKED = {
    "Maya": "maya",
    "Ben": "ben",
    "Zoe": "zoe",
    "Ida": "ida",
    "Leo Okafor": "leo",
    "Nina Okafor": "nina",
    "Olle": "olle",
}


def card_of(name: str, occasion: Occasion) -> Card:
    """Return a card as somebody sees it from whom nothing is kept."""
    drawn = cards.of_occasion(occasion, viewer_of(UserFactory()))
    return next(card for card in drawn if card.person.name == name)


def to(name: str, occasion: Occasion) -> Figures:
    received = card_of(name, occasion).received
    assert received is not None
    return received


def needing(occasion: Occasion) -> set[str]:
    """Name those who still need a gift, as somebody sees it from whom nothing is kept."""
    [summary] = summarise([occasion], viewer_of(UserFactory()))
    return {person.name for person in summary.needing}


class TestTheFamily(TestCase):
    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(NOW, tick=False):
            members.move_in(now=NOW, history=timedelta(days=1))
            gifts.plan(now=NOW)
        cls.christmas = Occasion.objects.get(name="Christmas", date=CHRISTMAS)
        cls.last_christmas = Occasion.objects.get(name="Christmas", date=CHRISTMAS_BEFORE)

    def setUp(self):
        travelling = time_machine.travel(NOW, tick=False)
        travelling.start()
        self.addCleanup(travelling.stop)

    def test_the_members_are_among_the_people_and_others_have_no_account(self):
        linked = Person.objects.filter(user__isnull=False)
        assert dict(linked.values_list("name", "user__username")) == LINKED
        assert Person.objects.filter(user__isnull=True).count() == 5

    def test_people_are_related_in_many_ways_and_say_what_they_like(self):
        partners = Person.objects.filter(relationship="partner").values_list("name", flat=True)
        children = Person.objects.filter(relationship="child").values_list("name", flat=True)
        assert (set(partners), set(children)) == ({"Maya", "Ben"}, {"Zoe", "Ida"})
        assert Person.objects.values("relationship").distinct().count() == 7
        assert not Person.objects.filter(interests="").exists()
        assert not Person.objects.filter(notes="").exclude(name="Nina Okafor").exists()

    def test_every_birthday_was_a_year_ago_and_comes_again(self):
        for person in Person.objects.exclude(birthday=None):
            coming = Occasion.objects.get(celebrates=person, kind="birthday", date__gte=NOW)
            before = coming.previous
            assert before.date < NOW.date()
            assert coming.years == (before.years or 0) + 1
            assert coming.years in range(2, 90)
            assert set(before.people.all()) <= set(coming.people.all())

    def test_fifty_years_of_marriage_are_coming_up_for_two(self):
        coming = Occasion.objects.upcoming(NOW.date()).get(kind="anniversary")
        assert (coming.name, coming.years) == ("Astrid and Olof’s wedding day", 50)
        shares = [to(name, coming).spending.planned for name in ("Grandma Astrid", "Grandpa Olof")]
        assert sorted(shares) == [Decimal("119.00"), Decimal("119.01")]

    def test_the_holidays_are_those_of_the_country(self):
        days = Occasion.objects.filter(country="SE").order_by("date").values_list("name", "date")
        assert list(days) == [
            ("Christmas", CHRISTMAS_BEFORE),
            ("Midsummer Eve", date(2026, 6, 19)),
            ("Christmas", CHRISTMAS),
            ("Midsummer Eve", date(2027, 6, 25)),
        ]

    def test_last_christmas_is_complete(self):
        presents = self.last_christmas.gifts
        assert presents.count() == 14
        assert set(presents.values_list("status", flat=True)) == {"received"}
        assert presents.exclude(paid_price=None).count() >= 5
        bought = presents.values_list("bought_on", flat=True)
        assert all(day < CHRISTMAS_BEFORE for day in bought)
        figures = Figures(presents.all().spending(), self.last_christmas.budget_total)
        assert 0 < figures.standing.remaining < 100

    def test_this_christmas_is_being_planned(self):
        states = set(self.christmas.gifts.values_list("status", flat=True))
        assert states == {"idea", "selected", "purchased"}
        assert to("Zoe", self.christmas).standing.is_over
        assert to("Ida", self.christmas).standing.level is Level.ORANGE
        assert "Aunt Karin" in needing(self.christmas)
        assert "Elsa" not in needing(self.christmas)
        figures = Figures(self.christmas.gifts.all().spending(), self.christmas.budget_total)
        assert figures.standing.level is Level.GREEN
        assert figures.percent == Decimal("71.67")

    def test_its_budgets_are_within_the_one_of_the_occasion(self):
        budgets = self.christmas.links.values_list("recipient_budget", flat=True)
        assert 0 < sum(budgets) <= self.christmas.budget_total

    def test_one_may_spend_nothing_and_another_as_much_as_she_likes(self):
        budgets = self.christmas.links.values_list("person__name", "purchaser_budget")
        by = dict(budgets)
        assert (by["Ida"], by["Aunt Karin"], by["Maya"]) == (0, None, 450)

    def test_what_is_shared_adds_up(self):
        shared = Gift.objects.get(title="Photo book of the year")
        both = [card_of(name, self.christmas) for name in ("Grandma Astrid", "Grandpa Olof")]
        shares = [line.share for card in both for line in card.lines if line.gift == shared]
        assert sum(shares) == shared.cost == Decimal("59.99")

    def test_some_gifts_have_no_price_several_pieces_or_a_link(self):
        chosen = Gift.objects.filter(occasion__date__gte=NOW)
        assert chosen.filter(price=None).exists()
        assert chosen.filter(quantity__gt=1).exists()
        assert chosen.exclude(link="").exists()
        assert chosen.values("priority").distinct().count() == 3
        assert Gift.objects.get(title="Crosswords in large print").cost == Decimal("35.70")

    def test_maya_and_ben_have_something_to_buy(self):
        for name in ("Maya", "Ben", "Zoe"):
            theirs = Gift.objects.filter(purchaser__name=name, status="selected")
            assert theirs.values("occasion").distinct().count() >= 2, name

    def test_maya_does_not_see_her_own_although_she_administers(self):
        maya = User.objects.get(username="maya")
        hers = Gift.objects.filter(recipients__user=maya, occasion__date__gte=NOW)
        assert hers.count() == 5
        seen = Gift.objects.visible_to(viewer_of(maya, now=NOW))
        assert not seen.filter(pk__in=hers).exists()
        client, ben = Client(), Client()
        client.force_login(maya)
        ben.force_login(User.objects.get(username="ben"))
        for occasion in Occasion.objects.filter(gifts__in=hers).distinct():
            titles = hers.filter(occasion=occasion).values_list("title", flat=True)
            page = client.get(occasion.get_absolute_url()).content.decode()
            for title in titles:
                assert title not in page
                assert title in ben.get(occasion.get_absolute_url()).content.decode()

    def test_nothing_of_it_touches_the_ledger(self):
        demo.clear()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            gifts.plan(now=NOW)
        written = [
            query["sql"] for query in asked if re.match("INSERT|UPDATE|DELETE", query["sql"])
        ]
        assert written
        assert not [statement for statement in written if '"budgets_' in statement]

    def test_clearing_takes_all_of_it_and_nothing_made_by_hand(self):
        mine = planning.save_person(
            person=Person(name="My own aunt", birthday=date(1980, 4, 1)), today=NOW.date()
        )
        planning.link(occasion=self.christmas, person=mine)
        with_zoe = planning.change_occasion(
            occasion=Occasion(),
            values={"name": "Graduation", "date": date(2026, 9, 1)},
            people=[mine, Person.objects.get(name="Zoe")],
        )
        planning.add_gift(
            occasion=with_zoe,
            recipients=[mine],
            values={"title": "Flowers", "price": Decimal(20)},
            today=NOW.date(),
        )
        demo.clear()
        assert list(Person.objects.all()) == [mine]
        assert [occasion.name for occasion in Occasion.objects.order_by("name")] == [
            "Graduation",
            "My own aunt’s birthday",
        ]
        assert {card.person_id for card in PersonOccasion.objects.all()} == {mine.pk}
        assert [gift.title for gift in Gift.objects.all()] == ["Flowers"]

    def test_clearing_takes_what_somebody_added_for_the_family_alone(self):
        planning.change_occasion(
            occasion=Occasion(),
            values={"name": "Graduation", "date": date(2026, 9, 1)},
            people=[Person.objects.get(name="Zoe")],
        )
        demo.clear()
        for model in (Person, Occasion, PersonOccasion, Gift, User):
            assert not model.objects.exists(), model


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-01T00:00:00Z",
        "2026-12-24T12:00:00Z",  # it is Christmas
        "2026-12-25T12:00:00Z",  # it was Christmas yesterday
        "2026-12-24T23:30:00Z",  # in Stockholm alone
        "2027-06-20T12:00:00Z",  # less than a year to the next Midsummer, and more to the last
        "2026-06-25T12:00:00Z",
        "2028-02-29T12:00:00Z",
        "2027-02-28T12:00:00Z",
    ],
)
def test_it_is_believable_whenever_it_is_made(moment):
    now = datetime.fromisoformat(moment)
    gifts.plan(now=now)
    today = now.astimezone(gifts.HOME).date()
    past, coming = Occasion.objects.past(today), Occasion.objects.upcoming(today)
    yearly = {occasion.name for occasion in past.filter(repeats_yearly=True)}
    assert yearly == set(wishes.LAST_YEAR) == {o.name for o in coming.filter(repeats_yearly=True)}
    assert Occasion.objects.count() == 2 * len(wishes.LAST_YEAR) + len(wishes.ONCE)
    for occasion in coming.filter(repeats_yearly=True):
        assert 330 <= (occasion.date - occasion.previous.date).days <= 400
    assert all(gift.status == "received" for gift in Gift.objects.filter(occasion__in=past))
    assert not Gift.objects.filter(bought_on__gt=today).exists()


@pytest.mark.django_db
def test_it_is_made_beside_what_another_demo_left_behind():
    gifts.plan(now=NOW)
    gifts.plan(now=NOW)
    assert Person.objects.count() == 24
    assert Occasion.objects.filter(country="SE").count() == 4


@pytest.mark.django_db
def test_it_is_made_in_a_currency_without_cents(settings):
    settings.CURRENCY = "JPY"
    gifts.plan(now=NOW)
    assert Gift.objects.get(title="Photo book of the year").cost == 60


@pytest.mark.parametrize("name", sorted(wishes.THIS_YEAR))
def test_what_is_planned_has_a_year_before(name):
    assert name in wishes.LAST_YEAR
