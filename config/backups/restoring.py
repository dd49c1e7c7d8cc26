"""Everything put back as a backup has it, or nothing at all."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import DatabaseError

from budgets import ledger
from config.backups import replacing, shelf
from config.backups.alone import alone
from config.backups.checking import inspect, rows_of
from config.backups.laying import lay_down, lost, sweep_all, take_away
from config.backups.making import make
from config.backups.names import Kind
from config.backups.needs import Need, needed_now
from config.backups.reading import Archive
from config.backups.refusals import BadBackup, RestoreFailed, in_words
from config.portable.tables import BadRow
from people.models import User

_log = logging.getLogger(__name__)
#: What may go wrong on the way, and leaves everything as it was.
TROUBLE = (DatabaseError, OSError, BadBackup, BadRow)


@dataclass(frozen=True, slots=True)
class Restored:
    """What is here now, and the restore point by which what was here comes back."""

    name: str
    made_at: datetime
    #: "" when none was made.
    restore_point: str
    #: How many rows each table has, by the table's name.
    counts: dict[str, int]
    #: The files that the backup does not have and that are not here either.
    missing: tuple[str, ...]
    #: How many counters of the ledger disagree with their rows, as they did in the backup.
    drifts: int
    #: How many files were laid down.
    laid: int


def restore(
    name: str | Path,
    *,
    now: datetime,
    with_restore_point: bool = True,
    tell: Callable[[str], None] | None = None,
) -> Restored:
    """Replace everything by what a backup has, given by its name or as a file.

    It is verified first, and how things stand is kept as a restore point, whose name `tell` gets
    before anything is changed. Raises BadBackup and RestoreRunning before that, and RestoreFailed
    for what went wrong later: nothing was changed then, and the restore point is gone again. An
    empty installation, without users, may do without it; files that no row needs stay then.
    """
    with alone(), shelf.at_hand(name) as path, Archive(path) as archive:
        needs = inspect(archive)
        if not with_restore_point:
            _judge_empty()
        point = set_restore_point(now=now) if with_restore_point else ""
        if tell and point:
            tell(point)
        before, drifts, laid = _replace(archive, needs, point)
        called = path.name if isinstance(name, Path) else name
        if point:
            quietly(sweep_all, before)
            quietly(shelf.prune_restore_points, called, point)
    return Restored(
        name=called,
        made_at=archive.manifest.made_at,
        restore_point=point,
        counts=archive.manifest.counts,
        missing=lost(needs),
        drifts=drifts,
        laid=laid,
    )


def _replace(archive: Archive, needs: list[Need], point: str) -> tuple[list[Need], int, int]:
    """Replace everything. Raises RestoreFailed; nothing was changed then, but at its very end.

    Returns which files were needed before, how many counters disagree now, and how many files were
    laid down.
    """
    laid: list[Need] = []
    try:
        with or_back(point):
            lay_down(archive, needs, laid, thorough=True)
            with replacing.everything():
                if not point:
                    _judge_empty()
                before = list(needed_now())
                replacing.empty()
                replacing.load(partial(rows_of, archive))
                drifts = len(ledger.check())
                # Again, as somebody may have deleted one while the others were laid down.
                lay_down(archive, needs, laid, thorough=False)
    except BaseException:
        quietly(take_away, laid)
        raise
    return before, drifts, len(laid)


def set_restore_point(*, now: datetime) -> str:
    """Keep how things stand, and return under which name. Raises RestoreFailed."""
    try:
        return make(now=now, kind=Kind.RESTORE_POINT).name
    except TROUBLE as problem:
        raise RestoreFailed(f"No restore point could be made: {in_words(problem)}") from problem


@contextmanager
def or_back(point: str) -> Iterator[None]:
    """Let a restore point go when nothing was changed after all. Raises RestoreFailed."""
    try:
        yield
    except replacing.Uncertain as problem:
        raise RestoreFailed(str(problem), point) from problem
    except TROUBLE as problem:
        if point:
            quietly(shelf.remove, point)
        raise RestoreFailed(in_words(problem)) from problem


def quietly(tidy: Callable[..., object], *about: object) -> None:
    """Clear up what is not needed; what cannot be cleared up does no harm."""
    try:
        tidy(*about)
    except (DatabaseError, OSError, BadBackup):
        _log.exception("files are left behind; manage.py check_files --delete-orphans")


def _judge_empty() -> None:
    """Raise RestoreFailed where there is something to lose."""
    try:
        is_empty = not User.objects.exists()
    except DatabaseError as problem:
        raise RestoreFailed(in_words(problem)) from problem
    if not is_empty:
        raise RestoreFailed(
            "There are users here: only an empty installation needs no restore point."
        )
