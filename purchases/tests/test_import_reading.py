"""A file is read: every row has its fate, and a file that broke off is read on."""

import gc
import tracemalloc
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.tests.factories import make_budget
from purchases import keeping
from purchases.importing import amazon_items, batches, formats
from purchases.importing.batches import applying, laying, reading, undoing, working
from purchases.importing.choices import Choices
from purchases.importing.rows import BadFile, Remark, Row, WarrantyRow
from purchases.importing.sources import Head, Shape
from purchases.models import ImportBatch, ImportPreset, ImportRow, Purchase
from purchases.tests.documents import our_purchase, ours, uuid
from purchases.tests.factories import NOW, PurchaseFactory, buy
from purchases.tests.imports import (
    LATER,
    applied,
    begun,
    chosen,
    fates,
    files_left,
    outcomes,
    read,
    reasons,
    record,
    stored,
    undone,
    worked,
)
from purchases.tests.test_amazon_items import report, total

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def member():
    return make_budget().user


def order(number, title=None, **cells):
    named = {name.replace("_", " "): text for name, text in cells.items()}
    return {"Order ID": f"113-{number}", "Title": title or f"Thing {number}", **named}


WARRANTY = WarrantyRow(starts_on=date(2026, 1, 2), ends_on=date(2026, 1, 1))


class TestBeginning:
    def test_keeps_the_bytes_and_says_what_the_file_is(self, member):
        batch = begun(member, report({}), "../../Items\n.csv")
        assert (batch.name, batch.format, batch.encoding) == ("Items.csv", "amazon-items", "utf-8")
        assert (batch.state, batch.owner, batch.by) == ("asking", member, member)
        assert laying.place_of(batch.path).read_bytes() == report({}).encode()
        assert batch.size == len(report({}))
        assert batch.path.startswith("imports/")
        assert not batch.rows.exists()

    def test_a_table_that_nobody_knows_waits_for_a_person(self, member):
        assert begun(member, "a,b\n1,2\n").format == ""

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"{", b"PK\3\4 no archive"])
    def test_what_cannot_be_read_leaves_nothing(self, member, content):
        with pytest.raises(BadFile):
            begun(member, content)
        assert not ImportBatch.objects.exists()
        assert files_left() == []

    def test_a_file_that_is_too_large_leaves_nothing(self, member, monkeypatch):
        monkeypatch.setattr(laying, "LARGEST", 10)
        with pytest.raises(BadFile, match="larger than"):
            begun(member, report({}))
        assert files_left() == []


class TestChoosing:
    def refused(self, batch, **words):
        plain = {"format": batch.format, "choices": Choices(), "mode": "skip", "now": NOW}
        with pytest.raises(ValidationError) as refusal:
            batches.choose(batch=batch, **{**plain, **words})
        batch.refresh_from_db()
        assert batch.state == "asking"
        return refusal.value.message_dict

    def test_names_every_field_that_is_missing_or_wrong(self, member):
        batch = begun(member, [{}])
        assert set(self.refused(batch, format="", mode="all")) == {"format", "mode"}
        assert set(self.refused(batch, format="pursestrings")) == {"format"}
        wrong = Choices(decimals="dot", days="y", sign="-", currency="ZZZ", rates={"EUR": "0"})
        found = self.refused(batch, choices=wrong)
        assert set(found) == {"decimals", "days", "sign", "currency", "rates"}
        assert set(self.refused(batch, choices=Choices(rates={"ZZZ": "1"}))) == {"rates"}

    def test_asks_what_the_file_does_not_say(self, member):
        batch = begun(member, "When;What;How much\n1.2.2026;Milk;-1,20\n")
        columns = {"day": "When", "name": "What", "amount": "How much"}
        asked = self.refused(batch, format="bank", choices=Choices(columns=columns))
        assert {"decimals", "days", "sign"} <= set(asked)

    def test_a_file_that_is_lost_is_told(self, member):
        batch = begun(member, [{}])
        laying.drop(batch.path)
        assert self.refused(batch) == {
            "__all__": ["The file is not there any more. Send it again."]
        }

    def test_what_was_read_is_read_anew(self, member):
        batch = read(member, [order(1), order(2)], mode="strict")
        again = batches.choose(
            batch=batch, format=batch.format, choices=Choices(), mode="skip", now=LATER
        )
        assert (again.state, again.position, again.percent) == ("reading", 0, 0)
        assert worked(again).rows.count() == 2

    def test_is_too_late_once_something_was_recorded(self, member):
        batch = read(member, [order(1)])
        batches.apply(batch=batch, by=member, now=NOW)
        with pytest.raises(ValidationError, match="has begun to record"):
            batches.choose(
                batch=batch, format=batch.format, choices=Choices(), mode="skip", now=NOW
            )

    def test_a_sample_shows_how_rows_read_and_stores_nothing(self, member):
        batch = begun(member, [order(1), order(2, Order_Date="13/13/18"), order(3), order(4)])
        first, second, third = batches.sample(batch, batch.format, Choices(), most=3)
        assert isinstance(first, Row)
        assert isinstance(third, Row)
        assert isinstance(second, Remark)
        assert not ImportRow.objects.exists()
        with pytest.raises(BadFile):
            batches.sample(batch, "pursestrings-table", Choices())


