"""The ZIP of an export: the document, the bytes of every paper and photo, and a manifest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from config.backups.needs import Need, need_of
from config.exporting.documents import Document
from config.exporting.scopes import Scope, exported
from config.exporting.versions import VERSION
from config.portable.packing import Packing, is_intact, pieces_of
from config.portable.snapshots import snapshot
from people.models import Person
from purchases.models import Blob

DOCUMENT, MANIFEST = "data.json", "manifest.json"
FORMAT = "pursestrings-export"


@dataclass(slots=True)
class Contents:
    """What became of an export: how many rows and files it has, and what it could not have."""

    counts: dict[str, int] = field(default_factory=dict)
    files: int = 0
    #: The files that are not there, or not what they were, as they would be called.
    lost: list[str] = field(default_factory=list)


def archive(scope: Scope, *, now: datetime, contents: Contents | None = None) -> Iterator[bytes]:
    """Yield the ZIP of all that is in `scope`, as it is at one moment.

    A file that is lost is named in the manifest, and keeps nobody from the others. What was
    written is told in `contents`.
    """
    with snapshot() as using:
        # An empty piece would end the answer of a web server.
        yield from filter(None, _Packer(scope, using, now, contents or Contents()).pieces())


class _Packer:
    def __init__(self, scope: Scope, using: str, now: datetime, contents: Contents) -> None:
        self._scope = scope
        self._using = using
        self._document = Document(scope, using, now)
        self._contents = contents
        self._pipe = _Pipe()
        self._zip = ZipFile(self._pipe, "w")
        self._packing = Packing(self._zip, now)

    def pieces(self) -> Iterator[bytes]:
        texts = (text.encode() for text in self._document.pieces())
        yield from self._member(DOCUMENT, texts, ZIP_DEFLATED)
        self._contents.counts = self._document.counts
        for need in self._needs():
            yield from self._file(need)
        yield from self._member(MANIFEST, iter([self._manifest()]), ZIP_DEFLATED)
        self._zip.close()
        yield self._pipe.taken()

    def _needs(self) -> Iterator[Need]:
        """Yield the files that the exported rows need."""
        reader = self._scope.open(self._using)
        for table in exported():
            if table.model in {Blob, Person}:
                for row in reader.rows(table):
                    if need := need_of(table.name, row):
                        yield need

    def _file(self, need: Need) -> Iterator[bytes]:
        try:
            file = need.place.open("rb")
        except FileNotFoundError:
            self._contents.lost.append(need.member)
            return
        with file:
            if not is_intact(file, need.sha256):
                self._contents.lost.append(need.member)
                return
            yield from self._member(need.member, pieces_of(file), ZIP_STORED)
            self._contents.files += 1

    def _member(self, name: str, pieces: Iterator[bytes], compression: int) -> Iterator[bytes]:
        for _ in self._packing.add(name, pieces, compression, is_large=name == DOCUMENT):
            yield self._pipe.taken()
        yield self._pipe.taken()

    def _manifest(self) -> bytes:
        said = {
            **self._document.head,
            "format": FORMAT,
            "version": VERSION,
            "counts": self._contents.counts,
            "lost": self._contents.lost,
            "members": {name: one._asdict() for name, one in self._packing.members.items()},
        }
        return f"{json.dumps(said, indent=1)}\n".encode()


class _Pipe:
    """What a ZIP is written into, and taken out of again at once."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._waiting.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Keep nothing back."""

    def close(self) -> None:
        """Stay open: what is left is still to be taken."""

    def taken(self) -> bytes:
        piece = b"".join(self._waiting)
        self._waiting.clear()
        return piece
