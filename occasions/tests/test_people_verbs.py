"""Saving people with the days that follow them, telling who is who, and deleting people."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion
from occasions.planning import roll
from occasions.tests.factories import (
    CardFactory,
    OccasionFactory,
    make_gift,
    stored,
)
from people.models import Person
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BORN = date(1960, 3, 15)
#: A day in spring, before Mom's birthday.
SPRING = date(2026, 3, 1)


def save(person: Person, today: date = SPRING, **values) -> Person:
    return planning.save_person(person=person, today=today, values=values)


def add(name: str = "Mom", today: date = SPRING, **values) -> Person:
    return save(Person(), today, name=name, **values)


def day_of(person: Person, kind: str = "birthday") -> Occasion:
    """Return the latest year of somebody's day."""
    return Occasion.objects.get(celebrates=person, kind=kind, next__isnull=True)


class TestABirthday:
    def test_makes_a_yearly_occasion_at_which_they_receive(self):
        mom = add(birthday=BORN)
        occasion = day_of(mom)
        assert (occasion.name, occasion.date) == ("Mom’s birthday", date(2026, 3, 15))
        assert (occasion.repeats_yearly, occasion.since, occasion.years) == (True, BORN, 66)
        assert list(occasion.links.values_list("person", "receives")) == [(mom.pk, True)]

    def test_that_is_over_this_year_is_next_years(self):
        assert day_of(add(birthday=BORN, today=date(2026, 3, 16))).date == date(2027, 3, 15)

    def test_of_today_is_todays(self):
        assert day_of(add(birthday=BORN, today=date(2026, 3, 15))).date == date(2026, 3, 15)

    def test_that_nobody_knows_makes_none(self):
        add()
        assert not Occasion.objects.exists()

    def test_that_becomes_known_later_makes_one_then(self):
        mom = add()
        save(mom, birthday=BORN)
        assert day_of(mom).date == date(2026, 3, 15)

    def test_that_moves_moves_the_same_occasion_with_its_budgets(self):
        mom = add(birthday=BORN)
        occasion = day_of(mom)
        card = CardFactory(
            occasion=occasion, recipient_budget=Decimal(200), purchaser_budget=Decimal(50)
        )
        Occasion.objects.update(budget_total=Decimal(500))
        gift = make_gift(occasion, mom)
        save(mom, birthday=date(1960, 3, 20))
        moved = day_of(mom)
        assert (moved, moved.date, moved.since) == (
            occasion,
            date(2026, 3, 20),
            date(1960, 3, 20),
        )
        assert (moved.budget_total, list(moved.gifts.all())) == (500, [gift])
        assert stored(card) == (200, 50)
        assert Occasion.objects.count() == 1

    def test_that_moves_across_today_moves_the_same_occasion_to_next_year(self):
        mom = add(birthday=BORN)
        occasion = day_of(mom)
        CardFactory(occasion=occasion, recipient_budget=Decimal(200))
        save(mom, today=date(2026, 3, 10), birthday=date(1960, 3, 5))
        assert (day_of(mom), day_of(mom).date) == (occasion, date(2027, 3, 5))
        assert occasion.links.filter(recipient_budget=200).exists()
        save(mom, today=date(2026, 3, 10), birthday=BORN)
        assert (day_of(mom), day_of(mom).date) == (occasion, date(2026, 3, 15))

    def test_whose_year_alone_was_wrong_stays_on_its_day(self):
        mom = add(birthday=BORN)
        save(mom, birthday=date(1961, 3, 15))
        assert (day_of(mom).date, day_of(mom).years) == (date(2026, 3, 15), 65)

    def test_that_was_moved_by_hand_stays_there_when_the_person_is_saved(self):
        mom = add(birthday=BORN)
        planning.change_occasion(occasion=day_of(mom), values={"date": date(2026, 3, 21)})
        save(mom, interests="Tea")
        assert day_of(mom).date == date(2026, 3, 21)

    def test_that_was_deleted_stays_away_when_the_person_is_saved(self):
        mom = add(birthday=BORN)
        planning.delete_occasion(occasion=day_of(mom))
        save(mom, interests="Tea", birthday=BORN)
        assert not Occasion.objects.exists()
        save(mom, birthday=date(1960, 3, 20))
        assert day_of(mom).date == date(2026, 3, 20)

    def test_that_is_taken_away_leaves_the_occasion_which_comes_back_no_more(self):
        mom = add(birthday=BORN)
        occasion = day_of(mom)
        save(mom, birthday=None)
        occasion.refresh_from_db()
        assert (occasion.date, occasion.repeats_yearly) == (date(2026, 3, 15), False)
        assert roll(today=date(2026, 4, 1)) == []

    def test_that_is_known_again_comes_back_with_the_same_occasion(self):
        mom = add(birthday=BORN)
        occasion = day_of(mom)
        save(mom, birthday=None)
        save(mom, birthday=BORN)
        assert day_of(mom) == occasion
        assert day_of(mom).repeats_yearly

    def test_that_changes_after_its_day_leaves_the_past_and_sets_the_next(self):
        mom = add(birthday=BORN)
        past = day_of(mom)
        save(mom, today=date(2026, 3, 16), birthday=date(1960, 7, 1))
        past.refresh_from_db()
        assert past.date == date(2026, 3, 15)
        [coming] = roll(today=date(2026, 3, 16))
        assert (coming.date, coming.previous) == (date(2026, 7, 1), past)

    def test_of_past_years_stays_where_it_was(self):
        mom = add(birthday=BORN)
        past = day_of(mom)
        roll(today=date(2026, 3, 16))
        save(mom, today=date(2026, 3, 16), name="Mother", birthday=date(1960, 5, 1))
        past.refresh_from_db()
        assert (past.name, past.date) == ("Mom’s birthday", date(2026, 3, 15))
        assert (day_of(mom).name, day_of(mom).date) == ("Mother’s birthday", date(2026, 5, 1))

    def test_never_falls_on_the_day_of_the_year_before(self):
        mom = add(birthday=date(1960, 3, 14))
        [coming] = roll(today=date(2026, 3, 15))
        # Further west it is still the 14th.
        save(mom, today=date(2026, 3, 14), birthday=date(1960, 3, 20))
        save(mom, today=date(2026, 3, 14), birthday=date(1960, 3, 14))
        assert (day_of(mom), day_of(mom).date) == (coming, date(2027, 3, 14))

    @pytest.mark.parametrize(
        ("today", "day"),
        [
            (date(2026, 1, 1), date(2026, 2, 28)),
            (date(2026, 3, 1), date(2027, 2, 28)),
            (date(2028, 1, 1), date(2028, 2, 29)),
            (date(2028, 2, 29), date(2028, 2, 29)),
            (date(2028, 3, 1), date(2029, 2, 28)),
        ],
    )
    def test_on_29_february_has_a_valid_day_in_every_year(self, today, day):
        leap = add(birthday=date(2000, 2, 29), today=today)
        assert (day_of(leap).date, day_of(leap).years) == (day, day.year - 2000)

    def test_on_29_february_comes_back_on_the_29th_in_leap_years(self):
        add(birthday=date(2000, 2, 29))
        days = []
        for year in (2027, 2028, 2029):
            days += [one.date for one in roll(today=date(year, 3, 1))]
        assert days == [date(2028, 2, 29), date(2029, 2, 28), date(2030, 2, 28)]


