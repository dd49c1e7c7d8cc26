"""Gifts for programs."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any, get_args

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.tests.threads import together
from occasions import planning
from occasions.api.gifts import GiftPriority, GiftSort
from occasions.api.viewing import GiftStatus
from occasions.lists import SORTS
from occasions.models import Gift, Occasion
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.models import Person, Scope, User
from people.programs.matching import match
from people.tests.factories import UserFactory
from people.tests.programs import Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def user() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def ann(user: User) -> Person:
    return PersonFactory(name="Ann", user=user)


@pytest.fixture
def anns(user: User, ann: Person) -> Program:
    return program(user)


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def dad() -> Person:
    return PersonFactory(name="Dad")


@pytest.fixture
def christmas(mom: Person) -> Occasion:
    return CardFactory(person=mom).occasion


@pytest.fixture
def scarf(christmas: Occasion, mom: Person) -> Gift:
    return make_gift(christmas, mom, title="Scarf", price="49.90", notes="Red")


@pytest.fixture
def kite(christmas: Occasion, ann: Person) -> Gift:
    """A surprise for Ann."""
    UserFactory(username="ben")
    return make_gift(christmas, ann, title="Kite", price="49.90", notes="Red")


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["items"]]


class TestReading:
    def test_a_gift_is_told(self, anns, scarf, mom, dad):
        planning.change_gift(
            gift=scarf,
            values={"quantity": 2, "purchaser": dad},
            recipients=None,
            today=TODAY,
        )
        answer = anns.get(f"gifts/{scarf.pk}")
        assert answer.json() == {
            "id": scarf.pk,
            "title": "Scarf",
            "occasion": {"id": scarf.occasion_id, "name": "Christmas", "date": "2026-12-25"},
            "recipients": [{"id": mom.pk, "name": "Mom"}],
            "purchaser": {"id": dad.pk, "name": "Dad"},
            "status": "selected",
            "priority": 2,
            "price": "49.90",
            "paid_price": None,
            "paid_total": None,
            "quantity": 2,
            "cost": "99.80",
            "bought_on": None,
            "link": "",
            "notes": "Red",
        }
        assert answer["ETag"]
        assert anns.get("gifts").json()["items"] == [answer.json()]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, ["Scarf", "Vase", "Lamp"]),
            ({"q": "RED"}, ["Scarf"]),
            ({"q": "%"}, []),
            ({"status": "purchased"}, ["Lamp"]),
            ({"recipient_id": "mom"}, ["Scarf", "Lamp"]),
            ({"purchaser_id": "mom"}, ["Vase"]),
            ({"recipient_id": "mom", "status": "selected"}, ["Scarf"]),
            ({"unassigned": "true"}, ["Scarf", "Lamp"]),
            ({"occasion_id": "christmas"}, ["Scarf", "Vase"]),
            ({"occasion_id": 4711}, []),
            ({"sort": "-cost"}, ["Lamp", "Scarf", "Vase"]),
            ({"skip": 1, "limit": 1}, ["Vase"]),
        ],
    )
    def test_the_list_is_filtered_and_sorted(self, anns, christmas, mom, dad, scarf, query, found):
        past = OccasionFactory(date=TODAY - timedelta(days=9))
        make_gift(past, mom, title="Lamp", price="60", status="purchased")
        make_gift(christmas, dad, title="Vase", price="5", purchaser=mom)
        keys = {"mom": mom.pk, "christmas": christmas.pk}
        asked = {name: keys.get(value, value) for name, value in query.items()}
        assert titles(anns.get("gifts", asked)) == found

    @pytest.mark.parametrize(
        "query",
        [
            {"status": "lost"},
            {"sort": "colour"},
            {"recipient_id": 0},
            {"occasion_id": "x"},
            {"purchaser_id": 2**63},
            {"unassigned": "maybe"},
            {"q": "\0"},
        ],
    )
    def test_a_filter_that_cannot_be_read_is_refused(self, anns, query):
        assert list(errors_of(anns.get("gifts", query))) == [f"query.{next(iter(query))}"]

    def test_the_list_asks_as_often_for_many_as_for_few(self, anns, christmas, mom, dad):
        counts = []
        anns.get("gifts")  # the first use of a token is noted
        for number in (3, 12):
            for _ in range(number):
                make_gift(christmas, mom, dad, purchaser=PersonFactory())
            with CaptureQueriesContext(connection) as asked:
                anns.get("gifts")
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_what_may_be_sent_is_what_there_is(self):
        assert set(get_args(GiftStatus)) == set(Gift.Status.values)
        assert set(get_args(GiftPriority)) == set(Gift.Priority.values)
        assert set(get_args(GiftSort)) == set(SORTS)


class TestWriting:
    def test_a_new_gift_puts_its_people_on_the_list(self, anns, christmas, mom, dad):
        sent = {"title": "Tea", "occasion_id": christmas.pk, "recipient_ids": [dad.pk, mom.pk]}
        answer = anns.post("gifts", sent | {"price": "9.99", "quantity": 3})
        assert answer.status_code == 201
        told = answer.json()
        assert [one["name"] for one in told["recipients"]] == ["Dad", "Mom"]
        assert (told["status"], told["priority"], told["cost"]) == ("idea", 2, "29.97")
        assert answer["ETag"] == anns.get(f"gifts/{told['id']}")["ETag"]
        assert set(christmas.people.all()) == {mom, dad}

    def test_what_is_not_sent_stays_and_null_empties(self, anns, scarf, dad):
        path = f"gifts/{scarf.pk}"
        answer = anns.patch(path, {"notes": None, "purchaser_id": dad.pk})
        assert (answer.status_code, answer.json()["purchaser"]["name"]) == (200, "Dad")
        assert anns.patch(path, {"price": None}).json()["price"] is None
        assert anns.patch(path, {"purchaser_id": None}).json()["purchaser"] is None
        scarf.refresh_from_db()
        assert (scarf.title, scarf.notes, scarf.status) == ("Scarf", "", "selected")

    def test_another_occasion_and_person_move_it_there(self, anns, scarf, dad):
        feast = OccasionFactory(name="Feast")
        sent = {"occasion_id": feast.pk, "recipient_ids": [dad.pk]}
        told = anns.patch(f"gifts/{scarf.pk}", sent).json()
        assert (told["occasion"]["name"], told["recipients"][0]["name"]) == ("Feast", "Dad")
        assert feast.people.get() == dad

    def test_what_was_paid_counts_once_it_is_bought(self, anns, scarf):
        path = f"gifts/{scarf.pk}"
        assert anns.patch(path, {"paid_price": "40"}).json()["cost"] == "49.90"
        told = anns.post(f"{path}/status", {"status": "purchased"}).json()
        assert (told["cost"], told["bought_on"]) == ("40.00", "2026-07-15")
        told = anns.post(f"{path}/status", {"status": "idea"}).json()
        assert (told["cost"], told["bought_on"]) == ("49.90", None)

    def test_what_a_purchase_says_was_paid_is_not_changed_here(self, anns, scarf):
        planning.record_paid(gift=scarf, total=Decimal("45.00"), on=date(2026, 7, 1))
        path = f"gifts/{scarf.pk}"
        assert errors_of(anns.patch(path, {"paid_price": "40"})) == {
            "paid_price": "Its purchase says what was paid."
        }
        told = anns.patch(path, {"paid_price": "45", "quantity": 2}).json()
        assert (told["paid_price"], told["paid_total"], told["cost"]) == ("22.50", "45.00", "45.00")

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": None}, "title"),
            ({"title": "a" * 201}, "title"),
            ({"title": "a\0b"}, "title"),
            ({"title": "\udfff"}, "title"),
            ({"occasion_id": None}, "occasion_id"),
            ({"occasion_id": 4711}, "occasion_id"),
            ({"occasion_id": 2**63}, "occasion_id"),
            ({"recipient_ids": []}, "recipient_ids"),
            ({"recipient_ids": [4711]}, "recipient_ids"),
            ({"recipient_ids": [True]}, "recipient_ids.0"),
            ({"recipient_ids": None}, "recipient_ids"),
            ({"purchaser_id": 4711}, "purchaser_id"),
            ({"status": "lost"}, "status"),
            ({"priority": 4}, "priority"),
            ({"priority": "high"}, "priority"),
            ({"quantity": 0}, "quantity"),
            ({"quantity": 10_000}, "quantity"),
            ({"quantity": 1.5}, "quantity"),
            ({"quantity": "2"}, "quantity"),
            ({"price": 5}, "price"),
            ({"price": "0.001"}, "price"),
            ({"price": "-1"}, "price"),
            ({"price": "99999999.99", "quantity": 2}, "quantity"),
            ({"paid_price": "NaN"}, "paid_price"),
            ({"link": "javascript:alert(1)"}, "link"),
            ({"link": "https://example.com/" + "a" * 2000}, "link"),
            ({"notes": "a" * 2001}, "notes"),
            ({"cost": "5"}, "cost"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field(self, anns, christmas, mom, scarf, sent, field):
        assert list(errors_of(anns.patch(f"gifts/{scarf.pk}", sent))) == [field]
        new = {"title": "Tea", "occasion_id": christmas.pk, "recipient_ids": [mom.pk]} | sent
        assert list(errors_of(anns.post("gifts", new))) == [field]
        scarf.refresh_from_db()
        assert (scarf.title, scarf.price, scarf.quantity) == ("Scarf", Decimal("49.90"), 1)
        assert Gift.objects.count() == 1

    def test_nobody_buys_what_is_for_themselves(self, anns, christmas, scarf, mom):
        reason = {"purchaser_id": "Mom gets this gift: choose somebody else to buy it."}
        sent = {"title": "Tea", "occasion_id": christmas.pk, "recipient_ids": [mom.pk]}
        assert errors_of(anns.post("gifts", sent | {"purchaser_id": mom.pk})) == reason
        assert errors_of(anns.patch(f"gifts/{scarf.pk}", {"purchaser_id": mom.pk})) == reason

    @pytest.mark.parametrize("status", ["lost", None, 1, ""])
    def test_a_status_that_is_none_is_refused(self, anns, scarf, status):
        assert list(errors_of(anns.post(f"gifts/{scarf.pk}/status", {"status": status}))) == [
            "status"
        ]

    def test_a_gift_is_deleted(self, anns, scarf):
        assert anns.delete(f"gifts/{scarf.pk}").status_code == 204
        assert anns.delete(f"gifts/{scarf.pk}").status_code == 404


class TestVersions:
    def test_two_programs_do_not_undo_each_other(self, anns, scarf):
        path = f"gifts/{scarf.pk}"
        seen = anns.get(path)["ETag"]
        changed = anns.patch(path, {"notes": "Blue"}, If_Match=seen)
        assert changed["ETag"] == anns.get(path)["ETag"] != seen
        for refusal in (
            anns.patch(path, {"notes": "Green"}, If_Match=seen),
            anns.post(f"{path}/status", {"status": "purchased"}, If_Match=seen),
            anns.delete(path, If_Match=seen),
        ):
            assert (refusal.status_code, refusal["ETag"]) == (412, changed["ETag"])
        scarf.refresh_from_db()
        assert (scarf.notes, scarf.status) == ("Blue", "selected")
        moved = anns.post(f"{path}/status", {"status": "purchased"}, If_Match=changed["ETag"])
        assert moved["ETag"] == anns.get(path)["ETag"]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_two_that_saw_the_same_gift_one_is_told_to_look_again(self, anns, scarf):
        path = f"gifts/{scarf.pk}"
        seen = anns.get(path)["ETag"]
        calls = [
            partial(anns.patch, path, {"notes": colour}, If_Match=seen)
            for colour in ("Blue", "Green")
        ]
        statuses = [answer.status_code for answer in together(calls)]
        assert sorted(statuses) == [200, 412]
        scarf.refresh_from_db()
        assert scarf.notes == ("Blue", "Green")[statuses.index(200)]

    def test_one_changes_what_the_other_deletes(self, anns, scarf):
        path = f"gifts/{scarf.pk}"
        calls = [partial(anns.patch, path, {"notes": "Blue"}), partial(anns.delete, path)]
        statuses = [answer.status_code for answer in together(calls)]
        assert statuses in ([200, 204], [404, 204])

    def test_two_that_change_places_do_not_wait_for_each_other(self, anns, scarf, mom, monkeypatch):
        easter = CardFactory(person=mom, occasion=OccasionFactory(name="Easter")).occasion
        eggs, found = make_gift(easter, mom, title="Eggs"), Barrier(2)

        def look(*seen: object) -> None:
            with suppress(BrokenBarrierError):
                found.wait(timeout=1)
            match(*seen)

        monkeypatch.setattr("occasions.api.gifts.match", look)
        places = {scarf: easter.pk, eggs: scarf.occasion_id}
        calls = [
            partial(anns.patch, f"gifts/{gift.pk}", {"occasion_id": place})
            for gift, place in places.items()
        ]
        assert [answer.status_code for answer in together(calls)] == [200, 200]
        assert {gift: Gift.objects.get(pk=gift.pk).occasion_id for gift in places} == places


class TestRights:
    def test_a_token_that_reads_writes_nothing(self, user, scarf):
        reads, path = program(user, Scope.READ, Scope.SPEND), f"gifts/{scarf.pk}"
        for answer in (
            reads.post("gifts", {"title": "Tea"}),
            reads.patch(path, {"notes": "Blue"}),
            reads.post(f"{path}/status", {"status": "idea"}),
            reads.delete(path),
        ):
            assert answer.status_code == 403
        assert reads.get(path).status_code == 200
        assert program(user, Scope.MANAGE).get(path).status_code == 403

    def test_a_surprise_is_as_if_it_were_not_there(self, anns, scarf, kite, ann):
        hidden, missing = f"gifts/{kite.pk}", "gifts/4711"
        for ask in (
            anns.get,
            anns.delete,
            lambda path: anns.patch(path, {"notes": "Mine"}),
            lambda path: anns.patch(path, {"recipient_ids": []}, If_Match='"x"'),
            lambda path: anns.post(f"{path}/status", {"status": "purchased"}),
        ):
            answers = [ask(path) for path in (hidden, missing)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
            assert answers[0].headers == answers[1].headers
        assert titles(anns.get("gifts")) == ["Scarf"]
        assert anns.get("gifts", {"recipient_id": ann.pk}).json()["total"] == 0
        kite.refresh_from_db()
        assert (kite.notes, kite.status) == ("Red", "selected")

    def test_when_the_day_has_passed_it_is_told(self, anns, kite):
        Occasion.objects.filter(pk=kite.occasion_id).update(date=TODAY - timedelta(days=1))
        assert anns.get(f"gifts/{kite.pk}").json()["title"] == "Kite"

    def test_nobody_plans_a_gift_for_themselves(self, anns, christmas, scarf, ann, mom):
        reason = {
            "recipient_ids": "What you get there is for others to plan, until the day has passed."
        }
        both = [ann.pk, mom.pk]
        sent = {"title": "Tea", "occasion_id": christmas.pk, "recipient_ids": both}
        assert errors_of(anns.post("gifts", sent)) == reason
        assert errors_of(anns.patch(f"gifts/{scarf.pk}", {"recipient_ids": both})) == reason
        past = OccasionFactory(date=TODAY - timedelta(days=1))
        rug = make_gift(past, ann)
        assert errors_of(anns.patch(f"gifts/{rug.pk}", {"occasion_id": christmas.pk})) == reason
        assert anns.patch(f"gifts/{rug.pk}", {"notes": "Thanks"}).status_code == 200
