"""Occasions and holidays for programs."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from occasions.api.occasions import Kind
from occasions.models import Occasion, PersonOccasion
from occasions.tests.factories import (
    CHRISTMAS,
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.models import Person, Scope, User
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
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def christmas(mom: Person) -> Occasion:
    occasion = OccasionFactory(budget_total=Decimal(200), description="At home")
    CardFactory(occasion=occasion, person=mom, recipient_budget=Decimal(250))
    return occasion


@pytest.fixture
def anns(user: User) -> Program:
    return program(user)


@pytest.fixture
def roots() -> Program:
    return program(UserFactory(username="root", administrator=True))


@pytest.fixture
def surprise(christmas: Occasion, ann: Person, roots: Program) -> Occasion:
    """Christmas, at which Ann receives gifts too."""
    CardFactory(occasion=christmas, person=ann)
    return christmas


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def items(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


class TestReading:
    def test_an_occasion_is_told(self, anns, christmas):
        answer = anns.get(f"occasions/{christmas.pk}")
        assert answer.json() == {
            "id": christmas.pk,
            "name": "Christmas",
            "kind": "holiday",
            "date": "2026-12-25",
            "repeats_yearly": False,
            "description": "At home",
            "budget_total": "200.00",
            "is_surprise": False,
            "celebrates_id": None,
            "years": None,
            "country": "",
            "previous_id": None,
            "next_id": None,
        }
        assert answer["ETag"]

    def test_a_list_tells_where_each_stands(self, anns, christmas, mom):
        make_gift(christmas, mom, price="50.00", status="purchased")
        dad = CardFactory(occasion=christmas, person__name="Dad").person
        [told] = items(anns.get("occasions"))
        assert told["figures"] == {
            "bought": "50.00",
            "planned": "0.00",
            "ideas": "0.00",
            "gifts": 1,
            "unpriced": 0,
            "budget": "200.00",
            "remaining": "150.00",
            "over_by": "0.00",
            "percent": "25.0",
            "level": "green",
        }
        assert told["needing"] == [{"id": dad.pk, "name": "Dad"}]
        standing = anns.get(f"occasions/{christmas.pk}/standing").json()
        assert (standing["figures"], standing["needing"]) == (told["figures"], told["needing"])
        assert standing["over_allocated"] == "50.00"

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, ["Old", "Picnic", "Easter"]),
            ({"upcoming": "true"}, ["Picnic", "Easter"]),
            ({"upcoming": "false"}, ["Old"]),
            ({"kind": "holiday"}, ["Easter"]),
            ({"since": "2026-07-15", "until": "2026-12-31"}, ["Picnic"]),
            ({"year": 2027}, ["Easter"]),
            ({"q": "lake"}, ["Picnic"]),
            ({"q": "_"}, []),
            ({"skip": 1, "limit": 1}, ["Picnic"]),
            ({"skip": 3}, []),
        ],
    )
    def test_the_list_is_filtered(self, anns, query, names):
        OccasionFactory(name="Easter", date=date(2027, 3, 28))
        OccasionFactory(name="Picnic", kind="other", date=TODAY, description="At the lake")
        OccasionFactory(name="Old", kind="other", date=TODAY - timedelta(days=1))
        assert [one["name"] for one in items(anns.get("occasions", query))] == names

    @pytest.mark.parametrize(
        "query",
        [
            {"year": 1},
            {"year": "x"},
            {"since": "0"},
            {"since": "2026-13-01"},
            {"upcoming": "maybe"},
            {"kind": "feast"},
            {"q": "a\0"},
            {"q": "a" * 101},
            {"limit": 101},
            {"limit": 0},
            {"skip": -1},
        ],
    )
    def test_a_filter_that_cannot_be_read_is_refused(self, anns, query):
        assert list(errors_of(anns.get("occasions", query))) == [f"query.{next(iter(query))}"]

    def test_the_list_asks_as_often_for_many_as_for_few(self, anns, ann):
        counts = []
        anns.get("occasions")  # the first use of a token is noted
        for number in (3, 12):
            for _ in range(number):
                occasion = OccasionFactory(repeats_yearly=True)
                CardFactory(occasion=occasion, person=ann)
                make_gift(occasion, CardFactory(occasion=occasion).person)
            with CaptureQueriesContext(connection) as asked:
                anns.get("occasions")
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_the_next_year_of_what_is_over_is_opened(self, anns):
        last = OccasionFactory(date=TODAY - timedelta(days=1), repeats_yearly=True)
        [told] = items(anns.get("occasions", {"upcoming": "true"}))
        assert told["previous_id"] == last.pk
        assert anns.get(f"occasions/{last.pk}").json()["next_id"] == told["id"]

    def test_kinds_are_those_of_occasions(self):
        assert set(get_args(Kind)) == set(Occasion.Kind.values)


class TestWriting:
    def test_a_new_occasion_has_its_list(self, anns, mom):
        sent = {"name": "Feast", "date": "2026-12-25", "budget_total": "99999999.99"}
        answer = anns.post("occasions", sent | {"person_ids": [mom.pk]})
        assert answer.status_code == 201
        told = answer.json()
        assert (told["kind"], told["budget_total"]) == ("other", "99999999.99")
        assert answer["ETag"] == anns.get(f"occasions/{told['id']}")["ETag"]
        assert PersonOccasion.objects.get(occasion=told["id"]).person == mom

    def test_who_puts_themselves_on_the_list_is_answered_as_who_receives(self, anns, ann):
        sent = {"name": "Feast", "date": "2026-12-25", "budget_total": "100.00"}
        answer = anns.post("occasions", sent | {"person_ids": [ann.pk]})
        assert (answer.json()["is_surprise"], answer.json()["budget_total"]) == (True, None)
        assert answer["ETag"] == anns.get(f"occasions/{answer.json()['id']}")["ETag"]

    def test_what_is_not_sent_stays_and_null_empties(self, anns, christmas):
        path = f"occasions/{christmas.pk}"
        assert anns.patch(path, {"description": None}).json()["budget_total"] == "200.00"
        assert anns.patch(path, {"budget_total": None}).json()["budget_total"] is None
        assert anns.patch(path, {"budget_total": "0"}).json()["budget_total"] == "0.00"
        assert anns.patch(path, {}).json()["name"] == "Christmas"
        christmas.refresh_from_db()
        assert (christmas.description, christmas.budget_total) == ("", 0)

    def test_a_whole_answer_may_be_sent_back(self, anns, surprise):
        path = f"occasions/{surprise.pk}"
        told = anns.get(path).json()
        known = {"name", "kind", "date", "repeats_yearly", "description", "budget_total"}
        sent = {name: told[name] for name in known} | {"name": "Yule"}
        assert anns.patch(path, sent).json() == told | {"name": "Yule"}

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "a" * 121}, "name"),
            ({"name": "a\0b"}, "name"),
            ({"date": None}, "date"),
            ({"date": "1899-12-31"}, "date"),
            ({"date": "9999-12-31"}, "date"),
            ({"date": "2026-02-30"}, "date"),
            ({"date": 20261225}, "date"),
            ({"kind": "feast"}, "kind"),
            ({"repeats_yearly": "yes"}, "repeats_yearly"),
            ({"repeats_yearly": None}, "repeats_yearly"),
            ({"description": "a" * 2001}, "description"),
            ({"budget_total": "-1"}, "budget_total"),
            ({"budget_total": 5}, "budget_total"),
            ({"budget_total": "0.001"}, "budget_total"),
            ({"budget_total": "100000000"}, "budget_total"),
            ({"celebrates_id": 1}, "celebrates_id"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field(self, anns, christmas, sent, field):
        assert list(errors_of(anns.patch(f"occasions/{christmas.pk}", sent))) == [field]
        new = {"name": "Feast", "date": "2026-12-25"} | sent
        assert list(errors_of(anns.post("occasions", new))) == [field]
        christmas.refresh_from_db()
        assert (christmas.date, christmas.budget_total) == (CHRISTMAS, 200)
        assert Occasion.objects.count() == 1

    @pytest.mark.parametrize("keys", [[2**62], ["1"], [True], [0], list(range(1, 502)), None])
    def test_nobody_who_is_not_there_is_put_on_a_new_list(self, anns, keys):
        sent = {"name": "Feast", "date": "2026-12-25", "person_ids": keys}
        assert next(iter(errors_of(anns.post("occasions", sent)))).startswith("person_ids")
        assert not Occasion.objects.exists()

    def test_whose_birthday_it_is_stays_as_it_is(self, anns, mom):
        birthday = OccasionFactory(kind="birthday", celebrates=mom)
        path = f"occasions/{birthday.pk}"
        assert errors_of(anns.patch(path, {"kind": "other"})) == {
            "kind": "This is Mom’s birthday, and stays one."
        }
        assert anns.patch(path, {"kind": "birthday", "name": "Feast"}).status_code == 200

    def test_deleting_one_year_keeps_the_others(self, anns):
        last = OccasionFactory(date=date(2025, 12, 25))
        coming = OccasionFactory(previous=last)
        assert anns.delete(f"occasions/{coming.pk}").status_code == 204
        assert anns.get(f"occasions/{coming.pk}").status_code == 404
        assert anns.get(f"occasions/{last.pk}").status_code == 200


class TestVersions:
    def test_two_programs_do_not_undo_each_other(self, anns, christmas):
        path = f"occasions/{christmas.pk}"
        seen = anns.get(path)["ETag"]
        changed = anns.patch(path, {"budget_total": "1"}, If_Match=seen)
        assert changed["ETag"] == anns.get(path)["ETag"] != seen
        refusal = anns.patch(path, {"budget_total": "2"}, If_Match=seen)
        assert (refusal.status_code, refusal["ETag"]) == (412, changed["ETag"])
        assert anns.delete(path, If_Match=seen).status_code == 412
        assert anns.get(path).json()["budget_total"] == "1.00"
        assert anns.delete(path, If_Match=f'"x", {changed["ETag"]}').status_code == 204

    def test_a_gift_makes_no_other_version_of_an_occasion(self, anns, christmas, mom):
        seen = anns.get(f"occasions/{christmas.pk}")["ETag"]
        make_gift(christmas, mom)
        assert anns.patch(f"occasions/{christmas.pk}", {}, If_Match=seen).status_code == 200


class TestRights:
    def test_a_token_that_reads_writes_nothing(self, user, christmas):
        reads, path = program(user, Scope.READ, Scope.SPEND), f"occasions/{christmas.pk}"
        for answer in (
            reads.post("occasions", {"name": "Feast", "date": "2026-12-25"}),
            reads.patch(path, {"name": "Feast"}),
            reads.delete(path),
            reads.post("holidays", {"country": "US", "names": ["Christmas Day"]}),
        ):
            assert answer.status_code == 403
        assert reads.get(path).status_code == 200

    def test_what_is_not_there_is_not_there(self, anns, christmas):
        for path in ("occasions/4711", "occasions/4711/standing"):
            assert anns.get(path).status_code == 404
        assert anns.patch("occasions/4711", {"name": "Feast"}).status_code == 404
        assert anns.delete("occasions/4711").status_code == 404

    def test_where_somebody_receives_others_move_the_day(self, anns, roots, surprise):
        path = f"occasions/{surprise.pk}"
        answer = anns.patch(path, {"date": "2026-07-01", "name": "Yule"})
        assert answer.status_code == 403
        assert answer.json()["detail"] == "You receive gifts here, so somebody else moves the day."
        assert anns.delete(path).status_code == 403
        assert anns.patch(path, {"date": "2026-12-25", "name": "Yule"}).status_code == 200
        assert roots.patch(path, {"date": "2026-12-24"}).status_code == 200

    def test_a_budget_that_is_for_one_alone_is_kept_from_them(self, anns, roots, surprise, mom):
        path = f"occasions/{surprise.pk}"
        assert anns.get(path).json()["budget_total"] == "200.00"
        PersonOccasion.objects.filter(person=mom).update(receives=False, recipient_budget=None)
        assert anns.get(path).json()["budget_total"] is None
        [listed] = items(anns.get("occasions"))
        assert (listed["budget_total"], listed["figures"]["budget"]) == (None, None)
        for guess in ("200.00", "1.00"):
            answer = anns.patch(path, {"budget_total": guess})
            assert answer.status_code == 403
            assert guess not in answer.content.decode()
        assert anns.patch(path, {"budget_total": None}).status_code == 200
        assert roots.get(path).json()["budget_total"] == "200.00"


class TestHolidays:
    def test_they_are_told_and_put_on_the_calendar(self, anns):
        told = anns.get("holidays", {"country": "US"}).json()
        assert {"name": "Christmas Day", "date": "2026-12-25", "is_known": False} in told
        sent = {"country": "US", "names": ["Christmas Day"]}
        answer = anns.post("holidays", sent)
        [added] = answer.json()
        assert (answer.status_code, added["kind"]) == (201, "holiday")
        assert (added["country"], added["repeats_yearly"]) == ("US", True)
        known = [
            one["name"] for one in anns.get("holidays", {"country": "US"}).json() if one["is_known"]
        ]
        assert known == ["Christmas Day"]
        assert anns.post("holidays", sent).json() == []

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"names": ["Christmas Day"]}, "country"),
            ({"country": "ZZ", "names": ["Christmas Day"]}, "country"),
            ({"country": "us", "names": ["Christmas Day"]}, "country"),
            ({"country": "US", "names": []}, "names"),
            ({"country": "US", "names": ["Doomsday"]}, "names"),
            ({"country": "US", "names": ["a\0"]}, "names"),
        ],
    )
    def test_what_is_no_holiday_is_refused(self, anns, sent, field):
        assert list(errors_of(anns.post("holidays", sent))) == [field]
        assert not Occasion.objects.exists()

    def test_an_unknown_country_is_told(self, anns):
        assert list(errors_of(anns.get("holidays", {"country": "ZZ"}))) == ["query.country"]
        assert isinstance(anns.get("holidays").json(), list)