class TestPresets:
    def test_a_name_is_kept_once(self, member):
        for days in ("dmy", "mdy"):
            batches.save_preset(owner=member, name=" My  bank ", choices=Choices(days=days))
        preset = ImportPreset.objects.get()
        assert (preset.name, preset.choices) == ("My bank", {"days": "mdy"})
        batches.remove_preset(preset=preset)
        batches.remove_preset(preset=preset)
        assert not ImportPreset.objects.exists()

    def test_the_format_is_kept_and_no_rates(self, member):
        how = Choices(days="dmy", rates={"EUR": "1.08"})
        preset = batches.save_preset(owner=member, name="Bank", choices=how, format="bank")
        assert preset.choices == {"format": "bank", "days": "dmy"}
        assert batches.format_of(preset) == "bank"
        assert batches.choices_of(preset) == Choices(days="dmy")

    def test_older_ones_say_no_format_and_their_rates_are_forgotten(self, member):
        how = Choices(days="dmy", rates={"EUR": "1.08"}).as_json()
        preset = ImportPreset.objects.create(owner=member, name="Bank", choices=how)
        assert batches.format_of(preset) == ""
        assert batches.choices_of(preset) == Choices(days="dmy")

    def test_those_match_whose_columns_the_file_has(self, member):
        saved = {
            "Bank": {"day": "wann", "name": "WAS", "retailer": ""},
            "Other": {"day": "Wann", "name": "Empfänger"},
            "None": {},
        }
        for name, columns in saved.items():
            how = Choices(columns=columns)
            batches.save_preset(owner=member, name=name, choices=how, format="bank")
            batches.save_preset(owner=make_budget().user, name=name, choices=how)
        head = Head(shape=Shape.TABLE, names=("Wann", "Was", "Betrag"))
        assert [one.name for one in batches.matching_presets(member, head)] == ["Bank"]

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81])
    def test_a_name_that_cannot_be_is_refused(self, member, name):
        with pytest.raises(ValidationError):
            batches.save_preset(owner=member, name=name, choices=Choices())


