"""import_usage: every row answered, none half applied, none twice."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import version

import pytest
import time_machine
from django.db.models import Sum

from budgets.ledger import check
from budgets.models import Budget, Cycle, DailyTotal, Entry, Hold, Reset
from budgets.tests.factories import NOW, make_budget, open_cycle
from budgets.tests.running import run
from people.models import User

pytestmark = pytest.mark.django_db

HEAD = "timestamp,input_tokens,output_tokens\n"
GPT = ("--provider", "openai", "--model", "gpt-4o")


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def budget():
    return make_budget()


@pytest.fixture
def imported(budget, tmp_path):
    """Import a text for the budget's member and return what the command printed."""

    def import_text(content, *options, name="usage.csv", user=None):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run("import_usage", str(path), "--user", user or budget.member_name, *options)

    return import_text


def answers(ran):
    """Return the three counts of the report: accepted, duplicate, invalid."""
    said = dict(line.split(": ", 1) for line in ran.lines if ": " in line)
    return tuple(int(said[name].replace(",", "")) for name in ("accepted", "duplicate", "invalid"))


def rows():
    return [
        model.objects.count() for model in (User, Budget, Cycle, Entry, DailyTotal, Hold, Reset)
    ]


def test_rows_are_priced_and_posted_with_their_tokens(imported, budget):
    ran = imported(HEAD + "2026-07-02 10:00:00.1234567,4808,10\n", *GPT)
    assert not ran.failure
    assert not ran.err
    assert ran.lines == [
        "accepted: 1",
        "duplicate: 0",
        "invalid: 0",
        "amount accepted: 0.012120 USD",
        "priced by their tokens: 1",
    ]
    entry = Entry.objects.get()
    assert entry.amount == Decimal("0.012120")
    assert entry.occurred_at == datetime(2026, 7, 2, 10, 0, 0, 123456, UTC)
    assert (entry.provider, entry.model, entry.kind) == ("openai", "gpt-4o", "usage")
    assert (entry.input_tokens, entry.output_tokens, entry.cached_tokens) == (4808, 10, 0)
    assert entry.source == f"import_usage:{budget.user.pk}"
    assert entry.priced_by == f"genai-prices {version('genai-prices')}"
    assert open_cycle(budget).spent == entry.amount
    assert list(check()) == []


def test_an_entry_says_by_which_prices_its_cost_was_found(imported):
    imported(HEAD + "2026-07-02,10,1\n", *GPT, "--input-price", "1", "--output-price", "2")
    imported("timestamp,cost\n2026-07-03,0.5\n", *GPT)
    entries = Entry.objects.order_by("occurred_at")
    assert [entry.priced_by for entry in entries] == ["given prices", ""]


def test_a_second_run_adds_nothing(imported):
    content = HEAD + "2026-07-02,10,1\n2026-07-03,10,1\n"
    assert answers(imported(content, *GPT)) == (2, 0, 0)
    before = rows()
    again = imported(content, *GPT)
    assert answers(again) == (0, 2, 0)
    assert not again.failure
    assert rows() == before


def test_truly_identical_rows_all_count_and_a_second_run_still_adds_nothing(imported):
    content = HEAD + "2026-07-02,10,1\n" * 3
    assert answers(imported(content, *GPT)) == (3, 0, 0)
    assert answers(imported(content, *GPT)) == (0, 3, 0)
    assert answers(imported(content + "2026-07-02,10,1\n", *GPT)) == (1, 3, 0)


def test_the_same_usage_in_another_shape_is_the_same_usage(imported):
    imported(HEAD + "2026-07-02,10,1\n", *GPT)
    line = '{"model": "gpt-4o", "time": "2026-07-02T02:00+02:00", "prompt_tokens": 10,'
    line += ' "completion_tokens": 1}\n'
    ran = imported(line, "--provider", "openai", name="usage.jsonl")
    assert answers(ran) == (0, 1, 0)


def test_two_members_with_the_same_usage_each_have_their_own(imported):
    other = make_budget()
    content = "id,time,cost\nreq-1,2026-07-02,1\n"
    imported(content)
    assert answers(imported(content, user=other.member_name)) == (1, 0, 0)
    assert open_cycle(other).spent == 1


