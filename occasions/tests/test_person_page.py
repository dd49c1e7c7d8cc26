"""The pages of one person: what is known, the budgets, the gifts year by year."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions import history, planning
from occasions.models import Occasion, PersonOccasion
from occasions.tests.factories import (
    CHRISTMAS,
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    viewer_of,
)
from people.models import Person, User
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

LAST_CHRISTMAS = date(2025, 12, 25)


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom", relationship="parent")


def page_of(client: Client, person: Person, part: str = "") -> str:
    answer = client.get(f"/people/{person.pk}/{part}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


class TestOverview:
    def test_tells_what_is_known(self, member):
        person = PersonFactory(
            name="Mom",
            relationship="grandparent",
            interests="Gardening\nNovels",
            sizes="Shoes 39",
            notes="No perfume",
        )
        page = page_of(member, person)
        for said in ("Grandparent", "Gardening<br>Novels", "Shoes 39", "No perfume"):
            assert said in page

    def test_tells_the_birthday_with_the_age_that_comes(self, member):
        person = Person(name="Mom", birthday=date(1960, 7, 16), anniversary=date(1985, 7, 15))
        person = planning.save_person(person=person, today=TODAY)
        page = page_of(member, person)
        birthday = Occasion.objects.get(kind="birthday")
        assert "Jul 16, 1960" in page
        assert f'<a href="/occasions/{birthday.pk}/">Tomorrow</a>' in page
        assert "turns 66" in page
        assert "Jul 15, 1985" in page
        assert ">Today</a>" in page
        assert "41 years" in page

    def test_a_birthday_of_today_has_no_age_yet_and_one_of_29_february_a_day(self, member):
        assert "turns" not in page_of(member, PersonFactory(birthday=TODAY))
        leap = page_of(member, PersonFactory(birthday=date(2000, 2, 29)))
        assert "Feb 29, 2000" in leap
        assert "turns 27" in leap

    def test_with_nothing_known_it_says_what_would_help(self, member, mom):
        page = page_of(member, mom)
        assert "Interests, sizes and things to avoid help everybody" in page
        assert "With a birthday, Mom comes on the calendar" in page

    def test_says_who_is_a_member_and_who_one_is(self, member, ann):
        assert "Member</span>" in page_of(member, PersonFactory(user=UserFactory()))
        assert "This is you</span>" in page_of(member, PersonFactory(user=ann))

    def test_what_people_type_is_never_markup(self, member):
        person = PersonFactory(name="<b>Mom", interests="<b>tea", sizes="<b>M", notes="<b>no")
        assert "<b>" not in member.get(f"/people/{person.pk}/").content.decode()

    @pytest.mark.parametrize("part", ["", "budgets/", "gifts/"])
    def test_every_page_has_its_tabs_one_heading_and_only_answers_reading(self, member, mom, part):
        page = page_of(member, mom, part)
        assert page.count("<h1") == 1
        tabs = page.partition('<nav class="tabs"')[2].partition("</nav>")[0]
        assert f'href="/people/{mom.pk}/{part}" aria-current="page"' in tabs
        assert tabs.count("aria-current") == 1
        assert member.post(f"/people/{mom.pk}/{part}").status_code == 405
        assert member.get(f"/people/999/{part}").status_code == 404


class TestBudgets:
    def names(self, client: Client, person: Person, **asked: str) -> list[str]:
        cards = client.get(f"/people/{person.pk}/budgets/", asked).context["cards"]
        return [card.occasion.name for card in cards]

    def test_upcoming_soonest_first_and_past_latest_first(self, member, mom):
        for name, day in (
            ("today", TODAY),
            ("christmas", CHRISTMAS),
            ("yesterday", TODAY - timedelta(days=1)),
            ("last christmas", LAST_CHRISTMAS),
        ):
            CardFactory(person=mom, occasion__name=name, occasion__date=day)
        CardFactory(occasion__name="not hers")
        assert self.names(member, mom) == ["today", "christmas"]
        assert self.names(member, mom, past="1") == ["yesterday", "last christmas"]

    def test_the_switch_counts_both(self, member, mom):
        CardFactory(person=mom)
        CardFactory.create_batch(2, person=mom, occasion__date=LAST_CHRISTMAS)
        page = page_of(member, mom, "budgets/")
        assert f'href="/people/{mom.pk}/budgets/" aria-current="true">Upcoming (1)</a>' in page
        assert f'href="/people/{mom.pk}/budgets/?past=1">Past (2)</a>' in page
        past = page_of(member, mom, "budgets/?past=1")
        assert f'href="/people/{mom.pk}/budgets/?past=1" aria-current="true">Past (2)' in past

    def test_both_are_kind_when_empty(self, member, mom):
        assert "Mom is on no list of an occasion to come" in page_of(member, mom, "budgets/")
        assert "No past occasion had Mom on its list" in page_of(member, mom, "budgets/?past=1")

    def test_a_card_is_drawn_with_its_occasion_budget_and_gifts(self, member, mom):
        card = CardFactory(person=mom, recipient_budget=Decimal(200))
        make_gift(card.occasion, mom, title="A trowel", price="50", status="purchased")
        page = page_of(member, mom, "budgets/")
        assert f'id="card-{card.pk}"' in page
        assert f'<a href="/occasions/{card.occasion_id}/">Christmas</a>' in page
        assert 'value="200.00"' in page
        assert "A trowel" in page
        assert f'name="next" value="/people/{mom.pk}/budgets/"' in page

    def test_sixty_occasions_are_all_within_reach(self, member, mom):
        for number in range(60):
            CardFactory(
                person=mom,
                occasion__name=f"o{number:02}",
                occasion__date=TODAY + timedelta(days=number),
            )
        seen = [name for page in range(1, 6) for name in self.names(member, mom, page=str(page))]
        assert seen == [f"o{number:02}" for number in range(60)]
        assert "1–12 of 60 occasions" in page_of(member, mom, "budgets/")

    def test_pages_of_past_occasions_stay_in_the_past(self, member, mom):
        CardFactory.create_batch(13, person=mom, occasion__date=LAST_CHRISTMAS)
        assert "?past=1&page=2" in page_of(member, mom, "budgets/?past=1")

    def test_yesterdays_yearly_occasion_comes_again(self, member, mom):
        CardFactory(
            person=mom,
            occasion__name="Name day",
            occasion__date=TODAY - timedelta(days=1),
            occasion__repeats_yearly=True,
        )
        assert self.names(member, mom) == ["Name day"]

    @pytest.mark.parametrize(
        ("zone", "upcoming"), [("Pacific/Kiritimati", 0), ("Pacific/Honolulu", 1)]
    )
    def test_the_day_is_that_of_whoever_looks(self, client, mom, time_machine, zone, upcoming):
        time_machine.move_to("2026-12-25T20:00:00Z")
        CardFactory(person=mom)
        client.force_login(UserFactory(timezone=zone))
        assert len(self.names(client, mom)) == upcoming


class TestGifts:
    def test_years_with_totals_and_all_in_all(self, member, mom):
        this, last = OccasionFactory(), OccasionFactory(date=LAST_CHRISTMAS)
        earlier = OccasionFactory(name="Birthday", date=date(2025, 3, 15))
        make_gift(this, mom, title="A trowel", price="20", status="purchased")
        make_gift(last, mom, title="Seeds", price="10.50", quantity=3, status="received")
        make_gift(
            earlier, mom, title="Tea", price="9", paid_price=Decimal("7.25"), status="received"
        )
        page = page_of(member, mom, "gifts/")
        assert page.index("2026</h2>") < page.index("Seeds") < page.index("Tea")
        told = member.get(f"/people/{mom.pk}/gifts/").context["history"]
        totals = {year.year: year.total for year in told.years}
        assert totals == {2026: Decimal(20), 2025: Decimal("38.75")}
        assert (told.total, told.count) == (Decimal("58.75"), 3)
        assert "$58.75" in page

    def test_a_shared_gift_counts_its_share(self, member, mom):
        dad = PersonFactory(name="Dad")
        make_gift(OccasionFactory(), mom, dad, price="100.01", status="purchased")
        viewer = viewer_of(UserFactory())
        shares = [history.of_person(person, viewer).total for person in (mom, dad)]
        assert shares == [Decimal("50.01"), Decimal("50.00")]
        assert "shared with Dad" in page_of(member, mom, "gifts/")

    def test_what_is_not_bought_stands_apart_and_counts_nothing(self, member, mom):
        occasion = OccasionFactory()
        make_gift(occasion, mom, title="A trowel", price="20", status="selected")
        make_gift(occasion, mom, title="A garden", price="5000", status="idea")
        page = page_of(member, mom, "gifts/")
        assert "Nothing is bought for Mom yet." in page
        apart = page.partition("Not bought</h2>")[2]
        assert "Selected, Christmas" in apart
        assert "Idea, Christmas" in apart
        told = member.get(f"/people/{mom.pk}/gifts/").context["history"]
        assert (told.years, told.total) == ([], Decimal(0))

    def test_a_gift_without_a_price_is_marked_and_counts_one(self, member, mom):
        make_gift(OccasionFactory(), mom, price=None, status="received")
        assert "no price" in page_of(member, mom, "gifts/")
        told = member.get(f"/people/{mom.pk}/gifts/").context["history"]
        assert (told.count, told.total) == (1, Decimal(0))

    def test_tells_who_gave_and_leads_to_the_gift(self, member, mom):
        gift = make_gift(
            OccasionFactory(), mom, status="received", purchaser=PersonFactory(name="Dad")
        )
        page = page_of(member, mom, "gifts/")
        assert "from Dad" in page
        assert f'href="/gifts/{gift.pk}/"' in page

    def test_what_somebody_gives_is_no_gift_to_them(self, member, mom):
        make_gift(OccasionFactory(), PersonFactory(), title="A trowel", purchaser=mom)
        assert "A trowel" not in page_of(member, mom, "gifts/")

    def test_nothing_yet_is_said_kindly(self, member, mom):
        page = page_of(member, mom, "gifts/")
        assert "Nothing is bought for Mom yet." in page
        assert "In all" not in page


class TestSurprise:
    """Ann is on the list of Christmas; until it has passed her pages are always the same."""

    PARTS = ("", "budgets/", "budgets/?past=1", "gifts/", "change/", "delete/", "me/")

    @pytest.fixture
    def me(self, ann: User) -> Person:
        return PersonFactory(name="Ann", user=ann)

    @pytest.fixture
    def christmas(self, me: Person, mom: Person) -> Occasion:
        occasion = OccasionFactory()
        for person in (me, mom, PersonFactory(name="Dad")):
            CardFactory(occasion=occasion, person=person)
        make_gift(occasion, mom, title="For Mom", price="20", status="purchased")
        return occasion

    def pages(self, client: Client) -> dict[str, bytes]:
        keys = Person.objects.values_list("pk", flat=True)
        paths = ["/people/", "/people/?q=canary"]
        paths += [f"/people/{key}/{part}" for key in keys for part in self.PARTS]
        answers = {path: client.get(path) for path in paths}
        # The token against forged requests is another one in each answer.
        return {
            path: b"%d %s" % (answer.status_code, re.sub(rb'"\w{64}"', b"", answer.content))
            for path, answer in answers.items()
        }

    def plan(self, occasion: Occasion, me: Person, mom: Person) -> None:
        """Leave everything that Ann must not find."""
        dad = Person.objects.get(name="Dad")
        for status in ("idea", "selected", "purchased", "received"):
            make_gift(occasion, me, title="canary", price="77.77", status=status, purchaser=dad)
            make_gift(occasion, me, mom, title="canary", price="55.55", status=status)
        occasion.links.filter(person=me).update(recipient_budget=Decimal("33.33"))
        occasion.links.filter(person=dad).update(purchaser_budget=Decimal("44.44"))

    def test_every_page_is_the_same_whether_there_are_presents_or_not(
        self, member, me, mom, christmas
    ):
        before = self.pages(member)
        assert b"For Mom" in before[f"/people/{mom.pk}/gifts/"]
        self.plan(christmas, me, mom)
        after = self.pages(member)
        assert {path for path in before if before[path] != after[path]} == set()

    def test_others_see_it_all(self, client, me, mom, christmas):
        self.plan(christmas, me, mom)
        client.force_login(UserFactory())
        assert page_of(client, me, "gifts/").count("canary") == 8
        assert "33.33" in page_of(client, me, "budgets/")

    def test_ann_sees_it_once_the_day_has_passed(
        self, client, ann, me, mom, christmas, time_machine
    ):
        self.plan(christmas, me, mom)
        time_machine.move_to("2026-12-26T00:30:00Z")
        client.force_login(ann)
        assert page_of(client, me, "gifts/").count("canary") == 8
        assert "33.33" in page_of(client, me, "budgets/?past=1")
        assert page_of(client, mom, "gifts/").count("canary") == 4

    def test_but_no_earlier_by_moving_east(self, client, ann, me, mom, christmas, time_machine):
        self.plan(christmas, me, mom)
        User.objects.filter(pk=ann.pk).update(timezone="Pacific/Kiritimati")
        time_machine.move_to("2026-12-25T20:00:00Z")
        client.force_login(ann)
        for part in ("gifts/", "budgets/", "budgets/?past=1"):
            assert "canary" not in page_of(client, me, part)
            assert "33.33" not in page_of(client, me, part)

    def test_sums_over_what_is_left_say_so(self, member, me, mom, christmas):
        assert "These are gifts that are not for you" in page_of(member, mom, "gifts/")
        assert "What you get at days to come is a surprise." in page_of(member, me, "gifts/")
        PersonOccasion.objects.filter(person=me).delete()
        assert "These are gifts that are not for you" not in page_of(member, mom, "gifts/")


class TestQueries:
    @pytest.mark.parametrize("part", ["", "budgets/", "gifts/"])
    def test_ten_occasions_cost_as_many_queries_as_five(self, member, mom, part):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                member.get(f"/people/{mom.pk}/{part}")
            return len(asked)

        def add_five() -> None:
            for number in range(5):
                card = CardFactory(person=mom, occasion__date=CHRISTMAS + timedelta(days=number))
                dad = PersonFactory()
                for status in ("purchased", "selected"):
                    make_gift(card.occasion, mom, dad, status=status, purchaser=PersonFactory())

        add_five()
        five = queries()
        add_five()
        assert queries() == five
        assert five <= 12
