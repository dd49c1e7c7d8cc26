"""Filling many budgets at once: last year's, equal shares of the total, one amount for all."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from occasions import planning
from occasions.models import Occasion, PersonOccasion, Role
from occasions.tests.factories import CHRISTMAS, CardFactory, OccasionFactory, stored
from people.models import Person

pytestmark = pytest.mark.django_db


def put(occasion: Occasion, name: str | Person, r=None, u=None, **values) -> PersonOccasion:
    who = {"person__name": name} if isinstance(name, str) else {"person": name}
    budgets = {
        "recipient_budget": None if r is None else Decimal(r),
        "purchaser_budget": None if u is None else Decimal(u),
    }
    return CardFactory(occasion=occasion, **who, **budgets, **values)


def cards_of(occasion: Occasion) -> list[PersonOccasion]:
    return list(occasion.links.order_by("pk"))


class TestLastYears:
    @pytest.fixture
    def last(self) -> Occasion:
        return OccasionFactory(date=CHRISTMAS.replace(year=2025), budget_total=Decimal(1000))

    @pytest.fixture
    def this(self, last: Occasion) -> Occasion:
        return OccasionFactory(previous=last)

    def copy(self, occasion: Occasion, cards: list[PersonOccasion] | None = None) -> int:
        cards = cards_of(occasion) if cards is None else cards
        budgets = [(card, role) for card in cards for role in Role]
        return planning.copy_last_year(occasion=occasion, budgets=budgets)

    def test_fill_what_is_empty(self, last, this):
        mom = put(last, "Mom", r=200, u=50)
        dad = put(last, "Dad", u=100)
        now_mom, now_dad = put(this, mom.person), put(this, dad.person)
        assert self.copy(this) == 4
        assert (stored(now_mom), stored(now_dad)) == ((200, 50), (None, 100))
        this.refresh_from_db()
        assert this.budget_total == 1000

    def test_leave_what_is_set_even_to_zero(self, last, this):
        mom = put(last, "Mom", r=200, u=50)
        now = put(this, mom.person, r=0, u=75)
        Occasion.objects.filter(pk=this.pk).update(budget_total=0)
        this.refresh_from_db()
        assert self.copy(this) == 0
        assert stored(now) == (0, 75)
        this.refresh_from_db()
        assert this.budget_total == 0

    def test_copy_a_zero_as_a_zero(self, last, this):
        now = put(this, put(last, "Mom", r=0).person)
        self.copy(this)
        assert stored(now) == (0, None)

    def test_leave_who_is_new_and_do_not_bring_back_who_is_gone(self, last, this):
        put(last, "Mom", r=200)
        sis = put(this, "Sis")
        assert self.copy(this) == 1
        assert stored(sis) == (None, None)
        assert [card.person.name for card in this.links.all()] == ["Sis"]

    def test_leave_the_cards_that_are_not_told(self, last, this):
        mom, dad = put(last, "Mom", r=200), put(last, "Dad", r=100)
        now_mom, now_dad = put(this, mom.person), put(this, dad.person)
        assert self.copy(this, [now_mom]) == 2
        assert (stored(now_mom), stored(now_dad)) == ((200, None), (None, None))

    def test_leave_what_somebody_filled_after_the_page_was_read(self, last, this):
        mom = put(last, "Mom", r=200, u=50)
        put(this, mom.person)
        read = cards_of(this)
        PersonOccasion.objects.filter(occasion=this).update(recipient_budget=Decimal(33))
        assert self.copy(this, read) == 2
        assert stored(read[0]) == (33, 50)

    def test_again_fill_nothing(self, last, this):
        put(this, put(last, "Mom", r=200, u=50).person)
        assert self.copy(this) == 3
        this.refresh_from_db()
        assert self.copy(this) == 0

    def test_make_somebody_receive_whose_budget_says_so(self, last, this):
        now = put(this, put(last, "Mom", r=200).person, receives=False)
        self.copy(this)
        now.refresh_from_db()
        assert (now.receives, now.recipient_budget) == (True, 200)

    def test_are_not_there_in_the_first_year(self, last):
        mom = put(last, "Mom")
        assert self.copy(last) == 0
        assert stored(mom) == (None, None)

    def test_are_copied_as_they_are_whatever_the_currency_is_now(self, last, this, settings):
        now = put(this, put(last, "Mom", r="10.50").person)
        settings.CURRENCY = "JPY"
        self.copy(this)
        assert stored(now) == (Decimal("10.50"), None)


class TestEqualShares:
    def test_add_up_to_the_total_and_the_first_get_the_coins_left_over(self):
        occasion = OccasionFactory(budget_total=Decimal(100))
        cards = [put(occasion, name) for name in ("Mom", "Dad", "Sis")]
        changed = planning.split_equally(occasion=occasion, cards=cards)
        assert changed == cards
        assert [stored(card)[0] for card in cards] == [
            Decimal("33.34"),
            Decimal("33.33"),
            Decimal("33.33"),
        ]

    def test_are_for_those_who_receive(self):
        occasion = OccasionFactory(budget_total=Decimal(100))
        mom, dad = put(occasion, "Mom"), put(occasion, "Dad", u=40, receives=False)
        planning.split_equally(occasion=occasion, cards=[mom, dad])
        assert (stored(mom), stored(dad)) == ((100, None), (None, 40))

    def test_replace_what_was_there_and_leave_what_they_buy(self):
        occasion = OccasionFactory(budget_total=Decimal(100))
        mom, dad = put(occasion, "Mom", r=7, u=50), put(occasion, "Dad", u=0)
        planning.split_equally(occasion=occasion, cards=[mom, dad])
        assert (stored(mom), stored(dad)) == ((50, 50), (50, 0))

    def test_count_who_is_kept_but_leave_their_budget(self):
        occasion = OccasionFactory(budget_total=Decimal(90))
        mom, me, dad = put(occasion, "Mom"), put(occasion, "Me", r=7), put(occasion, "Dad")
        changed = planning.split_equally(occasion=occasion, cards=[mom, me, dad], keep=[me.pk])
        assert changed == [mom, dad]
        assert [stored(card)[0] for card in (mom, me, dad)] == [30, 7, 30]

    def test_of_zero_are_zero(self):
        occasion = OccasionFactory(budget_total=Decimal(0))
        mom = put(occasion, "Mom")
        planning.split_equally(occasion=occasion, cards=[mom])
        assert stored(mom) == (0, None)

    def test_of_nothing_are_refused(self):
        occasion = OccasionFactory()
        mom = put(occasion, "Mom", r=7)
        with pytest.raises(ValueError, match="nothing to split"):
            planning.split_equally(occasion=occasion, cards=[mom])
        assert stored(mom) == (7, None)

    def test_among_nobody_change_nothing(self):
        occasion = OccasionFactory(budget_total=Decimal(100))
        assert planning.split_equally(occasion=occasion, cards=[]) == []

    def test_are_whole_where_the_currency_has_no_coins(self, settings):
        settings.CURRENCY = "JPY"
        occasion = OccasionFactory(budget_total=Decimal(1000))
        cards = [put(occasion, name) for name in ("Mom", "Dad", "Sis")]
        planning.split_equally(occasion=occasion, cards=cards)
        assert [stored(card)[0] for card in cards] == [334, 333, 333]


class TestOneAmountForAll:
    def test_is_set_for_each_who_receives(self):
        occasion = OccasionFactory()
        mom, dad = put(occasion, "Mom", r=7, u=50), put(occasion, "Dad")
        buyer = put(occasion, "Uncle", u=40, receives=False)
        changed = planning.set_for_all(cards=[mom, dad, buyer], amount=Decimal("25.50"))
        assert changed == [mom, dad]
        assert (stored(mom), stored(dad)) == ((Decimal("25.50"), 50), (Decimal("25.50"), None))
        assert stored(buyer) == (None, 40)

    def test_leaves_the_cards_that_are_not_told_and_other_occasions(self):
        occasion = OccasionFactory()
        mom, me = put(occasion, "Mom"), put(occasion, "Me", r=7)
        birthday = put(OccasionFactory(), mom.person, r=9)
        planning.set_for_all(cards=[mom], amount=Decimal(25))
        assert (stored(me), stored(birthday)) == ((7, None), (9, None))

    def test_of_who_has_it_already_writes_nothing(self):
        occasion = OccasionFactory()
        put(occasion, "Mom", r=25)
        assert planning.set_for_all(cards=cards_of(occasion), amount=Decimal("25.00")) == []

    def test_zero_is_an_amount(self):
        mom = put(OccasionFactory(), "Mom")
        planning.set_for_all(cards=[mom], amount=Decimal(0))
        assert stored(mom) == (0, None)

    @pytest.mark.parametrize("amount", ["-0.01", "100000000", "10.005", "NaN", "1e30"])
    def test_what_nobody_can_type_is_refused_and_all_keep_theirs(self, amount):
        mom = put(OccasionFactory(), "Mom", r=7)
        with pytest.raises(ValidationError):
            planning.set_for_all(cards=[mom], amount=Decimal(amount))
        assert stored(mom) == (7, None)

    def test_who_stopped_receiving_after_the_page_was_read_receives_again(self):
        occasion = OccasionFactory()
        put(occasion, "Mom")
        read = cards_of(occasion)
        PersonOccasion.objects.update(receives=False)
        planning.set_for_all(cards=read, amount=Decimal(25))
        mom = PersonOccasion.objects.get()
        assert (mom.receives, mom.recipient_budget) == (True, 25)

    def test_what_changed_after_the_page_was_read_is_set_all_the_same(self):
        occasion = OccasionFactory()
        put(occasion, "Mom", r=25)
        read = cards_of(occasion)
        PersonOccasion.objects.update(recipient_budget=Decimal(99))
        planning.set_for_all(cards=read, amount=Decimal(25))
        assert PersonOccasion.objects.get().recipient_budget == 25

    def test_who_left_after_the_page_was_read_does_not_come_back(self):
        occasion = OccasionFactory()
        mom = put(occasion, "Mom")
        read = cards_of(occasion)
        planning.unlink(card=mom)
        planning.set_for_all(cards=read, amount=Decimal(25))
        assert not occasion.links.exists()


class TestAnySplit(TestCase):
    @settings(max_examples=25)
    @given(
        total=st.decimals(min_value=0, max_value=Decimal("99999999.99"), places=2),
        people=st.integers(min_value=1, max_value=8),
    )
    def test_adds_up_and_is_as_equal_as_coins_allow(self, total, people):
        occasion = OccasionFactory(budget_total=total)
        CardFactory.create_batch(people, occasion=occasion)
        planning.split_equally(occasion=occasion, cards=cards_of(occasion))
        parts = [card.recipient_budget for card in cards_of(occasion)]
        assert sum(parts) == total
        assert max(parts) - min(parts) <= Decimal("0.01")
