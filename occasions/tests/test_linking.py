"""The list of an occasion: who is put on it, who is taken off, and that those who stay keep all."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion
from occasions.tests.factories import (
    CHRISTMAS,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def occasion() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom(occasion: Occasion) -> PersonOccasion:
    return CardFactory(
        occasion=occasion,
        person__name="Mom",
        recipient_budget=Decimal(200),
        purchaser_budget=Decimal(50),
    )


@pytest.fixture
def dad(occasion: Occasion) -> PersonOccasion:
    return CardFactory(occasion=occasion, person__name="Dad", recipient_budget=Decimal(100))


@pytest.fixture
def sis() -> Person:
    return PersonFactory(name="Sis")


def names(occasion: Occasion) -> set[str]:
    return set(occasion.people.values_list("name", flat=True))


def rows() -> list[dict[str, object]]:
    return list(PersonOccasion.objects.order_by("pk").values())


class TestLinking:
    def test_twice_leaves_one_link_as_it_was(self, occasion, mom):
        assert planning.link(occasion=occasion, person=mom.person) == mom
        assert planning.link(occasion=occasion, person=mom.person, receives=False) == mom
        mom.refresh_from_db()
        assert mom.receives
        assert stored(mom) == (200, 50)
        assert PersonOccasion.objects.count() == 1

    def test_somebody_new_has_no_limits(self, occasion, sis):
        assert stored(planning.link(occasion=occasion, person=sis)) == (None, None)

    def test_everybody_receives_where_nobody_is_celebrated(self, occasion, sis):
        assert planning.link(occasion=occasion, person=sis).receives

    def test_on_somebodys_own_day_only_they_receive(self, sis):
        birthday = OccasionFactory(kind="birthday", celebrates=sis)
        assert planning.link(occasion=birthday, person=sis).receives
        assert not planning.link(occasion=birthday, person=PersonFactory()).receives

    def test_it_may_be_told_who_receives(self, occasion, sis):
        assert not planning.link(occasion=occasion, person=sis, receives=False).receives


class TestReceiving:
    def test_being_listed_is_receiving(self, occasion, sis):
        CardFactory(occasion=occasion, person=sis, receives=False)
        [dad] = PersonFactory.create_batch(1, name="Dad")
        planning.listed(occasion=occasion, people=[sis, dad])
        assert set(occasion.links.values_list("person__name", "receives")) == {
            ("Sis", True),
            ("Dad", True),
        }


class TestSavingTheList:
    def test_again_keeps_everybody_and_their_budgets(self, occasion, mom, dad):
        before = rows()
        people = [mom.person, dad.person]
        planning.set_people(
            occasion=occasion, shown={person.pk for person in people}, chosen=people
        )
        assert rows() == before

    def test_again_writes_nothing(self, occasion, mom, dad):
        people = [mom.person, dad.person]
        with CaptureQueriesContext(connection) as queries:
            planning.set_people(
                occasion=occasion, shown={person.pk for person in people}, chosen=people
            )
        verbs = {query["sql"].split()[0] for query in queries.captured_queries}
        assert not verbs & {"INSERT", "UPDATE", "DELETE"}

    def test_with_somebody_more_keeps_those_who_stay(self, occasion, mom, dad, sis):
        before = rows()
        people = [mom.person, dad.person]
        planning.set_people(
            occasion=occasion, shown={person.pk for person in people}, chosen=[*people, sis]
        )
        assert rows()[:2] == before
        assert names(occasion) == {"Mom", "Dad", "Sis"}

    def test_with_somebody_less_keeps_those_who_stay(self, occasion, mom, dad, sis):
        CardFactory(occasion=occasion, person=sis, recipient_budget=Decimal(30))
        before = rows()[:2]
        people = [mom.person, dad.person]
        planning.set_people(
            occasion=occasion, shown={person.pk for person in [*people, sis]}, chosen=people
        )
        assert rows() == before

    def test_somebody_linked_meanwhile_is_not_lost(self, occasion, mom, dad, sis):
        shown = {mom.person_id, dad.person_id}
        card = CardFactory(occasion=occasion, person=sis, recipient_budget=Decimal(30))
        planning.set_people(occasion=occasion, shown=shown, chosen=[mom.person, dad.person])
        assert names(occasion) == {"Mom", "Dad", "Sis"}
        assert stored(card) == (30, None)

    def test_somebody_linked_by_both_is_one_link(self, occasion, mom, sis):
        shown = {mom.person_id}
        card = CardFactory(occasion=occasion, person=sis, recipient_budget=Decimal(30))
        planning.set_people(occasion=occasion, shown=shown, chosen=[mom.person, sis])
        assert stored(card) == (30, None)

    def test_somebody_taken_off_meanwhile_stays_off(self, occasion, mom, dad):
        shown, chosen = {mom.person_id, dad.person_id}, [mom.person, dad.person]
        planning.unlink(card=dad)
        planning.set_people(occasion=occasion, shown=shown, chosen=chosen)
        assert names(occasion) == {"Mom"}

    def test_nobody_chosen_empties_what_was_shown(self, occasion, mom, dad):
        planning.set_people(occasion=occasion, shown={mom.person_id, dad.person_id}, chosen=[])
        assert names(occasion) == set()

    def test_other_occasions_are_left_alone(self, occasion, mom):
        birthday = CardFactory(person=mom.person, recipient_budget=Decimal(70))
        planning.set_people(occasion=occasion, shown={mom.person_id}, chosen=[])
        assert stored(birthday) == (70, None)


class TestTakingOff:
    def test_both_budgets_go_and_the_others_stay(self, mom, dad):
        planning.unlink(card=mom)
        assert list(PersonOccasion.objects.all()) == [dad]
        assert stored(dad) == (100, None)
        assert Person.objects.filter(name="Mom").exists()

    def test_gifts_for_them_alone_go_and_those_for_others_stay(self, occasion, mom, dad):
        make_gift(occasion, mom.person, title="For Mom")
        make_gift(occasion, dad.person, title="For Dad")
        planning.unlink(card=mom)
        assert [gift.title for gift in Gift.objects.all()] == ["For Dad"]

    def test_what_they_share_stays_with_the_others_who_then_share_it_all(self, occasion, mom, dad):
        gift = make_gift(occasion, mom.person, dad.person, price="100.01")
        planning.unlink(card=mom)
        assert list(gift.recipients.all()) == [dad.person]
        assert Gift.objects.get().cost == Decimal("100.01")

    def test_what_they_were_to_buy_is_bought_by_nobody(self, occasion, mom, dad):
        gift = make_gift(occasion, dad.person, purchaser=mom.person, status="purchased")
        planning.unlink(card=mom)
        gift.refresh_from_db()
        assert (gift.purchaser, gift.status) == (None, "purchased")
        assert gift.bought_on is not None

    def test_their_gifts_and_shopping_at_other_occasions_stay(self, mom, dad):
        birthday = OccasionFactory()
        for_mom = make_gift(birthday, mom.person)
        by_mom = make_gift(birthday, dad.person, purchaser=mom.person)
        planning.unlink(card=mom)
        assert set(Gift.objects.all()) == {for_mom, by_mom}
        by_mom.refresh_from_db()
        assert by_mom.purchaser == mom.person

    def test_twice_is_once(self, occasion, mom, dad):
        again = PersonOccasion.objects.get(pk=mom.pk)
        planning.unlink(card=mom)
        planning.unlink(card=again)
        assert names(occasion) == {"Dad"}


class TestTheOccasionItself:
    @pytest.mark.parametrize(
        "values",
        [
            {"name": "Xmas"},
            {"date": CHRISTMAS.replace(day=24)},
            {"date": CHRISTMAS.replace(year=2020)},
            {"kind": "other", "description": "At Grandma’s"},
            {"budget_total": Decimal(500)},
            {"repeats_yearly": True},
        ],
    )
    def test_renaming_or_moving_it_keeps_all(self, occasion, mom, dad, values):
        gift = make_gift(occasion, mom.person)
        before = rows()
        planning.change_occasion(occasion=occasion, values=values)
        assert rows() == before
        assert list(occasion.gifts.all()) == [gift]

    def test_people_told_with_it_are_put_on_the_list(self, mom, sis):
        party = planning.change_occasion(
            occasion=Occasion(),
            values={"name": "Party", "date": CHRISTMAS},
            people=[mom.person, sis],
        )
        assert names(party) == {"Mom", "Sis"}
