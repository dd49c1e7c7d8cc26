"""Usage among the formats of files: what recognises it, what is asked, and what is read."""

import json
import tracemalloc

import pytest
import time_machine

from budgets.ledger import check
from budgets.models import Entry
from budgets.tests.factories import NOW, make_budget
from budgets.tests.running import run
from budgets.tests.test_usage_anthropic import ROW, text
from budgets.tests.test_usage_litellm import REQUEST, as_csv, as_lines
from budgets.tests.test_usage_openai import COST, RESULT, bucket, page
from budgets.tests.test_usage_opentelemetry import SPAN, USED
from budgets.usage.columns import SYNONYMS
from budgets.usage.loading import Names, postings
from budgets.usage.parsing import Row
from budgets.usage.pricing import PublishedPrices
from purchases.importing.choices import Choices
from purchases.importing.formats import format_named, recognise
from purchases.importing.rows import BadFile, Remark
from purchases.importing.shapes import Kind
from purchases.importing.sources import Source, look
from purchases.importing.usage import FORMATS_OF_USAGE, USAGE_FIELDS

TABLE = "time;prompt_tokens;completion_tokens\n2026-07-02;10;1\n2026-07-03;x;1\n"
LINE = '{"time": 1782900000, "input_tokens": 10, "output_tokens": 1}\n'
FLAT = json.dumps({"timestamp": "2026-07-02T10:00:00Z", **USED}) + "\n"

FILES = {
    "litellm.json": ("litellm", json.dumps([REQUEST])),
    "litellm-pages.json": ("litellm", json.dumps({"data": [REQUEST], "total": 1}, indent=1)),
    "litellm.jsonl": ("litellm", as_lines(REQUEST, REQUEST)),
    "litellm.csv": ("litellm", as_csv(REQUEST)),
    "usage.json": ("openai-usage", json.dumps(page(bucket(), bucket(RESULT, day=1)))),
    "costs.json": ("openai-costs", json.dumps([page(bucket(COST))])),
    "claude.csv": ("anthropic", text(ROW)),
    "spans.jsonl": ("opentelemetry", json.dumps(SPAN) + "\n" + json.dumps(SPAN)),
    "flat.jsonl": ("opentelemetry", FLAT),
    "any.csv": ("usage-table", TABLE),
    "any.jsonl": ("usage-lines", LINE),
}


