"""The calendar of a member: a secret address, and what it tells other programs."""

import io
import logging.config
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import icalendar
import pytest
from django.test import Client

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import CalendarFeed, Purchase, Warranty
from purchases.tests.factories import (
    NOW,
    TODAY,
    PurchaseFactory,
    RetailerFactory,
    WarrantyFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

PLACE = "/warranties/calendar/"
BEFORE = TODAY - timedelta(days=400)


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def member(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def key(user: User) -> str:
    return keeping.make_feed(user=user, now=NOW)


@pytest.fixture
def log(settings) -> Iterator[io.StringIO]:
    """Log as a server does, to a stream of the test's own."""
    stream = io.StringIO()
    logging.config.dictConfig(settings.LOGGING)
    logging.getLogger().setLevel("INFO")
    logging.getHandlerByName("stderr").setStream(stream)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


def feed(key: str) -> bytes:
    """Return what a program without an account is answered."""
    answer = Client().get(f"{PLACE}{key}.ics")
    assert answer.status_code == 200
    return answer.content


def events(key: str) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(feed(key)).walk("VEVENT"))


def titles(key: str) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(key)]


def returnable(user: User, days: int, **values: object) -> Purchase:
    return PurchaseFactory(
        owner=user, purchased_on=BEFORE, return_by=TODAY + timedelta(days=days), **values
    )


def ending(user: User, days: int, name: str = "Kettle", **values: object) -> Warranty:
    bought = PurchaseFactory(owner=user, name=name, purchased_on=BEFORE)
    return WarrantyFactory(purchase=bought, ends_on=TODAY + timedelta(days=days), **values)


class TestTheAddress:
    def made(self, member: Client) -> str:
        page = member.post(PLACE, {"action": "make"}).content.decode()
        address = page.partition('id="calendar-address" type="text" value="')[2].partition('"')[0]
        assert address.startswith("http://testserver/warranties/calendar/")
        return address

    def test_is_shown_once_and_opens_the_calendar_without_signing_in(self, member):
        assert "No address yet" in member.get(PLACE).content.decode()
        address = self.made(member)
        assert Client().get(address).status_code == 200
        page = member.get(PLACE).content.decode()
        assert "Made on Jul 15, 2026" in unescape(page)
        assert address not in page
        assert address.rpartition("/")[2].removesuffix(".ics") not in page

    def test_is_long_and_stored_as_its_hash_alone(self, member):
        key = self.made(member).rpartition("/")[2].removesuffix(".ics")
        assert len(key) == 43
        row = CalendarFeed.objects.values().get()
        assert len(row["key_hash"]) == 64
        assert key not in str(row)

    def test_the_page_that_shows_it_is_not_kept(self, member):
        answer = member.post(PLACE, {"action": "make"})
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"

    def test_a_new_one_replaces_it(self, member):
        first, second = self.made(member), self.made(member)
        assert Client().get(first).status_code == 404
        assert Client().get(second).status_code == 200
        assert CalendarFeed.objects.count() == 1

    def test_taken_back_it_opens_nothing(self, member):
        address = self.made(member)
        answer = member.post(PLACE, {"action": "revoke"}, follow=True)
        assert "opens nothing any more" in answer.content.decode()
        assert Client().get(address).status_code == 404
        assert not CalendarFeed.objects.exists()
        assert member.post(PLACE, {"action": "revoke"}).status_code == 302

    def test_of_others_stays(self, member, user):
        other = keeping.make_feed(user=UserFactory(), now=NOW)
        member.post(PLACE, {"action": "make"})
        member.post(PLACE, {"action": "revoke"})
        assert feed(other)

    @pytest.mark.parametrize("asked", [{}, {"action": "burn"}])
    def test_anything_else_changes_nothing(self, member, key, asked):
        assert member.post(PLACE, asked).status_code == 400
        assert feed(key)

    def test_is_for_members_to_make(self):
        assert Client().get(PLACE)["Location"].startswith("/account/login/")
        assert Client().post(PLACE, {"action": "make"})["Location"].startswith("/account/login/")

    def test_the_account_page_and_the_list_lead_to_it(self, member):
        for page in ("/account/", "/warranties/"):
            assert f'href="{PLACE}"' in member.get(page).content.decode()


class TestTheDoor:
    @pytest.mark.parametrize("wrong", ["x", "%00", "ü", "a" * 500, "%F0%28", "..%2F"])
    def test_a_wrong_key_finds_nothing(self, key, wrong):
        assert Client().get(f"{PLACE}{wrong}.ics").status_code == 404

    def test_the_key_is_taken_exactly(self, key):
        for wrong in (key[:-1], key + "x", key.swapcase(), f" {key}"):
            assert Client().get(f"{PLACE}{wrong}.ics").status_code == 404

    def test_neither_does_the_hash_open_it(self, key):
        stored = CalendarFeed.objects.get().key_hash
        assert Client().get(f"{PLACE}{stored}.ics").status_code == 404

    def test_whoever_may_not_sign_in_any_more_has_none(self, key, user):
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert Client().get(f"{PLACE}{key}.ics").status_code == 404
        assert CalendarFeed.objects.get().used_at is None

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_it_is_only_read(self, key, method):
        assert getattr(Client(), method)(f"{PLACE}{key}.ics").status_code == 405

    def test_the_answer_is_a_calendar_for_one_reader(self, key):
        answer = Client().get(f"{PLACE}{key}.ics")
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer["Content-Disposition"] == 'inline; filename="pursestrings.ics"'
        assert "private" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert Client().head(f"{PLACE}{key}.ics").status_code == 200

    def test_the_last_use_is_noted_once_an_hour(self, key, member, time_machine):
        assert "No program has asked for it yet." in member.get(PLACE).content.decode()
        for minutes, noted in ((0, 0), (59, 0), (60, 60)):
            time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
            feed(key)
            assert CalendarFeed.objects.get().used_at == NOW + timedelta(minutes=noted)
        assert "Last asked for on" in member.get(PLACE).content.decode()

    def test_the_log_does_not_tell_the_key(self, key, user, log):
        client = Client(raise_request_exception=False)
        assert client.get(f"{PLACE}{key}.ics?day=1").status_code == 200
        assert client.get(f"{PLACE}{key}").status_code == 404
        User.objects.filter(pk=user.pk).update(timezone="Nowhere/At_all")
        assert client.get(f"{PLACE}{key}.ics").status_code == 500
        told = log.getvalue()
        assert told.count("GET /warranties/calendar/") >= 3
        assert "ZoneInfoNotFoundError" in told
        assert key not in told


