"""People for programs."""

from datetime import date
from typing import Any, get_args

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from occasions.api.persons import Related
from occasions.models import Occasion
from occasions.tests.factories import NOW, CardFactory, OccasionFactory, PersonFactory, make_gift
from occasions.tests.test_photos import picture
from people.models import Person, Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def user() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def ann(user: User) -> Person:
    return PersonFactory(name="Ann", user=user, birthday=date(1990, 9, 9))


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom", relationship="parent", interests="Tulips")


@pytest.fixture
def anns(user: User, ann: Person) -> Program:
    return program(user)


@pytest.fixture
def roots() -> Program:
    return program(UserFactory(username="root", administrator=True))


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


class TestReading:
    def test_everybody_is_told_by_name(self, anns, mom):
        assert anns.get("persons").json() == {
            "items": [
                anns.get(f"persons/{pk}").json() for pk in (anns.token.user.person.pk, mom.pk)
            ],
            "total": 2,
            "skip": 0,
            "limit": 20,
        }

    def test_a_person_is_told(self, anns, mom):
        answer = anns.get(f"persons/{mom.pk}")
        assert answer.json() == {
            "id": mom.pk,
            "name": "Mom",
            "relationship": "parent",
            "birthday": None,
            "anniversary": None,
            "interests": "Tulips",
            "sizes": "",
            "notes": "",
            "photo": None,
            "is_me": False,
            "is_member": False,
            "user_id": None,
        }
        assert answer["ETag"]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"q": "tulip"}, ["Mom"]),
            ({"q": "%"}, []),
            ({"relationship": "parent"}, ["Mom"]),
            ({"relationship": "child"}, []),
            ({"limit": 1, "skip": 1}, ["Mom"]),
        ],
    )
    def test_the_list_is_filtered(self, anns, mom, query, names):
        assert [one["name"] for one in anns.get("persons", query).json()["items"]] == names

    def test_who_signs_in_as_whom_is_for_administrators(self, anns, ann, roots):
        told = [one.get(f"persons/{ann.pk}").json() for one in (anns, roots)]
        assert [(one["user_id"], one["is_me"], one["is_member"]) for one in told] == [
            (None, True, True),
            (ann.user_id, False, True),
        ]

    def test_the_list_asks_as_often_for_many_as_for_few(self, anns):
        counts = []
        anns.get("persons")  # the first use of a token is noted
        for number in (3, 12):
            PersonFactory.create_batch(number)
            with CaptureQueriesContext(connection) as asked:
                anns.get("persons")
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_relationships_are_those_of_the_household(self):
        assert set(get_args(Related)) == set(Person.Relationship.values)


