"""Free the money of holds whose time has passed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from budgets.formats import number
from budgets.ledger import expire_holds
from budgets.models import Hold


class Command(BaseCommand):
    help = "Free the money of every hold whose time has passed. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many are due.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            due = Hold.objects.due(now).count()
            self.stdout.write(f"Holds due: {number(due)}. Nothing was changed.")
            return
        self.stdout.write(f"Holds expired: {number(expire_holds(now=now))}.")
