"""import_usage --format: the files of providers and gateways, in the ledger once each."""

import io
import json
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from budgets.ledger import check
from budgets.models import Entry
from budgets.tests.factories import NOW, make_budget, open_cycle
from budgets.tests.running import run
from budgets.tests.test_usage_anthropic import ROW, text
from budgets.tests.test_usage_litellm import REQUEST, USAGE
from budgets.tests.test_usage_openai import COST, RESULT, bucket, page
from budgets.tests.test_usage_opentelemetry import SPAN
from budgets.tests.usage_rows import read_as
from budgets.usage.columns import Columns
from budgets.usage.files import Problem
from budgets.usage.formats import read
from budgets.usage.loading import Candidate, Names, postings, says, source_of
from budgets.usage.parsing import Reading
from budgets.usage.pricing import PublishedPrices

pytestmark = pytest.mark.django_db

FILES = {
    "litellm": json.dumps([REQUEST, {**REQUEST, "request_id": "2", "metadata": USAGE}]),
    "openai-usage": json.dumps(page(bucket(RESULT), bucket(RESULT, day=1))),
    "openai-costs": json.dumps(page(bucket(COST), bucket(COST, day=1))),
    "anthropic": text(
        {**ROW, "model_version": "claude-3-5-haiku-20241022"},
        {**ROW, "model_version": "claude-3-5-haiku-20241022", "api_key": "desk"},
    ),
    "opentelemetry": "".join(json.dumps({**SPAN, "spanId": n}) + "\n" for n in "12"),
}


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def budget():
    return make_budget()


@pytest.fixture
def imported(budget, tmp_path):
    def import_text(file_format, content, *options):
        path = tmp_path / "usage"
        path.write_text(content)
        asked = ("--user", budget.member_name, "--format", file_format, *options)
        return run("import_usage", str(path), *asked)

    return import_text


def candidates(budget, file_format, *, names=None, rows=None):
    rows = read_as(file_format, FILES[file_format]) if rows is None else rows
    with names or Names() as names:
        return list(
            postings(rows, user=budget.user, prices=PublishedPrices("USD"), now=NOW, names=names)
        )


@pytest.mark.parametrize("file_format", FILES)
def test_each_format_counts_once_however_often_it_is_imported(imported, file_format):
    first = imported(file_format, FILES[file_format])
    assert not first.failure
    assert first.lines[:3] == ["accepted: 2", "duplicate: 0", "invalid: 0"]
    again = imported(file_format, FILES[file_format])
    assert again.lines[:3] == ["accepted: 0", "duplicate: 2", "invalid: 0"]
    assert list(check()) == []


@pytest.mark.parametrize("file_format", FILES)
def test_postings_are_those_that_the_command_makes(imported, budget, file_format):
    found = candidates(budget, file_format)
    assert all(isinstance(one, Candidate) for one in found)
    imported(file_format, FILES[file_format])
    for one in found:
        entry = Entry.objects.get(
            source=one.posting.source, source_event_id=one.posting.source_event_id
        )
        assert entry.amount == one.posting.amount
        assert says(entry, one.row)
    assert {one.posting.source for one in found} == {source_of(budget.user)}


def test_what_is_read_from_and_written_to_the_cache_is_priced_as_such(imported):
    imported("anthropic", FILES["anthropic"])
    entry = Entry.objects.first()
    # Haiku 3.5, per million: 0.80 plain, 0.08 read, 1.00 written, 1.60 for an hour, 4.00 output;
    # 10 web searches at 10.00 per thousand.
    assert entry.amount == sum(
        map(Decimal, ("0.08", "0.0000032", "0.002", "0.00048", "0.02", "0.1"))
    ).quantize(Decimal("0.000001"))
    assert (entry.input_tokens, entry.cached_tokens) == (102_340, 40)


def test_a_spend_log_counts_what_it_says(imported, budget):
    ran = imported("litellm", FILES["litellm"])
    assert "amount accepted: 0.021000 USD" in ran.lines
    assert open_cycle(budget).spent == Decimal("0.021")


def test_a_bucket_that_has_grown_is_told_and_not_counted_again(imported):
    imported("openai-usage", FILES["openai-usage"])
    ran = imported("openai-usage", json.dumps(page(bucket({**RESULT, "input_tokens": 2000}))))
    assert ran.lines[:3] == ["accepted: 0", "duplicate: 0", "invalid: 1"]
    assert "was recorded before with other figures" in ran.err