class TestWriting:
    def test_a_new_person_has_a_birthday_on_the_calendar(self, anns):
        answer = anns.post("persons", {"name": " Tom ", "birthday": "2020-02-29"})
        assert answer.status_code == 201
        told = answer.json()
        assert (told["name"], told["relationship"]) == ("Tom", "relative")
        occasion = Occasion.objects.get(celebrates=told["id"])
        assert occasion.date == date(2027, 2, 28)
        assert answer["ETag"] == anns.get(f"persons/{told['id']}")["ETag"]

    def test_what_is_not_sent_stays_and_null_empties(self, anns, mom):
        Person.objects.filter(pk=mom.pk).update(sizes="38", birthday=date(1960, 1, 1))
        sent = {"sizes": None, "birthday": None, "notes": "Nuts"}
        answer = anns.patch(f"persons/{mom.pk}", sent)
        assert answer.status_code == 200
        mom.refresh_from_db()
        assert (mom.sizes, mom.birthday, mom.notes) == ("", None, "Nuts")
        assert (mom.name, mom.relationship, mom.interests) == ("Mom", "parent", "Tulips")

    def test_the_whole_answer_may_be_sent_back(self, anns, ann):
        told = anns.get(f"persons/{ann.pk}").json()
        for name in ("id", "photo", "is_me", "is_member"):
            del told[name]
        answer = anns.patch(f"persons/{ann.pk}", told | {"notes": "Nuts"})
        assert (answer.status_code, answer.json()["notes"]) == (200, "Nuts")

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "  "}, "name"),
            ({"name": None}, "name"),
            ({"name": "a" * 121}, "name"),
            ({"name": "a\0b"}, "name"),
            ({"name": "\ud800"}, "name"),
            ({"name": 5}, "name"),
            ({"relationship": "boss"}, "relationship"),
            ({"relationship": None}, "relationship"),
            ({"birthday": "2026-07-16"}, "birthday"),
            ({"birthday": "0001-01-01"}, "birthday"),
            ({"anniversary": "9999-12-31"}, "anniversary"),
            ({"anniversary": 0}, "anniversary"),
            ({"interests": "a" * 2001}, "interests"),
            ({"photo": "x"}, "photo"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field(self, anns, mom, sent, field):
        assert list(errors_of(anns.patch(f"persons/{mom.pk}", sent))) == [field]
        new = {"name": "Tom"} | sent
        assert list(errors_of(anns.post("persons", new))) == [field]
        mom.refresh_from_db()
        assert (mom.name, mom.birthday) == ("Mom", None)
        assert not Person.objects.filter(name="Tom").exists()

    def test_a_new_person_has_a_name(self, anns):
        assert list(errors_of(anns.post("persons", {}))) == ["name"]

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"x"', b"[" * 2000])
    def test_what_is_no_object_is_refused(self, anns, body):
        assert anns.post("persons", body).status_code in {400, 422}

    def test_a_person_is_deleted(self, anns, mom):
        assert anns.delete(f"persons/{mom.pk}").status_code == 204
        assert anns.get(f"persons/{mom.pk}").status_code == 404

    @pytest.mark.parametrize("key", ["0", "-1", "x", "9223372036854775808", "%00"])
    def test_what_is_no_key_is_refused(self, anns, key):
        assert anns.get(f"persons/{key}").status_code == 422


class TestVersions:
    def test_two_programs_do_not_undo_each_other(self, anns, roots, mom):
        seen = anns.get(f"persons/{mom.pk}")["ETag"]
        path, first, second = f"persons/{mom.pk}", {"notes": "Nuts"}, {"notes": "Milk"}
        # What only administrators are told makes no other version for a member.
        assert anns.patch(path, first, If_Match=seen).status_code == 200
        refusal = anns.patch(path, second, If_Match=seen)
        assert refusal.status_code == 412
        assert refusal["ETag"] == anns.get(path)["ETag"]
        assert anns.delete(path, If_Match=seen).status_code == 412
        mom.refresh_from_db()
        assert mom.notes == "Nuts"
        assert anns.patch(path, second).status_code == 200


class TestRights:
    def test_a_token_that_reads_writes_nothing(self, user, mom):
        reads = program(user, Scope.READ, Scope.SPEND)
        for answer in (
            reads.post("persons", {"name": "Tom"}),
            reads.patch(f"persons/{mom.pk}", {"name": "Tom"}),
            reads.delete(f"persons/{mom.pk}"),
            reads.post(f"persons/{mom.pk}/me"),
        ):
            assert answer.status_code == 403
        assert reads.get(f"persons/{mom.pk}").status_code == 200

    def test_nobody_is_told_without_a_token(self, client, mom):
        assert client.get("/api/v1/persons").status_code == 401

    @pytest.mark.parametrize("field", ["birthday", "anniversary"])
    def test_nobody_moves_their_own_day_while_others_are_there(self, anns, ann, roots, field):
        Person.objects.filter(pk=ann.pk).update(anniversary=date(2020, 9, 9))
        path = f"persons/{ann.pk}"
        for day in ("2012-07-14", None):
            answer = anns.patch(path, {field: day, "notes": "Nuts"})
            assert answer.status_code == 403
            assert "somebody else" in answer.json()["detail"]
        ann.refresh_from_db()
        assert (getattr(ann, field).month, ann.notes) == (9, "")
        assert roots.patch(path, {field: "2012-07-14"}).status_code == 200

    def test_nobody_deletes_their_own_entry(self, anns, ann, roots):
        assert anns.delete(f"persons/{ann.pk}").status_code == 403
        assert Person.objects.filter(pk=ann.pk).exists()

    def test_a_day_at_which_somebody_receives_is_not_theirs_to_move(self, anns, ann, mom, roots):
        birthday = OccasionFactory(kind="birthday", celebrates=mom, date=date(2026, 10, 3))
        Person.objects.filter(pk=mom.pk).update(birthday=date(1960, 10, 3))
        CardFactory(person=ann, occasion=birthday)
        path, sent = f"persons/{mom.pk}", {"birthday": "1960-07-01"}
        assert [who.patch(path, sent).status_code for who in (anns, roots)] == [403, 200]

    def test_only_administrators_say_who_signs_in_as_whom(self, anns, mom, roots):
        other = UserFactory()
        path, sent = f"persons/{mom.pk}", {"user_id": other.pk}
        assert anns.patch(path, sent).status_code == 403
        assert anns.post("persons", {"name": "Tom"} | sent).status_code == 403
        assert anns.patch(path, {"user_id": None}).status_code == 200
        assert roots.patch(path, sent).json()["user_id"] == other.pk
        assert list(errors_of(roots.post("persons", {"name": "Tom"} | sent))) == ["user_id"]
        assert roots.patch(path, {"user_id": None}).json()["is_member"] is False

    def test_a_member_says_who_they_are_once(self, mom, ann):
        ben = program(UserFactory(username="ben"))
        assert ben.post(f"persons/{ann.pk}/me").status_code == 403
        answer = ben.post(f"persons/{mom.pk}/me")
        assert (answer.status_code, answer.json()["is_me"]) == (200, True)
        assert answer["ETag"] == ben.get(f"persons/{mom.pk}")["ETag"]
        assert ben.post(f"persons/{PersonFactory().pk}/me").status_code == 403

    def test_what_goes_with_somebody_is_as_on_the_page(self, anns, mom, ann):
        occasion = OccasionFactory()
        alone, shared = make_gift(occasion, mom), make_gift(occasion, mom, PersonFactory())
        anns.delete(f"persons/{mom.pk}")
        statuses = [anns.get(f"gifts/{one.pk}").status_code for one in (alone, shared)]
        assert statuses == [404, 200]


class TestPhotos:
    @staticmethod
    def send(who: Program, person: Person, data: bytes, **headers: str) -> Any:
        photo = SimpleUploadedFile("../../me.png", data, content_type="image/png")
        return who.client.post(
            f"/api/v1/persons/{person.pk}/photo",
            {"photo": photo},
            headers=who.headers | headers,
        )

    def test_a_photo_is_stored_told_and_deleted(self, anns, mom, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        before = anns.get(f"persons/{mom.pk}")["ETag"]
        assert anns.get(f"persons/{mom.pk}/photo").status_code == 404
        answer = self.send(anns, mom, picture())
        assert answer.status_code == 200
        assert answer["ETag"] == anns.get(f"persons/{mom.pk}")["ETag"] != before
        photo = anns.client.get(answer.json()["photo"], headers=anns.headers)
        assert photo["Content-Type"] == "image/webp"
        assert b"".join(photo)[8:12] == b"WEBP"
        path = f"persons/{mom.pk}/photo"
        assert anns.delete(path, If_Match=before).status_code == 412
        assert anns.delete(path).status_code == 204
        assert anns.get(path).status_code == 404
        assert anns.get(f"persons/{mom.pk}")["ETag"] == before

    def test_what_is_no_picture_is_refused(self, anns, mom):
        assert list(errors_of(self.send(anns, mom, b"<svg>"))) == ["photo"]
        assert list(errors_of(anns.post(f"persons/{mom.pk}/photo", {}))) == ["photo"]
        assert anns.get(f"persons/{mom.pk}").json()["photo"] is None

    def test_an_older_version_is_not_overwritten(self, anns, mom):
        answer = self.send(anns, mom, picture(), **{"If-Match": '"old"'})
        assert answer.status_code == 412
