"""Exports of spends-tracker: lists that point at each other and promise nothing."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest

from purchases.importing.choices import Choices
from purchases.importing.rows import BadFile, FileRow, Remark, Row, WarrantyRow
from purchases.tests.documents import (
    PAPER,
    SHA256,
    SPENDS,
    lay_json,
    lay_zip,
    only,
    peak,
    said,
    spends,
    spends_purchase,
    uuid,
)

FOLDERS = f"{SHA256[:2]}/{SHA256[2:4]}"
MEMBER = f"uploads/{FOLDERS}/{SHA256}.pdf"


@pytest.fixture
def sent(tmp_path):
    """Return what lays an export down, in a ZIP where it is given members."""

    def laid(*purchases, members=None, **lists):
        document = spends(*purchases, **lists)
        if members is None:
            return lay_json(tmp_path / "x.json", document)
        return lay_zip(tmp_path / "x.zip", document, members, manifest=False)

    return laid


def warranty(number=1, purchase=1, **values):
    return {
        "id": uuid(100 + number),
        "purchase_id": uuid(purchase),
        "warranty_start": "2026-03-04",
        "warranty_end": "2028-03-03",
        "warranty_type": "extended",
        "status": "WarrantyStatus.ACTIVE",
        "provider": "Bolt",
        "notes": None,
    } | values


def file(number=1, purchase=1, **values):
    return {
        "id": uuid(200 + number),
        "purchase_id": uuid(purchase),
        "filename": "receipt.pdf",
        "stored_filename": f"{SHA256}.pdf",
        "file_type": "FileType.RECEIPT",
        "mime_type": "application/pdf",
        "file_size": len(PAPER),
        "file_hash": SHA256,
        "reference_count": 1,
    } | values


def shop(number, name, url=None):
    return {"id": uuid(number), "name": name, "url": url}


def test_a_purchase_says_all_that_it_said_there(sent):
    purchase = spends_purchase(
        retailer_id=uuid(5),
        brand_id=uuid(6),
        quantity=2,
        tax_deductible=1,
        model_number="M",
        serial_number="S",
        retailer_order_number="A-1",
        link="https://shop.example/1",
        return_deadline="2026-04-04",
        return_policy="30 days",
        tags="tea, Kitchen,,TEA",
        notes=" notes ",
    )
    source = sent(
        purchase,
        retailers=[shop(5, "Corner Shop", "https://corner.example/")],
        brands=[shop(6, "Bolt")],
        warranties=[warranty()],
    )
    assert only(SPENDS, source) == Row(
        line=1,
        source="spends-tracker",
        source_id=uuid(1),
        name="Kettle 1",
        price=Decimal("19.90"),
        currency="EUR",
        quantity=2,
        retailer="Corner Shop",
        retailer_link="https://corner.example/",
        brand="Bolt",
        tags=("tea", "Kitchen"),
        purchased_on=date(2026, 3, 4),
        order_number="A-1",
        model_number="M",
        serial_number="S",
        link="https://shop.example/1",
        return_by=date(2026, 4, 4),
        return_policy="30 days",
        tax_deductible=True,
        notes="notes",
        warranties=(
            WarrantyRow(
                kind="extended",
                starts_on=date(2026, 3, 4),
                ends_on=date(2028, 3, 3),
                provider="Bolt",
            ),
        ),
        oddities=("price: 19.90 is taken as that of all 2 together",),
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"id": None}, "id: is blank"),
        ({"product_name": "  "}, "name: is blank"),
        ({"price": None}, "price: is blank"),
        ({"price": ""}, "price: is blank"),
        ({"price": "1,234.56"}, "price: “1,234.56” is no amount like 12.50"),
        ({"price": "1.234,56"}, "price: “1.234,56” is no amount like 12.50"),
        ({"price": "$5"}, "price: “$5” is no amount like 12.50"),
        ({"price": "1e3"}, "price: “1e3” is no amount like 12.50"),
        ({"price": 1e300}, "price: “1E+300” is no amount like 12.50"),
        ({"price": "NaN"}, "price: “NaN” is no amount like 12.50"),
        ({"price": "19.905"}, "price: “19.905” cannot be read. Use at most 2 decimal places."),
        ({"price": True}, "price: is neither text nor a number"),
        ({"currency_code": "EURO"}, "currency: “EURO” is no currency"),
        ({"purchase_date": None}, "bought on: is blank"),
        ({"purchase_date": "31/02/2026"}, "bought on: “31/02/2026” is no day like 2026-12-31"),
        ({"purchase_date": "2026-02-31"}, "bought on: “2026-02-31” is no day like 2026-12-31"),
        ({"purchase_date": "01/02/03"}, "bought on: “01/02/03” is no day like 2026-12-31"),
        ({"tax_deductible": 2}, "tax deductible: is neither true nor false"),
        ({"quantity": -1}, "quantity: “-1” is no whole number from 1 to 9,999"),
        ({"serial_number": "x" * 101}, "serial number: is longer than 100 characters"),
        ({"retailer_id": {}}, "retailer: is no id"),
    ],
)
def test_a_record_that_cannot_be_taken_says_why(sent, values, why):
    wrong, right = said(SPENDS, sent(spends_purchase(1, **values), spends_purchase(2)))
    assert wrong == Remark(1, why)
    assert (right.line, right.name) == (2, "Kettle 2")


def test_a_price_is_exact_as_text_and_as_a_number(sent):
    for price, exact in (("0.1", "0.10"), (19.9, "19.90"), (5, "5.00")):
        assert str(only(SPENDS, sent(spends_purchase(price=price))).price) == exact


def test_a_purchase_without_a_currency_is_in_the_chosen_one(sent):
    source = sent(spends_purchase(currency_code=None))
    row = only(SPENDS, source, currency="CZK")
    assert row.currency == "CZK"
    assert row.oddities == ("currency: is blank, taken as CZK",)
    assert said(SPENDS, source) == [Remark(1, "currency: is blank")]


def test_what_cost_nothing_or_came_back_is_no_purchase(sent):
    assert only(SPENDS, sent(spends_purchase(price="0.00"))).left_out == (
        "price: is zero, so nothing was paid"
    )
    assert only(SPENDS, sent(spends_purchase(price="-5"))).left_out == (
        "price: -5.00 is money that came back, not a purchase"
    )


def test_a_shop_that_is_not_there_is_left_empty_and_said(sent):
    row = only(SPENDS, sent(spends_purchase(retailer_id=uuid(5), brand_id=uuid(6))))
    assert (row.retailer, row.brand) == ("", "")
    assert row.oddities == (
        f"retailer: {uuid(5)} is not in the file; it was left empty",
        f"brand: {uuid(6)} is not in the file; it was left empty",
    )


@pytest.mark.parametrize(
    ("values", "read", "oddity"),
    [
        (
            {"product_name": "x" * 300},
            {"name": "x" * 254 + "…"},
            "name: is longer than 255 characters and was cut",
        ),
        (
            {"notes": "x" * 2_001},
            {"notes": "x" * 1_999 + "…"},
            "notes: is longer than 2,000 characters and was cut",
        ),
        (
            {"link": "see the shop"},
            {"link": ""},
            "link: “see the shop” is no address on the web; it was left out",
        ),
        (
            {"link": "https://[broken"},
            {"link": ""},
            "link: “https://[broken” is no address on the web; it was left out",
        ),
        (
            {"return_deadline": "2026-03-03"},
            {"return_by": None},
            "returnable until: 2026-03-03 is before 2026-03-04; it was left out",
        ),
        (
            {"tags": f"tea,{'x' * 121}"},
            {"tags": ("tea",)},
            f"tags: “{'x' * 40}…” is longer than 120; it was left out",
        ),
    ],
)
def test_what_does_not_fit_is_taken_otherwise_and_said(sent, values, read, oddity):
    row = only(SPENDS, sent(spends_purchase(**values)))
    assert {name: getattr(row, name) for name in read} == read
    assert row.oddities == (oddity,)


@pytest.mark.parametrize(
    ("values", "read", "oddities"),
    [
        ({"status": "WarrantyStatus.EXPIRED"}, {"voided": False}, ()),
        ({"status": "expired"}, {"voided": False}, ()),
        ({"status": None}, {"voided": False}, ()),
        ({"status": "WarrantyStatus.VOIDED"}, {"voided": True}, ()),
        ({"warranty_type": None}, {"kind": "other"}, ()),
        ({"warranty_type": "WarrantyType.MANUFACTURER"}, {"kind": "manufacturer"}, ()),
        (
            {"warranty_type": "lifelong"},
            {"kind": "other"},
            (
                (
                    "warranty 1: warranty type: “lifelong” is none of manufacturer, extended,"
                    " parts, labour, statutory, other, taken as other"
                ),
            ),
        ),
        (
            {"warranty_start": None},
            {"starts_on": date(2026, 3, 4)},
            ("warranty 1: warranty start: is blank, taken as 2026-03-04, the day it was bought",),
        ),
        (
            {"warranty_end": None},
            {"ends_on": None},
            ("warranty 1: warranty end: is blank, taken as for life",),
        ),
    ],
)
def test_a_warranty_is_read_as_it_stands_there(sent, values, read, oddities):
    row = only(SPENDS, sent(spends_purchase(), warranties=[warranty(**values)]))
    (found,) = row.warranties
    assert {name: getattr(found, name) for name in read} == read
    assert row.oddities == oddities


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (
            {"status": "WarrantyStatus.LOST"},
            "status: “WarrantyStatus.LOST” is none of active, expired, voided",
        ),
        ({"warranty_end": "2026-03-03"}, "warranty end: 2026-03-03 is before 2026-03-04"),
        (
            {"warranty_end": None, "status": "WarrantyStatus.EXPIRED"},
            "warranty end: is blank, and it has expired",
        ),
    ],
)
def test_a_warranty_that_cannot_be_is_left_out_and_said(sent, values, why):
    row = only(SPENDS, sent(spends_purchase(), warranties=[warranty(**values)]))
    assert (row.warranties, row.oddities) == ((), (f"warranty 1: {why}; it was left out",))


@pytest.mark.parametrize(
    "stored",
    [
        f"{SHA256}.pdf",
        f"{FOLDERS}/{SHA256}.pdf",
        f"uploads/{FOLDERS}/{SHA256}.pdf",
        None,
    ],
)
def test_a_paper_is_found_by_its_hash(sent, stored):
    source = sent(
        spends_purchase(),
        files=[file(stored_filename=stored, file_type="FileType.MANUAL")],
        members={MEMBER: PAPER},
    )
    row = only(SPENDS, source)
    assert row.files == (FileRow(member=MEMBER, sha256=SHA256, name="receipt.pdf", kind="manual"),)
    assert row.oddities == ()


def test_a_paper_without_a_hash_is_known_by_the_name_it_was_stored_under(sent):
    source = sent(spends_purchase(), files=[file(file_hash=None)], members={MEMBER: PAPER})
    assert [paper.sha256 for paper in only(SPENDS, source).files] == [SHA256]


def test_a_paper_needs_no_ending(sent):
    source = sent(
        spends_purchase(),
        files=[file(stored_filename=SHA256, filename=None)],
        members={MEMBER.removesuffix(".pdf"): PAPER},
    )
    assert [paper.name for paper in only(SPENDS, source).files] == [SHA256]


def test_a_paper_that_two_purchases_share_is_one_of_each(sent):
    source = sent(
        spends_purchase(1),
        spends_purchase(2),
        files=[file(1, 1, reference_count=2), file(2, 2, reference_count=2)],
        members={MEMBER: PAPER},
    )
    assert [len(row.files) for row in said(SPENDS, source)] == [1, 1]


@pytest.mark.parametrize(
    ("values", "oddity"),
    [
        (
            {"stored_filename": "../../../settings.py"},
            (
                "file 1: stored filename: “../../../settings.py” is not where a file of its hash"
                " lies; it was left out"
            ),
        ),
        (
            {"stored_filename": f"../{SHA256}.pdf"},
            (
                f"file 1: stored filename: “../{SHA256}.pdf” is not where a file of its hash lies;"
                " it was left out"
            ),
        ),
        (
            {"stored_filename": "../../../settings.py", "file_hash": None},
            "file 1: file hash: “../../../settings.py” is no SHA-256; it was left out",
        ),
        (
            {"file_hash": "../../../settings.py"},
            "file 1: file hash: “../../../settings.py” is no SHA-256; it was left out",
        ),
        (
            {"file_hash": "0" * 64, "stored_filename": None},
            "the paper “receipt.pdf” is not in the archive; it was left out",
        ),
        (
            {"file_type": "FileType.LETTER"},
            (
                "file 1: file type: “FileType.LETTER” is none of receipt, manual, photo, warranty,"
                " other, taken as other"
            ),
        ),
    ],
)
def test_a_paper_that_is_wrong_in_its_row_is_said(sent, values, oddity):
    members = {MEMBER: PAPER, "settings.py": b"x"}
    row = only(SPENDS, sent(spends_purchase(), files=[file(**values)], members=members))
    assert row.oddities == (oddity,)
    assert len(row.files) == ("file_type" in values)


def test_a_paper_is_checked_against_its_own_name(sent):
    source = sent(spends_purchase(), files=[file()], members={MEMBER: b"tampered"})
    row = only(SPENDS, source)
    assert row.files == ()
    assert row.oddities == (
        "the paper “receipt.pdf” is not what it was: its SHA-256 is another; it was left out",
    )


def test_a_paper_in_the_wrong_folder_is_not_found(sent):
    other = hashlib.sha256(b"other").hexdigest()
    member = f"uploads/{other[:2]}/{other[2:4]}/{SHA256}.pdf"
    row = only(SPENDS, sent(spends_purchase(), files=[file()], members={member: PAPER}))
    assert row.oddities == ("the paper “receipt.pdf” is not in the archive; it was left out",)


def test_without_an_archive_papers_are_said_to_be_missing(sent):
    row = only(SPENDS, sent(spends_purchase(), files=[file()]))
    assert (row.files, row.oddities) == (
        (),
        ("1 paper is not in this file; a ZIP export has them",),
    )


def test_what_belongs_to_no_purchase_is_said_at_the_end(sent):
    source = sent(
        spends_purchase(),
        warranties=[warranty(1, 9)],
        files=[file(1, purchase_id=None), file(2, 8)],
    )
    row, *rest = said(SPENDS, source)
    assert row.line == 1
    assert rest == [
        Remark(1, "File 1: purchase: is blank"),
        Remark(
            1,
            f"Warranty 1: purchase {uuid(9)} is not in the file, so it belongs to nothing",
        ),
        Remark(2, f"File 2: purchase {uuid(8)} is not in the file, so it belongs to nothing"),
    ]


def test_the_same_id_twice_is_refused_the_second_time(sent):
    first, second = said(SPENDS, sent(spends_purchase(1), spends_purchase(1)))
    assert first.line == 1
    assert second == Remark(2, f"id: {uuid(1)} stands above already")


def test_purchases_alone_are_enough(tmp_path):
    source = lay_json(tmp_path / "x.json", {"purchases": [spends_purchase()]})
    assert only(SPENDS, source).name == "Kettle 1"
    with pytest.raises(BadFile, match="The file has no list of purchases"):
        next(SPENDS.read(lay_json(tmp_path / "x.json", {"brands": []}), Choices()))


def large(path, count):
    numbers = range(1, count + 1)
    document = spends(
        *(spends_purchase(n, retailer_id=uuid(n % 50)) for n in numbers),
        retailers=[shop(n, f"Shop {n}") for n in range(50)],
        warranties=[warranty(n, n) for n in numbers[::5]],
        files=[file(n, n) for n in numbers[::5]],
    )
    return lay_json(path, document)


def test_ten_times_as_many_purchases_need_no_more_memory(tmp_path):
    few, many = large(tmp_path / "few", 500), large(tmp_path / "many", 5_000)
    (small, fewer), (big, more) = peak(SPENDS, few), peak(SPENDS, many)
    assert (fewer, more) == (500, 5_000)
    assert big <= 1.3 * small
