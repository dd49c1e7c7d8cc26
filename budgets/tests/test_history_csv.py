"""The history as a file: everything, exact, and harmless in a spreadsheet."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from budgets import ledger
from budgets.history import CSV_HEADER
from budgets.tests.factories import make_budget, record

pytestmark = pytest.mark.django_db


def rows_of(client, **query) -> list[dict[str, str]]:
    response = client.get("/budget/history.csv", query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_holds_every_posting_with_all_six_decimals(client):
    now = timezone.now()
    budget = make_budget(now=now)
    for number in range(45):
        record(budget, "0.000001", now=now + timedelta(seconds=number), model=f"m{number}")
    record(budget, "-3.5", now=now + timedelta(minutes=2), kind="refund")
    client.force_login(budget.user)
    rows = rows_of(client)
    assert list(rows[0]) == CSV_HEADER
    assert len(rows) == 46
    assert rows[0]["amount"] == "-3.500000"
    assert rows[1]["amount"] == "0.000001"
    assert [row["model"] for row in rows[1:]] == [f"m{number}" for number in range(44, -1, -1)]


def test_amounts_add_up_to_what_was_spent(client):
    now = timezone.now()
    budget = make_budget(now=now)
    for amount in ("0.1", "0.2", "12.345678"):
        record(budget, amount, now=now)
    client.force_login(budget.user)
    total = sum(Decimal(row["amount"]) for row in rows_of(client))
    assert total == ledger.roll(budget, now=now).spent == Decimal("12.645678")


def test_says_where_a_posting_came_from_and_what_it_takes_back(client):
    now = timezone.now()
    budget = make_budget(now=now)
    entry = record(budget, "1.50", now=now, source="file", source_event_id="e-1")
    ledger.reverse(entry=entry, now=now)
    client.force_login(budget.user)
    back, first = rows_of(client)
    assert (first["source"], first["source_event_id"], first["reverses"]) == ("file", "e-1", "")
    assert (first["id"], back["reverses"]) == (f"{entry.pk}", f"{entry.pk}")
    assert first["day"] == f"{entry.day}"


def test_says_who_recorded_a_posting_and_who_priced_it(client):
    budget = make_budget(now=timezone.now())
    record(budget, "1", now=timezone.now(), via="Gateway (ps_1…)", priced_by="genai-prices 0.2.3")
    client.force_login(budget.user)
    [row] = rows_of(client)
    assert (row["via"], row["priced_by"]) == ("Gateway (ps_1…)", "genai-prices 0.2.3")


def test_follows_the_filters(client):
    budget = make_budget(now=timezone.now())
    record(budget, "1", now=timezone.now(), provider="acme")
    record(budget, "1", now=timezone.now(), provider="zeta")
    client.force_login(budget.user)
    assert [row["provider"] for row in rows_of(client, provider="zeta")] == ["zeta"]


def test_cells_cannot_be_mistaken_for_formulas(client):
    budget = make_budget(now=timezone.now())
    record(budget, "1", now=timezone.now(), memo="=cmd()", provider="@acme", model="-x")
    client.force_login(budget.user)
    [row] = rows_of(client)
    assert (row["memo"], row["provider"], row["model"]) == ("'=cmd()", "'@acme", "'-x")


def test_holds_nothing_of_another_member(client):
    now = timezone.now()
    mine, theirs = make_budget(now=now), make_budget(now=now)
    record(theirs, "1", now=now, memo="theirs")
    client.force_login(mine.user)
    assert rows_of(client) == []


def test_a_filter_that_cannot_be_read_leads_to_the_page_that_says_so(client):
    budget = make_budget(now=timezone.now())
    client.force_login(budget.user)
    response = client.get("/budget/history.csv", {"since": "soon"})
    assert response["Location"] == "/budget/?since=soon"