class TestAnAnniversary:
    def test_makes_and_follows_an_occasion_of_its_own(self):
        mom = add(birthday=BORN, anniversary=date(1990, 6, 1))
        wedding = day_of(mom, "anniversary")
        assert (wedding.name, wedding.date) == ("Mom’s anniversary", date(2026, 6, 1))
        assert wedding.years == 36
        save(mom, anniversary=date(1990, 6, 2))
        wedding.refresh_from_db()
        assert wedding.date == date(2026, 6, 2)
        assert day_of(mom).date == date(2026, 3, 15)

    def test_that_is_still_to_come_is_not_before_it(self):
        ann = add(anniversary=date(2027, 6, 1))
        assert day_of(ann, "anniversary").date == date(2027, 6, 1)


class TestARename:
    def test_is_followed_by_both_days(self):
        mom = add(birthday=BORN, anniversary=date(1990, 6, 1))
        save(mom, name="Mother")
        assert set(Occasion.objects.values_list("name", flat=True)) == {
            "Mother’s birthday",
            "Mother’s anniversary",
        }

    def test_leaves_a_name_that_somebody_gave(self):
        mom = add(birthday=BORN)
        planning.change_occasion(occasion=day_of(mom), values={"name": "Big party"})
        save(mom, name="Mother")
        assert day_of(mom).name == "Big party"

    def test_of_the_longest_name_fits(self):
        mom = add(name="x" * 120, birthday=BORN)
        assert day_of(mom).name == "x" * 120
        save(mom, name="y" * 120)
        assert day_of(mom).name == "y" * 120


class TestSaving:
    def test_only_what_is_named_is_set(self):
        mom = add(interests="Tea", sizes="M")
        older = Person.objects.get()
        save(mom, sizes="L")
        save(older, interests="Coffee")
        kept = Person.objects.get()
        assert (kept.name, kept.interests, kept.sizes) == ("Mom", "Coffee", "L")

    @pytest.mark.parametrize("values", [{"name": ""}, {"relationship": "pet"}])
    def test_a_value_out_of_range_is_refused(self, values):
        mom = add(birthday=BORN)
        with pytest.raises(ValidationError):
            save(mom, **values)
        assert Person.objects.get().name == "Mom"

    def test_somebody_who_is_gone_does_not_come_back(self):
        mom = add()
        gone = Person.objects.get()
        planning.delete_person(person=mom)
        with pytest.raises(Person.DoesNotExist):
            save(gone, interests="Tea")
        assert not Person.objects.exists()

    def test_a_member_is_one_person(self):
        user = UserFactory()
        add(name="Ann", user=user)
        with pytest.raises(ValidationError) as refusal:
            add(name="Ann again", user=user)
        assert list(refusal.value.message_dict) == ["user"]