class TestWhatItTells:
    def test_each_deadline_takes_its_day_with_a_reminder_a_week_before(self, key, user):
        warranty = ending(user, 10, "Kettle, red; \\ <script>", provider="ACME", kind="extended")
        shop = RetailerFactory(name="Shop")
        lamp = returnable(user, 3, name="Lamp", retailer=shop, return_policy="With the receipt")
        first, second = events(key)
        assert str(first["SUMMARY"]) == "Last day to return: Lamp"
        assert str(first["DESCRIPTION"]) == "To Shop.\nWith the receipt"
        assert first["URL"] == f"http://testserver{lamp.get_absolute_url()}"
        assert str(second["SUMMARY"]) == "Warranty ends: Kettle, red; \\ <script>"
        assert str(second["DESCRIPTION"]) == "Extended warranty, ACME"
        assert second.decoded("DTSTART") == warranty.ends_on
        assert second["DTSTART"].params["VALUE"] == "DATE"
        for event in (first, second):
            assert event.decoded("DTSTAMP") == NOW
            [alarm] = event.walk("VALARM")
            assert alarm["ACTION"] == "DISPLAY"
            assert alarm.decoded("TRIGGER") == timedelta(days=-7)

    def test_names_stay_the_same_and_tell_all_apart(self, key, user, time_machine):
        warranty = ending(user, 10)
        WarrantyFactory(purchase=warranty.purchase, ends_on=TODAY)
        returnable(user, 3)
        names = [event["UID"] for event in events(key)]
        assert len(set(names)) == 3
        time_machine.shift(timedelta(hours=2))
        keeping.change_warranty(
            warranty=warranty, values={"ends_on": TODAY}, now=NOW + timedelta(hours=2)
        )
        changed = {event["UID"]: event.decoded("DTSTAMP") - NOW for event in events(key)}
        assert set(changed) == set(names)
        assert sorted(changed.values()) == [timedelta(0), timedelta(hours=2), timedelta(hours=2)]

    def test_asked_again_it_says_the_same(self, key, user, time_machine):
        ending(user, 10)
        before = feed(key)
        time_machine.shift(timedelta(hours=5))
        assert feed(key) == before

    def test_it_holds_to_the_format(self, key, user):
        ending(user, 10, "ü" * 255, provider="日本" * 100)
        ending(user, 11, "bell\x07 and\x1b escape", notes="secret")
        told = feed(key)
        lines = told.split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert b"\n" not in b"".join(lines)
        assert b"\x07" not in told
        assert b"\x1b" not in told
        assert lines[0] == b"BEGIN:VCALENDAR"
        assert {b"VERSION:2.0", b"PRODID:-//Pursestrings//Deadlines//EN"} <= set(lines)
        assert titles(key) == [f"Warranty ends: {'ü' * 255}", "Warranty ends: bell and escape"]

    def test_what_is_typed_adds_no_lines(self, key, user):
        ending(user, 10, "Kettle", provider="ACME\r\nEND:VEVENT\r\nX-EVIL:1")
        [event] = events(key)
        assert "X-EVIL" not in event

    def test_an_empty_one_is_a_calendar_too(self, key):
        assert titles(key) == []

    def test_what_no_longer_matters_is_left_out(self, key, user):
        ending(user, 10, "Void", voided=True)
        ending(user, -366, "Long ago")
        WarrantyFactory(purchase__owner=user)
        returnable(user, 3, status="returned")
        gone = ending(user, 10, "Trashed").purchase
        Purchase.objects.filter(pk=gone.pk).update(deleted_at=NOW)
        ending(user, -365, "A year ago")
        ending(user, 4000, "Far away")
        assert titles(key) == ["Warranty ends: A year ago", "Warranty ends: Far away"]

    def test_ones_own_and_what_others_share(self, key, user):
        other = UserFactory()
        ending(user, 1, "Mine")
        ending(other, 2, "Private")
        returnable(other, 3, name="Shared", shared=True)
        assert titles(key) == ["Warranty ends: Mine", "Last day to return: Shared"]

    def test_it_is_the_same_byte_for_byte_with_and_without_a_present(self, key, user, time_machine):
        ending(user, 1, "Mine")
        me = PersonFactory(user=user)
        before = feed(key)
        present = make_gift(OccasionFactory(), me)
        ring = returnable(UserFactory(), 200, name="Ring", shared=True, gift=present)
        WarrantyFactory(purchase=ring, ends_on=TODAY + timedelta(days=300))
        assert feed(key) == before
        time_machine.move_to("2026-12-26T12:00:00Z")
        assert "Last day to return: Ring" in titles(key)