def test_a_rows_own_id_makes_it_the_same_event(imported):
    content = "request_id,time,spend\nreq-1,2026-07-02,0.5\nreq-1,2026-07-02,0.5\n"
    assert answers(imported(content)) == (1, 1, 0)
    assert Entry.objects.get().source_event_id == "req-1"
    assert answers(imported(content)) == (0, 2, 0)


def test_an_id_that_says_something_else_is_invalid_and_never_a_silent_repeat(imported):
    ran = imported("id,time,cost\n1,2026-07-02,0.5\n1,2026-07-03,0.7\n")
    assert answers(ran) == (1, 0, 1)
    assert ran.err == "line 3: event_id: 1 stands above with other figures\n"
    other = imported("id,time,cost\n1,2026-07-04,0.5\n2,2026-07-04,2\n")
    assert answers(other) == (1, 0, 1)
    assert other.err == "line 2: event_id: 1 was recorded before with other figures\n"
    assert Entry.objects.aggregate(Sum("amount"))["amount__sum"] == Decimal("2.5")


def test_an_id_as_long_as_it_is_needs_no_more_than_200_characters(imported):
    ran = imported(f"id,time,cost\n{'x' * 201},2026-07-02,1\n{'x' * 200},2026-07-02,1\n")
    assert answers(ran) == (1, 0, 1)
    assert "source_event_id: longer than 200 characters" in ran.err


def test_an_import_is_a_fact_and_may_pass_the_limit(imported, budget):
    assert budget.enforced
    assert answers(imported("time,cost\n2026-07-02,1000\n")) == (1, 0, 0)
    assert open_cycle(budget).spent == 1000


def test_old_usage_opens_the_closed_windows_it_belongs_to(imported, budget):
    imported("time,cost\n2023-11-16,1\n2024-02-29,2\n2026-07-02,4\n")
    spent = Cycle.objects.filter(budget=budget).order_by("starts_at")
    assert list(spent.values_list("starts_at__date", "spent")) == [
        (date(2023, 11, 1), 1),
        (date(2024, 2, 1), 2),
        (date(2026, 7, 1), 4),
    ]
    assert list(check()) == []


def test_good_rows_between_bad_ones_are_stored_and_the_run_fails(imported):
    content = (
        'time,cost,note\n2026-07-01,1,a\n2026-07-02,x,"two\nlines"\n2026-07-03,1\n2026-07-04,1,b\n'
    )
    ran = imported(content)
    assert answers(ran) == (2, 0, 2)
    assert ran.err.splitlines() == [
        "line 3: cost: “x” is not a number like 0.0125",
        "line 5: has 2 cells and the header 3",
    ]
    assert ran.failure == (
        "Rows left out because they are invalid: 2. Every other row stands as reported."
    )
    assert list(Entry.objects.order_by("day").values_list("day__day", flat=True)) == [1, 4]
    assert list(check()) == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-07-15T12:00:00.000001Z,1,1", "occurred_at: lies in the future"),
        ("2026-07-01,-5,1", "input_tokens: -5 is below zero"),
        ("2026-07-01,9999999999999999,1", "amount: more than 99,999,999.99"),
        ("2026-07-01,99999999999999999999,1", "is not a whole number up to 16 digits"),
        ("2026-07-01,,1", "input_tokens: is blank, and there is no cost"),
    ],
)
def test_a_row_that_cannot_be_is_left_out_alone(imported, row, reason):
    ran = imported(f"{HEAD}2026-07-01,1,1\n{row}\n2026-07-15T12:00:00Z,1,1\n", *GPT)
    assert answers(ran) == (2, 0, 1)
    assert ran.err.startswith("line 3: ")
    assert reason in ran.err


def test_absurd_tokens_beside_a_cost_are_left_out(imported):
    ran = imported("time,cost,input_tokens\n2026-07-01,1,9999999999999999\n")
    assert answers(ran) == (0, 0, 1)
    assert "input_tokens: out of range" in ran.err


def test_a_text_that_is_too_long_or_has_a_nul_is_left_out(imported):
    ran = imported(f"time,cost,model\n2026-07-01,1,{'m' * 201}\n2026-07-01,1,a\0b\n")
    assert answers(ran) == (0, 0, 2)
    assert "model: longer than 200 characters" in ran.err
    assert "model: contains a NUL character" in ran.err


