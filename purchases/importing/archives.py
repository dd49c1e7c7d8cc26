"""ZIP archives from strangers: judged as a whole before anything is taken out of them.

Nothing is ever laid down under a name that an archive gives. What is wrong with the archive is
BadFile; what is wrong with one paper in it is BadPaper, and stops no other.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from stat import S_IFDIR, S_IFMT, S_IFREG
from typing import IO, Protocol, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from purchases.importing.rows import BadFile, FileRow

#: How many members an archive may have, and how many bytes its list of them.
MOST_MEMBERS = 20_000
LARGEST_LIST = 8 * 1024 * 1024
#: Bytes of all members, unpacked.
MOST_BYTES = 4 * 1024**3
#: How many times larger than it is packed anything of more than a megabyte may be.
HIGHEST_RATIO = 200
#: The largest paper, in bytes; as in `purchases.models.attachment`.
LARGEST_PAPER = 10 * 1024 * 1024

_PIECE = 64 * 1024
_LARGE = 1024 * 1024
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_PACKINGS = {ZIP_STORED, ZIP_DEFLATED}
_DRIVE = re.compile("[A-Za-z]:")
_TOO_MANY = f"The archive is not taken: it has more than {MOST_MEMBERS:,} members."
_BOMB = f"is over {HIGHEST_RATIO} times larger than it is packed"
_SHA256 = re.compile("[0-9a-f]{64}")
# What the standard library raises for archives that are damaged or lie.
_DAMAGE = (BadZipFile, EOFError, OSError, OverflowError, ValueError, struct.error, zlib.error)


class BadPaper(Exception):
    """A paper that cannot be had; the message goes on after its name."""


class Bytes(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes: ...


class Target(Protocol):
    """What bytes can be written to."""

    def write(self, piece: bytes, /) -> object: ...


class Archive:
    """An archive that was judged and lies open. Raises BadFile when it cannot be trusted."""

    def __init__(self, path: Path) -> None:
        self._file = _Listed(path)
        try:
            self._zip = _opened(self._file, path)
            self._members = _judged(self._zip.infolist())
        except BaseException:
            self._file.close()
            raise
        self._faults: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    @contextmanager
    def opened(self, member: str, *, most: int = LARGEST_PAPER) -> Iterator[Bytes]:
        """Open a member, of which no more than `most` bytes can be read. Raises BadPaper."""
        info = self._members.get(member)
        if info is None:
            raise BadPaper("is not in the archive")
        if info.file_size > most:
            raise BadPaper(f"is larger than {most // 1024**2:,} MB")
        try:
            stream = self._zip.open(info)
        except (*_DAMAGE, NotImplementedError, RuntimeError):
            raise BadPaper("is damaged in the archive") from None
        with stream:
            yield _Careful(stream)

    def copy(self, paper: FileRow, target: Target) -> int:
        """Copy a paper and return its size. Raises BadPaper, also when its hash is another.

        What was copied until then is to be thrown away.
        """
        if not is_sha256(paper.sha256):
            raise BadPaper("has no SHA-256 to be known by")
        digest, size = hashlib.sha256(), 0
        with self.opened(paper.member) as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                target.write(piece)
                size += len(piece)
        if not size:
            raise BadPaper("is empty")
        if digest.hexdigest() != paper.sha256:
            raise BadPaper("is not what it was: its SHA-256 is another")
        return size

    def fault(self, paper: FileRow) -> str:
        """Return why a paper cannot be had, "" when it can; each member is read once."""
        if paper.member not in self._members:
            return "is not in the archive"
        key = paper.member, paper.sha256
        if key not in self._faults:
            self._faults[key] = self._read(paper)
        return self._faults[key]

    def _read(self, paper: FileRow) -> str:
        try:
            self.copy(paper, _Nowhere())
        except BadPaper as problem:
            return str(problem)
        return ""

    def close(self) -> None:
        self._zip.close()
        self._file.close()


def is_sha256(text: str) -> bool:
    """Tell whether a text could be the name of some bytes."""
    return bool(_SHA256.fullmatch(text))


def _opened(file: "_Listed", path: Path) -> ZipFile:
    try:
        archive = ZipFile(file)
    except BadFile:
        raise
    except NotImplementedError:
        raise BadFile(
            "The archive is made for a newer version of ZIP than is known here."
        ) from None
    except _DAMAGE:
        raise BadFile(_what_it_is(path)) from None
    file.is_listed = True
    return archive


def _what_it_is(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        return "The file is empty."
    if start.startswith(b"PK"):
        return "The archive is damaged or breaks off before its end."
    return "The file is not a ZIP archive."


def _judged(found: list[ZipInfo]) -> dict[str, ZipInfo]:
    """Return the members by their names, folders left out. Raises BadFile."""
    if len(found) > MOST_MEMBERS:
        raise BadFile(_TOO_MANY)
    members: dict[str, ZipInfo] = {}
    for info in found:
        if fault := _fault_of(info):
            raise BadFile(f"The archive is not taken: “{_shown(info)}” {fault}.")
        if info.filename in members:
            raise BadFile(f"The archive is not taken: it has “{_shown(info)}” twice.")
        members[info.filename] = info
    unpacked = sum(info.file_size for info in found)
    if unpacked > MOST_BYTES:
        raise BadFile(f"The archive is not taken: unpacked it has over {MOST_BYTES // 1024**3} GB.")
    if _is_bomb(unpacked, sum(info.compress_size for info in found)):
        raise BadFile(f"The archive is not taken: it {_BOMB}.")
    return {name: info for name, info in members.items() if not info.is_dir()}


def _fault_of(info: ZipInfo) -> str:
    if fault := _fault_of_name(info.orig_filename) or _fault_of_name(info.filename):
        return fault
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if S_IFMT(info.external_attr >> 16) not in {0, S_IFREG, S_IFDIR}:
        return "is a link, not a file"
    if info.compress_type not in _PACKINGS:
        return "is packed in a way that is not known here"
    return _BOMB if _is_bomb(info.file_size, info.compress_size) else ""


def _is_bomb(size: int, packed: int) -> bool:
    return size > _LARGE and size > HIGHEST_RATIO * packed


def _fault_of_name(name: str) -> str:
    if "\0" in name or "\\" in name:
        return "has a name that no file should have"
    if name.startswith("/") or _DRIVE.match(name):
        return "names a place outside the archive"
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        return "names a place outside the archive"
    return "has a name that no file should have" if {"", "."} & set(parts) else ""


def _shown(info: ZipInfo) -> str:
    """Return a name as far as it can be shown."""
    plain = "".join(char if char.isprintable() else "?" for char in info.orig_filename)
    return plain if len(plain) <= 80 else f"{plain[:79]}…"


class _Listed(FileIO):
    """A file on the disk whose list of members is not read when it is too long."""

    is_listed = False

    def read(self, size: int | None = -1) -> bytes:
        if not self.is_listed and size is not None and size > LARGEST_LIST:
            raise BadFile(_TOO_MANY)
        return super().read(size) or b""


class _Careful:
    """A member as it is unpacked; the library itself unpacks no more than the archive says."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stream.read(size)
        except _DAMAGE:
            raise BadPaper("is damaged in the archive") from None


class _Nowhere:
    def write(self, piece: bytes, /) -> object:
        return len(piece)
