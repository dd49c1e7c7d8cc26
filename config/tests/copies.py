"""An installation with a little of everything, for the tests of backups."""

import hashlib
import json
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F

from budgets.fields import money_value
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import record
from config.backups import replacing
from config.portable.tables import tables, written
from occasions import planning
from occasions.models import Occasion
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import ImportBatch, Purchase
from purchases.tests.factories import buy
from purchases.tests.pictures import picture, upload

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 7, 16, 12, 0, tzinfo=UTC)
MANIFEST = "manifest.json"


def settle(settings: Any, folder: Path) -> Path:
    """Let this installation have a place of its own, and return where its backups lie."""
    backups = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder / "backups", "file_permissions_mode": 0o600},
    }
    settings.STORAGES = {**settings.STORAGES, "backups": backups}
    settings.MEDIA_ROOT = folder / "media"
    settings.DATA_DIR = folder
    return folder / "backups"


def furnish() -> Purchase:
    """Let two members buy, give and plan; return a purchase with two papers."""
    ann = UserFactory(username="ann", administrator=True)
    bob = UserFactory(username="bob")
    kettle = buy(ann, "30.00", tags=["kitchen"], retailer="Corner shop")
    attach(kettle, b"A receipt", picture(size=(40, 30)))
    buy(bob, "12.50", name="Café “Über” 🎁")
    for amount in ("0.000001", "1.25", "-0.50"):
        record(ann.budget, amount, now=NOW, memo="metered")
    mom = planning.save_person(person=Person(name="Mom", birthday=NOW.date()), today=NOW.date())
    mom.photo.save("mom.webp", ContentFile(picture("WEBP", (20, 20))))
    day = Occasion.objects.get(celebrates=mom)
    wanted = {"title": "Scarf", "price": Decimal("49.90"), "status": "selected"}
    planning.add_gift(occasion=day, recipients=[mom], values=wanted, today=NOW.date())
    ImportBatch.objects.create(
        owner=ann,
        name="bank.csv",
        size=3,
        sha256=hashlib.sha256(b"a;b").hexdigest(),
        path=default_storage.save("imports/bank.csv", ContentFile(b"a;b")),
        choices={"z": [1, {"y": None}], "a": "ü"},
        made_at=NOW,
        changed_at=NOW,
    )
    return kettle


def attach(purchase: Purchase, *contents: bytes) -> None:
    keeping.attach(
        purchase=purchase,
        uploads=[upload(content) for content in contents],
        kind="receipt",
        by=purchase.owner,
        now=NOW,
    )


def post(count: int) -> None:
    """Let ann have so many more entries, without asking the ledger for each."""
    first = Entry.objects.filter(budget__user__username="ann", amount__gt=0).latest("pk")
    first.pk = None
    Entry.objects.bulk_create(
        [_another(first, number) for number in range(count)], batch_size=1_000
    )
    more = first.amount * count
    Cycle.objects.filter(pk=first.cycle_id).update(spent=F("spent") + money_value(more))
    DailyTotal.objects.filter(cycle=first.cycle_id, day=first.day, kind=first.kind).update(
        amount=F("amount") + money_value(more), count=F("count") + count
    )


def _another(entry: Entry, number: int) -> Entry:
    values = {field.attname: getattr(entry, field.attname) for field in entry._meta.fields}
    return Entry(**values | {"memo": f"metered {number}"})


def wipe() -> None:
    """Delete every row and every file."""
    with transaction.atomic():
        replacing.empty()
    shutil.rmtree(settings.MEDIA_ROOT)


def change() -> None:
    """Let something else be everywhere."""
    cyd = UserFactory(username="cyd", administrator=True)
    attach(buy(cyd, "99.00", name="Ladder"), b"Another receipt")
    kettle = Purchase.objects.get(name="Kettle")
    keeping.detach(attachment=kettle.attachments.first())
    keeping.trash(purchase=kettle, now=NOW)
    mom = Person.objects.get(name="Mom")
    photo = default_storage.save("people/other.webp", ContentFile(b"another"))
    planning.save_person(person=mom, today=NOW.date(), values={"name": "Mum", "photo": photo})


def state(using: str = "default", media: Path | None = None) -> dict[str, str]:
    """Return a hash of the rows of each table and of each file."""
    found = {}
    for table in tables():
        digest = hashlib.sha256()
        for row in table.rows(using=using):
            digest.update(written(row).encode() + b"\n")
        found[table.name] = digest.hexdigest()
    root = Path(media or settings.MEDIA_ROOT)
    for path in root.rglob("*"):
        if path.is_file():
            found[path.relative_to(root).as_posix()] = hash_of(path.read_bytes())
    return found


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, contents: dict[str, bytes]) -> Path:
    """Write an archive with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def repacked(path: Path, alter: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """Write an archive again beside itself, altered: its members, and what its manifest says.

    The sizes and hashes of the members are those that they have then.
    """
    contents = members(path)
    manifest = json.loads(contents.pop(MANIFEST))
    alter(contents, manifest)
    for name, content in contents.items():
        said = {"size": len(content), "sha256": hash_of(content)}
        manifest["members"].setdefault(name, said).update(said)
    contents[MANIFEST] = json.dumps(manifest).encode()
    return pack(path.with_name("altered.zip"), contents)


def with_flag(path: Path, flag: int) -> Path:
    """Set a flag of the first member, where the list of contents tells of it."""
    content = bytearray(path.read_bytes())
    start = content.index(b"PK\x01\x02")
    (flags,) = struct.unpack_from("<H", content, start + 8)
    struct.pack_into("<H", content, start + 8, flags | flag)
    path.write_bytes(content)
    return path


@contextmanager
def somebody_who_writes() -> Iterator[Callable[[], None]]:
    """Yield what has somebody write who ends after all others have lost their patience."""
    began, end = Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                User.objects.update(first_name="Never")
                began.set()
                end.wait(timeout=30)
                transaction.set_rollback(True)
        finally:
            connection.close()

    thread = Thread(target=write)

    def start() -> None:
        thread.start()
        assert began.wait(timeout=10)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 200")

    try:
        yield start
    finally:
        end.set()
        thread.join()
        connection.close()  # with its lack of patience
