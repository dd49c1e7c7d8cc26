"""import_purchases: every row answered, none half recorded, none twice."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from secrets import token_hex

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import check
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import NOW, make_budget, open_cycle
from budgets.tests.running import run
from budgets.tests.threads import together
from purchases import keeping
from purchases.importing import batches
from purchases.importing.batches import applying, reading
from purchases.importing.choices import Choices
from purchases.models import (
    ImportBatch,
    ImportPreset,
    ImportRow,
    Purchase,
    PurchaseEntry,
    Retailer,
    Tag,
)
from purchases.tests.factories import buy, viewer_of
from purchases.tests.test_amazon_items import ROW, report, total

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def budget():
    return make_budget()


@pytest.fixture
def imported(budget, tmp_path):
    """Import rows, or a whole text, for the budget's member and return what was printed."""

    def import_rows(*rows, options=(), owner=None):
        content = rows[0] if rows and not isinstance(rows[0], dict) else report(*rows)
        path = tmp_path / token_hex(4) / "items.csv"
        path.parent.mkdir()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run(
            *("import_purchases", str(path), "--format", "amazon-items"),
            *("--owner", owner or budget.member_name, *options),
        )

    return import_rows


def order(number, **cells):
    """Return a row of another order; `cells` are spelt with underscores."""
    named = {name.replace("_", " "): text for name, text in cells.items()}
    return {"Order ID": f"113-{number}", **named}


def answers(ran):
    """Return the five counts of the report: added, same, changed, left out, refused."""
    said = dict(line.split(": ", 1) for line in ran.lines if ": " in line)
    names = ("added", "same", "changed", "left out", "refused")
    return tuple(int(said[name].replace(",", "")) for name in names)


def stored():
    models = (Purchase, PurchaseEntry, Retailer, Tag, Entry, Cycle, DailyTotal)
    return [sorted(model.objects.values_list()) for model in models]


def test_a_row_becomes_a_purchase_that_its_owners_budget_pays(imported, budget):
    ran = imported({"Order Date": "07/02/26", "Seller": "Utopia Deals"})
    assert not ran.failure
    assert not ran.err
    assert ran.lines == [
        "rows: 1",
        "added: 1",
        "same: 0",
        "changed: 0",
        "left out: 0",
        "refused: 0",
        "odd: 0",
        "price added: 13.05 USD",
    ]
    purchase = Purchase.objects.get()
    assert (purchase.owner, purchase.name) == (budget.user, "Bath Towel")
    assert (purchase.price, purchase.amount, purchase.currency) == (
        Decimal("13.05"),
        Decimal("13.05"),
        "USD",
    )
    assert (purchase.purchased_on, purchase.status) == (date(2026, 7, 2), "received")
    assert (purchase.retailer.name, purchase.order_number) == ("Amazon.com", "113-1")
    assert [tag.name for tag in purchase.tags.all()] == ["towel"]
    assert purchase.notes == "Sold by Utopia Deals\nASIN B01"
    assert "utopia deals" in purchase.search_text
    assert (purchase.source, purchase.source_id) == ("amazon-items", "113-1/B01/1")
    assert open_cycle(budget).spent == Decimal("13.05")
    assert Entry.objects.get().memo == "Bath Towel"
    assert list(check()) == []


def test_what_is_imported_is_private_to_its_owner(imported, budget):
    other = make_budget().user
    imported({})
    assert Purchase.objects.visible_to(viewer_of(budget.user)).count() == 1
    assert not Purchase.objects.visible_to(viewer_of(other)).exists()
    assert not Retailer.objects.get().listed


def test_a_second_run_adds_nothing(imported):
    rows = [order(1), order(1), order(2), order(3, Quantity="2")]
    assert answers(imported(*rows)) == (4, 0, 0, 0, 0)
    before = stored()
    again = imported(*rows)
    assert answers(again) == (0, 4, 0, 0, 0)
    assert not again.failure
    assert not any(line.startswith("price added") for line in again.lines)
    assert stored() == before


def test_truly_identical_rows_all_count_and_one_more_of_them_is_added(imported, budget):
    day = {"Order Date": "07/02/26"}
    assert answers(imported(day, day, day)) == (3, 0, 0, 0, 0)
    assert answers(imported(day, day, day, day)) == (1, 3, 0, 0, 0)
    assert open_cycle(budget).spent == Decimal("52.20")


def test_two_members_with_the_same_order_each_have_their_own(imported):
    other = make_budget()
    imported({})
    assert answers(imported({}, owner=other.member_name)) == (1, 0, 0, 0, 0)
    assert Purchase.objects.filter(owner=other.user).count() == 1


