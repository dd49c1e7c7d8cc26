"""Bytes in the storage: how they arrive, where they lie, and whether they are still there."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from secrets import token_hex

from django.core.files.base import File
from django.core.files.storage import default_storage

from purchases.contents import PDF, PICTURES, SHOWN, content_type, safe_name
from purchases.models import Attachment, Blob
from purchases.models.attachment import MAX_SIZE

#: The folder of the storage below which the bytes lie, and within it the one for what arrives.
ROOT, ARRIVING = "purchases", "arriving"


class BadFile(Exception):
    """A file that is not taken: its name, and why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was sent, under a passing name, and what its bytes say."""

    path: Path
    sha256: str
    size: int
    content_type: str

    def blob(self) -> Blob:
        return Blob(sha256=self.sha256, size=self.size, content_type=self.content_type)


@contextmanager
def arrival(upload: File[bytes]) -> Iterator[Arrival]:
    """Lay an upload down beside the others; it is gone again at the end unless it was kept.

    Raises BadFile for one that is empty or too large.
    """
    name = safe_name(upload.name or "")
    if not upload.size:
        raise BadFile(name, "This file is empty.")
    if upload.size > MAX_SIZE:
        raise BadFile(name, "This file is larger than 10 MB.")
    path = folder() / ARRIVING / token_hex(16)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        digest = hashlib.sha256()
        with path.open("xb") as file:
            for piece in upload.chunks():
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        yield Arrival(path, digest.hexdigest(), path.stat().st_size, content_type(path))
    finally:
        path.unlink(missing_ok=True)


def keep(arrived: Arrival, blob: Blob) -> None:
    """Give what arrived its lasting place, unless it is there; the row is held meanwhile."""
    if not is_whole(blob):
        place = place_of(blob.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        arrived.path.replace(place)


def folder() -> Path:
    return Path(default_storage.path(ROOT))


def place_of(path: str) -> Path:
    """Return the file at `path`, as `Blob.path` gives it."""
    return folder() / path


def opened(blob: Blob) -> BufferedReader:
    """Open the bytes. Raises FileNotFoundError when they are lost."""
    return place_of(blob.path).open("rb")


def thumbnail(blob: Blob) -> bytes | None:
    """Return the small picture that lies beside the bytes; None when none was kept yet."""
    try:
        return place_of(blob.thumbnail_path).read_bytes()
    except FileNotFoundError:
        return None


def keep_thumbnail(blob: Blob, small: bytes) -> None:
    """Lay a small picture beside the bytes; the row is held meanwhile."""
    path = folder() / ARRIVING / token_hex(16)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(small)
    path.replace(place_of(blob.thumbnail_path))


def drop(blob: Blob) -> None:
    """Delete the bytes and what was kept beside them; the key is held meanwhile."""
    for path in (blob.path, blob.thumbnail_path):
        place_of(path).unlink(missing_ok=True)


def is_whole(blob: Blob) -> bool:
    """Tell whether the file is there with the size that it had."""
    try:
        return place_of(blob.path).stat().st_size == blob.size
    except FileNotFoundError:
        return False


def is_intact(blob: Blob) -> bool:
    """Tell whether the bytes are still the ones that were stored; reads them all."""
    with opened(blob) as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == blob.sha256


def stored() -> set[str]:
    """Return the path of every file that lies in a lasting place."""
    root = folder()
    inside = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return {path.as_posix() for path in inside if path.parts[0] != ARRIVING}


def left_behind(before: datetime) -> set[str]:
    """Return the path of every file that began to arrive before then and never did."""
    old = set()
    for path in (folder() / ARRIVING).glob("*"):
        # One that is being uploaded may arrive at this very moment.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                old.add(f"{ARRIVING}/{path.name}")
    return old


@dataclass(frozen=True, slots=True)
class Paper:
    """An attachment as a page shows it."""

    attachment: Attachment
    is_missing: bool

    @property
    def can_be_shown(self) -> bool:
        return not self.is_missing and self.attachment.blob.content_type in SHOWN

    @property
    def is_picture(self) -> bool:
        return not self.is_missing and self.attachment.blob.content_type in PICTURES.values()

    @property
    def is_pdf(self) -> bool:
        return self.attachment.blob.content_type == PDF


def papers(attachments: Iterable[Attachment]) -> list[Paper]:
    """Return how these attachments are to be shown; their blobs are read with them."""
    return [Paper(attachment, not is_whole(attachment.blob)) for attachment in attachments]
