"""Our own exports as purchases: what each record says, with everything that belongs to it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from purchases.importing import records
from purchases.importing.choices import Choices
from purchases.importing.rows import BadFile, FileRow, Remark, Row, WarrantyRow
from purchases.models import Attachment, Brand, Purchase, Retailer, Tag, Warranty
from purchases.models.purchase import MAX_QUANTITY
from purchases.tests.documents import (
    OURS,
    PAPER,
    SHA256,
    SPENDS,
    lay_json,
    lay_zip,
    only,
    our_purchase,
    ours,
    peak,
    remarks,
    said,
    spends,
    spends_purchase,
    uuid,
)

MEMBER = f"files/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"


@pytest.fixture
def sent(tmp_path):
    """Return what lays an export down, in a ZIP where it is given members."""

    def laid(*purchases, members=None, **tables_):
        document = ours(*purchases, **tables_)
        if members is None:
            return lay_json(tmp_path / "x.json", document)
        return lay_zip(tmp_path / "x.zip", document, members)

    return laid


def name(number, text, **values):
    return {"id": number, "name": text, "key": text.casefold(), **values}


def shop(number, text, link=""):
    return name(number, text, link=link, listed=True)


def warranty(number=1, purchase=1, **values):
    return {
        "id": number,
        "purchase_id": purchase,
        "kind": "extended",
        "starts_on": "2026-03-04",
        "ends_on": "2028-03-03",
        "provider": "Bolt",
        "notes": "",
        "voided": False,
    } | values


def paper(number=1, purchase=1, **values):
    return {
        "id": number,
        "purchase_id": purchase,
        "uploaded_by_id": 1,
        "blob_id": SHA256,
        "kind": "receipt",
        "name": "receipt.pdf",
        "created_at": "2026-03-04T10:00:00Z",
    } | values


def test_a_purchase_says_all_that_it_said_when_it_was_exported(sent):
    purchase = our_purchase(
        7,
        price="1990.500000",
        currency="EUR",
        exchange_rate="1.0843000000",
        quantity=3,
        retailer_id=5,
        brand_id=6,
        status="ordered",
        order_number="A-1",
        model_number="M",
        serial_number="S",
        link="https://shop.example/1",
        return_by="2026-04-04",
        return_policy="30 days",
        tax_deductible=True,
        notes=" two lines\nof notes ",
        shared=True,
        source="amazon-items",
        source_id="113-1/B01/1",
    )
    source = sent(
        purchase,
        Retailer=[shop(5, "Corner Shop", "https://corner.example/")],
        Brand=[shop(6, "Bolt")],
        Tag=[name(1, "tea"), name(2, "Kitchen")],
        Purchase_tags=[
            {"id": 1, "purchase_id": 7, "tag_id": 2},
            {"id": 2, "purchase_id": 7, "tag_id": 1},
        ],
        Warranty=[warranty(1, 7), warranty(2, 7, ends_on=None, voided=True, kind="parts")],
    )
    assert only(OURS, source, currency="USD") == Row(
        line=1,
        source="amazon-items",
        source_id="113-1/B01/1",
        uid=uuid(7),
        name="Kettle 7",
        price=Decimal("1990.50"),
        currency="EUR",
        exchange_rate=Decimal("1.0843"),
        quantity=3,
        retailer="Corner Shop",
        retailer_link="https://corner.example/",
        brand="Bolt",
        tags=("Kitchen", "tea"),
        purchased_on=date(2026, 3, 4),
        status="ordered",
        order_number="A-1",
        model_number="M",
        serial_number="S",
        link="https://shop.example/1",
        return_by=date(2026, 4, 4),
        return_policy="30 days",
        tax_deductible=True,
        notes=" two lines\nof notes ",
        owner="ana",
        shared=True,
        warranties=(
            WarrantyRow(
                kind="extended",
                starts_on=date(2026, 3, 4),
                ends_on=date(2028, 3, 3),
                provider="Bolt",
            ),
            WarrantyRow(
                kind="parts",
                starts_on=date(2026, 3, 4),
                ends_on=None,
                provider="Bolt",
                voided=True,
            ),
        ),
    )


def test_the_columns_are_those_of_an_export():
    stored = [field for field in Purchase._meta.concrete_fields if not field.generated]
    assert [field.attname for field in stored] == list(our_purchase())
    assert {model._meta.label for model in (Retailer, Brand, Tag, Warranty, Attachment)} == {
        "purchases.Retailer",
        "purchases.Brand",
        "purchases.Tag",
        "purchases.Warranty",
        "purchases.Attachment",
    }
    assert Purchase.tags.through._meta.label == "purchases.Purchase_tags"


def test_the_words_are_those_of_the_models():
    assert tuple(Purchase.Status.values) == records.STATUSES
    assert tuple(Warranty.Kind.values) == records.WARRANTY_KINDS
    assert tuple(Attachment.Kind.values) == records.PAPER_KINDS
    assert records.MAX_QUANTITY == MAX_QUANTITY


def test_a_rate_is_worth_nothing_in_another_base_currency(sent):
    source = sent(our_purchase(currency="EUR", exchange_rate="1.0843000000"))
    assert only(OURS, source, currency="USD").exchange_rate == Decimal("1.0843")
    assert only(OURS, source, currency="CZK").exchange_rate is None
    assert only(OURS, source).exchange_rate is None


def test_what_was_in_the_trash_is_left_out_and_said(sent):
    row = only(OURS, sent(our_purchase(deleted_at="2026-03-05T10:00:00Z")))
    assert row.left_out == "was in the trash when the file was made"


def test_what_was_bought_for_a_gift_is_not_shown_to_the_household(sent):
    for values in ({"gift_id": 3}, {"secret_until": "2026-12-24"}):
        row = only(OURS, sent(our_purchase(shared=True, **values)))
        assert not row.shared
        assert row.was_for_gift
        assert row.oddities == ("it was bought for a gift, which is not in what is imported",)
    row = only(OURS, sent(our_purchase(shared=True)))
    assert (row.shared, row.was_for_gift, row.secret_until) == (True, False, None)


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"gift_id": 3}, date(2026, 12, 24)),
        ({"gift_id": 4}, None),
        ({"secret_until": "2026-12-31"}, date(2026, 12, 31)),
        ({"gift_id": 3, "secret_until": "2026-12-31"}, date(2026, 12, 24)),
    ],
)
def test_a_surprise_is_one_until_the_day_of_its_gift(tmp_path, values, day):
    document = ours(our_purchase(**values))
    document["tables"]["occasions.Occasion"] = [{"id": 9, "date": "2026-12-24"}]
    document["tables"]["occasions.Gift"] = [{"id": 3, "occasion_id": 9}]
    row = only(OURS, lay_json(tmp_path / "x.json", document))
    assert (row.was_for_gift, row.secret_until) == (True, day)
    assert Row.from_json(row.as_json()) == row


def test_what_was_laid_aside_is_kept_for_the_next_reading(tmp_path):
    for format_, document in (
        (OURS, ours(our_purchase(retailer_id=5), Retailer=[shop(5, "Corner Shop")])),
        (
            SPENDS,
            spends(spends_purchase(retailer_id="5"), retailers=[{"id": "5", "name": "Corner"}]),
        ),
    ):
        source = lay_json(tmp_path / format_.key, document)
        source = replace(source, aside=tmp_path / f"{format_.key}.aside")
        first = said(format_, source)
        kept = source.aside.read_bytes()
        assert said(format_, source, currency="USD")[0].retailer == first[0].retailer != ""
        assert source.aside.read_bytes() == kept
        # Another document would be laid aside otherwise, but this one was.
        text = source.path.read_text().replace("Corner", "Bakery")
        source.path.write_text(text)
        assert said(format_, source) == first
        assert len(list(tmp_path.glob(f"{format_.key}*"))) == 2


def test_of_a_document_that_is_not_whole_nothing_is_kept(tmp_path):
    source = lay_json(tmp_path / "x.json", ours(top={"version": 3}))
    with pytest.raises(BadFile, match="newer Pursestrings"):
        said(OURS, replace(source, aside=tmp_path / "aside"))
    assert [place.name for place in tmp_path.iterdir()] == ["x.json"]


def test_a_file_of_several_people_says_whose_each_purchase_was(sent):
    users = [{"id": 1, "username": "ana"}, {"id": 2, "username": "ben"}]
    purchases = [our_purchase(1), our_purchase(2, owner_id=2), our_purchase(3, owner_id=None)]
    rows = said(OURS, sent(*purchases, User=users))
    assert [row.oddities for row in rows] == [
        (f"in the file it belongs to {whose}",) for whose in ("ana", "ben", "somebody who is gone")
    ]
    assert [row.owner for row in rows] == ["ana", "ben", ""]
    assert Row.from_json(rows[0].as_json()) == rows[0]
    alone = only(OURS, sent(our_purchase(), User=users))
    assert (alone.oddities, alone.owner) == ((), "ana")


@pytest.mark.parametrize(
    ("tables_", "oddity"),
    [
        ({}, "retailer: 5 is not in the file; it was left empty"),
        ({"Retailer": [shop(5, "")]}, "retailer: name: is blank; it was left empty"),
        (
            {"Retailer": [shop(5, "A"), shop(5, "B")]},
            "retailer: 5 stands twice, with different names; it was left empty",
        ),
        (
            {"Retailer": [shop(5, "x" * 121)]},
            "retailer: name: is longer than 120 characters; it was left empty",
        ),
    ],
)
def test_a_shop_that_cannot_be_told_is_left_empty_and_said(sent, tables_, oddity):
    row = only(OURS, sent(our_purchase(retailer_id=5), **tables_))
    assert (row.retailer, row.oddities) == ("", (oddity,))


def test_a_link_of_a_shop_that_is_none_is_left_out_and_said(sent):
    for link, why in (
        ("javascript:alert(1)", "“javascript:alert(1)” is no address on the web; it was left out"),
        ("x" * 2_001, "is longer than 2,000 characters; it was left out"),
    ):
        source = sent(our_purchase(retailer_id=5), Retailer=[shop(5, "A", link)])
        row = only(OURS, source)
        assert (row.retailer, row.retailer_link) == ("A", "")
        assert row.oddities == (f"retailer: link: {why}",)


def test_the_same_shop_twice_is_one_shop(sent):
    source = sent(our_purchase(retailer_id=5), Retailer=[shop(5, "A"), shop(5, "A")])
    assert (only(OURS, source).retailer, only(OURS, source).oddities) == ("A", ())


def test_a_tag_with_a_comma_is_several(sent):
    tags = [{"id": n, "purchase_id": 1, "tag_id": n} for n in (1, 2)]
    names = [{"id": 1, "name": "red, white"}, {"id": 2, "name": "white"}]
    assert only(OURS, sent(our_purchase(), Purchase_tags=tags, Tag=names)).tags == ("red", "white")


def test_a_tag_that_is_not_there_is_said(sent):
    tags = [{"id": 1, "purchase_id": 1, "tag_id": 9}, {"id": 2, "purchase_id": 1, "tag_id": None}]
    row = only(OURS, sent(our_purchase(), Purchase_tags=tags))
    assert row.tags == ()
    assert row.oddities == (
        "tag: 9 is not in the file; it was left empty",
        "tag 2: names no tag",
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"kind": "lifelong"}, "kind: “lifelong” is none of manufacturer, extended, parts"),
        ({"starts_on": None}, "starts on: is blank"),
        ({"ends_on": "2026-03-03"}, "ends on: 2026-03-03 is before 2026-03-04"),
        ({"ends_on": "31/02/2026"}, "ends on: “31/02/2026” is no day like 2026-12-31"),
        ({"voided": "yes"}, "voided: is neither true nor false"),
    ],
)
def test_a_warranty_that_cannot_be_is_left_out_and_said(sent, values, why):
    row = only(OURS, sent(our_purchase(), Warranty=[warranty(), warranty(2, **values)]))
    assert len(row.warranties) == 1
    (oddity,) = row.oddities
    assert oddity.startswith(f"warranty 2: {why}")
    assert oddity.endswith("it was left out")


def test_papers_come_with_the_archive(sent):
    members = {MEMBER: PAPER}
    row = only(OURS, sent(our_purchase(), Attachment=[paper(kind="manual")], members=members))
    assert row.files == (FileRow(member=MEMBER, sha256=SHA256, name="receipt.pdf", kind="manual"),)
    assert row.oddities == ()


def test_without_an_archive_papers_are_said_to_be_missing(sent):
    row = only(OURS, sent(our_purchase(), Attachment=[paper(1), paper(2)]))
    assert row.files == ()
    assert row.oddities == ("2 papers are not in this file; a ZIP export has them",)


@pytest.mark.parametrize(
    ("values", "members", "oddity"),
    [
        ({}, {}, "the paper “receipt.pdf” is not in the archive; it was left out"),
        (
            {},
            {MEMBER: b"other bytes"},
            "the paper “receipt.pdf” is not what it was: its SHA-256 is another; it was left out",
        ),
        (
            {"blob_id": "../../../settings.py"},
            {"settings.py": b"x"},
            "paper 1: file: “../../../settings.py” is no SHA-256; it was left out",
        ),
        (
            {"kind": "letter"},
            {MEMBER: PAPER},
            (
                "paper 1: kind: “letter” is none of receipt, manual, photo, warranty, other;"
                " it was left out"
            ),
        ),
    ],
)
def test_a_paper_that_cannot_be_had_is_left_out_and_said(sent, values, members, oddity):
    row = only(OURS, sent(our_purchase(), Attachment=[paper(**values)], members=members))
    assert (row.files, row.oddities) == ((), (oddity,))


def test_a_paper_is_called_by_no_path(sent):
    source = sent(
        our_purchase(), Attachment=[paper(name="../../etc/pass\u202ewd")], members={MEMBER: PAPER}
    )
    assert [file.name for file in only(OURS, source).files] == ["passwd"]


def test_a_paper_that_waited_for_a_form_is_none_of_a_purchase(sent):
    assert only(OURS, sent(our_purchase(), Attachment=[paper(purchase=None)])).oddities == ()


def test_what_belongs_to_no_purchase_is_said_at_the_end(sent):
    source = sent(
        our_purchase(),
        Warranty=[warranty(), warranty(2, 99), warranty(3, None), "x"],
        Purchase_tags=[{"id": 1, "purchase_id": 98, "tag_id": 1}],
    )
    row, *rest = said(OURS, source)
    assert len(row.warranties) == 1
    assert rest == [
        Remark(3, "Warranty 3: purchase: is blank"),
        Remark(4, "Warranty 4: is no JSON object"),
        Remark(1, "Tag of a purchase 1: purchase 98 is not in the file, so it belongs to nothing"),
        Remark(2, "Warranty 2: purchase 99 is not in the file, so it belongs to nothing"),
    ]


def test_more_than_a_purchase_can_have_is_refused(sent):
    source = sent(our_purchase(), Warranty=[warranty(number) for number in range(201)])
    assert remarks(OURS, source) == [(1, "more than 200 warranties belong to it")]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"id": None}, "id: is blank"),
        ({"id": True}, "id: is no id"),
        ({"uid": None}, "uid: is blank"),
        ({"uid": "x"}, "uid: “x” is no UUID"),
        ({"uid": "{00000000-0000-4000-8000-00000001}"}, "uid: “{000"),
        ({"name": " "}, None),
        ({"name": ""}, "name: is blank"),
        ({"name": "x" * 256}, "name: is longer than 255 characters"),
        ({"price": "0.000000"}, "price: 0.00 is not more than 0"),
        ({"price": "-5"}, "price: -5.00 is not more than 0"),
        ({"price": "1,234.56"}, "price: “1,234.56” is no amount like 12.50"),
        ({"price": "$5"}, "price: “$5” is no amount like 12.50"),
        ({"price": "1e3"}, "price: “1e3” is no amount like 12.50"),
        ({"price": "NaN"}, "price: “NaN” is no amount like 12.50"),
        ({"price": "19.999"}, "price: “19.999” cannot be read. Use at most 2 decimal places."),
        ({"price": "100000000"}, "price: 100000000 is more than 99,999,999.99"),
        ({"price": None}, "price: is blank"),
        ({"currency": "XXX"}, "currency: “XXX” is no currency"),
        ({"currency": ""}, "currency: is blank"),
        ({"exchange_rate": "0"}, "exchange rate: “0” is no exchange rate"),
        ({"exchange_rate": "1.00000000001"}, "exchange rate: “1.00000000001” is no exchange"),
        ({"quantity": 0}, "quantity: “0” is no whole number from 1 to 9,999"),
        ({"quantity": "1.5"}, "quantity: “1.5” is no whole number from 1 to 9,999"),
        ({"quantity": 10_000}, "quantity: “10000” is no whole number from 1 to 9,999"),
        ({"purchased_on": "2026-13-01"}, "bought on: “2026-13-01” is no day like"),
        ({"purchased_on": "2026-03-04T01:00:00+02:00"}, "bought on: “2026-03-04T01"),
        ({"purchased_on": "20260304"}, "bought on: “20260304” is no day"),
        ({"status": "lost"}, "status: “lost” is none of ordered, received, returned"),
        ({"retailer_id": [1]}, "retailer: is no id"),
        ({"tax_deductible": "no"}, "tax deductible: is neither true nor false"),
        ({"source": "x" * 51}, "source: is longer than 50 characters"),
    ],
)
def test_a_record_that_cannot_be_taken_says_why(sent, values, why):
    source = sent(our_purchase(1, **values), our_purchase(2))
    wrong, right = said(OURS, source, currency="USD")
    assert right.line == 2
    if why is not None:
        assert wrong.line == 1
        assert wrong.text.startswith(why)


def test_an_amount_is_exact_as_text_and_as_a_number(sent):
    for price, exact in (("0.07", "0.07"), ("99999999.99", "99999999.99"), (12, "12.00")):
        assert str(only(OURS, sent(our_purchase(price=price))).price) == exact
    row = only(OURS, sent(our_purchase(price="1200.000000", currency="JPY")))
    assert str(row.price) == "1200"


def test_the_same_id_twice_is_refused_the_second_time(sent):
    first, second = said(OURS, sent(our_purchase(1), our_purchase(1, name="Other")))
    assert first.name == "Kettle 1"
    assert second == Remark(2, "id: 1 stands above already")


@pytest.mark.parametrize(
    ("top", "why"),
    [
        ({"format": "other"}, "The file is no export of Pursestrings."),
        ({"format": None}, "The file is no export of Pursestrings."),
        (
            {"version": 3},
            (
                "The file is in version 3 of the format, made by a newer Pursestrings;"
                " here version 2 is understood."
            ),
        ),
        ({"version": None}, "The file does not say in which version of the format it is."),
        ({"version": True}, "The file does not say in which version of the format it is."),
        ({"version": "1"}, "The file does not say in which version of the format it is."),
        ({"version": 0}, "The file does not say in which version of the format it is."),
        ({"tables": {}}, "The file has no table of purchases."),
        ({"tables": []}, "The file has no table of purchases."),
        (
            {"counts": {"purchases.Purchase": 5}},
            "The file is not whole: it has 1 of 5 rows of purchases.Purchase.",
        ),
        (
            {"counts": {"people.User": 0}},
            "The file is not whole: it has 1 of 0 rows of people.User.",
        ),
    ],
)
def test_an_export_that_is_not_understood_is_refused_before_any_row(tmp_path, top, why):
    source = lay_json(tmp_path / "x.json", ours(our_purchase(), top=top))
    with pytest.raises(BadFile) as refused:
        next(OURS.read(source, Choices()))
    assert str(refused.value) == why


def test_the_order_of_an_export_does_not_matter(tmp_path):
    document = ours(our_purchase(retailer_id=5), Retailer=[shop(5, "A")])
    document["tables"] = dict(reversed(document["tables"].items()))
    source = lay_json(tmp_path / "x.json", dict(reversed(document.items())))
    assert only(OURS, source).retailer == "A"


def test_an_archive_without_the_document_is_refused(tmp_path):
    source = lay_zip(tmp_path / "x.zip", "{}")
    source.path.write_bytes(source.path.read_bytes().replace(b"data.json", b"else.json"))
    with pytest.raises(BadFile, match=r"The archive has no data\.json"):
        said(OURS, source)


def test_a_flipped_byte_in_the_document_is_found_before_any_row(tmp_path):
    source = lay_zip(tmp_path / "x.zip", ours(our_purchase()))
    content = bytearray(source.path.read_bytes())
    at = content.index(b"data.json") + 60
    content[at] ^= 16
    source.path.write_bytes(content)
    with pytest.raises(BadFile):
        next(OURS.read(source, Choices()))


def test_how_far_it_is_read_rises_to_a_hundred(sent):
    source = sent(*(our_purchase(number) for number in range(1, 8)))
    percents = [percent for percent, _ in OURS.read(source, Choices())]
    assert percents == sorted(percents)
    assert percents[-1] == 100


def test_reading_is_lazy_and_can_be_left(sent):
    reading = OURS.read(sent(*(our_purchase(number) for number in range(1, 8))), Choices())
    assert next(reading)[1].line == 1
    reading.close()


def large(path, count):
    numbers = range(1, count + 1)
    document = ours(
        *(our_purchase(n, retailer_id=n % 50) for n in numbers),
        Retailer=[shop(n, f"Shop {n}") for n in range(50)],
        Tag=[name(n, f"tag {n}") for n in range(50)],
        Purchase_tags=[{"id": n, "purchase_id": n, "tag_id": n % 50} for n in numbers[::3]],
        Warranty=[warranty(n, n) for n in numbers[::5]],
        Attachment=[paper(n, n) for n in numbers[::5]],
    )
    return lay_zip(path, document, {MEMBER: PAPER})


def test_ten_times_as_many_purchases_need_no_more_memory(tmp_path):
    few, many = large(tmp_path / "few", 1_000), large(tmp_path / "many", 10_000)
    (small, fewer), (big, more) = peak(OURS, few), peak(OURS, many)
    assert (fewer, more) == (1_000, 10_000)
    assert big <= 1.3 * small


def test_what_it_says_survives_being_kept_as_json(sent):
    row = only(OURS, sent(our_purchase(), Warranty=[warranty()]))
    assert Row.from_json(json.loads(json.dumps(row.as_json()))) == row
