"""Compare every counter with the rows behind it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budgets.formats import number
from budgets.ledger import check
from budgets.models import Budget, Cycle, Entry, Hold


class Command(BaseCommand):
    help = "Compare every counter with the entries and holds behind it; exit 1 on any difference."

    def handle(self, *args: Any, **options: Any) -> None:
        drifts = 0
        for drift in check():
            self.stdout.write(str(drift))
            drifts += 1
        if drifts:
            raise CommandError(f"Counters that disagree with their rows: {number(drifts)}.")
        checked = ", ".join(
            f"{model._meta.verbose_name_plural} {number(model._default_manager.count())}"
            for model in (Budget, Cycle, Entry, Hold)
        )
        self.stdout.write(f"The ledger agrees ({checked}).")
