"""The pages of retailers and brands: lists, details, adding, renaming, merging, deleting."""

from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory
from purchases.models import Brand, Purchase, Retailer
from purchases.tests.factories import NOW, BrandFactory, PurchaseFactory, RetailerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

PLACES = {
    "/retailers/": (RetailerFactory, "retailer"),
    "/brands/": (BrandFactory, "brand"),
}
BOTH = pytest.mark.parametrize("place", PLACES)


@pytest.fixture
def ann():
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, ann) -> Client:
    client.force_login(ann)
    return client


def make(place, name="Corner shop", **values):
    return PLACES[place][0](name=name, **values)


def model_of(place):
    return Retailer if place == "/retailers/" else Brand


def bought(place, item, **values):
    return PurchaseFactory(**{PLACES[place][1]: item}, **values)


def page_of(client, path, **asked):
    answer = client.get(path, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def shown(client, place, **asked):
    return [item.name for item, _ in client.get(place, asked).context["rows"]]


def without_tokens(answer):
    lines = answer.content.decode().splitlines()
    return answer.status_code, "\n".join(line for line in lines if "csrf" not in line)


@BOTH
class TestTheList:
    def test_is_kind_while_nothing_is_there(self, member, place):
        page = page_of(member, place)
        assert "come by themselves" in page
        assert 'type="search"' not in page

    def test_shows_how_often_and_for_how_much_without_mixing_currencies(self, member, ann, place):
        item = make(place)
        bought(place, item, owner=ann, price=Decimal("2710.49"))
        bought(
            place,
            item,
            owner=ann,
            price=Decimal("80.00"),
            currency="EUR",
            exchange_rate=Decimal("1.08"),
        )
        page = page_of(member, place)
        assert f'href="{place}{item.pk}/">Corner shop</a>' in page
        assert '<td class="num" data-label="Purchases">2</td>' in page
        assert "$2,710.49" in page
        assert "€80.00" in page
        assert "$2,796.89 in all" in page
        assert "2,790.49" not in page
        assert "What was returned is among the purchases, and not in what was paid." in page

    def test_has_twenty_on_a_page_and_keeps_what_is_asked(self, member, place):
        for number in range(45):
            make(place, f"Shop {number:02}", listed=True)
        make(place, "Other", listed=True)
        answers = [member.get(place, {"q": "shop", "page": page}) for page in (1, 2, 3)]
        assert [len(answer.context["rows"]) for answer in answers] == [20, 20, 5]
        page = unescape(answers[1].content.decode())
        assert "21–40 of 45" in page
        assert "?q=shop&page=3" in page

    @pytest.mark.parametrize("page", ["99", "0", "-1", "abc"])
    def test_a_page_that_is_not_there_is_another(self, member, place, page):
        make(place, listed=True)
        assert shown(member, place, page=page) == ["Corner shop"]

    @pytest.mark.parametrize("wrong", [{"sort": "colour"}, {"q": "m" * 101}, {"q": "a\0b"}])
    def test_what_cannot_be_read_is_told_and_filters_nothing(self, member, place, wrong):
        make(place, listed=True)
        answer = member.get(place, wrong)
        assert answer.status_code == 200
        assert 'class="field-error"' in answer.content.decode()
        assert len(answer.context["rows"]) == 1

    def test_is_searched_and_sorted(self, member, place):
        for name in ("Über", "Corner", "100% wool"):
            make(place, name, listed=True)
        assert shown(member, place, q="ÜBER") == ["Über"]
        assert shown(member, place, q="%") == ["100% wool"]
        assert shown(member, place, sort="-name") == ["Über", "Corner", "100% wool"]
        assert "matches what you are looking for" in page_of(member, place, q="nothing")

    def test_asks_as_much_for_twenty_as_for_ten(self, member, ann, place):
        counts = []
        for size in (10, 20):
            for number in range(10):
                item = make(place, f"Shop {size} {number}")
                bought(place, item, owner=ann)
                bought(place, item, shared=True, currency="EUR")
            with CaptureQueriesContext(connection) as queries:
                assert len(member.get(place).context["rows"]) == size
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 9

    def test_a_name_is_never_markup(self, member, place):
        item = make(place, "<script>alert(1)</script>", listed=True)
        for path in (place, f"{place}{item.pk}/", f"{place}{item.pk}/edit/"):
            assert b"<script>alert" not in member.get(path).content


@BOTH
class TestOne:
    def test_shows_its_figures_and_leads_to_its_purchases(self, member, ann, place):
        item = make(place, link="https://corner.example/")
        bought(place, item, owner=ann, name="Kettle", price=Decimal("30.00"))
        bought(place, item, owner=ann, name="Lamp", price=Decimal(5), status="returned")
        page = page_of(member, f"{place}{item.pk}/")
        assert 'href="https://corner.example/" rel="noopener noreferrer"' in page
        assert f'href="/purchases/?{PLACES[place][1]}={item.pk}"' in page
        assert "Kettle" in page
        assert "1 returned, not counted as paid" in page
        assert '<dd class="money">$30.00</dd>' in page

    def test_shows_the_ten_that_were_bought_last(self, member, ann, place):
        item = make(place)
        for number in range(11):
            bought(place, item, owner=ann, name=f"Thing {number:02}")
        recent = member.get(f"{place}{item.pk}/").context["recent"]
        assert [purchase.name for purchase in recent][::9] == ["Thing 10", "Thing 01"]

    def test_says_whose_purchase_it_is_when_it_is_shared(self, member, place):
        item = make(place)
        bought(place, item, owner=UserFactory(first_name="Ben"), shared=True)
        assert "· Ben" in page_of(member, f"{place}{item.pk}/")

    def test_without_purchases_there_is_one_thing_to_do(self, member, place):
        item = make(place, listed=True)
        assert "/purchases/add/?" in page_of(member, f"{place}{item.pk}/")

    @pytest.mark.parametrize("page", ["", "edit/", "merge/", "delete/"])
    def test_is_not_there_for_who_may_not_know_it(self, member, place, page):
        item = make(place)
        bought(place, item)
        for path in (f"{place}{item.pk}/{page}", f"{place}999/{page}"):
            assert member.get(path).status_code == 404
            assert member.post(path).status_code in {404, 405}


@BOTH
class TestAdding:
    def test_lists_it_for_everybody(self, member, place):
        answer = member.post(
            f"{place}add/", {"name": " Corner  shop ", "link": "https://corner.example"}
        )
        item = model_of(place).objects.get()
        assert answer["Location"] == f"{place}{item.pk}/"
        assert (item.name, item.link, item.listed) == (
            "Corner shop",
            "https://corner.example",
            True,
        )
        assert "“Corner shop” is saved." in page_of(member, answer["Location"])

    def test_one_that_is_hidden_is_answered_as_if_it_were_new(self, member, place):
        hidden = make(place, "CORNER SHOP")
        bought(place, hidden)
        answer = member.post(f"{place}add/", {"name": "Corner shop"})
        assert answer["Location"] == f"{place}{hidden.pk}/"
        page = page_of(member, answer["Location"])
        assert "CORNER SHOP" not in page
        assert "<dt>Purchases</dt><dd>0</dd>" in page

    def test_one_that_is_known_is_refused_with_a_link_to_it(self, member, place):
        item = make(place, listed=True)
        answer = member.post(f"{place}add/", {"name": " corner SHOP", "link": "https://x.example"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert f'<a href="{place}{item.pk}/">Corner shop</a> is on the list already.' in page
        assert 'value=" corner SHOP"' in page or 'value="corner SHOP"' in page
        assert 'value="https://x.example"' in page
        assert model_of(place).objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": " \t "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"name": "a\0b"}, "name"),
            ({"name": "Shop", "link": "javascript:alert(1)"}, "link"),
            ({"name": "Shop", "link": "ftp://shop.example"}, "link"),
            ({"name": "Shop", "link": f"https://shop.example/{'x' * 2000}"}, "link"),
        ],
    )
    def test_refusals_are_told_at_their_field_and_store_nothing(self, member, place, typed, field):
        answer = member.post(f"{place}add/", typed)
        assert answer.status_code == 422
        assert [*answer.context["form"].errors] == [field]
        assert not model_of(place).objects.exists()

    def test_120_characters_are_a_name(self, member, place):
        assert member.post(f"{place}add/", {"name": "x" * 120}).status_code == 302


@BOTH
class TestChanging:
    def test_renames_it_with_all_its_purchases(self, member, place):
        item = make(place, listed=True)
        bought(place, item, name="Hidden")
        bought(place, item, name="Trashed", deleted_at=NOW)
        typed = {"name": "Neustadt", "link": "https://neustadt.example/"}
        answer = member.post(f"{place}{item.pk}/edit/", typed)
        assert answer["Location"] == f"{place}{item.pk}/"
        item.refresh_from_db()
        assert (item.name, item.link) == ("Neustadt", "https://neustadt.example/")
        assert Purchase.objects.filter(search_text__contains="neustadt").count() == 2

    def test_a_name_that_is_known_is_refused_and_merging_offered(self, member, place):
        item, other = make(place, listed=True), make(place, "Other", listed=True)
        answer = member.post(f"{place}{item.pk}/edit/", {"name": "other"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert f'<a href="{place}{item.pk}/merge/?into={other.pk}">merge the two</a>' in page
        assert "not saved" in page.lower()

    def test_its_own_name_in_other_letters_is_no_other_one(self, member, place):
        item = make(place, listed=True)
        assert member.post(f"{place}{item.pk}/edit/", {"name": "CORNER shop"}).status_code == 302

    def test_refusals_keep_the_old_name(self, member, place):
        item = make(place, listed=True)
        answer = member.post(f"{place}{item.pk}/edit/", {"name": " ", "link": "javascript:x"})
        assert answer.status_code == 422
        assert {*answer.context["form"].errors} == {"name", "link"}
        item.refresh_from_db()
        assert item.name == "Corner shop"


@BOTH
class TestMerging:
    def test_says_how_many_move_and_moves_them(self, member, ann, place):
        item, into = make(place, listed=True), make(place, "Other", listed=True)
        for _ in range(2):
            bought(place, item, owner=ann)
        bought(place, item)
        path = f"{place}{item.pk}/merge/"
        page = page_of(member, path, into=into.pk)
        assert "2 purchases of Corner shop that you can see move" in page
        assert f'<option value="{into.pk}" selected>Other</option>' in page
        answer = member.post(path, {"into": into.pk})
        assert answer["Location"] == f"{place}{into.pk}/"
        said = "“Corner shop” is part of “Other” now. 2 purchases moved along."
        assert said in page_of(member, answer["Location"])
        assert into.purchases.count() == 3
        assert [*model_of(place).objects.all()] == [into]

    def test_refuses_itself_nothing_and_what_is_unknown(self, member, place):
        item, hidden = make(place, listed=True), make(place, "Hidden")
        make(place, "Other", listed=True)
        bought(place, hidden)
        for into in (str(item.pk), "", "x", "999999", str(hidden.pk)):
            answer = member.post(f"{place}{item.pk}/merge/", {"into": into})
            assert answer.status_code == 422
            assert "Hidden" not in answer.content.decode()
        assert model_of(place).objects.count() == 3

    def test_with_nothing_to_merge_with_there_is_one_thing_to_do(self, member, place):
        item = make(place, listed=True)
        assert "There is no other" in page_of(member, f"{place}{item.pk}/merge/")


@BOTH
class TestDeleting:
    def test_an_unused_one_goes(self, member, place):
        item = make(place, listed=True)
        path = f"{place}{item.pk}/delete/"
        assert "Delete “Corner shop”?" in page_of(member, path)
        answer = member.post(path)
        assert answer["Location"] == place
        assert "“Corner shop” is deleted." in page_of(member, place)
        assert not model_of(place).objects.exists()

    def test_one_in_use_is_refused_with_the_count_and_merging_offered(self, member, ann, place):
        item = make(place)
        for _ in range(3):
            bought(place, item, owner=ann)
        bought(place, item)
        path = f"{place}{item.pk}/delete/"
        answers = member.get(path), member.post(path)
        assert [answer.status_code for answer in answers] == [200, 409]
        for answer in answers:
            page = answer.content.decode()
            assert "3 purchases still have this" in page
            assert f'href="{place}{item.pk}/merge/"' in page
            assert "<button" not in page.partition("<h1>")[2]
        assert model_of(place).objects.exists()

    def test_what_only_others_have_is_answered_just_the_same(self, member, place):
        def look(item):
            path = f"{place}{item.pk}/delete/"
            answers = [member.get(path), member.post(path), member.get(place), member.get(path)]
            read = str([without_tokens(answer) for answer in answers])
            return read.replace(f"{place}{item.pk}/", "here")

        free = look(make(place, listed=True))
        hidden = make(place, listed=True)
        bought(place, hidden)
        assert look(hidden) == free
        hidden.refresh_from_db()
        assert not hidden.listed
        assert hidden.purchases.count() == 1


@BOTH
def test_no_page_tells_of_a_hidden_purchase(member, ann, place):
    """Every page reads the same before and after a present for the viewer was bought there."""
    other = make(place, "Other", listed=True)
    known = make(place, listed=True, link="https://corner.example/")
    bought(place, known, owner=ann)
    gift = make_gift(OccasionFactory(), PersonFactory(user=ann))
    paths = [
        place,
        f"{place}?q=kite",
        f"{place}?sort=-count",
        *(f"{place}{known.pk}/{page}" for page in ("", "edit/", "merge/", "delete/")),
        *(f"{place}{other.pk}/{page}" for page in ("", "edit/", "merge/", "delete/")),
    ]

    def look():
        pages = [member.get(path) for path in paths]
        pages.append(member.post(f"{place}{known.pk}/delete/"))
        return [without_tokens(answer) for answer in pages]

    before = look()
    ben = UserFactory()
    bought(place, known, owner=ben, gift=gift, shared=True, price=Decimal("77.77"))
    bought(place, other, owner=ben, price=Decimal("88.88"))
    bought(place, make(place, "Kite shop"), owner=ben, gift=gift, shared=True)
    assert look() == before


@BOTH
@pytest.mark.parametrize("is_hidden", [False, True])
def test_renaming_to_a_hidden_name_is_answered_like_any_other(member, place, is_hidden):
    item = make(place, listed=True)
    if is_hidden:
        bought(place, make(place, "KITE SHOP", link="https://kites.example/"))
    answer = member.post(f"{place}{item.pk}/edit/", {"name": "Kite shop"})
    assert answer["Location"] == f"{place}{item.pk}/"
    page = page_of(member, answer["Location"])
    assert "“Kite shop” is saved." in page
    assert "<dt>Purchases</dt><dd>0</dd>" in page
    assert "KITE" not in page
    assert "kites.example" not in page
    assert item.purchases.count() == is_hidden


@BOTH
def test_only_reading_is_answered_where_nothing_is_written(member, place):
    item = make(place, listed=True)
    assert member.post(place).status_code == 405
    assert member.post(f"{place}{item.pk}/").status_code == 405


@BOTH
def test_everything_is_for_members(client, place):
    item = make(place, listed=True)
    for page in ("", "add/", f"{item.pk}/", f"{item.pk}/edit/"):
        assert client.get(f"{place}{page}")["Location"].startswith("/account/login/")
