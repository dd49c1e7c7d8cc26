"""What is asked under an idempotency key is done once."""

import json
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from django.test import RequestFactory
from ninja import Schema

from people.models import Answer, Person, User
from people.programs import once as onces
from people.programs.once import Reply, once
from people.programs.problems import MEDIA_TYPE, Refused, problem
from people.tests.factories import UserFactory

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


class Shown(Schema):
    number: int
    nothing: None = None


class NoRoom(Exception):
    """A refusal that is an answer like any other."""


FINAL = {NoRoom: lambda refusal: problem(402, "no-room", "No room", str(refusal))}


class Work:
    """Writes down a person each time it is done."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure, self.times = failure, 0

    def __call__(self) -> Reply:
        self.times += 1
        Person.objects.create(name=f"Person {self.times}")
        if self.failure:
            raise self.failure
        return Reply.of(Shown(number=self.times), 201)


@pytest.fixture
def ann() -> User:
    return UserFactory()


def ask(user, work, key="a-key", *, body="{}", path="/api/v1/things", method="post", final=None):
    headers = {} if key is None else {"Idempotency-Key": key}
    request = getattr(RequestFactory(), method)(
        path, body, content_type="application/json", headers=headers
    )
    request.user = user
    return once(request, work, final=final)


def told(answer) -> tuple[int, str, bool]:
    return answer.status_code, answer.content.decode(), "Idempotent-Replayed" in answer.headers


class TestTheFirstAnswer:
    def test_is_given_again_and_says_so(self, ann):
        work = Work()
        first, second = (ask(ann, work) for _ in range(2))
        assert told(first) == (201, '{"number":1,"nothing":null}', False)
        assert told(second) == (201, '{"number":1,"nothing":null}', True)
        assert first["Content-Type"] == second["Content-Type"] == "application/json"
        assert second["Idempotent-Replayed"] == "true"
        assert work.times == Person.objects.count() == 1

    def test_without_a_key_each_request_is_a_new_one(self, ann):
        work = Work()
        assert [told(ask(ann, work, None))[2] for _ in range(2)] == [False, False]
        assert work.times == Person.objects.count() == 2
        assert not Answer.objects.exists()

    def test_is_given_to_whoever_asked_first_and_to_nobody_else(self, ann):
        work = Work()
        ask(ann, work)
        other = ask(UserFactory(), work)
        assert told(other) == (201, '{"number":2,"nothing":null}', False)

    def test_is_one_for_each_key(self, ann):
        work = Work()
        for key in ("a", "A", "a ", "b"):
            ask(ann, work, key)
        assert work.times == 4

    @pytest.mark.parametrize(
        "other",
        [
            {"body": "{ }"},
            {"path": "/api/v1/others"},
            {"path": "/api/v1/things?a=1"},
            {"method": "put"},
        ],
    )
    def test_to_another_request_is_refused(self, ann, other):
        work = Work()
        ask(ann, work)
        with pytest.raises(Refused) as refusal:
            ask(ann, work, **other)
        assert refusal.value.problem.status == 422
        assert refusal.value.problem.type.endswith(":key-reused")
        assert work.times == 1


class TestRefusals:
    def test_a_final_one_is_an_answer_and_undoes_the_work(self, ann):
        work = Work(NoRoom("It is full."))
        first, second = (ask(ann, work, final=FINAL) for _ in range(2))
        assert first.status_code == second.status_code == 402
        assert first.content == second.content
        assert first["Content-Type"] == second["Content-Type"] == MEDIA_TYPE
        assert json.loads(first.content)["detail"] == "It is full."
        assert work.times == 1
        assert not Person.objects.exists()

    def test_any_other_stores_nothing_and_asking_again_tries_again(self, ann):
        work = Work(RuntimeError("the power went"))
        for _ in range(2):
            with pytest.raises(RuntimeError):
                ask(ann, work, final=FINAL)
        assert work.times == 2
        assert not Person.objects.exists()
        assert not Answer.objects.exists()
        work.failure = None
        assert told(ask(ann, work))[0] == 201

    def test_a_final_one_without_a_key_is_raised_as_ever(self, ann):
        with pytest.raises(NoRoom):
            ask(ann, Work(NoRoom()), None, final=FINAL)

    def test_one_that_was_overtaken_is_answered_with_the_first(self, ann, monkeypatch):
        look = onces._first

        def overtaken(*asked):
            monkeypatch.setattr(onces, "_first", look)
            assert told(ask(ann, Work())) == (201, '{"number":1,"nothing":null}', False)

        monkeypatch.setattr(onces, "_first", overtaken)
        answer = ask(ann, Work(Refused(problem(404, "gone", "Taken by the first"))))
        assert told(answer) == (201, '{"number":1,"nothing":null}', True)
        assert Person.objects.count() == 1

    def test_a_broken_constraint_of_the_work_itself_is_not_taken_for_a_repeat(self, ann):
        with pytest.raises(IntegrityError):
            ask(ann, Work(IntegrityError("of the work")))


class TestKeys:
    @pytest.mark.parametrize("key", ["k", "k" * 255, "a key!", "~"])
    def test_are_1_to_255_printable_ascii_characters(self, ann, key):
        assert told(ask(ann, Work(), key))[0] == 201

    @pytest.mark.parametrize("key", ["", "k" * 256, "é", "a\tb", "a\0b"])
    def test_others_are_refused_before_any_work(self, ann, key):
        work = Work()
        with pytest.raises(Refused) as refusal:
            ask(ann, work, key)
        [error] = refusal.value.problem.errors
        assert (error.field, error.message) == (
            "header.Idempotency-Key",
            "Use 1 to 255 printable ASCII characters.",
        )
        assert work.times == 0
