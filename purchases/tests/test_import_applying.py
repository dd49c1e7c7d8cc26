"""What was read is recorded: purchases with all that belongs to them, and usage."""

import hashlib
import io
import json
import os
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Sum
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from budgets.ledger import check
from budgets.models import Entry
from budgets.tests.factories import make_budget, open_cycle
from budgets.tests.running import run
from purchases import files, keeping
from purchases.importing import batches
from purchases.importing.batches import applying, laying, papers, undoing
from purchases.importing.choices import Choices
from purchases.keeping.inspecting import check_files
from purchases.models import Attachment, Blob, ImportBatch, Purchase, Warranty
from purchases.tests.documents import our_purchase, ours, spends, spends_purchase
from purchases.tests.factories import NOW, buy, viewer_of
from purchases.tests.imports import (
    LATER,
    agrees,
    applied,
    as_ana,
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

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 the receipt"
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def budget():
    return make_budget()


@pytest.fixture
def member(budget):
    return as_ana(budget.user)


def order(number, **cells):
    named = {name.replace("_", " "): text for name, text in cells.items()}
    return {"Order ID": f"113-{number}", "Title": f"Thing {number}", **named}


def test_every_row_has_its_outcome(member):
    applied(member, [order(1)])
    day = Purchase.objects.get().purchased_on
    buy(member, "13.05", name="Thing 5", purchased_on=day)
    batch = applied(
        member,
        [
            *(order(1), order(2), order(3, Order_Date=""), order(4, Item_Total="$0.00")),
            order(5),
        ],
    )
    assert batch.state == "done"
    assert (batch.applied_at, batch.percent, batch.path) == (NOW, 100, "")
    assert outcomes(batch) == ["skipped", "added", "refused", "skipped", "skipped"]
    assert agrees(batch)
    assert batches.tally(batch).recorded["added"] == {"USD": Decimal("13.05")}


def test_doubles_are_recorded_when_asked_for(member):
    applied(member, [order(1)])
    rows = [order(2, Title="Thing 1"), order(3, Title="Thing 1")]
    assert outcomes(applied(member, rows)) == ["skipped", "skipped"]
    assert outcomes(applied(member, rows, doubles=True)) == ["added", "added"]
    assert Purchase.objects.count() == 3


def test_only_what_was_read_can_be_recorded(member):
    batch = chosen(member, [order(1)])
    with pytest.raises(ValidationError, match="nothing that could be recorded"):
        batches.apply(batch=batch, by=member, now=NOW)
    done = record(worked(batch))
    with pytest.raises(ValidationError):
        batches.apply(batch=done, by=member, now=NOW)


def test_everything_that_a_row_says_is_recorded(member):
    row = our_purchase(
        1,
        retailer_id=1,
        brand_id=1,
        order_number="113",
        model_number="M",
        serial_number="S",
        link="https://example.org/",
        return_by="2026-04-01",
        return_policy="As new",
        tax_deductible=True,
        notes="Blue",
        shared=True,
        quantity=2,
        status="ordered",
        source="amazon-items",
        source_id="1/2/3",
    )
    document = ours(
        row,
        Retailer=[{"id": 1, "name": "The Shop", "link": "https://shop.example/"}],
        Brand=[{"id": 1, "name": "ACME", "link": ""}],
        Tag=[{"id": 1, "name": "kitchen"}],
        Purchase_tags=[{"id": 1, "purchase_id": 1, "tag_id": 1}],
        Warranty=[
            {
                "id": 1,
                "purchase_id": 1,
                "kind": "parts",
                "starts_on": "2026-03-04",
                "ends_on": None,
                "provider": "P",
                "notes": "",
                "voided": True,
            }
        ],
    )
    batch = applied(member, document)
    assert agrees(batch)
    purchase = Purchase.objects.select_related("retailer", "brand").get()
    for name in ("name", "order_number", "model_number", "serial_number", "link", "notes"):
        assert getattr(purchase, name) == row[name]
    assert (purchase.return_by, purchase.return_policy) == (date(2026, 4, 1), "As new")
    assert (purchase.tax_deductible, purchase.shared, purchase.quantity) == (True, True, 2)
    assert (purchase.source, purchase.source_id) == ("amazon-items", "1/2/3")
    assert str(purchase.uid) == row["uid"]
    assert (purchase.retailer.name, purchase.retailer.link) == ("The Shop", "https://shop.example/")
    assert (purchase.brand.name, purchase.tags.get().name) == ("ACME", "kitchen")
    assert "acme" in purchase.search_text
    assert list(Warranty.objects.values_list("kind", "ends_on", "voided")) == [
        ("parts", None, True)
    ]
    assert fates(read(member, document)) == ["same"]


def test_what_others_export_is_private(member):
    applied(member, [order(1)])
    applied(member, spends(spends_purchase(1)), rates={"EUR": "1.1"})
    other = viewer_of(make_budget().user)
    assert not Purchase.objects.visible_to(other).exists()
    assert Purchase.objects.visible_to(viewer_of(member)).count() == 2


def test_the_rate_is_the_rows_own_or_the_one_that_was_chosen(member, budget):
    rows = [
        our_purchase(1, currency="EUR", exchange_rate="2.0000000000"),
        our_purchase(2, currency="USD"),
    ]
    applied(member, ours(*rows), rates={"EUR": "3"})
    assert Purchase.objects.get(currency="EUR").amount == Decimal("39.80")
    applied(member, spends(spends_purchase(3)), rates={"EUR": "3"})
    assert Purchase.objects.get(source="spends-tracker").exchange_rate == 3


def test_a_currency_without_a_rate_is_refused_by_its_name(member):
    batch = applied(member, spends(spends_purchase(1)))
    assert (outcomes(batch), reasons(batch)) == (
        ["refused"],
        ["no exchange rate says what EUR is worth"],
    )


def test_two_batches_of_one_file_record_it_once(member):
    first, second = (read(member, [order(1), order(2)]) for _ in range(2))
    record(first)
    before = stored()
    second = record(second)
    assert (outcomes(second), set(reasons(second))) == (
        ["skipped", "skipped"],
        {"was recorded meanwhile"},
    )
    assert stored() == before
    assert agrees(second)


def test_a_day_that_is_to_come_is_judged_when_it_is_recorded(member):
    batch = read(member, ours(our_purchase(1), our_purchase(2, purchased_on="2026-07-15")))
    member.timezone = "Pacific/Honolulu"
    member.save()
    batch = batches.apply(batch=batch, by=member, now=NOW)
    batch = worked(batch, now=NOW.replace(hour=2))
    assert outcomes(batch) == ["added", "refused"]
    assert reasons(batch)[1] == "bought on: This day is still to come."
    assert agrees(batch)


def test_a_surprise_is_told_to_nobody(member):
    rows = [
        our_purchase(1, gift_id=1, shared=True),
        our_purchase(2, secret_until="2026-08-01", shared=True),
        our_purchase(3, shared=True),
    ]
    document = ours(*rows)
    document["tables"] |= {
        "occasions.Occasion": [{"id": 1, "date": "2026-12-24"}],
        "occasions.Gift": [{"id": 1, "occasion_id": 1}],
    }
    document["counts"] |= {"occasions.Occasion": 1, "occasions.Gift": 1}
    assert outcomes(applied(member, document)) == ["added"] * 3
    days = Purchase.objects.order_by("pk").values_list("secret_until", flat=True)
    assert list(days) == [date(2026, 12, 24), date(2026, 8, 1), None]
    memos = Entry.objects.order_by("pk").values_list("memo", flat=True)
    assert list(memos) == [
        "A surprise, until Dec 24, 2026",
        "A surprise, until Aug 1, 2026",
        "Kettle 3",
    ]
    seen = Purchase.objects.visible_to(viewer_of(make_budget().user))
    assert [purchase.name for purchase in seen] == ["Kettle 3"]


def test_what_the_file_says_is_of_somebody_else_is_private(member):
    people = [{"id": 1, "username": "ana"}, {"id": 2, "username": "olle"}]
    rows = [our_purchase(1, shared=True), our_purchase(2, shared=True, owner_id=2)]
    batch = applied(member, ours(*rows, User=people))
    shared = Purchase.objects.order_by("name").values_list("owner", "shared")
    assert list(shared) == [(member.pk, True), (member.pk, False)]
    told = list(batch.rows.values_list("oddities", flat=True))
    assert told == [[], ["in the file it belongs to olle"]]


def test_another_reading_than_the_one_that_was_looked_at_is_not_recorded(member):
    batch = read(member, [order(1)])
    how = {"format": batch.format, "choices": Choices(), "mode": "skip"}
    worked(batches.choose(batch=batch, now=LATER, **how), now=LATER)
    with pytest.raises(applying.Reread):
        batches.apply(batch=batch, by=member, now=LATER, seen_at=batch.changed_at)
    assert ImportBatch.objects.get().state == "ready"
    assert batches.apply(batch=batch, by=member, now=LATER, seen_at=LATER).state == "applying"


def test_it_stops_at_the_end_of_a_part_when_its_time_is_over(member, monkeypatch):
    for module in (applying, undoing):
        monkeypatch.setattr(module, "PART", 2)
    batch = read(member, [order(number) for number in range(6)])
    batch = batches.apply(batch=batch, by=member, now=NOW)
    for count in (2, 4):
        batch = batches.work(batch=batch, now=NOW, seconds=0)
        assert Purchase.objects.count() == count
    batch = batches.undo(batch=worked(batch), by=member, now=LATER)
    batches.work(batch=batch, now=LATER, seconds=0)
    assert Purchase.objects.trashed().count() == 2


def test_the_file_goes_when_everything_is_recorded(member):
    with TestCase.captureOnCommitCallbacks(execute=True):
        batch = applied(member, [order(1)])
    assert files_left() == []
    assert batch.path == ""


def test_a_lost_file_is_not_needed_any_more_once_it_was_read(member):
    batch = read(member, [order(1)])
    laying.drop(batch.path)
    assert record(batch).state == "done"


def test_progress_is_told(member, monkeypatch):
    monkeypatch.setattr(applying, "PART", 5)
    batch = read(member, [order(number) for number in range(20)])
    batch = batches.apply(batch=batch, by=member, now=NOW)
    percents = [batch.percent]
    while batch.state == "applying":
        batch = batches.work(batch=batch, now=NOW, most=5)
        percents.append(batch.percent)
    assert percents == [0, 25, 50, 75, 100]


def test_a_part_takes_as_many_statements_as_one_row(member):
    record(read(member, [order("first")]))

    def statements(rows):
        batch = read(member, rows)
        with CaptureQueriesContext(connection) as queries:
            assert set(outcomes(record(batch))) == {"added"}
        return len(queries)

    few = statements([order(f"a{number}") for number in range(2)])
    assert few == statements([order(f"b{number}") for number in range(200)])


class TestPapers:
    """The papers of a ZIP."""

    def archive(self, *purchases, members=None, **papers):
        """Return a ZIP; `papers` are (purchase, sha256, name) by their number."""
        rows = [
            {
                "id": number,
                "purchase_id": key,
                "blob_id": sha256,
                "name": name,
                "kind": "receipt",
                "uploaded_by_id": 1,
                "created_at": "2026-03-04T10:00:00Z",
            }
            for number, (key, sha256, name) in enumerate(papers.values(), start=1)
        ]
        if members is None:
            members = {f"files/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}": PDF}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("data.json", json.dumps(ours(*purchases, Attachment=rows)))
            for name, content in members.items():
                archive.writestr(name, content)
            archive.writestr("manifest.json", "{}")
        return out.getvalue()

    def intact(self):
        """Tell whether every file has its row and every row its file."""
        return list(check_files(now=NOW, verify=True)) == []

    def test_come_with_their_purchase_and_are_stored_once(self, member):
        content = self.archive(
            our_purchase(1),
            our_purchase(2),
            a=(1, SHA256, "Receipt.pdf"),
            b=(2, SHA256, "../../settings.py"),
        )
        batch = applied(member, content, "all.zip")
        assert outcomes(batch) == ["added", "added"]
        assert agrees(batch)
        assert set(Attachment.objects.values_list("purchase__name", "name")) == {
            ("Kettle 1", "Receipt.pdf"),
            ("Kettle 2", "settings.py"),
        }
        assert Attachment.objects.filter(uploaded_by=member).count() == 2
        blob = Blob.objects.get()
        assert (blob.sha256, blob.content_type) == (SHA256, "application/pdf")
        assert files.is_intact(blob)
        assert self.intact()

    def test_that_are_missing_or_different_are_told_and_stop_nothing(self, member):
        members = {f"files/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}": b"another"}
        none = hashlib.sha256(b"none").hexdigest()
        content = self.archive(
            our_purchase(1),
            members=members,
            a=(1, SHA256, "A.pdf"),
            b=(1, none, "B.pdf"),
        )
        batch = applied(member, content, "all.zip")
        assert outcomes(batch) == ["added"]
        (oddities,) = batch.rows.values_list("oddities", flat=True)
        assert len(oddities) == 2
        assert not Attachment.objects.exists()
        assert batches.tally(batch).odd == 1

    def test_that_are_lost_between_reading_and_recording_are_told(self, member):
        batch = read(member, self.archive(our_purchase(1), a=(1, SHA256, "A.pdf")), "all.zip")
        laying.drop(batch.path)
        batch = record(batch)
        (oddities,) = batch.rows.values_list("oddities", flat=True)
        assert oddities == ["its papers are lost: the file is not there any more"]
        assert outcomes(batch) == ["added"]

    def test_that_were_exchanged_between_reading_and_recording_are_told(self, member):
        batch = read(member, self.archive(our_purchase(1), a=(1, SHA256, "A.pdf")), "all.zip")
        members = {f"files/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}": b"another"}
        other = self.archive(our_purchase(1), members=members, a=(1, SHA256, "A.pdf"))
        laying.place_of(batch.path).write_bytes(other)
        (oddities,) = record(batch).rows.values_list("oddities", flat=True)
        assert oddities == [
            "the paper “A.pdf” is not what it was: its SHA-256 is another; it is left out"
        ]
        assert not Attachment.objects.exists()
        assert self.intact()

    def test_that_are_missing_end_a_strict_batch(self, member):
        content = self.archive(our_purchase(1), our_purchase(2), a=(2, SHA256, "A.pdf"))
        batch = read(member, content, "all.zip", mode="strict")
        laying.drop(batch.path)
        batch = record(batch)
        assert (batch.state, Purchase.objects.live().count()) == ("failed", 0)
        assert batch.problem.startswith("Line 2: its papers are lost")

    def test_are_taken_out_a_few_at_a_time(self, member, monkeypatch):
        monkeypatch.setattr(papers, "MOST", 2)
        numbers = range(1, 8)
        content = self.archive(
            *map(our_purchase, numbers),
            our_purchase(8),
            **{f"p{number}": (number, SHA256, f"{number}.pdf") for number in numbers},
        )
        batch = applied(member, content, "all.zip")
        assert set(outcomes(batch)) == {"added"}
        assert Attachment.objects.filter(purchase__isnull=False).count() == 7

    def test_of_what_was_recorded_meanwhile_go_again(
        self, member, django_capture_on_commit_callbacks
    ):
        content = self.archive(our_purchase(1), a=(1, SHA256, "A.pdf"))
        first, second = (read(member, content, "all.zip") for _ in range(2))
        with django_capture_on_commit_callbacks(execute=True):
            record(first)
            assert outcomes(record(second)) == ["skipped"]
        assert Attachment.objects.count() == 1
        assert self.intact()

    def test_are_not_mistaken_for_imports_nor_imports_for_papers(self, member):
        chosen(member, [order(1)])
        assert len(files_left()) == 1
        assert self.intact()
        assert list(check_files(now=NOW, delete_orphans=True)) == []
        assert len(files_left()) == 1


class TestUsage:
    """Metered usage through the same door."""

    def lines(self, *rows):
        return "\n".join(json.dumps(row) for row in rows).encode()

    def use(self, number=1, **values):
        return {
            "timestamp": f"2026-07-0{number}T10:00:00Z",
            "provider": "openai",
            "model": "gpt-4o-mini",
            "cost": "0.0125",
            "input_tokens": 100,
            "output_tokens": 10,
            **values,
        }

    def test_is_posted_as_the_command_does(self, member, budget, tmp_path):
        content = self.lines(self.use(1), self.use(1), self.use(2, id="req-1"), self.use(3))
        batch = applied(member, content, "usage.jsonl")
        assert batch.format == "usage-lines"
        assert outcomes(batch) == ["added"] * 4
        assert agrees(batch)
        assert open_cycle(budget).spent == Decimal("0.05")
        assert batches.tally(batch).recorded["added"] == {"USD": Decimal("0.05")}
        path = tmp_path / "usage.jsonl"
        path.write_bytes(content)
        ran = run("import_usage", str(path), "--user", member.username)
        assert ran.lines[:2] == ["accepted: 0", "duplicate: 4"]

    def test_keeps_by_which_price_list_its_cost_was_found(self, member):
        content = self.lines(self.use(1), {**self.use(2), "cost": None})
        assert outcomes(applied(member, content, "usage.jsonl")) == ["added"] * 2
        entries = Entry.objects.order_by("occurred_at")
        given, found = entries.values_list("priced_by", flat=True)
        assert (given, found.split()[0]) == ("", "genai-prices")

    def test_that_the_command_recorded_is_known(self, member, tmp_path):
        path = tmp_path / "usage.jsonl"
        path.write_bytes(content := self.lines(self.use(1), self.use(1), self.use(2)))
        run("import_usage", str(path), "--user", member.username)
        before = stored()
        batch = applied(member, content, "usage.jsonl")
        assert fates(batch) == ["same"] * 3
        assert stored() == before

    def test_is_named_alike_however_often_the_reading_is_interrupted(self, member, monkeypatch):
        monkeypatch.setattr("purchases.importing.batches.reading.PART", 2)
        monkeypatch.setattr("purchases.importing.batches.working._EASIER", 1)
        content = self.lines(*[self.use(1)] * 7)
        batch = worked(chosen(member, content, "usage.jsonl"), most=2)
        assert outcomes(record(batch)) == ["added"] * 7
        assert Entry.objects.values("source_event_id").distinct().count() == 7

    def test_that_cannot_be_taken_is_told_by_its_line(self, member):
        batch = applied(
            member,
            self.lines(
                self.use(1, id="a"),
                self.use(1, id="a"),
                self.use(1, id="a", cost="9"),
                self.use(2, cost="-1"),
                self.use(2, timestamp="2027-01-01T00:00:00Z"),
                self.use(2, cost=None, model="nobody-knows-it"),
                self.use(3, model="\0"),
                self.use(3, cost="0.00000049"),
            ),
            "usage.jsonl",
        )
        assert fates(batch) == ["new", "same", *["error"] * 5, "new"]
        assert outcomes(batch) == ["added", "skipped", *["refused"] * 5, "added"]
        assert all(reasons(batch)[1:7])
        assert agrees(batch)

    def test_an_id_that_says_something_else_now_is_refused(self, member):
        applied(member, self.lines(self.use(1, id="a")), "usage.jsonl")
        batch = applied(member, self.lines(self.use(1, id="a", cost="9")), "usage.jsonl")
        assert reasons(batch) == ["its id a was recorded with other figures"]

    def test_that_was_recorded_meanwhile_counts_once(self, member, budget):
        content = self.lines(self.use(1))
        first, second = (read(member, content, "usage.jsonl") for _ in range(2))
        record(first)
        assert outcomes(record(second)) == ["skipped"]
        assert open_cycle(budget).spent == Decimal("0.0125")

    def test_that_was_recorded_and_undone_meanwhile_counts(self, member, budget):
        content = self.lines(self.use(1), self.use(1), self.use(2, id="a"))
        first, second = (read(member, content, "usage.jsonl") for _ in range(2))
        undone(record(first))
        assert open_cycle(budget).spent == 0
        assert outcomes(record(second)) == ["added"] * 3
        assert open_cycle(budget).spent == Decimal("0.0375")
        assert fates(read(member, content, "usage.jsonl")) == ["same"] * 3
        assert check() == []

    def test_that_was_recorded_with_other_figures_meanwhile_is_refused(self, member, budget):
        lines = [self.lines(self.use(1, id="a", cost=cost)) for cost in ("1", "2")]
        first, second = (read(member, content, "usage.jsonl") for content in lines)
        record(first)
        batch = record(second)
        assert outcomes(batch) == ["refused"]
        assert reasons(batch) == ["its id was recorded meanwhile with other figures"]
        assert open_cycle(budget).spent == 1

    def test_the_command_records_it_again_when_it_was_undone(self, member, tmp_path):
        path = tmp_path / "usage.jsonl"
        path.write_bytes(content := self.lines(self.use(1), self.use(2, id="a")))
        words = ("import_usage", str(path), "--user", member.username)
        undone(applied(member, content, "usage.jsonl"))
        for more, counts in (
            (("--dry-run",), ["accepted: 2", "duplicate: 0"]),
            ((), ["accepted: 2", "duplicate: 0"]),
            ((), ["accepted: 0", "duplicate: 2"]),
            (("--dry-run",), ["accepted: 0", "duplicate: 2"]),
        ):
            assert run(*words, *more).lines[:2] == counts
        assert fates(read(member, content, "usage.jsonl")) == ["same"] * 2
        assert Entry.objects.aggregate(Sum("amount")) == {"amount__sum": Decimal("0.025")}
        assert check() == []

    def test_many_take_as_many_statements_as_one(self, member):
        record(read(member, self.lines(self.use(9, id="first")), "usage.jsonl"))

        def statements(name, number):
            rows = [self.use(8, id=f"{name}{one}") for one in range(number)]
            batch = read(member, self.lines(*rows), "usage.jsonl")
            with CaptureQueriesContext(connection) as queries:
                assert set(outcomes(record(batch))) == {"added"}
            return len(queries)

        assert statements("a", 2) == statements("b", 100)


class TestTakingPart:
    def test_a_part_that_breaks_is_as_if_it_had_not_begun(self, member, monkeypatch):
        monkeypatch.setattr(applying, "PART", 4)
        batch = read(member, [order(number) for number in range(10)])
        batch = batches.apply(batch=batch, by=member, now=NOW)
        batch = batches.work(batch=batch, now=NOW, most=4)
        before = stored()
        monkeypatch.setattr(applying, "store", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            batches.work(batch=batch, now=NOW)
        assert stored() == before
        monkeypatch.undo()
        batch = worked(batch)
        assert outcomes(batch) == ["added"] * 10
        assert agrees(batch)

    def test_a_batch_that_is_at_nothing_is_left_alone(self, member):
        batch = applied(member, [order(1)])
        before = stored()
        assert batches.work(batch=batch, now=LATER).changed_at == NOW
        assert stored() == before


class TestStale:
    def test_what_rested_for_a_day_is_forgotten_with_its_file(self, member):
        batch = chosen(member, [order(1)])
        done = applied(member, [order(2)])
        tomorrow = NOW + timedelta(hours=24, seconds=1)
        assert batches.drop_stale(now=NOW + timedelta(hours=24)) == 0
        with TestCase.captureOnCommitCallbacks(execute=True):
            assert batches.drop_stale(now=tomorrow) == 1
        assert list(ImportBatch.objects.all()) == [done]
        assert not laying.place_of(batch.path).exists()

    def test_the_command_does_it(self, member):
        chosen(member, [order(1)])
        ImportBatch.objects.update(changed_at=NOW - timedelta(days=400))
        assert "Imports forgotten that were never recorded: 1." in run("empty_trash").lines
        assert not ImportBatch.objects.exists()

    def test_what_is_kept_beside_a_file_stays_as_long_as_the_file(self, member):
        batch = read(member, ours(our_purchase(1)))
        for place in laying.place_of(laying.ROOT).glob("*"):
            os.utime(place, (0, 0))
        batches.drop_stale(now=NOW)
        assert len(files_left()) == 2
        laying.drop(batch.path)
        assert files_left() == []

    def test_files_of_which_no_batch_knows_go_too(self, member):
        place = laying.place_of(f"{laying.ROOT}/lost")
        place.parent.mkdir(parents=True)
        place.write_bytes(b"x")
        batches.drop_stale(now=NOW)
        os.utime(place, (0, 0))
        chosen(member, [order(1)])
        batches.drop_stale(now=NOW)
        assert len(files_left()) == 1
        assert not place.exists()

    def test_what_somebody_has_just_gone_on_with_stays(self, member, monkeypatch):
        batch = chosen(member, [order(1)])
        late = NOW + timedelta(days=2)
        from purchases.importing.batches import discarding

        def gone_on(batch):
            ImportBatch.objects.update(changed_at=late)
            return lock(batch)

        lock = discarding.lock
        monkeypatch.setattr(discarding, "lock", gone_on)
        assert batches.drop_stale(now=late) == 0
        assert ImportBatch.objects.filter(pk=batch.pk).exists()


def test_what_the_ledger_says_is_what_was_read(member):
    buy(member, "1.00")
    applied(member, [order(number, Order_Date=f"0{number}/02/2{number}") for number in range(1, 6)])
    assert check() == []
    assert keeping.trash(purchase=Purchase.objects.first(), now=NOW).is_trashed
    assert check() == []
