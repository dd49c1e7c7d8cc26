"""POST usage/batch: up to 1,000 events, each with an answer of its own."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import Busy, check
from budgets.models import Entry
from budgets.tests.asking import at_now, gateway, member, wrong
from budgets.tests.factories import open_cycle, record, spend
from people.models import User
from people.tests.factories import UserFactory

pytestmark = at_now


def post(asking, *events, **headers):
    return asking.post("usage/batch", {"events": list(events)}, **headers)


def outcomes(answer):
    assert answer.status_code == 200, answer.content
    return [one["outcome"] for one in answer.json()["answers"]]


def named(name, cost="1", **more):
    return {"cost": cost, "source": "gateway", "source_event_id": name, **more}


def test_a_thousand_events_with_all_the_words_they_may_have_are_read():
    _, ann = member(limit=10_000)
    words = {"provider": 100, "model": 200, "operation": 100, "memo": 500, "source": 100}
    event = {"cost": "1", **{name: "ü" * most for name, most in words.items()}}
    events = [{**event, "source_event_id": f"{number:ü>200}"} for number in range(1_000)]
    assert set(outcomes(post(ann, *events))) == {"accepted"}


def test_each_event_is_answered_and_exactly_the_accepted_are_stored():
    budget, ann = member(limit=10)
    other, _ = member()
    first = spend(budget, "4", source="gateway", source_event_id="seen")
    record(other, "1", source="gateway", source_event_id="theirs")
    answer = post(
        ann,
        named("a", "3"),
        named("seen", "4"),
        {"cost": "3.000001"},
        {"cost": "one"},
        "nonsense",
        None,
        named("theirs"),
        {"provider": "openai", "model": "gpt-4o", "input_tokens": 1000, "output_tokens": 200},
        {"provider": "openai", "model": "no-such-model", "input_tokens": 5},
        {"cost": "1", "memo": "nul \x00", "\ud800": 1, "model": 5},
        {"cost": "1", "occurred_at": "2027-01-01T00:00:00Z"},
        named("a", "3"),
        {"cost": "100", "occurred_at": "2026-05-01T00:00:00Z"},
        {"cost": "2"},
    )
    expected = [
        ("accepted", None, None),
        ("duplicate", None, None),
        ("refused", 402, None),
        ("invalid", 422, "cost"),
        ("invalid", 422, None),
        ("invalid", 422, None),
        ("refused", 409, None),
        ("accepted", None, None),
        ("invalid", 422, "cost"),
        ("invalid", 422, ""),
        ("invalid", 422, "occurred_at"),
        ("duplicate", None, None),
        ("accepted", None, None),
        ("accepted", None, None),
    ]
    told = answer.json()["answers"]
    found = [
        (
            one["outcome"],
            one.get("problem", {}).get("status"),
            one.get("problem", {}).get("errors", [{}])[0].get("field"),
        )
        for one in told
    ]
    assert found == expected
    assert {name: answer.json()[name] for name in ("accepted", "duplicate", "refused")} == {
        "accepted": 4,
        "duplicate": 2,
        "refused": 2,
    }
    assert answer.json()["invalid"] == 6
    assert (told[1]["entry"], told[1]["cost"]) == (first.pk, "4.00")
    assert told[11]["entry"] == told[0]["entry"]
    assert told[2]["problem"]["remaining"] == "3.00"
    stored = Entry.objects.filter(budget=budget).exclude(pk=first.pk)
    kept = {one["entry"] for one in told if one["outcome"] == "accepted"}
    assert set(stored.values_list("pk", flat=True)) == kept
    assert set(stored.values_list("via", flat=True)) == {str(ann.token)}
    assert stored.exclude(priced_by="").get().amount == Decimal("0.0045")
    assert open_cycle(budget).spent == Decimal("9.0045")
    assert check() == []


def test_an_empty_batch_is_answered():
    _, ann = member()
    assert post(ann).json() == {
        "accepted": 0,
        "duplicate": 0,
        "refused": 0,
        "invalid": 0,
        "answers": [],
    }


def test_a_thousand_events_are_taken_and_one_more_is_not():
    budget, ann = member(limit=10)
    answer = post(ann, *[{"cost": "0.01"}] * 1000)
    assert (answer.json()["accepted"], open_cycle(budget).spent) == (1000, 10)
    assert list(wrong(post(ann, *[{"cost": "0.01"}] * 1001))) == ["events"]
    assert Entry.objects.count() == 1000


@pytest.mark.parametrize("body", [{}, {"events": None}, {"events": {}}, {"events": [], "x": 1}])
def test_what_is_no_batch_is_refused(body):
    _, ann = member()
    assert list(wrong(ann.post("usage/batch", body))) in (["events"], ["x"])


def test_the_number_of_statements_does_not_grow_with_the_events():
    proxy = gateway()
    members = [member(limit=1000)[0].member_name for _ in range(12)]
    counts = []
    for names in (members[:3], members):
        events = [{"cost": "0.01", "on_behalf_of": name} for name in names] * 3
        post(proxy, *events)
        with CaptureQueriesContext(connection) as queries:
            assert set(outcomes(post(proxy, *events))) == {"accepted"}
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_gateway_spends_for_each_member_by_name():
    ann, _ = member(limit=10)
    ben, _ = member(limit=1)
    UserFactory(username="gone", is_active=False)
    proxy = gateway()
    count = User.objects.count()
    answer = post(
        proxy,
        {"cost": "4", "on_behalf_of": ann.member_name},
        {"cost": "4", "on_behalf_of": ben.member_name},
        {"cost": "4", "on_behalf_of": "nobody"},
        {"cost": "4", "on_behalf_of": "gone"},
        {"cost": "4", "on_behalf_of": ""},
        {"cost": "4"},
    )
    assert outcomes(answer) == ["accepted", "refused", *["invalid"] * 3, "accepted"]
    problems = [one["problem"]["status"] for one in answer.json()["answers"][1:5]]
    assert problems == [402, 404, 404, 422]
    assert (open_cycle(ann).spent, open_cycle(ben).spent) == (4, 0)
    assert open_cycle(proxy.token.user.budget).spent == 4
    assert User.objects.count() == count


def test_a_members_program_spends_for_nobody_else_and_learns_nothing():
    ben, _ = member()
    budget, ann = member()
    answer = post(
        ann,
        {"cost": "1", "on_behalf_of": ben.member_name},
        {"cost": "1", "on_behalf_of": "nobody"},
        {"cost": "1"},
    )
    first, second, own = answer.json()["answers"]
    assert first == second
    assert (first["outcome"], first["problem"]["status"]) == ("invalid", 403)
    assert (own["outcome"], open_cycle(budget).spent, open_cycle(ben).spent) == ("accepted", 1, 0)


def test_a_budget_that_keeps_changing_stores_nothing(monkeypatch):
    def busy(*events, **said):
        raise Busy

    _, ann = member()
    monkeypatch.setattr("budgets.api.usage_batch.ledger.ingest", busy)
    assert post(ann, {"cost": "1"}, Idempotency_Key="k").status_code == 503
    monkeypatch.undo()
    assert outcomes(post(ann, {"cost": "1"}, Idempotency_Key="k")) == ["accepted"]


def test_a_repeat_under_the_same_key_gets_the_first_answer_byte_for_byte():
    budget, ann = member(limit=10)
    events = [{"cost": "4"}, {"cost": "7"}, {"cost": "x"}]
    first, again = (post(ann, *events, Idempotency_Key="k") for _ in range(2))
    assert outcomes(first) == ["accepted", "refused", "invalid"]
    assert again.content == first.content
    assert open_cycle(budget).spent == 4
