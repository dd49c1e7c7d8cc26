"""The list of gifts: what it shows, how it is searched, filtered, sorted and added up."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from itertools import product

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.figures import Spending
from occasions.lists import SORTS, found
from occasions.models import Gift, Occasion
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

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

LEFT_OUT = "Gifts that are not for you"


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


def page_of(client: Client, **asked: object) -> str:
    answer = client.get("/gifts/", asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def shown(client: Client, **asked: object) -> list[str]:
    return [gift.title for gift in client.get("/gifts/", asked).context["page"]]


def totals(client: Client, **asked: object) -> Spending:
    return client.get("/gifts/", asked).context["spending"]


@pytest.fixture
def christmas() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def dad() -> Person:
    return PersonFactory(name="Dad")


class TestARow:
    def test_says_what_for_whom_when_and_who_buys_it(self, member, christmas, mom, dad):
        sis = PersonFactory(name="Sis")
        gift = make_gift(christmas, mom, sis, title="A scarf", price="20", quantity=3)
        page = page_of(member)
        assert f'<a href="/gifts/{gift.pk}/" hx-boost="false">A scarf</a>' in page
        assert f'href="/occasions/{christmas.pk}/"' in page
        assert "Dec 25, 2026, in 5 months" in page
        assert "For Mom, Sis" in page
        assert "Nobody buys it yet" in page
        assert '<strong class="money">$60.00</strong>' in page
        assert "3 × $20.00" in page
        Gift.objects.update(purchaser=dad)
        assert "Dad buys it" in page_of(member)

    def test_what_is_paid_counts_once_it_is_bought(self, member, christmas, mom):
        gift = make_gift(christmas, mom, price="50", paid_price=Decimal(40), quantity=2)
        assert "2 × $50.00" in page_of(member)
        Gift.objects.filter(pk=gift.pk).update(status="purchased", bought_on=NOW.date())
        page = page_of(member)
        assert '<strong class="money">$80.00</strong>' in page
        assert "2 × $40.00 paid" in page
        assert "Nobody buys it yet" not in page

    def test_marks_what_has_no_price(self, member, christmas, mom):
        make_gift(christmas, mom, price=None)
        page = page_of(member)
        assert '<span class="muted">no price</span>' in page
        assert "1 without a price" in page

    def test_marks_only_a_priority_that_is_not_the_usual_one(self, member, christmas, mom):
        gift = make_gift(christmas, mom)
        assert "priority</span>" not in page_of(member)
        Gift.objects.filter(pk=gift.pk).update(priority=Gift.Priority.HIGH)
        assert "High priority</span>" in page_of(member)
        Gift.objects.filter(pk=gift.pk).update(priority=Gift.Priority.LOW)
        assert "Low priority</span>" in page_of(member)

    def test_tells_the_viewer_that_they_are_to_buy_it(self, client, christmas, mom):
        ann = UserFactory()
        make_gift(christmas, mom, purchaser=PersonFactory(name="Ann", user=ann))
        client.force_login(ann)
        assert "You buy it" in page_of(client)

    def test_has_a_status_to_tap_that_leads_back_to_the_same_list(self, member, christmas, mom):
        gift = make_gift(christmas, mom)
        page = page_of(member, q="gift", sort="-cost")
        assert f'action="/gifts/{gift.pk}/status/"' in page
        assert 'name="next" value="/gifts/?q=gift&sort=-cost"' in page
        assert page.count('aria-pressed="true"') == 1

    def test_is_never_markup(self, member, mom):
        make_gift(OccasionFactory(name="<b>Feast</b>"), mom, title="<i>Scarf</i>")
        raw = member.get("/gifts/").content.decode()
        assert "<b>Feast" not in raw
        assert "<i>Scarf" not in raw


class TestSearch:
    @pytest.fixture(autouse=True)
    def gifts(self, christmas, mom):
        make_gift(christmas, mom, title="Öl painting", notes="In the attic")
        make_gift(christmas, mom, title="Voucher 10%", link="https://example.com/spa_day")
        make_gift(christmas, mom, title="Scarf", notes="Wool, not 100%")

    @pytest.mark.parametrize(
        ("text", "titles"),
        [
            ("scarf", ["Scarf"]),
            ("ÖL", ["Öl painting"]),
            ("attic painting", ["Öl painting"]),
            ("attic scarf", []),
            ("example.com", ["Voucher 10%"]),
            ("10%", ["Voucher 10%"]),
            ("%", ["Scarf", "Voucher 10%"]),
            ("_", ["Voucher 10%"]),
            ("Mom", []),
            (" ", ["Scarf", "Voucher 10%", "Öl painting"]),
        ],
    )
    def test_looks_into_titles_notes_and_links(self, member, text, titles):
        assert sorted(shown(member, q=text)) == titles

    def test_nothing_found_is_said_with_a_way_back(self, member):
        page = page_of(member, q="bicycle")
        assert "No gift matches these filters." in page
        assert "No gift is written down yet." not in page
        assert "Show all gifts" in page
        assert 'value="bicycle"' in page


class TestFilters:
    @pytest.fixture
    def world(self, christmas, mom, dad) -> dict[str, object]:
        birthday = OccasionFactory(name="Birthday", kind="birthday", date=date(2026, 8, 1))
        sis = PersonFactory(name="Sis")
        statuses = list(Gift.Status)
        number = 0
        for occasion, people in product((christmas, birthday), ([mom], [dad], [mom, dad])):
            for purchaser in (None, sis):
                status = statuses[number % 4]
                make_gift(
                    occasion,
                    *people,
                    title=f"Gift {number}",
                    notes="blue" if number % 3 else "red",
                    price=None if number % 5 == 0 else f"{10 + number}.33",
                    quantity=1 + number % 2,
                    status=status,
                    purchaser=purchaser,
                )
                number += 1
        return {"christmas": christmas, "birthday": birthday, "mom": mom, "dad": dad, "sis": sis}

    def test_each_narrows_the_list(self, member, world):
        keys = {name: thing.pk for name, thing in world.items()}
        asked: list[tuple[dict[str, object], Callable[[Gift], bool]]] = [
            ({"person": keys["mom"]}, lambda gift: world["mom"] in gift.recipients.all()),
            ({"occasion": keys["birthday"]}, lambda gift: gift.occasion == world["birthday"]),
            ({"status": "selected"}, lambda gift: gift.status == "selected"),
            ({"purchaser": keys["sis"]}, lambda gift: gift.purchaser == world["sis"]),
            ({"purchaser": "nobody"}, lambda gift: gift.purchaser is None),
            ({"q": "red"}, lambda gift: gift.notes == "red"),
        ]
        for filters, fits in asked:
            expected = {gift.title for gift in Gift.objects.all() if fits(gift)}
            titles = shown(member, **filters)
            assert set(titles) == expected, filters
            assert 0 < len(titles) == len(expected) < 12, filters

    def test_they_combine_and_the_totals_are_those_of_all_that_is_left(self, member, world):
        gifts = list(Gift.objects.prefetch_related("recipients"))
        christmas, mom, dad, sis = (world[name] for name in ("christmas", "mom", "dad", "sis"))
        for text, person, occasion, status, purchaser in product(
            ("", "blue"), (None, mom, dad), (None, christmas), ("", "idea"), ("", "nobody", sis)
        ):
            left = [
                gift
                for gift in gifts
                if text in gift.notes
                and (person is None or person in gift.recipients.all())
                and (occasion is None or gift.occasion == occasion)
                and status in {"", gift.status}
                and (not purchaser or gift.purchaser == (None if purchaser == "nobody" else sis))
            ]
            answer = member.get(
                "/gifts/",
                {
                    "q": text,
                    "person": person.pk if person else "",
                    "occasion": occasion.pk if occasion else "",
                    "status": status,
                    "purchaser": purchaser.pk if isinstance(purchaser, Person) else purchaser,
                },
            )
            assert {gift.pk for gift in answer.context["page"]} == {gift.pk for gift in left}
            assert answer.context["spending"] == Spending(
                bought=sum((gift.cost for gift in left if gift.is_bought), Decimal(0)),
                planned=sum((gift.cost for gift in left if gift.status == "selected"), Decimal(0)),
                ideas=sum((gift.cost for gift in left if gift.status == "idea"), Decimal(0)),
                unpriced=sum(gift.is_unpriced for gift in left),
                gifts=len(left),
            )

    def test_a_gift_for_two_counts_once(self, member, christmas, mom, dad):
        make_gift(christmas, mom, dad, price="100.01")
        assert totals(member) == Spending(planned=Decimal("100.01"), gifts=1)
        assert totals(member, person=mom.pk) == Spending(planned=Decimal("100.01"), gifts=1)

    def test_what_is_asked_stays_in_the_fields(self, member, world):
        page = page_of(
            member, person=world["mom"].pk, status="idea", purchaser="nobody", sort="cost"
        )
        for chosen in (
            f'value="{world["mom"].pk}" selected>Mom',
            'value="idea" selected',
            'value="nobody" selected>Nobody yet',
            'value="cost" selected',
        ):
            assert chosen in page

    def test_occasions_to_come_stand_before_the_past_ones(self, member, christmas):
        make_gift(christmas, PersonFactory())
        OccasionFactory(name="Old", date=date(2024, 1, 1))
        OccasionFactory(name="Recent", date=date(2026, 7, 14))
        OccasionFactory(name="Soon", date=date(2026, 7, 15))
        select = page_of(member).partition('id="id_occasion"')[2].partition("</select>")[0]
        order = [select.index(name) for name in ("Soon", "Christmas", "Past", "Recent", "Old")]
        assert order == sorted(order)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"person": "x"},
            {"person": "999999"},
            {"person": "9" * 40},
            {"occasion": "x"},
            {"status": "lost"},
            {"purchaser": "somebody"},
            {"sort": "colour"},
            {"q": "m" * 101},
            {"q": "a\0b"},
        ],
    )
    def test_what_cannot_be_read_is_told_and_filters_nothing(self, member, world, wrong):
        answer = member.get("/gifts/", wrong)
        assert answer.status_code == 200
        assert answer.context["form"].errors.keys() == wrong.keys()
        assert 'class="field-error"' in answer.content.decode()
        assert answer.context["page"].paginator.count == 12

    def test_the_other_filters_hold_beside_one_that_cannot_be_read(self, member, world):
        assert set(shown(member, person="x", status="idea")) == set(shown(member, status="idea"))

    def test_clearing_is_offered_only_when_something_is_asked(self, member, world):
        assert ">Clear</a>" not in page_of(member)
        assert ">Clear</a>" in page_of(member, status="idea")


class TestOrder:
    @pytest.fixture(autouse=True)
    def gifts(self, christmas, mom):
        past = OccasionFactory(name="Past", date=date(2025, 12, 25))
        longer_past = OccasionFactory(name="Longer past", date=date(2024, 12, 25))
        soon = OccasionFactory(name="Soon", date=date(2026, 8, 1))
        make_gift(christmas, mom, title="Bell", price="30", status="received", priority=2)
        make_gift(soon, mom, title="apple", price="40", status="idea", priority=1)
        make_gift(past, mom, title="Cup", price="20", status="purchased", priority=3)
        make_gift(longer_past, mom, title="Dog", price="10", status="selected", priority=2)

    @pytest.mark.parametrize(
        ("sort", "titles"),
        [
            ("", ["apple", "Bell", "Cup", "Dog"]),
            ("date", ["Dog", "Cup", "apple", "Bell"]),
            ("-date", ["Bell", "apple", "Cup", "Dog"]),
            ("title", ["apple", "Bell", "Cup", "Dog"]),
            ("-title", ["Dog", "Cup", "Bell", "apple"]),
            ("cost", ["Dog", "Cup", "Bell", "apple"]),
            ("-cost", ["apple", "Bell", "Cup", "Dog"]),
            ("status", ["apple", "Dog", "Cup", "Bell"]),
            ("-status", ["Bell", "Cup", "Dog", "apple"]),
            ("priority", ["apple", "Dog", "Bell", "Cup"]),
            ("-priority", ["Cup", "Dog", "Bell", "apple"]),
        ],
    )
    def test_both_directions(self, member, sort, titles):
        assert shown(member, sort=sort) == titles

    def test_every_way_to_sort_is_offered(self, member):
        page = page_of(member)
        assert [label for label in SORTS.values() if label not in page] == []

    def test_equal_ones_keep_one_order_over_the_pages(self):
        viewer = viewer_of(UserFactory())
        for sort in SORTS:
            assert found(viewer, Q(), sort).query.order_by[-1] == "pk"


class TestPages:
    def test_twenty_a_page_and_the_totals_are_over_all(self, member, christmas, mom):
        for number in range(45):
            make_gift(christmas, mom, title=f"Gift {number:02}", price="1.10")
        answers = [member.get("/gifts/", {"page": page, "q": "gift"}) for page in (1, 2, 3)]
        assert [len(answer.context["page"]) for answer in answers] == [20, 20, 5]
        assert {answer.context["spending"].planned for answer in answers} == {Decimal("49.50")}
        page = unescape(answers[1].content.decode())
        assert "21–40 of 45 gifts" in page
        assert "?q=gift&page=3" in page
        assert "?q=gift&page=1" in page
        assert 'href="/gifts/gifts.csv?q=gift"' in page

    @pytest.mark.parametrize("page", ["99", "0", "x", "-1"])
    def test_a_page_that_is_not_there_is_another(self, member, christmas, mom, page):
        make_gift(christmas, mom)
        assert shown(member, page=page) == ["A gift"]

    def test_twenty_gifts_cost_as_many_queries_as_ten(self, client):
        user = UserFactory()
        CardFactory(person__user=user)
        client.force_login(user)

        def add_ten() -> None:
            for number in range(10):
                occasion = OccasionFactory(date=date(2026, 9, 1 + number))
                make_gift(occasion, PersonFactory(), PersonFactory(), purchaser=PersonFactory())

        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert client.get("/gifts/").status_code == 200
            return len(asked)

        add_ten()
        queries()
        ten = queries()
        add_ten()
        assert queries() == ten <= 13


class TestNothingYet:
    def test_is_said_kindly_with_one_thing_to_do(self, member):
        page = page_of(member)
        assert "No gift is written down yet." in page
        assert 'type="search"' not in page

    def test_only_reading_is_answered(self, member):
        assert member.post("/gifts/").status_code == 405

    def test_a_birthday_that_has_passed_comes_again_by_itself(self, member):
        OccasionFactory(name="Fair", date=date(2026, 7, 14), repeats_yearly=True)
        member.get("/gifts/")
        assert Occasion.objects.filter(name="Fair", date=date(2027, 7, 14)).exists()


class TestTheFragment:
    def test_rows_and_totals_are_one_part_that_a_tap_redraws(self, member, christmas, mom):
        make_gift(christmas, mom)
        page = page_of(member)
        _, _, part = page.partition('<div class="stack" id="found"')
        head = part.partition(">")[0]
        assert 'hx-target="#found" hx-select="#found" hx-push-url="false"' in head
        assert 'id="totals-title"' in part
        assert 'class="gift-row"' in part
        assert '<form class="filters' not in part

    def test_htmx_gets_the_whole_page_too(self, member, christmas, mom):
        make_gift(christmas, mom)
        answer = member.get("/gifts/", headers={"HX-Request": "true", "HX-Target": "found"})
        assert "<title>Gifts" in answer.content.decode()


class TestSurprises:
    @pytest.fixture
    def zoe(self, christmas) -> User:
        own = CardFactory(occasion=christmas, person__user=UserFactory(), person__name="Zoe")
        return own.person.user

    @pytest.fixture
    def recipient(self, client, zoe) -> Client:
        client.force_login(zoe)
        return client

    def surprise(self, christmas: Occasion, zoe: User, mom: Person) -> None:
        zoes: Person = zoe.person
        make_gift(christmas, zoes, title="Canary", price="88.80", purchaser=mom)
        make_gift(christmas, zoes, mom, title="Canary two", price=None, status="idea")
        make_gift(christmas, zoes, mom, title="Canary three", price="5", status="received")

    def test_every_list_is_the_same_with_and_without_a_surprise(
        self, recipient, christmas, zoe, mom
    ):
        sis = PersonFactory(name="Sis")
        make_gift(christmas, sis, title="Scarf", price="30", purchaser=mom)
        CardFactory(occasion=christmas, person=mom)
        asked = [
            {},
            {"q": "canary"},
            {"person": zoe.person.pk},
            {"person": mom.pk},
            {"occasion": christmas.pk},
            {"status": "idea"},
            {"status": "received"},
            {"purchaser": mom.pk},
            {"purchaser": "nobody"},
            *({"sort": sort} for sort in SORTS),
        ]

        def look() -> list[str]:
            pages = (page_of(recipient, **filters) for filters in asked)
            return ["\n".join(x for x in page.splitlines() if "csrf" not in x) for page in pages]

        before = look()
        self.surprise(christmas, zoe, mom)
        assert look() == before

    def test_the_totals_say_that_something_may_be_missing(self, recipient, christmas, zoe, mom):
        other = OccasionFactory(name="Other", date=date(2026, 8, 1))
        for occasion in (christmas, other):
            make_gift(occasion, mom)
        assert LEFT_OUT in page_of(recipient)
        assert LEFT_OUT in page_of(recipient, occasion=christmas.pk)
        assert LEFT_OUT not in page_of(recipient, occasion=other.pk)

    def test_whoever_receives_nowhere_is_told_all(self, member, christmas, zoe, mom):
        self.surprise(christmas, zoe, mom)
        assert len(shown(member)) == 3
        assert LEFT_OUT not in page_of(member)

    def test_ones_own_gifts_are_said_to_come_later(self, recipient, christmas, zoe, mom):
        self.surprise(christmas, zoe, mom)
        page = page_of(recipient, person=zoe.person.pk)
        assert "What you get at days to come is a surprise." in page
        assert "Canary" not in page

    def test_an_administrator_is_surprised_too(self, client, christmas, mom):
        root = UserFactory(administrator=True)
        CardFactory(occasion=christmas, person__user=root)
        self.surprise(christmas, root, mom)
        client.force_login(root)
        assert shown(client) == []

    def test_when_the_day_has_passed_everything_is_told(
        self, recipient, christmas, zoe, mom, time_machine
    ):
        self.surprise(christmas, zoe, mom)
        time_machine.move_to("2026-12-25T23:59:00Z")
        recipient.force_login(zoe)
        assert shown(recipient) == []
        time_machine.move_to("2026-12-26T00:00:00Z")
        recipient.force_login(zoe)
        assert sorted(shown(recipient)) == ["Canary", "Canary three", "Canary two"]
        assert sorted(shown(recipient, q="two")) == ["Canary two"]
        assert totals(recipient, person=zoe.person.pk) == Spending(
            bought=Decimal(5), planned=Decimal("88.80"), unpriced=1, gifts=3
        )
        assert "Gifts for you" in page_of(recipient, person=zoe.person.pk)
        assert LEFT_OUT not in page_of(recipient)
