"""What comes back every year: opened once, on its true day, with the same people and no budgets."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from occasions import planning
from occasions.calendars import Holiday, coming
from occasions.models import Occasion
from occasions.planning import roll
from occasions.tests.factories import (
    CHRISTMAS,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LAST_CHRISTMAS = CHRISTMAS.replace(year=2025)


def yearly(day: date, **values) -> Occasion:
    return OccasionFactory(date=day, repeats_yearly=True, **values)


def holiday(country: str, name: str, today: date) -> Occasion:
    [found] = [one for one in coming(country, today=today) if one.name == name]
    [added] = planning.add_holidays(country=country, holidays=[found])
    return added


def rolled(today: date = TODAY) -> Occasion:
    [opened] = roll(today=today)
    return opened


class TestRolling:
    def test_what_had_its_day_gets_its_next_year(self):
        last = yearly(LAST_CHRISTMAS, description="At Grandma’s")
        this = rolled()
        assert (this.date, this.previous, this.repeats_yearly) == (CHRISTMAS, last, True)
        assert (this.name, this.kind, this.description) == (
            last.name,
            last.kind,
            last.description,
        )
        last.refresh_from_db()
        assert last.date == LAST_CHRISTMAS

    def test_it_happens_the_day_after_and_once(self):
        yearly(TODAY)
        assert roll(today=TODAY) == []
        assert rolled(TODAY + DAY).date == date(2027, 7, 15)
        assert roll(today=TODAY + DAY) == []
        assert Occasion.objects.count() == 2

    def test_what_does_not_repeat_or_is_still_to_come_is_left_alone(self):
        OccasionFactory(date=LAST_CHRISTMAS)
        yearly(CHRISTMAS)
        assert roll(today=TODAY) == []

    def test_years_that_nobody_looked_at_are_passed_over(self):
        last = yearly(CHRISTMAS.replace(year=2019))
        this = rolled()
        assert (this.date, this.previous) == (CHRISTMAS, last)
        assert Occasion.objects.count() == 2

    def test_one_that_is_today_is_opened_for_today(self):
        yearly(TODAY.replace(year=2024))
        assert rolled().date == TODAY

    def test_the_same_people_are_on_the_list_but_without_budgets_and_gifts(self):
        last = yearly(LAST_CHRISTMAS, budget_total=Decimal(1000))
        mom = CardFactory(occasion=last, recipient_budget=Decimal(200))
        dad = CardFactory(occasion=last, receives=False, purchaser_budget=Decimal(50))
        gift = make_gift(last, mom.person, purchaser=dad.person)
        this = rolled()
        assert set(this.links.values_list("person", "receives")) == {
            (mom.person_id, True),
            (dad.person_id, False),
        }
        assert {stored(card) for card in this.links.all()} == {(None, None)}
        assert (this.budget_total, this.gifts.count()) == (None, 0)
        assert (stored(mom), stored(dad)) == ((200, None), (None, 50))
        assert list(last.gifts.all()) == [gift]

    @pytest.mark.parametrize(
        ("name", "next_name"),
        [
            ("Christmas 2025", "Christmas 2026"),
            ("2025: the family meets", "2026: the family meets"),
            ("Route 120252", "Route 120252"),
            ("Since 1999", "Since 1999"),
            ("Christmas", "Christmas"),
        ],
    )
    def test_a_year_in_the_name_moves_along(self, name, next_name):
        yearly(LAST_CHRISTMAS, name=name)
        assert rolled().name == next_name

    def test_a_year_in_the_name_moves_along_over_years_that_were_skipped(self):
        yearly(CHRISTMAS.replace(year=2019), name="Christmas 2019")
        assert rolled().name == "Christmas 2026"

    def test_29_february_is_kept_on_the_28th_and_comes_back_in_leap_years(self):
        yearly(date(2024, 2, 29))
        days = [rolled(date(year, 3, 1)).date for year in (2024, 2025, 2026, 2027)]
        assert days == [
            date(2025, 2, 28),
            date(2026, 2, 28),
            date(2027, 2, 28),
            date(2028, 2, 29),
        ]

    def test_a_year_that_was_deleted_in_between_is_not_opened_again(self):
        first = yearly(CHRISTMAS.replace(year=2023))
        middle = rolled(date(2024, 1, 1))
        latest = rolled(date(2025, 1, 1))
        planning.delete_occasion(occasion=middle)
        latest.refresh_from_db()
        assert latest.previous == first
        assert roll(today=TODAY.replace(year=2025)) == []
        assert rolled(date(2026, 1, 1)).previous == latest

    def test_the_latest_year_takes_the_coming_back_with_it(self):
        yearly(LAST_CHRISTMAS)
        planning.delete_occasion(occasion=rolled())
        assert roll(today=TODAY) == []
        assert not Occasion.objects.get().repeats_yearly

    def test_the_first_year_goes_alone(self):
        first = yearly(LAST_CHRISTMAS)
        this = rolled()
        planning.delete_occasion(occasion=first)
        this.refresh_from_db()
        assert (this.previous, this.repeats_yearly) == (None, True)
        assert roll(today=TODAY) == []
        assert rolled(CHRISTMAS + DAY).previous == this

    def test_a_deleted_year_takes_its_cards_and_gifts_and_no_others(self):
        last = yearly(LAST_CHRISTMAS)
        mom = CardFactory(occasion=last, recipient_budget=Decimal(200))
        gift = make_gift(last, mom.person)
        this = rolled()
        make_gift(this, mom.person)
        planning.delete_occasion(occasion=this)
        assert list(last.links.all()) == [mom]
        assert list(last.gifts.all()) == [gift]
        assert Occasion.objects.get() == last

    def test_one_that_cannot_be_opened_does_not_hold_the_others_back(self):
        yearly(LAST_CHRISTMAS, holiday="Christmas Day", country="XX")
        yearly(LAST_CHRISTMAS)
        assert len(roll(today=TODAY)) == 2


class TestHolidays:
    def test_easter_comes_back_on_its_true_day(self):
        easter = holiday("US", "Easter Sunday", date(2026, 1, 1))
        assert easter.date == date(2026, 4, 5)
        days = [rolled(date(year, 6, 1)).date for year in (2026, 2027, 2028)]
        assert days == [date(2027, 3, 28), date(2028, 4, 16), date(2029, 4, 1)]

    def test_thanksgiving_does_too(self):
        assert holiday("US", "Thanksgiving Day", TODAY).date == date(2026, 11, 26)
        assert rolled(date(2026, 11, 27)).date == date(2027, 11, 25)

    def test_easter_of_this_year_is_not_missed_when_the_last_one_was_earlier(self):
        yearly(date(2024, 3, 31), holiday="Easter Sunday", country="US")
        assert rolled(date(2025, 4, 10)).date == date(2025, 4, 20)

    def test_of_two_with_one_name_the_same_one_comes_back(self):
        assert holiday("HU", "National Day", TODAY).date == date(2026, 10, 23)
        assert rolled(date(2026, 10, 24)).date == date(2027, 10, 23)

    def test_one_of_several_days_comes_back_on_its_first(self):
        name = "Chinese New Year (Spring Festival)"
        assert holiday("CN", name, date(2026, 1, 1)).date == date(2026, 2, 17)
        assert rolled(date(2026, 2, 18)).date == date(2027, 2, 6)

    def test_one_that_is_no_longer_known_comes_back_on_the_same_date(self):
        yearly(LAST_CHRISTMAS, holiday="Grandma’s own day", country="US")
        assert rolled().date == CHRISTMAS

    def test_they_are_added_with_their_day_and_name(self):
        added = holiday("US", "Mother's Day", TODAY)
        added.refresh_from_db()
        assert (added.name, added.kind) == ("Mother's Day", Occasion.Kind.HOLIDAY)
        assert (added.holiday, added.country) == ("Mother's Day", "US")
        assert (added.date, added.repeats_yearly) == (date(2027, 5, 9), True)
        assert added.links.count() == 0

    def test_those_that_are_there_are_left_alone(self):
        found = [one for one in coming("US", today=TODAY) if "Christmas" in one.name]
        first = planning.add_holidays(country="US", holidays=found)
        assert [one.name for one in first] == ["Christmas Eve", "Christmas Day"]
        Occasion.objects.filter(pk=first[0].pk).update(name="Xmas", date=date(2026, 12, 23))
        assert planning.add_holidays(country="US", holidays=found) == []
        assert Occasion.objects.count() == 2

    def test_one_of_another_country_is_another(self):
        christmas = [Holiday(CHRISTMAS, "Christmas Day")]
        planning.add_holidays(country="US", holidays=christmas)
        assert len(planning.add_holidays(country="GB", holidays=christmas)) == 1

    def test_the_next_year_is_known_by_the_one_that_opens_it(self):
        yearly(LAST_CHRISTMAS, holiday="Christmas Day", country="US")
        christmas = [Holiday(CHRISTMAS, "Christmas Day")]
        assert planning.add_holidays(country="US", holidays=christmas) == []

    def test_one_that_stopped_coming_back_can_be_added_again(self):
        last = yearly(LAST_CHRISTMAS, holiday="Christmas Day", country="US")
        planning.delete_occasion(occasion=rolled())
        [again] = planning.add_holidays(
            country="US", holidays=[Holiday(CHRISTMAS, "Christmas Day")]
        )
        assert again.date == CHRISTMAS
        assert Occasion.objects.exclude(pk=again.pk).get() == last


class TestChanging:
    def test_a_new_occasion_is_stored_and_counted_from_its_day(self):
        party = planning.change_occasion(
            occasion=Occasion(), values={"name": "Party", "date": CHRISTMAS}
        )
        party.refresh_from_db()
        assert (party.name, party.date, party.since) == ("Party", CHRISTMAS, CHRISTMAS)

    def test_only_what_is_named_is_written(self):
        older = OccasionFactory(name="Christmas", budget_total=Decimal(500))
        newer = Occasion.objects.get()
        planning.change_occasion(occasion=newer, values={"budget_total": Decimal(1000)})
        planning.change_occasion(occasion=older, values={"name": "Xmas"})
        kept = Occasion.objects.get()
        assert (kept.name, kept.budget_total) == ("Xmas", 1000)

    def test_a_moved_occasion_comes_back_on_its_new_day(self):
        party = yearly(CHRISTMAS)
        planning.change_occasion(occasion=party, values={"date": date(2026, 12, 20)})
        assert rolled(date(2027, 1, 1)).date == date(2027, 12, 20)

    def test_one_that_was_not_moved_is_still_counted_from_the_first(self):
        yearly(date(2024, 2, 29), kind="anniversary")
        this = rolled(date(2026, 1, 1))
        planning.change_occasion(
            occasion=this, values={"name": "Our day", "date": date(2026, 2, 28)}
        )
        assert (this.since, this.years) == (date(2024, 2, 29), 2)
        days = [rolled(date(year, 3, 1)).date for year in (2026, 2027)]
        assert days == [date(2027, 2, 28), date(2028, 2, 29)]

    def test_a_moved_holiday_comes_back_on_its_own_day(self):
        easter = holiday("US", "Easter Sunday", date(2026, 1, 1))
        planning.change_occasion(occasion=easter, values={"date": date(2026, 4, 6)})
        assert rolled(date(2026, 4, 7)).date == date(2027, 3, 28)

    def test_a_moved_birthday_comes_back_on_the_persons_day(self):
        mom = planning.save_person(
            person=PersonFactory.build(name="Mom", birthday=date(1960, 8, 15)), today=TODAY
        )
        birthday = Occasion.objects.get(celebrates=mom)
        planning.change_occasion(occasion=birthday, values={"date": date(2026, 8, 22)})
        assert rolled(date(2026, 8, 23)).date == date(2027, 8, 15)

    @pytest.mark.parametrize(
        "values",
        [
            {"name": ""},
            {"name": "x" * 121},
            {"date": None},
            {"kind": "funeral"},
            {"budget_total": Decimal("-0.01")},
            {"budget_total": Decimal("10.005")},
            {"budget_total": Decimal("1e30")},
            {"budget_total": Decimal(10) ** 8},
        ],
    )
    def test_a_value_out_of_range_is_refused_and_the_old_one_kept(self, values):
        occasion = OccasionFactory(name="Christmas", budget_total=Decimal(500))
        with pytest.raises(ValidationError) as refusal:
            planning.change_occasion(occasion=occasion, values=values)
        assert refusal.value.messages
        occasion.refresh_from_db()
        assert (occasion.name, occasion.date, occasion.kind, occasion.budget_total) == (
            *("Christmas", CHRISTMAS),
            *("holiday", 500),
        )

    @pytest.mark.parametrize("amount", [None, Decimal(0), Decimal("99999999.99")])
    def test_nothing_zero_and_the_largest_amount_are_budgets(self, amount):
        occasion = OccasionFactory(budget_total=Decimal(500))
        planning.change_occasion(occasion=occasion, values={"budget_total": amount})
        occasion.refresh_from_db()
        assert occasion.budget_total == amount

    def test_a_birthday_of_somebody_stays_one(self):
        birthday = OccasionFactory(kind="birthday", celebrates=PersonFactory())
        with pytest.raises(ValidationError) as refusal:
            planning.change_occasion(occasion=birthday, values={"kind": "other"})
        assert refusal.value.messages == ["Only a birthday or an anniversary is somebody’s."]

    def test_two_years_of_a_birthday_cannot_be_one_day(self):
        mom = PersonFactory()
        last = OccasionFactory(kind="birthday", celebrates=mom, date=LAST_CHRISTMAS)
        this = OccasionFactory(kind="birthday", celebrates=mom, previous=last)
        with pytest.raises(ValidationError) as refusal:
            planning.change_occasion(occasion=this, values={"date": LAST_CHRISTMAS})
        assert refusal.value.messages == ["This is on the calendar already."]

    def test_an_occasion_that_is_gone_does_not_come_back(self):
        occasion = OccasionFactory()
        gone = Occasion.objects.get()
        planning.delete_occasion(occasion=occasion)
        with pytest.raises(Occasion.DoesNotExist):
            planning.change_occasion(occasion=gone, values={"name": "Xmas"})
        assert not Occasion.objects.exists()
