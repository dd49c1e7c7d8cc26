"""Compare the files of attachments with the rows that point at them."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from budgets.formats import number
from purchases.keeping.inspecting import Kind, check_files
from purchases.models import Blob


class Command(BaseCommand):
    help = "List the files that are missing and those that nothing points at; exit 1 on any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--verify", action="store_true", help="Read every file and compare its hash too."
        )
        parser.add_argument(
            "--delete-orphans", action="store_true", help="Delete what nothing points at."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        counts: Counter[Kind] = Counter()
        asked = {name: options[name] for name in ("verify", "delete_orphans")}
        for fault in check_files(now=timezone.now(), **asked):
            self.stdout.write(str(fault))
            counts[fault.kind] += 1
        if deleted := counts.pop(Kind.DELETED, 0):
            self.stdout.write(f"Orphaned files deleted: {number(deleted)}.")
        if counts:
            told = ", ".join(f"{kind} {number(count)}" for kind, count in counts.items())
            raise CommandError(f"Files that do not agree with their rows: {told}.")
        self.stdout.write(f"The files agree ({number(Blob.objects.count())}).")