class TestTellingWhoOneIs:
    def test_makes_a_person_a_member(self):
        ann, user = add(name="Ann"), UserFactory()
        assert planning.claim_person(person=ann, user=user)
        ann.refresh_from_db()
        assert ann.user == user

    def test_takes_nobody_elses_person(self):
        user = UserFactory()
        ann = add(name="Ann", user=user)
        assert not planning.claim_person(person=ann, user=UserFactory())
        ann.refresh_from_db()
        assert ann.user == user

    def test_makes_a_member_one_person(self):
        user = UserFactory()
        add(name="Ann", user=user)
        bob = add(name="Bob")
        assert not planning.claim_person(person=bob, user=user)
        bob.refresh_from_db()
        assert bob.user is None


class TestDeleting:
    @pytest.fixture
    def mom(self) -> Person:
        return add(birthday=BORN)

    @pytest.fixture
    def dad(self) -> Person:
        return add(name="Dad")

    def test_takes_their_cards_and_leaves_those_of_others(self, mom, dad):
        christmas = OccasionFactory()
        CardFactory(occasion=christmas, person=mom, recipient_budget=Decimal(200))
        kept = CardFactory(occasion=christmas, person=dad, recipient_budget=Decimal(100))
        planning.delete_person(person=mom)
        assert list(PersonOccasion.objects.all()) == [kept]
        assert stored(kept) == (100, None)
        assert list(Person.objects.all()) == [dad]

    def test_takes_the_gifts_for_them_alone_and_shares_the_others(self, mom, dad):
        christmas = OccasionFactory()
        make_gift(christmas, mom, title="For Mom")
        make_gift(christmas, dad, title="For Dad")
        shared = make_gift(christmas, mom, dad, title="For both")
        planning.delete_person(person=mom)
        assert {gift.title for gift in Gift.objects.all()} == {"For Dad", "For both"}
        assert list(shared.recipients.all()) == [dad]

    def test_leaves_what_they_were_to_buy_with_nobody(self, mom, dad):
        gift = make_gift(OccasionFactory(), dad, purchaser=mom)
        planning.delete_person(person=mom)
        gift.refresh_from_db()
        assert gift.purchaser is None

    def test_takes_every_year_of_their_birthday(self, mom):
        roll(today=date(2026, 3, 16))
        assert Occasion.objects.count() == 2
        planning.delete_person(person=mom)
        assert not Occasion.objects.exists()
        assert roll(today=date(2030, 1, 1)) == []

    def test_leaves_a_birthday_at_which_others_receive_as_a_day_like_any_other(self, mom, dad):
        birthday = day_of(mom)
        gift = make_gift(birthday, dad)
        planning.delete_person(person=mom)
        birthday.refresh_from_db()
        assert (birthday.celebrates, birthday.repeats_yearly) == (None, False)
        assert list(birthday.gifts.all()) == [gift]
        assert [card.person for card in birthday.links.all()] == [dad]
        assert roll(today=date(2030, 1, 1)) == []

    def test_leaves_a_birthday_at_which_others_receive_without_having_anything_yet(self, mom, dad):
        birthday = day_of(mom)
        CardFactory(occasion=birthday, person=dad, recipient_budget=Decimal(30))
        planning.delete_person(person=mom)
        birthday.refresh_from_db()
        assert [stored(card) for card in birthday.links.all()] == [(30, None)]

    def test_leaves_a_birthday_with_a_gift_for_somebody_who_is_not_looked_after(self, mom, dad):
        birthday = day_of(mom)
        gift = make_gift(birthday, dad)
        birthday.links.filter(person=dad).update(receives=False)
        planning.delete_person(person=mom)
        assert list(Gift.objects.all()) == [gift]

    def test_takes_a_birthday_at_which_others_only_buy(self, mom, dad):
        CardFactory(occasion=day_of(mom), person=dad, receives=False)
        make_gift(day_of(mom), mom, purchaser=dad)
        planning.delete_person(person=mom)
        assert not Occasion.objects.exists()
        assert Person.objects.get() == dad

    def test_leaves_the_member_who_can_still_sign_in(self):
        user = UserFactory()
        planning.delete_person(person=add(name="Ann", user=user))
        user.refresh_from_db()
        assert user.is_active


def test_somebody_from_the_east_may_be_a_day_ahead():
    """The day is that of whoever saves: each date is counted from it alone."""
    east, west = date(2026, 3, 16), date(2026, 3, 15)
    assert day_of(add(name="East", birthday=BORN, today=east)).date == date(2027, 3, 15)
    assert day_of(add(name="West", birthday=BORN, today=west)).date == date(2026, 3, 15)
