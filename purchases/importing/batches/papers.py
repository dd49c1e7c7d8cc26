"""Papers of an archive, taken out and kept waiting until their purchases are recorded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import TemporaryFile

from django.core.files.base import File

from purchases import keeping
from purchases.files import BadFile as BadUpload
from purchases.importing.archives import Archive, BadPaper
from purchases.importing.batches import laying
from purchases.importing.batches.telling import purchase_of
from purchases.importing.formats import format_named
from purchases.importing.rows import BadFile, FileRow
from purchases.importing.shapes import Kind
from purchases.importing.sources import Shape
from purchases.models import Attachment, ImportBatch, ImportRow

#: How many are taken out at once.
MOST = 50


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers that wait for some rows, and what was wrong with others, by the rows' keys."""

    waiting: dict[int, list[Attachment]] = field(default_factory=dict)
    faults: dict[int, list[str]] = field(default_factory=dict)

    def have(self, row: ImportRow) -> bool:
        """Tell whether everything that a row needs was seen to."""
        return "files" not in row.data or row.pk in self.waiting


@contextmanager
def taken_out(batch: ImportBatch, rows: Sequence[ImportRow], now: datetime) -> Iterator[Papers]:
    """Take out the papers of the first of these rows; those that nobody took by the end go again.

    Each is stored before the rows are recorded: nobody waits while an archive is unpacked.
    """
    papers = Papers()
    try:
        _take_out(batch, [row for row in rows if row.data.get("files")], papers, now)
        yield papers
    finally:
        keys = [paper.pk for some in papers.waiting.values() for paper in some]
        for paper in Attachment.objects.filter(pk__in=keys, purchase__isnull=True):
            keeping.detach(attachment=paper)


def may_have_papers(batch: ImportBatch) -> bool:
    found = format_named(batch.format)
    return found.kind is Kind.PURCHASES and Shape.ZIP in found.shapes


def _take_out(batch: ImportBatch, rows: Sequence[ImportRow], papers: Papers, now: datetime) -> None:
    if not rows:
        return
    archive = _archive(batch)
    if archive is None:
        for row in rows:
            papers.waiting[row.pk] = []
            papers.faults[row.pk] = ["its papers are lost: the file is not there any more"]
        return
    with archive:
        count = 0
        for row in rows:
            papers.waiting[row.pk], papers.faults[row.pk] = [], []
            for paper in purchase_of(row).files:
                _take(archive, paper, row, papers, now)
                count += 1
            if count >= MOST:
                return


def _archive(batch: ImportBatch) -> Archive | None:
    """Return the opened file of a batch; None when it is lost."""
    if not batch.path:
        return None
    try:
        return Archive(laying.place_of(batch.path))
    except (BadFile, OSError):
        return None


def _take(archive: Archive, paper: FileRow, row: ImportRow, papers: Papers, now: datetime) -> None:
    kind = paper.kind if paper.kind in Attachment.Kind.values else Attachment.Kind.OTHER
    with TemporaryFile() as bytes_:
        try:
            size = archive.copy(paper, bytes_)
            bytes_.seek(0)
            upload = File(bytes_, name=paper.name)
            upload.size = size
            staged = keeping.stage(upload=upload, kind=kind, by=row.batch.by, now=now)
        except BadPaper as problem:
            papers.faults[row.pk].append(f"the paper “{paper.name[:80]}” {problem}; it is left out")
        except BadUpload as problem:
            papers.faults[row.pk].append(
                f"the paper “{paper.name[:80]}” is left out: {problem.reason}"
            )
        else:
            papers.waiting[row.pk].append(staged)
