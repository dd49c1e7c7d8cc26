"""Which backup a command means: by its name, as a file, or the newest."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from config.backups import Kind, listed
from config.backups.refusals import in_words

_ANY = "any"


def add_choice(parser: CommandParser) -> None:
    parser.add_argument(
        "name", nargs="?", metavar="NAME|PATH", help="The name of a backup, or a file."
    )
    parser.add_argument(
        "--latest",
        nargs="?",
        const=_ANY,
        choices=[_ANY, *Kind],
        metavar="KIND",
        help="The newest that was made by hand or by a schedule; or the newest of this kind:"
        " manual, scheduled, restore-point.",
    )


def chosen(options: dict[str, Any]) -> str | Path:
    """Return the name or the path of the backup that is meant. Raises CommandError."""
    name, latest = options["name"], options["latest"]
    if bool(name) == bool(latest):
        raise CommandError("Name a backup, or give --latest: one of the two.")
    if name:
        return Path(name) if "/" in name or Path(name).is_file() else name
    kinds = {Kind.MANUAL, Kind.SCHEDULED} if latest == _ANY else {Kind(latest)}
    try:
        found = next((one.name for one in listed() if one.kind in kinds), None)
    except OSError as problem:
        raise CommandError(in_words(problem)) from problem
    if found is None:
        raise CommandError("There is no such backup.")
    return found
