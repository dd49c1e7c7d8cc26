"""Make a backup, or list those that there are."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from budgets.formats import number
from config import backups
from config.backups import Backup, Kind
from config.backups.refusals import in_words


class Command(BaseCommand):
    help = "Make a backup of everything, while the app runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="List the backups; make none.")
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            help="Delete all but the newest N afterwards; restore points are not counted.",
        )
        parser.add_argument(
            "--scheduled", action="store_true", help="Say in its name that a schedule made it."
        )
        parser.add_argument("--quiet", action="store_true", help="Print warnings alone.")

    def handle(
        self, *args: Any, keep: int | None, scheduled: bool, quiet: bool, **options: Any
    ) -> None:
        if options["list"]:
            self._list()
            return
        if keep is not None and keep < 1:
            raise CommandError("--keep is at least 1.")
        kind = Kind.SCHEDULED if scheduled else Kind.MANUAL
        try:
            made = backups.make(now=timezone.now(), kind=kind)
        except (OSError, DatabaseError) as problem:
            raise CommandError(f"No backup was made. {in_words(problem)}") from problem
        if made.missing:
            self.stderr.write(
                f"Lost files that are in no backup: {number(made.missing)}. The manifest names"
                " them; “manage.py check_files” tells who needs them."
            )
        if made.drifts:
            self.stderr.write(
                f"Counters of the ledger that disagree with their rows: {number(made.drifts)}. The"
                " backup has them so; “manage.py check_ledger” tells which."
            )
        if not quiet:
            self._tell([made])
        if keep is not None:
            self._prune(keep)

    def _list(self) -> None:
        try:
            self._tell(backups.listed())
        except OSError as problem:
            raise CommandError(in_words(problem)) from problem

    def _prune(self, keep: int) -> None:
        try:
            backups.prune(keep)
        except OSError as problem:
            raise CommandError(
                f"The backup is made, and older ones could not be deleted. {in_words(problem)}"
            ) from problem

    def _tell(self, found: Iterable[Backup]) -> None:
        for one in found:
            self.stdout.write(f"{one.name}  {_size(one)}  {_holds(one)}")


def _size(one: Backup) -> str:
    return filesizeformat(one.size).replace("\N{NO-BREAK SPACE}", " ")


def _holds(one: Backup) -> str:
    if not one.is_readable:
        return "cannot be read"
    lost = f", lost {number(one.missing)}" if one.missing else ""
    return f"rows {number(one.rows)}, files {number(one.files)}{lost}"
