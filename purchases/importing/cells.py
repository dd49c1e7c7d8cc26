"""The reading of one row of a table: its cells into values, and what is odd about them."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from io import BufferedReader
from typing import cast
from urllib.parse import urlsplit

from budgets.money import ZERO
from purchases import naming, rates
from purchases.importing import table, texts
from purchases.importing.choices import Choices, Decimals
from purchases.importing.rows import BadFile, Remark, Row
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Shape, Source
from purchases.naming import fold, tidy

LONGEST_NAME = 255
LONGEST_NOTES = 2_000
#: Of retailers, brands and tags.
LONGEST_LABEL = 120
#: Of order numbers, model numbers and serial numbers.
LONGEST_NUMBER = 100
LONGEST_LINK = 2_000
MOST_PIECES = 9_999
#: The day of a row that is left out and names none.
NO_DAY = date.min

_ANSWERS = {
    "columns": "what the columns are",
    "days": "in which order a day is written",
    "decimals": "which mark stands before the decimals",
    "sign": "which amounts were spent",
    "currency": "the currency",
}
_YES, _NO = {"yes", "true", "1"}, {"no", "false", "0", ""}
_ISO = re.compile(r"\d{4}-\d\d?-\d\d?\b", re.ASCII)
# Part of a row's name at its origin, so that the whole of it stays short.
_LONGEST_KEY = 90


class BadRow(ValueError):
    """The row cannot be taken; the message says which column and why."""


@dataclass(slots=True)
class Cells:
    """The reading of one row, which collects what is odd about it.

    `columns` give the name of each column for messages, `left_out` why it is no purchase.
    """

    line: int
    cells: Mapping[str, str]
    columns: table.Columns
    left_out: str = ""
    oddities: list[str] = field(default_factory=list)
    # Columns are asked for several times, and tidying is most of the work.
    _said: dict[str, str] = field(default_factory=dict)

    def said(self, column: str) -> str:
        """Return the text of a column on one line; "" when the file has none."""
        said = self._said.get(column)
        if said is None:
            text = self.cells.get(column, "")
            said = self._said[column] = tidy(text) if text else ""
        return said

    def written(self, column: str) -> str:
        """Return the text of a column with its lines as they are, but for spaces around it."""
        if not self.cells.get(column):
            return ""
        text = unicodedata.normalize("NFC", self.cells[column])
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()

    def called(self, column: str) -> str:
        """Return what messages call a column."""
        spellings = self.columns.get(column, ())
        return (spellings[0] if spellings else "") or column

    def odd(self, column: str, what: str, *, taken_as: str = "") -> None:
        """Note what is odd about a column, and what it is taken as when the row is a purchase."""
        taken = f", taken as {taken_as}" if taken_as and not self.left_out else ""
        self.oddities.append(f"{self.called(column)}: {what}{taken}")

    def bad(self, column: str, what: str) -> BadRow:
        """Return the refusal of the row for what a column says."""
        return BadRow(f"{self.called(column)}: {what}")

    def take[T](self, column: str, read: Callable[[str], T]) -> T:
        """Return the value of a column. Raises BadRow that names it."""
        try:
            return read(self.said(column))
        except texts.BadText as problem:
            raise self.bad(column, str(problem)) from None

    def amount(self, column: str, currency: str, decimals: str = Decimals.POINT) -> Decimal | None:
        """Return an amount, None for a blank cell. Raises BadRow, also for another currency."""
        if not self.said(column):
            return None
        read = partial(
            texts.amount,
            places=rates.places(currency),
            decimals=decimals,
            currency=currency,
        )
        return self.take(column, read)

    def day(self, column: str, order: str = "", *, usual_offset: str = "") -> date:
        """Return a day, and tell of a clock with an offset that is not the usual one.

        Raises BadRow.
        """
        if not self.said(column):
            raise self.bad(column, "is blank")
        value, offset = self.take(column, lambda text: texts.day(text, order))
        if offset and offset != usual_offset:
            said = self.said(column)[:40]
            self.odd(column, f"“{said}” has a clock of {offset}", taken_as=f"{value}")
        return value

    def day_if_any(self, column: str, order: str = "") -> date | None:
        """Return a day, None for a blank cell. Raises BadRow."""
        return self.day(column, order) if self.said(column) else None

    def currency(self, column: str, usual: str) -> str:
        """Return the row's own currency, else the usual one; that is told where one was expected.

        Raises BadRow.
        """
        code = self.said(column).upper() or usual
        if not code:
            raise self.bad(column, "is blank, and no currency was chosen")
        if column in self.cells and not self.said(column):
            self.odd(column, "is blank", taken_as=code)
        if code not in rates.known():
            raise self.bad(column, f"“{code[:40]}” is no currency")
        return code

    def name(self, column: str, instead: str = "") -> str:
        """Return what was bought, cut where it is too long. Raises BadRow when nothing says it."""
        text = self.said(column)
        if not text and not instead:
            raise self.bad(column, "is blank")
        if not text:
            self.odd(column, f"is blank; it is called “{instead[:40]}”")
        return self.short(column, text or instead, LONGEST_NAME)

    def short(self, column: str, text: str, longest: int) -> str:
        """Return `text`, cut and told where it is too long."""
        if len(text) <= longest:
            return text
        self.odd(column, f"is longer than {longest:,} characters and was cut")
        return text[: longest - 1].rstrip() + "…"

    def fitting(self, column: str, longest: int) -> str:
        """Return a text that must not be cut. Raises BadRow where it is too long."""
        text = self.said(column)
        if len(text) > longest:
            raise self.bad(column, f"is longer than {longest} characters")
        return text

    def number(self, column: str) -> str:
        """Return an order, model or serial number. Raises BadRow where it is too long."""
        return self.fitting(column, LONGEST_NUMBER)

    def label(self, column: str) -> str:
        """Return the name of a retailer or a brand, cut where it is too long."""
        return self.short(column, self.said(column), LONGEST_LABEL)

    def tags(self, *columns: str, mark: str = ",") -> tuple[str, ...]:
        """Return the tags between the marks, or that of the whole text, each of them once."""
        found: dict[str, str] = {}
        for column in columns:
            # A comma parts tags in every file, as wherever people type them.
            for text in naming.tags(self.said(column).replace(mark or ",", "," if mark else " ")):
                found.setdefault(fold(text), self.short(column, text, LONGEST_LABEL))
        return tuple(found.values())

    def pieces(self, column: str) -> int:
        """Return how many were bought, 1 where it does not say. Raises BadRow."""
        text = self.said(column)
        count = self.take(column, texts.whole) if text else 0
        if not count:
            self.odd(column, f"is {'zero' if text else 'blank'}", taken_as="1")
        if count > MOST_PIECES:
            raise self.bad(column, f"{count:,} is more than {MOST_PIECES:,}")
        return count or 1

    def price(self, column: str, total: Decimal | None) -> Decimal:
        """Return what was paid; why it is no purchase is noted. Raises BadRow for a blank one."""
        if total is None:
            raise self.bad(column, "is blank")
        if total < 0:
            self.left_out = (
                f"{self.called(column)}: {total} is money that came back, not a purchase"
            )
        elif not total:
            self.left_out = f"{self.called(column)}: is zero, so nothing was paid"
        return total

    def link(self, column: str) -> str:
        """Return an address on the web; what is none is told and left out."""
        text = self.said(column)
        if text and not _is_link(text):
            self.odd(column, f"“{text[:60]}” is no address on the web; it was left out")
            return ""
        return text

    def is_true(self, column: str) -> bool:
        """Return whether a column says yes. Raises BadRow for what is neither yes nor no."""
        word = fold(self.said(column))
        if word not in _YES and word not in _NO:
            raise self.bad(column, f"“{self.said(column)[:40]}” is neither yes nor no")
        return word in _YES

    def notes(self, column: str, *more: str) -> str:
        """Return the notes of a column and what else has no field of its own, a line each."""
        lines = (self.written(column), *more)
        return self.short(column, "\n".join(line for line in lines if line), LONGEST_NOTES)


#: Turns the cells of a row into what it says. Raises BadRow.
type Reading = Callable[[Cells, Times], Row]


def rows(
    source: Source,
    choices: Choices,
    *,
    asks: Callable[[Head, Choices], tuple[str, ...]],
    columns: table.Columns,
    needed: Sequence[str],
    what: str,
    reading: Reading,
) -> Iterator[tuple[int, Row | Remark]]:
    """Yield how far each row is in the file, in percent, and what it says.

    Raises BadFile when something is left to be chosen or the header is not that of `what`.
    """
    _check_answers(asks(source.head, choices), choices)
    size = source.path.stat().st_size or 1
    with source.text(choices.encoding) as text, closing(Times()) as times:
        stream = cast("BufferedReader", text.buffer)
        records = table.read(
            text,
            delimiter=choices.delimiter or source.head.delimiter,
            header_line=choices.header_line or source.head.header_line,
            columns=columns,
            needed=needed,
            what=what,
        )
        for record in records:
            percent = min(100, stream.tell() * 100 // size)
            if isinstance(record, Remark):
                yield percent, record
                continue
            try:
                said: Row | Remark = reading(Cells(record.line, record.cells, columns), times)
            except BadRow as problem:
                said = Remark(record.line, str(problem))
            yield percent, said


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_short = len(text) <= LONGEST_LINK and " " not in text
    return is_short and parts.scheme in {"http", "https"} and bool(parts.hostname)


def _check_answers(missing: Sequence[str], choices: Choices) -> None:
    if missing:
        raise BadFile(f"Choose first: {', '.join(_ANSWERS[name] for name in missing)}.")
    if choices.currency and choices.currency not in rates.known():
        raise BadFile(f"“{choices.currency[:40]}” is no currency; USD or EUR is.")


def asks_currency(columns: table.Columns, head: Head, choices: Choices) -> tuple[str, ...]:
    """Ask for a currency where no column names it."""
    is_named = choices.currency or has_columns(head, columns, ["currency"])
    return () if is_named else ("currency",)


def are_iso_days(head: Head, spellings: Sequence[str]) -> bool:
    """Tell whether the first days of a column are all written year first."""
    wanted = set(map(fold, spellings))
    place = next((place for place, name in enumerate(head.names) if fold(name) in wanted), None)
    if place is None:
        return False
    said = [row[place] for row in head.samples if len(row) > place and row[place]]
    return bool(said) and all(_ISO.match(text) for text in said)


def has_columns(head: Head, columns: table.Columns, wanted: Sequence[str]) -> bool:
    """Tell whether a table has all the wanted columns, under any of their names."""
    names = set(map(fold, head.names))
    return head.shape is Shape.TABLE and all(
        names.intersection(map(fold, columns[column])) for column in wanted
    )


def digest(*parts: str) -> str:
    """Return a name for what the parts say, the same wherever they say the same.

    The parts are tidy; whether their letters are large makes no difference.
    """
    said = unicodedata.normalize("NFC", "\0".join(parts).casefold())
    return hashlib.sha256(said.encode()).hexdigest()[:40]


def key(text: str) -> str:
    """Return `text` as part of a row's name at its origin, short however long it is."""
    return text if len(text) <= _LONGEST_KEY else digest(text)


def money(total: Decimal | None) -> str:
    """Return an amount as it stands in a row's name: 5 and 5.00 are one."""
    return "" if total is None else f"{(total or ZERO).normalize():f}"
