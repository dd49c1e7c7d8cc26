"""The file of a batch, ready to be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings

from purchases.importing.batches import laying
from purchases.importing.choices import Choices
from purchases.importing.formats import format_named
from purchases.importing.rows import BadFile
from purchases.importing.shapes import Said
from purchases.importing.sources import Head, Source, look
from purchases.models import ImportBatch

LOST = "The file is not there any more. Send it again."


def head_of(batch: ImportBatch, choices: Choices | None = None) -> Head:
    """Return the beginning of a batch's file, as `choices` have it read.

    Raises BadFile, also when the file is lost.
    """
    if not batch.path:
        raise BadFile(LOST)
    chosen = choices or Choices()
    encoding = chosen.encoding or batch.encoding
    place = laying.place_of(batch.path)
    try:
        return look(
            place,
            name=batch.name,
            encoding=encoding,
            delimiter=chosen.delimiter,
            header_line=chosen.header_line,
        )
    except FileNotFoundError:
        raise BadFile(LOST) from None


@contextmanager
def records(batch: ImportBatch, key: str, choices: Choices) -> Iterator[Iterator[Said]]:
    """Open the file and hand out its records, one at a time. Raises BadFile, also on the way."""
    head = head_of(batch, choices)
    place, aside = laying.place_of(batch.path), laying.aside_of(batch.path, key, head.encoding)
    source = Source(path=place, head=head, name=batch.name, aside=aside)
    chosen = replace(choices, currency=choices.currency or settings.CURRENCY)
    found = format_named(key).read(source, chosen)
    try:
        yield found
    except FileNotFoundError:
        raise BadFile(LOST) from None
    finally:
        # Readers are generators with the file open; one that is left early is closed here.
        if close := getattr(found, "close", None):
            close()
