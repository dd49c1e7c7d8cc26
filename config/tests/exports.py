"""Exports for tests: a small installation with a row in every table, and what is done with it."""

import hashlib
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from django.core.files.storage import default_storage

from budgets.models import Budget, Change, Cycle, DailyTotal, Entry, Hold, Reset
from config.exporting.archives import archive
from config.exporting.documents import document
from config.exporting.scopes import Everything, Scope
from config.portable.tables import set_sequences, tables
from occasions.models import Gift, Occasion, PersonOccasion
from people.models import Person, User
from purchases.files import place_of
from purchases.models import (
    Attachment,
    Blob,
    Brand,
    ImportPreset,
    Preferences,
    Purchase,
    PurchaseEntry,
    Retailer,
    Tag,
    Warranty,
)

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
#: The bytes of the one paper.
PAPER = b"%PDF-1.4 a receipt"
PHOTO = b"RIFF a photo"


def json_of(scope: Scope | None = None, *, now: datetime = NOW) -> str:
    return "".join(document(scope or Everything(), now=now))


def zip_of(scope: Scope | None = None, *, now: datetime = NOW) -> bytes:
    return b"".join(archive(scope or Everything(), now=now))


def rows_of(text: str, table: str) -> list[dict[str, Any]]:
    """Return the rows that a document has of a table."""
    return json.loads(text)["tables"][table]


def manifest_of(packed: bytes) -> dict[str, Any]:
    with ZipFile(io.BytesIO(packed)) as opened:
        return json.loads(opened.read("manifest.json"))


def without_moment(text: str) -> str:
    """Return a document without the moment at which it was made."""
    said = json.loads(text)["made_at"]
    return text.replace(f'"made_at":"{said}"', "", 1)


def erase() -> None:
    """Delete every row but what migrations write; call in a transaction."""
    for table in tables(without=["contenttypes.ContentType", "auth.Permission"]):
        table.model._base_manager.all()._raw_delete("default")


