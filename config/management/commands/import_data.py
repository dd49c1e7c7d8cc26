"""Fill an empty installation with an export of everything."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from budgets.formats import number
from config.backups.refusals import RestoreRunning
from config.exporting.refusals import BadExport
from config.exporting.taking import Taken, take_in
from config.portable.tables import BadRow


class Command(BaseCommand):
    help = (
        "Fill an empty installation with an export of everything, JSON or ZIP. All of it is stored"
        " or nothing; passwords are set anew afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="What export_data wrote.")
        parser.add_argument(
            "--without-files",
            action="store_true",
            help="Go on although papers or photos are neither in the file nor here.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            taken = take_in(Path(options["file"]), without_files=options["without_files"])
        except (BadExport, BadRow, RestoreRunning) as problem:
            raise CommandError(f"Nothing was imported. {problem}") from None
        except DatabaseError as problem:
            said = str(problem).partition("\n")[0]
            raise CommandError(f"Nothing was imported. The database says: {said}.") from None
        except OSError as problem:
            raise CommandError(
                f"Nothing was imported. {options['file']}: {problem.strerror}."
            ) from None
        self._report(taken)

    def _report(self, taken: Taken) -> None:
        rows = sum(taken.counts.values())
        self.stdout.write(f"Imported: {number(rows)} rows and {number(taken.laid)} files.")
        if taken.lost:
            self.stdout.write(f"Papers and photos that are not here: {number(len(taken.lost))}.")
        self.stdout.write(
            "Nobody has a password yet: set one with “manage.py changepassword NAME” for each of"
            f" the {number(taken.counts['people.User'])} users."
        )
