"""Writing gifts down, changing them and moving them along, as the verbs do it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion
from occasions.planning import BuysOwnGift
from occasions.tests.factories import (
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.models import Person

pytestmark = pytest.mark.django_db

Status = Gift.Status
LATER = TODAY + timedelta(days=3)


@pytest.fixture
def occasion() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def dad() -> Person:
    return PersonFactory(name="Dad")


def change(gift: Gift, *, recipients=None, today: date = TODAY, **values) -> Gift:
    return planning.change_gift(gift=gift, values=values, recipients=recipients, today=today)


def on_list(occasion: Occasion) -> dict[str, bool]:
    """Return who is on the list, and whether they receive."""
    return dict(occasion.links.values_list("person__name", "receives"))


class TestAdding:
    def test_a_title_is_enough(self, occasion, mom):
        values = {"title": "A scarf"}
        gift = planning.add_gift(occasion=occasion, recipients=[mom], values=values, today=TODAY)
        kept = Gift.objects.get()
        assert kept == gift
        assert (kept.title, kept.price, kept.quantity) == ("A scarf", None, 1)
        assert (kept.status, kept.priority) == (Status.IDEA, Gift.Priority.NORMAL)
        assert (kept.bought_on, kept.purchaser, kept.cost) == (None, None, 0)
        assert list(kept.recipients.all()) == [mom]

    def test_everything_that_is_told_is_kept(self, occasion, mom, dad):
        values = {
            "title": "Socks",
            "price": Decimal("9.99"),
            "paid_price": Decimal("7.50"),
            "quantity": 3,
            "status": Status.PURCHASED,
            "purchaser": dad,
            "link": "https://example.com/socks",
            "notes": "Size 43",
            "priority": Gift.Priority.HIGH,
        }
        planning.add_gift(occasion=occasion, recipients=[mom], values=values, today=TODAY)
        kept = Gift.objects.get()
        assert {name: getattr(kept, name) for name in values} == values
        assert (kept.bought_on, kept.cost) == (TODAY, Decimal("22.50"))

    def test_recipients_are_put_on_the_list_and_receive(self, occasion, mom, dad):
        CardFactory(occasion=occasion, person=dad, receives=False, purchaser_budget=Decimal(50))
        make_gift(occasion, mom, dad)
        assert on_list(occasion) == {"Mom": True, "Dad": True}
        assert stored(occasion.links.get(person=dad)) == (None, 50)

    def test_who_is_on_the_list_keeps_both_budgets(self, occasion, mom):
        card = CardFactory(
            occasion=occasion,
            person=mom,
            recipient_budget=Decimal(200),
            purchaser_budget=Decimal(50),
        )
        make_gift(occasion, mom)
        assert occasion.links.get() == card
        assert stored(card) == (200, 50)

    def test_who_buys_is_not_put_on_the_list(self, occasion, mom, dad):
        make_gift(occasion, mom, purchaser=dad)
        assert on_list(occasion) == {"Mom": True}

    def test_a_recipient_told_twice_is_one(self, occasion, mom):
        assert make_gift(occasion, mom, mom).recipients.count() == 1

    def test_a_gift_for_nobody_is_refused(self, occasion):
        with pytest.raises(ValueError, match="for somebody"):
            make_gift(occasion)
        assert not Gift.objects.exists()

    def test_what_a_gift_does_not_have_cannot_be_set(self, occasion, mom):
        with pytest.raises(ValueError, match="cost, pk"):
            make_gift(occasion, mom, cost=Decimal(5), pk=7)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "x" * 201),
            ("link", "javascript:alert(1)"),
            ("quantity", 0),
            ("quantity", 10_000),
            ("quantity", -1),
            ("status", "wrapped"),
            ("priority", 9),
        ],
    )
    def test_a_value_out_of_range_is_refused_and_nothing_is_written(
        self, occasion, mom, field, value
    ):
        with pytest.raises(ValidationError):
            make_gift(occasion, mom, **{field: value})
        assert not Gift.objects.exists()
        assert on_list(occasion) == {}

    @pytest.mark.parametrize("field", ["price", "paid_price"])
    @pytest.mark.parametrize(
        "amount", ["-0.01", "100000000", "10.005", "0.000001", "1e30", "NaN", "Infinity"]
    )
    def test_a_price_that_nobody_can_type_is_refused(self, occasion, mom, field, amount):
        with pytest.raises(ValidationError):
            make_gift(occasion, mom, **{"price": None, field: Decimal(amount)})
        assert not Gift.objects.exists()

    def test_a_price_has_no_more_decimals_than_the_currency(self, occasion, mom, settings):
        with pytest.raises(ValidationError) as refusal:
            make_gift(occasion, mom, price="10.005")
        assert refusal.value.message_dict == {"price": ["Use at most 2 decimal places."]}
        settings.CURRENCY = "KWD"
        assert make_gift(occasion, mom, price="10.005").cost == Decimal("10.005")
        settings.CURRENCY = "JPY"
        with pytest.raises(ValidationError):
            make_gift(occasion, mom, price="10.5")


class TestChanging:
    def test_only_what_is_named_is_set(self, occasion, mom, dad):
        gift = make_gift(occasion, mom, price="50", purchaser=dad, notes="Red", quantity=2)
        change(gift, title="Two scarves")
        kept = Gift.objects.get()
        assert (kept.title, kept.price, kept.purchaser) == ("Two scarves", 50, dad)
        assert (kept.notes, kept.quantity, kept.status) == ("Red", 2, Status.SELECTED)
        assert list(kept.recipients.all()) == [mom]

    def test_what_somebody_else_changed_meanwhile_stays(self, occasion, mom):
        gift = make_gift(occasion, mom, price="50")
        older = Gift.objects.get(pk=gift.pk)
        change(gift, title="A red scarf", price=Decimal(60))
        change(older, notes="For the winter")
        kept = Gift.objects.get()
        assert (kept.title, kept.price, kept.notes) == ("A red scarf", 60, "For the winter")

    def test_recipients_are_exchanged_and_put_on_the_list(self, occasion, mom, dad):
        gift = make_gift(occasion, mom)
        change(gift, recipients=[dad])
        assert list(gift.recipients.all()) == [dad]
        assert on_list(occasion) == {"Mom": True, "Dad": True}

    def test_a_gift_stays_for_somebody(self, occasion, mom):
        gift = make_gift(occasion, mom)
        with pytest.raises(ValueError, match="for somebody"):
            change(gift, recipients=[])
        assert list(gift.recipients.all()) == [mom]

    def test_another_occasion_takes_the_gift_and_its_people_but_no_budgets(self, occasion, mom):
        card = CardFactory(occasion=occasion, person=mom, recipient_budget=Decimal(200))
        gift = make_gift(occasion, mom, price="50")
        birthday = OccasionFactory(name="Birthday")
        change(gift, occasion=birthday)
        assert Gift.objects.get().occasion == birthday
        assert on_list(birthday) == {"Mom": True}
        assert stored(birthday.links.get()) == (None, None)
        assert stored(card) == (200, None)

    def test_a_refused_change_changes_nothing(self, occasion, mom, dad):
        gift = make_gift(occasion, mom, price="50")
        with pytest.raises(ValidationError):
            change(gift, title="Changed", quantity=0, recipients=[dad])
        assert Gift.objects.get().title == "A gift"
        assert on_list(occasion) == {"Mom": True}

    def test_a_price_from_before_another_currency_does_not_hold_a_gift_back(
        self, occasion, mom, settings
    ):
        gift = make_gift(occasion, mom, price="10.50")
        settings.CURRENCY = "JPY"
        planning.set_status(gift=gift, status=Status.PURCHASED, today=TODAY)
        assert Gift.objects.get().cost == Decimal("10.50")

    def test_a_gift_that_is_gone_is_told(self, occasion, mom):
        gift = make_gift(occasion, mom)
        gone = Gift.objects.get()
        planning.delete_gift(gift=gift)
        with pytest.raises(Gift.DoesNotExist):
            change(gone, title="Back again")

    def test_a_deleted_gift_leaves_its_people_and_budgets(self, occasion, mom):
        card = CardFactory(occasion=occasion, person=mom, recipient_budget=Decimal(200))
        planning.delete_gift(gift=make_gift(occasion, mom))
        assert not Gift.objects.exists()
        assert stored(card) == (200, None)


class TestStatus:
    @pytest.mark.parametrize("before", list(Status))
    @pytest.mark.parametrize("after", list(Status))
    def test_the_day_it_was_bought_fills_itself_stays_and_clears(
        self, occasion, mom, before, after
    ):
        gift = make_gift(occasion, mom, status=before)
        planning.set_status(gift=gift, status=after, today=LATER)
        kept = Gift.objects.get()
        assert kept.status == after
        if after not in Gift.BOUGHT:
            assert kept.bought_on is None
        elif before in Gift.BOUGHT:
            assert kept.bought_on == TODAY
        else:
            assert kept.bought_on == LATER

    def test_bought_again_is_bought_on_the_new_day(self, occasion, mom):
        gift = make_gift(occasion, mom, status=Status.PURCHASED)
        planning.set_status(gift=gift, status=Status.IDEA, today=TODAY)
        planning.set_status(gift=gift, status=Status.RECEIVED, today=LATER)
        assert Gift.objects.get().bought_on == LATER

    def test_what_was_paid_is_kept_for_when_it_is_bought_again(self, occasion, mom):
        gift = make_gift(occasion, mom, price="50", paid_price=Decimal(40), status=Status.PURCHASED)
        gift = planning.set_status(gift=gift, status=Status.SELECTED, today=TODAY)
        assert gift.cost == 50
        gift = planning.set_status(gift=gift, status=Status.PURCHASED, today=TODAY)
        assert gift.cost == 40

    def test_one_that_is_not_known_is_refused(self, occasion, mom):
        gift = make_gift(occasion, mom)
        with pytest.raises(ValidationError):
            planning.set_status(gift=gift, status="wrapped", today=TODAY)
        assert Gift.objects.get().status == Status.SELECTED


class TestWhoBuys:
    def test_nobody_buys_what_is_for_themselves(self, occasion, mom):
        with pytest.raises(BuysOwnGift) as refusal:
            make_gift(occasion, mom, purchaser=mom)
        assert refusal.value.person == mom
        assert not Gift.objects.exists()

    def test_nor_what_they_share_with_others(self, occasion, mom, dad):
        with pytest.raises(BuysOwnGift):
            make_gift(occasion, mom, dad, purchaser=dad)

    def test_handing_it_to_who_receives_it_is_refused(self, occasion, mom, dad):
        gift = make_gift(occasion, mom, purchaser=dad)
        with pytest.raises(BuysOwnGift):
            change(gift, purchaser=mom)
        assert Gift.objects.get().purchaser == dad

    def test_making_it_for_who_buys_it_is_refused(self, occasion, mom, dad):
        gift = make_gift(occasion, mom, purchaser=dad)
        with pytest.raises(BuysOwnGift):
            change(gift, recipients=[mom, dad])
        assert list(Gift.objects.get().recipients.all()) == [mom]

    def test_both_may_change_at_once(self, occasion, mom, dad):
        gift = make_gift(occasion, mom, purchaser=dad)
        change(gift, recipients=[dad], purchaser=mom)
        kept = Gift.objects.get()
        assert (kept.purchaser, list(kept.recipients.all())) == (mom, [dad])

    def test_a_gift_without_somebody_who_buys_it_is_for_anybody(self, occasion, mom):
        assert make_gift(occasion, mom, purchaser=None).purchaser is None


def test_budgets_are_never_written_by_gifts(occasion, mom, dad):
    for person in (mom, dad):
        CardFactory(
            occasion=occasion,
            person=person,
            recipient_budget=Decimal(200),
            purchaser_budget=Decimal(50),
        )
    gift = make_gift(occasion, mom, price="999", purchaser=dad, status=Status.PURCHASED)
    change(gift, recipients=[dad], purchaser=mom, price=Decimal(1))
    planning.delete_gift(gift=gift)
    assert {stored(card) for card in PersonOccasion.objects.all()} == {(200, 50)}
