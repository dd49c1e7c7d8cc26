"""Metered usage by the thousand: the import of a file, and batches of events."""

import csv
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from budgets import ledger
from budgets.ledger import Event, Fate, Posting
from budgets.ledger.ingesting import LARGEST_BATCH
from budgets.models import Budget, Entry
from config.tests.bench.people import make_members
from config.tests.bench.sizes import Sizes
from config.tests.bench.tables import Table, rate, times
from config.tests.bench.timing import take_turns

REAL = "azure_llm_code_2023.csv"
SINGLE, IMPORT = "single charges", "import_usage"

_numbers = count(1)


def measure(sizes: Sizes) -> Iterator[Table]:
    with TemporaryDirectory(prefix="pursestrings-bench-") as folder:
        file = _real_file(sizes) or _made_file(Path(folder), sizes.rows)
        now = timezone.now()
        members = iter(make_members(3 * sizes.imports, now=now))
        number = min(sizes.rows, LARGEST_BATCH)
        batch = f"ingest, one batch of {number:,}"
        ways = {
            SINGLE: lambda: _charge(next(members), number),
            batch: lambda: _ingest(next(members), number),
            IMPORT: lambda: _import(next(members), file, sizes.rows),
        }
        timings = take_turns(ways, rounds=sizes.imports)
    rows = {SINGLE: number, batch: number, IMPORT: sizes.rows}
    yield Table(
        "Usage",
        ["way", "rows a second", f"× {SINGLE}"],
        [
            [
                way,
                rate(rows[way], timings.of(way)),
                times(timings.ratio(SINGLE, to=way) * rows[way] / number),
            ]
            for way in ways
        ],
    )


def _charge(budget: Budget, number: int) -> None:
    now = timezone.now()
    for _ in range(number):
        ledger.charge(budget=budget, posting=_posting(), now=now)


def _ingest(budget: Budget, number: int) -> None:
    events = [Event(budget, _posting()) for _ in range(number)]
    outcomes = ledger.ingest(events, now=timezone.now())
    assert all(outcome.fate is Fate.ACCEPTED for outcome in outcomes)


def _import(budget: Budget, file: Path, number: int) -> None:
    assert budget.user
    call_command(
        "import_usage",
        str(file),
        user=budget.user.username,
        provider="openai",
        model="gpt-4o",
        stdout=StringIO(),
        stderr=StringIO(),
    )
    assert Entry.objects.filter(budget=budget).count() == number


def _posting() -> Posting:
    return Posting(
        amount=Decimal("0.001234"),
        provider="openai",
        model="gpt-4o",
        input_tokens=4_808,
        output_tokens=10,
        source="gateway",
        source_event_id=f"usage-{next(_numbers)}",
    )


def _real_file(sizes: Sizes) -> Path | None:
    """Return the file of real requests, where somebody has it and it is the size asked for."""
    folder = Path(os.environ.get("PURSESTRINGS_DATA") or settings.BASE_DIR.parent / "shared/data")
    file = folder / REAL
    if not file.is_file():
        return None
    with file.open() as lines:
        return file if sum(1 for _ in lines) == sizes.rows + 1 else None


def _made_file(folder: Path, rows: int) -> Path:
    """Write a file with the columns, and about the span and the tokens, of the real one."""
    file, first = folder / "usage.csv", datetime(2023, 11, 16, 18, 17, tzinfo=UTC)
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["TIMESTAMP", "ContextTokens", "GeneratedTokens"])
        for row in range(rows):
            moment = first + timedelta(milliseconds=390 * row)
            writer.writerow(
                [f"{moment:%Y-%m-%d %H:%M:%S.%f}0", 3 + row * 7919 % 7400, 1 + row * 31 % 600]
            )
    return file
