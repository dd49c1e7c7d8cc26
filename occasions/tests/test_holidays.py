"""Holidays of a country: offered with their days, and put on the calendar."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from occasions import planning
from occasions.models import Occasion
from occasions.tests.factories import NOW, TODAY, OccasionFactory
from people.models import User
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

UNKNOWN = ["XX", "us", "USA", "\0", "Sweden"]


@pytest.fixture
def ann() -> User:
    return UserFactory()


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


def page_of(client: Client, **asked: str) -> str:
    answer = client.get("/occasions/holidays/", asked)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def offer(client: Client, name: str, **asked: str) -> str:
    """Return the line of one holiday."""
    [line] = [line for line in page_of(client, **asked).split("<label>") if f'"{name}"' in line]
    return line.partition("</label>")[0]


def put(client: Client, *names: str, country: str = "US") -> list[str]:
    """Choose some holidays and return what is said then."""
    data = {"country": country, "chosen": names}
    answer = client.post("/occasions/holidays/", data, follow=True)
    assert answer.redirect_chain == [("/occasions/", 302)]
    return [str(said) for said in answer.context["messages"]]


class TestChoosing:
    def test_the_country_of_the_household_is_shown_first(self, member, settings):
        assert '<option value="US" selected>United States' in page_of(member)
        settings.LOCALE = "sv_SE"
        page = page_of(member)
        assert '<option value="SE" selected>Sweden' in page
        assert "Midsummer Eve" in page

    def test_without_one_a_country_is_asked_for(self, member, settings):
        settings.LOCALE = "en"
        page = page_of(member)
        assert '<option value="" selected>Choose a country' in page
        assert "Choose a country to see its holidays." in page
        assert 'type="checkbox"' not in page

    def test_another_country_can_be_asked_for(self, member):
        assert '<option value="SE" selected>Sweden' in page_of(member, country="SE")
        assert "Midsummer Eve" in page_of(member, country="SE")
        assert '<option value="US" selected>' in page_of(member, country="")

    def test_a_holiday_tells_its_day_its_weekday_and_how_far_away_it_is(self, member):
        line = offer(member, "Thanksgiving Day")
        assert "Thursday, Nov 26, 2026" in line
        assert "in 4 months" in line
        assert "checked" not in line
        assert "disabled" not in line

    def test_they_are_those_of_the_year_that_begins_today_soonest_first(
        self, member, ann, time_machine
    ):
        time_machine.move_to("2026-12-25T12:00:00Z")
        member.force_login(ann)
        days = [
            offer.holiday.date for offer in member.get("/occasions/holidays/").context["offers"]
        ]
        assert days == sorted(days)
        assert days[0] == date(2026, 12, 25)
        assert days[-1] <= date(2027, 12, 24)
        assert "today" in offer(member, "Christmas Day")

    @pytest.mark.parametrize(
        ("zone", "day"),
        [("Pacific/Kiritimati", "Dec 25, 2027"), ("Pacific/Honolulu", "Dec 25, 2026")],
    )
    def test_today_is_where_the_member_is(self, client, time_machine, zone, day):
        time_machine.move_to("2026-12-25T10:30:00Z")
        client.force_login(UserFactory(timezone=zone))
        assert day in offer(client, "Christmas Day")

    def test_a_holiday_of_several_days_is_offered_once_on_its_first(self, member):
        line = offer(member, "Eid al-Adha", country="TR")
        assert "May 16, 2027" in line

    @pytest.mark.parametrize("country", UNKNOWN)
    def test_an_unknown_country_is_not_found(self, member, country):
        assert member.get("/occasions/holidays/", {"country": country}).status_code == 404
        data = {"country": country, "chosen": ["Christmas Day"]}
        assert member.post("/occasions/holidays/", data).status_code == 404
        assert not Occasion.objects.exists()

    def test_what_is_on_the_calendar_is_marked_and_cannot_be_chosen(self, member):
        put(member, "Christmas Day")
        line = offer(member, "Christmas Day")
        assert "checked disabled" in line
        assert "On the calendar already" in line
        assert "On the calendar already" not in offer(member, "Thanksgiving Day")

    def test_a_holiday_of_another_country_is_another(self, member):
        put(member, "Christmas Day")
        assert "disabled" not in offer(member, "Christmas Day", country="SE")

    def test_a_renamed_and_moved_one_is_still_known(self, member):
        put(member, "Christmas Day")
        occasion = Occasion.objects.get()
        values = {"name": "Yule", "date": date(2026, 12, 24)}
        planning.change_occasion(occasion=occasion, values=values)
        assert "disabled" in offer(member, "Christmas Day")

    def test_one_that_comes_back_is_known_in_every_year(self, member, ann, time_machine):
        put(member, "Christmas Day")
        time_machine.move_to("2028-01-02T12:00:00Z")
        member.force_login(ann)
        assert "disabled" in offer(member, "Christmas Day")


class TestAdding:
    def test_the_chosen_ones_come_back_every_year(self, member):
        said = put(member, "Christmas Day", "Thanksgiving Day")
        assert said == ["2 holidays are on the calendar."]
        stored = Occasion.objects.values_list(
            "name", "date", "kind", "repeats_yearly", "holiday", "country"
        )
        assert list(stored) == [
            ("Thanksgiving Day", date(2026, 11, 26), "holiday", True, "Thanksgiving Day", "US"),
            ("Christmas Day", date(2026, 12, 25), "holiday", True, "Christmas Day", "US"),
        ]

    def test_one_is_called_by_its_name(self, member):
        assert put(member, "Midsummer Eve", country="SE") == ["Midsummer Eve is on the calendar."]

    def test_each_year_has_its_own_day(self, member, ann, time_machine):
        put(member, "Thanksgiving Day")
        time_machine.move_to("2026-11-27T12:00:00Z")
        member.force_login(ann)
        [summary] = member.get("/occasions/").context["summaries"]
        assert summary.occasion.date == date(2027, 11, 25)

    def test_what_is_there_already_is_left_alone(self, member):
        put(member, "Christmas Day")
        assert put(member, "Christmas Day") == ["They were on the calendar already."]
        said = put(member, "Christmas Day", "Thanksgiving Day")
        assert said == ["Thanksgiving Day is on the calendar."]
        assert Occasion.objects.count() == 2

    def test_one_that_was_deleted_can_be_chosen_again(self, member):
        last = OccasionFactory(
            date=date(2025, 12, 25), repeats_yearly=True, holiday="Christmas Day", country="US"
        )
        [coming] = planning.roll(today=TODAY)
        planning.delete_occasion(occasion=coming)
        assert "disabled" not in offer(member, "Christmas Day")
        put(member, "Christmas Day")
        days = [occasion.date for occasion in Occasion.objects.all()]
        assert days == [last.date, date(2026, 12, 25)]

    def test_one_still_to_come_for_the_last_time_is_not_added_beside_itself(self, member):
        OccasionFactory(holiday="Christmas Day", country="US")
        assert "disabled" in offer(member, "Christmas Day")
        assert put(member, "Christmas Day") == ["They were on the calendar already."]

    def test_nothing_chosen_is_said(self, member):
        answer = member.post("/occasions/holidays/", {"country": "SE"})
        assert answer.status_code == 422
        assert "Choose at least one holiday." in answer.content.decode()
        assert '<option value="SE" selected>' in answer.content.decode()

    @pytest.mark.parametrize("name", ["Midsummer Eve", "", "<b>", "x" * 500, "\0"])
    def test_a_holiday_that_the_country_has_not_is_refused_and_the_others_stay_ticked(
        self, member, name
    ):
        data = {"country": "US", "chosen": ["Christmas Day", name]}
        answer = member.post("/occasions/holidays/", data)
        assert answer.status_code == 422
        assert "is not a holiday of this country." in answer.content.decode()
        assert '"Christmas Day" checked>' in answer.content.decode()
        assert "<title>Not saved: Holidays" in answer.content.decode()
        assert not Occasion.objects.exists()

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_refused(self, member, method):
        assert getattr(member, method)("/occasions/holidays/").status_code == 405
