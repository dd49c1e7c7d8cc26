"""A gift and what was bought for it agree to the cent."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from budgets.ledger import OverBudget
from budgets.tests.factories import make_budget
from occasions import planning
from occasions.models import Gift
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Purchase
from purchases.tests.factories import NOW, TODAY, buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def dad():
    return PersonFactory(name="Dad", user=make_budget(limit=Decimal(500)).user)


@pytest.fixture
def gift():
    mom = PersonFactory(name="Mom")
    return make_gift(OccasionFactory(), mom, title="Cups", price="30.00", quantity=3)


def change(purchase, **values):
    stored = Purchase.objects.get(pk=purchase.pk)
    return keeping.change(
        purchase=stored, values=values, version=stored.version, by=stored.owner, now=NOW
    )


def cost(gift):
    gift.refresh_from_db()
    return gift.status, gift.cost


def test_buying_marks_the_gift_and_fills_what_was_paid(dad, gift):
    buy(dad.user, "100.00", gift=gift, quantity=3)
    gift.refresh_from_db()
    assert (gift.status, gift.bought_on, gift.purchaser) == ("purchased", TODAY, dad)
    assert (gift.paid_total, gift.paid_price, gift.cost) == (100, Decimal("33.33"), 100)


def test_the_price_of_one_piece_follows_the_quantity(dad, gift):
    Gift.objects.update(quantity=1)
    buy(dad.user, "100.00", gift=gift)
    changed = planning.change_gift(gift=gift, values={"quantity": 4}, recipients=None, today=TODAY)
    changed.refresh_from_db()
    assert (changed.paid_price, changed.cost) == (Decimal(25), Decimal(100))


@pytest.mark.parametrize("paid", ["60000000.00", "99999999.99"])
def test_more_pieces_for_the_same_money_cost_no_more(gift, paid):
    Gift.objects.update(quantity=1)
    buy(UserFactory(administrator=True), paid, gift=gift)
    for quantity in (2, 4):
        values = {"quantity": quantity}
        planning.change_gift(gift=gift, values=values, recipients=None, today=TODAY)
    assert cost(gift) == ("purchased", Decimal(paid))


def test_a_price_of_one_piece_that_is_typed_counts_for_nothing(dad, gift):
    buy(dad.user, "100.00", gift=gift)
    values = {"paid_price": Decimal(12)}
    planning.change_gift(gift=gift, values=values, recipients=None, today=TODAY)
    gift.refresh_from_db()
    assert (gift.paid_price, gift.cost) == (Decimal("33.33"), 100)


def test_who_bought_it_counts_whoever_was_to_buy_it(dad, gift):
    Gift.objects.update(purchaser=PersonFactory(name="Leo"))
    buy(dad.user, gift=gift)
    gift.refresh_from_db()
    assert gift.purchaser == dad


def test_who_is_no_person_leaves_who_was_to_buy_it(gift):
    Gift.objects.update(purchaser=PersonFactory(name="Leo"))
    buy(UserFactory(administrator=True), gift=gift)
    gift.refresh_from_db()
    assert gift.purchaser.name == "Leo"


def test_a_corrected_price_reaches_the_gift(dad, gift):
    change(buy(dad.user, "100.00", gift=gift), price=Decimal("95.50"))
    assert cost(gift) == ("purchased", Decimal("95.50"))


@pytest.mark.parametrize("how", ["returned", "deleted", "for another", "for none"])
def test_a_gift_without_its_purchase_is_to_be_bought_again(dad, gift, how):
    purchase = buy(dad.user, "100.00", gift=gift)
    if how == "returned":
        change(purchase, status="returned")
    elif how == "deleted":
        keeping.trash(purchase=purchase, now=NOW)
    elif how == "for none":
        change(purchase, gift=None)
    else:
        other = make_gift(gift.occasion, PersonFactory(name="Ann"))
        change(purchase, gift=other)
        assert cost(other) == ("purchased", Decimal(100))
    assert cost(gift) == ("selected", Decimal(90))
    assert gift.paid_price is None


def test_bringing_it_back_marks_the_gift_again(dad, gift):
    purchase = buy(dad.user, "100.00", gift=gift)
    keeping.trash(purchase=purchase, now=NOW)
    keeping.restore(purchase=purchase, by=dad.user, now=NOW)
    assert cost(gift) == ("purchased", Decimal(100))


def test_two_purchases_for_one_gift_are_added_up(dad, gift):
    first = buy(dad.user, "60.00", gift=gift)
    buy(dad.user, "40.00", gift=gift)
    assert cost(gift) == ("purchased", Decimal(100))
    keeping.trash(purchase=first, now=NOW)
    assert cost(gift) == ("purchased", Decimal(40))


def test_a_gift_that_was_received_stays_so(dad, gift):
    purchase = buy(dad.user, "60.00", gift=gift)
    Gift.objects.update(status="received")
    change(purchase, price=Decimal("70.00"))
    assert cost(gift) == ("received", Decimal(70))


def test_a_purchase_in_another_currency_counts_converted(dad, gift):
    buy(dad.user, "80.00", gift=gift, currency="EUR", exchange_rate=Decimal("1.0842"))
    assert cost(gift) == ("purchased", Decimal("86.74"))


def test_a_gift_marked_by_hand_is_left_alone_by_purchases_for_others(dad, gift):
    other = make_gift(
        gift.occasion, PersonFactory(), status="purchased", paid_price=Decimal("12.00")
    )
    buy(dad.user, gift=gift)
    assert cost(other) == ("purchased", Decimal(12))


def test_a_refused_purchase_leaves_the_gift_as_it_was(gift):
    poor = make_budget(limit=Decimal(10)).user
    with pytest.raises(OverBudget):
        buy(poor, "100.00", gift=gift)
    assert cost(gift) == ("selected", Decimal(90))
    assert gift.paid_total is None


def test_more_than_an_amount_may_be_is_refused_at_the_gift(gift):
    administrator = UserFactory(administrator=True)
    buy(administrator, "99999999.99", gift=gift)
    with pytest.raises(ValidationError) as refusal:
        buy(administrator, "1.00", gift=gift)
    assert set(refusal.value.message_dict) == {"gift"}
    assert cost(gift) == ("purchased", Decimal("99999999.99"))


def test_a_gift_that_is_gone_is_said_at_its_field(dad, gift):
    planning.delete_gift(gift=Gift.objects.get(pk=gift.pk))
    with pytest.raises(ValidationError) as refusal:
        buy(dad.user, gift=gift)
    assert set(refusal.value.message_dict) == {"gift"}


def test_an_administrator_buys_too(gift):
    buy(UserFactory(administrator=True), "100.00", gift=gift)
    assert cost(gift) == ("purchased", Decimal(100))