def test_an_unpriced_model_is_invalid_with_a_way_out(imported):
    ran = imported(HEAD + "2026-07-01,1000,1\n", "--provider", "openai", "--model", "house")
    assert answers(ran) == (0, 0, 1)
    assert (
        "no published price for house of openai; give --input-price and --output-price" in ran.err
    )


def test_given_prices_take_the_place_of_published_ones(imported):
    content = "time,input_tokens,output_tokens,cached_tokens\n2026-07-01,1000,100,400\n"
    prices = ("--input-price", "3", "--output-price", "15", "--cached-price", "0.3")
    assert answers(imported(content, *prices)) == (1, 0, 0)
    # 600 at 3.00, 400 at 0.30 and 100 at 15.00 per million.
    entry = Entry.objects.get()
    assert entry.amount == Decimal("0.003420")
    assert entry.cached_tokens == 400


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--input-price", "3"), "Give --input-price and --output-price together."),
        (("--cached-price", "3"), "Give --input-price and --output-price together."),
        (("--input-price", "NaN", "--output-price", "1"), "--input-price: "),
        (("--input-price=-1", "--output-price", "1"), "--input-price: Enter 0 or more."),
        (("--columns", "total=x"), "the fields are"),
        (("--columns", "cost=Total"), "no column “Total”"),
        (("--time-zone", "Mars/Base"), "“Mars/Base” is not a time zone."),
    ],
)
def test_an_option_that_cannot_be_meant_stops_before_anything_is_stored(imported, options, reason):
    before = rows()
    ran = imported(HEAD + "2026-07-01,1,1\n", *options)
    assert reason in ran.failure
    assert not ran.out
    assert rows() == before


def test_cached_tokens_that_stand_apart_are_added_to_the_input(imported):
    content = "time,input_tokens,output_tokens,cache_read_tokens\n2026-07-01,100,0,900\n"
    assert answers(imported(content, *GPT)) == (0, 0, 1)
    assert answers(imported(content, *GPT, "--cached-tokens", "apart")) == (1, 0, 0)
    entry = Entry.objects.get()
    # 100 at 2.50 and 900 at 1.25 per million: 0.001375.
    assert (entry.input_tokens, entry.cached_tokens) == (1000, 900)
    assert entry.amount == Decimal("0.001375")


def test_costs_with_more_than_six_places_are_rounded_and_counted(imported):
    content = (
        '{"time": 1782900000, "spend": 0.00012345678, "id": "a"}\n'
        '{"time": 1782900001, "spend": 1.2e-05, "id": "b"}\n'
        '{"time": 1782900002, "spend": "0.0000025", "id": "c"}\n'
    )
    ran = imported(content, name="log.jsonl")
    assert "costs rounded to six places: 2" in ran.lines
    amounts = Entry.objects.order_by("occurred_at").values_list("amount", flat=True)
    assert list(amounts) == [Decimal("0.000123"), Decimal("0.000012"), Decimal("0.000002")]
    assert not any(line.startswith("costs rounded") for line in imported(content).lines)


def test_a_gateways_log_is_read_without_options(imported):
    line = (
        '{"request_id": "chatcmpl-1", "call_type": "acompletion", "api_key": "x",'
        ' "startTime": "2026-07-02 10:00:00.123456+00:00", "endTime": "2026-07-02 10:00:01+00:00",'
        ' "model": "claude-sonnet-4-5", "custom_llm_provider": "anthropic", "spend": 0.0105,'
        ' "total_tokens": 1200, "prompt_tokens": 1000, "completion_tokens": 200,'
        ' "metadata": "{}", "status": "success"}\n'
    )
    assert answers(imported(line, name="spend.jsonl")) == (1, 0, 0)
    entry = Entry.objects.get()
    assert (entry.provider, entry.model) == ("anthropic", "claude-sonnet-4-5")
    assert (entry.operation, entry.source_event_id) == ("acompletion", "chatcmpl-1")
    assert (entry.amount, entry.input_tokens) == (Decimal("0.0105"), 1000)


