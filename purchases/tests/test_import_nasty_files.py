"""Nasty files, from their arrival to the report: each is answered, and nothing else changes."""

import io
import json
import zipfile
from collections import Counter
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from budgets.ledger import check
from budgets.tests.factories import make_budget
from purchases.importing import batches
from purchases.importing.choices import Choices
from purchases.importing.rows import BadFile
from purchases.keeping.inspecting import check_files
from purchases.models import ImportBatch, Purchase, Retailer
from purchases.tests.documents import our_purchase, ours, spends, spends_purchase
from purchases.tests.factories import NOW, buy
from purchases.tests.imports import (
    agrees,
    applied,
    as_ana,
    begun,
    fates,
    files_left,
    outcomes,
    stored,
    undone,
)
from purchases.tests.test_amazon_items import report

pytestmark = pytest.mark.django_db

BANK = {
    "columns": {"day": "Day", "name": "What", "amount": "Amount"},
    "decimals": "point",
    "days": "ymd",
    "sign": "positive",
    "currency": "USD",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def member():
    return as_ana(make_budget().user)


@pytest.fixture
def nothing_else_changed(member, folder):
    """Return what tells whether everything beside an import is as it was at first."""
    other = make_budget().user
    (folder / "settings.py").write_bytes(b"not yours")
    for owner in (member, other):
        buy(owner, "5.00", name="Not of any file", retailer="A shop", tags=["old"])
    before = stored()

    def compare(*, added=0):
        after = stored()
        assert len(after["Purchase"]) - len(before["Purchase"]) == added
        for table in ("Purchase", "PurchaseEntry", "Entry"):
            assert set(before[table]) <= set(after[table]), table
        assert after["Attachment"] == []
        assert (folder / "settings.py").read_bytes() == b"not yours"
        assert list(check_files(now=NOW, verify=True)) == []
        assert check() == []
        if not added:
            assert after == before

    return compare


def bank(*rows, header="Day,What,Amount", end="\n"):
    return end.join([header, *rows, ""])


def imported(member, content, name="bank.csv", **how):
    """Take a table through everything; whatever is not said is as in BANK."""
    return applied(member, content, name, key="bank", **{**BANK, **how})


GOOD = "2026-03-04,Milk,1.20"


@pytest.mark.parametrize(
    ("content", "how", "answers"),
    [
        (bank(GOOD).encode("utf-8-sig"), {}, ["added"]),
        (bank("2026-03-04,Köttbullar,1.20").encode("latin-1"), {}, ["added"]),
        (bank("2026-03-04,Köttbullar 5 €,1.20").encode("cp1252"), {}, ["added"]),
        (bank("2026-03-04,Smažený sýr,1.20").encode("cp1250"), {}, ["added"]),
        (bank(GOOD).encode("utf-16"), {}, ["added"]),
        (bank(), {}, []),
        (bank("Milk,1.20,2026-03-04", header="What,Amount,Day"), {}, ["added"]),
        (bank(GOOD + ",x", header="Day,What,Amount,Extra"), {}, ["added"]),
        (bank(GOOD, header="DAY,WHAT,AMOUNT"), {}, ["added"]),
        (bank(GOOD.replace(",", ";"), header="Day;What;Amount"), {}, ["added"]),
        (bank(GOOD.replace(",", "\t"), header="Day\tWhat\tAmount"), {}, ["added"]),
        (bank(GOOD, end="\r\n"), {}, ["added"]),
        (bank(GOOD, end="\r"), {}, ["added"]),
        (bank('2026-03-04,"Milk, ""fresh""\nand 🥛 =cmd()",1.20'), {}, ["added"]),
        (bank(GOOD, "2026-03-05,Bread", "2026-03-06,Tea,3"), {}, ["added", "refused", "added"]),
        (
            bank(GOOD, "2026-03-05,Bread,2,9", "2026-03-06,Tea,3"),
            {},
            ["added", "refused", "added"],
        ),
        (bank('2026-03-04,A,"1,234.56"'), {}, ["added"]),
        (bank('2026-03-04,A,"1.234,56"'), {}, ["refused"]),
        (bank('2026-03-04,A,"1.234,56"'), {"decimals": "comma"}, ["added"]),
        (bank("2026-03-04,A,$5"), {}, ["added"]),
        (bank("2026-03-04,A,1e3"), {}, ["refused"]),
        (bank("2026-03-04,A,NaN"), {}, ["refused"]),
        (bank("2026-03-04,A,-5"), {}, ["skipped"]),
        (bank("2026-03-04,A,"), {}, ["refused"]),
        (bank("2026-03-04,A,0.005"), {}, ["refused"]),
        (bank("2026-03-04,A,100000000"), {}, ["refused"]),
        (bank("2026-03-04,A," + "9" * 400), {}, ["refused"]),
        (bank("31/02/2026,A,1"), {"days": "dmy"}, ["refused"]),
        (bank("2026-13-01,A,1"), {}, ["refused"]),
        (bank("01/02/03,A,1"), {"days": "dmy"}, ["added"]),
        (bank("2026-07-16,A,1"), {}, ["refused"]),
        (bank("1969-12-31,A,1"), {}, ["refused"]),
        (bank(f"2026-03-04,{'x' * 300},1"), {}, None),
        (bank("2026-03-04,a\0b,1"), {}, None),
        (bank("2026-03-04,=cmd()|x,1"), {}, ["added"]),
        (bank(f'2026-03-04,"{"q" * 200_000}",1', GOOD), {}, None),
        (bank('2026-03-04,"never closed,1', GOOD), {}, None),
    ],
)
def test_a_table_is_answered_row_by_row(member, nothing_else_changed, content, how, answers):
    batch = imported(member, content, **how)
    assert batch.state == "done", batch.problem
    assert agrees(batch)
    assert answers is None or outcomes(batch) == answers
    for row in batch.rows.exclude(outcome="added"):
        assert row.reason
        assert row.line >= 2
    count = Counter(outcomes(batch))["added"]
    nothing_else_changed(added=count)
    if count:
        undone(batch)
        assert Purchase.objects.live().count() == 2
        assert check() == []


def test_what_a_cell_says_is_what_is_stored(member):
    name = '=cmd()|"x", and\n🥛'
    imported(member, bank('2026-03-04,"=cmd()|""x"", and\n🥛","1,234.56"'))
    purchase = Purchase.objects.get()
    assert purchase.name == " ".join(name.split())
    assert purchase.price == Decimal("1234.56")


def test_a_broken_row_between_two_good_ones_is_told_by_its_line(member):
    content = bank(GOOD, "2026-03-05,Bread", "2026-03-06,Tea,3")
    batch = imported(member, content)
    bad = batch.rows.get(outcome="refused")
    assert (bad.line, bad.fate) == (3, "error")
    undone(batch)
    strict = imported(member, content, mode="strict")
    assert (strict.state, Purchase.objects.live().count()) == ("failed", 0)
    assert strict.problem.startswith("Line 3: ")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.csv"),
        (b"\n\n \n", "a.csv"),
        (b"{", "a.json"),
        (b"[]", "a.json"),
        (b'"x"', "a.json"),
        (b"null", "a.json"),
        (b'{"purchases": NaN}', "a.json"),
        (b"[" * 10_000, "a.json"),
        (b'{"a":' * 10_000, "a.json"),
        (b'{"format": "pursestrings", "tables": "\xff\xff"}', "a.json"),
        (b"\xff" * 100, "a.json"),
        (b"\x89PNG\r\n\x1a\n", "a.csv"),
        (b"PK\3\4" + b"x" * 100, "a.zip"),
        (b"MZ\0\0" * 100, "a.csv"),
    ],
)
def test_what_is_nothing_at_all_is_refused_with_a_sentence(
    member, nothing_else_changed, content, name
):
    assert refusal_of(member, content, name)
    nothing_else_changed()