class TestFates:
    def test_nothing_but_the_rows_of_the_batch_is_stored(self, member):
        before = stored()
        batch = read(member, [order(1), order(2, Order_Date="13/13/18")])
        assert stored() == before
        assert (batch.state, batch.position, batch.percent) == ("ready", 2, 100)

    def test_each_row_has_its_own(self, member):
        applied(member, [order(1), order(2)])
        buy(member, "13.05", name="  lamp ", purchased_on=Purchase.objects.first().purchased_on)
        batch = read(
            member,
            [
                *(order(1), {**order(2), **total("$20.00")}, order(3)),
                *(order(4, "LAMP"), order(5, "thing  3"), order(6, **total("$0.00"))),
                *(order(7, Order_Date="13/13/18"), order(8, Order_Date="07/16/26")),
                order(9, Currency="GBP", **total("£13.05")),
            ],
        )
        assert list(zip(fates(batch), reasons(batch), strict=True)) == [
            ("same", ""),
            ("changed", "was imported before with price 13.05, not 20.00; it was left as it is"),
            ("new", ""),
            ("double", "looks like a purchase that is here already"),
            ("new", ""),
            ("left_out", "Item Total: is zero, so nothing was paid"),
            ("error", "Order Date: “13/13/18” is no day like 12/31/23"),
            ("error", "bought on: This day is still to come."),
            ("error", "no exchange rate says what GBP is worth"),
        ]
        assert list(batch.rows.values_list("line", flat=True)) == list(range(2, 11))

    def test_a_rate_that_was_chosen_is_what_a_currency_is_worth(self, member):
        batch = read(member, [order(1, Currency="GBP", **total("£13.05"))], rates={"GBP": "1.25"})
        assert fates(batch) == ["new"]

    def test_what_was_deleted_since_is_the_same_and_stays_deleted(self, member):
        applied(member, [order(1)])
        keeping.trash(purchase=Purchase.objects.get(), now=NOW)
        batch = read(member, [{**order(1), **total("$99.00")}])
        assert (fates(batch), reasons(batch)) == (
            ["same"],
            ["was deleted since, and stays deleted"],
        )

    def test_what_was_edited_since_is_the_same(self, member):
        applied(member, [order(1)])
        purchase = Purchase.objects.get()
        values = {"price": Decimal(5)}
        keeping.change(purchase=purchase, values=values, version=1, by=member, now=NOW)
        batch = read(member, [order(1)])
        assert (fates(batch), reasons(batch)) == (
            ["same"],
            ["was edited since, and is left as it is"],
        )

    def test_a_name_that_comes_twice_is_taken_once(self, member, monkeypatch):
        monkeypatch.setattr(reading, "PART", 2)
        rows = [our_purchase(number) for number in range(1, 6)]
        for place in (1, 4):
            rows[place] |= {"uid": uuid(1)}
        batch = read(member, ours(*rows))
        assert fates(batch) == ["new", "error", "new", "new", "error"]
        assert reasons(batch)[1] == reasons(batch)[4] == "has the same id as line 1"

    def test_what_is_the_same_as_a_row_that_was_left_out_is_taken(self, member):
        first = our_purchase(1, deleted_at="2026-01-01T00:00:00Z")
        batch = read(member, ours(first, our_purchase(2, uid=uuid(1))))
        assert fates(batch) == ["left_out", "new"]

    def test_those_of_others_are_neither_the_same_nor_doubles(self, member):
        other = make_budget().user
        applied(other, [order(1)])
        PurchaseFactory(owner=other, uid=uuid(1))
        assert fates(read(member, [order(1)])) == ["new"]
        assert fates(read(member, ours(our_purchase(1)))) == ["new"]

    def test_what_no_database_can_store_spoils_its_row_only(self, member, monkeypatch):
        bad = replace(Row.from_json(read(member, [order(1)]).rows.get().data), notes="a\0b")
        half = replace(bad, notes="", tags=("\ud800",), source_id="x")
        remark = Remark(9, "“\ud800\0” is nothing")
        records = [(0, bad), (50, half), (99, remark)]
        known = replace(amazon_items.FORMAT, read=lambda *_: iter(records))
        monkeypatch.setattr(formats, "_BY_KEY", {"amazon-items": known})
        batch = read(member, [order(1)])
        assert reasons(batch) == [
            *["has characters that cannot be stored"] * 2,
            "“?�” is nothing",
        ]
        assert set(fates(batch)) == {"error"}

    def test_what_a_reader_should_not_have_let_through_is_refused_all_the_same(
        self, member, monkeypatch
    ):
        good = Row.from_json(read(member, [order(1)]).rows.get().data)
        wrong = [
            *(replace(good, price=Decimal(text)) for text in ("1e30", "0.0000001", "-1")),
            *(replace(good, uid="1"), replace(good, currency="ZZZ"), replace(good, name="")),
            replace(good, warranties=(WARRANTY,)),
        ]
        records = [(0, replace(row, source_id=f"{at}")) for at, row in enumerate(wrong)]
        known = replace(amazon_items.FORMAT, read=lambda *_: iter(records))
        monkeypatch.setattr(formats, "_BY_KEY", {"amazon-items": known})
        batch = read(member, [order(1)])
        assert set(fates(batch)) == {"error"}
        assert all(reasons(batch))
        assert reasons(batch)[-1] == "The last day cannot be before the first."
        assert batches.tally(batch).fates["error"] == len(wrong)

    def test_a_file_with_a_header_only_has_no_rows(self, member):
        batch = read(member, [])
        assert (batch.state, batch.position, batches.tally(batch).rows) == ("ready", 0, 0)

    def test_what_another_import_recorded_is_suspected(self, member):
        applied(member, [order(1)])
        day = Purchase.objects.get().purchased_on
        rows = [f"{day},{what}" for what in ("Thing 1,13.05", "Thing 1,13.06", "thing  1,13.05")]
        batch = read(member, "\n".join(["Day,What,Paid", *rows]), columns=COLUMNS, **BANK)
        assert fates(batch) == ["double", "new", "double"]
        assert reasons(batch)[0] == "looks like a purchase that is here already"

    def test_what_the_file_itself_names_is_no_double_of_its_other_rows(self, member):
        applied(member, [order(1)])
        batch = read(member, [{**order(1), **total("$14.00")}, order(2, "Thing 1")])
        assert fates(batch) == ["changed", "new"]

    def test_the_same_file_read_in_another_way_is_suspected_as_a_whole(self, member):
        table = "Day,What,Paid,Account\n2026-02-05,Kiosk,3.00,A\n2026-02-06,Kiosk,3.00,A\n"
        applied(member, table, columns=COLUMNS, **BANK)
        batch = read(member, table, columns={**COLUMNS, "account": "Account"}, **BANK)
        assert set(fates(batch)) <= {"double", "same"}
        assert fates(read(member, table, columns=COLUMNS, **BANK)) == ["same", "same"]

    def test_one_row_of_a_bank_under_two_ids_of_ours_is_taken_once(self, member, monkeypatch):
        monkeypatch.setattr(reading, "PART", 2)
        rows = [our_purchase(number) for number in range(1, 7)]
        for place in (0, 1, 4):
            rows[place] |= {"source": "bank", "source_id": "1"}
        rows[3] |= {"source": "mint", "source_id": "1"}
        batch = read(member, ours(*rows))
        assert fates(batch) == ["new", "error", "new", "new", "error", "new"]
        assert reasons(batch)[1] == "has the same id at its origin as line 1"
        assert reasons(batch)[4] == "has the same id at its origin as line 1"
        assert outcomes(record(batch)).count("added") == 4

    def test_a_row_of_a_bank_that_cannot_be_taken_keeps_no_other_away(self, member):
        rows = [our_purchase(number, source="bank", source_id="1") for number in (1, 2)]
        rows[0] |= {"purchased_on": "2026-07-16"}
        assert fates(read(member, ours(*rows))) == ["error", "new"]