def test_columns_and_zone_can_be_told(imported):
    ran = imported(
        "When;In;Out;Cost\n2026-07-01 23:30;10;1;\n",
        *("--columns", "occurred_at=When,input_tokens=In", "--columns", "output_tokens=Out"),
        *("--time-zone", "America/Chicago", *GPT),
    )
    assert answers(ran) == (1, 0, 0)
    assert Entry.objects.get().occurred_at == datetime(2026, 7, 2, 4, 30, tzinfo=UTC)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(imported):
    content = b"\xef\xbb\xbf" + (HEAD + "2026-07-01,1,1\n").replace("\n", "\r\n").encode()
    assert answers(imported(content, *GPT)) == (1, 0, 0)


def test_standard_input_is_read_as_a_file(budget, monkeypatch):
    content = (HEAD + "2026-07-01,1000,1\n").encode()
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))
    monkeypatch.setattr("sys.stdin", stream)
    assert answers(run("import_usage", "-", "--user", budget.member_name, *GPT)) == (1, 0, 0)


def test_a_dry_run_answers_alike_and_stores_nothing(imported):
    imported("id,time,cost\na,2026-07-01,1\n")
    before = rows()
    content = (
        "id,time,cost\na,2026-07-01,1\nb,2023-07-01,2\nb,2023-07-01,2\nc,x,1\na,2026-07-02,1\n"
    )
    dry = imported(content, "--dry-run")
    assert rows() == before
    assert "Nothing was stored: this was a dry run." in dry.lines
    wet = imported(content)
    assert answers(dry) == answers(wet) == (1, 2, 2)
    assert dry.err == wet.err


def test_a_dry_run_makes_no_budget_for_a_user_without_one(imported, budget):
    bare = make_budget()
    Cycle.objects.filter(budget=bare).delete()
    bare.delete()
    name = bare.user.username
    before = rows()
    assert answers(imported("time,cost\n2026-07-01,1\n", "--dry-run", user=name)) == (1, 0, 0)
    assert rows() == before
    assert answers(imported("time,cost\n2026-07-01,1\n", user=name)) == (1, 0, 0)
    assert Budget.objects.get(user=bare.user).entries.count() == 1


def test_more_rows_than_one_batch_are_all_stored_and_the_last_batch_too(imported, budget):
    start = NOW - timedelta(days=1)
    lines = [f"{(start + timedelta(seconds=n)).isoformat()},0.000001\n" for n in range(2345)]
    lines[1500] = "broken\n"
    ran = imported("time,cost\n" + "".join(lines))
    assert answers(ran) == (2344, 0, 1)
    assert ran.lines[0] == "accepted: 2,344"
    assert ran.err.startswith("line 1502: ")
    assert open_cycle(budget).spent == Decimal("0.002344")
    assert list(check()) == []


def test_only_as_many_errors_are_shown_as_asked_for(imported):
    ran = imported("time,cost\n" + "2026-07-01,x\n" * 30)
    assert len(ran.err.splitlines()) == 21
    assert ran.err.splitlines()[-1] == "invalid rows not shown: 10"
    few = imported("time,cost\n" + "2026-07-01,x\n" * 30, "--max-errors-shown", "2")
    assert few.err.splitlines()[-1] == "invalid rows not shown: 28"


def test_an_unknown_user_is_named_before_the_file_is_opened():
    ran = run("import_usage", "/nowhere/usage.csv", "--user", "nobody")
    assert ran.failure == "There is no user “nobody”."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Nothing was imported: The file is empty."),
        ("2026-07-01,1,1\n", "no column tells when it happened"),
        ("time,cost,Amount\n2026-07-01,1,1\n", "could each be cost"),
    ],
)
def test_a_file_that_cannot_be_read_stores_nothing(imported, content, reason):
    before = rows()
    ran = imported(content)
    assert reason in ran.failure
    assert not ran.out
    assert rows() == before


def test_a_file_that_is_not_there_is_told(budget, tmp_path):
    missing = run("import_usage", str(tmp_path / "none.csv"), "--user", budget.member_name)
    assert missing.failure.endswith("none.csv: No such file or directory")
    folder = run("import_usage", str(tmp_path), "--user", budget.member_name)
    assert "Is a directory" in folder.failure


def test_a_header_without_rows_imports_nothing_and_is_fine(imported):
    ran = imported(HEAD, *GPT)
    assert answers(ran) == (0, 0, 0)
    assert not ran.failure


def test_no_progress_bar_is_drawn_where_there_is_no_terminal(imported, capfd):
    imported(HEAD + "2026-07-01,1,1\n", *GPT)
    assert capfd.readouterr().err == ""
