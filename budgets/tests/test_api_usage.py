"""POST usage: one program, one event, one entry."""

from datetime import timedelta
from decimal import Decimal
from importlib.metadata import version

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import Busy, check
from budgets.models import Cycle, Entry
from budgets.tests.asking import administrator, at_now, gateway, member, wrong
from budgets.tests.factories import NOW, open_cycle, set_up
from people.models import ApiToken, Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import program

pytestmark = at_now

TOKENS = {
    "provider": "openai",
    "model": "gpt-4o",
    "input_tokens": 1000,
    "output_tokens": 200,
    "cached_tokens": 400,
}


def kind_of(answer):
    return answer.json()["type"].removeprefix("urn:pursestrings:")


def test_a_cost_is_posted_and_answered_with_what_is_left():
    budget, ann = member(limit=10)
    answer = ann.post(
        "usage",
        {"cost": "8.000001", "provider": "acme", "memo": "a question", "operation": "chat"},
    )
    assert answer.status_code == 201
    told, entry = answer.json(), Entry.objects.get()
    assert told["entry"]["id"] == entry.pk
    assert (told["entry"]["amount"], told["entry"]["memo"]) == ("8.000001", "a question")
    assert told["budget"] == {
        "level": "yellow",
        "limit": "10.00",
        "spent": "8.000001",
        "held": "0.00",
        "remaining": "1.999999",
        "over_by": "0.00",
        "percent": "80.0",
    }
    assert (entry.via, entry.priced_by, entry.kind) == (str(ann.token), "", "usage")
    assert open_cycle(budget).spent == Decimal("8.000001")
    assert check() == []


def test_tokens_are_priced_by_the_published_list_whose_version_is_kept():
    _, ann = member(limit=10)
    told = ann.post("usage", TOKENS).json()["entry"]
    # 600 plain and 400 cached of input, and 200 of output, per million: 2.50, 1.25 and 10.00.
    assert (told["amount"], told["cached_tokens"]) == ("0.004", 400)
    assert told["priced_by"] == f"genai-prices {version('genai-prices')}"
    given = ann.post("usage", {**TOKENS, "cost": "1"}).json()["entry"]
    assert (given["amount"], given["priced_by"], given["input_tokens"]) == ("1.00", "", 1000)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "cost"),
        ({"cost": None}, "cost"),
        ({"cost": "-1"}, "cost"),
        ({"cost": 1.5}, "cost"),
        ({"cost": "1e2"}, "cost"),
        ({"cost": "NaN"}, "cost"),
        ({"cost": "1,234.56"}, "cost"),
        ({"cost": "0.0000001"}, "cost"),
        ({"cost": "100000000"}, "cost"),
        ({"input_tokens": 5}, "cost"),
        ({**TOKENS, "model": "no-such-model"}, "cost"),
        ({**TOKENS, "cached_tokens": 1001}, "cost"),
        ({**TOKENS, "input_tokens": -1}, "input_tokens"),
        ({**TOKENS, "input_tokens": 10**15 + 1}, "input_tokens"),
        ({**TOKENS, "output_tokens": "9"}, "output_tokens"),
        ({**TOKENS, "output_tokens": True}, "output_tokens"),
        ({"cost": "1", "occurred_at": "2026-07-15T12:00:01Z"}, "occurred_at"),
        ({"cost": "1", "occurred_at": "2026-07-15T12:00:00"}, "occurred_at"),
        ({"cost": "1", "occurred_at": 1752537600}, "occurred_at"),
        ({"cost": "1", "occurred_at": "1969-12-31T23:59:59Z"}, "occurred_at"),
        ({"cost": "1", "occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"cost": "1", "occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"cost": "1", "source_event_id": "e1"}, "source"),
        ({"cost": "1", "source": "import_usage:1", "source_event_id": "e"}, "source"),
        ({"cost": "1", "memo": "x" * 501}, "memo"),
        ({"cost": "1", "memo": "nul \x00"}, "memo"),
        ({"cost": "1", "model": "half \ud800"}, "model"),
        ({"cost": "1", "kind": "refund"}, "kind"),
        ({"cost": "1", "\ud800": 1}, ""),
    ],
)
def test_what_cannot_be_posted_is_refused_at_its_field(sent, field):
    _, ann = member()
    assert list(wrong(ann.post("usage", sent))) == [field]
    assert Entry.objects.count() == 0


@pytest.mark.parametrize("asked", ["-5", "-0.000001", "-99999999.99"])
def test_an_amount_below_zero_is_told_so(asked):
    _, ann = member()
    assert wrong(ann.post("usage", {"cost": asked})) == {"cost": ["It cannot be below zero."]}


