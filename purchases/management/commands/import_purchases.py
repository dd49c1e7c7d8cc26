import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from budgets.formats import number
from budgets.management.members import member_named
from budgets.money import ZERO
from people.models import User
from purchases import rates
from purchases.fields import RateFormField
from purchases.importing import batches
from purchases.importing.choices import Choices, Days, Decimals, Sign
from purchases.importing.formats import FORMATS, Kind
from purchases.importing.rows import BadFile
from purchases.models import ImportBatch, ImportPreset, ImportRow

Fate, Mode, Outcome, State = ImportRow.Fate, ImportBatch.Mode, ImportRow.Outcome, ImportBatch.State
#: More rows than any file has.
_ALL = 10**9
#: By which options these are said, where that is not their name.
_OPTIONS = {"columns": "preset", "rates": "exchange-rate"}
_COLUMNS = "Name one that says which column holds what. It is saved on the page of an import."

type _Words = Mapping[str, Any]


class Command(BaseCommand):
    help = (
        "Record purchases from a file, privately to their owner. Safe to repeat: what was"
        " interrupted goes on where it stopped. It shows among the imports of its owner."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="A path, or - for standard input.")
        formats = [one.key for one in FORMATS if one.kind is Kind.PURCHASES]
        parser.add_argument("--format", choices=formats, help="Otherwise told by the file's look.")
        parser.add_argument("--owner", required=True, metavar="NAME", help="Who bought it.")
        parser.add_argument(
            "--mode",
            choices=Mode.values,
            default=Mode.SKIP.value,
            help="What becomes of purchases that are here already (default: skip).",
        )
        parser.add_argument(
            "--skip-doubles",
            action="store_true",
            help="Leave out what looks like another purchase, instead of recording it too.",
        )
        parser.add_argument(
            "--preset", metavar="NAME", help="The owner's saved choices for such files."
        )
        parser.add_argument(
            "--currency",
            metavar="CODE",
            help=f"Of rows that name none (default: {settings.CURRENCY}).",
        )
        parser.add_argument(
            "--exchange-rate",
            metavar="RATE",
            help=f"What one unit of --currency is worth in {settings.CURRENCY}.",
        )
        parser.add_argument(
            "--days", choices=[*Days], help="How days are written: year, day or month first."
        )
        parser.add_argument(
            "--decimals", choices=[*Decimals], help="Which mark stands before the decimals."
        )
        parser.add_argument("--sign", choices=[*Sign], help="Which amounts were spent.")
        parser.add_argument(
            "--header-line",
            type=int,
            metavar="N",
            help="In which line the columns are named, where that is not seen by its look.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")

    def handle(self, *args: Any, **options: Any) -> None:
        owner, now = member_named(options["owner"]), timezone.now()
        preset = _preset(owner, options["preset"])
        choices = _choices(preset, options)
        # What is asked for comes before what the owner saved, and that before what is recognised.
        key = options["format"] or (batches.format_of(preset) if preset else "")
        batch = _worked(_begun(options["file"], owner, key, choices, options, now), now)
        if options["dry_run"]:
            refused = self._report(batch, dry_run=True)
            batches.discard(batch=batch)
        else:
            if batch.state == State.READY:
                doubles = not options["skip_doubles"]
                batch = _applied(batch, now, doubles=doubles)
            batch = _worked(batch, now)
            refused = self._report(batch, dry_run=False)
        if batch.state == State.FAILED:
            was = "" if batches.left_something(batch) else "Nothing was imported: "
            raise CommandError(f"{was}{batch.problem}")
        if refused:
            raise CommandError(
                f"Rows that were refused: {number(refused)}. Every other row stands as reported."
            )

    def _report(self, batch: ImportBatch, *, dry_run: bool) -> int:
        """Tell what became of the rows, and return how many were refused."""
        if batch.state == State.FAILED and not batch.rows.exists():
            return 0
        for row in batch.rows.order_by("line", "number").iterator(chunk_size=500):
            for line in _lines_about(row):
                self.stderr.write(f"line {row.line}: {line}")
        return self._report_figures(batch, dry_run=dry_run)

    def _report_figures(self, batch: ImportBatch, *, dry_run: bool) -> int:
        told = batches.tally(batch)
        is_update = batch.mode == Mode.UPDATE
        fates, outcomes = told.fates, told.outcomes
        doubles = fates[Fate.DOUBLE]
        self.stdout.write(f"rows: {number(told.rows)}")
        if dry_run:
            added, sums = fates[Fate.NEW] + doubles, _together(told.sums, Fate.NEW, Fate.DOUBLE)
            refused = fates[Fate.ERROR]
        else:
            added, sums = outcomes[Outcome.ADDED], _together(told.recorded, Outcome.ADDED)
            refused = outcomes[Outcome.REFUSED]
        self.stdout.write(f"added: {number(added)}")
        self.stdout.write(f"same: {number(fates[Fate.SAME])}")
        self.stdout.write(f"changed: {number(fates[Fate.CHANGED])}")
        if is_update and not dry_run:
            self.stdout.write(f"updated: {number(outcomes[Outcome.UPDATED])}")
        self.stdout.write(f"left out: {number(fates[Fate.LEFT_OUT])}")
        self.stdout.write(f"refused: {number(refused)}")
        self.stdout.write(f"odd: {number(told.odd)}")
        if doubles:
            self.stdout.write(f"perhaps doubles: {number(doubles)}")
        for currency, total in sorted(sums.items()):
            places = Decimal(1).scaleb(-rates.places(currency))
            self.stdout.write(f"price added: {total.quantize(places):f} {currency}")
        if dry_run:
            self.stdout.write("Nothing was stored: this was a dry run.")
        return refused


