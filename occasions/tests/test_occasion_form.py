"""Writing occasions down and changing them: what is kept, refused, and not for everybody."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions import planning
from occasions.models import Gift, Occasion
from occasions.tests.factories import (
    CHRISTMAS,
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.models import Person, User
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

TYPED = {
    "name": "Graduation",
    "kind": "other",
    "date": "2026-09-01",
    "repeats_yearly": "on",
    "budget_total": "1,200.50",
    "description": "In the garden",
}
MOVED_BY_OTHERS = "You receive gifts here, so somebody else moves the day."


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def christmas() -> Occasion:
    return OccasionFactory(budget_total=Decimal(500), description="At home")


def birthday_of(name: str, **values: object) -> Occasion:
    person = Person(name=name, birthday=date(1960, 9, 15), **values)
    planning.save_person(person=person, today=TODAY)
    return Occasion.objects.get(celebrates=person)


class Sent(HTMLParser):
    """What a browser sends of the form on a page, as it stands there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.locked: set[str] = set()
        self._into, self._is_text = "", False
        self.feed(html.partition('<form class="form"')[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name, value = told.get("name") or "", told.get("value") or ""
        if "disabled" in told:
            self.locked.add(name.removeprefix("initial-"))
        elif tag == "input" and (told["type"] != "checkbox" or "checked" in told):
            self.data[name] = value or ("on" if told["type"] == "checkbox" else "")
        elif tag in {"select", "textarea"}:
            self._into, self._is_text = name, tag == "textarea"
        elif tag == "option" and "selected" in told and self._into:
            self.data[self._into] = value

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._into = ""

    def handle_data(self, data: str) -> None:
        if self._into and self._is_text:
            # A line break right after <textarea> is no part of its text.
            self.data[self._into] = re.sub(r"^\r?\n", "", data)


def form_of(client: Client, occasion: Occasion) -> Sent:
    answer = client.get(f"/occasions/{occasion.pk}/change/")
    assert answer.status_code == 200
    return Sent(answer.content.decode())


def change(client: Client, occasion: Occasion, **typed: str) -> None:
    """Open the form, type over some fields, send it, and read what is stored."""
    data = form_of(client, occasion).data | typed
    answer = client.post(f"/occasions/{occasion.pk}/change/", data)
    assert (answer.status_code, answer["Location"]) == (302, f"/occasions/{occasion.pk}/")
    occasion.refresh_from_db()


def messages(client: Client, path: str, data: dict[str, str]) -> list[str]:
    return [str(said) for said in client.post(path, data, follow=True).context["messages"]]


class TestAdding:
    def test_everything_is_stored_as_it_was_typed(self, member):
        mom, dad = PersonFactory(name="Mom"), PersonFactory(name="Dad")
        PersonFactory(name="Sis")
        answer = member.post("/occasions/add/", {**TYPED, "people": [mom.pk, dad.pk]})
        [occasion] = Occasion.objects.all()
        assert (answer.status_code, answer["Location"]) == (302, f"/occasions/{occasion.pk}/")
        assert (occasion.name, occasion.kind, occasion.date) == (
            "Graduation",
            "other",
            date(2026, 9, 1),
        )
        assert occasion.repeats_yearly
        assert occasion.budget_total == Decimal("1200.50")
        assert occasion.description == "In the garden"
        assert set(occasion.people.all()) == {mom, dad}
        assert all(card.receives for card in occasion.links.all())

    def test_name_and_day_are_enough(self, member):
        data = {"name": " Party ", "kind": "other", "date": "2026-08-01"}
        assert messages(member, "/occasions/add/", data) == ["Party is on the calendar."]
        [occasion] = Occasion.objects.all()
        assert occasion.name == "Party"
        assert not occasion.repeats_yearly
        assert occasion.budget_total is None
        assert not occasion.people.exists()

    @pytest.mark.parametrize(
        ("text", "amount"),
        [("", None), ("0", Decimal(0)), ("99,999,999.99", Decimal("99999999.99"))],
    )
    def test_no_budget_and_a_budget_of_zero_are_apart(self, member, text, amount):
        member.post("/occasions/add/", {**TYPED, "budget_total": text})
        assert Occasion.objects.get().budget_total == amount

    @pytest.mark.parametrize(
        ("field", "text", "said"),
        [
            ("name", "", "Give it a name."),
            ("name", "   ", "Give it a name."),
            ("name", "x" * 121, "at most 120 characters"),
            ("name", "a\0b", "Null characters are not allowed."),
            ("kind", "wedding", "Select a valid choice."),
            ("kind", "", "This field is required."),
            ("date", "", "Choose a day."),
            ("date", "soon", "Choose a day between 1900 and 2199."),
            ("date", "1899-12-31", "Choose a day between 1900 and 2199."),
            ("date", "2200-01-01", "Choose a day between 1900 and 2199."),
            ("date", "2026-02-30", "Choose a day between 1900 and 2199."),
            ("description", "x" * 2001, "at most 2000 characters"),
            ("budget_total", "-0.01", "Enter 0 or more."),
            ("budget_total", "abc", "Enter an amount like 12.50."),
            ("budget_total", "10.005", "at most 2 decimal places"),
            ("budget_total", "NaN", "Enter an amount like 12.50."),
            ("budget_total", "1e30", "Enter an amount like 12.50."),
            ("budget_total", "100,000,000", "That is more than 99,999,999.99."),
            ("people", "999", "999 is not one of the available choices."),
            ("people", "x", "“x” is not a valid value."),
        ],
    )
    def test_what_cannot_be_read_is_refused_and_everything_typed_is_kept(
        self, member, field, text, said
    ):
        mom = PersonFactory(name="Mom")
        answer = member.post("/occasions/add/", {**TYPED, "people": [mom.pk], field: text})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert said in unescape(html)
        assert "<title>Not saved: Add an occasion" in html
        assert not Occasion.objects.exists()
        kept = Sent(html).data
        for name in ("name", "date", "budget_total", "description"):
            assert kept[name] == (text if name == field else TYPED[name])
        assert field == "people" or kept["people"] == str(mom.pk)

    @pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
    def test_the_first_and_the_last_day_are_days(self, member, day):
        member.post("/occasions/add/", {**TYPED, "date": day, "repeats_yearly": ""})
        assert Occasion.objects.get().date.isoformat() == day

    def test_without_people_it_says_where_they_come_from(self, member):
        page = member.get("/occasions/add/").content.decode()
        assert "Nobody is there yet." in page
        assert 'href="/people/"' in page
        PersonFactory(name="Mom")
        page = member.get("/occasions/add/").content.decode()
        assert "Nobody is there yet." not in page
        assert "Who gets gifts?</legend>" in page

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_refused(self, member, method):
        assert getattr(member, method)("/occasions/add/").status_code == 405


class TestChanging:
    def test_sent_as_it_stands_changes_nothing(self, member, christmas):
        before = Occasion.objects.filter(pk=christmas.pk).values().get()
        data = form_of(member, christmas).data
        with CaptureQueriesContext(connection) as queries:
            said = messages(member, f"/occasions/{christmas.pk}/change/", data)
        assert said == ["Nothing was changed."]
        assert Occasion.objects.filter(pk=christmas.pk).values().get() == before
        written = [query["sql"] for query in queries if 'UPDATE "occasions_' in query["sql"]]
        assert written == []

    def test_several_lines_are_unchanged_too(self, member):
        occasion = OccasionFactory(description="One\r\nTwo\r\n\r\nThree & <four>")
        data = form_of(member, occasion).data
        said = messages(member, f"/occasions/{occasion.pk}/change/", data)
        assert said == ["Nothing was changed."]

    def test_only_what_was_changed_is_written(self, member, christmas):
        data = form_of(member, christmas).data | {"name": "Yule"}
        Occasion.objects.filter(pk=christmas.pk).update(
            date=date(2026, 12, 24), budget_total=Decimal(750), repeats_yearly=True
        )
        member.post(f"/occasions/{christmas.pk}/change/", data)
        christmas.refresh_from_db()
        assert (christmas.name, christmas.date) == ("Yule", date(2026, 12, 24))
        assert (christmas.budget_total, christmas.repeats_yearly) == (Decimal(750), True)

    def test_renaming_and_moving_keep_cards_budgets_and_gifts(self, member, christmas):
        mom = CardFactory(
            occasion=christmas, recipient_budget=Decimal(200), purchaser_budget=Decimal(50)
        )
        gift = make_gift(christmas, mom.person)
        change(member, christmas, name="Yule", date="2027-01-06", kind="other")
        assert (christmas.name, christmas.date) == ("Yule", date(2027, 1, 6))
        assert stored(mom) == (200, 50)
        gift.refresh_from_db()
        assert gift.occasion == christmas
        assert list(gift.recipients.all()) == [mom.person]

    @pytest.mark.parametrize(("text", "amount"), [("", None), ("0", 0), ("12.5", Decimal("12.50"))])
    def test_a_budget_can_be_set_and_taken_away(self, member, christmas, text, amount):
        change(member, christmas, budget_total=text)
        assert christmas.budget_total == amount

    def test_coming_back_is_switched_off_and_on(self, member, christmas):
        change(member, christmas, repeats_yearly="on")
        assert christmas.repeats_yearly
        data = form_of(member, christmas).data
        assert data.pop("repeats_yearly") == "on"
        member.post(f"/occasions/{christmas.pk}/change/", data)
        christmas.refresh_from_db()
        assert not christmas.repeats_yearly

    def test_what_is_refused_leaves_it_as_it_was(self, member, christmas):
        data = form_of(member, christmas).data | {"name": "Yule", "budget_total": "abc"}
        answer = member.post(f"/occasions/{christmas.pk}/change/", data)
        assert answer.status_code == 422
        kept = Sent(answer.content.decode()).data
        assert (kept["name"], kept["budget_total"]) == ("Yule", "abc")
        assert kept["initial-budget_total"] == "500.00"
        christmas.refresh_from_db()
        assert (christmas.name, christmas.budget_total) == ("Christmas", Decimal(500))

    def test_people_are_not_chosen_here(self, member, christmas):
        mom = PersonFactory()
        change(member, christmas, name="Yule", people=str(mom.pk))
        assert not christmas.people.exists()

    def test_christmas_kept_early_comes_back_a_year_later(self, member, ann, time_machine):
        occasion = OccasionFactory(
            repeats_yearly=True, holiday="Christmas Day", country="US", name="Christmas 2026"
        )
        change(member, occasion, date="2026-12-20")
        time_machine.move_to("2026-12-21T12:00:00Z")
        member.force_login(ann)
        coming = member.get("/occasions/").context["summaries"]
        assert [f"{summary.occasion}" for summary in coming] == ["Christmas 2027, 2027-12-25"]

    def test_only_the_latest_year_tells_whether_it_comes_back(self, member):
        last = OccasionFactory(date=date(2025, 12, 25), repeats_yearly=True)
        [coming] = planning.roll(today=TODAY)
        assert form_of(member, last).locked == {"repeats_yearly"}
        assert form_of(member, coming).locked == set()

    def test_an_occasion_that_is_not_there_is_not_found(self, member):
        assert member.get("/occasions/999/change/").status_code == 404
        assert member.post("/occasions/999/change/", TYPED).status_code == 404

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_refused(self, member, christmas, method):
        assert getattr(member, method)(f"/occasions/{christmas.pk}/change/").status_code == 405


class TestDaysThatFollow:
    def test_it_says_that_the_day_follows_the_person(self, member):
        occasion = birthday_of("Mom <b>")
        page = member.get(f"/occasions/{occasion.pk}/change/").content.decode()
        link = f"<a href='/people/{occasion.celebrates_id}/'>Mom &lt;b&gt;</a>"
        assert f"Follows the birthday that is written down for {link}." in page
        assert form_of(member, occasion).locked == {"kind"}

    def test_but_not_once_the_person_has_no_such_day(self, member):
        occasion = birthday_of("Mom")
        mom = occasion.celebrates
        assert mom is not None
        planning.save_person(person=mom, values={"birthday": None}, today=TODAY)
        assert "Follows" not in member.get(f"/occasions/{occasion.pk}/change/").content.decode()

    def test_a_birthday_stays_one(self, member):
        occasion = birthday_of("Mom")
        change(member, occasion, kind="other", name="Big party")
        assert (occasion.kind, occasion.name) == ("birthday", "Big party")

    def test_a_birthday_can_be_kept_on_another_day_for_one_year(self, member, ann, time_machine):
        occasion = birthday_of("Mom")
        change(member, occasion, date="2026-09-12")
        assert occasion.years == 66
        time_machine.move_to("2026-09-13T12:00:00Z")
        member.force_login(ann)
        [summary] = member.get("/occasions/").context["summaries"]
        assert (summary.occasion.date, summary.occasion.years) == (date(2027, 9, 15), 67)

    def test_a_birthday_need_not_come_back(self, member):
        occasion = birthday_of("Mom")
        data = form_of(member, occasion).data
        del data["repeats_yearly"]
        member.post(f"/occasions/{occasion.pk}/change/", data)
        occasion.refresh_from_db()
        assert not occasion.repeats_yearly

    def test_two_years_of_a_birthday_do_not_fall_on_one_day(self, member):
        last = birthday_of("Mom")
        [coming] = planning.roll(today=date(2026, 9, 16))
        data = form_of(member, coming).data | {"date": "2026-09-15"}
        answer = member.post(f"/occasions/{coming.pk}/change/", data)
        assert answer.status_code == 422
        assert "This is on the calendar already." in answer.content.decode()
        coming.refresh_from_db()
        assert (last.date, coming.date) == (date(2026, 9, 15), date(2027, 9, 15))

    def test_a_holiday_says_that_its_day_is_looked_up(self, member):
        occasion = OccasionFactory(holiday="Christmas Day", country="US")
        page = member.get(f"/occasions/{occasion.pk}/change/").content.decode()
        assert "Follows the calendar of holidays." in page


class TestWhoReceives:
    @pytest.fixture
    def me(self, ann: User, christmas: Occasion) -> Person:
        UserFactory()
        me = PersonFactory(name="Ann", user=ann)
        CardFactory(occasion=christmas, person=me)
        return me

    def test_others_move_the_day(self, member, christmas, me):
        page = member.get(f"/occasions/{christmas.pk}/change/").content.decode()
        assert MOVED_BY_OTHERS in page
        assert Sent(page).locked == {"date"}
        assert f"/occasions/{christmas.pk}/delete/" not in page

    @pytest.mark.parametrize("day", ["2020-01-01", "2027-01-01", "abc"])
    def test_a_day_that_is_sent_anyway_moves_nothing(self, member, christmas, me, day):
        gift = make_gift(christmas, me)
        change(member, christmas, name="Yule", date=day, **{"initial-date": day})
        assert (christmas.name, christmas.date) == ("Yule", CHRISTMAS)
        assert Gift.objects.filter(pk=gift.pk).exists()

    def test_the_budget_for_everything_is_no_secret_where_others_receive_too(
        self, member, christmas, me
    ):
        CardFactory(occasion=christmas)
        assert form_of(member, christmas).data["budget_total"] == "500.00"
        change(member, christmas, budget_total="600")
        assert christmas.budget_total == 600

    def test_the_form_is_the_same_with_and_without_a_gift(self, member, christmas, me):
        before = form_of(member, christmas).data
        make_gift(christmas, me)
        after = form_of(member, christmas).data
        before.pop("csrfmiddlewaretoken")
        after.pop("csrfmiddlewaretoken")
        assert after == before

    def test_who_is_alone_moves_it(self, member, ann, christmas, me):
        User.objects.exclude(pk=ann.pk).delete()
        change(member, christmas, date="2026-12-24")
        assert christmas.date == date(2026, 12, 24)

    def test_whoever_does_not_receive_moves_it(self, client, christmas, me):
        client.force_login(UserFactory())
        change(client, christmas, date="2026-12-24")
        assert christmas.date == date(2026, 12, 24)

    def test_the_day_is_free_again_once_it_has_passed(
        self, member, ann, christmas, me, time_machine
    ):
        time_machine.move_to("2026-12-26T00:00:00Z")
        member.force_login(ann)
        assert form_of(member, christmas).locked == set()
