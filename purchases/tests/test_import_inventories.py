"""Homebox and Warracker: things with a price are purchases, and their warranties come along."""

from datetime import date
from decimal import Decimal

import pytest

from purchases.importing.cells import NO_DAY
from purchases.importing.choices import Choices
from purchases.importing.formats import recognise
from purchases.importing.rows import BadFile, Remark, WarrantyRow
from purchases.tests import tables

HOMEBOX = {
    "HB.import_ref": "",
    "HB.location": "Attic",
    "HB.tags": "Tools; Garden",
    "HB.asset_id": "000-001",
    "HB.url": "/item/1",
    "HB.name": "Drill",
    "HB.quantity": "1",
    "HB.description": "Cordless",
    "HB.notes": "",
    "HB.purchase_price": "129.99",
    "HB.purchase_from": "Hardware Shop",
    "HB.purchase_date": "2023-02-01",
    "HB.manufacturer": "Acme",
    "HB.model_number": "M-1",
    "HB.serial_number": "S-1",
    "HB.lifetime_warranty": "false",
    "HB.warranty_expires": "2026-02-01",
    "HB.warranty_details": "Keep the box",
    "HB.field.Voltage": "18 V",
}
WARRACKER = {
    "ProductName": "Drill",
    "PurchaseDate": "2023-02-01",
    "IsLifetime": "false",
    "WarrantyDurationYears": "3",
    "WarrantyDurationMonths": "0",
    "WarrantyDurationDays": "0",
    "ExpirationDate": "2026-02-01",
    "Status": "Active",
    "PurchasePrice": "129.99",
    "SerialNumber": "S-1",
    "ProductURL": "https://example.com/drill",
    "Tags": "tools, garden",
    "Vendor": "Hardware Shop",
}
BOUGHT, ENDS = date(2023, 2, 1), date(2026, 2, 1)


def read(usual, *rows, **choices):
    return tables.read(tables.table_of(usual, *rows), **{"currency": "EUR", **choices})


def warranties(usual, cells):
    return read(usual, cells).only.warranties


@pytest.mark.parametrize(
    ("usual", "key", "day"),
    [(HOMEBOX, "homebox", "HB.purchase_date"), (WARRACKER, "warracker", "PurchaseDate")],
)
def test_an_inventory_is_recognised_and_asks_what_it_does_not_say(tmp_path, usual, key, day):
    head = tables.laid(tmp_path, tables.table_of(usual, {})).head
    known = recognise(head)
    assert (known.key, known.asks(head, Choices())) == (key, ("currency",))
    assert known.asks(head, Choices(currency="EUR")) == ()
    other = tables.laid(tmp_path, tables.table_of(usual, {day: "02/01/2023"})).head
    assert known.asks(other, Choices()) == ("days", "currency")
    with pytest.raises(BadFile, match="Choose first: the currency"):
        tables.read(tables.table_of(usual, {}))


def test_a_thing_of_homebox_is_a_purchase():
    row = read(HOMEBOX, {}).only
    assert (row.name, row.price, row.currency, row.quantity) == (
        "Drill",
        Decimal("129.99"),
        "EUR",
        1,
    )
    assert (row.retailer, row.brand, row.tags) == ("Hardware Shop", "Acme", ("Tools", "Garden"))
    assert (row.model_number, row.serial_number, row.purchased_on) == ("M-1", "S-1", BOUGHT)
    assert row.notes == "Cordless\nKept in Attic\nVoltage: 18 V"
    assert row.warranties == (WarrantyRow(starts_on=BOUGHT, ends_on=ENDS, notes="Keep the box"),)
    assert (row.source, row.source_id, row.oddities) == ("homebox", "asset/000-001", ())


def test_a_tag_of_homebox_with_a_comma_is_several():
    assert read(HOMEBOX, {"HB.tags": "red, white;Red;blue"}).only.tags == ("red", "white", "blue")


def test_earlier_exports_of_homebox_name_columns_otherwise():
    text = tables.table_of(HOMEBOX, {})
    text = text.replace("HB.tags", "HB.labels").replace("HB.purchase_date", "HB.purchase_time")
    row = tables.read(text, currency="EUR").only
    assert (row.tags, row.purchased_on) == (("Tools", "Garden"), BOUGHT)


def test_days_are_read_in_the_chosen_order():
    cells = {"HB.purchase_date": "02/01/2023", "HB.warranty_expires": ""}
    assert read(HOMEBOX, cells, days="mdy").only.purchased_on == BOUGHT
    assert read(HOMEBOX, cells, days="dmy").only.purchased_on == date(2023, 1, 2)


def test_the_price_of_several_is_taken_as_that_of_all_and_told():
    row = read(HOMEBOX, {"HB.quantity": "3"}).only
    assert (row.price, row.quantity) == (Decimal("129.99"), 3)
    assert row.oddities == ("HB.purchase_price: 129.99 is taken as that of all 3 together",)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"HB.purchase_price": ""}, "has no price, so nothing says what was paid"),
        ({"HB.purchase_price": "0"}, "HB.purchase_price: is zero, so nothing was paid"),
        ({"HB.url": "/location/1"}, "is a place and not a thing"),
    ],
)
def test_what_was_not_bought_is_left_out_even_without_a_day(cells, reason):
    assert read(HOMEBOX, cells).only.left_out == reason
    dayless = {**cells, "HB.purchase_date": "", "HB.warranty_expires": ""}
    row = read(HOMEBOX, dayless, days="ymd").only
    assert (row.left_out, row.purchased_on) == (reason, NO_DAY)


