"""Forget what programs were told under their idempotency keys, once it was kept long enough."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from people.programs.once import KEPT, forget


class Command(BaseCommand):
    help = (
        f"Delete the answers that programs were given more than {KEPT.days} days ago under an"
        " Idempotency-Key; the same key begins anew then. What they recorded stays. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many are due.")

    def handle(self, *args: Any, **options: Any) -> None:
        count = forget(now=timezone.now(), dry_run=options["dry_run"])
        if options["dry_run"]:
            self.stdout.write(f"Answers due: {count:,}. Nothing was changed.")
        else:
            self.stdout.write(f"Answers forgotten: {count:,}.")
