"""The logs: everything that happened, to be read and never touched."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets import ledger
from budgets.admin.logs import Newest
from budgets.ledger import Posting
from budgets.models import Change, Cycle, Entry, Hold, Origin, Reset
from budgets.tests.consoles import administrator, at_now, budget_of, rows_of, sheet_of, text_of
from budgets.tests.factories import NOW, record
from people.models import User

pytestmark = at_now

LOGS = {"entry": Entry, "cycle": Cycle, "reset": Reset, "change": Change, "hold": Hold}


def url_of(log: str) -> str:
    return f"/admin/budgets/{log}/"


def live(username: str, **settings):
    """Return a member's budget with a row in every log."""
    budget = budget_of(username, limit=Decimal(50), **settings)
    record(
        budget,
        "1.234567",
        now=NOW - timedelta(hours=2),
        provider="Anthropic",
        model="claude",
        input_tokens=1200,
        output_tokens=30,
        memo="first",
        source="gateway",
        source_event_id=f"{username}-1",
    )
    held = ledger.hold(budget=budget, amount=Decimal(4), memo="booked", now=NOW)
    ledger.settle(hold=held, posting=Posting(amount=Decimal(5)), now=NOW)
    ledger.reset(budget=budget, actor=None, reason="fresh start", now=NOW)
    return budget


@pytest.fixture
def console():
    return administrator()


@pytest.fixture
def anna():
    return live("anna")


@pytest.mark.parametrize("log", LOGS)
def test_every_log_lists_the_member(console, anna, log):
    assert "anna" in rows_of(console.get(url_of(log)))


def test_an_entry_tells_when_what_and_how_much(console, anna):
    rows = text_of(console.get(url_of("entry"), {"q": "first"}).content.decode())
    assert "July 15, 2026, 10 a.m. anna Usage Anthropic claude 1,200 / 30 $1.2346 gateway" in rows


def test_entries_and_holds_tell_by_which_token_they_were_recorded(console, anna):
    record(anna, "1", via="Gateway (ps_1…)", priced_by="genai-prices 0.2.3")
    ledger.hold(budget=anna, amount=Decimal(1), now=NOW, via="Gateway (ps_1…)")
    for log in ("entry", "hold"):
        page = console.get(url_of(log), {"q": "ps_1"})
        assert rows_of(page)["anna"]["via"] == "Gateway (ps_1…)"
        [row] = sheet_of(console.get(f"{url_of(log)}csv/", {"q": "ps_1"}))
        assert row["via"] == "Gateway (ps_1…)"
    entry = Entry.objects.exclude(via="").get()
    page = console.get(f"{url_of('entry')}{entry.pk}/change/").content.decode()
    assert "genai-prices 0.2.3" in text_of(page)


def test_a_window_tells_limit_spent_and_held(console, anna):
    page = console.get(url_of("cycle"), {"state": "closed"})
    row = rows_of(page)["anna"]
    assert row["window"].startswith("Jul 1 – Jul 15, 2026")
    assert (row["limit_then"], row["spent_then"], row["held_then"]) == ("$50.00", "$6.23", "$0.00")


def test_a_reset_tells_who_why_and_how_much(console, anna):
    row = rows_of(console.get(url_of("reset")))["anna"]
    assert (row["kind"], row["by"], row["reason"]) == ("By hand", "the system", "fresh start")
    assert (row["spent_then"], row["limits"]) == ("$6.23", "$50.00")


def test_a_change_tells_old_and_new(console, anna):
    row = rows_of(console.get(url_of("change"), {"setting": "limit"}))["anna"]
    assert (row["old_value"], row["new_value"], row["origin"]) == ("30.00", "50.00", "Command")


def test_a_hold_tells_its_status(console, anna):
    row = rows_of(console.get(url_of("hold")))["anna"]
    assert (row["amount_held"], row["status"], row["memo"]) == ("$4.00", "Settled", "booked")


@pytest.mark.parametrize(
    ("log", "query", "count"),
    [
        ("entry", {"q": "ann"}, 2),
        ("entry", {"q": "anthropic"}, 2),
        ("entry", {"q": "claude"}, 2),
        ("entry", {"q": "gateway"}, 2),
        ("entry", {"q": "first"}, 2),
        ("entry", {"q": "nowhere"}, 0),
        ("entry", {"kind__exact": "usage"}, 4),
        ("entry", {"kind__exact": "refund"}, 0),
        ("cycle", {"q": "bert"}, 2),
        ("cycle", {"state": "closed"}, 2),
        ("cycle", {"state": "open"}, 3),
        ("reset", {"q": "fresh"}, 2),
        ("reset", {"kind__exact": "automatic"}, 0),
        ("change", {"q": "bert"}, 1),
        ("change", {"setting": "limit"}, 2),
        ("change", {"setting": "enforced"}, 0),
        ("change", {"origin__exact": "command"}, 2),
        ("hold", {"q": "booked"}, 2),
        ("hold", {"status__exact": "held"}, 0),
    ],
)
def test_logs_are_searched_and_filtered(console, anna, log, query, count):
    live("bert")
    assert console.get(url_of(log), query).context["cl"].result_count == count


