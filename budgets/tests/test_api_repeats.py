"""Spending under an Idempotency-Key: once and for all, also at the same moment."""

from functools import partial

import pytest

from budgets.ledger import check
from budgets.models import Entry, Hold
from budgets.tests.asking import at_now, gateway, member
from budgets.tests.factories import make_budget, open_cycle, set_up
from budgets.tests.threads import together
from people.models import Answer
from people.tests.programs import program


def post(asking, body, *, key="k-1", path="usage"):
    return asking.post(path, body, Idempotency_Key=key)


class TestOneAfterTheOther:
    pytestmark = at_now

    def test_a_repeat_gets_the_first_answer_and_posts_nothing(self):
        budget, ann = member(limit=10)
        first, again = (post(ann, {"cost": "4"}) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert (again["Idempotent-Replayed"], again["Content-Type"]) == ("true", "application/json")
        assert "Idempotent-Replayed" not in first
        assert (Entry.objects.count(), open_cycle(budget).spent) == (1, 4)

    def test_another_key_posts_again(self):
        budget, ann = member(limit=10)
        for key in ("k-1", "k-2"):
            post(ann, {"cost": "4"}, key=key)
        assert open_cycle(budget).spent == 8

    def test_another_body_under_the_same_key_is_a_mistake(self):
        budget, ann = member(limit=10)
        post(ann, {"cost": "4"})
        answer = post(ann, {"cost": "5"})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:pursestrings:key-reused")
        assert open_cycle(budget).spent == 4

    def test_a_refusal_is_repeated_even_when_it_would_fit_by_now(self):
        budget, ann = member(limit=10)
        first = post(ann, {"cost": "11"})
        set_up(budget, limit=100)
        again = post(ann, {"cost": "11"})
        assert (first.status_code, again.status_code) == (402, 402)
        assert again.json() == first.json()
        assert again["Content-Type"] == "application/problem+json"
        assert Entry.objects.count() == 0
        assert post(ann, {"cost": "11"}, key="k-2").status_code == 201

    def test_what_was_wrong_is_not_kept(self):
        _, ann = member(limit=10)
        assert post(ann, {"cost": "x"}).status_code == 422
        assert post(ann, {"provider": "openai", "model": "x", "input_tokens": 1}).status_code == 422
        assert Answer.objects.count() == 0
        assert post(ann, {"cost": "1"}).status_code == 201

    def test_a_failure_keeps_nothing_of_either(self, monkeypatch):
        _, ann = member(limit=10)

        def fail(*said, **more):
            raise RuntimeError

        monkeypatch.setattr("budgets.api.usage.EntryShown.of", fail)
        assert post(ann, {"cost": "1"}).status_code == 500
        assert (Entry.objects.count(), Answer.objects.count()) == (0, 0)
        monkeypatch.undo()
        assert post(ann, {"cost": "1"}).status_code == 201
        assert check() == []

    def test_holds_settling_and_releasing_are_done_once_too(self):
        budget, ann = member(limit=10)
        hold = [post(ann, {"amount": "2"}, path="holds").json()["hold"]["id"] for _ in range(2)]
        assert hold[0] == hold[1]
        other = post(ann, {"amount": "2"}, path="holds", key="k-2").json()["hold"]["id"]
        for path, body in (
            (f"holds/{hold[0]}/settle", {"cost": "3"}),
            (f"holds/{other}/release", None),
        ):
            first, again = (post(ann, body, path=path, key=path) for _ in range(2))
            assert (first.status_code, again.content) == (200, first.content)
        assert (open_cycle(budget).spent, open_cycle(budget).held) == (3, 0)
        assert Hold.objects.count() == 2

    def test_two_members_may_use_the_same_key(self):
        _, ann = member(limit=10)
        _, ben = member(limit=10)
        assert post(ann, {"cost": "1"}).status_code == post(ben, {"cost": "1"}).status_code == 201
        assert Entry.objects.count() == 2

    def test_a_gateways_key_counts_for_whomever_it_spends(self):
        ann, _ = member(limit=10)
        proxy = gateway()
        body = {"cost": "1", "on_behalf_of": ann.member_name}
        first, again = (post(proxy, body) for _ in range(2))
        assert (first.status_code, again.content) == (201, first.content)
        assert open_cycle(ann).spent == 1


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_of_eight_with_one_key_one_posts_and_all_get_its_answer(self):
        budget = make_budget(limit=10)
        ann = program(budget.user)
        answers = together([partial(post, ann, {"cost": "4"})] * 8)
        assert [answer.status_code for answer in answers] == [201] * 8
        assert len({answer.content for answer in answers}) == 1
        assert (Entry.objects.count(), open_cycle(budget).spent) == (1, 4)
        assert Answer.objects.count() == 1
        assert check() == []

    def test_of_two_with_one_key_and_no_room_for_two_both_get_the_same(self):
        budget = make_budget(limit=10)
        ann = program(budget.user)
        answers = together([partial(post, ann, {"amount": "6"}, path="holds")] * 2)
        assert [answer.status_code for answer in answers] == [201, 201]
        assert (Hold.objects.count(), open_cycle(budget).held) == (1, 6)

    def test_a_hundred_holds_of_one_with_forty_left_admit_forty(self):
        budget = make_budget(limit=40)
        ann = program(budget.user)
        answers = together([partial(ann.post, "holds", {"amount": "1.00"}) for _ in range(100)])
        codes = [answer.status_code for answer in answers]
        assert (codes.count(201), codes.count(402)) == (40, 60)
        assert open_cycle(budget).held == 40
        assert check() == []

    def test_of_many_who_settle_or_release_one_hold_one_does(self):
        budget = make_budget(limit=10)
        ann = program(budget.user)
        key = ann.post("holds", {"amount": "4"}).json()["hold"]["id"]
        settling = [partial(ann.post, f"holds/{key}/settle", {"cost": "3"})] * 6
        batch = {"holds": [{"hold": key, "cost": "3"}]}
        many = [partial(ann.post, "holds/settle", batch)] * 3
        releasing = [partial(ann.post, f"holds/{key}/release")] * 3
        answers = together([*settling, *many, *releasing])
        assert {answer.status_code for answer in answers} <= {200, 409}
        cycle, kept = open_cycle(budget), Hold.objects.get()
        assert cycle.held == 0
        assert cycle.spent == (3 if kept.status == "settled" else 0)
        assert Entry.objects.count() == (1 if kept.status == "settled" else 0)
        assert check() == []