def lay_down(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def small() -> None:
    """Write down a row or two of everything, always with the same keys; the ledger agrees."""
    ann, ben = User.objects.bulk_create(
        [
            User(pk=1, username="ann", first_name="Ann", is_staff=True, is_superuser=True),
            User(pk=2, username="ben", timezone="Europe/Berlin", email="ben@example.org"),
        ]
    )
    User.objects.update(password="hash", date_joined=NOW, last_login=None)
    person = Person(pk=1, user=ann, name="Ann", birthday=date(1990, 2, 28))
    other = Person(pk=2, name="Bén \N{SNOWMAN}", interests="a\nb\t“c”", photo="people/ben.webp")
    Person.objects.bulk_create([person, other])
    _occasions(person, other)
    _ledger(ann)
    _purchases(ann, ben)
    lay_down(Path(default_storage.path("people/ben.webp")), PHOTO)
    set_sequences(tables())


def _occasions(person: Person, other: Person) -> None:
    last = Occasion(pk=1, name="Christmas", kind="holiday", date=date(2025, 12, 25))
    this = Occasion(
        pk=2,
        name="Christmas",
        kind="holiday",
        date=date(2026, 12, 25),
        repeats_yearly=True,
        budget_total=Decimal(300),
        previous=last,
    )
    Occasion.objects.bulk_create([last, this])
    PersonOccasion.objects.bulk_create(
        [
            PersonOccasion(pk=1, person=person, occasion=this, purchaser_budget=Decimal("99.90")),
            PersonOccasion(pk=2, person=other, occasion=this, recipient_budget=Decimal(0)),
        ]
    )
    gift = Gift(
        pk=1,
        occasion=this,
        purchaser=person,
        title="Scarf",
        price=Decimal("49.90"),
        paid_total=Decimal("12.34"),
        status="purchased",
        bought_on=date(2026, 7, 10),
    )
    Gift.objects.bulk_create([gift])
    Gift.recipients.through.objects.bulk_create(
        [Gift.recipients.through(pk=1, gift=gift, person=other)]
    )


def _ledger(ann: User) -> None:
    budget = Budget(
        pk=1, user=ann, member_name="ann", limit=Decimal(100), enforced=False, created_at=NOW
    )
    Budget.objects.bulk_create([budget])
    first, second = NOW - timedelta(days=30), NOW - timedelta(days=14)
    closed = Cycle(
        pk=1,
        budget=budget,
        starts_at=first,
        ends_at=second,
        closed_at=second,
        limit=Decimal(90),
        enforced=True,
    )
    cycle = Cycle(
        pk=2,
        budget=budget,
        starts_at=second,
        ends_at=second + timedelta(days=31),
        limit=Decimal(100),
        enforced=False,
        spent=Decimal("12.340001"),
        held=Decimal(5),
    )
    Cycle.objects.bulk_create([closed, cycle])
    about = {"budget": budget, "cycle": cycle, "day": date(2026, 7, 10), "occurred_at": NOW}
    Entry.objects.bulk_create(
        [
            Entry(
                pk=1,
                kind="purchase",
                amount=Decimal("12.34"),
                recorded_at=NOW,
                memo="A surprise, until Dec 25, 2026",
                **about,
            ),
            Entry(
                pk=2,
                kind="usage",
                amount=Decimal("0.000002"),
                recorded_at=NOW,
                provider="acme",
                model="m1",
                input_tokens=5,
                source="file",
                source_event_id="e1",
                **about,
            ),
            Entry(
                pk=3,
                kind="adjustment",
                amount=Decimal("-0.000001"),
                recorded_at=NOW,
                provider="acme",
                model="m1",
                reverses_id=2,
                **about,
            ),
        ]
    )
    totals = {"budget": budget, "cycle": cycle, "day": date(2026, 7, 10), "count": 1}
    DailyTotal.objects.bulk_create(
        [
            DailyTotal(pk=1, kind="purchase", amount=Decimal("12.34"), **totals),
            DailyTotal(
                pk=2,
                kind="usage",
                amount=Decimal("0.000002"),
                provider="acme",
                model="m1",
                input_tokens=5,
                **totals,
            ),
            DailyTotal(
                pk=3,
                kind="adjustment",
                amount=Decimal("-0.000001"),
                provider="acme",
                model="m1",
                **totals,
            ),
        ]
    )
    Hold.objects.bulk_create(
        [
            Hold(
                pk=1,
                budget=budget,
                cycle=cycle,
                amount=Decimal(5),
                created_at=NOW,
                expires_at=NOW + timedelta(hours=1),
            )
        ]
    )
    zero = Decimal(0)
    Reset.objects.bulk_create(
        [
            Reset(
                pk=1,
                budget=budget,
                closed_cycle=closed,
                kind="automatic",
                limit_before=Decimal(90),
                limit_after=Decimal(100),
                spent_before=zero,
                old_starts_at=first,
                old_ends_at=second,
                new_starts_at=second,
                new_ends_at=second + timedelta(days=31),
                created_at=second,
            )
        ]
    )
    Change.objects.bulk_create(
        [
            Change(
                pk=1,
                budget=budget,
                setting="limit",
                old="90",
                new="100",
                actor=ann,
                actor_name="ann",
                origin="admin",
                changed_at=second,
            )
        ]
    )


def _purchases(ann: User, ben: User) -> None:
    shop = Retailer(pk=1, name="Shop", key="shop", link="https://shop.example/", listed=True)
    Retailer.objects.bulk_create([shop])
    brand = Brand(pk=1, name="Acme", key="acme")
    Brand.objects.bulk_create([brand])
    tag = Tag(pk=1, name="red wine", key="red wine")
    Tag.objects.bulk_create([tag])
    blob = Blob(
        sha256=hashlib.sha256(PAPER).hexdigest(), size=len(PAPER), content_type="application/pdf"
    )
    Blob.objects.bulk_create([blob])
    lay_down(place_of(blob.path), PAPER)
    scarf = Purchase(
        pk=1,
        owner=ann,
        name="=Scarf",
        price=Decimal("10.00"),
        currency="EUR",
        exchange_rate=Decimal("1.234"),
        amount=Decimal("12.34"),
        retailer=shop,
        brand=brand,
        purchased_on=date(2026, 7, 10),
        gift_id=1,
        uid=UUID(int=1),
        search_text="=scarf\nshop\nacme\nred wine",
        created_at=NOW,
        changed_at=NOW,
    )
    lamp = Purchase(
        pk=2,
        owner=ben,
        name="Lamp",
        price=Decimal(7),
        amount=Decimal(7),
        purchased_on=date(2026, 7, 11),
        status="returned",
        shared=True,
        source="shop.csv",
        source_id="9",
        uid=UUID(int=2),
        search_text="lamp",
        created_at=NOW,
        changed_at=NOW + timedelta(microseconds=1),
        deleted_at=NOW,
    )
    Purchase.objects.bulk_create([scarf, lamp])
    tagged = Purchase.tags.through
    tagged.objects.bulk_create([tagged(pk=1, purchase=scarf, tag=tag)])
    Warranty.objects.bulk_create([Warranty(pk=1, purchase=scarf, starts_on=date(2026, 7, 10))])
    Attachment.objects.bulk_create(
        [
            Attachment(
                pk=1, purchase=scarf, uploaded_by=ann, blob=blob, name="slip.pdf", created_at=NOW
            )
        ]
    )
    PurchaseEntry.objects.bulk_create([PurchaseEntry(pk=1, purchase=scarf, entry_id=1)])
    Preferences.objects.bulk_create([Preferences(user=ben, purchase_columns=["day", "price"])])
    ImportPreset.objects.bulk_create(
        [ImportPreset(pk=1, owner=ben, name="Bank", choices={"b": {"z": 1, "aa": None}, "a": []})]
    )
