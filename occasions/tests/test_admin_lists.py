"""The console's lists of people, occasions, gift budgets and gifts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.tests.consoles import administrator, rows_of, sheet_of
from occasions.models import Occasion
from occasions.tests.factories import (
    CHRISTMAS,
    NOW,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

PEOPLE = "/admin/people/person/"
OCCASIONS = "/admin/occasions/occasion/"
BUDGETS = "/admin/occasions/personoccasion/"
GIFTS = "/admin/occasions/gift/"
LISTS = [PEOPLE, OCCASIONS, BUDGETS, GIFTS]
FIRST = {PEOPLE: "name", OCCASIONS: "name", BUDGETS: "who", GIFTS: "title"}


@pytest.fixture
def console() -> Client:
    return administrator()


def shown(console: Client, place: str, **query: str) -> list[str]:
    """Return the first words of the rows of a list."""
    return [*rows_of(console.get(place, query), FIRST[place])]


def furnish(number: int) -> None:
    occasion = OccasionFactory(name=f"Feast{number}", date=CHRISTMAS + timedelta(days=number))
    people = [PersonFactory(name=f"Ann{number}"), PersonFactory(name=f"Ben{number}")]
    for person in people:
        CardFactory(occasion=occasion, person=person, purchaser_budget=Decimal(number))
    buyer = PersonFactory(name=f"Cid{number}", user=UserFactory())
    make_gift(occasion, *people, title=f"Thing{number}", purchaser=buyer)


@pytest.mark.parametrize("place", LISTS)
def test_a_list_asks_as_much_for_twenty_rows_as_for_ten(console, place):
    counts = []
    for numbers in (range(10), range(10, 20)):
        for number in numbers:
            furnish(number)
        with CaptureQueriesContext(connection) as queries:
            assert len(rows_of(console.get(place), FIRST[place])) >= numbers.stop
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("place", [*LISTS, f"{GIFTS}csv/"])
def test_lists_are_for_administrators(client, place):
    client.force_login(UserFactory())
    assert client.get(place).status_code == 403


def test_the_lists_stand_on_the_front_page(console):
    page = console.get("/admin/").content.decode()
    for place in LISTS:
        assert f'href="{place}"' in page


def test_people_with_relationship_member_and_birthday(console):
    PersonFactory(
        name="Mom", relationship="parent", user=UserFactory(username="mom"), birthday="1960-03-15"
    )
    assert rows_of(console.get(PEOPLE), "name") == {
        "Mom": {
            "name": "Mom",
            "relationship": "Parent",
            "user": "mom",
            "birthday": "March 15, 1960",
        }
    }


def test_occasions_latest_first(console):
    OccasionFactory(name="Easter", date=date(2026, 4, 5))
    OccasionFactory(name="Christmas", repeats_yearly=True, budget_total=Decimal(1000))
    rows = rows_of(console.get(OCCASIONS), "name")
    assert [*rows] == ["Christmas", "Easter"]
    assert rows["Christmas"]["date"] == "Dec. 25, 2026"
    assert rows["Christmas"]["kind"] == "Holiday"
    assert rows["Christmas"]["budget"] == "$1,000.00"
    assert rows["Easter"]["budget"] == "–"


def test_gift_budgets_empty_and_zero_apart(console):
    CardFactory(person__name="Mom", recipient_budget=Decimal(200), purchaser_budget=Decimal(0))
    row = rows_of(console.get(BUDGETS), "who")["Mom"]
    assert (row["budget_for"], row["budget_by"]) == ("$200.00", "$0.00")
    assert row["occasion"] == "Christmas, 2026-12-25"
    CardFactory(person__name="Dad")
    assert rows_of(console.get(BUDGETS), "who")["Dad"]["budget_for"] == "–"


def test_gifts_with_whom_they_are_for_and_what_they_count(console):
    mom, dad = PersonFactory(name="Mom"), PersonFactory(name="Dad")
    occasion = OccasionFactory()
    make_gift(occasion, mom, dad, title="Tent", price="20", quantity=3, purchaser=PersonFactory())
    make_gift(occasion, mom, title="Surf", price=None)
    rows = rows_of(console.get(GIFTS), "title")
    assert rows["Tent"]["whom"] == "Dad, Mom"
    assert rows["Tent"]["counts"] == "$60.00"
    assert rows["Tent"]["status"] == "Selected"
    assert rows["Surf"]["counts"] == "–"


@pytest.mark.parametrize(
    ("place", "text", "found"),
    [
        (PEOPLE, "MÜLLER", ["Änne"]),
        (PEOPLE, "ÄNNE", ["Änne"]),
        (PEOPLE, "chess", ["Änne"]),
        (PEOPLE, "müller chess", ["Änne"]),
        (PEOPLE, "chess otto", []),
        (PEOPLE, "100%", ["Otto"]),
        (PEOPLE, "_", []),
        (OCCASIONS, "ÖSTERLICHES", ["Österliches"]),
        (BUDGETS, "änne", ["Änne"]),
        (BUDGETS, "ÖSTER otto", ["Otto"]),
        (GIFTS, "ÜBERRASCHUNG", ["Überraschung"]),
        (GIFTS, "müller", ["Überraschung"]),
        (GIFTS, "otto", ["Überraschung"]),
        (GIFTS, "nothing", []),
    ],
)
def test_search_whatever_the_case(console, place, text, found):
    anne = PersonFactory(name="Änne Müller", interests="Chess")
    otto = PersonFactory(name="Otto", sizes="100% cotton")
    feast = OccasionFactory(name="Österliches Fest")
    CardFactory(occasion=feast, person=otto)
    OccasionFactory()
    make_gift(feast, anne, title="Überraschung", purchaser=otto)
    assert shown(console, place, q=text) == found


@pytest.mark.parametrize("place", [OCCASIONS, BUDGETS, GIFTS])
def test_what_is_to_come_and_what_is_past(console, place):
    for name, day in (("Past", NOW.date() - timedelta(days=1)), ("Coming", NOW.date())):
        occasion = OccasionFactory(name=name, date=day)
        make_gift(occasion, PersonFactory(name=name), title=name)
    assert shown(console, place, when="coming") == ["Coming"]
    assert shown(console, place, when="past") == ["Past"]
    assert shown(console, place, when="nonsense") == ["Coming", "Past"]


def test_the_day_is_that_of_the_administrator():
    OccasionFactory(name="Feast", date=NOW.date())
    east = administrator(username="east", timezone="Pacific/Kiritimati")
    assert shown(east, OCCASIONS, when="past") == ["Feast"]


@pytest.mark.parametrize(
    ("place", "query", "found"),
    [
        (PEOPLE, {"relationship__exact": "parent"}, ["Mom"]),
        (OCCASIONS, {"kind__exact": "holiday"}, ["Christmas"]),
        (OCCASIONS, {"repeats_yearly__exact": "1"}, ["Mother"]),
        (BUDGETS, {"receives__exact": "0"}, ["Dad"]),
        (BUDGETS, {"occasion__kind__exact": "holiday"}, ["Mom"]),
        (GIFTS, {"status__exact": "idea"}, ["Poem"]),
        (GIFTS, {"priority__exact": "1"}, ["Scarf"]),
        (GIFTS, {"occasion__kind__exact": "birthday"}, []),
    ],
)
def test_filters(console, place, query, found):
    mom, dad = PersonFactory(name="Mom", relationship="parent"), PersonFactory(name="Dad")
    christmas = OccasionFactory()
    other = OccasionFactory(name="Mother", kind="other", repeats_yearly=True)
    CardFactory(occasion=other, person=dad, receives=False)
    make_gift(christmas, mom, title="Scarf", priority=1)
    make_gift(christmas, mom, title="Poem", status="idea")
    assert shown(console, place, **query) == found


def test_every_filter_and_column_works(console):
    furnish(1)
    for place in LISTS:
        page = console.get(place).content.decode()
        links = {part.split('"')[0] for part in page.split('href="?')[1:]}
        assert len(links) > 4
        for link in links:
            assert console.get(f"{place}?{link.replace('&amp;', '&')}").status_code == 200, link


@pytest.mark.parametrize(
    "query",
    [
        "gifts__id__exact=1",
        "gifts=1",
        "gifts__isnull=0",
        "gifts__title__startswith=C",
        "links__recipient_budget=5",
        "buying__id=1",
        "people__id=1",
        "recipients=1",
    ],
)
@pytest.mark.parametrize("place", LISTS)
def test_nobody_asks_from_the_address_bar_who_has_which_gifts(console, place, query):
    answer = console.get(f"{place}?{query}")
    assert answer.status_code in {302, 400}
    if answer.status_code == 302:
        assert answer["Location"] == f"{place}?e=1"


def test_gifts_as_csv(console):
    mom, dad = PersonFactory(name="Mom"), PersonFactory(name="Dad")
    make_gift(
        OccasionFactory(),
        mom,
        dad,
        title="=Tent",
        price="100.01",
        paid_price=Decimal(90),
        status="purchased",
        notes="Two\nlines",
        link="https://example.com/tent",
        purchaser=PersonFactory(name="Sis"),
    )
    [row] = sheet_of(console.get(f"{GIFTS}csv/"))
    assert row == {
        "occasion": "Christmas",
        "date": "2026-12-25",
        "title": "'=Tent",
        "recipients": "Dad, Mom",
        "purchaser": "Sis",
        "status": "purchased",
        "quantity": "1",
        "price": "100.01",
        "paid price": "90.00",
        "cost": "90.00",
        "bought on": "2026-07-15",
        "priority": "normal",
        "link": "https://example.com/tent",
        "notes": "Two\nlines",
        "paid in all": "",
    }


def test_the_csv_follows_search_filters_and_ticks(console):
    occasion = OccasionFactory()
    scarf, _ = (make_gift(occasion, PersonFactory(), title=title) for title in ("Scarf", "Poem"))
    assert [row["title"] for row in sheet_of(console.get(f"{GIFTS}csv/", {"q": "poem"}))] == [
        "Poem"
    ]
    ticked = {"action": "download_csv", "index": "0", "_selected_action": [str(scarf.pk)]}
    assert [row["title"] for row in sheet_of(console.post(GIFTS, ticked))] == ["Scarf"]
    assert console.get(f"{GIFTS}csv/", {"status__foo": "x"}).status_code == 302


@pytest.mark.parametrize(
    ("place", "adds"), [(PEOPLE, True), (OCCASIONS, False), (BUDGETS, False), (GIFTS, False)]
)
def test_only_people_are_added_here(console, place, adds):
    assert console.get(f"{place}add/").status_code == (200 if adds else 403)


def test_an_occasion_of_every_kind_is_listed(console):
    for kind in Occasion.Kind.values:
        OccasionFactory(name=kind, kind=kind)
    assert len(shown(console, OCCASIONS)) == len(Occasion.Kind)
