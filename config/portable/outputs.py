"""Files that are there whole or not at all."""

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings

#: How old a file is said to be that was laid down, in seconds: who clears up spares new ones, as
#: their rows may still be on their way.
_AGE = 48 * 60 * 60


def write_whole(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file that only its owner reads, in one step for whoever looks. Returns its size.

    Whatever fails on the way leaves what was there before. Raises OSError.
    """
    path = path.resolve()
    arriving = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        with open(arriving, "xb", opener=_for_the_owner) as file:
            size = _written(file, pieces)
        arriving.replace(path)
    finally:
        arriving.unlink(missing_ok=True)
    keep_names(path.parent)
    return size


def lay(place: Path, pieces: Iterable[bytes], *, arriving_in: Path) -> None:
    """Write a file in one folder and then move it to its place. Raises OSError."""
    arriving = arriving_in / token_hex(16)
    arriving_in.mkdir(parents=True, exist_ok=True)
    try:
        with arriving.open("xb") as file:
            _written(file, pieces)
        then = time.time() - _AGE
        os.utime(arriving, (then, then))
        place.parent.mkdir(parents=True, exist_ok=True)
        arriving.replace(place)
    finally:
        arriving.unlink(missing_ok=True)


def spooled(pieces: Iterable[bytes]) -> IO[bytes]:
    """Return a file without a name that holds `pieces`, open at its start and gone when closed.

    It lies with the data: the folder for temporary files may be memory. Raises OSError.
    """
    file = TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115  (whoever gets it closes it)
    try:
        file.writelines(pieces)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def is_whole(place: Path, *, size: int | None = None, sha256: str = "") -> bool:
    """Tell whether a file is there, with the size and the bytes that are asked for."""
    try:
        if size is not None and place.stat().st_size != size:
            return False
        if not sha256:
            return place.is_file()
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def keep_names(folder: Path) -> None:
    """Let the names in a folder survive a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(file: IO[bytes], pieces: Iterable[bytes]) -> int:
    file.writelines(pieces)
    size = file.tell()
    file.flush()
    os.fsync(file.fileno())
    return size


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
