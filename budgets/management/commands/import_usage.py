"""Bring metered usage from a file into a member's budget."""

import sys
from contextlib import AbstractContextManager
from decimal import Decimal
from io import BufferedReader
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from budgets.formats import number
from budgets.management.members import member_named
from budgets.money import PLACES, BadAmount
from budgets.money import parse as parse_amount
from budgets.usage.columns import SYNONYMS, BadColumns, Columns
from budgets.usage.files import BadFile
from budgets.usage.formats import FORMATS, read
from budgets.usage.loading import Result, load
from budgets.usage.parsing import Reading
from budgets.usage.pricing import Prices, PublishedPrices, Rates
from people.models import validate_timezone

#: The prices that can be given, in the order of Rates, and what each is for.
_PRICES = {
    "input": "million input tokens",
    "output": "million output tokens",
    "cached": "million cached tokens",
    "cache-write": "million tokens written to the cache",
    "search": "thousand web searches",
}


class Command(BaseCommand):
    help = "Record metered usage from a file of a provider, a gateway or a script. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="A path, or - for standard input.")
        parser.add_argument("--user", required=True, metavar="NAME", help="Whose usage it is.")
        parser.add_argument("--provider", default="", help="For rows that name no provider.")
        parser.add_argument("--model", default="", help="For rows that name no model.")
        parser.add_argument(
            "--format",
            choices=FORMATS,
            help="Otherwise csv or jsonl, told by the file's name or look.",
        )
        parser.add_argument(
            "--columns",
            action="append",
            default=[],
            metavar="FIELD=COLUMN,…",
            help=f"Which column holds which field: {', '.join(SYNONYMS)}. An empty COLUMN: none.",
        )
        parser.add_argument(
            "--time-zone", default="UTC", metavar="ZONE", help="Of times without an offset."
        )
        parser.add_argument(
            "--cached-tokens",
            choices=("inside", "apart"),
            default="inside",
            help="Whether the input tokens of the file count the cached ones (default: inside).",
        )
        for name, what in _PRICES.items():
            parser.add_argument(
                f"--{name}-price",
                metavar="AMOUNT",
                help=f"Per {what}, instead of the published price.",
            )
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")
        parser.add_argument(
            "--max-errors-shown", type=int, default=20, metavar="N", help="Default: 20."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = member_named(options["user"])
        reading = Reading(
            provider=options["provider"].strip(),
            model=options["model"].strip(),
            zone=_zone(options["time_zone"]),
            cached_inside=options["cached_tokens"] == "inside",
            currency=settings.CURRENCY,
        )
        prices = _prices(options)
        now = timezone.now()
        try:
            columns = Columns.parse(options["columns"])
            with _opened(options["file"]) as stream:
                rows = read(
                    stream,
                    name=options["file"],
                    file_format=options["format"],
                    columns=columns,
                    reading=reading,
                )
                result = load(
                    # disable=None: no bar where the standard error is no terminal.
                    tqdm(
                        rows,
                        desc="Reading",
                        unit=" rows",
                        total=_lines(options["file"]),
                        disable=None,
                    ),
                    user=user,
                    prices=prices,
                    now=now,
                    dry_run=options["dry_run"],
                    keep_problems=max(options["max_errors_shown"], 0),
                )
        except (BadColumns, BadFile) as problem:
            raise CommandError(f"Nothing was imported: {problem}") from None
        self._report(result, dry_run=options["dry_run"])

    def _report(self, result: Result, *, dry_run: bool) -> None:
        for problem in sorted(result.problems, key=lambda problem: problem.line):
            self.stderr.write(f"line {problem.line}: {problem.reason}{problem.hint}")
        if more := result.invalid - len(result.problems):
            self.stderr.write(f"invalid rows not shown: {number(more)}")
        self.stdout.write(f"accepted: {number(result.accepted)}")
        self.stdout.write(f"duplicate: {number(result.duplicates)}")
        self.stdout.write(f"invalid: {number(result.invalid)}")
        self.stdout.write(f"amount accepted: {result.amount:f} {settings.CURRENCY}")
        if result.priced:
            self.stdout.write(f"priced by their tokens: {number(result.priced)}")
        if result.rounded:
            self.stdout.write(f"costs rounded to six places: {number(result.rounded)}")
        if dry_run:
            self.stdout.write("Nothing was stored: this was a dry run.")
        if result.invalid:
            raise CommandError(
                f"Rows left out because they are invalid: {number(result.invalid)}."
                " Every other row stands as reported."
            )


def _opened(path: str) -> AbstractContextManager[BufferedReader]:
    if path == "-":
        return cast(BufferedReader, sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except OSError as problem:
        raise CommandError(f"{path}: {problem.strerror}") from None


def _zone(name: str) -> ZoneInfo:
    try:
        validate_timezone(name)
    except ValidationError as problem:
        raise CommandError("--time-zone: " + " ".join(problem.messages)) from None
    return ZoneInfo(name)


def _prices(options: dict[str, Any]) -> Prices:
    """Return the prices that were given, else the published ones. Raises CommandError."""
    given = {name: _price(name, options[f"{name.replace('-', '_')}_price"]) for name in _PRICES}
    if all(price is None for price in given.values()):
        return PublishedPrices(settings.CURRENCY)
    if given["input"] is None or given["output"] is None:
        raise CommandError("Give --input-price and --output-price together.")
    return Rates(*given.values())


def _price(name: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        price = parse_amount(text, places=PLACES)
    except BadAmount as problem:
        raise CommandError(f"--{name}-price: {problem}") from None
    if price < 0:
        raise CommandError(f"--{name}-price: Enter 0 or more.")
    return price


def _lines(name: str) -> int | None:
    """Return about how many rows a file has, for the progress bar; None for standard input."""
    if name == "-":
        return None
    with Path(name).open("rb") as file:
        return sum(1 for _ in file)
