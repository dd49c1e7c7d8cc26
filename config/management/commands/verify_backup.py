"""Read a backup through."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from budgets.formats import number
from config import backups
from config.backups.refusals import in_words
from config.management.choosing import add_choice, chosen


class Command(BaseCommand):
    help = "Read a backup through, and exit 1 unless it could be restored here."

    def add_arguments(self, parser: CommandParser) -> None:
        add_choice(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        name = chosen(options)
        try:
            report = backups.verify(name)
        except (backups.BadBackup, OSError) as problem:
            raise CommandError(f"{name}: {in_words(problem)}") from problem
        self.stdout.write(
            f"{report.name} is whole: rows {number(report.rows)}, files {number(report.files)},"
            f" made {report.made_at:%Y-%m-%d %H:%M} UTC."
        )
        if report.drifts:
            self.stdout.write(
                "counters of the ledger that disagreed with their rows already when it was made:"
                f" {number(report.drifts)}"
            )
        for path in report.missing:
            self.stdout.write(f"lost already when it was made: {path}")
