"""A file arrives."""

from datetime import datetime

from django.core.files.base import File

from people.models import User
from purchases.contents import safe_name
from purchases.importing.batches import laying
from purchases.importing.formats import recognise
from purchases.importing.sources import look
from purchases.models import ImportBatch


def begin(*, upload: File[bytes], owner: User, by: User | None, now: datetime) -> ImportBatch:
    """Keep a file that is to be imported for `owner`, and recognise its format if that is known.

    Raises BadFile of `importing.rows` when nothing of it can be read; nothing is kept then.
    """
    name, file = safe_name(upload.name or ""), laying.lay(upload)
    try:
        head = look(laying.place_of(file.path), name=name)
        found = recognise(head)
        return ImportBatch.objects.create(
            owner=owner,
            by=by,
            name=name,
            size=file.size,
            sha256=file.sha256,
            path=file.path,
            encoding=head.encoding,
            format=found.key if found else "",
            made_at=now,
            changed_at=now,
        )
    except BaseException:
        laying.drop(file.path)
        raise
