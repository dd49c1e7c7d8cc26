"""Bytes are stored once, however many attachments point at them.

The row of a `Blob` is the lock of its file. Whoever stores bytes makes the row first, or waits for
it, and only then looks whether the file is there. Whoever deletes the last attachment deletes the
row; the file goes when that is certain, and only while its key can be held without a row: who
stores the same bytes in between makes the row anew, and finds the file or writes it.
"""

from collections.abc import Iterable
from functools import partial

from django.db import IntegrityError, transaction

from purchases import files
from purchases.contents import UNKNOWN
from purchases.files import Arrival
from purchases.models import Blob


def store(arrived: Arrival) -> Blob:
    """Return the row of these bytes, held until the transaction ends, with its file in place."""
    blob = None
    while blob is None:
        # Waits for whoever is writing or deleting the same row.
        Blob.objects.bulk_create([arrived.blob()], ignore_conflicts=True)
        blob = Blob.objects.select_for_update().filter(pk=arrived.sha256).first()
    files.keep(arrived, blob)
    return blob


@transaction.atomic
def keep_thumbnail(*, blob: Blob, small: bytes) -> None:
    """Keep a small version of a picture beside its bytes, unless they go meanwhile."""
    held = Blob.objects.select_for_update().filter(pk=blob.pk).first()
    if held is not None and files.is_whole(held):
        files.keep_thumbnail(held, small)


def release(keys: Iterable[str]) -> None:
    """Delete those of the blobs that no attachment needs any more, and then their files."""
    # Always in the same order, so that two who do this never wait for each other.
    for key in sorted(set(keys)):
        blob = Blob.objects.select_for_update().filter(pk=key).first()
        if blob is not None and not blob.attachments.exists():
            blob.delete()
            transaction.on_commit(partial(sweep, key))


@transaction.atomic
def sweep(sha256: str, *, dry_run: bool = False) -> bool:
    """Delete the file of which no row knows; who stores it at the same moment waits.

    Returns whether that was so.
    """
    blob = Blob(sha256=sha256, size=1, content_type=UNKNOWN)
    try:
        with transaction.atomic():
            blob.save(force_insert=True)
    except IntegrityError:
        return False
    if not dry_run:
        files.drop(blob)
    blob.delete()
    return True
