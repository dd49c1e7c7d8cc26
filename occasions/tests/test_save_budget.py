"""Saving one budget of a card: that field alone, only when it changed, and never over another's."""

from contextlib import nullcontext
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from occasions import planning
from occasions.models import PersonOccasion, Role
from occasions.planning import StaleBudget
from occasions.tests.factories import CardFactory, stored

pytestmark = pytest.mark.django_db

R, U = Role.RECIPIENT, Role.PURCHASER
LARGEST = Decimal("99999999.99")


@pytest.fixture
def mom() -> PersonOccasion:
    """Mom with R = 200 and U = 50."""
    return CardFactory(
        person__name="Mom", recipient_budget=Decimal(200), purchaser_budget=Decimal(50)
    )


def save(card: PersonOccasion, role: Role, amount: str | None, *, seen: str | None) -> bool:
    return planning.save_budget(
        card=card,
        role=role,
        amount=None if amount is None else Decimal(amount),
        seen=None if seen is None else Decimal(seen),
    )


class TestOneField:
    def test_one_after_the_other_both_stand(self):
        card = CardFactory()
        assert save(card, R, "200", seen=None)
        assert save(card, U, "75", seen=None)
        assert stored(card) == (200, 75)

    @pytest.mark.parametrize(
        ("role", "amount", "seen", "both"),
        [
            (R, "250", "200", (250, 50)),
            (R, None, "200", (None, 50)),
            (R, "0", "200", (0, 50)),
            (U, "75", "50", (200, 75)),
            (U, None, "50", (200, None)),
            (U, "0", "50", (200, 0)),
        ],
    )
    def test_only_that_one_is_written(self, mom, role, amount, seen, both):
        assert save(mom, role, amount, seen=seen)
        assert stored(mom) == both

    def test_cards_of_others_and_of_other_occasions_are_left_alone(self, mom):
        dad = CardFactory(occasion=mom.occasion, recipient_budget=Decimal(200))
        birthday = CardFactory(person=mom.person, recipient_budget=Decimal(200))
        save(mom, R, "250", seen="200")
        assert stored(dad) == stored(birthday) == (200, None)

    def test_zero_is_not_the_lack_of_a_limit(self):
        card = CardFactory()
        assert save(card, R, "0", seen=None)
        assert stored(card) == (0, None)
        with pytest.raises(StaleBudget):
            save(card, R, "5", seen=None)
        assert save(card, R, None, seen="0")
        assert stored(card) == (None, None)
        with pytest.raises(StaleBudget):
            save(card, R, "5", seen="0")

    def test_the_largest_amount_of_all_is_kept_to_the_last_digit(self, mom):
        assert save(mom, R, str(LARGEST), seen="200")
        assert stored(mom) == (LARGEST, 50)

    def test_a_budget_for_gifts_makes_somebody_receive_and_another_does_not(self):
        card = CardFactory(receives=False)
        save(card, U, "5", seen=None)
        card.refresh_from_db()
        assert not card.receives
        save(card, R, "0", seen=None)
        card.refresh_from_db()
        assert card.receives

    def test_a_budget_that_is_cleared_leaves_them_among_those_who_receive(self, mom):
        save(mom, R, None, seen="200")
        mom.refresh_from_db()
        assert mom.receives


class TestUnchanged:
    @pytest.mark.parametrize(
        ("role", "amount", "seen"), [(R, "200", "200"), (R, "200.00", "200"), (U, "50", "50.0000")]
    )
    def test_a_value_that_did_not_change_writes_nothing(self, mom, role, amount, seen):
        with CaptureQueriesContext(connection) as queries:
            assert not save(mom, role, amount, seen=seen)
        assert queries.captured_queries == []
        assert stored(mom) == (200, 50)

    def test_nothing_that_stays_nothing_writes_nothing(self):
        card = CardFactory()
        with CaptureQueriesContext(connection) as queries:
            assert not save(card, R, None, seen=None)
        assert queries.captured_queries == []

    def test_what_somebody_else_saved_stays_when_i_change_nothing(self, mom):
        save(mom, R, "300", seen="200")
        assert not save(mom, R, "200", seen="200")
        assert stored(mom) == (300, 50)

    def test_a_saved_value_takes_one_statement(self, mom):
        with CaptureQueriesContext(connection) as queries:
            save(mom, R, "250", seen="200")
        assert [query["sql"].split()[0] for query in queries.captured_queries] == ["UPDATE"]