def test_what_was_edited_since_is_left_alone(imported, budget):
    imported({})
    keeping.change(
        purchase=Purchase.objects.get(),
        values={"name": "Gift for me", "price": Decimal("20.00")},
        version=1,
        by=budget.user,
        now=NOW,
    )
    before = stored()
    again = imported({})
    assert answers(again) == (0, 1, 0, 0, 0)
    assert not again.err
    assert stored() == before


def test_what_was_deleted_since_stays_deleted(imported):
    imported({})
    keeping.trash(purchase=Purchase.objects.get(), now=NOW)
    before = stored()
    assert answers(imported({})) == (0, 1, 0, 0, 0)
    assert stored() == before


def test_a_row_that_says_something_else_than_before_is_told_and_changes_nothing(imported):
    imported({}, order(2))
    before = stored()
    ran = imported(total("$14.00"), order(2, Quantity="2"))
    assert not ran.failure
    assert answers(ran) == (0, 0, 2, 0, 0)
    assert ran.err.splitlines() == [
        "line 2: was imported before with price 13.05, not 14.00; it was left as it is",
        "line 3: was imported before with quantity 1, not 2; it was left as it is",
    ]
    assert stored() == before


def test_an_import_is_a_fact_and_may_pass_the_limit(imported, budget):
    assert budget.enforced
    assert answers(imported({"Order Date": "07/02/26", **total("$9,000.00")})) == (1, 0, 0, 0, 0)
    assert open_cycle(budget).spent == 9000


def test_old_purchases_open_the_closed_windows_they_belong_to(imported, budget):
    imported({}, order(2, Order_Date="12/31/19"))
    spent = Cycle.objects.filter(budget=budget, spent__gt=0).order_by("starts_at")
    assert list(spent.values_list("starts_at__date", "spent")) == [
        (date(2018, 3, 1), Decimal("13.05")),
        (date(2019, 12, 1), Decimal("13.05")),
    ]
    assert list(check()) == []


def test_a_returned_item_is_kept_and_costs_nothing(imported, budget):
    ran = imported({"Order Date": "07/02/26", "Order Status": "Returned"})
    assert answers(ran) == (1, 0, 0, 0, 0)
    assert ran.err == "line 2: Order Status: is “Returned”\n"
    assert Purchase.objects.get().status == "returned"
    assert open_cycle(budget).spent == 0


def test_every_line_that_is_not_as_usual_is_told_in_the_order_of_the_file(imported):
    ran = imported(
        {"Title": "", "List Price Per Unit": "$0.00"},
        order(2, Order_Date="13/13/18"),
        order(3, Order_Date="07/16/26"),
        order(4, **total("$0.00")),
        order(5, Quantity="10000"),
        order(6),
    )
    assert answers(ran) == (2, 0, 0, 1, 3)
    assert "odd: 1" in ran.lines
    assert ran.failure == "Rows that were refused: 3. Every other row stands as reported."
    assert ran.err.splitlines() == [
        "line 2: Title: is blank; it is called “Item B01”",
        "line 3: refused: Order Date: “13/13/18” is no day like 12/31/23",
        "line 4: refused: bought on: This day is still to come.",
        "line 5: left out: Item Total: is zero, so nothing was paid",
        "line 6: refused: Quantity: 10,000 is more than 9,999",
    ]
    assert set(Purchase.objects.values_list("source_id", flat=True)) == {
        "113-1/B01/1",
        "113-6/B01/1",
    }


def test_another_currency_needs_a_rate_and_keeps_its_own_price(imported, budget):
    row = {"Order Date": "07/02/26", "Currency": "GBP", **total("£10.01")}
    without = imported(row)
    assert answers(without) == (0, 0, 0, 0, 1)
    assert without.err == "line 2: refused: no exchange rate says what GBP is worth\n"
    rated = imported(row, order(2), options=("--currency", "gbp", "--exchange-rate", "1.25"))
    assert answers(rated) == (2, 0, 0, 0, 0)
    assert rated.lines[-2:] == ["price added: 10.01 GBP", "price added: 13.05 USD"]
    purchase = Purchase.objects.get(currency="GBP")
    assert (purchase.price, purchase.amount) == (Decimal("10.01"), Decimal("12.51"))
    assert open_cycle(budget).spent == Decimal("12.51")


def test_rows_without_a_currency_have_the_given_one(imported):
    imported(
        {"Currency": "", **total("€5.00")}, options=("--currency", "EUR", "--exchange-rate", "1.1")
    )
    assert Purchase.objects.get().currency == "EUR"