@pytest.mark.parametrize("asked", ["-0", "--5", "-", "-1e2", "-x"])
def test_what_is_no_amount_is_not_taken_for_one_below_zero(asked):
    _, ann = member()
    assert "zero" not in wrong(ann.post("usage", {"cost": asked}))["cost"][0]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (
            {**TOKENS, "model": "nix"},
            "No published price for nix of openai; send the cost.",
        ),
        (
            {**TOKENS, "provider": ""},
            "Without a cost it needs a provider and a model; send the cost.",
        ),
        (
            {**TOKENS, "cached_tokens": 1001},
            "More cached_tokens than input_tokens; send the cost.",
        ),
    ],
)
def test_why_there_is_no_price_is_a_sentence(sent, said):
    _, ann = member()
    assert wrong(ann.post("usage", sent)) == {"cost": [said]}


def test_what_is_wrong_is_told_in_plain_words_alone_and_in_a_batch():
    _, ann = member()
    sent = {"provider": 5, "input_tokens": "9", "memo": "x" * 501, "kind": "refund"}
    said = {
        "provider": ["Send text."],
        "input_tokens": ["Send a whole number."],
        "memo": ["Use at most 500 characters."],
        "kind": ["There is no such key."],
    }
    assert wrong(ann.post("usage", sent)) == said
    [answer] = ann.post("usage/batch", {"events": [sent]}).json()["answers"]
    assert {one["field"]: [one["message"]] for one in answer["problem"]["errors"]} == said
    many = ann.post("usage/batch", {"events": [{}] * 1001})
    assert wrong(many) == {"events": ["At most 1,000 are taken at once."]}
    assert wrong(ann.post("usage", b"[]")) == {"": ["Send an object."]}


def test_what_is_no_json_is_asked_for_as_json(settings):
    _, ann = member()
    for settings.DEBUG in (False, True):
        answer = ann.post("usage", b"{")
        assert (answer.status_code, answer.json()["detail"]) == (400, "Send JSON.")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"[" * 5000, b"\xff", b'"' + b"x" * 99 + b'"', b"9" * 5000]
)
def test_what_is_no_object_is_told_so(body):
    _, ann = member()
    assert ann.post("usage", body).status_code in {400, 422}


def test_what_does_not_fit_is_refused_with_the_figures_and_no_promise():
    budget, ann = member(limit=10)
    ann.post("usage", {"cost": "9"})
    answer = ann.post("usage", {"cost": "1.000001"})
    assert (answer.status_code, answer["Content-Type"]) == (402, "application/problem+json")
    told = answer.json()
    assert told | {"request_id": ""} == {
        "type": "urn:pursestrings:over-budget",
        "title": "Over budget",
        "status": 402,
        "detail": "1.000001 does not fit: 1.00 of 10.00 is left until 2026-08-01T00:00:00Z.",
        "limit": "10.00",
        "spent": "9.00",
        "held": "0.00",
        "asked": "1.000001",
        "remaining": "1.00",
        "ends_at": "2026-08-01T00:00:00Z",
        "request_id": "",
    }
    assert "Retry-After" not in answer
    assert ann.post("usage", {"cost": "1"}).status_code == 201
    assert open_cycle(budget).spent == 10


def test_without_enforcement_it_is_posted_and_told_as_over():
    _, ann = member(limit=1, enforced=False)
    answer = ann.post("usage", {"cost": "2.5"})
    assert (answer.status_code, answer.json()["budget"]["over_by"]) == (201, "1.50")


def test_an_event_counts_once_and_is_answered_with_its_first_entry():
    budget, ann = member(limit=10)
    event = {"source": "gateway", "source_event_id": "e1"}
    first = ann.post("usage", {"cost": "4", **event})
    again = ann.post("usage", {"cost": "7", **event})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["outcome"] == "accepted"
    assert again.json() == {**first.json(), "outcome": "duplicate"}
    assert open_cycle(budget).spent == 4


def test_an_event_of_somebody_else_is_taken_and_nothing_of_it_is_told():
    _, ann = member()
    _, ben = member()
    event = {"source": "gateway", "source_event_id": "e1"}
    ann.post("usage", {"cost": "4", "memo": "zzz-private", **event})
    answer = ben.post("usage", {"cost": "4", **event})
    assert (answer.status_code, kind_of(answer)) == (409, "event-taken")
    assert b"zzz-private" not in answer.content


def test_what_happened_in_a_closed_window_is_recorded_there_whatever_the_limit():
    budget, ann = member(limit=10)
    answer = ann.post("usage", {"cost": "99", "occurred_at": "2026-06-10T12:00:00+02:00"})
    assert answer.status_code == 201
    assert answer.json()["entry"]["day"] == "2026-06-10"
    assert (answer.json()["budget"]["spent"], open_cycle(budget).spent) == ("0.00", 0)
    assert Cycle.objects.get(budget=budget, closed_at__isnull=False).spent == 99


def test_takes_three_queries_and_on_sqlite_those_of_its_transaction():
    _, ann = member(limit=10)
    ann.post("usage", {"cost": "0.01"})
    with CaptureQueriesContext(connection) as queries:
        ann.post("usage", {"cost": "0.01"})
    said = [query["sql"].split()[0] for query in queries]
    counted = [word for word in said if word not in {"BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"}]
    assert len(counted) == (3 if connection.vendor == "postgresql" else 5)


# --- Who pays ------------------------------------------------------------------------------------