class TestStale:
    def test_an_older_page_does_not_overwrite_and_is_told_what_is_there(self, mom):
        save(mom, R, "300", seen="200")
        with pytest.raises(StaleBudget) as refusal:
            save(mom, R, "250", seen="200")
        assert refusal.value.theirs == 300
        assert stored(mom) == (300, 50)

    @pytest.mark.parametrize(("amount", "theirs"), [("250", None), (None, "0"), ("0", None)])
    def test_nothing_and_zero_are_told_apart(self, mom, amount, theirs):
        save(mom, R, theirs, seen="200")
        with pytest.raises(StaleBudget) as refusal:
            save(mom, R, amount, seen="200")
        assert refusal.value.theirs == (None if theirs is None else 0)

    def test_mine_is_kept_by_saving_again_over_theirs(self, mom):
        save(mom, R, "300", seen="200")
        assert save(mom, R, "250", seen="300")
        assert stored(mom) == (250, 50)

    def test_the_same_value_from_both_is_no_conflict(self, mom):
        assert save(mom, R, "300", seen="200")
        assert not save(mom, R, "300", seen="200")
        assert stored(mom) == (300, 50)

    def test_the_other_field_of_an_older_page_is_no_conflict(self, mom):
        older = PersonOccasion.objects.get(pk=mom.pk)
        save(mom, R, "300", seen="200")
        assert save(older, U, "80", seen="50")
        assert stored(mom) == (300, 80)

    def test_the_card_in_memory_does_not_matter_but_the_value_that_was_read(self, mom):
        mom.recipient_budget = Decimal(777)
        assert save(mom, R, "250", seen="200")
        assert stored(mom) == (250, 50)

    def test_a_card_that_is_gone_is_told(self, mom):
        gone = PersonOccasion.objects.get(pk=mom.pk)
        planning.unlink(card=mom)
        with pytest.raises(PersonOccasion.DoesNotExist):
            save(gone, R, "250", seen="200")


class TestAmounts:
    @pytest.mark.parametrize("role", Role)
    @pytest.mark.parametrize(
        "amount",
        ["-0.01", "100000000", "99999999.991", "10.005", "0.000001", "1e30", "NaN", "Infinity"],
    )
    def test_what_nobody_can_type_is_refused_and_the_old_value_kept(self, mom, role, amount):
        with pytest.raises(ValidationError):
            save(mom, role, amount, seen="200" if role is R else "50")
        assert stored(mom) == (200, 50)

    def test_a_currency_without_coins_has_whole_budgets(self, mom, settings):
        settings.CURRENCY = "JPY"
        with pytest.raises(ValidationError):
            save(mom, R, "10.50", seen="200")
        assert save(mom, R, "1050", seen="200")


amounts = st.none() | st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(75), LARGEST])


class TestAnySequence(TestCase):
    @settings(max_examples=50)
    @given(steps=st.lists(st.tuples(st.sampled_from(Role), amounts, amounts), max_size=8))
    def test_a_save_writes_its_field_or_says_why_not_and_never_touches_the_other(self, steps):
        card = CardFactory()
        expected: dict[Role, Decimal | None] = dict.fromkeys(Role)
        for role, amount, seen in steps:
            is_stale = amount != seen != expected[role] != amount
            with pytest.raises(StaleBudget) if is_stale else nullcontext():
                planning.save_budget(card=card, role=role, amount=amount, seen=seen)
            if amount != seen == expected[role]:
                expected[role] = amount
            assert stored(card) == (expected[R], expected[U])
