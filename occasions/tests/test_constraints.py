"""Constraints: what must hold of occasions, cards and gifts is kept whoever writes."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from occasions.models import Gift, Occasion, PersonOccasion
from occasions.models.gift import MAX_QUANTITY
from occasions.tests.factories import (
    CHRISTMAS,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)

pytestmark = pytest.mark.django_db

LARGEST = Decimal("99999999.99")
OUT_OF_RANGE = [Decimal("-0.01"), Decimal("-0.000001"), LARGEST + Decimal("0.01"), Decimal(10) ** 8]
IN_RANGE = [None, Decimal(0), Decimal("0.01"), LARGEST]


def refused(write, **values) -> bool:
    """Tell whether the database refuses the write by an integrity error."""
    try:
        with transaction.atomic():
            write(**values)
    except IntegrityError:
        return True
    return False


def said(row) -> list[str]:
    """Return what a form would say of a row."""
    try:
        row.full_clean()
    except ValidationError as refusal:
        return refusal.messages
    return []


class TestBudgets:
    @pytest.mark.parametrize("field", ["recipient_budget", "purchaser_budget"])
    @pytest.mark.parametrize("amount", OUT_OF_RANGE)
    def test_a_budget_out_of_range_is_refused_and_the_old_one_kept(self, field, amount):
        card = CardFactory(**{field: Decimal(200)})
        assert refused(PersonOccasion.objects.update, **{field: amount})
        card.refresh_from_db()
        assert getattr(card, field) == 200
        setattr(card, field, amount)
        assert said(card) == ["A budget is from 0 to 99,999,999.99."]

    @pytest.mark.parametrize("field", ["recipient_budget", "purchaser_budget"])
    @pytest.mark.parametrize("amount", IN_RANGE)
    def test_nothing_zero_and_the_largest_amount_are_budgets(self, field, amount):
        card = CardFactory()
        PersonOccasion.objects.update(**{field: amount})
        card.refresh_from_db()
        assert getattr(card, field) == amount
        assert said(card) == []

    @pytest.mark.parametrize("amount", OUT_OF_RANGE)
    def test_the_occasions_own_is_in_the_same_range(self, amount):
        occasion = OccasionFactory(budget_total=Decimal(500))
        assert refused(Occasion.objects.update, budget_total=amount)
        occasion.budget_total = amount
        assert said(occasion) == ["A budget is from 0 to 99,999,999.99."]

    def test_who_has_a_budget_for_gifts_receives(self):
        card = CardFactory(recipient_budget=Decimal(0))
        assert refused(PersonOccasion.objects.update, receives=False)
        card.receives = False
        assert said(card) == ["Who has a budget for gifts to them gets gifts here."]

    def test_who_only_buys_may_have_a_budget_for_that(self):
        card = CardFactory(receives=False, purchaser_budget=Decimal(5))
        assert said(card) == []


class TestLinks:
    def test_somebody_is_on_a_list_once(self):
        card = CardFactory()
        assert refused(CardFactory, person=card.person, occasion=card.occasion)
        again = PersonOccasion(person=card.person, occasion=card.occasion)
        assert said(again) == ["They are on this list already."]

    def test_the_same_person_is_on_many_lists_and_a_list_has_many_people(self):
        card = CardFactory()
        CardFactory(person=card.person)
        CardFactory(occasion=card.occasion)
        assert PersonOccasion.objects.count() == 3

    def test_who_receives_stands_first_and_then_it_is_by_name(self):
        occasion = OccasionFactory()
        for name, receives in (("Dad", False), ("Sis", True), ("Ann", True), ("Bob", False)):
            CardFactory(occasion=occasion, person__name=name, receives=receives)
        names = [card.person.name for card in occasion.links.all()]
        assert names == ["Ann", "Sis", "Bob", "Dad"]


class TestOccasions:
    def test_somebodys_birthday_is_once_a_day(self):
        mom = PersonFactory()
        OccasionFactory(kind="birthday", celebrates=mom)
        assert refused(OccasionFactory, kind="birthday", celebrates=mom)
        assert not refused(OccasionFactory, kind="anniversary", celebrates=mom)
        assert not refused(OccasionFactory, kind="birthday", celebrates=PersonFactory())

    def test_occasions_of_nobody_may_fall_on_one_day(self):
        OccasionFactory()
        assert not refused(OccasionFactory)

    @pytest.mark.parametrize("kind", ["holiday", "other"])
    def test_only_a_birthday_or_an_anniversary_is_somebodys(self, kind):
        assert refused(OccasionFactory, kind=kind, celebrates=PersonFactory())
        occasion = OccasionFactory.build(kind=kind, celebrates=PersonFactory())
        assert said(occasion) == ["Only a birthday or an anniversary is somebody’s."]

    def test_a_year_has_one_next_year(self):
        last = OccasionFactory(date=CHRISTMAS.replace(year=2025))
        OccasionFactory(previous=last)
        assert refused(OccasionFactory, previous=last)

    def test_the_past_is_told_by_the_date_alone(self):
        yesterday, today, tomorrow = (
            OccasionFactory(date=TODAY.replace(day=TODAY.day + days)) for days in (-1, 0, 1)
        )
        assert list(Occasion.objects.past(TODAY)) == [yesterday]
        assert list(Occasion.objects.upcoming(TODAY)) == [today, tomorrow]
        assert [one.is_past(TODAY) for one in (yesterday, today, tomorrow)] == [True, False, False]

    def test_what_is_over_stands_latest_first(self):
        old, new = (OccasionFactory(date=CHRISTMAS.replace(year=year)) for year in (2020, 2024))
        assert list(Occasion.objects.past(TODAY)) == [new, old]

    def test_an_occasion_is_told_by_its_name_and_day(self):
        assert str(OccasionFactory(name="Christmas")) == "Christmas, 2026-12-25"

    @pytest.mark.parametrize(
        ("kind", "since", "years"),
        [
            ("birthday", CHRISTMAS.replace(year=1960), 66),
            ("anniversary", CHRISTMAS.replace(year=2016), 10),
            ("birthday", None, None),
            ("birthday", CHRISTMAS, None),
        ],
    )
    def test_it_tells_how_old_somebody_turns_when_that_is_known(self, kind, since, years):
        mom = PersonFactory()
        assert OccasionFactory.build(kind=kind, since=since, celebrates=mom).years == years

    @pytest.mark.parametrize(
        ("kind", "years"), [("birthday", None), ("holiday", None), ("anniversary", 10)]
    )
    def test_of_nobody_only_an_anniversary_is_counted(self, kind, years):
        since = CHRISTMAS.replace(year=2016)
        assert OccasionFactory.build(kind=kind, since=since).years == years


class TestGifts:
    @pytest.mark.parametrize("field", ["price", "paid_price"])
    @pytest.mark.parametrize("amount", OUT_OF_RANGE)
    def test_a_price_out_of_range_is_refused(self, field, amount):
        gift = make_gift(OccasionFactory(), PersonFactory())
        assert refused(Gift.objects.update, **{field: amount})
        setattr(gift, field, amount)
        assert said(gift) == ["A price is from 0 to 99,999,999.99."]

    @pytest.mark.parametrize("field", ["price", "paid_price"])
    @pytest.mark.parametrize("amount", IN_RANGE)
    def test_nothing_zero_and_the_largest_amount_are_prices(self, field, amount):
        make_gift(OccasionFactory(), PersonFactory())
        Gift.objects.update(**{field: amount})
        assert getattr(Gift.objects.get(), field) == amount

    @pytest.mark.parametrize("quantity", [0, MAX_QUANTITY + 1])
    def test_a_quantity_out_of_range_is_refused(self, quantity):
        gift = make_gift(OccasionFactory(), PersonFactory())
        assert refused(Gift.objects.update, quantity=quantity)
        gift.quantity = quantity
        assert "The quantity is from 1 to 9,999." in said(gift)

    @pytest.mark.parametrize("quantity", [1, MAX_QUANTITY])
    def test_the_ends_of_the_range_are_quantities(self, quantity):
        make_gift(OccasionFactory(), PersonFactory(), quantity=quantity)
        assert Gift.objects.get().quantity == quantity

    @pytest.mark.parametrize(
        ("status", "bought_on"),
        [("purchased", None), ("received", None), ("idea", TODAY), ("selected", TODAY)],
    )
    def test_a_gift_has_the_day_it_was_bought_exactly_when_it_is_bought(self, status, bought_on):
        gift = make_gift(OccasionFactory(), PersonFactory())
        assert refused(Gift.objects.update, status=status, bought_on=bought_on)
        gift.status, gift.bought_on = status, bought_on
        assert said(gift) == ["A gift has the day it was bought when it is bought."]

    def test_a_gift_has_one_of_four_states(self):
        gift = make_gift(OccasionFactory(), PersonFactory())
        assert refused(Gift.objects.update, status="wrapped")
        gift.status = "wrapped"
        assert "Value 'wrapped' is not a valid choice." in said(gift)

    def test_gifts_stand_by_priority_and_then_by_title(self):
        occasion, mom = OccasionFactory(), PersonFactory()
        for title, priority in (("b", 2), ("c", 1), ("a", 2), ("d", 3)):
            make_gift(occasion, mom, title=title, priority=priority)
        assert [str(gift) for gift in occasion.gifts.all()] == ["c", "a", "b", "d"]

    def test_a_gift_goes_with_its_occasion(self):
        gift = make_gift(OccasionFactory(), PersonFactory())
        gift.occasion.delete()
        assert not Gift.objects.exists()
