"""Can a backup be relied on? Everything about it is looked at, and nothing is changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from config.backups import migrations
from config.backups.manifest import Manifest
from config.backups.needs import Need, need_of, path_of
from config.backups.reading import LONGEST_LINE, Archive
from config.backups.references import References
from config.backups.refusals import BadBackup
from config.backups.shelf import at_hand
from config.backups.writing import member_of
from config.portable.tables import BadRow, Row, Table, tables


@dataclass(frozen=True, slots=True)
class Report:
    """A backup that is whole, and what it holds."""

    name: str
    made_at: datetime
    kind: str
    database: str
    size: int
    #: How many rows each table has, by the table's name.
    counts: dict[str, int]
    #: How many papers and photos.
    files: int
    #: The files that were lost already when it was made.
    missing: tuple[str, ...]
    #: How many counters of the ledger disagreed with their rows already when it was made.
    drifts: int

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


def verify(name: str | Path) -> Report:
    """Read a backup through, by its name or as a file, and return what it holds.

    Raises BadBackup with the reason for which it could not be restored here. What two rows must not
    have in common, such as a name, only the database knows when it stores them.
    """
    with at_hand(name) as path, Archive(path) as archive:
        inspect(archive)
        return _report(path.name if isinstance(name, Path) else name, path, archive.manifest)


def inspect(archive: Archive) -> list[Need]:
    """Return the files that the rows of a backup need. Raises BadBackup unless all is well."""
    _judge_place(archive.manifest)
    needs: dict[str, Need] = {}
    with References() as references:
        for table in tables():
            for row in references.note(table, _fitting(archive, table)):
                if need := need_of(table.name, row):
                    needs[need.member] = need
                elif path := path_of(table.name, row):
                    raise BadBackup(f"“{path}” of {table.name} is no place for a file of ours.")
        references.judge()
    _judge_files(archive, needs)
    return list(needs.values())


def rows_of(archive: Archive, table: Table) -> Iterator[Row]:
    """Yield the rows of a table as they were written. Raises BadBackup."""
    count, member = 0, member_of(table)
    for line in archive.lines(member):
        count += 1
        yield _row(line, f"Row {count} of “{member}”")
    if count != archive.manifest.counts[table.name]:
        raise BadBackup(
            f"“{member}” has {count} rows, and the manifest says"
            f" {archive.manifest.counts[table.name]}."
        )


def _fitting(archive: Archive, table: Table) -> Iterator[Row]:
    """Yield the rows of a table, each of which fits it. Raises BadBackup."""
    for number, row in enumerate(rows_of(archive, table), start=1):
        try:
            table.values(row)
        except BadRow as problem:
            where = f"Row {number} of “{member_of(table)}”"
            raise BadBackup(f"{where} does not fit: {problem}") from None
        yield row


def _row(line: bytes, where: str) -> Row:
    if len(line) >= LONGEST_LINE:
        raise BadBackup(f"{where} is longer than any could be.")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise BadBackup(f"{where} cannot be read.") from None
    if not isinstance(row, dict):
        raise BadBackup(f"{where} is no row.")
    return row


def _judge_place(manifest: Manifest) -> None:
    """Raise BadBackup unless these rows would mean here what they meant where they were."""
    if manifest.base_currency != settings.CURRENCY:
        raise BadBackup(
            f"This backup counts in {manifest.base_currency}, and this installation in"
            f" {settings.CURRENCY}. Set CURRENCY to {manifest.base_currency} to restore it."
        )
    migrations.judge(manifest.migrations)
    known = {table.name: member_of(table) for table in tables()}
    for name, member in known.items():
        if name not in manifest.counts or member not in manifest.members:
            raise BadBackup(f"“{member}” is missing from the archive.")
    if unknown := manifest.counts.keys() - known.keys():
        raise BadBackup(f"No table here is called {min(unknown)}.")


def _judge_files(archive: Archive, needs: dict[str, Need]) -> None:
    """Raise BadBackup unless the files are those that the rows need, byte for byte."""
    manifest, lost = archive.manifest, set(archive.manifest.missing)
    rows = {member_of(table) for table in tables()}
    for name, member in manifest.members.items():
        if name in rows:
            continue
        need = needs.get(name)
        if need is None:
            raise BadBackup(f"“{name}” does not belong in the archive: no row needs it.")
        if (need.size or member.size, need.sha256 or member.sha256) != member:
            raise BadBackup(f"“{name}” is not the file that its row means.")
        for _ in archive.pieces(name):
            pass
    for name in needs.keys() - manifest.members.keys() - lost:
        raise BadBackup(f"“{name}” is missing from the archive: a row needs it.")


def _report(name: str, path: Path, manifest: Manifest) -> Report:
    return Report(
        name=name,
        made_at=manifest.made_at,
        kind=manifest.kind,
        database=manifest.database,
        size=path.stat().st_size,
        counts=manifest.counts,
        files=manifest.files,
        missing=manifest.missing,
        drifts=manifest.drifts,
    )
