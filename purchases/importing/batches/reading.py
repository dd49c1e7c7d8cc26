"""The file becomes rows, each with its fate, a part in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from django.db import transaction

from purchases.importing.batches.holding import State, lock, move
from purchases.importing.batches.opening import records
from purchases.importing.batches.pacing import Pace
from purchases.importing.batches.purchases import Purchases
from purchases.importing.batches.usage import Usage
from purchases.importing.choices import Choices
from purchases.importing.formats import format_named
from purchases.importing.rows import BadFile
from purchases.importing.shapes import Kind, Said
from purchases.models import ImportBatch, ImportRow

#: How many rows are one transaction.
PART = 500
NOTHING = "Nothing was recorded, as you chose all or nothing."
Fate = ImportRow.Fate


class Reader(Protocol):
    """What knows the rows of one kind; it has heard of every row of the file before."""

    def hear(self, said: Any) -> Any:
        """Take one record, in the order of the file; the answer is what `judge` takes."""

    def judge(self, heard: Sequence[Any], numbers: Sequence[int]) -> list[ImportRow]:
        """Return a row for each record, not stored, with its fate; a few queries for all."""


def read_on(*, batch: ImportBatch, now: datetime, pace: Pace) -> ImportBatch:
    """Read more records of the file, and return the batch as it stands then."""
    choices = Choices.from_json(batch.choices)
    try:
        with ExitStack() as stack:
            found = stack.enter_context(records(batch, batch.format, choices))
            reader: Reader = stack.enter_context(_reader(batch, choices, now))
            for _, said in islice(found, batch.position):
                reader.hear(said)
            return _parts(batch, found, reader, now=now, pace=pace)
    except BadFile as problem:
        return _fail(batch, str(problem), now)


def _reader(batch: ImportBatch, choices: Choices, now: datetime) -> AbstractContextManager[Reader]:
    kind = format_named(batch.format).kind
    return (Usage if kind is Kind.USAGE else Purchases)(batch, choices, now)


def _parts(
    batch: ImportBatch, found: Iterator[Said], reader: Reader, *, now: datetime, pace: Pace
) -> ImportBatch:
    """Store part after part, as long as nobody else does."""
    is_begun = False
    while not pace.is_over:
        # Read before the transaction: nobody waits for a file.
        wanted = min(PART, pace.left)
        part = list(islice(found, wanted))
        heard = [reader.hear(said) for _, said in part]
        if not is_begun:
            pace.set_off()
            is_begun = True
        with transaction.atomic():
            held = lock(batch)
            if not _reads_alike(held, batch) or held.position != batch.position:
                return held
            numbers = range(held.position + 1, held.position + 1 + len(part))
            ImportRow.objects.bulk_create(reader.judge(heard, numbers))
            held.position += len(part)
            held.percent = max(held.percent, min(part[-1][0], 100)) if part else 100
            if len(part) < wanted:
                _finish(held, now)
            else:
                move(held, State.READING, now=now)
        batch = held
        pace.took(len(part))
        if batch.state != State.READING:
            break
    return batch


def _reads_alike(held: ImportBatch, batch: ImportBatch) -> bool:
    """Tell whether a batch is still to be read as it was when that began."""
    asked = [(one.state, one.format, one.choices, one.mode) for one in (held, batch)]
    return asked[0] == asked[1]


def _finish(batch: ImportBatch, now: datetime) -> None:
    """Let the rows be looked at; one that cannot be read ends a strict batch."""
    batch.percent = 100
    first = None
    if batch.mode == ImportBatch.Mode.STRICT:
        first = batch.rows.filter(fate=Fate.ERROR).first()
    if first is None:
        move(batch, State.READY, now=now)
    else:
        problem = f"{at_line(first.line, first.reason)} {NOTHING}"
        move(batch, State.FAILED, now=now, problem=problem)


def at_line(line: int, reason: str) -> str:
    """Say which row ends a strict batch."""
    return f"Line {line}: {reason.rstrip('.')}."


@transaction.atomic
def _fail(batch: ImportBatch, problem: str, now: datetime) -> ImportBatch:
    held = lock(batch)
    if _reads_alike(held, batch):
        move(held, State.FAILED, now=now, problem=problem)
    return held
