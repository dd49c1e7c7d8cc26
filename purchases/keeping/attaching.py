"""Papers of purchases: taking files in, handing them on, letting them go."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.base import File
from django.db import transaction

from people.models import User
from purchases.contents import safe_name
from purchases.files import Arrival, BadFile, arrival
from purchases.keeping.holding import lock
from purchases.keeping.storing import release, store
from purchases.models import Attachment, Purchase

#: How long a file waits for the form it was chosen in to be saved.
STAGED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of several files: each was judged alone."""

    kept: list[Attachment] = field(default_factory=list)
    refused: list[BadFile] = field(default_factory=list)


def stage(*, upload: File[bytes], kind: str, by: User | None, now: datetime) -> Attachment:
    """Take in a file that waits for a purchase to be saved. Raises BadFile."""
    with arrival(upload) as arrived:
        return _write(arrived, Attachment(kind=kind, uploaded_by=by, created_at=now), upload)


def stage_all(*, uploads: Iterable[File[bytes]], kind: str, by: User, now: datetime) -> Taken:
    """Take in files that wait for a purchase to be saved; what is wrong with one stops no other."""
    return _taken(uploads, lambda upload: stage(upload=upload, kind=kind, by=by, now=now))


def attach(
    *,
    purchase: Purchase,
    uploads: Iterable[File[bytes]],
    kind: str,
    by: User,
    now: datetime,
) -> Taken:
    """Add files to a purchase; what is wrong with one stops no other.

    Raises DoesNotExist when the purchase is deleted meanwhile.
    """

    def add(upload: File[bytes]) -> Attachment:
        with arrival(upload) as arrived, transaction.atomic():
            stored = lock(purchase)
            if stored.is_trashed:
                raise Purchase.DoesNotExist
            paper = Attachment(purchase=stored, kind=kind, uploaded_by=by, created_at=now)
            return _write(arrived, paper, upload)

    return _taken(uploads, add)


def adopt(*, purchase: Purchase, attachments: Collection[Attachment], by: User | None) -> None:
    """Give a purchase, which is held, the files that `by` has waiting; no others."""
    keys = [attachment.pk for attachment in attachments]
    waiting = Attachment.objects.filter(pk__in=keys, purchase__isnull=True, uploaded_by=by)
    waiting.update(purchase=purchase)


def change_attachment(*, attachment: Attachment, name: str, kind: str) -> Attachment:
    """Call a paper differently, and return it; one that is gone stays gone."""
    attachment.name, attachment.kind = safe_name(name), kind
    row = Attachment.objects.filter(pk=attachment.pk)
    row.update(name=attachment.name, kind=attachment.kind)
    return attachment


@transaction.atomic
def detach(*, attachment: Attachment) -> None:
    """Delete a paper, and its bytes when no other paper has the same."""
    Attachment.objects.filter(pk=attachment.pk).delete()
    release([attachment.blob_id])


def drop_stale(*, now: datetime, older_than: timedelta = STAGED_FOR) -> int:
    """Delete the files whose form was never saved. Returns how many."""
    stale = Attachment.objects.filter(purchase__isnull=True, created_at__lt=now - older_than)
    return sum(_drop(key) for key in list(stale.values_list("pk", flat=True)))


@transaction.atomic
def _drop(key: int) -> bool:
    """Delete one file, unless its form is being saved after all."""
    waiting = Attachment.objects.select_for_update().filter(pk=key, purchase__isnull=True)
    attachment = waiting.first()
    if attachment is None:
        return False
    detach(attachment=attachment)
    return True


@transaction.atomic
def _write(arrived: Arrival, attachment: Attachment, upload: File[bytes]) -> Attachment:
    attachment.blob = store(arrived)
    attachment.name = safe_name(upload.name or "")
    attachment.save()
    return attachment


def _taken(uploads: Iterable[File[bytes]], take: Callable[[File[bytes]], Attachment]) -> Taken:
    taken = Taken()
    for upload in uploads:
        try:
            taken.kept.append(take(upload))
        except BadFile as refusal:
            taken.refused.append(refusal)
    return taken
