"""Open the next year of what comes back every year."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from budgets.formats import number
from occasions.models import Occasion
from occasions.planning import roll


class Command(BaseCommand):
    help = "Open the next year of every yearly occasion that has had its day. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say which are due.")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        if options["dry_run"]:
            due = list(Occasion.objects.to_roll(today))
            self._list("Due", due)
            self.stdout.write(f"Occasions due: {number(len(due))}. Nothing was changed.")
            return
        opened = roll(today=today)
        self._list("Opened", opened)
        self.stdout.write(f"Occasions opened: {number(len(opened))}.")

    def _list(self, word: str, occasions: list[Occasion]) -> None:
        for occasion in occasions:
            self.stdout.write(f"{word}: {occasion}")
