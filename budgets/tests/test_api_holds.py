"""Holds by programs: authorise, then settle or release."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import Busy, check, hold, release
from budgets.models import Entry, Hold
from budgets.tests.asking import at_now, gateway, member, wrong
from budgets.tests.factories import NOW, open_cycle, set_up, spend
from people.models import Scope
from people.tests.programs import program

pytestmark = at_now


def held(asking, amount="4", **more):
    """Hold money and return the id."""
    answer = asking.post("holds", {"amount": amount, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()["hold"]["id"]


def kind_of(answer):
    return answer.json()["type"].removeprefix("urn:pursestrings:")


# --- Setting aside -------------------------------------------------------------------------------


def test_money_is_set_aside_for_a_quarter_of_an_hour():
    budget, ann = member(limit=10)
    answer = ann.post("holds", {"amount": "4.000001", "memo": "a long answer"})
    assert answer.status_code == 201
    kept = Hold.objects.get()
    assert answer.json() == {
        "hold": {
            "id": kept.pk,
            "amount": "4.000001",
            "status": "held",
            "memo": "a long answer",
            "via": str(ann.token),
            "created_at": "2026-07-15T12:00:00Z",
            "expires_at": "2026-07-15T12:15:00Z",
            "ended_at": None,
            "on_behalf": False,
            "entry": None,
        },
        "budget": {
            "level": "green",
            "limit": "10.00",
            "spent": "0.00",
            "held": "4.000001",
            "remaining": "5.999999",
            "over_by": "0.00",
            "percent": "0.0",
        },
    }
    assert (kept.via, open_cycle(budget).held) == (str(ann.token), Decimal("4.000001"))


@pytest.mark.parametrize(("life", "until"), [(1, "12:00:01"), (86_400, "12:00:00")])
def test_its_life_is_between_a_second_and_a_day(life, until):
    _, ann = member(limit=10)
    told = ann.post("holds", {"amount": "1", "life": life}).json()["hold"]
    assert told["expires_at"].endswith(f"T{until}Z")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": 1}, "amount"),
        ({"amount": "1e30"}, "amount"),
        ({"amount": "1", "life": 0}, "life"),
        ({"amount": "1", "life": 86_401}, "life"),
        ({"amount": "1", "life": 1.5}, "life"),
        ({"amount": "1", "life": "9"}, "life"),
        ({"amount": "1", "memo": "x" * 501}, "memo"),
        ({"amount": "1", "memo": "\x00"}, "memo"),
        ({"amount": "1", "cost": "1"}, "cost"),
    ],
)
def test_what_cannot_be_held_is_refused_at_its_field(sent, field):
    _, ann = member()
    assert list(wrong(ann.post("holds", sent))) == [field]
    assert Hold.objects.count() == 0


def test_what_does_not_fit_beside_other_holds_is_refused():
    _, ann = member(limit=10)
    held(ann, "6")
    answer = ann.post("holds", {"amount": "4.01"})
    assert (answer.status_code, kind_of(answer)) == (402, "over-budget")
    assert (answer.json()["held"], answer.json()["remaining"]) == ("6.00", "4.00")
    assert "Retry-After" not in answer
    assert held(ann, "4")


def test_whose_budget_is_hidden_may_hold_and_learns_no_figures():
    _, ann = member(limit=10, visible_to_user=False)
    answer = ann.post("holds", {"amount": "4"})
    assert (answer.status_code, answer.json()["budget"]) == (201, None)
    key = answer.json()["hold"]["id"]
    refused = ann.post("holds", {"amount": "7"})
    assert (refused.status_code, "remaining" in refused.json()) == (402, False)
    assert ann.get("holds").status_code == ann.get(f"holds/{key}").status_code == 403
    assert ann.post(f"holds/{key}/settle", {"cost": "1"}).json()["budget"] is None


# --- Settling ------------------------------------------------------------------------------------


def test_settling_records_the_real_cost_even_above_the_hold_and_the_limit():
    budget, ann = member(limit=10)
    key = held(ann, "4")
    answer = ann.post(f"holds/{key}/settle", {"cost": "25", "provider": "acme"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["hold"]["status"], told["hold"]["entry"]) == ("settled", told["entry"]["id"])
    assert (told["entry"]["amount"], told["entry"]["via"]) == ("25.00", str(ann.token))
    assert (told["budget"]["held"], told["budget"]["over_by"]) == ("0.00", "15.00")
    stored = Hold.objects.get()
    assert (stored.status, stored.ended_at, stored.entry_id) == (
        "settled",
        NOW,
        told["entry"]["id"],
    )
    assert (open_cycle(budget).spent, open_cycle(budget).held) == (25, 0)
    assert check() == []


def test_settling_by_tokens_prices_them():
    _, ann = member(limit=10)
    tokens = {"provider": "openai", "model": "gpt-4o", "input_tokens": 1000, "output_tokens": 200}
    told = ann.post(f"holds/{held(ann)}/settle", tokens).json()["entry"]
    assert (told["amount"], told["priced_by"].split()[0]) == ("0.0045", "genai-prices")


def test_a_second_settlement_is_answered_with_the_first():
    budget, ann = member(limit=10)
    key = held(ann)
    first = ann.post(f"holds/{key}/settle", {"cost": "3"})
    again = ann.post(f"holds/{key}/settle", {"cost": "9"})
    assert (first.json()["outcome"], again.status_code) == ("accepted", 200)
    assert again.json() == {**first.json(), "outcome": "duplicate"}
    assert open_cycle(budget).spent == 3


def test_a_hold_that_is_settled_by_an_event_posted_before_posts_nothing_and_says_so():
    budget, ann = member(limit=10)
    event = {"source": "gateway", "source_event_id": "e"}
    ann.post("usage", {"cost": "3", **event})
    told = ann.post(f"holds/{held(ann)}/settle", {"cost": "9", **event}).json()
    assert (told["outcome"], told["entry"]["amount"]) == ("duplicate", "3.00")
    assert (open_cycle(budget).spent, open_cycle(budget).held) == (3, 0)


def test_a_released_hold_is_not_settled_and_a_settled_one_not_released():
    budget, ann = member(limit=10)
    released, settled = held(ann), held(ann)
    assert ann.post(f"holds/{released}/release").json()["hold"]["status"] == "released"
    answer = ann.post(f"holds/{released}/settle", {"cost": "1"})
    assert (answer.status_code, kind_of(answer)) == (409, "hold-ended")
    ann.post(f"holds/{settled}/settle", {"cost": "1"})
    answer = ann.post(f"holds/{settled}/release")
    assert (answer.status_code, answer.json()["hold"]["status"]) == (200, "settled")
    again = ann.post(f"holds/{released}/release")
    assert (again.status_code, again.json()["budget"]["held"]) == (200, "0.00")
    assert (open_cycle(budget).spent, open_cycle(budget).held) == (1, 0)


def test_an_expired_hold_may_be_settled():
    budget, ann = member(limit=10)
    late = hold(budget=budget, amount=Decimal(4), now=NOW - timedelta(hours=1))
    assert ann.get(f"holds/{late.pk}").json()["status"] == "expired"
    told = ann.post(f"holds/{late.pk}/settle", {"cost": "3"}).json()
    assert (told["hold"]["status"], told["budget"]["held"]) == ("settled", "0.00")
    assert check() == []


def test_what_was_spent_in_a_closed_window_is_recorded_there():
    budget, ann = member(limit=10)
    answer = ann.post(
        f"holds/{held(ann)}/settle", {"cost": "3", "occurred_at": "2026-06-01T00:00:00Z"}
    )
    told = answer.json()
    assert (told["entry"]["day"], told["budget"]["spent"], told["budget"]["held"]) == (
        "2026-06-01",
        "0.00",
        "0.00",
    )
    assert check() == []
    assert open_cycle(budget).spent == 0


def test_an_event_of_another_hold_is_taken_and_the_hold_goes_on():
    budget, ann = member(limit=10)
    event = {"cost": "3", "source": "gateway", "source_event_id": "e"}
    first, second = held(ann), held(ann)
    ann.post(f"holds/{first}/settle", event)
    answer = ann.post(f"holds/{second}/settle", event)
    assert (answer.status_code, kind_of(answer)) == (409, "event-taken")
    assert (open_cycle(budget).spent, open_cycle(budget).held) == (3, 4)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "cost"),
        ({"cost": "-1"}, "cost"),
        ({"cost": "1", "on_behalf_of": "ann"}, "on_behalf_of"),
        ({"cost": "1", "occurred_at": "2026-07-16T00:00:00Z"}, "occurred_at"),
    ],
)
def test_what_is_no_cost_settles_nothing(sent, field):
    _, ann = member()
    key = held(ann)
    assert list(wrong(ann.post(f"holds/{key}/settle", sent))) == [field]
    assert Hold.objects.get().status == "held"


def test_settling_takes_few_statements():
    _, ann = member(limit=10)
    ann.get("holds")
    first, second = held(ann, "1"), held(ann, "1")
    ann.post(f"holds/{first}/settle", {"cost": "1"})
    with CaptureQueriesContext(connection) as queries:
        ann.post(f"holds/{second}/settle", {"cost": "1"})
    said = [query["sql"].split()[0] for query in queries]
    counted = [word for word in said if word not in {"BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"}]
    # The token, the hold, its budget, and then the decision and what follows from it.
    assert len(counted) == (4 if connection.vendor == "postgresql" else 7)


# --- Whose ---------------------------------------------------------------------------------------


def test_holds_of_somebody_else_are_not_there():
    other, ben = member()
    key = held(ben)
    _, ann = member()
    for path in (f"holds/{key}", "holds/999999"):
        answers = [
            ann.get(path),
            ann.post(f"{path}/settle", {"cost": "1"}),
            ann.post(f"{path}/release"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 3
    assert ann.get("holds").json()["total"] == 0
    assert ann.get("holds", {"on_behalf_of": other.member_name}).status_code == 403
    assert Hold.objects.get().status == "held"


def test_a_gateway_holds_settles_and_releases_for_any_member():
    budget, ann = member(limit=10)
    proxy = gateway()
    name = budget.member_name
    first, second = held(proxy, on_behalf_of=name), held(ann)
    told = proxy.post(f"holds/{first}/settle", {"cost": "5"}).json()
    assert told["budget"]["remaining"] == "1.00"
    assert proxy.post(f"holds/{second}/release").json()["budget"]["remaining"] == "5.00"
    assert proxy.get(f"holds/{second}").status_code == 200
    assert proxy.get("holds", {"on_behalf_of": name}).json()["total"] == 2
    assert proxy.get("holds").json()["total"] == 0
    assert proxy.post("holds", {"amount": "6", "on_behalf_of": name}).status_code == 402
    assert proxy.post("holds", {"amount": "1", "on_behalf_of": "nobody"}).status_code == 404
    assert ann.post("holds", {"amount": "1", "on_behalf_of": name}).status_code == 403


def test_what_a_gateway_set_aside_for_a_member_no_program_of_theirs_ends():
    budget, ann = member(limit=10)
    proxy = gateway()
    key = held(proxy, "4", on_behalf_of=budget.member_name)
    own = held(ann, "1")
    told = ann.get(f"holds/{key}").json()
    assert (told["on_behalf"], told["status"]) == (True, "held")
    assert ann.get(f"holds/{own}").json()["on_behalf"] is False
    for path, body in (("settle", {"cost": "0"}), ("release", None)):
        answer = ann.post(f"holds/{key}/{path}", body)
        assert answer.status_code == 403
        assert answer.json()["detail"] == "A gateway set this aside; the gateway alone ends it."
    many = {"holds": [{"hold": key, "cost": "0"}, {"hold": own, "cost": "1"}]}
    [theirs, mine] = ann.post("holds/settle", many).json()["answers"]
    assert (theirs["outcome"], theirs["problem"]["status"]) == ("invalid", 403)
    assert mine["outcome"] == "accepted"
    assert proxy.post(f"holds/{key}/settle", {"cost": "4"}).json()["outcome"] == "accepted"
    assert open_cycle(budget).spent == 5


@pytest.mark.parametrize("path", ["holds/x", "holds/0", "holds/-1", f"holds/{2**63}"])
def test_what_is_no_id_is_told_so(path):
    _, ann = member()
    assert ann.get(path).status_code in {404, 422}


def test_holding_takes_the_scope_to_spend():
    budget, ann = member()
    key = held(ann)
    reader = program(budget.user, Scope.READ)
    for path, body in (
        ("holds", {"amount": "1"}),
        (f"holds/{key}/settle", {"cost": "1"}),
        (f"holds/{key}/release", None),
        ("holds/settle", {"holds": []}),
    ):
        assert reader.post(path, body).status_code == 403
    assert program(budget.user, Scope.SPEND).get("holds").status_code == 403


# --- Looking -------------------------------------------------------------------------------------


def test_holds_are_listed_newest_first_by_status_in_pages():
    budget, ann = member(limit=100)
    first, second, third = held(ann), held(ann), held(ann)
    ann.post(f"holds/{second}/release")
    late = hold(budget=budget, amount=Decimal(1), now=NOW - timedelta(hours=2))

    def ids(**asked):
        return [one["id"] for one in ann.get("holds", asked).json()["items"]]

    assert ids() == [third, second, first, late.pk]
    assert ids(status="held") == [third, first]
    assert ids(status="released") == [second]
    assert ids(status="expired") == [late.pk]
    assert ids(skip=1, limit=2) == [second, first]
    assert list(wrong(ann.get("holds", {"status": "lost"}))) == ["query.status"]
    assert list(wrong(ann.get("holds", {"limit": 0}))) == ["query.limit"]


def test_asks_as_many_queries_for_many_holds():
    _, ann = member(limit=100)
    counts = []
    for more in (3, 9):
        for _ in range(more):
            held(ann, "1")
        ann.get("holds")
        with CaptureQueriesContext(connection) as queries:
            ann.get("holds")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Many at once --------------------------------------------------------------------------------


def test_many_are_settled_each_with_its_own_answer():
    budget, ann = member(limit=20)
    other, ben = member()
    theirs = held(ben, "1")
    live, named, done, let_go = (held(ann, "2") for _ in range(4))
    late = hold(budget=budget, amount=Decimal(3), now=NOW - timedelta(hours=1)).pk
    first = ann.post(f"holds/{done}/settle", {"cost": "1"}).json()["entry"]["id"]
    release(hold=Hold.objects.get(pk=let_go), now=NOW)
    event = {"source": "gateway", "source_event_id": "e"}
    answer = ann.post(
        "holds/settle",
        {
            "holds": [
                {"hold": live, "cost": "3"},
                {"hold": late, "cost": "1.5"},
                {"hold": done, "cost": "9"},
                {"hold": live, "cost": "9"},
                {"hold": let_go, "cost": "1"},
                {"hold": theirs, "cost": "1"},
                {"hold": 999_999, "cost": "1"},
                {"hold": named, "cost": "one"},
                {"hold": named, "cost": "1", **event},
                {"hold": "x", "cost": "1"},
                7,
            ]
        },
    )
    told = answer.json()["answers"]
    assert [(one["outcome"], one.get("problem", {}).get("status")) for one in told] == [
        ("accepted", None),
        ("accepted", None),
        ("duplicate", None),
        ("duplicate", None),
        ("refused", 409),
        ("invalid", 404),
        ("invalid", 404),
        ("invalid", 422),
        ("accepted", None),
        ("invalid", 422),
        ("invalid", 422),
    ]
    assert (told[2]["entry"], told[3]["entry"]) == (first, told[0]["entry"])
    assert told[5] == told[6]
    cycle = open_cycle(budget)
    assert (cycle.spent, cycle.held) == (Decimal("6.5"), 0)
    assert set(Hold.objects.filter(budget=budget).values_list("status", flat=True)) == {
        "settled",
        "released",
    }
    assert open_cycle(other).held == 1
    assert check() == []


def test_many_holds_take_as_many_statements_as_few():
    _, ann = member(limit=100)
    counts = []
    for number in (3, 12):
        keys = [held(ann, "1") for _ in range(number)]
        body = {"holds": [{"hold": key, "cost": "0.5"} for key in keys]}
        with CaptureQueriesContext(connection) as queries:
            assert ann.post("holds/settle", body).json()["accepted"] == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_batch_of_settlements_has_its_bounds():
    _, ann = member()
    assert ann.post("holds/settle", {"holds": []}).json()["answers"] == []
    many = [{"hold": 1, "cost": "1"}] * 1001
    assert list(wrong(ann.post("holds/settle", {"holds": many}))) == ["holds"]


def test_the_settled_event_of_one_hold_does_not_settle_another_in_the_same_batch():
    budget, ann = member(limit=10)
    first, second = held(ann, "2"), held(ann, "2")
    event = {"cost": "1", "source": "gateway", "source_event_id": "e"}
    posted = spend(budget, "1", source="gateway", source_event_id="known")
    known = {**event, "source_event_id": "known"}
    third = held(ann, "2")
    answer = ann.post(
        "holds/settle",
        {"holds": [{"hold": first, **event}, {"hold": second, **event}, {"hold": third, **known}]},
    )
    told = answer.json()["answers"]
    assert [one["outcome"] for one in told] == ["accepted", "refused", "duplicate"]
    assert (told[2]["entry"], Hold.objects.get(pk=third).entry_id) == (posted.pk, posted.pk)
    assert (open_cycle(budget).spent, open_cycle(budget).held) == (2, 2)
    assert check() == []


def test_a_budget_that_keeps_changing_stores_nothing(monkeypatch):
    def busy(**said):
        raise Busy

    budget, ann = member(limit=10)
    monkeypatch.setattr("budgets.api.holds.ledger.hold", busy)
    assert ann.post("holds", {"amount": "1"}, Idempotency_Key="k").status_code == 503
    monkeypatch.undo()
    assert ann.post("holds", {"amount": "1"}, Idempotency_Key="k").status_code == 201
    assert (Hold.objects.count(), Entry.objects.count()) == (1, 0)
    set_up(budget, limit=Decimal(5))
    assert ann.post("holds", {"amount": "4"}).json()["budget"]["limit"] == "5.00"
