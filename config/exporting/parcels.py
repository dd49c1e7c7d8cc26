"""A file with an export in it, JSON alone or a ZIP, read without trust."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from config.exporting.archives import DOCUMENT, FORMAT, MANIFEST
from config.exporting.refusals import BadExport
from config.exporting.scopes import ORDER
from config.exporting.versions import VERSION, completed
from config.portable.packing import PIECE
from config.portable.tables import Row
from purchases.importing import archives, streams
from purchases.importing.archives import Archive, BadPaper
from purchases.importing.rows import BadFile
from purchases.importing.streams import Outline, Record

#: Of the manifest, in bytes.
_LARGEST = 16 * 1024 * 1024
_WANTED = frozenset(("tables", name) for name in ORDER)


class Parcel:
    """An export that lies open. Raises BadExport where it cannot be trusted."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._zip: Archive | None = None
        #: The files in it with their SHA-256.
        self.files: dict[str, str] = {}
        try:
            start = self._file.read(2)
            self._file.seek(0)
            if start == b"PK":
                with _refused():
                    self._zip = Archive(path)
                self.files = self._judged(self._zip)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    def close(self) -> None:
        if self._zip is not None:
            self._zip.close()
        self._file.close()

    def records(self, outline: Outline) -> Iterator[Record]:
        """Yield every record of the tables that are known, and fill in the outline."""
        with _refused():
            if self._zip is None:
                self._file.seek(0)
                yield from streams.records(self._file, wanted=_WANTED, outline=outline)
                return
            with self._zip.opened(DOCUMENT, most=archives.MOST_BYTES) as stream:
                yield from streams.records(stream, wanted=_WANTED, outline=outline)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield the name of its table with every row."""
        outline = Outline()
        for record in self.records(outline):
            yield record.path[-1], row_of(record, outline)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file. Raises BadExport, at its end when its hash differs."""
        if self._zip is None:
            raise BadExport(f"“{name}” is not in the file.")
        digest = hashlib.sha256()
        for piece in _pieces(self._zip, name):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != self.files[name]:
            raise _damaged(name)

    def _judged(self, archive: Archive) -> dict[str, str]:
        """Return the files by the manifest, each of which was read and is what it says."""
        for name in (DOCUMENT, MANIFEST):
            if name not in archive.names:
                raise BadExport(
                    f"This archive is no export of Pursestrings: it has no {name}."
                    " A backup is brought back with “manage.py restore”."
                )
        members = self._manifest(archive)
        named = {*members, MANIFEST}
        if strange := sorted(set(archive.names) - named):
            raise BadExport(f"“{strange[0]}” does not belong in the archive.")
        if missing := sorted(named - set(archive.names)):
            raise BadExport(f"“{missing[0]}” is missing from the archive.")
        for name, said in members.items():
            if _measured(archive, name) != said:
                raise _damaged(name)
        return {name: sha256 for name, (_, sha256) in members.items() if name != DOCUMENT}

    def _manifest(self, archive: Archive) -> dict[str, tuple[int, str]]:
        try:
            with archive.opened(MANIFEST, most=_LARGEST) as stream:
                said = json.loads(stream.read())
            if said["format"] != FORMAT:
                raise BadExport(f"This archive is no export of Pursestrings: {MANIFEST} says so.")
            if said["version"] > VERSION:
                raise newer(said["version"])
            return {name: (one["size"], one["sha256"]) for name, one in said["members"].items()}
        except (BadPaper, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise BadExport(f"{MANIFEST} is damaged: it cannot be read.") from None


def row_of(record: Record, outline: Outline) -> Row:
    """Return the values of a record; numbers with a point, which only JSON fields have, as such."""
    said = {name: _numbers(value) for name, value in record.said.items()}
    return completed(record.path[-1], said, outline.said.get(("version",)))


def newer(version: object) -> BadExport:
    return BadExport(
        f"This export has version {version} of the format, and version {VERSION} is understood"
        " here. Import it with a newer Pursestrings."
    )


def _numbers(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {name: _numbers(one) for name, one in value.items()}
        case list():
            return [_numbers(one) for one in value]
        case _:
            return value


def _damaged(name: str) -> BadExport:
    return BadExport(f"“{name}” is damaged: it is not what the manifest says.")


def _measured(archive: Archive, name: str) -> tuple[int, str]:
    """Read a file to its end; return its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(archive, name):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def _pieces(archive: Archive, name: str) -> Iterator[bytes]:
    most = archives.MOST_BYTES if name == DOCUMENT else archives.LARGEST_PAPER
    try:
        with archive.opened(name, most=most) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except BadPaper as problem:
        raise BadExport(f"“{name}” {problem}.") from None


@contextmanager
def _refused() -> Iterator[None]:
    """Say of a whole file what its reader says of a part."""
    try:
        yield
    except BadFile as problem:
        raise BadExport(str(problem)) from None
    except BadPaper as problem:
        raise BadExport(f"“{DOCUMENT}” {problem}.") from None