def test_a_dry_run_answers_alike_and_stores_nothing(imported):
    imported({})
    before = stored()
    rows = (total("$14.00"), order(2), order(3, Order_Date="07/16/26"), order(4))
    dry = imported(*rows, options=("--dry-run",))
    assert stored() == before
    assert dry.lines[-1] == "Nothing was stored: this was a dry run."
    wet = imported(*rows)
    assert answers(dry) == answers(wet) == (2, 0, 1, 0, 1)
    assert dry.err == wet.err
    assert dry.lines[:-1] == wet.lines


def test_more_rows_than_one_part_are_all_recorded(imported, monkeypatch):
    monkeypatch.setattr(reading, "PART", 7)
    monkeypatch.setattr(applying, "PART", 5)
    rows = [order(number) for number in range(23)]
    rows[4] |= {"Order Date": "07/16/26"}
    assert answers(imported(*rows)) == (22, 0, 0, 0, 1)
    assert answers(imported(*rows)) == (0, 22, 0, 0, 1)
    assert list(check()) == []


def test_an_import_that_broke_off_goes_on_where_it_stopped(imported, budget, monkeypatch):
    monkeypatch.setattr(applying, "PART", 5)
    texts = [order(number) for number in range(12)]
    monkeypatch.setattr(keeping, "record_many", breaking(keeping.record_many, after=1))
    with pytest.raises(RuntimeError):
        imported(*texts)
    assert Purchase.objects.count() == Entry.objects.count() == 5
    assert list(check()) == []
    monkeypatch.undo()
    assert answers(imported(*texts)) == (12, 0, 0, 0, 0)
    assert Purchase.objects.count() == Entry.objects.count() == 12
    assert ImportBatch.objects.get().state == "done"


def breaking(verb, *, after):
    """Return a verb that works so often and then breaks, as a process that is killed."""
    calls = []

    def broken(**words):
        calls.append(words)
        if len(calls) > after:
            raise RuntimeError
        return verb(**words)

    return broken


def test_a_long_file_takes_as_many_statements_as_a_short_one(imported):
    imported(order("first"))

    def statements(rows):
        with CaptureQueriesContext(connection) as queries:
            assert answers(imported(*rows))[0] == len(rows)
        return len(queries)

    few = statements([order(f"b{number}") for number in range(2)])
    many = statements([order(f"c{number}") for number in range(60)])
    assert many == few


def test_known_rows_cost_no_statements_of_their_own(imported):
    rows = [order(number) for number in range(20)]
    imported(*rows)
    with CaptureQueriesContext(connection) as few:
        imported(*rows[:2])
    with CaptureQueriesContext(connection) as many:
        imported(*rows)
    assert len(many) == len(few)


def test_standard_input_is_read_as_a_file(budget, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + report({}).encode()))
    monkeypatch.setattr("sys.stdin", stream)
    name = budget.member_name
    ran = run("import_purchases", "-", "--format", "amazon-items", "--owner", name)
    assert answers(ran) == (1, 0, 0, 0, 0)


def test_an_unknown_owner_is_named_before_the_file_is_opened():
    ran = run("import_purchases", "/nowhere.csv", "--format", "amazon-items", "--owner", "nobody")
    assert ran.failure == "There is no user “nobody”."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Nothing was imported: The file is empty."),
        ("a,b\n1,2\n", "Nothing was imported: This is not Amazon’s items report"),
        (report(ROW).replace("Item Total", "Total Owed"), "Nothing was imported: This is Amazon"),
    ],
)
def test_a_file_that_cannot_be_read_stores_nothing(imported, content, reason):
    ran = imported(content)
    assert ran.failure.startswith(reason)
    assert not ran.out
    assert not Purchase.objects.exists()


def test_a_file_in_another_encoding_is_read_as_it_is_written(imported):
    row = {"Title": "Köttbullar 5 €"}
    for number, encoding in enumerate(("utf-8-sig", "utf-16", "cp1252")):
        text = report({**row, "Order ID": f"113-{number}"})
        assert answers(imported(text.encode(encoding))) == (1, 0, 0, 0, 0)
    assert set(Purchase.objects.values_list("name", flat=True)) == {"Köttbullar 5 €"}


def test_the_format_is_told_by_the_file(budget, tmp_path):
    path = tmp_path / "items.csv"
    path.write_text(report({}))
    ran = run("import_purchases", str(path), "--owner", budget.member_name)
    assert answers(ran) == (1, 0, 0, 0, 0)


