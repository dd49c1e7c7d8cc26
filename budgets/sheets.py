"""CSV for spreadsheets: cells that cannot be mistaken for formulas, written row by row."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

# Text that only looks neutralised counts too: so taking one apostrophe off restores every cell.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class _Echo:
    def write(self, text: str) -> str:
        return text


def neutralise(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def stream(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield CSV lines, text cells neutralised and other values written as they are."""
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    match value:
        case str():
            return neutralise(value)
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"  # never as 1E+2
        case _:
            return value


def exact(amount: Decimal) -> Decimal:
    """Return `amount` without the zeros that say nothing: two decimals, or all that it has."""
    short = amount.quantize(Decimal("0.01"))
    return short if short == amount else amount.normalize()
