"""The list of people: whom it shows, in which groups, and how they are found."""

from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions import planning
from occasions.models import Occasion
from occasions.tests.factories import NOW, TODAY, OccasionFactory, PersonFactory
from people.models import Person
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

WHO_ARE_YOU = "Which of these is you?"


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


def page_of(client: Client, **asked: str) -> str:
    answer = client.get("/people/", asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def shown(client: Client, **asked: str) -> dict[str, list[str]]:
    """Return the names on the page, by the title of their group."""
    groups = client.get("/people/", asked).context["groups"]
    return {group.title: [person.name for person, _ in group.people] for group in groups}


class TestWhoIsThere:
    def test_nobody_yet_is_said_kindly_with_one_thing_to_do(self, member):
        page = page_of(member)
        assert "Nobody is here yet." in page
        assert WHO_ARE_YOU not in page
        assert 'type="search"' not in page

    def test_people_stand_in_groups_in_the_order_of_nearness_and_by_name(self, member):
        for name, relationship in (
            ("Zoe", "friend"),
            ("adam", "friend"),
            ("Mom", "parent"),
            ("Mia", "child"),
            ("Bob", "friend"),
        ):
            PersonFactory(name=name, relationship=relationship)
        groups = shown(member)
        assert list(groups) == ["Children", "Parents", "Friends"]
        assert groups["Friends"] == ["adam", "Bob", "Zoe"]

    def test_every_relationship_has_a_group(self, member):
        for relationship in Person.Relationship.values:
            PersonFactory(relationship=relationship)
        assert len(shown(member)) == len(Person.Relationship.values)

    def test_a_page_has_24_and_a_group_goes_on_with_its_whole_count(self, member):
        PersonFactory.create_batch(20, relationship="child")
        PersonFactory.create_batch(10, relationship="friend")
        first, second = (member.get("/people/", {"page": page}) for page in (1, 2))
        sizes = [
            [(group.title, len(group.people), group.count) for group in answer.context["groups"]]
            for answer in (first, second)
        ]
        assert sizes == [[("Children", 20, 20), ("Friends", 4, 10)], [("Friends", 6, 10)]]
        assert "25–30 of 30 people" in second.content.decode()

    def test_a_page_that_is_not_there_is_the_last_or_the_first(self, member):
        PersonFactory(name="Mom")
        assert "Mom" in page_of(member, page="99")
        assert "Mom" in page_of(member, page="x")

    def test_who_signs_in_is_marked(self, client):
        ann = UserFactory()
        PersonFactory(name="Ann", user=ann)
        PersonFactory(name="Ben", user=UserFactory())
        PersonFactory(name="Mom")
        client.force_login(ann)
        page = page_of(client)
        assert page.count('<span class="note">You</span>') == 1
        assert page.count('<span class="note">Member</span>') == 1

    def test_initials_stand_where_there_is_no_photo(self, member):
        PersonFactory(name="Ann Berg")
        PersonFactory(name="Mom", photo="people/mom.webp")
        page = page_of(member)
        assert ">AB</span>" in page
        assert "/photo?people%2Fmom.webp" in page

    def test_names_are_never_markup(self, member):
        PersonFactory(name="<b>Mom</b>")
        assert "<b>Mom" not in member.get("/people/").content.decode()


class TestNextDay:
    def test_the_next_birthday_or_anniversary_is_told_with_a_countdown(self, member):
        days = {"birthday": date(1960, 12, 24), "anniversary": date(1985, 7, 16)}
        mom = planning.save_person(person=Person(name="Mom", **days), today=TODAY)
        assert "Anniversary tomorrow" in page_of(member)
        assert "Birthday" not in page_of(member)
        planning.save_person(person=mom, values={"anniversary": None}, today=TODAY)
        Occasion.objects.filter(kind="anniversary").delete()
        assert "Birthday in 5 months" in page_of(member)

    def test_a_birthday_that_has_passed_comes_again_by_itself(self, member):
        mom = PersonFactory(birthday=date(1960, 7, 14))
        OccasionFactory(
            kind="birthday",
            celebrates=mom,
            date=date(2026, 7, 14),
            since=mom.birthday,
            repeats_yearly=True,
        )
        assert "Birthday in 12 months" in page_of(member)

    def test_other_peoples_days_are_not_theirs(self, member):
        OccasionFactory().links.create(person=PersonFactory(name="Mom"))
        assert "in 5 months" not in page_of(member)


class TestSearch:
    @pytest.fixture(autouse=True)
    def people(self):
        PersonFactory(name="Åsa Öberg", relationship="friend", interests="Sailing")
        PersonFactory(name="Mom", relationship="parent", sizes="Shoes 39", notes="No perfume")
        PersonFactory(name="Dad", relationship="parent", interests="100% cotton")

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("mom", ["Mom"]),
            ("ÅSA", ["Åsa Öberg"]),
            ("öberg åsa", ["Åsa Öberg"]),
            ("sail", ["Åsa Öberg"]),
            ("shoes", ["Mom"]),
            ("perfume mom", ["Mom"]),
            ("perfume dad", []),
            ("100%", ["Dad"]),
            ("%", ["Dad"]),
            ("_", []),
            (" ", ["Dad", "Mom", "Åsa Öberg"]),
        ],
    )
    def test_looks_into_names_interests_sizes_and_things_to_avoid(self, member, text, names):
        found = [name for group in shown(member, q=text).values() for name in group]
        assert found == names

    def test_a_relationship_filters_too(self, member):
        assert shown(member, relationship="parent") == {"Parents": ["Dad", "Mom"]}
        assert shown(member, relationship="parent", q="mom") == {"Parents": ["Mom"]}

    def test_nothing_found_is_said_with_a_way_back(self, member):
        page = page_of(member, q="nobody like that")
        assert "Nobody matches what you are looking for." in page
        assert "Nobody is here yet." not in page
        assert '<a class="button secondary" href="/people/">Show everyone</a>' in page

    @pytest.mark.parametrize("asked", [{"q": "m" * 101}, {"q": "a\0b"}, {"relationship": "boss"}])
    def test_what_cannot_be_read_is_told_and_hides_nobody(self, member, asked):
        answer = member.get("/people/", asked)
        assert answer.status_code == 200
        assert answer.context["form"].errors.keys() == asked.keys()
        assert answer.context["page"].paginator.count == 3

    def test_what_is_asked_stays_in_the_fields_and_in_the_pages(self, member):
        PersonFactory.create_batch(30, relationship="friend", interests="tea")
        page = page_of(member, q="tea", relationship="friend")
        assert 'value="tea"' in page
        assert '<option value="friend" selected>Friends</option>' in page
        assert "q=tea&relationship=friend&page=2" in page


class TestWhoAreYou:
    def test_a_member_who_is_nobody_yet_is_asked(self, member):
        PersonFactory()
        assert WHO_ARE_YOU in page_of(member)

    def test_a_member_who_is_somebody_is_not(self, client):
        ann = UserFactory()
        PersonFactory(user=ann)
        client.force_login(ann)
        assert WHO_ARE_YOU not in page_of(client)


def test_ten_people_cost_as_many_queries_as_twenty(member):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            member.get("/people/")
        return len(asked)

    def add_ten() -> None:
        for month in range(1, 11):
            person = PersonFactory(birthday=date(1990, month, 1), user=UserFactory())
            planning.save_person(person=person, today=TODAY)

    add_ten()
    member.get("/people/")
    ten = queries()
    add_ten()
    assert queries() == ten
    assert ten <= 10


def test_only_reading_is_answered(member):
    assert member.post("/people/").status_code == 405
