"""Bring everything back as a backup has it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from budgets.formats import number
from config import backups
from config.backups import BadBackup, RestoreFailed, RestoreRunning
from config.backups.refusals import in_words
from config.management.choosing import add_choice, chosen

_WORD = "restore"


class Command(BaseCommand):
    help = "Replace everything by what a backup has. How things stand now is kept as a backup."

    def add_arguments(self, parser: CommandParser) -> None:
        add_choice(parser)
        parser.add_argument(
            "--files-only",
            action="store_true",
            help="Bring back papers and photos that are lost; change no row.",
        )
        parser.add_argument(
            "--no-restore-point",
            action="store_false",
            dest="with_restore_point",
            help="Do not keep how things stand; only where there are no users.",
        )
        parser.add_argument(
            "--no-input",
            "--noinput",
            action="store_false",
            dest="interactive",
            help="Do not ask for confirmation.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = chosen(options)
        try:
            if options["files_only"]:
                self._recover(name)
            elif not options["interactive"] or self._confirmed(name):
                self._restore(name, with_restore_point=options["with_restore_point"])
            else:
                self.stdout.write("Nothing was changed.")
        except (BadBackup, OSError) as problem:
            raise CommandError(f"Nothing was changed. {in_words(problem)}") from problem
        except (RestoreFailed, RestoreRunning) as problem:
            raise CommandError(str(problem)) from problem

    def _confirmed(self, name: str | Path) -> bool:
        report = backups.verify(name)
        self.stdout.write(
            f"{report.name}, made {report.made_at:%Y-%m-%d %H:%M} UTC: rows {number(report.rows)},"
            f" files {number(report.files)}.\nIt replaces everything that is here now."
        )
        try:
            return input(f"Type {_WORD} to go on: ").strip().lower() == _WORD
        except EOFError:
            raise CommandError("Nobody is there to confirm; give --no-input to go on.") from None

    def _restore(self, name: str | Path, *, with_restore_point: bool) -> None:
        now = timezone.now()
        done = backups.restore(
            name, now=now, with_restore_point=with_restore_point, tell=self._tell_of_the_point
        )
        rows = sum(done.counts.values())
        self.stdout.write(
            f"{done.name} is restored: rows {number(rows)}, files laid down {number(done.laid)}."
        )
        if done.drifts:
            self.stderr.write(
                "Counters of the ledger that disagree with their rows, as they did in the backup:"
                f" {number(done.drifts)}. “manage.py check_ledger” tells which."
            )
        self._warn(done.missing)

    def _tell_of_the_point(self, point: str) -> None:
        """Say at once what brings everything back: whoever is killed later says nothing."""
        self.stdout.write(f"“manage.py restore {point}” brings back how things stand now.")
        self.stdout.flush()

    def _recover(self, name: str | Path) -> None:
        laid, missing = backups.recover_files(name)
        self.stdout.write(f"Files brought back: {number(laid)}.")
        self._warn(missing)

    def _warn(self, missing: tuple[str, ...]) -> None:
        for path in missing:
            self.stderr.write(f"lost: {path}")