@pytest.mark.parametrize("log", LOGS)
def test_logs_are_read_only_by_every_door(console, anna, log):
    row = LOGS[log].objects.filter(budget=anna).first()
    before = LOGS[log].objects.filter(pk=row.pk).values().get()
    url = url_of(log)
    assert console.get(f"{url}add/").status_code == 403
    assert console.post(f"{url}add/", {}).status_code == 403
    assert console.post(f"{url}{row.pk}/change/", {"reason": "x", "limit": "1"}).status_code == 403
    assert console.get(f"{url}{row.pk}/delete/").status_code == 403
    assert console.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    console.post(
        url, {"action": "delete_selected", "index": "0", "_selected_action": [str(row.pk)]}
    )
    assert LOGS[log].objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("log", LOGS)
def test_a_row_can_be_read_in_full(console, anna, log):
    row = LOGS[log].objects.filter(budget=anna).first()
    response = console.get(f"{url_of(log)}{row.pk}/change/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "anna" in text_of(page)
    assert 'name="_save"' not in page


@pytest.mark.parametrize("log", LOGS)
def test_rows_of_deleted_members_stay_readable(console, anna, log):
    User.objects.get(username="anna").delete()
    response = console.get(url_of(log), {"q": "anna"})
    assert rows_of(response)["anna"]["member"] == "anna deleted"
    row = response.context["cl"].result_list[0]
    assert "anna" in text_of(console.get(f"{url_of(log)}{row.pk}/change/").content.decode())
    assert sheet_of(console.get(f"{url_of(log)}csv/", {"q": "anna"}))[0]["member"] == "anna"


@pytest.mark.parametrize("log", LOGS)
def test_a_member_leads_to_their_budget(console, anna, log):
    page = console.get(url_of(log)).content.decode()
    assert f'href="/admin/budgets/budget/{anna.pk}/change/"' in page


@pytest.mark.parametrize("log", LOGS)
def test_a_log_asks_as_many_queries_for_many_members(console, log):
    for number in range(3):
        live(f"few{number}")
    console.get(url_of(log))
    with CaptureQueriesContext(connection) as few:
        console.get(url_of(log), {"q": "e"})
    for number in range(12):
        live(f"many-e{number}")
    with CaptureQueriesContext(connection) as many:
        console.get(url_of(log), {"q": "e"})
    assert len(many) == len(few) <= 6


@pytest.mark.parametrize("log", LOGS)
def test_a_log_can_be_had_as_csv_whole_and_in_part(console, anna, log):
    live("bert")
    everything = sheet_of(console.get(f"{url_of(log)}csv/"))
    assert len(everything) == LOGS[log].objects.count()
    filtered = sheet_of(console.get(f"{url_of(log)}csv/", {"q": "bert"}))
    assert {row["member"] for row in filtered} == {"bert"}
    assert len(filtered) == LOGS[log].objects.filter(budget__member_name="bert").count()
    row = LOGS[log].objects.filter(budget=anna).first()
    ticked = console.post(
        url_of(log),
        {"action": "download_csv", "index": "0", "_selected_action": [str(row.pk)]},
    )
    assert [row["member"] for row in sheet_of(ticked)] == ["anna"]


def test_the_csv_of_entries_is_exact_and_neutralised(console):
    budget = budget_of("anna", limit=Decimal(50))
    record(budget, "-1.234567", memo="=1+1", provider="@home", source="x", source_event_id="-7")
    row = sheet_of(console.get("/admin/budgets/entry/csv/"))[0]
    assert row["amount"] == "-1.234567"
    assert (row["memo"], row["provider"], row["source event"]) == ("'=1+1", "'@home", "'-7")
    assert row["occurred at"] == "2026-07-15T12:00:00+00:00"
    assert (row["day"], row["kind"], row["reverses"]) == ("2026-07-15", "usage", "")


def test_a_csv_asks_two_queries_however_many_rows(console):
    for number in range(5):
        live(f"member{number}x")
    console.get("/admin/budgets/entry/csv/")
    with CaptureQueriesContext(connection) as queries:
        sheet_of(console.get("/admin/budgets/entry/csv/"))
    asked = [query["sql"] for query in queries if "budgets_entry" in query["sql"]]
    assert len(asked) <= 3


def test_only_the_newest_rows_are_counted_and_paged(console, anna, monkeypatch):
    monkeypatch.setattr(Newest, "most", 3)
    for number in range(4):
        record(anna, "1", memo=f"more{number}")
    response = console.get(url_of("entry"))
    assert response.context["cl"].result_count == 3
    assert "The newest 3 entries" in text_of(response.content.decode())


def test_admin_notes_are_seen_by_administrators_alone(client, console, anna):
    ledger.configure(
        budget=anna,
        settings={"admin_notes": "secret canary"},
        actor=None,
        origin=Origin.ADMIN,
        now=NOW,
    )
    assert "secret canary" in console.get(url_of("change")).content.decode()
    client.force_login(anna.user)
    assert "secret canary" not in client.get("/budget/").content.decode()
