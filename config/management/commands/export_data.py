"""Write everything, or what is one member's own, into a file."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from budgets.formats import number
from budgets.management.members import member_named
from config.exporting.archives import Contents, archive
from config.exporting.documents import document
from config.exporting.scopes import Everything, Member, Scope
from config.portable.outputs import write_whole
from occasions.access import viewer_of

_STDOUT = "-"


class Command(BaseCommand):
    help = (
        "Write everything as JSON, or as a ZIP with the papers and photos. Passwords, secret"
        " addresses and unfinished imports are left out; a backup has them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output",
            default=_STDOUT,
            metavar="FILE",
            help="Where to; - is the standard output (default). A file is replaced when all of"
            " the new one is written.",
        )
        parser.add_argument("--zip", action="store_true", help="A ZIP with papers and photos.")
        parser.add_argument(
            "--member",
            metavar="NAME",
            help="Only what is this member's own: their purchases, their budget, and what is"
            " planned for whom. What others share with them and surprises are left out.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        scope: Scope = Everything()
        if options["member"]:
            scope = Member(viewer_of(member_named(options["member"]), now=now))
        contents = Contents()
        pieces: Iterator[bytes]
        if options["zip"]:
            pieces = archive(scope, now=now, contents=contents)
        else:
            pieces = (text.encode() for text in document(scope, now=now))
        self._write(options["output"], pieces)
        if contents.lost:
            files = ", ".join(contents.lost[:3]) + (" …" if len(contents.lost) > 3 else "")
            self.stderr.write(
                f"Files that could not be had: {number(len(contents.lost))} ({files})."
                " The rows that name them are there."
            )

    def _write(self, output: str, pieces: Iterator[bytes]) -> None:
        if output == _STDOUT:
            if sys.stdout.isatty():
                raise CommandError("Say where to: --output FILE, or send the output somewhere.")
            self._pour(pieces)
            return
        try:
            size = write_whole(Path(output), pieces)
        except OSError as problem:
            raise CommandError(f"{output} cannot be written: {problem.strerror}.") from None
        self.stdout.write(f"Written: {output} ({number(size)} bytes).")

    def _pour(self, pieces: Iterator[bytes]) -> None:
        try:
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
        except OSError as problem:
            raise CommandError(f"The output was not taken: {problem.strerror}.") from None
