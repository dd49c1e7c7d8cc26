"""What gifts cost, how several share it, and what that does to the budgets of everybody."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.levels import Level
from occasions import cards, planning
from occasions.cards import Card
from occasions.figures import Figures, Spending, over_allocated, shares
from occasions.models import Gift, Occasion, PersonOccasion
from occasions.summaries import summarise
from occasions.tests.factories import (
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    viewer_of,
)
from occasions.wording import words
from people.models import Person
from people.tests.factories import UserFactory

Status = Gift.Status
STATUSES = list(Status)


def figures(*, budget: str | None = None, bought: str = "0", planned: str = "0") -> Figures:
    spending = Spending(bought=Decimal(bought), planned=Decimal(planned))
    return Figures(spending, None if budget is None else Decimal(budget))


def card_of(person: Person, occasion: Occasion) -> Card:
    """Return a card as somebody sees it who is nobody's person."""
    viewer = viewer_of(UserFactory())
    return next(card for card in cards.of_occasion(occasion, viewer) if card.person == person)


def received(person: Person, occasion: Occasion) -> Figures:
    found = card_of(person, occasion).received
    assert found is not None
    return found


def given_by(person: Person, occasion: Occasion) -> Figures:
    found = card_of(person, occasion).given
    assert found is not None
    return found


class TestShares:
    @pytest.mark.parametrize(
        ("cost", "recipients", "places", "parts"),
        [
            ("100.01", 2, 2, ["50.01", "50.00"]),
            ("100.00", 3, 2, ["33.34", "33.33", "33.33"]),
            ("0.01", 3, 2, ["0.01", "0.00", "0.00"]),
            ("0", 3, 2, ["0", "0", "0"]),
            ("1000", 3, 0, ["334", "333", "333"]),
            ("10.000", 3, 3, ["3.334", "3.333", "3.333"]),
            ("0.005", 2, 2, ["0.003", "0.002"]),
            ("999899999900.01", 2, 2, ["499949999950.01", "499949999950.00"]),
            ("5", 1, 2, ["5"]),
        ],
    )
    def test_are_equal_but_for_the_coins_left_over(self, cost, recipients, places, parts):
        found = shares(Decimal(cost), recipients, places=places)
        assert found == [Decimal(part) for part in parts]

    def test_of_nobody_are_none(self):
        assert shares(Decimal(5), 0, places=2) == []

    @given(
        cost=st.decimals(min_value=0, max_value=999_899_999_900, places=2),
        recipients=st.integers(min_value=1, max_value=60),
    )
    def test_always_add_up_to_the_cost_and_differ_by_at_most_one_coin(self, cost, recipients):
        parts = shares(cost, recipients, places=2)
        assert len(parts) == recipients
        assert sum(parts) == cost
        assert max(parts) - min(parts) <= Decimal("0.01")
        assert parts == sorted(parts, reverse=True)

    @given(
        cost=st.decimals(min_value=0, max_value=1000, places=6),
        recipients=st.integers(min_value=1, max_value=9),
        places=st.sampled_from([0, 2, 3]),
    )
    def test_of_a_cost_finer_than_any_coin_add_up_too(self, cost, recipients, places):
        assert sum(shares(cost, recipients, places=places)) == cost


