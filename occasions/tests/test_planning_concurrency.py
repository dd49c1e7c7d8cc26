"""Many plan at once: real threads, each with a connection of its own, on whichever database it is.

Nothing that somebody saved is lost, nothing is there twice, and no gift is left for nobody.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from budgets.tests.threads import together
from occasions import planning
from occasions.calendars import Holiday
from occasions.models import Gift, Occasion, PersonOccasion, Role
from occasions.planning import StaleBudget
from occasions.tests.factories import (
    CHRISTMAS,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.models import Person
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

R, U = Role.RECIPIENT, Role.PURCHASER


@pytest.fixture
def mom() -> PersonOccasion:
    return CardFactory(
        person__name="Mom", recipient_budget=Decimal(200), purchaser_budget=Decimal(50)
    )


@pytest.fixture
def dad(mom: PersonOccasion) -> PersonOccasion:
    return CardFactory(occasion=mom.occasion, person__name="Dad")


def save(card: PersonOccasion, role: Role, amount: str, *, seen: str) -> Callable[[], bool]:
    return partial(
        planning.save_budget, card=card, role=role, amount=Decimal(amount), seen=Decimal(seen)
    )


def of(kind, results):
    return [result for result in results if isinstance(result, kind)]


def beside[T](first: Callable[[], object], second: Callable[[], T]) -> T | Exception:
    """Do `first` and, before its transaction ends, start `second`; return what that came to.

    The second one waits for whatever the first one holds, and goes on when it is let go.
    """
    answers: list[T | Exception] = []
    begun = Event()

    def run() -> None:
        try:
            begun.set()
            answers.append(second())
        except Exception as problem:  # noqa: BLE001  (the test looks at every one)
            answers.append(problem)
        finally:
            connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        assert begun.wait(timeout=10)
        thread.join(timeout=0.3)
    thread.join(timeout=30)
    [answer] = answers
    return answer


def assert_every_gift_is_for_somebody_on_the_list() -> None:
    listed = set(PersonOccasion.objects.values_list("occasion", "person"))
    for gift in Gift.objects.prefetch_related("recipients"):
        people = list(gift.recipients.all())
        assert people, "a gift for nobody"
        assert {(gift.occasion_id, person.pk) for person in people} <= listed


class TestBudgets:
    def test_two_different_fields_of_one_card_both_stand(self, mom):
        results = together([save(mom, R, "300", seen="200"), save(mom, U, "80", seen="50")])
        assert results == [True, True]
        assert stored(mom) == (300, 80)

    @pytest.mark.parametrize("role", Role)
    def test_of_two_that_save_one_field_from_one_version_exactly_one_wins(self, mom, role):
        seen = "200" if role is R else "50"
        amounts = ["300", "400"]
        results = together([save(mom, role, amount, seen=seen) for amount in amounts])
        [refusal] = of(StaleBudget, results)
        assert of(bool, results) == [True]
        winner = Decimal(amounts[results.index(True)])
        mom.refresh_from_db()
        assert mom.budget(role) == winner == refusal.theirs

    def test_of_ten_that_save_different_values_exactly_one_wins(self, mom):
        results = together([save(mom, R, str(300 + n), seen="200") for n in range(10)])
        assert of(bool, results) == [True]
        assert len(of(StaleBudget, results)) == 9
        assert stored(mom) == (300 + results.index(True), 50)

    def test_the_same_value_from_many_is_no_conflict_and_written_once(self, mom):
        results = together([save(mom, R, "300", seen="200")] * 8)
        assert sorted(of(bool, results)) == [False] * 7 + [True]
        assert stored(mom) == (300, 50)

    def test_one_that_waited_for_another_is_told_what_that_one_saved(self, mom):
        refusal = beside(save(mom, R, "300", seen="200"), save(mom, R, "400", seen="200"))
        assert isinstance(refusal, StaleBudget)
        assert refusal.theirs == 300

    def test_who_tries_again_over_what_is_there_loses_nothing_of_anybody(self, mom):
        def add(amount: int) -> bool:
            while True:
                seen = PersonOccasion.objects.get(pk=mom.pk).recipient_budget
                assert seen is not None
                try:
                    return planning.save_budget(card=mom, role=R, amount=seen + amount, seen=seen)
                except StaleBudget:
                    continue

        results = together([partial(add, amount) for amount in (1, 10, 100, 1000)])
        assert results == [True] * 4
        assert stored(mom) == (1311, 50)

    def test_helpers_beside_single_saves_mix_nothing(self, mom, dad):
        occasion = mom.occasion
        Occasion.objects.filter(pk=occasion.pk).update(budget_total=Decimal(100))
        occasion.refresh_from_db()
        cards = list(occasion.links.all())
        results = together(
            [
                partial(planning.set_for_all, cards=cards, amount=Decimal(25)),
                partial(planning.set_for_all, cards=cards[::-1], amount=Decimal(25)),
                partial(planning.split_equally, occasion=occasion, cards=cards[::-1]),
                save(mom, U, "80", seen="50"),
            ]
        )
        assert len(of((list, bool), results)) == 4
        assert stored(mom)[1] == 80
        assert {stored(mom)[0], stored(dad)[0]} <= {25, 50}

    def test_copying_last_year_twice_fills_each_once(self, mom):
        this = OccasionFactory(previous=mom.occasion)
        cards = [CardFactory(occasion=this, person=mom.person)]
        budgets = [(cards[0], role) for role in Role]
        results = together([partial(planning.copy_last_year, occasion=this, budgets=budgets)] * 4)
        assert sorted(of(int, results)) == [0, 0, 0, 2]
        assert stored(cards[0]) == (200, 50)


class TestHolidays:
    def test_added_from_many_stand_on_the_calendar_once(self):
        holidays = [Holiday(date(2026, 12, 25), "Christmas Day")]
        add = partial(planning.add_holidays, country="US", holidays=holidays)
        added = together([add] * 6)
        assert sum(len(one) for one in of(list, added)) == Occasion.objects.count() == 1


class TestLists:
    def test_linking_from_many_leaves_one_link(self):
        occasion, sis = OccasionFactory(), PersonFactory()
        results = together([partial(planning.link, occasion=occasion, person=sis)] * 8)
        assert {card.pk for card in of(PersonOccasion, results)} == {
            PersonOccasion.objects.get().pk
        }
        assert len(of(PersonOccasion, results)) == 8

    def test_two_lists_saved_at_once_lose_nobody_who_was_added(self, mom, dad):
        sis, bob = PersonFactory.create_batch(2)
        shown = {mom.person_id, dad.person_id}
        people: list[Person] = [mom.person, dad.person]
        results = together(
            [
                partial(
                    planning.set_people, occasion=mom.occasion, shown=shown, chosen=[*people, new]
                )
                for new in (sis, bob, sis)
            ]
        )
        assert results == [None] * 3
        assert set(mom.occasion.people.all()) == {*people, sis, bob}
        assert stored(mom) == (200, 50)

    def test_a_budget_saved_while_the_list_is_stands(self, mom, dad):
        shown = {mom.person_id, dad.person_id}
        again = partial(
            planning.set_people, occasion=mom.occasion, shown=shown, chosen=[mom.person]
        )
        results = together([again, save(mom, R, "300", seen="200"), again])
        assert results == [None, True, None]
        assert stored(mom) == (300, 50)

    def test_gifts_for_one_person_from_many_put_them_on_the_list_once(self):
        occasion, sis = OccasionFactory(), PersonFactory()
        results = together([partial(make_gift, occasion, sis)] * 6)
        assert len(of(Gift, results)) == 6
        assert occasion.links.count() == 1


class TestNoGiftIsLeftBehind:
    def test_two_who_share_a_gift_leave_at_once(self, mom, dad):
        make_gift(mom.occasion, mom.person, dad.person)
        leave_mom, leave_dad = (partial(planning.unlink, card=card) for card in (mom, dad))
        assert beside(leave_mom, leave_dad) is None
        assert not Gift.objects.exists()

    def test_one_leaves_the_list_and_another_is_deleted_at_once(self, mom, dad):
        make_gift(mom.occasion, mom.person, dad.person)
        delete = partial(planning.delete_person, person=dad.person)
        assert beside(partial(planning.unlink, card=mom), delete) is None
        assert not Gift.objects.exists()

    def test_two_people_are_deleted_at_once(self, mom, dad):
        make_gift(mom.occasion, mom.person, dad.person)
        delete_mom, delete_dad = (
            partial(planning.delete_person, person=card.person) for card in (mom, dad)
        )
        assert beside(delete_mom, delete_dad) is None
        assert not Gift.objects.exists()

    def test_a_gift_is_added_while_somebody_leaves(self, mom, dad):
        added = beside(
            partial(planning.unlink, card=mom), partial(make_gift, mom.occasion, mom.person)
        )
        assert isinstance(added, Gift)
        assert_every_gift_is_for_somebody_on_the_list()
        assert Gift.objects.get() == added

    def test_somebody_leaves_while_a_gift_is_added(self, mom, dad):
        left = beside(
            partial(make_gift, mom.occasion, mom.person), partial(planning.unlink, card=mom)
        )
        assert left is None
        assert_every_gift_is_for_somebody_on_the_list()
        assert not mom.occasion.links.filter(person=mom.person).exists()
        assert not Gift.objects.exists()

    def test_a_gift_is_given_to_others_while_somebody_leaves(self, mom, dad):
        gift = make_gift(mom.occasion, mom.person)
        hand_over = partial(
            planning.change_gift, gift=gift, values={}, recipients=[dad.person], today=TODAY
        )
        assert beside(hand_over, partial(planning.unlink, card=mom)) is None
        assert list(Gift.objects.get().recipients.all()) == [dad.person]

    def test_a_gift_that_went_with_somebody_is_gone_for_who_hands_it_over(self, mom, dad):
        gift = make_gift(mom.occasion, mom.person)
        hand_over = partial(
            planning.change_gift, gift=gift, values={}, recipients=[dad.person], today=TODAY
        )
        assert isinstance(beside(partial(planning.unlink, card=mom), hand_over), Gift.DoesNotExist)
        assert not Gift.objects.exists()

    def test_a_gift_moves_to_an_occasion_which_somebody_leaves(self, mom, dad):
        gift = make_gift(mom.occasion, mom.person)
        birthday = CardFactory(person=mom.person)
        move = partial(
            planning.change_gift,
            gift=gift,
            values={"occasion": birthday.occasion},
            recipients=None,
            today=TODAY,
        )
        assert isinstance(beside(partial(planning.unlink, card=birthday), move), Gift)
        assert_every_gift_is_for_somebody_on_the_list()

    def test_everybody_changes_everything_and_nobody_waits_forever(self, mom, dad):
        occasion, other = mom.occasion, OccasionFactory()
        people: list[Person] = [mom.person, dad.person, *PersonFactory.create_batch(2)]
        gifts = [make_gift(occasion, *people) for _ in range(3)]
        shown = {person.pk for person in people}

        def change(gift: Gift, **values: object) -> Gift:
            recipients = [people[gift.pk % 4], people[(gift.pk + 1) % 4]]
            return planning.change_gift(
                gift=gift, values=values, recipients=recipients, today=TODAY
            )

        results = together(
            [
                *(partial(change, gift, occasion=other) for gift in gifts),
                *(partial(change, gift, occasion=occasion) for gift in gifts[::-1]),
                partial(planning.set_people, occasion=occasion, shown=shown, chosen=people[1:]),
                partial(planning.set_people, occasion=occasion, shown=shown, chosen=people[:2]),
                partial(make_gift, occasion, *people),
                partial(make_gift, other, *people[::-1]),
                partial(planning.delete_person, person=people[3]),
                partial(planning.save_person, person=people[0], today=TODAY, values={"name": "M"}),
            ]
        )
        # Somebody who is deleted meanwhile can be given nothing: that alone may be refused.
        refused = [type(one).__name__ for one in of(Exception, results)]
        assert set(refused) <= {"DoesNotExist", "IntegrityError", "ValueError"}
        assert_every_gift_is_for_somebody_on_the_list()


class TestYears:
    def test_rolling_from_many_opens_each_year_once(self):
        for name in ("Christmas", "Easter", "Party"):
            OccasionFactory(name=name, date=CHRISTMAS.replace(year=2025), repeats_yearly=True)
        results = together([partial(planning.roll, today=TODAY)] * 6)
        assert sum(len(opened) for opened in of(list, results)) == 3
        assert len(of(list, results)) == 6
        assert Occasion.objects.filter(date=CHRISTMAS).count() == 3

    def test_a_birthday_that_moves_while_others_plan_it_loses_nothing(self):
        person = planning.save_person(
            person=PersonFactory.build(name="Mom", birthday=date(1960, 8, 15)), today=TODAY
        )
        occasion = Occasion.objects.get()
        older = Occasion.objects.get()
        results = together(
            [
                partial(
                    planning.save_person,
                    person=person,
                    today=TODAY,
                    values={"birthday": date(1960, 8, 20)},
                ),
                partial(
                    planning.change_occasion,
                    occasion=occasion,
                    values={"budget_total": Decimal(500)},
                ),
                partial(
                    planning.change_occasion, occasion=older, values={"description": "At home"}
                ),
                partial(make_gift, occasion, person),
            ]
        )
        assert of(Exception, results) == []
        kept = Occasion.objects.get()
        assert (kept.date, kept.budget_total, kept.description, kept.gifts.count()) == (
            *(date(2026, 8, 20), 500),
            *("At home", 1),
        )

    def test_a_birthday_told_by_two_is_one_occasion(self):
        mom = PersonFactory(name="Mom")
        tell = partial(
            planning.save_person, person=mom, today=TODAY, values={"birthday": date(1960, 8, 15)}
        )
        assert of(Exception, together([tell] * 4)) == []
        assert Occasion.objects.count() == 1

    def test_two_fields_of_a_person_saved_at_once_both_stand(self):
        mom = PersonFactory(name="Mom")
        results = together(
            [
                partial(planning.save_person, person=mom, today=TODAY, values={"sizes": "L"}),
                partial(planning.save_person, person=mom, today=TODAY, values={"notes": "Nuts"}),
            ]
        )
        assert len(of(Person, results)) == 2
        mom.refresh_from_db()
        assert (mom.sizes, mom.notes) == ("L", "Nuts")

    def test_a_person_is_claimed_by_one_of_many(self):
        ann = PersonFactory(name="Ann")
        users = UserFactory.create_batch(4)
        results = together(
            [partial(planning.claim_person, person=ann, user=user) for user in users]
        )
        assert sorted(of(bool, results)) == [False, False, False, True]
        ann.refresh_from_db()
        assert ann.user == users[results.index(True)]


class TestStatus:
    def test_one_tap_from_many_is_one_change(self, mom):
        gift = make_gift(mom.occasion, mom.person)
        days = [TODAY + timedelta(days=number) for number in range(4)]
        results = together(
            [partial(planning.set_status, gift=gift, status="purchased", today=day) for day in days]
        )
        assert len(of(Gift, results)) == 4
        assert len({one.bought_on for one in results}) == 1

    def test_a_price_and_a_status_saved_at_once_both_stand(self, mom):
        gift = make_gift(mom.occasion, mom.person, price="50")
        results = together(
            [
                partial(planning.set_status, gift=gift, status="purchased", today=TODAY),
                partial(
                    planning.change_gift,
                    gift=gift,
                    values={"paid_price": Decimal(40)},
                    recipients=None,
                    today=TODAY,
                ),
            ]
        )
        assert len(of(Gift, results)) == 2
        gift.refresh_from_db()
        assert (gift.status, gift.cost) == ("purchased", 40)