def _lines_about(row: ImportRow) -> Iterator[str]:
    """Yield everything about a row that is not as usual."""
    yield from row.oddities
    if row.fate == Fate.LEFT_OUT:
        yield f"left out: {row.reason}"
    elif row.fate == Fate.ERROR or row.outcome == Outcome.REFUSED:
        yield f"refused: {row.reason}"
    elif row.fate == Fate.CHANGED:
        yield row.reason
    elif row.fate == Fate.DOUBLE and row.outcome == Outcome.SKIPPED:
        yield f"perhaps a double: {row.reason}"


def _together(sums: Mapping[str, Mapping[str, Decimal]], *keys: str) -> dict[str, Decimal]:
    """Return what several of the sums come to, by currency."""
    together: dict[str, Decimal] = {}
    for key in keys:
        for currency, amount in sums.get(key, {}).items():
            together[currency] = together.get(currency, ZERO) + amount
    return together


def _begun(
    path: str, owner: User, key: str, choices: Choices, words: _Words, now: datetime
) -> ImportBatch:
    """Return the batch of the file, the one that broke off where there is one."""
    try:
        with _opened(path) as upload:
            batch = batches.begin(upload=upload, owner=owner, by=None, now=now)
    except BadFile as problem:
        raise CommandError(f"Nothing was imported: {problem}") from None
    key = key or batch.format
    if not words["dry_run"] and (older := _broken_off(batch, key, choices, words["mode"])):
        batches.discard(batch=batch)
        return older
    try:
        return batches.choose(batch=batch, format=key, choices=choices, mode=words["mode"], now=now)
    except ValidationError as refusal:
        batches.discard(batch=batch)
        raise CommandError(f"Nothing was imported: {_said(refusal)}") from None


def _broken_off(batch: ImportBatch, key: str, choices: Choices, mode: str) -> ImportBatch | None:
    """Return an earlier import of the same file in the same way that has not come to its end."""
    same = ImportBatch.objects.filter(
        owner=batch.owner,
        by=None,
        sha256=batch.sha256,
        format=key,
        mode=mode,
        state__in=(State.READING, State.APPLYING, State.UNDOING),
    )
    wanted = choices.as_json()
    return next((one for one in same.exclude(pk=batch.pk) if one.choices == wanted), None)


def _said(refusal: ValidationError) -> str:
    """Return a refusal with the options that it is about."""
    return " ".join(
        " ".join(reasons) if name == NON_FIELD_ERRORS else _at_option(name, reasons)
        for name, reasons in refusal.message_dict.items()
    )


def _at_option(name: str, reasons: list[str]) -> str:
    option = _OPTIONS.get(name, name.replace("_", "-"))
    return f"--{option}: {_COLUMNS if name == 'columns' else ' '.join(reasons)}"


def _applied(batch: ImportBatch, now: datetime, *, doubles: bool) -> ImportBatch:
    """Begin to record a batch, unless another process that goes on with it has by now."""
    try:
        return batches.apply(batch=batch, by=None, now=now, doubles=doubles)
    except ValidationError:
        return ImportBatch.objects.select_related("owner", "by").get(pk=batch.pk)


def _worked(batch: ImportBatch, now: datetime) -> ImportBatch:
    """Work on a batch until it rests; the file is gone through once."""
    while batch.state in {State.READING, State.APPLYING, State.UNDOING}:
        batch = batches.work(batch=batch, now=now, most=_ALL)
    return batch


@contextmanager
def _opened(path: str) -> Iterator[File[bytes]]:
    """Open a file, or standard input as one. Raises CommandError."""
    if path == "-":
        yield File(sys.stdin.buffer, name="standard input")
        return
    try:
        with Path(path).open("rb") as stream:
            yield File(stream, name=Path(path).name)
    except OSError as problem:
        raise CommandError(f"{path}: {problem.strerror}") from None


def _preset(owner: User, name: str | None) -> ImportPreset | None:
    """Return the owner's preset of that name. Raises CommandError."""
    if not name:
        return None
    preset = ImportPreset.objects.filter(owner=owner, name=name).first()
    if preset is None:
        raise CommandError(f"--preset: {owner.username} has none that is called “{name}”.")
    return preset


def _choices(preset: ImportPreset | None, words: _Words) -> Choices:
    """Return how the file is to be read; options come before a preset. Raises CommandError."""
    chosen = batches.choices_of(preset) if preset else Choices()
    named = words["currency"]
    currency = _currency(named) if named else chosen.currency or settings.CURRENCY
    rate = _rate(words["exchange_rate"], currency)
    return replace(
        chosen,
        currency=currency,
        rates={currency: f"{rate:f}"} if rate else {},
        days=words["days"] or chosen.days,
        decimals=words["decimals"] or chosen.decimals,
        sign=words["sign"] or chosen.sign,
        header_line=_line(words["header_line"]) or chosen.header_line,
    )


def _line(given: int | None) -> int:
    """Return the number of a line, 0 for none. Raises CommandError."""
    if given is not None and given < 1:
        raise CommandError("--header-line: Enter 1 or more.")
    return given or 0


def _currency(code: str) -> str:
    if code.upper() not in rates.known():
        raise CommandError(f"--currency: “{code}” is no currency; USD or EUR is.")
    return code.upper()


def _rate(text: str | None, currency: str) -> Decimal | None:
    """Return what one unit of `currency` is worth. Raises CommandError."""
    if text is None:
        return None
    if currency == settings.CURRENCY:
        raise CommandError(f"--exchange-rate: {currency} needs none; name another --currency.")
    try:
        rate: Decimal = RateFormField().clean(text)
    except ValidationError as problem:
        raise CommandError("--exchange-rate: " + " ".join(problem.messages)) from None
    return rate
