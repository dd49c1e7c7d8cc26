"""The same request under the same key, at the same instant: it is done once."""

from threading import Barrier, Thread, current_thread

import pytest
from django.db import connection
from django.test import RequestFactory
from ninja import Schema

from people.models import Answer, Person, User
from people.programs import once as onces
from people.programs.once import Reply, once
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PROGRAMS = 4


class Shown(Schema):
    name: str


def ask(user: User, name: str) -> tuple[int, bytes, bool]:
    def work() -> Reply:
        Person.objects.create(name=name)
        return Reply.of(Shown(name=name), 201)

    request = RequestFactory().post("/api/v1/things", headers={"Idempotency-Key": "a-key"})
    request.user = user
    answer = once(request, work)
    return answer.status_code, answer.content, "Idempotent-Replayed" in answer.headers


def test_of_those_that_found_no_answer_yet_one_does_the_work(monkeypatch):
    ann = UserFactory()
    start, look = Barrier(PROGRAMS, timeout=30), onces._first
    looked, told = set(), []

    def look_together(*args):
        found = look(*args)
        if current_thread() not in looked:
            looked.add(current_thread())
            assert found is None
            start.wait()
        return found

    def run() -> None:
        try:
            told.append(ask(ann, current_thread().name))
        finally:
            connection.close()

    monkeypatch.setattr(onces, "_first", look_together)
    threads = [Thread(target=run, name=f"{number}") for number in range(PROGRAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = Person.objects.get().name
    assert sorted(replayed for _, _, replayed in told) == [False, True, True, True]
    assert {(status, body) for status, body, _ in told} == {
        (201, f'{{"name":"{winner}"}}'.encode())
    }
    assert Answer.objects.count() == 1