class TestStanding:
    def test_without_a_budget_nothing_is_left_or_over(self):
        plain = figures(bought="5", planned="2")
        assert plain.standing is None
        assert (plain.percent, plain.left_percent, plain.bought_percent) == (None, None, None)
        assert plain.spending.committed == 7

    def test_zero_is_a_budget_and_not_the_lack_of_one(self):
        nothing = figures(budget="0")
        assert nothing.standing is not None
        assert nothing.standing.level is Level.GREEN
        assert not nothing.standing.is_over
        assert nothing.percent is None

    def test_a_zero_budget_is_over_by_the_first_coin_without_a_bogus_percentage(self):
        over = figures(budget="0", planned="0.01")
        assert over.standing.over_by == Decimal("0.01")
        assert over.standing.is_over
        assert over.standing.level is Level.RED
        assert (over.percent, over.planned_percent, over.left_percent) == (None, None, None)
        assert (over.bought_bar, over.planned_bar) == (0, 100)

    @pytest.mark.parametrize(
        ("planned", "level", "is_used_up", "over_by"),
        [
            ("149.99", Level.GREEN, False, "0"),
            ("150", Level.YELLOW, False, "0"),
            ("180", Level.ORANGE, False, "0"),
            ("199.99", Level.ORANGE, False, "0"),
            ("200.00", Level.RED, True, "0"),
            ("200.01", Level.RED, True, "0.01"),
        ],
    )
    def test_a_budget_of_200_has_the_levels_of_every_budget(
        self, planned, level, is_used_up, over_by
    ):
        standing = figures(budget="200", planned=planned).standing
        assert standing.level is level
        assert standing.is_used_up is is_used_up
        assert standing.over_by == Decimal(over_by)
        assert standing.is_over is (Decimal(over_by) > 0)

    def test_three_parts_that_make_the_whole_are_all_of_it(self):
        parts = sum(map(Decimal, ("33.33", "33.33", "33.34")))
        assert str(figures(budget="100.00", planned=str(parts)).percent) == "100.0"

    def test_a_part_is_never_told_as_the_whole(self):
        assert figures(budget="1000000", planned="999999.99").percent == Decimal("99.99")

    @pytest.mark.parametrize(
        ("bought", "percent"), [("40.25", "40.25"), ("40.50", "40.5"), ("40", "40.0")]
    )
    def test_a_percentage_has_a_second_decimal_only_when_it_says_something(self, bought, percent):
        assert str(figures(budget="100", bought=bought).bought_percent) == percent

    @given(
        budget=st.none() | st.decimals(min_value=0, max_value=1000, places=2),
        bought=st.decimals(min_value=0, max_value=1000, places=2),
        planned=st.decimals(min_value=0, max_value=1000, places=2),
    )
    def test_a_bar_is_never_wider_than_its_room(self, budget, bought, planned):
        drawn = Figures(Spending(bought=bought, planned=planned), budget)
        assert 0 <= drawn.bought_bar <= 100
        assert 0 <= drawn.planned_bar <= 100
        assert drawn.bought_bar + drawn.planned_bar <= Decimal("100.01")
        if drawn.standing is not None and drawn.standing.is_over:
            assert drawn.bought_bar + drawn.planned_bar >= Decimal("99.99")


class TestWords:
    @pytest.mark.parametrize(
        ("budget", "bought", "planned", "said"),
        [
            ("200", "50", "75", "Bought $50.00 of $200.00, $75.00 planned, $75.00 left"),
            ("200", "0", "0", "Bought $0.00 of $200.00, $200.00 left"),
            ("200", "200", "0", "Bought $200.00 of $200.00, nothing left"),
            (
                "200",
                "200",
                "0.01",
                "Bought $200.00 of $200.00, $0.01 planned, over by $0.01",
            ),
            ("0", "0", "0", "Bought $0.00 of $0.00, nothing left"),
            ("0", "0.01", "0", "Bought $0.01 of $0.00, over by $0.01"),
            (None, "50", "0", "Bought $50.00"),
            (None, "50", "75", "Bought $50.00, $75.00 planned"),
        ],
    )
    def test_say_what_is_bought_planned_and_left(self, budget, bought, planned, said):
        assert words(figures(budget=budget, bought=bought, planned=planned)) == said


class TestOverAllocated:
    @pytest.mark.parametrize(
        ("total", "budgets", "by"),
        [
            ("500", ["200", "150", "200"], "50"),
            ("550", ["200", "150", "200"], "0"),
            ("600", ["200", "150", "200"], "0"),
            ("500", ["500", None, "0.01"], "0.01"),
            ("0", ["0.01"], "0.01"),
            ("0", [None, "0"], "0"),
            (None, ["200"], "0"),
            ("500", [], "0"),
        ],
    )
    def test_is_what_the_budgets_are_more_than_the_total(self, total, budgets, by):
        amounts = [None if budget is None else Decimal(budget) for budget in budgets]
        whole = None if total is None else Decimal(total)
        assert over_allocated(whole, amounts) == Decimal(by)


@pytest.fixture
def occasion(db) -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom(occasion: Occasion) -> PersonOccasion:
    return CardFactory(occasion=occasion, person__name="Mom", recipient_budget=Decimal(200))


