"""Finding anything by typing: what is found, in which order, and what never is."""

from datetime import date
from html import unescape
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.finding import Group, found
from config.places import ACTIONS, PAGES
from config.tests.test_templates import SPRITE
from occasions.models import Occasion
from occasions.tests.factories import (
    NOW,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    viewer_of,
)
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases.tests.factories import BrandFactory, PurchaseFactory, RetailerFactory, TagFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def member(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def christmas() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


def hits(user: User, words: str) -> dict[str, list[str]]:
    """Return the titles that `user` finds, by group."""
    groups = found(viewer_of(user), words)
    return {group.title: [hit.title for hit in group.hits] for group in groups}


def group(user: User, words: str, title: str) -> Group:
    return next(group for group in found(viewer_of(user), words) if group.title == title)


def page_of(client: Client, words: str, **headers: str) -> str:
    answer = client.get("/find/", {"q": words}, headers=headers)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


class TestPagesAndActions:
    def test_without_words_everywhere_one_can_go_is_offered(self, user):
        assert hits(user, " ") == {
            "Pages": [place.title for place in PAGES if place.title != "Admin"],
            "Actions": [place.title for place in ACTIONS],
        }

    def test_each_place_has_an_address_and_an_icon(self):
        for place in (*PAGES, *ACTIONS):
            assert reverse(place.name).startswith("/")
            assert f'<symbol id="{place.icon}"' in SPRITE

    @pytest.mark.parametrize(
        ("words", "titles"),
        [
            ("bud", ["Budget"]),
            ("ADD PUR", ["Add a purchase"]),
            ("shops", ["Retailers"]),
            ("present", ["Gifts", "Add a gift"]),
            ("udget", []),
            ("budget nonsense", []),
        ],
    )
    def test_a_place_is_found_by_the_beginnings_of_its_words(self, user, words, titles):
        asked = hits(user, words)
        assert asked.get("Pages", []) + asked.get("Actions", []) == titles

    def test_the_console_is_for_administrators(self, user):
        assert "Pages" not in hits(user, "console")
        assert hits(UserFactory(administrator=True), "console") == {"Pages": ["Admin"]}


class TestPeople:
    def test_are_found_by_name_first_and_then_by_what_they_like(self, user):
        PersonFactory(name="Ada", interests="Films by Zoe")
        PersonFactory(name="Zoe")
        assert hits(user, "zoe") == {"People": ["Zoe", "Ada"]}

    def test_whoever_looks_is_told_apart(self, user):
        PersonFactory(name="Zoe", user=user)
        PersonFactory(name="Zoe", relationship=Person.Relationship.FRIEND)
        assert [hit.detail for hit in group(user, "zoe", "People").hits] == ["You", "Friend"]

    def test_a_case_beyond_ascii_and_signs_are_read_as_they_are_meant(self, user):
        PersonFactory(name="ÜBER 100%")
        PersonFactory(name="Uber 1000")
        assert hits(user, "über 100%") == {"People": ["ÜBER 100%"]}


class TestOccasions:
    def test_the_next_come_first_and_then_the_last(self, user):
        for year in (2024, 2028, 2025, 2026):
            OccasionFactory(date=date(year, 12, 25))
        days = [hit.detail for hit in group(user, "christ", "Occasions").hits]
        assert days == ["Dec 25, 2026", "Dec 25, 2028", "Dec 25, 2025", "Dec 25, 2024"]


class TestGifts:
    def test_say_for_whom_and_when(self, user, christmas, mom):
        gift = make_gift(christmas, mom, title="Red scarf")
        [hit] = group(user, "scarf", "Gifts").hits
        assert (hit.title, hit.url) == ("Red scarf", f"/gifts/{gift.pk}/")
        assert hit.detail == "Mom · Christmas, Dec 25, 2026"

    def test_ones_own_are_a_surprise_until_their_day_has_passed(self, user, christmas):
        card = CardFactory(occasion=christmas, person__user=user)
        make_gift(christmas, card.person, title="Red scarf")
        assert hits(user, "scarf") == {}
        assert hits(UserFactory(), "scarf") == {"Gifts": ["Red scarf"]}
        Occasion.objects.update(date=date(2026, 7, 14))
        assert hits(user, "scarf") == {"Gifts": ["Red scarf"]}


class TestPurchases:
    def test_say_when_where_and_for_how_much(self, user):
        PurchaseFactory(
            owner=user, name="Kettle", currency="EUR", retailer=RetailerFactory(name="Corner")
        )
        [hit] = group(user, "KETT", "Purchases").hits
        assert hit.detail == "Jul 15, 2026 · Corner · €10.00"

    @pytest.mark.parametrize(
        "words", ["corner", "acme", "kitchen", "o-77", "s-88", "m-99", "second hand", "ACME hand"]
    )
    def test_are_found_by_everything_that_stands_on_them(self, user, words):
        PurchaseFactory(
            owner=user,
            name="Kettle",
            retailer=RetailerFactory(name="Corner"),
            brand=BrandFactory(name="Acme"),
            tags=[TagFactory(name="kitchen")],
            order_number="O-77",
            serial_number="S-88",
            model_number="M-99",
            notes="Second hand",
        )
        assert hits(user, words)["Purchases"] == ["Kettle"]

    def test_signs_mean_themselves(self, user):
        PurchaseFactory(owner=user, name="100% wool")
        PurchaseFactory(owner=user, name="1000 wool")
        PurchaseFactory(owner=user, name="a_b")
        PurchaseFactory(owner=user, name="aXb")
        assert hits(user, "100%") == {"Purchases": ["100% wool"]}
        assert hits(user, "a_b") == {"Purchases": ["a_b"]}

    def test_what_others_keep_to_themselves_or_threw_away_is_not_found(self, user):
        PurchaseFactory(name="Private kettle")
        PurchaseFactory(name="Shared kettle", shared=True)
        PurchaseFactory(owner=user, name="Old kettle", deleted_at=NOW)
        assert hits(user, "kettle") == {"Purchases": ["Shared kettle"]}

    def test_a_shared_one_for_ones_own_present_is_not_found(self, user, christmas):
        card = CardFactory(occasion=christmas, person__user=user)
        gift = make_gift(christmas, card.person, title="Kite")
        PurchaseFactory(name="Kite", gift=gift, shared=True, retailer=RetailerFactory(name="Kites"))
        assert hits(user, "kite") == {}
        assert set(hits(UserFactory(), "kite")) == {"Gifts", "Purchases", "Retailers"}


class TestRetailersAndBrands:
    def test_are_found_when_they_are_listed_or_come_with_something_visible(self, user):
        RetailerFactory(name="Acme listed", listed=True)
        PurchaseFactory(name="x", retailer=RetailerFactory(name="Acme hidden"))
        PurchaseFactory(owner=user, name="y", brand=BrandFactory(name="Acme made"))
        asked = hits(user, "acme")
        assert (asked["Retailers"], asked["Brands"]) == (["Acme listed"], ["Acme made"])


class TestLimits:
    def test_five_of_a_kind_and_the_way_to_the_others(self, user, christmas, mom):
        for number in range(6):
            PersonFactory(name=f"Ann {number}")
            make_gift(christmas, mom, title=f"Annual {number}")
            PurchaseFactory(owner=user, name=f"Annual {number}")
            RetailerFactory(name=f"Ann {number}", listed=True)
            BrandFactory(name=f"Ann {number}", listed=True)
        ways = {
            group.title: (len(group.hits), group.all_url) for group in found(viewer_of(user), "ann")
        }
        assert ways == {
            "People": (5, "/people/?q=ann"),
            "Gifts": (5, "/gifts/?q=ann"),
            "Purchases": (5, "/purchases/?q=ann"),
            "Retailers": (5, "/retailers/?q=ann"),
            "Brands": (5, "/brands/?q=ann"),
        }

    def test_five_are_all_of_them(self, user):
        for number in range(5):
            PersonFactory(name=f"Ann {number}")
        assert group(user, "ann", "People").all_url == ""

    def test_the_words_keep_their_signs_on_the_way(self, user):
        for number in range(6):
            PersonFactory(name=f"A&B % {number}")
        assert group(user, "a&b %", "People").all_url == "/people/?q=a%26b+%25"

    def test_twenty_of_each_cost_as_many_queries_as_ten(self, member, user):
        CardFactory(person__user=user)

        def add_ten() -> None:
            for number in range(10):
                occasion = OccasionFactory(name="Ann’s day", date=date(2026, 9, 1 + number))
                person = PersonFactory(name="Ann")
                make_gift(occasion, person, PersonFactory(), title="Annual")
                retailer = RetailerFactory(name=f"Ann & {person.pk}")
                brand = BrandFactory(name=f"Ann & {person.pk}")
                PurchaseFactory(owner=user, name="Annual", retailer=retailer, brand=brand)

        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page_of(member, "ann")
            return len(asked)

        add_ten()
        queries()
        ten = queries()
        add_ten()
        assert queries() == ten <= 12

    def test_words_beyond_a_hundred_letters_are_cut(self, user):
        PersonFactory(name="Ann")
        assert hits(user, "Ann" + " " * 100 + "nobody") == {"People": ["Ann"]}


class TestThePage:
    def test_is_whole_with_the_words_in_the_field_and_links(self, member, mom):
        page = page_of(member, "mom")
        assert "<title>Find · Pursestrings</title>" in page
        assert 'type="search" value="mom"' in page
        assert f'<a href="/people/{mom.pk}/">' in page
        assert 'role="option"' not in page

    def test_htmx_is_answered_with_the_options_alone(self, member, mom):
        part = page_of(member, "mom", **{"HX-Request": "true"})
        assert part.lstrip().startswith('<div class="palette-options"')
        assert 'role="listbox"' in part
        assert f'href="/people/{mom.pk}/" role="option"' in part
        assert "<html" not in part

    def test_a_cache_keeps_both_apart(self, member):
        assert "HX-Request" in member.get("/find/")["Vary"]

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
    def test_nothing_found_is_said_kindly_and_the_words_are_kept(self, member, headers):
        page = page_of(member, "zzz <b>", **headers)
        assert "Nothing here goes by “zzz <b>”. Try fewer letters or another word." in page
        raw = member.get("/find/", {"q": "zzz <b>"}, headers=headers).content.decode()
        assert "<b>" not in raw.replace("zzz &lt;b&gt;", "")

    @pytest.mark.parametrize("words", ["", "\0", "%", "(", "a" * 5000, "é" * 101, "🎁"])
    def test_any_words_are_answered(self, member, words):
        assert member.get(f"/find/?q={quote(words)}").status_code == 200

    def test_every_page_leads_to_it_and_keeps_its_dialog_closed(self, member):
        page = member.get("/account/").content.decode()
        assert '<a class="find" href="/find/" data-palette' in page
        assert '<dialog class="palette" id="palette"' in page
        assert "<dialog open" not in page

    def test_only_reading_is_answered(self, member):
        assert member.post("/find/").status_code == 405

    def test_whoever_is_not_signed_in_is_asked_to(self, client):
        assert client.get("/find/?q=a").status_code == 302
        assert 'id="palette"' not in client.get("/account/login/").content.decode()
