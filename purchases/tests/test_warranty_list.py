"""The list of warranties: how they stand today, filtered, searched, sorted and paged."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases.deadlines import SORTS, ordered
from purchases.models import Purchase, Warranty
from purchases.tests.factories import NOW, TODAY, PurchaseFactory, RetailerFactory, WarrantyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

PLACE = "/warranties/"


@pytest.fixture
def user() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def warranty(user: User, name: str, days: int | None = None, **values: object) -> Warranty:
    """Write down a warranty that ends so many days from today; without them it is for life."""
    ends_on = None if days is None else TODAY + timedelta(days=days)
    bought = PurchaseFactory(owner=user, name=name, purchased_on=TODAY - timedelta(days=500))
    return WarrantyFactory(purchase=bought, ends_on=ends_on, **values)


@pytest.fixture
def eight(user: User) -> None:
    for days in (-1, 0, 1, 30, 31, 400):
        warranty(user, f"T{days:+}", days)
    warranty(user, "Lifetime")
    warranty(user, "Void", 10, voided=True)


def page_of(client: Client, **asked: object) -> str:
    answer = client.get(PLACE, asked)
    assert answer.status_code == 200
    html = unescape(answer.content.decode()).partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"[A-Za-z0-9]{64}", "", html))


def shown(client: Client, **asked: object) -> list[str]:
    return [row.purchase.name for row in client.get(PLACE, asked).context["page"]]


def counts(client: Client, **asked: object) -> dict[str, int]:
    context = client.get(PLACE, asked).context
    return {"all": context["all"], **context["counts"]}


@pytest.mark.usefixtures("eight")
class TestStanding:
    def test_is_counted_from_the_dates_of_today(self, member):
        told = {"all": 8, "active": 6, "expiring": 3, "expired": 1, "voided": 1}
        assert counts(member) == told
        page = page_of(member)
        for label in ("All (8)", "Active (6)", "Expiring soon (3)", "Expired (1)", "Voided (1)"):
            assert label in page

    @pytest.mark.parametrize(
        ("status", "names"),
        [
            ("active", ["T+0", "T+1", "T+30", "T+31", "T+400", "Lifetime"]),
            ("expiring", ["T+0", "T+1", "T+30"]),
            ("expired", ["T-1"]),
            ("voided", ["Void"]),
        ],
    )
    def test_each_tab_shows_what_it_counts(self, member, status, names):
        assert shown(member, status=status) == names
        assert counts(member, status=status)[status] == len(names)

    @pytest.mark.parametrize(
        ("days", "names"),
        [
            (0, ["T+0"]),
            (30, ["T+0", "T+1", "T+30"]),
            (31, ["T+0", "T+1", "T+30", "T+31"]),
            (10**20, ["T+0", "T+1", "T+30", "T+31", "T+400"]),
        ],
    )
    def test_days_left_are_asked_for_by_their_number(self, member, days, names):
        assert shown(member, days=days) == names
        assert counts(member, days=days)["all"] == len(names)

    def test_filters_combine(self, member):
        assert shown(member, days=31, status="expiring", q="+1") == ["T+1"]
        assert shown(member, days=31, status="expired") == []
        assert counts(member, q="t+3") == {
            "all": 2,
            "active": 2,
            "expiring": 1,
            "expired": 0,
            "voided": 0,
        }

    def test_a_badge_is_a_word_a_shape_and_a_colour(self, member):
        page = page_of(member)
        for status, icon, label, number in (
            ("active", "circle-check", "Active", 3),
            ("expiring", "clock", "Expiring soon", 3),
            ("expired", "x", "Expired", 1),
            ("voided", "ban", "Voided", 1),
        ):
            badge = rf'class="badge warranty-{status}"><svg[^>]*><use href="[^"]*#{icon}"/?>'
            assert len(re.findall(rf"{badge}.{{0,20}}</svg>\s*{label}</span>", page)) == number

    def test_how_long_is_left_is_said_in_words(self, member):
        page = page_of(member)
        for words in ("ends today", "1 day left", "400 days left", "for life", "ended yesterday"):
            assert f'<span class="note">{words}</span>' in page
        assert "10 days left" not in page

    def test_midnight_in_the_members_zone_ends_one_without_any_write(
        self, member, user, time_machine
    ):
        User.objects.filter(pk=user.pk).update(timezone="Pacific/Auckland")
        rows = list(Warranty.objects.values())
        # It is the 16th there already at noon of the 15th in UTC.
        for moment, expired in (("2026-07-16T11:59:59Z", 2), ("2026-07-16T12:00:00Z", 3)):
            time_machine.move_to(moment, tick=False)
            member.force_login(user)
            assert counts(member)["expired"] == expired
        assert list(Warranty.objects.values()) == rows

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            ("", ["T+0", "T+1", "T+30", "T+31", "T+400", "Lifetime", "T-1", "Void"]),
            ("days", ["T-1", "T+0", "T+1", "Void", "T+30", "T+31", "T+400", "Lifetime"]),
            ("-days", ["Lifetime", "T+400", "T+31", "T+30", "Void", "T+1", "T+0", "T-1"]),
        ],
    )
    def test_the_order_is_chosen(self, member, sort, names):
        assert shown(member, sort=sort) == names

    @pytest.mark.parametrize(
        "wrong",
        [
            {"status": "lost"},
            {"days": "x"},
            {"days": "-1"},
            {"days": "9" * 5000},
            {"sort": "colour"},
            {"q": "a" * 101},
            {"q": "a\0b"},
        ],
    )
    def test_what_cannot_be_read_is_told_and_filters_nothing(self, member, wrong):
        answer = member.get(PLACE, wrong)
        assert answer.status_code == 200
        assert answer.context["form"].errors.keys() == wrong.keys()
        assert answer.context["page"].paginator.count == 8
        told = answer.content.decode()
        assert 'class="field-error"' in told or 'class="notice notice-error"' in told

    def test_what_is_asked_stays(self, member):
        page = page_of(member, q="t+", status="active", days=31, sort="days")
        assert 'value="t+"' in page
        assert 'name="status" value="active"' in page
        assert 'value="31"' in page
        assert 'value="days" selected' in page
        assert "?q=t%2B&status=expiring&days=31&sort=days" in page


class TestSearch:
    def test_looks_at_the_product_and_at_who_gives_it(self, member, user):
        warranty(user, "ÜBER Kettle", 5)
        warranty(user, "Lamp", 6, provider="Größe & Söhne")
        assert shown(member, q="über") == ["ÜBER Kettle"]
        assert shown(member, q="GRÖSSE") == []
        assert shown(member, q="größe") == ["Lamp"]
        assert shown(member, q="lamp söhne") == ["Lamp"]
        assert shown(member, q="lamp kettle") == []

    def test_takes_signs_for_themselves(self, member, user):
        warranty(user, "100% wool", 5)
        warranty(user, "1000 wool", 5)
        warranty(user, "a_b", 5)
        warranty(user, "aXb", 5, provider="100%")
        assert shown(member, q="100%") == ["100% wool", "aXb"]
        assert shown(member, q="a_b") == ["a_b"]

    def test_finding_nothing_says_so(self, member, user):
        warranty(user, "Lamp", 5)
        page = page_of(member, q="boat")
        assert "No warranty matches what you are looking for." in page
        assert "Show all warranties" in page


class TestPages:
    def test_hold_twenty_and_tell_the_total(self, member, user):
        for number in range(45):
            warranty(user, f"Thing {number:02}", number)
        answers = [member.get(PLACE, {"page": page, "q": "thing"}) for page in (1, 2, 3)]
        assert [len(answer.context["page"]) for answer in answers] == [20, 20, 5]
        page = unescape(answers[1].content.decode())
        assert "21–40 of 45 warranties" in page
        assert "?q=thing&page=3" in page

    @pytest.mark.parametrize("number", ["99", "0", "x", "-1"])
    def test_one_that_is_not_there_is_another(self, member, user, number):
        warranty(user, "Lamp", 5)
        assert shown(member, page=number) == ["Lamp"]
        assert page_of(member, returns=number)

    def test_twenty_cost_as_many_queries_as_ten(self, member, user):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page_of(member)
            return len(asked)

        def add_ten() -> None:
            for number in range(10):
                row = warranty(user, f"Thing {number}", number, provider="ACME")
                shop = RetailerFactory()
                Purchase.objects.filter(pk=row.purchase.pk).update(return_by=TODAY, retailer=shop)

        add_ten()
        queries()
        ten = queries()
        add_ten()
        assert queries() == ten <= 14

    def test_nothing_yet_is_said_kindly_with_one_thing_to_do(self, member):
        page = page_of(member)
        assert "No warranty is written down yet." in page
        assert 'type="search"' not in page
        assert "Nothing waits for a decision" in page

    def test_only_reading_is_answered(self, member):
        assert member.post(PLACE).status_code == 405

    def test_what_is_typed_is_text(self, member, user):
        warranty(user, "<script>x</script>", 5, provider="<b>ACME</b>")
        page = member.get(PLACE).content.decode()
        assert "&lt;script&gt;x" in page
        assert "<script>x" not in page
        assert "<b>ACME" not in page

    def test_names_are_in_order_whatever_the_case(self, member, user):
        for name in ("Cup", "apple", "Bell"):
            warranty(user, name, 5)
        assert shown(member, sort="name") == ["apple", "Bell", "Cup"]
        assert shown(member, sort="-name") == ["Cup", "Bell", "apple"]

    def test_every_order_ends_in_the_key(self):
        for sort in SORTS:
            assert ordered(Warranty.objects.all(), sort, TODAY).query.order_by[-1] == "pk"


class TestWhoSeesWhat:
    def test_ones_own_and_what_others_share(self, member, user):
        warranty(user, "Mine", 1)
        shared = warranty(UserFactory(), "Shared", 2)
        shared.purchase.shared = True
        shared.purchase.save()
        warranty(UserFactory(), "Private", 3)
        trashed = warranty(user, "Trashed", 4)
        trashed.purchase.deleted_at = NOW
        trashed.purchase.save()
        assert shown(member) == ["Mine", "Shared"]
        page = page_of(member)
        assert page.count(">Change<") == 1
        assert f'href="{shared.get_absolute_url()}"' not in page

    def test_the_list_is_the_same_with_and_without_a_present(self, member, user):
        me = PersonFactory(user=user)
        warranty(user, "Mine", 1)
        asked = [
            {},
            {"q": "ring"},
            {"status": "active"},
            {"days": 31},
            *({"sort": sort} for sort in SORTS),
        ]
        before = [page_of(member, **question) for question in asked]
        ring = warranty(UserFactory(), "Ring", 2, provider="Ring & Sons").purchase
        ring.shared, ring.return_by = True, TODAY
        ring.gift = make_gift(OccasionFactory(), me)
        ring.save()
        assert [page_of(member, **question) for question in asked] == before