def refusal_of(member, content, name):
    """Return why nothing of a file was taken, whenever that was found out."""
    try:
        return applied(member, content, name, key="pursestrings").problem
    except BadFile as problem:
        return str(problem)
    except ValidationError as refusal:
        return " ".join(refusal.messages)


@pytest.mark.parametrize(
    "document",
    [
        {"format": "pursestrings", "tables": {}},
        {"format": "pursestrings", "tables": {"purchases.Purchase": {}}},
        {"format": "pursestrings", "version": 99, "tables": {"purchases.Purchase": []}},
        {"format": "other", "version": 1, "tables": {"purchases.Purchase": []}},
        ours(top={"counts": {"purchases.Purchase": 7}}),
    ],
)
def test_a_document_that_is_not_ours_or_not_whole_is_refused(
    member, nothing_else_changed, document
):
    batch = applied(member, document)
    assert batch.state == "failed"
    assert batch.problem.endswith(".")
    nothing_else_changed()


@pytest.mark.parametrize(
    "values",
    [
        {"price": 5},
        {"price": 19.9},
        {"price": "1e3"},
        {"price": "-5"},
        {"price": None},
        {"price": "NaN"},
        {"currency": "ZZZ"},
        {"currency": "EUR", "exchange_rate": "0"},
        {"status": "PurchaseStatus.LOST"},
        {"purchased_on": "2026-02-31"},
        {"purchased_on": "2026-07-16"},
        {"purchased_on": "2026-03-04T10:00:00+14:00"},
        {"quantity": 0},
        {"quantity": "2"},
        {"quantity": 10**30},
        {"uid": "1"},
        {"uid": None},
        {"name": ""},
        {"name": ["x"]},
        {"link": "javascript:alert(1)"},
        {"return_by": "1999-01-01"},
        {"retailer_id": 99},
        {"owner_id": 99},
        {"id": None},
        {"notes": "x" * 3_000},
        {"source_id": "x" * 300},
    ],
)
def test_a_record_that_cannot_be_is_told_and_stops_no_other(member, nothing_else_changed, values):
    batch = applied(member, ours(our_purchase(1, **values), our_purchase(2)))
    assert batch.state == "done"
    assert agrees(batch)
    assert outcomes(batch)[1] == "added"
    row = batch.rows.first()
    assert row.outcome == "added" or row.reason
    nothing_else_changed(added=outcomes(batch).count("added"))