class TestOneBudgetsStory:
    """R 200, from the first plan to the last gift received."""

    def test_a_selected_gift_is_planned(self, occasion, mom):
        make_gift(occasion, mom.person, price="50.00")
        now = received(mom.person, occasion)
        assert (now.spending.bought, now.spending.planned) == (0, 50)
        assert str(now.percent) == "25.0"
        assert now.standing.remaining == 150
        assert (now.bought_bar, now.planned_bar) == (0, 25)

    def test_another_one_is_added(self, occasion, mom):
        make_gift(occasion, mom.person, price="50.00")
        make_gift(occasion, mom.person, price="75.00")
        now = received(mom.person, occasion)
        assert now.spending.planned == 125
        assert str(now.percent) == "62.5"

    @pytest.mark.parametrize("status", [Status.PURCHASED, Status.RECEIVED])
    def test_what_is_bought_moves_from_one_part_of_the_bar_to_the_other(
        self, occasion, mom, status
    ):
        first = make_gift(occasion, mom.person, price="50.00")
        make_gift(occasion, mom.person, price="75.00")
        planning.set_status(gift=first, status=status, today=TODAY)
        now = received(mom.person, occasion)
        assert (now.spending.bought, now.spending.planned) == (50, 75)
        assert (str(now.bought_percent), str(now.planned_percent)) == ("25.0", "37.5")
        assert (now.bought_bar, now.planned_bar) == (25, Decimal("37.5"))
        assert str(now.percent) == "62.5"
        assert now.standing.remaining == 75

    def test_an_idea_changes_no_percentage(self, occasion, mom):
        make_gift(occasion, mom.person, price="50.00")
        make_gift(occasion, mom.person, price="500.00", status=Status.IDEA)
        now = received(mom.person, occasion)
        assert str(now.percent) == "25.0"
        assert now.standing.remaining == 150
        assert (now.bought_bar, now.planned_bar) == (0, 25)
        assert now.spending.ideas == 500
        assert now.spending.gifts == 2

    def test_more_than_the_budget_is_over_until_the_budget_grows(self, occasion, mom):
        make_gift(occasion, mom.person, price="210.00")
        now = received(mom.person, occasion)
        assert str(now.percent) == "105.0"
        assert now.standing.over_by == 10
        assert now.standing.remaining == 0
        assert now.standing.level is Level.RED
        assert now.planned_bar == 100
        assert words(now).endswith("over by $10.00")
        PersonOccasion.objects.update(recipient_budget=Decimal(250))
        now = received(mom.person, occasion)
        assert str(now.percent) == "84.0"
        assert now.standing.level is Level.YELLOW
        assert not now.standing.is_over

    def test_all_of_it_is_used_up_and_a_coin_more_is_over(self, occasion, mom):
        gift = make_gift(occasion, mom.person, price="200.00")
        now = received(mom.person, occasion)
        assert str(now.percent) == "100.0"
        assert (now.standing.is_used_up, now.standing.is_over) == (True, False)
        planning.change_gift(
            gift=gift, values={"price": Decimal("200.01")}, recipients=None, today=TODAY
        )
        assert received(mom.person, occasion).standing.over_by == Decimal("0.01")

    def test_thirds_of_a_hundred_are_a_hundred_percent(self, occasion, mom):
        PersonOccasion.objects.update(recipient_budget=Decimal(100))
        for price in ("33.33", "33.33", "33.34"):
            make_gift(occasion, mom.person, price=price)
        now = received(mom.person, occasion)
        assert str(now.percent) == "100.0"
        assert (now.standing.is_used_up, now.standing.is_over) == (True, False)

    def test_without_a_budget_there_are_only_totals(self, occasion, mom):
        PersonOccasion.objects.update(recipient_budget=None)
        make_gift(occasion, mom.person, price="50.00")
        now = received(mom.person, occasion)
        assert now.standing is None
        assert now.spending.planned == 50


class TestCost:
    def test_is_the_price_times_the_quantity(self, occasion, mom):
        gift = make_gift(occasion, mom.person, price="20.00", quantity=3)
        assert gift.cost == 60
        assert received(mom.person, occasion).spending.planned == 60

    @pytest.mark.parametrize(
        ("status", "cost"),
        [
            (Status.IDEA, 50),
            (Status.SELECTED, 50),
            (Status.PURCHASED, 40),
            (Status.RECEIVED, 40),
        ],
    )
    def test_is_what_was_paid_once_it_is_bought(self, occasion, mom, status, cost):
        make_gift(occasion, mom.person, price="50.00", paid_price=Decimal("40.00"), status=status)
        spending = received(mom.person, occasion).spending
        assert spending.bought + spending.planned + spending.ideas == cost

    def test_is_the_price_again_when_what_was_paid_is_cleared(self, occasion, mom):
        gift = make_gift(occasion, mom.person, price="50.00", status=Status.PURCHASED)
        for paid, cost in ((Decimal("40.00"), 40), (Decimal(0), 0), (None, 50)):
            planning.change_gift(
                gift=gift, values={"paid_price": paid}, recipients=None, today=TODAY
            )
            assert received(mom.person, occasion).spending.bought == cost

    def test_follows_in_memory_what_is_stored(self, occasion, mom):
        gift = make_gift(occasion, mom.person, price="20.00")
        gift = planning.change_gift(
            gift=gift,
            values={"quantity": 3, "status": Status.PURCHASED, "paid_price": Decimal("15.50")},
            recipients=None,
            today=TODAY,
        )
        assert gift.cost == Decimal("46.50")

    def test_of_the_dearest_gift_of_all_is_exact(self, occasion, mom):
        gifts = [make_gift(occasion, mom.person, price="99999999.99") for _ in range(20)]
        assert gifts[0].cost == Decimal("99999999.99")
        assert received(mom.person, occasion).spending.planned == Decimal("1999999999.80")

    def test_of_many_pieces_is_an_amount_or_refused(self, occasion, mom):
        make_gift(occasion, mom.person, price="10000.00", quantity=9_999)
        with pytest.raises(ValidationError, match="Together that is more"):
            make_gift(occasion, mom.person, price="10001.01", quantity=9_999)
        with pytest.raises(ValidationError, match="Together that is more"):
            make_gift(occasion, mom.person, price="1", paid_price=Decimal(10_002), quantity=9_999)

    def test_of_many_small_prices_is_exact(self, occasion, mom):
        for _ in range(3):
            make_gift(occasion, mom.person, price="0.10")
        assert str(received(mom.person, occasion).spending.planned) == "0.300000"