COLUMNS = {"day": "Day", "name": "What", "amount": "Paid"}
BANK = {"key": "bank", "currency": "USD", "decimals": "point", "days": "ymd", "sign": "positive"}


class TestTally:
    def test_counts_and_sums_by_fate_and_currency(self, member):
        applied(member, [order(1)])
        batch = read(
            member,
            [
                *(order(1), order(2), order(3, List_Price_Per_Unit="$0.00", Quantity="0")),
                *(order(4, Currency="GBP", **total("£10.01")), order(5, Order_Date="")),
            ],
            rates={"GBP": "1.25"},
        )
        told = batches.tally(batch)
        assert (told.rows, told.odd) == (5, 1)
        assert told.fates == {
            "new": 3,
            "same": 1,
            "changed": 0,
            "double": 0,
            "left_out": 0,
            "error": 1,
        }
        assert told.sums == {
            "new": {"USD": Decimal("26.10"), "GBP": Decimal("10.01")},
            "same": {"USD": Decimal("13.05")},
        }
        assert told.outcomes[""] == 5

    def test_is_exact_where_a_float_is_not(self, member):
        rows = [order(number, **total("$0.10")) for number in range(30)]
        batch = read(member, [*rows, order(99, **total("$90,000,000.01"))])
        assert batches.tally(batch).sums["new"] == {"USD": Decimal("90000003.01")}

    def test_takes_two_queries(self, member, django_assert_num_queries):
        batch = read(member, [order(number) for number in range(9)])
        with django_assert_num_queries(2):
            batches.tally(batch)

    def test_a_row_says_what_it_said(self, member):
        batch = read(member, [order(1), order(2, Order_Date="")])
        first, second = batch.rows.all()
        said = batches.said_by(first)
        assert isinstance(said, Row)
        assert (said.name, said.price) == ("Thing 1", Decimal("13.05"))
        assert batches.said_by(second) is None


