"""Show where budgets stand."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from budgets.formats import money, percent
from budgets.ledger import bring_up_to_date
from budgets.management.members import budgets_named
from budgets.models import Cycle

_HEADINGS = ("user", "level", "limit", "spent", "held", "remaining", "over by", "used", "until")
_TO_THE_LEFT = {"user", "level", "until"}


class Command(BaseCommand):
    help = "Show where the budgets of some users, or of all, stand now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("usernames", nargs="*", metavar="USERNAME")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object per line, amounts as text."
        )

    def handle(self, *args: Any, usernames: Sequence[str], **options: Any) -> None:
        budgets = budgets_named(usernames)
        now = timezone.now()
        bring_up_to_date(now=now)
        cycles = (
            Cycle.objects.open()
            .filter(budget__in=budgets)
            .select_related("budget__user")
            .order_by("budget__member_name", "pk")
        )
        if options["json"]:
            lines: Iterator[str] = (json.dumps(_facts(cycle)) for cycle in cycles)
        else:
            lines = _table([_HEADINGS, *map(_cells, cycles)])
        for line in lines:
            self.stdout.write(line)


def _facts(cycle: Cycle) -> dict[str, str | bool | None]:
    """Return one budget's figures: amounts as exact decimal text, moments in the user's zone."""
    budget, standing = cycle.budget, cycle.standing(cycle.budget.thresholds)
    return {
        "user": budget.member_name,
        "level": standing.level.value,
        "limit": f"{standing.limit:f}",
        "spent": f"{standing.spent:f}",
        "held": f"{standing.held:f}",
        "remaining": f"{standing.remaining:f}",
        "over_by": f"{standing.over_by:f}",
        "percent": None if standing.percent is None else f"{standing.percent:f}",
        "enforced": cycle.enforced,
        "starts_at": cycle.starts_at.astimezone(budget.zone).isoformat(),
        "ends_at": cycle.ends_at.astimezone(budget.zone).isoformat(),
    }


def _cells(cycle: Cycle) -> tuple[str, ...]:
    budget, standing = cycle.budget, cycle.standing(cycle.budget.thresholds)
    return (
        budget.member_name,
        standing.level.value,
        money(standing.limit),
        money(standing.spent),
        money(standing.held),
        money(standing.remaining),
        money(standing.over_by),
        percent(standing.percent),
        f"{cycle.ends_at.astimezone(budget.zone):%Y-%m-%d %H:%M %Z}",
    )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows in aligned columns, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.ljust(width) if heading in _TO_THE_LEFT else cell.rjust(width)
            for heading, cell, width in zip(_HEADINGS, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()
