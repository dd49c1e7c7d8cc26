"""The bytes of imports on the disk: each in a file of its own, under a name that says nothing."""

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from django.core.files.base import File
from django.core.files.storage import default_storage

from purchases.importing.rows import BadFile

#: The folder of the storage below which they lie.
ROOT = "imports"
LARGEST = 1024**3


@dataclass(frozen=True, slots=True)
class Laid:
    """A file that was laid down: where, and what its bytes are."""

    path: str
    size: int
    sha256: str


def lay(upload: File[bytes]) -> Laid:
    """Lay an upload down. Raises BadFile for one that is too large."""
    path = f"{ROOT}/{token_hex(16)}"
    place = place_of(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with place.open("xb") as file:
            for piece in upload.chunks():
                size = _checked(size + len(piece))
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        drop(path)
        raise
    return Laid(path, size, digest.hexdigest())


def _checked(size: int) -> int:
    if size > LARGEST:
        raise BadFile("The file is larger than 1 GB.")
    return size


def place_of(path: str) -> Path:
    """Return the file at `path`, as `ImportBatch.path` has it."""
    return Path(default_storage.path(path))


def aside_of(path: str, *way: str) -> Path:
    """Return where may be kept what was found in the file at `path` when it was read in a way."""
    place = place_of(path)
    return place.with_name(f"{place.name}-{hashlib.sha256(repr(way).encode()).hexdigest()[:16]}")


def drop(path: str) -> None:
    """Delete a file and what was kept beside it; one that is gone stays gone."""
    if path:
        place = place_of(path)
        for one in (place, *place.parent.glob(f"{place.name}-*")):
            one.unlink(missing_ok=True)


def forgotten(known: Collection[str], *, before: datetime) -> Iterator[str]:
    """Yield the paths of the files that arrived before then and are none of the `known`."""
    for place in place_of(ROOT).glob("*"):
        path = f"{ROOT}/{place.name}"
        # What is kept beside a file is named after it.
        if path.partition("-")[0] not in known and _is_older(place, before):
            yield path


def _is_older(place: Path, moment: datetime) -> bool:
    try:
        return place.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:  # somebody else sweeps too
        return False