class TestGoingOn:
    def test_a_file_is_read_part_by_part_and_once(self, member, monkeypatch):
        monkeypatch.setattr(reading, "PART", 3)
        whole = read(member, rows := [order(number) for number in range(20)])
        monkeypatch.setattr(working, "_EASIER", 5)
        batch = chosen(member, rows)
        positions = []
        while batch.state == "reading":
            batch = batches.work(batch=batch, now=NOW, most=1)
            positions.append(batch.position)
        assert positions == [5, 10, 15, 20, 20]
        fields = ("number", "line", "key", "fate", "reason", "data")
        assert list(batch.rows.values_list(*fields)) == list(whole.rows.values_list(*fields))

    def test_it_stops_at_the_end_of_a_part_when_its_time_is_over(self, member, monkeypatch):
        monkeypatch.setattr(reading, "PART", 1)
        batch = chosen(member, [order(number) for number in range(200)])
        batch = batches.work(batch=batch, now=NOW, seconds=0)
        assert batch.state == "reading"
        assert 1 <= batch.position < 200
        before = batch.position
        assert batches.work(batch=batch, now=NOW, seconds=0).position > before

    def test_a_document_is_gone_through_once_and_what_was_kept_of_it_goes(
        self, member, monkeypatch
    ):
        monkeypatch.setattr(working, "_EASIER", 1)
        batch = chosen(member, ours(*(our_purchase(number) for number in range(1, 7))))
        batch = batches.work(batch=batch, now=NOW, most=3)
        kept = laying.aside_of(batch.path, batch.format, batch.encoding)
        assert kept.exists()
        changed = kept.stat().st_mtime_ns
        assert fates(worked(batch, most=3)) == ["new"] * 6
        assert kept.stat().st_mtime_ns == changed
        with_files_gone(lambda: batches.discard(batch=batch))
        assert files_left() == []

    def test_what_a_file_says_more_than_once_counts_so_often(self, member, monkeypatch):
        monkeypatch.setattr(reading, "PART", 2)
        monkeypatch.setattr(working, "_EASIER", 3)
        batch = chosen(member, [order(number, "Same") for number in range(7)])
        assert fates(worked(batch, most=1)) == ["new"] * 7

    def test_a_part_that_breaks_leaves_whole_parts(self, member, monkeypatch):
        monkeypatch.setattr(reading, "PART", 3)
        batch = chosen(member, [order(number) for number in range(8)])
        judge, calls = keeping.judge, []

        def broken(**words):
            calls.append(words)
            if len(calls) == 5:
                raise RuntimeError
            return judge(**words)

        monkeypatch.setattr(keeping, "judge", broken)
        with pytest.raises(RuntimeError):
            batches.work(batch=batch, now=NOW)
        assert ImportRow.objects.count() == ImportBatch.objects.get().position == 3
        batch = worked(batch)
        assert fates(batch) == ["new"] * 8

    @pytest.mark.parametrize("anew", [{"mode": "update"}, {"choices": Choices(rates={"EUR": "3"})}])
    def test_what_was_chosen_anew_meanwhile_is_not_mixed_with_what_was_before(
        self, member, monkeypatch, anew
    ):
        batch = chosen(member, [order(1), order(2)])
        choose_while_reading(monkeypatch, batch, anew)
        after = batches.work(batch=batch, now=NOW)
        assert (after.state, after.position, after.changed_at) == ("reading", 0, LATER)
        assert not ImportRow.objects.exists()

    def test_nor_does_a_fault_of_the_way_before_end_it(self, member, monkeypatch):
        batch = chosen(member, [order(1), order(2)])
        choose_while_reading(monkeypatch, batch, {"mode": "update"}, BadFile("Broken."))
        after = batches.work(batch=batch, now=NOW)
        assert (after.state, after.mode, after.problem) == ("reading", "update", "")

    def test_a_file_that_is_lost_ends_in_a_sentence(self, member):
        batch = chosen(member, [order(1)])
        laying.drop(batch.path)
        batch = worked(batch)
        assert (batch.state, batch.problem) == (
            "failed",
            "The file is not there any more. Send it again.",
        )

    def test_a_file_that_is_no_such_table_ends_in_a_sentence(self, member):
        batch = begun(member, "a,b\n1,2\n")
        ImportBatch.objects.update(state="reading", format="amazon-items")
        batch = worked(batch)
        assert batch.state == "failed"
        assert batch.problem.startswith("This is not Amazon’s items report")

    def test_a_batch_that_is_at_nothing_is_returned_as_it_is(self, member):
        batch = begun(member, [{}])
        assert batches.work(batch=batch, now=LATER).changed_at == NOW

    def test_a_part_takes_as_many_queries_as_one_row(self, member):
        applied(member, [order(number) for number in range(0, 60, 2)])

        def queries(numbers):
            batch = chosen(member, [order(number) for number in numbers])
            with CaptureQueriesContext(connection) as found:
                worked(batch)
            return len(found)

        assert queries(range(60)) == queries(range(2)) <= 20


