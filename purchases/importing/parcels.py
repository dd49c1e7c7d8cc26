"""A document and its papers: JSON alone, or an archive with JSON and the papers in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from purchases.importing import archives
from purchases.importing.archives import Archive, BadPaper
from purchases.importing.rows import BadFile, FileRow
from purchases.importing.sources import Shape, Source
from purchases.importing.streams import Bytes

#: Where the document lies in an archive.
DOCUMENT = "data.json"


class Parcel:
    """A file that lies open. Raises BadFile when it is an archive that cannot be trusted."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.archive = Archive(source.path) if source.head.shape is Shape.ZIP else None
        if self.archive is not None and DOCUMENT not in self.archive.names:
            self.archive.close()
            raise BadFile(f"The archive has no {DOCUMENT}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.archive is not None:
            self.archive.close()

    @contextmanager
    def document(self) -> Iterator[Bytes]:
        """Open the JSON from its beginning. Raises BadFile when it is damaged."""
        if self.archive is None:
            with self._source.utf8() as stream:
                yield stream
            return
        try:
            with self.archive.opened(DOCUMENT, most=archives.MOST_BYTES) as unpacked:
                yield unpacked
        except BadPaper as problem:
            raise BadFile(f"In the archive {DOCUMENT} {problem}.") from None

    def sift(self, papers: list[FileRow], oddities: list[str]) -> tuple[FileRow, ...]:
        """Return the papers that can be had, and tell of the others."""
        if self.archive is None:
            if papers:
                number = "1 paper is" if len(papers) == 1 else f"{len(papers)} papers are"
                oddities.append(f"{number} not in this file; a ZIP export has them")
            return ()
        kept = []
        for paper in papers:
            if fault := self.archive.fault(paper):
                oddities.append(f"the paper “{paper.name[:80]}” {fault}; it was left out")
            else:
                kept.append(paper)
        return tuple(kept)
