"""Holidays of a country: on their true days, in English where there is one, and each only once."""

from datetime import date, timedelta

import pytest

from occasions import calendars
from occasions.calendars import Holiday, coming, countries, day_of
from occasions.models import Occasion

TODAY = date(2026, 7, 15)


def days(country: str, today: date = TODAY) -> dict[str, date]:
    return {holiday.name: holiday.date for holiday in coming(country, today=today)}


class TestCountries:
    def test_each_is_there_once_by_its_english_name(self):
        codes = [code for code, _ in countries()]
        names = [name for _, name in countries()]
        assert len(codes) == len(set(codes)) > 200
        assert names == sorted(names)
        assert dict(countries())["DE"] == "Germany"

    def test_a_code_fits_where_it_is_kept(self):
        longest = Occasion._meta.get_field("country").max_length
        assert max(len(code) for code, _ in countries()) == longest

    @pytest.mark.parametrize("code", ["", "XX", "us", "Germany", "../DE"])
    def test_another_is_not_known(self, code):
        with pytest.raises(KeyError):
            coming(code, today=TODAY)


class TestComing:
    def test_they_are_those_of_the_year_that_begins_today_soonest_first(self):
        holidays = coming("US", today=TODAY)
        assert holidays == sorted(holidays)
        assert all(TODAY <= one.date < TODAY + timedelta(days=366) for one in holidays)
        assert Holiday(date(2026, 12, 25), "Christmas Day") in holidays
        assert Holiday(date(2027, 3, 28), "Easter Sunday") in holidays

    def test_one_that_is_today_is_still_to_come(self):
        assert days("US", date(2026, 12, 25))["Christmas Day"] == date(2026, 12, 25)
        assert days("US", date(2026, 12, 26))["Christmas Day"] == date(2027, 12, 25)

    def test_the_days_that_are_given_at_are_among_them(self):
        assert days("US")["Mother's Day"] == date(2027, 5, 9)
        assert days("US")["Valentine's Day"] == date(2027, 2, 14)
        assert days("SE")["Christmas Eve"] == date(2026, 12, 24)

    def test_names_are_english_where_the_country_has_any(self):
        assert days("DE")["Second Day of Christmas"] == date(2026, 12, 26)

    def test_a_holiday_of_the_weekend_stays_on_its_own_day(self):
        christmas = {
            name: day for name, day in days("US", date(2027, 7, 1)).items() if "Chri" in name
        }
        assert christmas == {
            "Christmas Eve": date(2027, 12, 24),
            "Christmas Day": date(2027, 12, 25),
        }

    @pytest.mark.parametrize("country", ["US", "GB", "CN", "AZ", "BY", "AF", "AM", "EG", "JP"])
    def test_a_name_is_no_working_day_moved_and_fits_where_it_is_kept(self, country):
        names = [holiday.name for holiday in coming(country, today=TODAY)]
        assert names
        assert len(names) == len(set(names))
        longest = Occasion._meta.get_field("holiday").max_length or 0
        assert all(0 < len(name) <= longest for name in names)
        marks = ("substituted", "observed", "estimated")
        assert [name for name in names for mark in marks if mark in name] == []


class TestDays:
    @pytest.mark.parametrize(
        ("country", "name", "expected"),
        [
            ("US", "Easter Sunday", [date(2026, 4, 5), date(2027, 3, 28), date(2028, 4, 16)]),
            (
                "US",
                "Thanksgiving Day",
                [date(2026, 11, 26), date(2027, 11, 25), date(2028, 11, 23)],
            ),
            ("DE", "Easter Monday", [date(2026, 4, 6), date(2027, 3, 29), date(2028, 4, 17)]),
            ("US", "Mother's Day", [date(2026, 5, 10), date(2027, 5, 9), date(2028, 5, 14)]),
        ],
    )
    def test_a_movable_feast_has_its_own_day_each_year(self, country, name, expected):
        found = [day_of(country, name, near=date(year, 5, 1)) for year in (2026, 2027, 2028)]
        assert found == expected

    def test_of_two_that_have_one_name_it_is_the_one_nearby(self):
        assert day_of("HU", "National Day", near=date(2027, 3, 15)) == date(2027, 3, 15)
        assert day_of("HU", "National Day", near=date(2027, 10, 23)) == date(2027, 10, 23)

    def test_of_several_days_in_a_row_it_is_the_first(self):
        assert day_of("CN", "Chinese New Year (Spring Festival)", near=date(2027, 2, 17)) == date(
            2027, 2, 6
        )

    def test_a_day_that_was_only_estimated_has_the_same_name_when_it_is_sure(self):
        years = (2024, 2026, 2028)
        found = [day_of("AF", "Eid al-Fitr", near=date(year, 3, 1)) for year in years]
        assert found == [date(2024, 4, 10), date(2026, 3, 20), date(2028, 2, 26)]

    def test_a_name_that_is_too_long_to_keep_is_found_by_what_is_kept(self):
        names = [name for name in days("BY") if name.startswith("Day of the National Coat of Arms")]
        assert [day_of("BY", name, near=date(2027, 5, 1)) for name in names] == [date(2027, 5, 9)]

    def test_what_is_no_holiday_has_no_day(self):
        assert day_of("US", "Naptime", near=TODAY) is None
        assert day_of("US", "", near=TODAY) is None

    @pytest.mark.parametrize("country", ["", "XX"])
    def test_a_country_that_is_not_known_has_none_either(self, country):
        assert day_of(country, "Christmas Day", near=TODAY) is None

    def test_a_year_is_read_once(self):
        calendars._of_year.cache_clear()
        for _ in range(3):
            day_of("US", "Christmas Day", near=TODAY)
        assert calendars._of_year.cache_info().misses == 1
