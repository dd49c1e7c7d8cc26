"""The list of purchases: its rows, how it is filtered, sorted, divided into pages and added up."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from itertools import product
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.models import Gift
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases.lists import SORTS, Total, Totals
from purchases.models import Purchase
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann(client: Client) -> User:
    user = UserFactory(username="ann")
    client.force_login(user)
    return user


def page_of(client: Client, **asked: object) -> str:
    answer = client.get("/purchases/", asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def shown(client: Client, **asked: object) -> list[str]:
    answer = client.get("/purchases/", asked)
    assert answer.status_code == 200
    return [purchase.name for purchase in answer.context["page"]]


def totals(client: Client, **asked: object) -> Totals:
    return client.get("/purchases/", asked).context["totals"]


def link(page: str, words: str) -> dict[str, str]:
    """Return what the link with these words asks of the list."""
    found = re.search(rf'href="/purchases/\??([^"]*)"[^>]*>(<span[^>]*>[^<]*</span>)?{words}', page)
    assert found, words
    return dict(parse_qsl(found[1]))


def days(number: int) -> timedelta:
    return timedelta(days=number)


class TestARow:
    def test_says_what_where_when_for_how_much_and_how_it_stands(self, client, ann):
        tag = TagFactory(name="kitchen")
        kettle = PurchaseFactory(
            owner=ann,
            name="Kettle",
            retailer=RetailerFactory(name="Corner shop"),
            brand=BrandFactory(name="Acme"),
            price=Decimal("1234.50"),
            tags=[tag],
            status="ordered",
        )
        page = page_of(client)
        assert f'<a href="/purchases/{kettle.pk}/" hx-boost="false">Kettle</a>' in page
        for words in ("Corner shop", "Acme", "Jul 15, 2026", "$1,234.50", "Ordered", "Private"):
            assert words in page
        assert "Corner shop · Acme" in page
        assert link(page, "kitchen") == {"tag": str(tag.pk)}

    def test_shows_another_currency_with_what_it_is_in_the_base_one(self, client, ann):
        PurchaseFactory(
            owner=ann, price=Decimal("80.00"), currency="EUR", exchange_rate=Decimal("1.1")
        )
        row = page_of(client).partition("<tbody>")[2]
        assert '<span class="money">€80.00</span><span class="note">$88.00</span>' in row

    def test_the_base_currency_has_no_second_amount(self, client, ann):
        PurchaseFactory(owner=ann)
        row = page_of(client).partition("<tbody>")[2].partition("</table>")[0]
        assert '<span class="money">$10.00</span></td>' in row

    def test_counts_its_papers(self, client, ann):
        purchase = PurchaseFactory(owner=ann)
        assert "paper" not in page_of(client)
        AttachmentFactory(purchase=purchase)
        assert '1<span class="visually-hidden"> paper</span>' in page_of(client)
        AttachmentFactory(purchase=purchase)
        assert '2<span class="visually-hidden"> papers</span>' in page_of(client)

    def test_tells_what_is_shared_and_whose_it_is_when_it_is_anothers(self, client, ann):
        PurchaseFactory(owner=ann, shared=True)
        assert '<span class="visually-hidden">Shared with the household</span>' in page_of(client)
        PurchaseFactory(owner=UserFactory(first_name="Ben", last_name="Bell"), shared=True)
        assert "Ben Bell</span>" in page_of(client)

    def test_one_whose_owner_left_still_shows_when_it_is_shared(self, client, ann):
        PurchaseFactory(owner=None, name="Sofa", shared=True)
        assert "Somebody who left" in page_of(client)

    def test_marks_what_was_bought_for_a_gift(self, client, ann):
        gift = make_gift(OccasionFactory(), PersonFactory())
        PurchaseFactory(owner=ann, gift=gift)
        assert '<span class="visually-hidden">Bought for a gift</span>' in page_of(client)

    @pytest.mark.parametrize(
        ("ends", "words"),
        [
            (days(31), "Active"),
            (days(30), "Expiring soon"),
            (days(0), "Expiring soon"),
            (days(-1), "Expired"),
            (None, "Active"),
        ],
    )
    def test_says_how_its_warranty_stands(self, client, ann, ends, words):
        start = TODAY - days(100)
        WarrantyFactory(
            purchase=PurchaseFactory(owner=ann, purchased_on=start),
            ends_on=None if ends is None else TODAY + ends,
        )
        assert f"{words}</span>" in page_of(client).partition("<tbody>")[2]

    def test_of_several_warranties_the_one_that_ends_soon_tells(self, client, ann):
        purchase = PurchaseFactory(owner=ann, purchased_on=TODAY - days(100))
        WarrantyFactory(purchase=purchase, ends_on=TODAY - days(1))
        WarrantyFactory(purchase=purchase, ends_on=None, voided=True)
        assert "Expired</span>" in page_of(client).partition("<tbody>")[2]
        WarrantyFactory(purchase=purchase, ends_on=None)
        assert "Active</span>" in page_of(client).partition("<tbody>")[2]
        WarrantyFactory(purchase=purchase, ends_on=TODAY)
        assert "Expiring soon</span>" in page_of(client).partition("<tbody>")[2]

    def test_is_never_markup(self, client, ann):
        PurchaseFactory(
            owner=ann,
            name="<script>alert(1)</script>",
            retailer=RetailerFactory(name="<i>Shop</i>"),
            tags=[TagFactory(name="<b>bold</b>")],
        )
        raw = client.get("/purchases/").content.decode()
        for markup in ("<script>alert", "<i>Shop", "<b>bold"):
            assert markup not in raw
        assert "&lt;script&gt;" in raw

    def test_only_ones_own_can_be_chosen(self, client, ann):
        own = PurchaseFactory(owner=ann)
        other = PurchaseFactory(shared=True)
        page = page_of(client)
        assert f'name="pick" value="{own.pk}"' in page
        assert f'name="pick" value="{other.pk}"' not in page


class TestFilters:
    @pytest.fixture
    def world(self, ann) -> dict[str, object]:
        shop, mill = RetailerFactory(name="Shop"), RetailerFactory(name="Mill")
        acme, tag = BrandFactory(name="Acme"), TagFactory(name="wool")
        gift = make_gift(OccasionFactory(), PersonFactory())
        ben = UserFactory(username="ben")
        cases = product((shop, mill, None), (acme, None), Purchase.Status)
        for number, (retailer, brand, status) in enumerate(cases):
            purchase = PurchaseFactory(
                owner=ben if number % 5 == 4 else ann,
                shared=number % 5 >= 3,
                name=f"Thing {number}",
                notes="blue" if number % 2 else "red",
                retailer=retailer,
                brand=brand,
                status=status,
                price=Decimal(f"{10 + number}.33"),
                currency="EUR" if number % 4 == 3 else "USD",
                exchange_rate=Decimal("1.1") if number % 4 == 3 else Decimal(1),
                purchased_on=TODAY - days(100 + number),
                tags=[tag] if number % 3 == 0 else [],
                tax_deductible=number % 4 == 1,
                gift=gift if number % 6 == 0 else None,
            )
            if number % 3:
                ends = TODAY + days((-1, 0, 30, 31, 400)[number % 5])
                WarrantyFactory(purchase=purchase, ends_on=ends, voided=number % 7 == 0)
        return {"shop": shop, "acme": acme, "tag": tag, "ann": ann}

    def test_each_narrows_the_list(self, client, world):
        shop, acme, tag, ann = (world[name] for name in ("shop", "acme", "tag", "ann"))

        def has(status: str) -> Callable[[Purchase], bool]:
            return lambda one: status in {str(x.status(TODAY)) for x in one.warranties.all()}

        since = TODAY - days(110)
        asked: list[tuple[dict[str, object], Callable[[Purchase], bool]]] = [
            ({"status": "returned"}, lambda one: one.status == "returned"),
            ({"retailer": shop.pk}, lambda one: one.retailer == shop),
            ({"retailer": "none"}, lambda one: one.retailer is None),
            ({"brand": acme.pk}, lambda one: one.brand == acme),
            ({"brand": "none"}, lambda one: one.brand is None),
            ({"tag": tag.pk}, lambda one: tag in one.tags.all()),
            ({"since": since.isoformat()}, lambda one: one.purchased_on >= since),
            ({"until": since.isoformat()}, lambda one: one.purchased_on <= since),
            ({"tax": "1"}, lambda one: one.tax_deductible),
            ({"gift": "1"}, lambda one: one.gift is not None),
            ({"currency": "eur"}, lambda one: one.currency == "EUR"),
            ({"whose": "mine"}, lambda one: one.owner == ann),
            ({"whose": "shared"}, lambda one: one.shared),
            ({"warranty": "expiring"}, has("expiring")),
            ({"warranty": "active"}, lambda one: has("active")(one) or has("expiring")(one)),
            ({"warranty": "expired"}, has("expired")),
            ({"warranty": "voided"}, has("voided")),
            ({"warranty": "none"}, lambda one: not one.warranties.all()),
            ({"q": "blue"}, lambda one: one.notes == "blue"),
            ({"name": "  thing 1"}, lambda one: one.name.casefold() == "thing 1"),
        ]
        for filters, fits in asked:
            expected = {one.name for one in Purchase.objects.all() if fits(one)}
            names = shown(client, **filters)
            assert set(names) == expected, filters
            assert 0 < len(names) < 18, filters

    def test_they_combine_and_the_totals_are_those_of_all_that_is_left(self, client, world):
        purchases = list(Purchase.objects.prefetch_related("tags"))
        shop, tag, ann = world["shop"], world["tag"], world["ann"]
        for text, retailer, status, wool, whose in product(
            ("", "blue"), ("", "none", shop), ("", "received"), ("", tag), ("", "mine")
        ):
            left = [
                one
                for one in purchases
                if text in one.notes
                and (not retailer or one.retailer == (None if retailer == "none" else shop))
                and status in {"", one.status}
                and (not wool or tag in one.tags.all())
                and (not whose or one.owner == ann)
            ]
            answer = client.get(
                "/purchases/",
                {
                    "q": text,
                    "retailer": retailer and getattr(retailer, "pk", retailer),
                    "status": status,
                    "tag": wool and wool.pk,
                    "whose": whose,
                },
            )
            assert {one.pk for one in answer.context["page"]} == {one.pk for one in left}
            paid = [one for one in left if one.status != "returned"]
            found = answer.context["totals"]
            assert found.count == len(left)
            assert found.returned_count == len(left) - len(paid)
            assert found.amount == sum(one.amount for one in paid)
            assert {total.currency: (total.count, total.price) for total in found.paid} == {
                code: (len(prices), sum(prices))
                for code in ("USD", "EUR")
                if (prices := [one.price for one in paid if one.currency == code])
            }

    def test_a_purchase_with_two_fitting_warranties_counts_once(self, client, ann):
        purchase = PurchaseFactory(owner=ann)
        WarrantyFactory(purchase=purchase, ends_on=None)
        WarrantyFactory(purchase=purchase, ends_on=TODAY + days(90))
        assert totals(client, warranty="active").count == 1

    def test_what_is_asked_stays_in_the_fields_and_the_panel_is_open(self, client, world):
        page = page_of(client, retailer=world["shop"].pk, status="ordered", q="thing", sort="price")
        for kept in (
            f'value="{world["shop"].pk}" selected>Shop',
            'value="ordered" selected',
            'value="price" selected',
            'value="thing"',
            '<details class="disclosure" id="filters" open>',
            "Filters (2)",
        ):
            assert kept in page

    def test_each_set_filter_is_a_chip_that_takes_it_off_and_keeps_the_others(self, client, world):
        tag = str(world["tag"].pk)
        page = page_of(client, q="thing", tag=tag, since="2026-01-02", sort="name", page=2)
        kept = {"q": "thing", "sort": "name"}
        assert link(page, "#wool") == {**kept, "since": "2026-01-02"}
        assert link(page, "From Jan 2, 2026") == {**kept, "tag": tag}
        assert link(page, "Clear") == {}

    def test_without_filters_the_panel_is_closed_and_nothing_is_to_be_cleared(self, client, world):
        page = page_of(client)
        assert '<details class="disclosure" id="filters">' in page
        assert ">Clear</a>" not in page

    @pytest.mark.parametrize(
        "wrong",
        [
            {"status": "lost"},
            {"retailer": "x"},
            {"retailer": "999999"},
            {"brand": "9" * 40},
            {"tag": "-1"},
            {"since": "yesterday"},
            {"until": "2026-02-30"},
            {"tax": "maybe"},
            {"gift": "2"},
            {"warranty": "broken"},
            {"whose": "theirs"},
            {"currency": "ZZZ"},
            {"currency": "a\0b"},
            {"sort": "colour"},
            {"size": "0"},
            {"size": "-1"},
            {"size": "1000"},
            {"size": "abc"},
            {"q": "m" * 101},
            {"q": "a\0b"},
        ],
    )
    def test_what_cannot_be_read_is_told_and_filters_nothing(self, client, world, wrong):
        answer = client.get("/purchases/", wrong)
        assert answer.status_code == 200
        assert answer.context["form"].errors.keys() == wrong.keys()
        assert 'class="field-error"' in answer.content.decode()
        assert answer.context["page"].paginator.count == 18

    def test_days_that_end_before_they_begin_are_told(self, client, world):
        answer = client.get("/purchases/", {"since": "2026-05-02", "until": "2026-05-01"})
        assert answer.context["form"].errors.keys() == {"until"}

    def test_the_other_filters_hold_beside_one_that_cannot_be_read(self, client, world):
        assert set(shown(client, tag="x", status="ordered")) == set(shown(client, status="ordered"))

    def test_nothing_found_is_said_with_a_way_back(self, client, world):
        page = page_of(client, q="bicycle")
        assert "No purchase matches these filters." in page
        assert "Show all purchases" in page
        assert 'value="bicycle"' in page


class TestOrder:
    @pytest.fixture(autouse=True)
    def purchases(self, ann):
        for name, day, price, shop, brand, status in (
            ("Bell", 3, "30", "Zoo", "Acme", "received"),
            ("apple", 2, "40", "Mill", None, "ordered"),
            ("Cup", 1, "20", None, "Zeta", "returned"),
        ):
            PurchaseFactory(
                owner=ann,
                name=name,
                purchased_on=date(2026, 7, day),
                price=Decimal(price),
                retailer=shop and RetailerFactory(name=shop),
                brand=brand and BrandFactory(name=brand),
                status=status,
            )
        # Ten euros are more than twenty dollars here, and less than thirty.
        PurchaseFactory(
            owner=ann,
            name="Dog",
            purchased_on=date(2026, 7, 4),
            price=Decimal(10),
            currency="EUR",
            exchange_rate=Decimal("2.5"),
        )

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            ("", ["Dog", "Bell", "apple", "Cup"]),
            ("-day", ["Dog", "Bell", "apple", "Cup"]),
            ("day", ["Cup", "apple", "Bell", "Dog"]),
            ("name", ["apple", "Bell", "Cup", "Dog"]),
            ("-name", ["Dog", "Cup", "Bell", "apple"]),
            ("price", ["Cup", "Dog", "Bell", "apple"]),
            ("-price", ["apple", "Bell", "Dog", "Cup"]),
            ("retailer", ["apple", "Bell", "Dog", "Cup"]),
            ("-retailer", ["Bell", "apple", "Dog", "Cup"]),
            ("brand", ["Bell", "Cup", "Dog", "apple"]),
            ("-brand", ["Cup", "Bell", "Dog", "apple"]),
            ("status", ["apple", "Dog", "Bell", "Cup"]),
            ("-status", ["Cup", "Dog", "Bell", "apple"]),
        ],
    )
    def test_both_directions(self, client, sort, names):
        assert shown(client, sort=sort) == names

    def test_every_way_to_sort_is_offered(self, client):
        page = page_of(client)
        assert [label for label in SORTS.values() if label not in page] == []

    def test_equal_ones_keep_one_order_over_the_pages(self, client, ann):
        Purchase.objects.all().delete()
        for _ in range(6):
            PurchaseFactory(owner=ann, name="Same")
        for sort in SORTS:
            pages = [
                [one.pk for one in client.get("/purchases/", asked).context["page"]]
                for asked in ({"sort": sort, "size": 4, "page": page} for page in (1, 2))
            ]
            assert len({*pages[0], *pages[1]}) == 6

    def test_the_head_of_the_sorted_column_says_so_and_turns_it_around(self, client):
        page = page_of(client)
        assert page.count("aria-sort") == 1
        assert (
            '<th scope="col" aria-sort="descending"><a href="/purchases/?sort=day">Bought' in page
        )
        page = page_of(client, sort="price", q="e", page=1)
        assert page.count("aria-sort") == page.count('class="num" aria-sort="ascending"') == 1
        assert link(page, "Price") == {"sort": "-price", "q": "e"}
        assert link(page, "Name") == {"sort": "name", "q": "e"}
        assert link(page, "Bought") == {"sort": "-day", "q": "e"}


class TestTotals:
    @pytest.fixture
    def fixture_f(self, ann) -> None:
        """The purchases that the contract adds up."""
        first, second, third = (RetailerFactory(name=f"R{number}") for number in (1, 2, 3))
        usd, eur = {"currency": "USD"}, {"currency": "EUR", "exchange_rate": Decimal("1.0842")}
        for name, price, retailer, money in (
            ("Laptop", "1200.00", first, usd),
            ("Laptop", "1000.00", first, usd),
            ("Cable", "9.99", second, usd),
            ("Desk", "350.00", second, usd),
            ("Chair", "150.50", None, usd),
            ("Lamp", "80.00", third, eur),
        ):
            PurchaseFactory(owner=ann, name=name, price=Decimal(price), retailer=retailer, **money)

    def test_are_per_currency_and_never_mixed(self, client, fixture_f):
        assert totals(client).paid == (
            Total("USD", 5, Decimal("2710.49"), Decimal("2710.49")),
            Total("EUR", 1, Decimal("80.00"), Decimal("86.74")),
        )
        page = page_of(client)
        for words in ("$2,710.49", "€80.00", "Everything in USD", "$2,797.23", "6 purchases"):
            assert words in page
        assert "2,790.49" not in page

    def test_the_base_total_stands_beside_them_only_when_there_is_another_currency(
        self, client, fixture_f
    ):
        assert "Everything in USD" not in page_of(client, currency="USD")
        assert "Everything in USD" in page_of(client, currency="EUR")

    def test_what_was_returned_stands_apart_and_is_not_counted(self, client, fixture_f):
        Purchase.objects.filter(name="Desk").update(status="returned")
        assert totals(client).paid[0] == Total("USD", 4, Decimal("2360.49"), Decimal("2360.49"))
        assert "$350.00, not counted" in page_of(client)
        assert "6 purchases" in page_of(client)

    def test_the_same_over_all_pages(self, client, fixture_f):
        assert totals(client, size=2, page=3) == totals(client)


class TestPages:
    @pytest.fixture
    def many(self, ann) -> None:
        for number in range(45):
            PurchaseFactory(owner=ann, name=f"Thing {number:02}", notes="blue")

    def test_twenty_a_page_with_the_filters_kept(self, client, many):
        answers = [client.get("/purchases/", {"page": page, "q": "blue"}) for page in (1, 2, 3)]
        assert [len(answer.context["page"]) for answer in answers] == [20, 20, 5]
        page = unescape(answers[1].content.decode())
        assert "21–40 of 45 purchases" in page
        assert "?q=blue&page=3" in page
        assert "?q=blue&page=1" in page
        assert 'href="/purchases/purchases.csv?q=blue"' in page

    def test_more_a_page_up_to_a_hundred(self, client, many):
        assert len(shown(client, size=30)) == 30
        assert len(shown(client, size=100)) == 45
        assert len(shown(client, size=101)) == 20
        assert "?size=30&page=2" in page_of(client, size=30)

    @pytest.mark.parametrize(
        ("page", "number"), [("4", 3), ("abc", 1), ("0", 3), ("-1", 3), ("9" * 40, 3), ("", 1)]
    )
    def test_a_page_that_is_not_there_is_another(self, client, many, page, number):
        answer = client.get("/purchases/", {"page": page})
        assert answer.status_code == 200
        assert answer.context["page"].number == number

    def test_twenty_purchases_cost_as_many_queries_as_ten(self, client, ann):
        def add_ten() -> None:
            for _ in range(10):
                purchase = PurchaseFactory(
                    owner=ann,
                    retailer=RetailerFactory(),
                    brand=BrandFactory(),
                    tags=[TagFactory(), TagFactory()],
                    gift=make_gift(OccasionFactory(), PersonFactory()),
                )
                WarrantyFactory(purchase=purchase)
                AttachmentFactory(purchase=purchase)
                PurchaseFactory(shared=True)

        def queries(**asked: object) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get("/purchases/", {"size": 100, **asked}).status_code == 200
            return len(captured)

        asked = [{}, {"q": "thing"}, {"whose": "mine", "sort": "retailer"}, {"warranty": "active"}]
        add_ten()
        queries()
        ten = [queries(**filters) for filters in asked]
        add_ten()
        assert [queries(**filters) for filters in asked] == ten
        assert max(ten) <= 14


class TestNothingYet:
    def test_is_said_kindly_with_one_thing_to_do(self, client, ann):
        page = page_of(client)
        assert "No purchase is written down yet." in page
        assert 'type="search"' not in page

    def test_only_reading_is_answered(self, client, ann):
        assert client.post("/purchases/").status_code == 405

    def test_visitors_sign_in_first(self, client):
        assert client.get("/purchases/").status_code == 302


class TestTheThreeAnswers:
    @pytest.fixture(autouse=True)
    def purchase(self, ann):
        PurchaseFactory(owner=ann)

    def test_a_browser_gets_the_whole_page(self, client):
        assert "<title>Purchases" in page_of(client)

    def test_htmx_gets_the_part_that_it_redraws(self, client):
        headers = {"HX-Request": "true", "HX-Target": "purchases"}
        answer = client.get("/purchases/", {"q": "thing"}, headers=headers)
        part = answer.content.decode()
        assert "<title>" not in part
        assert part.strip().startswith('<div class="stack" id="purchases"')
        assert 'name="pick"' in part
        assert {"HX-Request", "HX-Target"} <= {*answer["Vary"].split(", ")}

    def test_going_back_gets_the_whole_page(self, client):
        headers = {
            "HX-Request": "true",
            "HX-Target": "purchases",
            "HX-History-Restore-Request": "true",
        }
        assert "<title>Purchases" in client.get("/purchases/", headers=headers).content.decode()


class TestWhatIsHidden:
    def secret(self, zoe: User, gift: Gift) -> None:
        """Add purchases that Zoe must not know of, with names and tags of their own."""
        extras = {
            "retailer": RetailerFactory(name="Canary shop"),
            "brand": BrandFactory(name="Canary brand"),
            "price": Decimal("77.77"),
            "currency": "SEK",
            "status": "ordered",
        }
        tag = TagFactory(name="canary")
        private = PurchaseFactory(name="Canary", tags=[tag], **extras)
        present = PurchaseFactory(
            name="Canary present", shared=True, gift=gift, tags=[tag], **extras
        )
        for purchase in (private, present):
            WarrantyFactory(purchase=purchase)
            AttachmentFactory(purchase=purchase)
        PurchaseFactory(owner=zoe, name="Canary in the trash", deleted_at=NOW, tags=[tag], **extras)

    def test_leaves_no_trace_in_the_list(self, client):
        zoe = UserFactory(username="zoe")
        gift = make_gift(OccasionFactory(), PersonFactory(user=zoe))
        PurchaseFactory(owner=zoe, name="Scarf", retailer=RetailerFactory(name="Mill"))
        PurchaseFactory(shared=True, name="Pan", tags=[TagFactory(name="wool")])
        client.force_login(zoe)
        asked = [
            {},
            {"q": "canary"},
            {"status": "ordered"},
            {"currency": "SEK"},
            {"warranty": "active"},
            {"gift": "1"},
            {"whose": "shared"},
            *({"sort": sort} for sort in SORTS),
        ]

        def look() -> list[str]:
            pages = [page_of(client, **filters) for filters in asked]
            file = b"".join(client.get("/purchases/purchases.csv").streaming_content).decode()
            pages.append(file)
            return ["\n".join(x for x in page.splitlines() if "csrf" not in x) for page in pages]

        before = look()
        self.secret(zoe, gift)
        assert look() == before

    def test_ones_own_purchase_for_a_gift_that_is_for_oneself_now_is_for_none(self, client, ann):
        gift = make_gift(OccasionFactory(), PersonFactory())
        PurchaseFactory(owner=ann, name="Cups", gift=gift)
        assert shown(client, gift="1") == ["Cups"]
        PersonFactory(user=ann)
        gift.recipients.set(Person.objects.filter(user=ann))
        assert shown(client, gift="1") == []

    def test_a_name_that_only_hidden_purchases_have_is_as_unknown_as_none(self, client, ann):
        shop, tag = RetailerFactory(name="Canary shop"), TagFactory(name="canary")
        PurchaseFactory(retailer=shop, tags=[tag])
        PurchaseFactory(owner=ann)
        for name, key in (("retailer", shop.pk), ("tag", tag.pk)):
            known, unknown = (page_of(client, **{name: asked}) for asked in (key, 999_999))
            assert known.replace(str(key), "999999").count("field-error") == 1
            assert "canary" not in known.casefold()
            assert unknown.count("field-error") == 1
