"""The list of gifts as a file: as it is filtered, exact, harmless, and telling no surprise."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.models import Gift, Occasion
from occasions.tests.factories import (
    NOW,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

HEADER = (
    "occasion,date,title,recipients,purchaser,status,quantity,price,paid price,cost,bought on,"
    "priority,link,notes,paid in all"
)


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


@pytest.fixture
def christmas() -> Occasion:
    return OccasionFactory()


def file_of(client: Client, **asked: object) -> str:
    answer = client.get("/gifts/gifts.csv", asked)
    assert answer.status_code == 200
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="pursestrings-gifts.csv"'
    return b"".join(answer.streaming_content).decode()


def lines_of(client: Client, **asked: object) -> list[str]:
    return file_of(client, **asked).splitlines()[1:]


def test_holds_everything_about_each_gift(member, christmas):
    mom, dad = PersonFactory(name="Mom"), PersonFactory(name="Dad")
    make_gift(
        christmas,
        mom,
        dad,
        title="Tickets",
        price="120",
        paid_price=Decimal("99.50"),
        quantity=2,
        status="purchased",
        purchaser=PersonFactory(name="Sis"),
        priority=1,
        link="https://example.com/a,b",
        notes="Row 3\nor 4",
    )
    make_gift(christmas, mom, title="Voucher", price=None, status="idea")
    assert file_of(member) == (
        f"{HEADER}\r\n"
        'Christmas,2026-12-25,Tickets,"Dad, Mom",Sis,purchased,2,120.00,99.50,199.00,2026-07-15,'
        'high,"https://example.com/a,b","Row 3\nor 4",\r\n'
        "Christmas,2026-12-25,Voucher,Mom,,idea,1,,,0.00,,normal,,,\r\n"
    )


def test_without_gifts_there_is_a_header(member):
    assert file_of(member) == f"{HEADER}\r\n"


def test_holds_all_pages_in_the_order_of_the_list(member, christmas):
    mom = PersonFactory()
    for number in range(30):
        make_gift(christmas, mom, title=f"Gift {number:02}", price=f"{number}")
    titles = [line.split(",")[2] for line in lines_of(member, sort="-cost", page="2")]
    assert titles == [f"Gift {number:02}" for number in reversed(range(30))]


def test_follows_the_search_and_every_filter(member, christmas):
    mom, dad = PersonFactory(), PersonFactory()
    soon = OccasionFactory(date=date(2026, 8, 1))
    make_gift(christmas, mom, title="Scarf", purchaser=dad)
    make_gift(soon, dad, title="Socks", status="idea")
    for asked in (
        {"q": "scarf"},
        {"person": mom.pk},
        {"occasion": christmas.pk},
        {"status": "selected"},
        {"purchaser": dad.pk},
    ):
        [line] = lines_of(member, **asked)
        assert "Scarf" in line
    [line] = lines_of(member, purchaser="nobody")
    assert "Socks" in line


def test_a_filter_that_cannot_be_read_leads_to_the_page_that_says_so(member):
    answer = member.get("/gifts/gifts.csv", {"status": "lost", "q": "a"})
    assert answer["Location"] == "/gifts/?status=lost&q=a"


def test_cells_cannot_be_mistaken_for_formulas(member):
    occasion = OccasionFactory(name="@feast")
    make_gift(occasion, PersonFactory(name="-Mom"), title="=cmd()", notes="+1")
    [line] = lines_of(member)
    assert line.startswith("'@feast,2026-12-25,'=cmd(),'-Mom,")
    assert line.endswith(",'+1,")


def test_what_purchases_for_it_cost_together_is_in_it(member, christmas):
    gift = make_gift(christmas, PersonFactory(), status="purchased", paid_price=Decimal(9))
    Gift.objects.filter(pk=gift.pk).update(paid_total=Decimal("12.34"))
    [line] = lines_of(member)
    assert line.endswith(",12.34")


def test_twenty_gifts_cost_as_many_queries_as_ten(member, christmas):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            file_of(member)
        return len(asked)

    def add_ten() -> None:
        for _ in range(10):
            make_gift(christmas, PersonFactory(), PersonFactory(), purchaser=PersonFactory())

    add_ten()
    queries()
    ten = queries()
    add_ten()
    assert queries() == ten


def test_only_reading_is_answered(member):
    assert member.post("/gifts/gifts.csv").status_code == 405


def test_no_surprise_is_in_it_until_the_day_has_passed(client, christmas, time_machine):
    own = CardFactory(occasion=christmas, person__user=UserFactory(), person__name="Zoe").person
    sis = PersonFactory(name="Sis")
    make_gift(christmas, sis, title="Scarf")
    client.force_login(own.user)
    before = [file_of(client, **asked) for asked in ({}, {"q": "canary"}, {"person": sis.pk})]
    make_gift(christmas, own, title="Canary")
    make_gift(christmas, own, sis, title="Canary two")
    after = [file_of(client, **asked) for asked in ({}, {"q": "canary"}, {"person": sis.pk})]
    assert after == before
    assert len(lines_of(client)) == 1
    time_machine.move_to("2026-12-26T00:00:00Z")
    client.force_login(own.user)
    assert len(lines_of(client)) == 3
    assert len(lines_of(client, person=own.pk)) == 2
