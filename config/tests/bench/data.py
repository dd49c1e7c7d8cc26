"""Files in and out: imports, exports, backups and restores, and how much memory each needs."""

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.base import ContentFile, File
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from config import backups
from config.exporting.documents import document
from config.exporting.scopes import Everything
from config.tests.bench.peaks import Cost, cost_of
from config.tests.bench.people import make_members
from config.tests.bench.rows import make_history
from config.tests.bench.scratch import connected_by, copies
from config.tests.bench.shelves import make_purchases
from config.tests.bench.sizes import Sizes
from config.tests.bench.tables import Table, rate, times
from people.models import User
from purchases.importing import batches
from purchases.importing.choices import Choices, Days, Decimals, Sign
from purchases.keeping import attach
from purchases.models import ImportBatch, Purchase

Way = Callable[[], object]
_HEADER = ["Date", "Payee", "Amount"]
_CHOICES = Choices(
    columns={"day": "Date", "name": "Payee", "amount": "Amount"},
    decimals=Decimals.POINT,
    days=Days.YEAR_FIRST,
    sign=Sign.SPENT_IS_NEGATIVE,
    currency="USD",
)


def measure(sizes: Sizes) -> Iterator[Table]:
    yield _table(
        "Imports and exports by rows",
        {number: _transfers(number) for number in sizes.transfers},
        aim="memory at most 1.3 times when the rows are ten times as many.",
    )
    yield _table(
        "Backups by entries, with a hundredth as many papers",
        {number: _backups(number) for number in sizes.transfers},
        aim="memory at most 1.3 times when the rows are ten times as many.",
    )


def _table(title: str, costs: Mapping[int, Mapping[str, Cost]], *, aim: str) -> Table:
    """Compare each way at every size with itself at the smallest: per row, and in memory."""
    smallest, *_ = costs
    rows = []
    for number, ways in costs.items():
        for way, cost in ways.items():
            least = costs[smallest][way]
            per_row = cost.seconds / number / (least.seconds / smallest)
            rows.append(
                [
                    f"{way}, {number:,}",
                    rate(number, cost.seconds),
                    times(per_row),
                    f"{cost.peak / 1_000_000:,.1f}",
                    times(cost.peak / least.peak),
                ]
            )
    header = ["way, rows", "rows a second", "× time a row", "MB", "× memory"]
    return Table(title, header, rows, aim=aim)


@dataclass(frozen=True, slots=True)
class _Place:
    """A database of its own with one member."""

    database: BaseDatabaseWrapper
    user: User

    def cost_of(self, way: Way) -> Cost:
        def there() -> None:
            with connected_by(self.database):
                way()
                self.database.close()

        self.database.close()
        return cost_of(there)


def _transfers(number: int) -> dict[str, Cost]:
    with copies([f"in{number}", f"out{number}"]) as [into, out]:
        place, batch = _begun(into, number)
        costs = {
            "read and compare": place.cost_of(lambda: _work(batch)),
            "record": place.cost_of(lambda: _record(batch)),
            "undo": place.cost_of(lambda: _undo(batch)),
        }
        place = _member(out)
        with connected_by(out):
            make_purchases(place.user, number, now=timezone.now())
        costs["export as JSON"] = place.cost_of(_export)
    return costs


def _member(database: BaseDatabaseWrapper) -> _Place:
    with connected_by(database):
        [budget] = make_members(1, now=timezone.now())
        assert budget.user
        return _Place(database, budget.user)


def _begun(database: BaseDatabaseWrapper, number: int) -> tuple[_Place, ImportBatch]:
    place = _member(database)
    with connected_by(database), NamedTemporaryFile("w+", newline="", suffix=".csv") as file:
        _write_statement(file, number)
        file.flush()
        now = timezone.now()
        with Path(file.name).open("rb") as upload:
            batch = batches.begin(
                upload=File(upload, name="statement.csv"), owner=place.user, by=place.user, now=now
            )
        batches.choose(
            batch=batch, format="bank", choices=_CHOICES, mode=ImportBatch.Mode.SKIP, now=now
        )
    return place, batch


def _write_statement(file: object, number: int) -> None:
    """Write so many lines of an account, spread over three years and two hundred shops."""
    writer, today = csv.writer(file), timezone.now().date()
    writer.writerow(_HEADER)
    for i in range(number):
        day = today - timedelta(days=1 + i * 6_151 % 1_095)
        cents = 199 + i * 7_919 % 20_000
        amount = Decimal(-cents).scaleb(-2)
        writer.writerow([day.isoformat(), f"Shop {i * 31 % 199}", amount])


def _work(batch: ImportBatch) -> None:
    batch.refresh_from_db()
    busy = {ImportBatch.State.READING, ImportBatch.State.APPLYING, ImportBatch.State.UNDOING}
    while batch.state in busy:
        batch = batches.work(batch=batch, now=timezone.now())
    assert batch.state != ImportBatch.State.FAILED, batch.problem


def _record(batch: ImportBatch) -> None:
    batch.refresh_from_db()
    batches.apply(batch=batch, by=batch.by, now=timezone.now(), doubles=True)
    _work(batch)
    assert Purchase.objects.live().exists()


def _undo(batch: ImportBatch) -> None:
    batch.refresh_from_db()
    batches.undo(batch=batch, by=batch.by, now=timezone.now())
    _work(batch)
    assert not Purchase.objects.live().exists()


def _export() -> None:
    with Path(os.devnull).open("w") as nowhere:
        nowhere.writelines(document(Everything(), now=timezone.now()))


def _backups(number: int) -> dict[str, Cost]:
    with copies([f"backup{number}"]) as [database]:
        with connected_by(database):
            budget = make_history(number, now=timezone.now())
            assert budget.user
            place = _Place(database, budget.user)
            _make_papers(place.user, number // 100)
        costs = {"back up": place.cost_of(_make_backup)}
        [name] = [backup.name for backup in backups.listed()]
        costs["verify"] = place.cost_of(lambda: backups.verify(name))
        costs["restore"] = place.cost_of(lambda: backups.restore(name, now=timezone.now()))
    for backup in backups.listed():
        backups.remove(backup.name)
    return costs


def _make_backup() -> None:
    backups.make(now=timezone.now())


def _make_papers(owner: User, number: int) -> None:
    """Attach papers of 20 kB, each of its own bytes, to a purchase."""
    now = timezone.now()
    make_purchases(owner, 1, now=now)
    [purchase] = Purchase.objects.filter(owner=owner)
    for i in range(number):
        content = sha256(str(i).encode()).digest() * 640
        upload = ContentFile(content, name=f"receipt {i}.bin")
        attach(purchase=purchase, uploads=[upload], kind="receipt", by=owner, now=now)