def test_the_same_id_twice_is_taken_once(member, nothing_else_changed):
    batch = applied(member, ours(our_purchase(1), our_purchase(1), our_purchase(2)))
    assert outcomes(batch) == ["added", "refused", "added"]
    nothing_else_changed(added=2)


def test_our_own_export_again_is_all_skipped(member):
    document = ours(*(our_purchase(number) for number in range(1, 6)))
    applied(member, document)
    before = stored()
    for mode in ("skip", "update", "strict"):
        batch = applied(member, document, mode=mode)
        assert set(outcomes(batch)) == {"skipped"}
        assert set(fates(batch)) == {"same"}
    assert stored() == before


def test_a_retailer_of_a_known_name_under_another_id_is_that_one(member):
    buy(member, "1.00", retailer="The Shop")
    document = ours(
        our_purchase(1, retailer_id=7), Retailer=[{"id": 7, "name": "THE  shop", "link": ""}]
    )
    applied(member, document)
    assert Retailer.objects.get().name == "The Shop"
    assert Purchase.objects.get(name="Kettle 1").retailer.name == "The Shop"


def test_spends_tracker_spells_its_kinds_as_programs_do(member):
    document = spends(
        spends_purchase(1, currency_code="USD"),
        warranties=[
            {
                "purchase_id": spends_purchase(1)["id"],
                "warranty_start": "2026-03-04",
                "warranty_end": "2027-03-04",
                "warranty_type": "WarrantyType.EXTENDED",
                "status": "WarrantyStatus.EXPIRED",
                "provider": None,
                "notes": None,
            }
        ],
    )
    batch = applied(member, document)
    assert outcomes(batch) == ["added"]
    assert agrees(batch)


@pytest.mark.parametrize("path", ["../../../settings.py", "/etc/passwd", "files/../../settings.py"])
def test_a_paper_never_names_a_place_outside(member, nothing_else_changed, path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("data.json", json.dumps(ours(our_purchase(1))))
        archive.writestr("manifest.json", "{}")
        archive.writestr(path, b"yours now")
    assert "is not taken" in refusal_of(member, out.getvalue(), "all.zip")
    nothing_else_changed()


def test_a_paper_with_another_hash_or_path_is_left_out(member, nothing_else_changed):
    paper = {"id": 1, "purchase_id": 1, "name": "a", "kind": "receipt"}
    out = io.BytesIO()
    wrong = [{**paper, "blob_id": "0" * 64}, {**paper, "id": 2, "blob_id": "../../../settings.py"}]
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("data.json", json.dumps(ours(our_purchase(1), Attachment=wrong)))
        archive.writestr("manifest.json", "{}")
        archive.writestr(f"files/00/00/{'0' * 64}", b"something else")
    batch = applied(member, out.getvalue(), "all.zip")
    assert outcomes(batch) == ["added"]
    assert len(batch.rows.get().oddities) == 2
    nothing_else_changed(added=1)


def test_a_huge_record_of_json_is_never_held(member, nothing_else_changed):
    document = json.dumps(ours(our_purchase(1, notes="x" * 5_000_000), our_purchase(2)))
    assert "more than 1 MB" in refusal_of(member, document, "a.json")
    nothing_else_changed()


def test_choices_that_fit_another_file_are_told(member):
    batch = begun(member, report({}))
    with pytest.raises(ValidationError):
        batches.choose(batch=batch, format="bank", choices=Choices(**BANK), mode="skip", now=NOW)
    assert ImportBatch.objects.get().state == "asking"
    assert len(files_left()) == 1
