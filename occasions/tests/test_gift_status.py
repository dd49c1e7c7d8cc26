"""One tap moves a gift along, from wherever it was tapped."""

from datetime import date
from html import unescape

import pytest
from django.test import Client

from occasions.models import Gift, Occasion
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.models import Person
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


@pytest.fixture
def christmas() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def gift(christmas, mom) -> Gift:
    return make_gift(christmas, mom, title="Scarf", status="idea")


def tap(client: Client, gift: Gift, status: str, **data: str):
    return client.post(f"/gifts/{gift.pk}/status/", {"status": status, **data})


def state(gift: Gift) -> tuple[str, date | None]:
    gift.refresh_from_db()
    return gift.status, gift.bought_on


def test_each_status_is_one_tap_away(member, gift):
    for status, bought_on in (
        ("selected", None),
        ("purchased", TODAY),
        ("received", TODAY),
        ("purchased", TODAY),
        ("selected", None),
        ("received", TODAY),
        ("idea", None),
    ):
        assert tap(member, gift, status).status_code == 302
        assert state(gift) == (status, bought_on)


def test_the_day_it_was_bought_stays_when_it_is_received_later(member, gift, time_machine):
    tap(member, gift, "purchased")
    time_machine.move_to("2026-07-20T12:00:00Z")
    tap(member, gift, "received")
    assert state(gift) == ("received", TODAY)


def test_the_day_it_was_bought_is_that_of_whoever_taps(client, gift, time_machine):
    time_machine.move_to("2026-07-15T20:00:00Z")
    client.force_login(UserFactory(timezone="Pacific/Kiritimati"))
    tap(client, gift, "purchased")
    assert state(gift) == ("purchased", date(2026, 7, 16))


def test_leads_back_to_where_it_was_tapped(member, gift):
    answer = tap(member, gift, "selected", next="/gifts/?q=scarf&page=2")
    assert answer["Location"] == "/gifts/?q=scarf&page=2"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "\x08//evil.example",
        "no-page-of-ours",
        "",
    ],
)
def test_never_leads_to_another_site(member, gift, elsewhere):
    answer = tap(member, gift, "selected", next=elsewhere)
    assert answer.status_code == 302
    assert answer["Location"] == f"/occasions/{gift.occasion_id}/"
    assert state(gift) == ("selected", None)


def test_says_quietly_what_became_of_it(member, gift):
    page = member.post(
        f"/gifts/{gift.pk}/status/", {"status": "selected", "next": "/gifts/"}, follow=True
    )
    assert "“Scarf”: selected." in unescape(page.content.decode())


def test_says_nothing_where_the_row_is_redrawn_at_once(member, gift):
    answer = member.post(
        f"/gifts/{gift.pk}/status/",
        {"status": "selected", "next": "/gifts/"},
        headers={"HX-Request": "true"},
        follow=True,
    )
    assert answer.redirect_chain == [("/gifts/", 302)]
    assert "“Scarf”: selected." not in unescape(answer.content.decode())
    assert state(gift) == ("selected", None)


@pytest.mark.parametrize("data", [{"status": "lost"}, {"status": ""}, {}, {"status": "Idea"}])
def test_a_status_that_is_none_changes_nothing_and_says_so(member, gift, data):
    answer = member.post(f"/gifts/{gift.pk}/status/", data)
    assert answer.status_code == 400
    assert "There is no such status. Nothing was changed." in answer.content.decode()
    assert state(gift) == ("idea", None)


def test_opening_the_address_leads_to_the_gift(member, gift):
    answer = member.get(f"/gifts/{gift.pk}/status/")
    assert answer["Location"] == f"/gifts/{gift.pk}/"
    assert state(gift) == ("idea", None)


def test_only_reading_and_posting_are_answered(member, gift):
    assert member.put(f"/gifts/{gift.pk}/status/").status_code == 405


def test_a_gift_that_is_not_there_is_not_found(member, gift):
    gift_pk = gift.pk
    gift.delete()
    assert member.post(f"/gifts/{gift_pk}/status/", {"status": "idea"}).status_code == 404


def test_touches_nothing_else(member, christmas, mom):
    gift = make_gift(
        christmas, mom, PersonFactory(), purchaser=PersonFactory(), notes="Blue", quantity=3
    )
    other = make_gift(christmas, mom)
    before: dict[str, object] = {**Gift.objects.values().get(pk=gift.pk)}
    tap(member, gift, "idea")
    after: dict[str, object] = {**Gift.objects.values().get(pk=gift.pk)}
    assert {name for name in before if before[name] != after[name]} == {"status"}
    assert gift.recipients.count() == 2
    assert state(other) == ("selected", None)


def test_the_button_of_the_present_status_is_pressed_and_has_an_id_of_its_own(member, gift):
    tap(member, gift, "purchased")
    page = member.get("/gifts/").content.decode()
    buttons = [part.partition(">")[0] for part in page.split('<button name="status"')[1:]]
    pressed = [button for button in buttons if 'aria-pressed="true"' in button]
    assert len(buttons) == 4
    assert len(pressed) == 1
    assert f'id="gift-{gift.pk}-purchased"' in pressed[0]
    assert 'aria-label="Purchased"' in pressed[0]


@pytest.mark.parametrize("shared", [False, True])
def test_ones_own_surprise_is_not_there_until_the_day_has_passed(
    client, christmas, mom, shared, time_machine
):
    zoe = CardFactory(occasion=christmas, person__user=UserFactory()).person
    gift = make_gift(christmas, *([zoe, mom] if shared else [zoe]))
    client.force_login(zoe.user)
    assert tap(client, gift, "purchased").status_code == 404
    assert client.get(f"/gifts/{gift.pk}/status/").status_code == 404
    assert tap(client, gift, "lost").status_code == 404
    assert state(gift) == ("selected", None)
    time_machine.move_to("2026-12-26T00:00:00Z")
    client.force_login(zoe.user)
    assert tap(client, gift, "received").status_code == 302
    assert state(gift) == ("received", date(2026, 12, 26))
