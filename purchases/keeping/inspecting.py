"""Do the files agree with the rows?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from purchases import files
from purchases.keeping.storing import release, sweep
from purchases.models import Attachment, Blob

#: A file that has been arriving for longer than this never will.
ARRIVES_WITHIN = timedelta(hours=24)


class Kind(StrEnum):
    MISSING = "missing"
    DIFFERENT = "different"
    ORPHANED = "orphaned"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Fault:
    """A file and what is wrong with it; `papers` are the attachments that need it."""

    kind: Kind
    path: str
    papers: tuple[int, ...] = ()

    def __str__(self) -> str:
        needed = ", ".join(str(key) for key in self.papers)
        return f"{self.kind}: {self.path}" + (f" (attachments {needed})" if needed else "")


def check_files(
    *, now: datetime, verify: bool = False, delete_orphans: bool = False
) -> Iterator[Fault]:
    """Yield every file that is missing and every one that nothing points at.

    `verify` reads all bytes and yields also what is different from what was stored;
    `delete_orphans` deletes what nothing points at.
    """
    # Files before rows: what is stored meanwhile is then a row too many, which is looked at again.
    lying = files.stored()
    yield from _damaged(verify=verify)
    yield from _unused(delete=delete_orphans)
    yield from _unknown(lying, delete=delete_orphans)
    found = Kind.DELETED if delete_orphans else Kind.ORPHANED
    for path in sorted(files.left_behind(now - ARRIVES_WITHIN)):
        if delete_orphans:
            files.place_of(path).unlink(missing_ok=True)
        yield Fault(found, path)


def _damaged(*, verify: bool) -> Iterator[Fault]:
    for blob in Blob.objects.filter(attachments__isnull=False).distinct().iterator():
        kind = _damage(blob, verify=verify)
        # A file may have gone with its row since the row was read.
        if kind is not None and (papers := _papers(blob)):
            yield Fault(kind, blob.path, papers)


def _damage(blob: Blob, *, verify: bool) -> Kind | None:
    if not files.place_of(blob.path).is_file():
        return Kind.MISSING
    if not files.is_whole(blob) or (verify and not files.is_intact(blob)):
        return Kind.DIFFERENT
    return None


def _papers(blob: Blob) -> tuple[int, ...]:
    return tuple(Attachment.objects.filter(blob=blob).order_by("pk").values_list("pk", flat=True))


def _unused(*, delete: bool) -> Iterator[Fault]:
    """Yield the rows that no attachment needs, as a deletion beside the verbs leaves them."""
    for blob in list(Blob.objects.filter(attachments__isnull=True)):
        if delete:
            with transaction.atomic():
                release([blob.pk])
        yield Fault(Kind.DELETED if delete else Kind.ORPHANED, blob.path)


def _unknown(lying: set[str], *, delete: bool) -> Iterator[Fault]:
    """Yield the files of which no row knows."""
    known = {path for blob in Blob.objects.iterator() for path in (blob.path, blob.thumbnail_path)}
    for path in sorted(lying - known):
        sha256 = path.rpartition("/")[2].removesuffix(".webp")
        blob = Blob(sha256=sha256)
        is_ours = path in {blob.path, blob.thumbnail_path}
        if is_ours and not sweep(sha256, dry_run=not delete):
            continue  # somebody has just stored it
        yield Fault(Kind.DELETED if delete and is_ours else Kind.ORPHANED, path)