def test_what_was_bought_has_a_day():
    assert read(HOMEBOX, {"HB.purchase_date": ""}, days="ymd").refused == [
        Remark(2, "HB.purchase_date: is blank")
    ]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"HB.import_ref": "r-1"}, "ref/r-1"),
        ({"HB.import_ref": "", "HB.asset_id": "000-002"}, "asset/000-002"),
    ],
)
def test_a_thing_is_known_by_what_homebox_calls_it(cells, name):
    assert read(HOMEBOX, cells).only.source_id == name


def test_a_thing_without_a_number_is_known_by_what_it_says():
    nameless = {"HB.asset_id": "000-000"}
    ids = [row.source_id for row in read(HOMEBOX, nameless, nameless).rows]
    assert ids == [row.source_id for row in read(HOMEBOX, nameless, nameless).rows]
    assert ids[0].removesuffix("/1") == ids[1].removesuffix("/2")
    assert len(ids[0]) < 100


def test_a_warranty_for_life_has_no_end():
    for usual, lifetime in ((HOMEBOX, "HB.lifetime_warranty"), (WARRACKER, "IsLifetime")):
        (warranty,) = warranties(usual, {lifetime: "true"})
        assert (warranty.starts_on, warranty.ends_on) == (BOUGHT, None)


def test_without_an_end_there_is_no_warranty():
    assert warranties(HOMEBOX, {"HB.warranty_expires": ""}) == ()


def test_a_warranty_that_ends_before_it_begins_is_left_out_and_told():
    row = read(HOMEBOX, {"HB.warranty_expires": "2022-01-01"}).only
    assert row.warranties == ()
    assert row.oddities == (
        "HB.warranty_expires: 2022-01-01 is before 2023-02-01; the warranty was left out",
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"HB.lifetime_warranty": "maybe"}, "HB.lifetime_warranty: “maybe” is neither yes nor no"),
        ({"HB.warranty_expires": "soon"}, "HB.warranty_expires: “soon” is no day like 2026-12-31"),
        ({"HB.name": ""}, "HB.name: is blank"),
        ({"HB.quantity": "1.5"}, "HB.quantity: “1.5” is not a whole number"),
    ],
)
def test_a_thing_that_cannot_be_read_says_why(cells, reason):
    assert read(HOMEBOX, cells).refused == [Remark(2, reason)]


def test_a_thing_of_warracker_is_a_purchase():
    row = read(WARRACKER, {}).only
    assert (row.name, row.price, row.retailer) == ("Drill", Decimal("129.99"), "Hardware Shop")
    assert (row.tags, row.link) == (("tools", "garden"), "https://example.com/drill")
    assert (row.serial_number, row.notes, row.source) == ("S-1", "", "warracker")
    assert row.warranties == (WarrantyRow(starts_on=BOUGHT, ends_on=ENDS),)


@pytest.mark.parametrize(
    ("years", "months", "days", "ends_on"),
    [
        ("1", "", "", date(2024, 1, 31)),
        ("", "6", "", date(2023, 7, 31)),
        ("1", "1", "10", date(2024, 3, 10)),
    ],
)
def test_without_a_last_day_the_duration_gives_it(years, months, days, ends_on):
    (warranty,) = warranties(
        WARRACKER,
        {
            "ExpirationDate": "",
            "WarrantyDurationYears": years,
            "WarrantyDurationMonths": months,
            "WarrantyDurationDays": days,
        },
    )
    assert warranty.ends_on == ends_on


def test_a_duration_that_leads_nowhere_gives_no_warranty_or_is_refused():
    blank = {"ExpirationDate": "", "WarrantyDurationYears": ""}
    assert warranties(WARRACKER, blank) == ()
    endless = {**blank, "WarrantyDurationYears": "9999", "WarrantyDurationDays": "1"}
    assert read(WARRACKER, endless).refused == [
        Remark(2, "WarrantyDurationYears: is too long a warranty")
    ]


def test_several_serial_numbers_stand_in_the_notes():
    row = read(WARRACKER, {"SerialNumber": "S-1, S-2"}).only
    assert (row.serial_number, row.notes) == ("", "Serial numbers: S-1, S-2")


def test_what_is_no_address_is_left_out_and_told():
    row = read(WARRACKER, {"ProductURL": "javascript:alert(1)"}).only
    assert row.link == ""
    assert row.oddities == (
        "ProductURL: “javascript:alert(1)” is no address on the web; it was left out",
    )


def test_a_thing_of_warracker_without_a_price_is_left_out():
    row = read(WARRACKER, {"PurchasePrice": ""}).only
    assert row.left_out == "has no price, so nothing says what was paid"


def test_the_same_file_again_names_the_things_the_same():
    first, again = read(WARRACKER, {}, {}), read(WARRACKER, {}, {})
    assert [row.source_id for row in first.rows] == [row.source_id for row in again.rows]
    assert len({row.source_id for row in first.rows}) == 2
