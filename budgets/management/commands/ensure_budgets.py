"""Give a budget to every user who has none."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from budgets.formats import number
from budgets.ledger import ensure_budgets
from people.models import User


class Command(BaseCommand):
    help = "Give every user without a budget one, with the defaults of their role. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say who has none.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            without = User.objects.filter(budget__isnull=True)
            names = list(without.values_list("username", flat=True))
            for name in names:
                self.stdout.write(name)
            self.stdout.write(f"Users without a budget: {number(len(names))}. Nothing was changed.")
            return
        made = ensure_budgets(now=timezone.now())
        for budget in made:
            self.stdout.write(budget.member_name)
        self.stdout.write(f"Budgets made: {number(len(made))}.")
