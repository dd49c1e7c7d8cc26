"""Close the open window of some budgets, or of all, and begin a new one."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from budgets.formats import money, number
from budgets.ledger import reset
from budgets.management.members import budgets_named
from budgets.models import Budget, Cycle, Reset
from budgets.money import ZERO

_LONGEST_REASON = Reset._meta.get_field("reason").max_length or 0


class Command(BaseCommand):
    help = "Begin a new window for some users, or for all. Spending stays on record."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("usernames", nargs="*", metavar="USERNAME")
        parser.add_argument("--all", action="store_true", help="Reset every user's budget.")
        parser.add_argument("--reason", default="", help="Kept with each reset.")
        parser.add_argument("--dry-run", action="store_true", help="Only list who and how much.")
        parser.add_argument(
            "--no-input",
            "--noinput",
            action="store_false",
            dest="interactive",
            help="Do not ask for confirmation.",
        )

    def handle(self, *args: Any, usernames: Sequence[str], reason: str, **options: Any) -> None:
        if bool(usernames) == options["all"]:
            raise CommandError("Name the users, or give --all: one of the two.")
        if len(reason) > _LONGEST_REASON:
            raise CommandError(f"The reason is longer than {_LONGEST_REASON} characters.")
        # In the order of their keys, in which every transaction locks budgets.
        budgets = list(budgets_named(usernames).order_by("pk"))
        now = timezone.now()
        if options["dry_run"]:
            self._list(budgets, now)
            self.stdout.write(f"Budgets to reset: {number(len(budgets))}. Nothing was changed.")
            return
        if options["interactive"]:
            self._list(budgets, now)
            if not _confirmed():
                self.stdout.write("Nothing was changed.")
                return
            now = timezone.now()
        for done in _reset_together(budgets, reason, now):
            self.stdout.write(
                f"{done.budget.member_name}: {money(done.spent_before)} spent before,"
                f" new window {_window(done, done.budget.zone)}"
            )
        self.stdout.write(f"Budgets reset: {number(len(budgets))}.")

    def _list(self, budgets: Sequence[Budget], now: datetime) -> None:
        cycles = Cycle.objects.open().filter(budget__in=budgets)
        spent = {
            # A window that has ended closes by itself first, with its money told in its own reset.
            cycle.budget_id: ZERO if cycle.ends_at <= now else cycle.spent
            for cycle in cycles
        }
        for budget in budgets:
            self.stdout.write(f"{budget.member_name}: {money(spent[budget.pk])} spent")


def _confirmed() -> bool:
    try:
        return input("Reset these budgets? Type yes to go on: ").strip().lower() == "yes"
    except EOFError:
        raise CommandError("Nobody is there to confirm; give --no-input to go on.") from None


@transaction.atomic
def _reset_together(budgets: Sequence[Budget], reason: str, now: datetime) -> list[Reset]:
    """Reset all of them or, when anything fails, none."""
    return [reset(budget=budget, actor=None, reason=reason, now=now) for budget in budgets]


def _window(done: Reset, zone: tzinfo) -> str:
    starts, ends = done.new_starts_at.astimezone(zone), done.new_ends_at.astimezone(zone)
    return f"{starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M %Z}"