def test_the_import_shows_among_those_of_its_owner(imported, budget):
    imported({}, {"Order Date": "13/13/18"})
    batch = ImportBatch.objects.get()
    assert (batch.owner, batch.by, batch.name) == (budget.user, None, "items.csv")
    assert (batch.state, batch.format, batch.path) == ("done", "amazon-items", "")
    assert list(batch.rows.values_list("fate", "outcome")) == [
        ("new", "added"),
        ("error", "refused"),
    ]


def test_a_dry_run_leaves_no_import(imported):
    imported({}, options=("--dry-run",))
    assert not ImportBatch.objects.exists()


def test_what_looks_like_a_double_is_recorded_unless_it_is_to_be_left_out(imported):
    imported(order(1))
    rows = order(2), order(3)
    left = imported(*rows, options=("--skip-doubles",))
    assert answers(left) == (0, 0, 0, 0, 0)
    alike = "perhaps a double: looks like a purchase that is here already"
    assert left.err.splitlines() == [f"line {line}: {alike}" for line in (2, 3)]
    assert "perhaps doubles: 2" in left.lines
    assert answers(imported(*rows)) == (2, 0, 0, 0, 0)


def test_equal_rows_of_one_file_are_no_doubles(imported):
    ran = imported(order(1), order(2), options=("--skip-doubles",))
    assert answers(ran) == (2, 0, 0, 0, 0)
    assert not any(line.startswith("perhaps doubles") for line in ran.lines)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_rows_that_were_refused_are_a_failure_after_the_report(imported, options):
    ran = imported(order(1), order(2, Order_Date="13/13/18"), options=options)
    assert answers(ran) == (1, 0, 0, 0, 1)
    assert ran.failure == "Rows that were refused: 1. Every other row stands as reported."


def test_update_brings_what_is_there_up_to_date(imported, budget):
    imported({"Order Date": "07/02/26"})
    ran = imported({"Order Date": "07/02/26", **total("$14.00")}, options=("--mode", "update"))
    assert answers(ran) == (0, 0, 1, 0, 0)
    assert "updated: 1" in ran.lines
    assert ran.err == "line 2: is here with price 13.05, not 14.00\n"
    assert open_cycle(budget).spent == Decimal("14.00")


def test_strict_records_all_or_nothing(imported):
    ran = imported({}, order(2, Order_Date="13/13/18"), options=("--mode", "strict"))
    assert ran.failure == (
        "Nothing was imported: Line 3: Order Date: “13/13/18” is no day like 12/31/23. Nothing was"
        " recorded, as you chose all or nothing."
    )
    assert not Purchase.objects.exists()


def test_strict_tells_what_stayed_as_somebody_changed_it(imported):
    options = ("--mode", "strict")
    imported({}, order(2), options=options)
    Purchase.objects.filter(order_number=Purchase.objects.first().order_number).update(version=2)
    # As a killed import stands of which a later row was refused.
    ImportBatch.objects.update(state="undoing", problem="Line 4: is wrong.")
    assert imported({}, order(2), options=options).failure == (
        "Line 4: is wrong. What was recorded by then was taken back, but for 1 purchase that was"
        " changed meanwhile."
    )
    assert Purchase.objects.live().count() == 1


def test_saved_choices_tell_how_a_table_is_read(budget, tmp_path):
    path = tmp_path / "bank.csv"
    path.write_text("Wann;Was;Betrag\n02.07.2026;Milch;-1,20\n", encoding="utf-8")
    columns = {"day": "Wann", "name": "Was", "amount": "Betrag"}
    chosen = Choices(columns=columns, decimals="comma", days="dmy", sign="negative")
    ImportPreset.objects.create(owner=budget.user, name="Bank", choices=chosen.as_json())
    words = ("import_purchases", str(path), "--format", "bank", "--owner", budget.member_name)
    assert run(*words).failure == (
        "Nothing was imported: --preset: Name one that says which column holds what. It is saved"
        " on the page of an import. --days: Choose one: the file does not say. --decimals: Choose"
        " one: the file does not say. --sign: Choose one: the file does not say."
    )
    assert answers(run(*words, "--preset", "Bank")) == (1, 0, 0, 0, 0)
    assert Purchase.objects.get().price == Decimal("1.20")
    assert "none that is called" in run(*words, "--preset", "Post").failure


STATEMENT = "Account 1\nWann;Was;Betrag\n02.07.2026;Milch;-1,20\n"
MAPPED = Choices(columns={"day": "Wann", "name": "Was", "amount": "Betrag"})
SAID = ("--days", "dmy", "--decimals", "comma", "--sign", "negative", "--header-line", "2")