class TestWithoutAPrice:
    @pytest.mark.parametrize("status", STATUSES)
    def test_a_gift_counts_one_and_zero_and_is_marked(self, occasion, mom, status):
        gift = make_gift(occasion, mom.person, price=None, status=status)
        spending = received(mom.person, occasion).spending
        assert (spending.gifts, spending.unpriced, spending.bought + spending.planned) == (1, 1, 0)
        assert gift.is_unpriced

    @pytest.mark.parametrize(
        ("status", "is_unpriced"), [(Status.SELECTED, True), (Status.PURCHASED, False)]
    )
    def test_what_was_paid_is_a_price_once_it_is_bought(self, occasion, mom, status, is_unpriced):
        gift = make_gift(occasion, mom.person, price=None, paid_price=Decimal(5), status=status)
        assert gift.is_unpriced is is_unpriced
        assert received(mom.person, occasion).spending.unpriced == is_unpriced
        assert Gift.objects.spending().unpriced == is_unpriced

    def test_a_price_of_zero_is_a_price(self, occasion, mom):
        assert not make_gift(occasion, mom.person, price="0").is_unpriced
        assert received(mom.person, occasion).spending.unpriced == 0


class TestSeveralRecipients:
    def test_share_the_cost_and_the_occasion_counts_it_once(self, occasion, mom):
        dad = CardFactory(occasion=occasion, person__name="Dad")
        make_gift(occasion, mom.person, dad.person, price="100.01")
        assert received(mom.person, occasion).spending.planned == Decimal("50.01")
        assert received(dad.person, occasion).spending.planned == Decimal("50.00")
        [summary] = summarise([occasion], viewer_of(UserFactory()))
        assert summary.figures.spending.planned == Decimal("100.01")
        assert summary.figures.spending.gifts == 1

    def test_their_order_does_not_change_who_gets_the_coin(self, occasion, mom):
        dad = CardFactory(occasion=occasion, person__name="Dad")
        make_gift(occasion, dad.person, mom.person, price="100.01")
        assert received(mom.person, occasion).spending.planned == Decimal("50.01")

    def test_a_gift_for_several_is_added_up_once_however_it_was_found(self, occasion, mom):
        dad = CardFactory(occasion=occasion, person__name="Dad")
        make_gift(occasion, mom.person, dad.person, price="100.01")
        found = Gift.objects.filter(recipients__in=[mom.person, dad.person])
        assert found.count() == 2
        assert found.spending().planned == Decimal("100.01")
        assert found.spending().gifts == 1
        assert found.spending_by("occasion")[occasion.pk].planned == Decimal("100.01")


