"""A ZIP being written, and what each of its members is."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BufferedReader
from typing import NamedTuple
from zipfile import ZipFile, ZipInfo

#: How much of a file is read at once.
PIECE = 256 * 1024
_PRIVATE = 0o100600


class Member(NamedTuple):
    size: int
    sha256: str


class Packing:
    """An archive whose members are all of one date; `members` is filled in while it is written."""

    def __init__(self, archive: ZipFile, made_at: datetime) -> None:
        self._archive = archive
        self._date = made_at.astimezone(UTC).timetuple()[:6]
        self.members: dict[str, Member] = {}

    def add(
        self, name: str, pieces: Iterable[bytes], compression: int, *, is_large: bool = True
    ) -> Iterator[None]:
        """Write a member, a piece at each step, so that whoever wants may take it away at once."""
        info = ZipInfo(name, self._date)
        info.compress_type = compression
        info.external_attr = _PRIVATE << 16
        digest, size = hashlib.sha256(), 0
        with self._archive.open(info, "w", force_zip64=is_large) as member:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                member.write(piece)
                yield
        self.members[name] = Member(size, digest.hexdigest())


def is_intact(file: BufferedReader, sha256: str) -> bool:
    """Tell whether an open file has the bytes that its row means, if that is known.

    Other bytes under its name are nobody's: what was there is lost.
    """
    if not sha256:
        return True
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest == sha256


def pieces_of(file: BufferedReader) -> Iterator[bytes]:
    return iter(lambda: file.read(PIECE), b"")