def test_a_price_that_depends_on_what_is_not_told_is_left_to_the_user(imported):
    long = {**RESULT, "model": "gpt-5.5", "input_tokens": 300_000}
    content = json.dumps(page(bucket(long)))
    ran = imported("openai-usage", content)
    assert ran.err == (
        "line 1: the price of gpt-5.5 depends on whether a request has more than 272,000 input"
        " tokens, and the row sums several up; give --input-price and --output-price\n"
    )
    priced = imported("openai-usage", content, "--input-price", "1", "--output-price", "2")
    assert not priced.failure
    assert Entry.objects.get().amount == Decimal("0.301")


def test_given_prices_are_for_the_cache_and_for_searches_too(imported):
    prices = ("--input-price", "1", "--output-price", "0", "--cached-price", "0")
    content = text(ROW)
    ran = imported("anthropic", content, *prices)
    assert "give --search-price" in ran.err
    ran = imported("anthropic", content, *prices, "--cache-write-price", "2", "--search-price", "1")
    assert not ran.failure
    # 100,000 at 1.00 and 2,300 at 2.00 per million, 10 at 1.00 per thousand.
    assert Entry.objects.get().amount == Decimal("0.1146")


def test_costs_in_another_currency_are_told(imported):
    content = json.dumps(page(bucket({**COST, "amount": {"value": 1, "currency": "eur"}})))
    ran = imported("openai-costs", content)
    assert ran.err == "line 1: amount: is in EUR, and budgets are in USD\n"
    assert not Entry.objects.exists()


@pytest.mark.parametrize("file_format", FILES)
@pytest.mark.parametrize("content", ["", "x", "[1", "\x00\x01", '{"a":' * 10_000])
def test_a_file_that_is_something_else_stores_nothing(imported, file_format, content):
    ran = imported(file_format, content)
    assert ran.failure
    assert not Entry.objects.exists()


def test_a_page_is_told_no_options_of_the_command(budget):
    [problem] = candidates(
        budget, "opentelemetry", rows=read_as("jsonl", '{"time": 1782900000, "input_tokens": 1}')
    )
    assert problem == Problem(
        1, "without a cost it needs a provider and a model", " (--provider, --model)"
    )


def test_names_go_on_in_the_middle_of_a_file(budget):
    line = '{"time": 1782900000, "cost": 1}\n'
    rows = read_as("jsonl", line * 4)
    whole = [one.posting.source_event_id for one in candidates(budget, "", rows=rows)]
    assert len(set(whole)) == 4
    with Names() as names:
        for row in rows[:2]:
            names.of(row)
        rest = [
            one.posting.source_event_id
            for one in postings(
                rows[2:], user=budget.user, prices=PublishedPrices("USD"), now=NOW, names=names
            )
        ]
    assert rest == whole[2:]


def test_what_lies_in_the_future_is_a_problem_of_its_row(budget):
    ahead = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp())
    rows = read_as("jsonl", f'{{"time": {ahead}, "cost": 1}}\n{{"time": 1782900000, "cost": 1}}\n')
    problem, candidate = candidates(budget, "", rows=rows)
    assert problem == Problem(1, "occurred_at: lies in the future")
    assert isinstance(candidate, Candidate)


# --- How much memory ------------------------------------------------------------------------------


def content_of(file_format, count):
    if file_format == "anthropic":
        return text(*({**ROW, "api_key": f"key {n}"} for n in range(count)))
    if file_format == "opentelemetry":
        return "".join(json.dumps({**SPAN, "spanId": str(n)}) + "\n" for n in range(count))
    if file_format == "litellm":
        return json.dumps([{**REQUEST, "request_id": str(n)} for n in range(count)])
    what = RESULT if file_format == "openai-usage" else COST
    buckets = [
        bucket(*({**what, "project_id": f"p{n}"} for n in range(10))) for _ in range(count // 10)
    ]
    return json.dumps(page(*buckets))


@pytest.mark.parametrize("file_format", FILES)
def test_ten_times_the_rows_take_no_more_memory(tmp_path, file_format):
    def peak(count):
        path = tmp_path / f"{count}"
        path.write_text(content_of(file_format, count))
        tracemalloc.start()
        try:
            with io.BufferedReader(path.open("rb", buffering=0)) as stream:
                found = read(
                    stream,
                    name="usage",
                    file_format=file_format,
                    columns=Columns(),
                    reading=Reading(),
                )
                assert sum(1 for _ in found) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(200)
    assert peak(10_000) <= 1.3 * peak(1_000)