class TestWhoBuys:
    @pytest.fixture
    def dad(self, occasion: Occasion) -> PersonOccasion:
        return CardFactory(occasion=occasion, person__name="Dad", purchaser_budget=Decimal(100))

    def test_what_dad_is_to_buy_is_planned_for_him_and_for_mom(self, occasion, mom, dad):
        make_gift(occasion, mom.person, price="40.25", purchaser=dad.person)
        assert given_by(dad.person, occasion).spending.planned == Decimal("40.25")
        assert received(mom.person, occasion).spending.planned == Decimal("40.25")
        assert received(dad.person, occasion).spending.planned == 0

    def test_what_he_has_bought_is_in_percent_of_his_budget(self, occasion, mom, dad):
        make_gift(
            occasion, mom.person, price="40.25", purchaser=dad.person, status=Status.PURCHASED
        )
        by_dad = given_by(dad.person, occasion)
        assert str(by_dad.bought_percent) == "40.25"
        assert by_dad.spending.planned == 0
        assert received(mom.person, occasion).spending.bought == Decimal("40.25")

    @pytest.mark.parametrize("status", [Status.SELECTED, Status.PURCHASED])
    def test_handing_it_to_sis_moves_exactly_that(self, occasion, mom, dad, status):
        sis = CardFactory(occasion=occasion, person__name="Sis")
        gift = make_gift(occasion, mom.person, price="40.25", purchaser=dad.person, status=status)
        make_gift(occasion, mom.person, price="7.00", purchaser=dad.person)
        before = given_by(dad.person, occasion).spending.committed
        planning.change_gift(
            gift=gift, values={"purchaser": sis.person}, recipients=None, today=TODAY
        )
        assert before - given_by(dad.person, occasion).spending.committed == Decimal("40.25")
        assert given_by(sis.person, occasion).spending.committed == Decimal("40.25")
        assert received(mom.person, occasion).spending.committed == Decimal("47.25")

    def test_a_gift_for_several_counts_in_full_for_who_buys_it(self, occasion, mom, dad):
        sis = CardFactory(occasion=occasion, person__name="Sis")
        make_gift(occasion, mom.person, sis.person, price="100.01", purchaser=dad.person)
        assert given_by(dad.person, occasion).spending.planned == Decimal("100.01")

    def test_a_gift_of_another_occasion_counts_there_alone(self, occasion, mom, dad):
        make_gift(OccasionFactory(), mom.person, price="9", purchaser=dad.person)
        assert received(mom.person, occasion).spending == Spending()
        assert given_by(dad.person, occasion).spending == Spending()


class TestOccasion:
    def test_bought_planned_and_left_of_a_thousand(self, occasion, mom):
        occasion.budget_total = Decimal(1000)
        make_gift(occasion, mom.person, price="450", status=Status.PURCHASED)
        make_gift(occasion, mom.person, price="300")
        [summary] = summarise([occasion], viewer_of(UserFactory()))
        assert summary.figures.standing.remaining == 250
        percents = (
            summary.figures.bought_percent,
            summary.figures.planned_percent,
            summary.figures.left_percent,
        )
        assert [str(percent) for percent in percents] == ["45.0", "30.0", "25.0"]

    def test_without_gifts_is_at_zero(self, occasion):
        [summary] = summarise([occasion], viewer_of(UserFactory()))
        assert summary.figures == Figures(Spending(), None)

    def test_no_gifts_at_all_add_up_to_zero(self, db):
        assert Gift.objects.none().spending() == Spending()
        assert Gift.objects.spending() == Spending()
        assert Gift.objects.none().spending_by("occasion") == {}


gifts = st.lists(
    st.tuples(
        st.none() | st.decimals(min_value=0, max_value=10_000, places=2),
        st.none() | st.decimals(min_value=0, max_value=10_000, places=2),
        st.integers(min_value=1, max_value=5),
        st.sampled_from(STATUSES),
        st.sets(st.integers(min_value=0, max_value=3), min_size=1),
    ),
    max_size=6,
)


class TestEveryCoinIsCountedOnce(TestCase):
    @settings(max_examples=25)
    @given(wanted=gifts)
    def test_the_cards_together_are_the_occasion(self, wanted):
        [occasion] = OccasionFactory.create_batch(1)
        people = PersonFactory.create_batch(4)
        buyer = CardFactory(occasion=occasion).person
        for price, paid, quantity, status, whom in wanted:
            planning.add_gift(
                occasion=occasion,
                recipients=[people[index] for index in whom],
                values={
                    "title": "A gift",
                    "price": price,
                    "paid_price": paid,
                    "quantity": quantity,
                    "status": status,
                    "purchaser": buyer,
                },
                today=TODAY,
            )
        viewer = viewer_of(UserFactory())
        drawn = cards.of_occasion(occasion, viewer)
        [summary] = summarise([occasion], viewer)
        whole = summary.figures.spending
        for part in ("bought", "planned", "ideas"):
            total = sum(getattr(card.received.spending, part) for card in drawn)
            assert total == getattr(whole, part)
            [by_buyer] = [card.given for card in drawn if card.person == buyer]
            assert getattr(by_buyer.spending, part) == getattr(whole, part)
        assert whole.gifts == len(wanted) == by_buyer.spending.gifts
