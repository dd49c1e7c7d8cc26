"""An export read into an empty installation: all of it or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from budgets import ledger
from config.backups import replacing
from config.backups.alone import alone
from config.backups.laying import take_away
from config.backups.needs import Need
from config.backups.restoring import quietly
from config.exporting.files import Files
from config.exporting.judging import judge
from config.exporting.parcels import Parcel
from config.exporting.refusals import BadExport
from config.exporting.scopes import exported
from config.portable.tables import Row, check_references, set_sequences
from people.models import User


@dataclass(frozen=True, slots=True)
class Taken:
    """What is here now."""

    counts: dict[str, int]
    #: How many files were laid down.
    laid: int
    #: The files that rows name and that are nowhere.
    lost: tuple[str, ...]


def take_in(path: Path, *, without_files: bool = False) -> Taken:
    """Store everything that an export has, keys included; nobody has a password then.

    It is read through before anything is changed. Files that it names and does not have must lie
    here already, unless it is to do `without_files`. Raises BadExport for what cannot be taken,
    RestoreRunning, and what the database and the disk raise; nothing was changed then.
    """
    with alone(), Parcel(path) as parcel:
        _refuse_users()
        verdict = judge(parcel)
        files = Files(parcel, verdict.needs)
        lost = files.lost()
        if lost and not without_files:
            raise BadExport(_LOST.format(count=len(lost), first=lost[0]))
        laid: list[Need] = []
        try:
            with transaction.atomic(durable=True):
                replacing.hold_everything()
                _refuse_rows()
                _load(parcel)
                files.lay_down(laid)
                _look_again(files, lost)
        except BaseException:
            quietly(take_away, laid)
            raise
    return Taken(verdict.counts, len(laid), lost)


_LOST = (
    "The bytes of {count} papers or photos are neither in the file nor here, the first is {first}."
    " Import the ZIP of the same export, or add --without-files to go on without them."
)
_USERS = (
    "There are users here, and an import of everything fills an empty installation alone."
    " “manage.py restore” replaces everything by a backup; purchases are added to what is there"
    " on the page “Data”, or with “manage.py import_purchases”."
)


def _refuse_users() -> None:
    if User.objects.exists():
        raise BadExport(_USERS)


def _refuse_rows() -> None:
    """Raise BadExport unless there is room for every key."""
    _refuse_users()
    for table in exported():
        if table.model._base_manager.exists():
            raise BadExport(
                f"There are rows of {table.name} here although nobody signs in any more."
                " Import into a new database."
            )


def _load(parcel: Parcel) -> None:
    known = {table.name: table for table in exported()}
    for name, rows in groupby(parcel.rows(), key=lambda found: found[0]):
        known[name].load(_without_passwords(name, (row for _, row in rows)))
    set_sequences(exported())
    check_references()


def _without_passwords(name: str, rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        yield {**row, "password": make_password(None)} if name == "people.User" else row


def _look_again(files: Files, lost: tuple[str, ...]) -> None:
    """Raise BadExport unless what is stored now agrees."""
    if drifts := ledger.check():
        raise BadExport(f"The ledger of this export does not agree with itself: {drifts[0]}.")
    if missing := set(files.missing()) - set(lost):
        raise BadExport(f"A file was deleted meanwhile: {min(missing)}. Try again.")
