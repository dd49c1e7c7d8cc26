"""An archive as it lies there, believed in nothing: its members are what the manifest says."""

import errno
import hashlib
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from config.backups import manifest as manifests
from config.backups.manifest import Manifest
from config.backups.refusals import BadBackup

PIECE = 256 * 1024
#: What no row or file of ours packs to; a bomb does.
MOST_RATIO, RATIO_FROM = 400, 64 * 1024 * 1024
#: The longest row that is read.
LONGEST_LINE = 64 * 1024 * 1024
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_NEVER = set("\\:\0")
_SHOWN = 100
#: What zipfile and what it uses raise on damaged bytes.
_DAMAGE = (
    BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


class Archive:
    """A backup that is open; its structure and its manifest were judged. Raises BadBackup."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._zip = _unzipped(self._file)
            self.manifest = self._judged()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._file.close()

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a member. Raises BadBackup, at its end when its hash differs."""
        with self._opened(name) as member:
            while piece := member.read(PIECE):
                yield piece

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a member. Raises BadBackup, at its end when its hash differs."""
        with self._opened(name) as member:
            while line := member.readline(LONGEST_LINE):
                yield line

    @contextmanager
    def _opened(self, name: str) -> Iterator["_Hashed"]:
        said = self.manifest.members[name]
        with (
            _undamaged(f"“{name}” is damaged: it cannot be unpacked."),
            self._zip.open(name) as file,
        ):
            hashed = _Hashed(file)
            yield hashed
        if (hashed.size, hashed.sha256) != said:
            raise BadBackup(f"“{name}” is damaged: it is not what the manifest says.")

    def _judged(self) -> Manifest:
        infos = self._zip.infolist()
        seen: set[str] = set()
        for info in infos:
            _judge(info)
            if info.filename in seen:
                raise BadBackup(f"“{_shown(info)}” is in the archive twice.")
            seen.add(info.filename)
        if manifests.NAME not in seen:
            raise BadBackup(f"This is no backup: it has no {manifests.NAME}.")
        manifest = self._manifest()
        named = {*manifest.members, manifests.NAME}
        for name in sorted(named - seen):
            raise BadBackup(f"“{name}” is missing from the archive.")
        for name in sorted(seen - named):
            raise BadBackup(f"“{name}” does not belong in the archive.")
        for info in infos:
            if info.filename in manifest.members:
                _judge_size(info, manifest.members[info.filename].size)
        return manifest

    def _manifest(self) -> Manifest:
        info = self._zip.getinfo(manifests.NAME)
        if info.file_size > manifests.LARGEST:
            raise BadBackup(f"{manifests.NAME} is larger than any could be.")
        with _undamaged(f"{manifests.NAME} is damaged: it cannot be unpacked."):
            text = self._zip.read(info)
        return Manifest.read(text)


class _Hashed:
    """A member that is read once, from its beginning to its end, with its size and hash."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def read(self, most: int) -> bytes:
        return self._noted(self._file.read(most))

    def readline(self, most: int) -> bytes:
        return self._noted(self._file.readline(most))

    def _noted(self, piece: bytes) -> bytes:
        self._digest.update(piece)
        self.size += len(piece)
        return piece


@contextmanager
def _undamaged(reason: str) -> Iterator[None]:
    """Raise BadBackup with the reason when the bytes turn out to be damaged."""
    try:
        yield
    except _DAMAGE:
        raise BadBackup(reason) from None
    except OSError as problem:
        if problem.errno != errno.EINVAL:  # what a place before the file's beginning leads to
            raise
        raise BadBackup(reason) from None


def _unzipped(file: BufferedReader) -> ZipFile:
    start = file.read(4)
    file.seek(0)
    if not start:
        raise BadBackup("This is no backup: the file is empty.")
    if start[:2] != b"PK":
        raise BadBackup("This is no backup: it is no ZIP archive.")
    try:
        return ZipFile(file)
    except _DAMAGE:
        raise BadBackup(
            "The archive is cut off or damaged: its list of contents is gone."
        ) from None


def _judge(info: ZipInfo) -> None:
    """Raise BadBackup for a member that no backup has, before a byte of it is read."""
    name = _shown(info)
    if _is_elsewhere(info.orig_filename):
        raise BadBackup(f"“{name}” would be unpacked outside of its folder.")
    if info.flag_bits & _ENCRYPTED:
        raise BadBackup(f"“{name}” is encrypted; backups are not.")
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise BadBackup(f"“{name}” is a link or a folder, and no file.")
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise BadBackup(f"“{name}” is packed in a way that backups are not.")
    if info.file_size > max(RATIO_FROM, info.compress_size * MOST_RATIO):
        raise BadBackup(f"“{name}” would unpack to far more than any backup holds.")


def _is_elsewhere(name: str) -> bool:
    """Tell whether a name, as it was written, is any but a plain path below a folder."""
    parts = name.split("/")
    return not parts[0] or ".." in parts or bool(_NEVER.intersection(name))


def _shown(info: ZipInfo) -> str:
    """Return a name as far as it can be shown."""
    name = "".join(char if char.isprintable() else "?" for char in info.orig_filename)
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"


def _judge_size(info: ZipInfo, size: int) -> None:
    if info.file_size != size:
        raise BadBackup(
            f"“{info.filename}” is damaged: it has not the size that the manifest says."
        )