@pytest.fixture
def statement(budget, tmp_path):
    """Import a statement whose columns are those of a preset, with options."""
    path = tmp_path / "bank.csv"

    def import_it(*options, how=MAPPED):
        path.write_text(STATEMENT)
        batches.save_preset(owner=budget.user, name="Bank", choices=how, format="bank")
        words = ("import_purchases", str(path), "--owner", budget.member_name)
        return run(*words, "--preset", "Bank", *options)

    return import_it


def test_a_preset_says_the_format_and_options_how_the_table_is_written(statement):
    assert answers(statement(*SAID)) == (1, 0, 0, 0, 0)
    purchase = Purchase.objects.get()
    assert (purchase.price, purchase.purchased_on) == (Decimal("1.20"), date(2026, 7, 2))


def test_options_come_before_a_preset(statement):
    wrong = replace(MAPPED, days="mdy", decimals="point", sign="positive", header_line=1)
    assert answers(statement(*SAID, how=wrong)) == (1, 0, 0, 0, 0)
    assert Purchase.objects.get().purchased_on == date(2026, 7, 2)


def test_a_format_that_is_asked_for_comes_before_that_of_a_preset(statement):
    assert "Amazon" in statement(*SAID, "--format", "amazon-items").failure


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0", "--header-line: Enter 1 or more."),
        ("9", "Nothing was imported: No columns are named in line 9."),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(statement, line, reason):
    assert statement(*SAID[:-1], line).failure == reason


def test_rates_of_a_currency_are_said_each_time(statement):
    euros = replace(MAPPED, currency="EUR", rates={"EUR": "1.1"})
    assert answers(statement(*SAID, how=euros)) == (0, 0, 0, 0, 1)
    assert answers(statement(*SAID, "--exchange-rate", "1.25", how=euros)) == (1, 0, 0, 0, 0)
    assert Purchase.objects.get().amount == Decimal("1.50")


def test_a_file_that_is_not_there_is_told(budget, tmp_path):
    words = ("--format", "amazon-items", "--owner", budget.member_name)
    missing = run("import_purchases", str(tmp_path / "none.csv"), *words)
    assert missing.failure.endswith("none.csv: No such file or directory")
    assert "Is a directory" in run("import_purchases", str(tmp_path), *words).failure


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--currency", "ZZZ"), "--currency: “ZZZ” is no currency"),
        (("--exchange-rate", "1.1"), "--exchange-rate: USD needs none"),
        (("--currency", "EUR", "--exchange-rate", "0"), "--exchange-rate: Enter a rate"),
        (("--currency", "EUR", "--exchange-rate", "NaN"), "--exchange-rate: Enter a rate"),
    ],
)
def test_an_option_that_cannot_be_meant_stops_before_anything_is_stored(imported, options, reason):
    ran = imported({}, options=options)
    assert ran.failure.startswith(reason)
    assert not Purchase.objects.exists()


def test_an_import_that_another_process_began_to_record_meanwhile_goes_on(imported, monkeypatch):
    apply = batches.apply

    def applied_before(**words):
        apply(**words)
        return apply(**words)

    monkeypatch.setattr(batches, "apply", applied_before)
    assert answers(imported(order(1), order(2))) == (2, 0, 0, 0, 0)
    assert Purchase.objects.count() == Entry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_file_imported_four_times_at_once_is_imported_once(imported):
    rows = [order(number) for number in range(12)]
    results = together([partial(imported, *rows)] * 4)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert ImportRow.objects.filter(outcome="added").count() == 12
    assert Purchase.objects.count() == Entry.objects.count() == 12
    assert list(check()) == []


@pytest.mark.django_db(transaction=True)
def test_imports_and_entries_with_the_same_names_in_another_order_all_get_through(
    imported, tmp_path
):
    other = make_budget(enforced=False)
    words = [f"WORD_{number}" for number in range(20)]
    calls: list[Callable[[], object]] = []
    for owner, shop, categories in (
        # Each in a shop of its own: one shop for both would already make them wait.
        (None, "Amazon.com", words),
        (other.member_name, "Amazon.co.uk", words[::-1]),
    ):
        texts = [order(word, Category=word, Website=shop) for word in categories]
        calls.append(partial(imported, *texts, owner=owner))
    calls += [partial(buy, other.user, "1.00", tags=["word 19", "word 0"])] * 3
    results = together(calls)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Purchase.objects.count() == Entry.objects.count() == 43
    assert (Tag.objects.count(), Retailer.objects.count()) == (20, 2)
    assert list(check()) == []
