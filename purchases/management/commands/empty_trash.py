"""Delete for good what has been in the trash of purchases long enough."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from budgets.formats import number
from purchases import keeping
from purchases.importing import batches
from purchases.models.purchase import TRASHED_FOR


class Command(BaseCommand):
    help = (
        f"Delete for good the purchases that were deleted more than {TRASHED_FOR.days} days ago,"
        " with their papers, files that waited a day for a form, and imports that waited a day."
        " What they did to budgets stays in the ledger. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many are due.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            due = keeping.empty_trash(now=now, dry_run=True)
            self.stdout.write(f"Purchases due: {number(due)}. Nothing was changed.")
            return
        self.stdout.write(f"Purchases deleted for good: {number(keeping.empty_trash(now=now))}.")
        if waiting := keeping.drop_stale(now=now):
            self.stdout.write(f"Files deleted that no form was saved with: {number(waiting)}.")
        if resting := batches.drop_stale(now=now):
            self.stdout.write(f"Imports forgotten that were never recorded: {number(resting)}.")