@pytest.fixture
def sourced(tmp_path):
    """Lay a file down as it would be sent, and return it as a source."""

    def source_of(content, name="usage.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return Source(path=path, head=look(path, name=name), name=name)

    return source_of


def said(source, key, **choices):
    return [what for _, what in format_named(key).read(source, Choices(**choices))]


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_recognised_as_what_it_is_and_read(sourced, name):
    key, content = FILES[name]
    source = sourced(content, name)
    assert recognise(source.head).key == key
    fitting = [one for one in FORMATS_OF_USAGE if one.fits(source.head)]
    assert [one.key for one in fitting if one.recognises(source.head)] == [key]
    assert isinstance(said(source, key)[0], Row)


@pytest.mark.parametrize(
    "content", ["date,amount\n2026-07-01,1\n", "time,cost\n2026-07-01,1\n", "date;name;price\n"]
)
def test_a_day_and_an_amount_alone_are_not_taken_for_usage(sourced, content):
    head = sourced(content).head
    assert not [one.key for one in FORMATS_OF_USAGE if one.recognises(head)]


def test_json_of_something_else_is_not_taken_for_usage(sourced):
    for content in ('{"purchases": []}', '[{"id": 1}]', '{"object": "page", "data": []}'):
        head = sourced(content, "x.json").head
        assert not [one.key for one in FORMATS_OF_USAGE if one.recognises(head)]


@pytest.mark.parametrize(
    ("name", "choices", "asked"),
    [
        ("litellm.json", {}, ()),
        ("usage.json", {}, ()),
        ("costs.json", {}, ()),
        ("claude.csv", {}, ()),
        ("spans.jsonl", {}, ()),
        ("any.csv", {}, ("provider", "model")),
        ("any.csv", {"provider": "openai"}, ("model",)),
        ("any.csv", {"provider": "openai", "model": "gpt-4o"}, ()),
        ("any.csv", {"columns": {"cost": "prompt_tokens"}}, ()),
        ("any.csv", {"columns": {"occurred_at": "When"}}, ("columns",)),
        ("any.jsonl", {}, ("provider", "model")),
    ],
    ids=range(11),
)
def test_what_tokens_have_no_price_without_is_asked_and_nothing_else(sourced, name, choices, asked):
    key, content = FILES[name]
    assert format_named(key).asks(sourced(content, name).head, Choices(**choices)) == asked


def test_a_report_that_was_not_grouped_by_model_asks_for_it(sourced):
    source = sourced(json.dumps(page(bucket({**RESULT, "model": None}))), "usage.json")
    ask = format_named("openai-usage").asks
    assert ask(source.head, Choices()) == ("model",)
    assert ask(source.head, Choices(model="gpt-4o")) == ()
    assert said(source, "openai-usage", model="gpt-4o")[0].model == "gpt-4o"


def test_spans_that_name_neither_ask_for_both(sourced):
    bare = {"gen_ai.usage.input_tokens": 1, "timestamp": 1782900000}
    source = sourced(json.dumps(bare) + "\n", "spans.jsonl")
    ask = format_named("opentelemetry").asks
    assert ask(source.head, Choices()) == ("provider", "model")
    assert ask(source.head, Choices(provider="openai")) == ("model",)
    chosen = Choices(provider="openai", model="gpt-4o")
    assert ask(source.head, chosen) == ()


def test_columns_that_nobody_would_know_are_asked_for_and_then_read(sourced):
    source = sourced("When,In,Out\n2026-07-02,10,1\n")
    ask = format_named("usage-table").asks
    assert ask(source.head, Choices()) == ("columns",)
    columns = {"occurred_at": "When", "input_tokens": "In", "output_tokens": "Out"}
    chosen = Choices(columns=columns, provider="openai", model="gpt-4o")
    assert ask(source.head, chosen) == ()
    [row] = said(source, "usage-table", columns=columns)
    assert (row.input_tokens, row.output_tokens) == (10, 1)


def test_every_field_of_a_table_has_a_name_for_people():
    assert USAGE_FIELDS.keys() == SYNONYMS.keys()


def test_a_row_that_cannot_be_read_is_a_remark_with_its_line(sourced):
    found = said(sourced(TABLE), "usage-table")
    assert isinstance(found[0], Row)
    assert found[1] == Remark(3, "input_tokens: “x” is not a whole number up to 16 digits")


def test_no_option_of_the_command_is_told_on_a_page(sourced):
    with pytest.raises(BadFile) as refused:
        said(sourced("a,b\n1,2\n"), "usage-table")
    assert (
        str(refused.value) == "In the header no column tells when it happened (occurred_at): a, b."
    )
    [remark] = said(sourced('{"time": 1, "cost": 1, "spend": 1}\n', "x.jsonl"), "usage-lines")
    assert remark.text == "“cost” and “spend” could each be cost"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", FILES)
def test_text_is_read_in_whatever_it_is_written_in(sourced, name, encoding):
    key, content = FILES[name]
    plain = said(sourced(content, name), key)
    assert said(sourced(content, f"other-{name}", encoding), key) == plain


def test_windows_1252_is_read_where_it_is_chosen(sourced):
    source = sourced("time,cost,model\n2026-07-02,1,Müller\n", encoding="cp1252")
    assert said(source, "usage-table", encoding="cp1252")[0].model == "Müller"


def test_a_delimiter_that_was_chosen_counts(sourced):
    source = sourced("time|cost\n2026-07-02|1\n")
    assert said(source, "usage-table", delimiter="|")[0].cost == 1


@pytest.mark.parametrize("name", FILES)
def test_how_far_it_is_grows_to_the_end_and_never_beyond(sourced, name):
    key, content = FILES[name]
    percents = [percent for percent, _ in format_named(key).read(sourced(content, name), Choices())]
    assert all(0 <= percent <= 100 for percent in percents)
    assert percents == sorted(percents)


def test_percent_follows_the_file(sourced):
    source = sourced(LINE * 20_000, "usage.jsonl")
    percents = [percent for percent, _ in format_named("usage-lines").read(source, Choices())]
    assert (percents[0] < 10, 40 < percents[10_000] < 60, percents[-1]) == (True, True, 100)


def test_a_long_line_spoils_itself_alone(sourced):
    long = '{"time": 1782900000, "x": "' + "y" * 2**24 + '", "input_tokens": 1}\n'
    first, remark, last = said(sourced(LINE + long + LINE, "x.jsonl"), "usage-lines")
    assert remark == Remark(2, "is not JSON")
    assert (first.line, last.line) == (1, 3)


@pytest.mark.parametrize("name", FILES)
def test_closing_early_closes_the_file(sourced, name):
    key, content = FILES[name]
    reading = format_named(key).read(sourced(content, name), Choices())
    next(reading)
    reading.close()


def test_all_are_usage_and_their_words_are_for_people():
    for one in FORMATS_OF_USAGE:
        assert one.kind is Kind.USAGE
        assert one.hint.endswith(".")
        assert one.title


def test_ten_times_the_rows_take_no_more_memory(sourced):
    def peak(count):
        source = sourced(json.dumps([REQUEST] * count), f"{count}.json")
        tracemalloc.start()
        try:
            reading = format_named("litellm").read(source, Choices())
            assert sum(1 for _ in reading) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(200)
    assert peak(5_000) <= 1.3 * peak(500)


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILES)
def test_a_page_and_the_command_call_a_row_the_same(sourced, name):
    key, content = FILES[name]
    source, budget = sourced(content, name), make_budget()
    options = ["--provider", "openai", "--model", "gpt-4o"]
    if key not in ("usage-table", "usage-lines"):
        options = ["--format", key]
    with time_machine.travel(NOW, tick=False):
        run("import_usage", str(source.path), "--user", budget.member_name, *options)
    stored = set(Entry.objects.values_list("source", "source_event_id"))
    assert stored
    rows = said(source, key, provider="openai", model="gpt-4o")
    with Names() as names:
        found = postings(
            (row for row in rows if isinstance(row, Row)),
            user=budget.user,
            prices=PublishedPrices("USD"),
            now=NOW,
            names=names,
        )
        named = {(one.posting.source, one.posting.source_event_id) for one in found}
    assert named == stored
    assert list(check()) == []
