"""The list of occasions: what is to come and what is over, as each member may see it."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions import planning
from occasions.models import Occasion, PersonOccasion
from occasions.tests.factories import (
    CHRISTMAS,
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
#: Christmas in UTC, while it is the 26th in Kiritimati and still the 24th in Honolulu.
LATE, EARLY = "2026-12-25T10:30:00Z", "2026-12-25T09:30:00Z"


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


def page_of(client: Client, **asked: str) -> str:
    """Return the content of the page in one line, without the tokens that always differ."""
    answer = client.get("/occasions/", asked)
    assert answer.status_code == 200
    html = unescape(answer.content.decode()).partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"[A-Za-z0-9]{64}", "", html))


def names(client: Client, **asked: str) -> list[str]:
    summaries = client.get("/occasions/", asked).context["summaries"]
    return [summary.occasion.name for summary in summaries]


def put(occasion: Occasion, name: str, **values: object) -> PersonOccasion:
    return CardFactory(occasion=occasion, person__name=name, **values)


class TestWhatIsToCome:
    def test_nothing_yet_is_said_kindly_with_one_thing_to_do(self, member):
        page = page_of(member)
        assert "Nothing is on the calendar." in page
        assert "Upcoming (0)" in page
        assert 'href="/occasions/holidays/">Choose holidays' in page

    def test_it_leads_to_adding_and_to_holidays(self, member):
        page = page_of(member)
        assert '<a class="button" href="/occasions/add/">' in page
        assert '<a class="button secondary" href="/occasions/holidays/">Holidays' in page

    def test_the_soonest_comes_first_and_today_is_not_over(self, member):
        OccasionFactory(name="Later", date=TODAY + timedelta(days=9))
        OccasionFactory(name="Sooner", date=TODAY + timedelta(days=1))
        OccasionFactory(name="Today", date=TODAY)
        OccasionFactory(name="Over", date=TODAY - timedelta(days=1))
        assert names(member) == ["Today", "Sooner", "Later"]
        page = page_of(member)
        assert "Upcoming (3)" in page
        assert "Past (1)" in page
        for said in ("today", "tomorrow", "in 9 days"):
            assert f"<strong>{said}</strong>" in page

    def test_a_day_stands_on_a_tile_with_its_month(self, member):
        OccasionFactory()
        page = page_of(member)
        assert "<span>Dec</span><strong>25</strong>" in page
        assert 'datetime="2026-12-25">Dec 25, 2026, </time>' in page

    @pytest.mark.parametrize(
        ("kind", "icon"),
        [
            ("birthday", "cake"),
            ("anniversary", "heart"),
            ("holiday", "party-popper"),
            ("other", "calendar"),
        ],
    )
    def test_each_kind_has_its_icon(self, member, kind, icon):
        OccasionFactory(kind=kind)
        assert f'#{icon}"/></svg>' in page_of(member).partition('class="occasion-when"')[2]

    def test_a_birthday_tells_whose_and_how_old_they_turn(self, member, ann):
        for person in (
            Person(name="Mom", birthday=date(1960, 9, 15)),
            Person(name="Ann", user=ann, birthday=date(1990, 8, 1)),
            Person(name="Dad", anniversary=date(1990, 8, 3)),
        ):
            planning.save_person(person=person, today=TODAY)
        page = page_of(member)
        assert "Mom turns 66" in page
        assert "you turn 36" in page
        assert "36 years" in page

    def test_what_comes_back_is_opened_by_looking(self, member):
        OccasionFactory(date=date(2025, 12, 25), repeats_yearly=True)
        assert names(member) == ["Christmas"]
        assert names(member, past="1") == ["Christmas"]
        assert Occasion.objects.count() == 2

    def test_twenty_stand_on_a_page_and_all_can_be_reached(self, member):
        for number in range(60):
            OccasionFactory(name=f"Day {number}", date=TODAY + timedelta(days=number))
        seen = [name for page in "123" for name in names(member, page=page)]
        assert seen == [f"Day {number}" for number in range(60)]
        assert "21–40 of 60 occasions" in page_of(member, page="2")

    @pytest.mark.parametrize("page", ["99", "x", "-1", "0"])
    def test_a_page_that_is_not_there_is_the_last_or_the_first(self, member, page):
        OccasionFactory()
        assert names(member, page=page) == ["Christmas"]


class TestWhereItStands:
    def test_a_budget_has_a_bar_a_level_and_words(self, member):
        occasion = OccasionFactory(budget_total=Decimal(1000))
        mom = PersonFactory(name="Mom")
        make_gift(occasion, mom, price="450", status="purchased")
        make_gift(occasion, mom, price="300")
        page = page_of(member)
        words = "Bought $450.00 of $1,000.00, $300.00 planned, $250.00 left"
        assert f'role="img" aria-label="{words}"' in page
        assert f'<p class="small">{words}</p>' in page
        assert '<span class="badge level-yellow">' in page
        assert "Getting close</span>" in page

    def test_what_is_over_is_said_so(self, member):
        make_gift(OccasionFactory(budget_total=Decimal(100)), PersonFactory(), price="100.01")
        assert "Over by $0.01</span>" in page_of(member)

    def test_without_a_budget_there_are_plain_totals(self, member):
        occasion, mom = OccasionFactory(), PersonFactory()
        make_gift(occasion, mom, status="purchased")
        make_gift(occasion, mom, price="75")
        page = page_of(member)
        assert '<p class="small">Bought $50.00, $75.00 planned</p>' in page
        assert "badge" not in page
        assert "meter" not in page

    def test_without_gifts_and_budget_there_are_no_figures(self, member):
        OccasionFactory()
        page = page_of(member)
        assert "No gifts yet" in page
        assert "$" not in page

    def test_that_people_have_more_than_the_occasion_is_told_on_its_own_page_only(self, member):
        occasion = OccasionFactory(budget_total=Decimal(500))
        for amount in (200, 150, 200):
            CardFactory(occasion=occasion, recipient_budget=Decimal(amount))
        page = page_of(member)
        assert "over-allocated" not in page
        assert "$50.00" not in page


class TestWhoStillNeedsAGift:
    def test_an_idea_is_no_gift_yet(self, member):
        occasion = OccasionFactory()
        for name, status in (("Mom", "idea"), ("Dad", "selected"), ("Sis", "purchased")):
            make_gift(occasion, PersonFactory(name=name), status=status)
        put(occasion, "Bob")
        put(occasion, "Zoe", receives=False)
        page = page_of(member)
        assert "Bob and Mom still need a gift" in page
        assert page.count('class="avatar ') == 2

    def test_one_needs_and_several_need(self, member):
        occasion = OccasionFactory()
        put(occasion, "Mom")
        assert "Mom still needs a gift" in page_of(member)
        put(occasion, "Dad")
        put(occasion, "Sis")
        assert "Dad, Mom and Sis still need a gift" in page_of(member)

    @pytest.mark.parametrize(
        ("count", "said"),
        [
            (5, "P1, P2, P3, P4 and P5 still need a gift"),
            (6, "P1, P2, P3, P4, P5 and 1 more still need a gift"),
            (8, "P1, P2, P3, P4, P5 and 3 more still need a gift"),
        ],
    )
    def test_of_many_five_are_named(self, member, count, said):
        occasion = OccasionFactory()
        for number in range(count):
            put(occasion, f"P{number + 1}")
        page = page_of(member)
        assert said in page
        assert page.count('class="avatar ') == 5

    def test_nobody_is_looked_for_once_it_is_over(self, member):
        put(OccasionFactory(date=date(2025, 12, 25)), "Mom")
        assert "a gift</p>" not in page_of(member, past="1")


class TestWhatIsOver:
    def test_nothing_yet_is_said(self, member):
        OccasionFactory()
        assert "Nothing is over yet." in page_of(member, past="1")

    def test_past_ones_stand_by_year_newest_first_with_totals(self, member):
        mom = PersonFactory()
        for name, day, price in (
            ("Easter", date(2025, 4, 20), "30"),
            ("Christmas", date(2025, 12, 25), "50"),
            ("Midsummer", date(2024, 6, 21), "20"),
            ("Spring", date(2026, 3, 20), "10"),
        ):
            occasion = OccasionFactory(name=name, date=day)
            make_gift(occasion, mom, price=price, status="received")
        years = member.get("/occasions/", {"past": "1"}).context["years"]
        shown = [
            (year.year, [summary.occasion.name for summary in year.summaries], year.bought)
            for year in years
        ]
        assert shown == [
            (2026, ["Spring"], 10),
            (2025, ["Christmas", "Easter"], 80),
            (2024, ["Midsummer"], 20),
        ]
        page = page_of(member, past="1")
        assert (
            '<h3 id="year-2025">2025</h3><p class="muted"><span class="money">$80.00</span>' in page
        )
        assert '<p class="small">Bought $50.00</p>' in page

    def test_a_years_total_counts_the_whole_year_on_each_of_its_pages(self, member):
        for number in range(25):
            occasion = OccasionFactory(date=date(2025, 1, 1) + timedelta(days=number))
            make_gift(occasion, PersonFactory(), price="1", status="purchased")
        for page in "12":
            answer = member.get("/occasions/", {"past": "1", "page": page})
            assert [year.bought for year in answer.context["years"]] == [25]
        assert 'href="?past=1&page=1"' in page_of(member, past="1", page="2")

    def test_only_bought_gifts_make_the_total(self, member):
        occasion = OccasionFactory(date=date(2025, 12, 25))
        make_gift(occasion, PersonFactory(), price="50")
        make_gift(occasion, PersonFactory(), price="500", status="idea")
        [year] = member.get("/occasions/", {"past": "1"}).context["years"]
        assert year.bought == 0

    def test_yesterday_is_past_without_anything_else_being_told(self, member, time_machine, ann):
        OccasionFactory()
        time_machine.move_to("2026-12-25T23:59:00Z")
        member.force_login(ann)
        assert names(member) == ["Christmas"]
        time_machine.move_to("2026-12-26T00:00:00Z")
        assert names(member) == []
        assert names(member, past="1") == ["Christmas"]
        assert "<strong>yesterday</strong>" in page_of(member, past="1")


class TestDaysWhereTheMemberIs:
    @pytest.mark.parametrize(
        ("zone", "past", "said"),
        [
            ("Pacific/Kiritimati", {"past": "1"}, "yesterday"),
            ("Pacific/Honolulu", {}, "today"),
            ("UTC", {}, "today"),
        ],
    )
    def test_late_on_the_day(self, client, time_machine, zone, past, said):
        OccasionFactory()
        time_machine.move_to(LATE)
        client.force_login(UserFactory(timezone=zone))
        assert names(client, **past) == ["Christmas"]
        assert f"<strong>{said}</strong>" in page_of(client, **past)

    @pytest.mark.parametrize(
        ("zone", "said"),
        [("Pacific/Kiritimati", "today"), ("Pacific/Honolulu", "tomorrow"), ("UTC", "today")],
    )
    def test_early_on_the_day(self, client, time_machine, zone, said):
        OccasionFactory()
        time_machine.move_to(EARLY)
        client.force_login(UserFactory(timezone=zone))
        assert f"<strong>{said}</strong>" in page_of(client)

    def test_what_comes_back_opens_where_the_day_is_over(self, client, time_machine):
        OccasionFactory(repeats_yearly=True)
        time_machine.move_to(LATE)
        client.force_login(UserFactory(timezone="Pacific/Honolulu"))
        assert names(client) == ["Christmas"]
        assert Occasion.objects.count() == 1
        client.force_login(UserFactory(timezone="Pacific/Kiritimati"))
        assert names(client) == ["Christmas"]
        assert Occasion.objects.count() == 2


class TestSurprises:
    @pytest.fixture
    def me(self, ann: User) -> Person:
        return PersonFactory(name="Ann", user=ann)

    @pytest.fixture
    def christmas(self, me: Person) -> Occasion:
        occasion = OccasionFactory(budget_total=Decimal(1000))
        CardFactory(occasion=occasion, person=me)
        put(occasion, "Dad", recipient_budget=Decimal(900))
        make_gift(occasion, PersonFactory(name="Mom"), price="450", status="purchased")
        return occasion

    def surprise(self, christmas: Occasion, me: Person) -> None:
        dad = Person.objects.get(name="Dad")
        make_gift(christmas, me, price="77", status="purchased")
        make_gift(christmas, me, dad, price="88")
        PersonOccasion.objects.filter(person=me).update(recipient_budget=Decimal(300))

    @pytest.mark.parametrize(
        ("now", "zone", "asked"),
        [
            ("2026-07-15T12:00:00Z", "UTC", {}),
            ("2026-12-25T23:59:00Z", "UTC", {}),
            (LATE, "Pacific/Kiritimati", {"past": "1"}),
            ("2026-12-26T09:59:00Z", "Pacific/Honolulu", {}),
        ],
    )
    def test_a_list_is_the_same_with_and_without_a_gift_for_who_looks(
        self, member, ann, christmas, me, time_machine, now, zone, asked
    ):
        User.objects.filter(pk=ann.pk).update(timezone=zone)
        time_machine.move_to(now)
        member.force_login(ann)
        before = page_of(member, **asked)
        self.surprise(christmas, me)
        assert page_of(member, **asked) == before
        assert f"{NOT_FOR_YOU}</span>" in before
        assert '<p class="small">Bought $450.00</p>' in before

    def test_a_year_counts_an_occasion_once_it_is_no_surprise_to_anybody(
        self, member, ann, christmas, time_machine
    ):
        User.objects.filter(pk=ann.pk).update(timezone="Pacific/Kiritimati")
        time_machine.move_to(LATE)
        member.force_login(ann)
        assert " bought</p>" not in page_of(member, past="1")
        time_machine.move_to("2026-12-26T00:00:00Z")
        member.force_login(ann)
        assert '<span class="money">$450.00</span> bought</p>' in page_of(member, past="1")

    def test_whoever_receives_sees_neither_budget_nor_level(self, member, christmas):
        page = page_of(member)
        assert "$1,000.00" not in page
        assert "badge" not in page
        assert "meter" not in page
        assert "left" not in page
        assert "over" not in page

    def test_who_receives_does_not_stand_among_those_who_need(self, member, christmas):
        assert "Dad still needs a gift" in page_of(member)

    def test_everybody_else_sees_all_of_it(self, client, christmas, me):
        self.surprise(christmas, me)
        client.force_login(UserFactory())
        page = page_of(client)
        assert NOT_FOR_YOU not in page
        assert "Bought $527.00 of $1,000.00, $88.00 planned, $385.00 left" in page
        assert "a gift</p>" not in page

    def test_once_the_day_has_passed_all_is_told(self, member, ann, christmas, me, time_machine):
        self.surprise(christmas, me)
        time_machine.move_to("2026-12-26T00:00:00Z")
        member.force_login(ann)
        page = page_of(member, past="1")
        assert NOT_FOR_YOU not in page
        assert "Bought $527.00 of $1,000.00, $88.00 planned, $385.00 left" in page
        assert '<span class="money">$527.00</span> bought' in page

    def test_a_year_that_opens_by_looking_is_a_surprise_at_once(self, member, ann, me):
        last = OccasionFactory(date=date(2025, 12, 25), repeats_yearly=True)
        CardFactory(occasion=last, person=me)
        assert NOT_FOR_YOU in page_of(member)


class TestTheRest:
    def test_the_same_queries_for_ten_as_for_twenty(self, member, ann):
        PersonFactory(user=ann)
        counts = []
        for size in (10, 20):
            for number in range(10):
                occasion = OccasionFactory(
                    name=f"Day {size + number}", date=CHRISTMAS, budget_total=Decimal(100)
                )
                past = OccasionFactory(name="Past", date=date(2025 - number % 3, 5, 1))
                for one in (occasion, past):
                    put(one, "Sis")
                    make_gift(one, PersonFactory(), status="purchased")
                mom = Person(name=f"Mom {size + number}", birthday=date(1960, 9, 15))
                if not number % 3:
                    planning.save_person(person=mom, today=TODAY)
            for asked in ({}, {"past": "1"}):
                with CaptureQueriesContext(connection) as queries:
                    page_of(member, **asked)
                counts.append(len(queries))
        assert counts == [11, 12, 11, 12]

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_only_get_is_answered(self, member, method):
        assert getattr(member, method)("/occasions/").status_code == 405

    def test_a_visitor_signs_in_first(self, client):
        assert client.get("/occasions/").status_code == 302