def choose_while_reading(monkeypatch, batch, anew, problem=None):
    """Let another window choose anew while this one is in the middle of a part."""

    def slowly(source, choices):
        found = list(amazon_items.FORMAT.read(source, choices))
        how = {"format": batch.format, "choices": Choices(), "mode": "skip", **anew}
        batches.choose(batch=batch, now=LATER, **how)
        if problem:
            raise problem
        yield from found

    known = replace(amazon_items.FORMAT, read=slowly)
    monkeypatch.setattr(formats, "_BY_KEY", {"amazon-items": known})


def test_a_long_file_needs_no_more_memory_than_a_short_one(member, monkeypatch):
    for module in (reading, applying, undoing):
        monkeypatch.setattr(module, "PART", 20)
    save = ImportBatch.save

    def tidied(batch, **words):
        gc.collect()  # each part ends here; what it left behind is not what it needs
        save(batch, **words)

    monkeypatch.setattr(ImportBatch, "save", tidied)

    def peak(name, count):
        batch = chosen(member, [order(f"{name}{number}") for number in range(count)])
        gc.freeze()
        tracemalloc.start()
        try:
            batch = record(worked(batch))
            batches.tally(batch)
            undone(batch)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.unfreeze()

    peak("first", 25)
    assert peak("long", 240) < 1.3 * peak("short", 40)


class TestDiscarding:
    @pytest.mark.parametrize("state", ["asking", "reading", "ready", "failed"])
    def test_forgets_what_recorded_nothing(self, member, state):
        batch = read(member, [order(1)])
        ImportBatch.objects.update(state=state)
        with_files_gone(lambda: batches.discard(batch=batch))
        assert not ImportBatch.objects.exists()
        assert files_left() == []
        batches.discard(batch=batch)

    def test_what_recorded_something_stays_as_a_record(self, member):
        batch = with_files_gone(lambda: applied(member, [order(1)]))
        assert files_left() == []
        with_files_gone(lambda: batches.discard(batch=batch))
        assert ImportBatch.objects.get().rows.count() == 1
        assert files_left() == []

    def test_what_is_being_recorded_keeps_its_file(self, member):
        batch = read(member, [order(1)])
        batches.apply(batch=batch, by=member, now=NOW)
        with_files_gone(lambda: batches.discard(batch=batch))
        assert ImportBatch.objects.get().path
        assert len(files_left()) == 1


def with_files_gone(call):
    """Do something and everything that waits for the end of the transaction."""
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        return call()
