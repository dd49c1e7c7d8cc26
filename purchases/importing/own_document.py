"""Our own JSON, alone or in our ZIP: every table of an export, of which purchases are read.

The line of a row is the place of its purchase among all of them, from 1. What an export says
beside purchases (budgets, occasions, gifts) is for `import_data`, not for this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from purchases import naming
from purchases.contents import safe_name
from purchases.importing.archives import is_sha256
from purchases.importing.choices import Choices
from purchases.importing.joining import belonging, lay, left_over, named
from purchases.importing.parcels import DOCUMENT, Parcel
from purchases.importing.records import (
    FOR_GIFT,
    PAPER_KINDS,
    STATUSES,
    WARRANTY_KINDS,
    BadRecord,
    Reading,
    key_of,
)
from purchases.importing.rows import BadFile, FileRow, Remark, Row, WarrantyRow
from purchases.importing.shelves import Laid, Shelf, kept
from purchases.importing.sources import Head, Shape, Source
from purchases.importing.streams import Outline, Path, Record, records

FORMAT, VERSION = "pursestrings", 2

_PURCHASES: Path = ("tables", "purchases.Purchase")
_WAITING = "purchases.Attachment"
#: What is laid aside: how people call one, and by which of its values it is found again.
_NAMES = {
    "people.User": ("User", "id"),
    "occasions.Occasion": ("Occasion", "id"),
    "occasions.Gift": ("Gift", "id"),
    "purchases.Retailer": ("Retailer", "id"),
    "purchases.Brand": ("Brand", "id"),
    "purchases.Tag": ("Tag", "id"),
}
_CHILDREN = {
    "purchases.Purchase_tags": ("Tag of a purchase", "purchase_id"),
    "purchases.Warranty": ("Warranty", "purchase_id"),
    "purchases.Attachment": ("Paper", "purchase_id"),
}
_ASIDE = _NAMES | _CHILDREN
_ABOUT = "about"


def recognises(head: Head) -> bool:
    """Tell our export by what stands at its beginning."""
    if head.shape is Shape.ZIP:
        return DOCUMENT in head.members and "manifest.json" in head.members
    return head.shape is Shape.JSON and {"format", "tables"} <= set(head.names)


def read(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    """Yield what each purchase of an export says, and a remark for each record that says nothing.

    A stored exchange rate is given only when `choices.currency` is the base currency of the file:
    it says what a purchase was worth in that currency and in no other. Raises BadFile.
    """
    with (
        Parcel(source) as parcel,
        kept(source.aside, lambda shelf: _lay_aside(parcel, shelf)) as shelf,
    ):
        about = shelf.of(_ABOUT, "")[0].said
        has_rates = about["base"] == choices.currency
        reader = _Reader(parcel, shelf, has_rates=has_rates, has_owners=about["has_owners"])
        with parcel.document() as stream:
            for record in records(stream, wanted={_PURCHASES}, outline=Outline()):
                yield record.place * 100 // about["total"], reader.take(record)
        for remark in left_over(shelf, _CHILDREN):
            yield 100, remark


def _lay_aside(parcel: Parcel, shelf: Shelf) -> None:
    """Go through all of the document and lay aside what purchases need. Raises BadFile."""
    outline = Outline()
    # Two are enough to know that there are several.
    owners: set[str] = set()
    wanted = {_PURCHASES, *(("tables", name) for name in _ASIDE)}
    with parcel.document() as stream:
        for record in records(stream, wanted=wanted, outline=outline):
            name = record.path[-1]
            if record.path == _PURCHASES:
                if len(owners) < 2:
                    owners.add(str(record.said.get("owner_id")))
            elif name != _WAITING or record.fault or record.said.get("purchase_id") is not None:
                # A paper without a purchase waits for a form that was never saved.
                called, by = _ASIDE[name]
                lay(record, shelf, by=by, called=called)
    _judge(outline)
    about = {
        "total": outline.counts[_PURCHASES],
        "base": outline.said.get(("base_currency",)),
        "has_owners": len(owners) > 1,
    }
    shelf.lay(_ABOUT, "", 0, about)


def _judge(outline: Outline) -> None:
    """Raise BadFile unless the document is an export that is understood, and whole."""
    if outline.said.get(("format",)) != FORMAT:
        raise BadFile("The file is no export of Pursestrings.")
    version = outline.said.get(("version",))
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise BadFile("The file does not say in which version of the format it is.")
    if version > VERSION:
        raise BadFile(
            f"The file is in version {version} of the format, made by a newer Pursestrings;"
            f" here version {VERSION} is understood."
        )
    if _PURCHASES not in outline.counts:
        raise BadFile("The file has no table of purchases.")
    for path, count in outline.counts.items():
        said = outline.said.get(("counts", path[-1]))
        if path[0] == "tables" and said is not None and said != count:
            raise BadFile(f"The file is not whole: it has {count} of {said} rows of {path[-1]}.")


@dataclass(frozen=True, slots=True)
class _Reader:
    """The reading of purchases, with what belongs to them on the shelf."""

    parcel: Parcel
    shelf: Shelf
    has_rates: bool
    has_owners: bool

    def take(self, record: Record) -> Row | Remark:
        if record.fault:
            return Remark(record.place, record.fault)
        try:
            return self._row(Reading(record.place, record.said, exact=True))
        except BadRecord as problem:
            return Remark(record.place, str(problem))

    def _row(self, reading: Reading) -> Row:
        key = self._key(reading)
        currency = reading.currency("currency")
        retailer, retailer_link = self._named(reading, "retailer_id", "purchases.Retailer")
        brand, brand_link = self._named(reading, "brand_id", "purchases.Brand")
        owner = self._owner(reading)
        if self.has_owners:
            whose = owner[:80] or "somebody who is gone"
            reading.odd(f"in the file it belongs to {whose}")
        was_for_gift = _was_for_gift(reading)
        return Row(
            line=reading.place,
            source=reading.text("source", 50),
            source_id=reading.text("source_id", 200),
            uid=_uid(reading),
            name=reading.needed("name", 255),
            price=_price(reading, currency),
            currency=currency,
            exchange_rate=reading.rate("exchange_rate") if self.has_rates else None,
            quantity=reading.quantity("quantity"),
            retailer=retailer,
            retailer_link=retailer_link,
            brand=brand,
            brand_link=brand_link,
            tags=tuple(naming.tags(*self._tags(reading, key))),
            purchased_on=reading.needed_day("purchased_on"),
            status=reading.choice("status", STATUSES),
            order_number=reading.text("order_number", 100),
            model_number=reading.text("model_number", 100),
            serial_number=reading.text("serial_number", 100),
            link=reading.text("link", 2_000),
            return_by=reading.day("return_by"),
            return_policy=reading.text("return_policy", 500),
            tax_deductible=reading.flag("tax_deductible"),
            notes=reading.text("notes", 2_000),
            owner=owner,
            shared=reading.flag("shared") and not was_for_gift,
            was_for_gift=was_for_gift,
            secret_until=self._secret_until(reading),
            warranties=tuple(self._warranties(reading, key)),
            files=self.parcel.sift(self._papers(reading, key), reading.oddities),
            left_out=_left_out(reading),
            oddities=tuple(reading.oddities),
        )

    def _key(self, reading: Reading) -> str:
        """Return by what others know the purchase; each is met once."""
        try:
            key = key_of(reading.said.get("id"))
        except BadRecord as problem:
            raise BadRecord(f"id: {problem}") from None
        if not self.shelf.meet(key):
            raise BadRecord(f"id: {key[:40]} stands above already")
        return key

    def _named(self, reading: Reading, name: str, among: str) -> tuple[str, str]:
        return named(reading, name, among=among, shelf=self.shelf, link="link")

    def _owner(self, reading: Reading) -> str:
        """Return the user name of whose purchase it is; "" when the file does not say."""
        found = self._with_id("people.User", reading.said.get("owner_id"))
        return Reading(found[0].place, found[0].said).text("username", 150) if found else ""

    def _secret_until(self, reading: Reading) -> date | None:
        """Return the day until which it is a surprise: its own, else that of its gift."""
        gifts = self._with_id("occasions.Gift", reading.said.get("gift_id"))
        for gift in gifts:
            for occasion in self._with_id("occasions.Occasion", gift.said.get("occasion_id")):
                return Reading(occasion.place, occasion.said).day("date")
        return reading.day("secret_until")

    def _with_id(self, kind: str, key: object) -> list[Laid]:
        return [] if key is None else belonging(self.shelf, kind, str(key))

    def _tags(self, reading: Reading, key: str) -> Iterator[str]:
        for one in belonging(self.shelf, "purchases.Purchase_tags", key):
            link = Reading(one.place, one.said)
            name, _ = named(link, "tag_id", among="purchases.Tag", shelf=self.shelf, link="")
            if name:
                yield name
            else:
                reading.oddities += link.oddities or [f"tag {one.place}: names no tag"]

    def _warranties(self, reading: Reading, key: str) -> Iterator[WarrantyRow]:
        for one in belonging(self.shelf, "purchases.Warranty", key):
            try:
                yield _warranty(Reading(one.place, one.said, exact=True))
            except BadRecord as problem:
                reading.odd(f"warranty {one.place}: {problem}; it was left out")

    def _papers(self, reading: Reading, key: str) -> list[FileRow]:
        papers = []
        for one in belonging(self.shelf, "purchases.Attachment", key):
            try:
                papers.append(_paper(one))
            except BadRecord as problem:
                reading.odd(f"paper {one.place}: {problem}; it was left out")
        return papers


def _uid(reading: Reading) -> str:
    text = reading.needed("uid", 36)
    try:
        uid = str(UUID(text))
    except ValueError:
        uid = ""
    if uid != text.lower():
        raise BadRecord(f"uid: “{text}” is no UUID")
    return uid


def _price(reading: Reading, currency: str) -> Decimal:
    price = reading.amount("price", currency)
    if price <= 0:
        raise BadRecord(f"price: {price} is not more than 0")
    return price


def _was_for_gift(reading: Reading) -> bool:
    """Return whether it was bought for a gift, which stays behind."""
    was_for_gift = any(reading.said.get(name) is not None for name in ("gift_id", "secret_until"))
    if was_for_gift:
        reading.odd(FOR_GIFT)
    return was_for_gift


def _left_out(reading: Reading) -> str:
    in_trash = reading.said.get("deleted_at") is not None
    return "was in the trash when the file was made" if in_trash else ""


def _warranty(reading: Reading) -> WarrantyRow:
    starts_on = reading.needed_day("starts_on")
    return WarrantyRow(
        kind=reading.choice("kind", WARRANTY_KINDS),
        starts_on=starts_on,
        ends_on=reading.last_day("ends_on", starts_on),
        provider=reading.text("provider", 200),
        notes=reading.text("notes", 2_000),
        voided=reading.flag("voided"),
    )


def _paper(one: Laid) -> FileRow:
    reading = Reading(one.place, one.said, exact=True)
    sha256 = reading.needed("blob_id", 64)
    if not is_sha256(sha256):
        raise BadRecord(f"file: “{sha256}” is no SHA-256")
    return FileRow(
        member=f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}",
        sha256=sha256,
        name=safe_name(reading.needed("name", 255)),
        kind=reading.choice("kind", PAPER_KINDS),
    )
