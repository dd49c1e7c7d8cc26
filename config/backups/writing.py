"""An archive being written: every file that rows need, then every table, then the manifest."""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.conf import settings
from django.db import connections

from budgets import ledger
from config.backups import manifest as manifests
from config.backups.manifest import Manifest
from config.backups.migrations import applied
from config.backups.names import Kind
from config.backups.needs import Need, needed_now
from config.portable.packing import Packing, is_intact, pieces_of
from config.portable.snapshots import snapshot
from config.portable.tables import Table, tables, written


class Moved(Exception):
    """A file went with its row since the rows were read: they have to be read anew."""


def write(path: Path, *, made_at: datetime, kind: Kind) -> Manifest:
    """Write the installation as it is at one moment to `path`. Raises Moved."""
    drifts = len(ledger.check())
    with path.open("wb") as file:
        with ZipFile(file, "w") as archive, snapshot() as using:
            manifest = _Writer(Packing(archive, made_at), using).write(made_at, kind, drifts)
        file.flush()
        os.fsync(file.fileno())
    return manifest


class _Writer:
    def __init__(self, packing: Packing, using: str) -> None:
        self.packing = packing
        self.using = using
        self.counts: dict[str, int] = {}
        self.missing: list[str] = []

    def write(self, made_at: datetime, kind: Kind, drifts: int) -> Manifest:
        # Files first: unlike rows, they may go while others are read.
        for need in {one.member: one for one in needed_now(self.using)}.values():
            self._add_file(need)
        for table in tables():
            self._add(member_of(table), self._rows(table), ZIP_DEFLATED)
        manifest = Manifest(
            made_at=made_at,
            kind=kind,
            base_currency=settings.CURRENCY,
            database=connections[self.using].vendor,
            migrations=applied(self.using),
            counts=self.counts,
            missing=tuple(self.missing),
            drifts=drifts,
            members=dict(self.packing.members),
        )
        self._add(manifests.NAME, [manifest.written().encode()], ZIP_DEFLATED)
        return manifest

    def _rows(self, table: Table) -> Iterator[bytes]:
        count = 0
        for row in table.rows(using=self.using):
            yield f"{written(row)}\n".encode()
            count += 1
        self.counts[table.name] = count

    def _add_file(self, need: Need) -> None:
        try:
            file = _opened(need)
        except FileNotFoundError:
            self.missing.append(need.member)
            return
        with file:
            if not is_intact(file, need.sha256):
                self.missing.append(need.member)
                return
            self._add(need.member, pieces_of(file), ZIP_STORED)

    def _add(self, name: str, pieces: Iterable[bytes], compression: int) -> None:
        for _ in self.packing.add(name, pieces, compression):
            pass


def member_of(table: Table) -> str:
    """Return what the rows of a table are called in a backup."""
    return f"tables/{table.name}.jsonl"


def _opened(need: Need) -> BufferedReader:
    """Open a file; FileNotFoundError when it is lost, Moved when its row went with it."""
    try:
        return need.place.open("rb")
    except FileNotFoundError:
        # Files go after their rows, so a row that is there now has its file, or has lost it.
        if not need.is_still_there():
            raise Moved from None
        return need.place.open("rb")
