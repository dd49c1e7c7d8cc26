"""What spends-tracker writes: JSON with five lists, alone or in a ZIP with the uploads.

The line of a row is the place of its purchase in its list, from 1. The lists point at each other
by UUIDs and promise nothing: what is not there, or cannot be, is told and left empty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath

from purchases import naming
from purchases.contents import safe_name
from purchases.importing.archives import is_sha256
from purchases.importing.choices import Choices
from purchases.importing.joining import LONGEST_NAME, belonging, lay, left_over, named
from purchases.importing.parcels import DOCUMENT, Parcel
from purchases.importing.records import PAPER_KINDS, WARRANTY_KINDS, BadRecord, Reading
from purchases.importing.rows import BadFile, FileRow, Remark, Row, WarrantyRow
from purchases.importing.shelves import Shelf, kept
from purchases.importing.sources import Head, Shape, Source
from purchases.importing.streams import Outline, Path, Record, records

SOURCE = "spends-tracker"

_PURCHASES: Path = ("purchases",)
_NAMES = {"retailers": ("Retailer", "id"), "brands": ("Brand", "id")}
_CHILDREN = {"warranties": ("Warranty", "purchase_id"), "files": ("File", "purchase_id")}
_ASIDE = _NAMES | _CHILDREN
_MEMBERS, _ABOUT = "members", "about"
_STANDINGS = ("active", "expired", "voided")
_UPLOAD = re.compile(r"uploads/[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64})(\.\w{1,20})?", re.ASCII)
_LONGEST_NOTES = 2_000


def recognises(head: Head) -> bool:
    """Tell such a file by its lists."""
    if head.shape is Shape.ZIP:
        return DOCUMENT in head.members and "manifest.json" not in head.members
    names = set(head.names)
    return head.shape is Shape.JSON and "purchases" in names and "format" not in names


def read(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    """Yield what each purchase says, and a remark for each record that says nothing.

    `choices.currency` is that of purchases which name none. Raises BadFile.
    """
    with (
        Parcel(source) as parcel,
        kept(source.aside, lambda shelf: _lay_aside(parcel, shelf)) as shelf,
    ):
        total = shelf.of(_ABOUT, "")[0].said["total"]
        reader = _Reader(parcel, shelf, choices.currency)
        with parcel.document() as stream:
            for record in records(stream, wanted={_PURCHASES}, outline=Outline()):
                yield record.place * 100 // total, reader.take(record)
        for remark in left_over(shelf, _CHILDREN):
            yield 100, remark


def _lay_aside(parcel: Parcel, shelf: Shelf) -> None:
    """Go through all of the document and lay aside what purchases need. Raises BadFile."""
    outline = Outline()
    with parcel.document() as stream:
        for record in records(stream, wanted={(name,) for name in _ASIDE}, outline=outline):
            called, by = _ASIDE[record.path[-1]]
            lay(record, shelf, by=by, called=called)
    _judge(outline)
    _lay_members(parcel, shelf)
    shelf.lay(_ABOUT, "", 0, {"total": outline.counts[_PURCHASES]})


def _judge(outline: Outline) -> None:
    if ("format",) in outline.said:
        raise BadFile("The file is no export of spends-tracker, which names no format.")
    if _PURCHASES not in outline.counts:
        raise BadFile("The file has no list of purchases.")


def _lay_members(parcel: Parcel, shelf: Shelf) -> None:
    """Lay the uploads aside by the hashes that are their names."""
    for place, name in enumerate(parcel.archive.names if parcel.archive else (), start=1):
        if (upload := _UPLOAD.fullmatch(name)) and _lies_right(name, upload[1]):
            shelf.lay(_MEMBERS, upload[1], place, {"name": name})


def _lies_right(name: str, sha256: str) -> bool:
    return name.startswith(f"uploads/{sha256[:2]}/{sha256[2:4]}/{sha256}")


@dataclass(frozen=True, slots=True)
class _Reader:
    """The reading of purchases, with what belongs to them on the shelf."""

    parcel: Parcel
    shelf: Shelf
    usual_currency: str

    def take(self, record: Record) -> Row | Remark:
        if record.fault:
            return Remark(record.place, record.fault)
        try:
            return self._row(Reading(record.place, record.said))
        except BadRecord as problem:
            return Remark(record.place, str(problem))

    def _row(self, reading: Reading) -> Row:
        key = reading.needed("id", 200)
        if not self.shelf.meet(key):
            raise BadRecord(f"id: {key[:40]} stands above already")
        currency = reading.currency("currency_code", self.usual_currency)
        price = reading.amount("price", currency)
        bought = reading.needed_day("purchase_date")
        retailer, retailer_link = self._named(reading, "retailer_id", "retailers")
        brand, brand_link = self._named(reading, "brand_id", "brands")
        return Row(
            line=reading.place,
            source=SOURCE,
            source_id=key,
            name=_name(reading),
            price=price,
            currency=currency,
            quantity=_quantity(reading, price),
            retailer=retailer,
            retailer_link=retailer_link,
            brand=brand,
            brand_link=brand_link,
            tags=tuple(_tags(reading)),
            purchased_on=bought,
            order_number=reading.text("retailer_order_number", 100),
            model_number=reading.text("model_number", 100),
            serial_number=reading.text("serial_number", 100),
            link=reading.link("link"),
            return_by=_return_by(reading, bought),
            return_policy=reading.shortened("return_policy", 500),
            tax_deductible=reading.flag("tax_deductible"),
            notes=reading.shortened("notes", _LONGEST_NOTES),
            warranties=tuple(self._warranties(reading, key, bought)),
            files=self.parcel.sift(self._papers(reading, key), reading.oddities),
            left_out=_left_out(price),
            oddities=tuple(reading.oddities),
        )

    def _named(self, reading: Reading, name: str, among: str) -> tuple[str, str]:
        return named(reading, name, among=among, shelf=self.shelf, link="url")

    def _warranties(self, reading: Reading, key: str, bought: date) -> Iterator[WarrantyRow]:
        for one in belonging(self.shelf, "warranties", key):
            of = Reading(one.place, one.said)
            try:
                yield _warranty(of, bought)
            except BadRecord as problem:
                of.odd(f"{problem}; it was left out")
            reading.oddities += (f"warranty {one.place}: {oddity}" for oddity in of.oddities)

    def _papers(self, reading: Reading, key: str) -> list[FileRow]:
        papers = []
        for one in belonging(self.shelf, "files", key):
            of = Reading(one.place, one.said)
            try:
                papers.append(self._paper(of))
            except BadRecord as problem:
                of.odd(f"{problem}; it was left out")
            reading.oddities += (f"file {one.place}: {oddity}" for oddity in of.oddities)
        return papers

    def _paper(self, of: Reading) -> FileRow:
        sha256 = _sha256(of)
        found = belonging(self.shelf, _MEMBERS, sha256)
        return FileRow(
            member=found[0].said["name"] if found else "",
            sha256=sha256,
            name=safe_name(of.text("filename", 255) or sha256),
            kind=_word(of, "file_type", PAPER_KINDS),
        )


def _name(reading: Reading) -> str:
    reading.needed("product_name", 100_000)
    return reading.shortened("product_name", 255)


def _quantity(reading: Reading, price: Decimal) -> int:
    quantity = reading.quantity("quantity")
    if quantity > 1:
        reading.odd(f"price: {price} is taken as that of all {quantity} together")
    return quantity


def _left_out(price: Decimal) -> str:
    if price < 0:
        return f"price: {price} is money that came back, not a purchase"
    return "" if price else "price: is zero, so nothing was paid"


def _tags(reading: Reading) -> Iterator[str]:
    for tag in naming.tags(reading.text("tags", 10_000)):
        if len(tag) > LONGEST_NAME:
            reading.odd(f"tags: “{tag[:40]}…” is longer than {LONGEST_NAME}; it was left out")
        else:
            yield tag


def _return_by(reading: Reading, bought: date) -> date | None:
    try:
        return reading.last_day("return_deadline", bought)
    except BadRecord as problem:
        reading.odd(f"{problem}; it was left out")
        return None


def _warranty(of: Reading, bought: date) -> WarrantyRow:
    standing = of.choice("status", _STANDINGS) if of.text("status", 100) else "active"
    starts_on = of.day("warranty_start")
    if starts_on is None:
        starts_on = bought
        of.odd(f"warranty start: is blank, taken as {bought}, the day it was bought")
    ends_on = of.last_day("warranty_end", starts_on)
    if ends_on is None and standing == "expired":
        raise BadRecord("warranty end: is blank, and it has expired")
    if ends_on is None:
        of.odd("warranty end: is blank, taken as for life")
    return WarrantyRow(
        kind=_word(of, "warranty_type", WARRANTY_KINDS),
        starts_on=starts_on,
        ends_on=ends_on,
        provider=of.shortened("provider", 200),
        notes=of.shortened("notes", _LONGEST_NOTES),
        voided=standing == "voided",
    )


def _word(of: Reading, name: str, allowed: tuple[str, ...]) -> str:
    """Return a word of ours; one that we do not have is odd and becomes “other”."""
    if not of.text(name, 100):
        return "other"
    try:
        return of.choice(name, allowed)
    except BadRecord as problem:
        of.odd(f"{problem}, taken as other")
        return "other"


def _sha256(of: Reading) -> str:
    """Return the hash of a file; what its row says of where it lies must agree."""
    stored, sha256 = of.text("stored_filename", 1_000), of.text("file_hash", 100).lower()
    stem = PurePosixPath(stored).stem
    if not is_sha256(sha256 or stem):
        raise BadRecord(f"file hash: “{(sha256 or stored)[:80]}” is no SHA-256")
    sha256 = sha256 or stem
    folders = f"{sha256[:2]}/{sha256[2:4]}/"
    places = {"", folders, f"uploads/{folders}"}
    if stored and (stem != sha256 or stored[: stored.rfind("/") + 1] not in places):
        raise BadRecord(f"stored filename: “{stored[:80]}” is not where a file of its hash lies")
    return sha256
