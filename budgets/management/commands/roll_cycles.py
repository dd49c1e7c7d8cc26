"""Close the windows that have ended and open the current ones."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from budgets.formats import number
from budgets.ledger import roll_due
from budgets.models import Cycle


class Command(BaseCommand):
    help = "Close every window that has ended and open the current one. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many are due.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            due = Cycle.objects.due(now).count()
            self.stdout.write(f"Budgets due: {number(due)}. Nothing was changed.")
            return
        self.stdout.write(f"Windows closed: {number(roll_due(now=now))}.")