def test_a_gateway_spends_on_behalf_of_a_member():
    budget, _ = member(limit=10)
    proxy = gateway()
    answer = proxy.post("usage", {"cost": "4", "on_behalf_of": budget.member_name})
    assert answer.json()["budget"]["remaining"] == "6.00"
    assert Entry.objects.get(budget=budget).via == str(proxy.token)
    answer = proxy.post("usage", {"cost": "7", "on_behalf_of": budget.member_name})
    assert (answer.status_code, answer.json()["remaining"]) == (402, "6.00")
    assert proxy.post("usage", {"cost": "1"}).json()["budget"]["spent"] == "1.00"


def test_without_that_right_nobody_spends_for_another_and_learns_nothing():
    budget, ann = member()
    sent = [{"cost": "1", "on_behalf_of": name} for name in (budget.member_name, "nobody")]
    root = administrator()
    for asking in (ann, root):
        answers = [asking.post("usage", body) for body in sent]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert answers[0].content == answers[1].content
    assert Entry.objects.count() == 0


def test_a_gateway_whose_owner_is_no_administrator_any_more_spends_for_nobody():
    budget, _ = member()
    proxy = gateway()
    User.objects.filter(pk=proxy.token.user_id).update(is_staff=False)
    answer = proxy.post("usage", {"cost": "1", "on_behalf_of": budget.member_name})
    assert answer.status_code == 403


def test_a_name_that_nobody_has_or_that_is_inactive_is_not_there():
    UserFactory(username="gone", is_active=False)
    proxy = gateway()
    count = User.objects.count()
    for name in ("nobody", "gone", "Gateway"):
        answers = [
            proxy.post("usage", {"cost": "1", "on_behalf_of": name}),
            proxy.post("holds", {"amount": "1", "on_behalf_of": name}),
            proxy.get("holds", {"on_behalf_of": name}),
        ]
        for answer in answers:
            assert (answer.status_code, kind_of(answer)) == (404, "not-found")
            assert answer.json()["detail"] == "There is no member of this name."
    assert (User.objects.count(), Entry.objects.count()) == (count, 0)


def test_whose_budget_is_hidden_may_spend_and_learns_no_figures():
    budget, ann = member(limit=10, visible_to_user=False)
    answer = ann.post("usage", {"cost": "4"})
    assert (answer.status_code, answer.json()["budget"]) == (201, None)
    refused = ann.post("usage", {"cost": "6.01"})
    assert (refused.status_code, kind_of(refused)) == (402, "over-budget")
    assert not {"limit", "spent", "held", "remaining", "ends_at"} & {*refused.json()}
    assert "6.00" not in refused.json()["detail"]
    batch = ann.post("usage/batch", {"events": [{"cost": "6.01"}]}).json()
    assert "limit" not in batch["answers"][0]["problem"]
    told = gateway().post("usage", {"cost": "1", "on_behalf_of": budget.member_name}).json()
    assert told["budget"]["remaining"] == "5.00"


def test_spending_takes_its_scope(client):
    budget, _ = member()
    reader = program(budget.user, Scope.READ, Scope.MANAGE)
    assert reader.post("usage", {"cost": "1"}).status_code == 403
    assert client.post("/api/v1/usage", {"cost": "1"}, "application/json").status_code == 401
    assert Entry.objects.count() == 0


def test_a_member_who_is_signed_in_spends_without_a_token(client):
    budget, _ = member()
    client.force_login(budget.user)
    answer = client.post("/api/v1/usage", {"cost": "1"}, "application/json")
    assert (answer.status_code, Entry.objects.get().via) == (201, "")


def test_a_budget_that_keeps_changing_is_told_so_and_nothing_is_stored(monkeypatch):
    def busy(**said):
        raise Busy

    _, ann = member()
    monkeypatch.setattr("budgets.api.usage.ledger.charge_once", busy)
    for headers in ({}, {"Idempotency_Key": "k"}):
        answer = ann.post("usage", {"cost": "1"}, **headers)
        assert (answer.status_code, kind_of(answer)) == (503, "busy")
    monkeypatch.undo()
    assert ann.post("usage", {"cost": "1"}, Idempotency_Key="k").status_code == 201
    assert Entry.objects.count() == 1


def test_where_prices_are_in_another_currency_a_cost_must_be_sent(settings):
    settings.CURRENCY = "EUR"
    _, ann = member()
    assert list(wrong(ann.post("usage", TOKENS))) == ["cost"]
    assert ann.post("usage", {**TOKENS, "cost": "0.01"}).status_code == 201


def test_the_label_outlives_the_token():
    _, ann = member()
    ann.post("usage", {"cost": "1"})
    ApiToken.objects.all().delete()
    assert Entry.objects.get().via == str(ann.token)


def test_a_special_limit_that_ends_now_is_put_back_first():
    budget, ann = member(limit=10)
    set_up(
        budget,
        now=NOW - timedelta(days=2),
        custom_limit=Decimal(1),
        custom_limit_until=NOW - timedelta(days=1),
    )
    assert ann.post("usage", {"cost": "5"}).json()["budget"]["limit"] == "10.00"
