"""CSV with a header: columns by their names, rows with the line where each one starts.

Banks write a few lines about the account above the header. It is the first line that names most of
its columns, three of them or more, and is as wide as what follows.

The text is read line by line and never as a whole. A row that cannot be read costs itself only:
where a quotation mark has no partner, reading goes on with the line below it.
"""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice

from purchases.importing import encodings
from purchases.importing.fields import USUAL_HEADERS
from purchases.importing.rows import BadFile, Remark
from purchases.naming import fold, tidy

#: The parser's own name of each column, and the names it has in files.
Columns = Mapping[str, Sequence[str]]
#: The first and the last line of a row, and its cells or why it has none.
type _Cells = tuple[int, int, list[str] | str]
#: What may stand between two cells, the likeliest first.
DELIMITERS = (",", ";", "\t", "|")
#: How many characters a row may have, all of its lines together.
LONGEST_ROW = 1 << 17

_SAMPLES = 40
#: How many columns a header names that does not stand at the top.
_FEWEST = 3
_TOO_LONG = f"is longer than {LONGEST_ROW:,} characters"
# The line by which Excel is told what stands between cells.
_EXCEL = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
# An amount or a day, which names no column: the first of its letters and digits is a digit.
_FIGURE = re.compile(r"[\W_]*\d")


@dataclass(frozen=True, slots=True)
class Record:
    """The text of each known column of one row, and the line on which it starts."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The header of a table and its line, what stands between cells, and the first rows.

    `is_sure` when it looks like a header, and is not only the first line.
    """

    delimiter: str
    line: int
    names: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    is_sure: bool


def begin(text: TextIOWrapper, delimiter: str = "", header_line: int = 0) -> Beginning:
    """Return how a table begins, with the delimiter that makes most of it when none is given.

    The header is looked for unless its line is given. Raises BadFile when there is none.
    """
    told = _EXCEL.fullmatch(first := next(_bounded(text), ""))
    known = delimiter or (told[1] if told else "")
    rest = _bounded(text)
    # Lines above a header that was said are counted and forgotten, however many they are.
    above = sum(1 for _ in islice(rest, header_line - 2)) + 1 if header_line > 1 else 0
    lines = [*([] if above else [first]), *islice(rest, _SAMPLES)]
    found, problem = [], BadFile("The file is empty.")
    for mark in [known] if known else DELIMITERS:
        try:
            found.append(_beginning(lines, mark, above, is_told=header_line > 0))
        except BadFile as bad:
            problem = bad
    if not found:
        raise BadFile(f"No columns are named in line {header_line}.") if above else problem
    return max(found, key=lambda one: (one.is_sure, _agreeing(one), len(one.names)))


def read(
    text: TextIOWrapper,
    *,
    delimiter: str,
    header_line: int,
    columns: Columns,
    needed: Sequence[str],
    what: str,
) -> Iterator[Record | Remark]:
    """Yield the records, and a remark for each row that is none, one at a time.

    Of lines above `header_line` nothing is read. Raises BadFile when the header is not that of
    `what`.
    """
    rows = _rows(_Lines(below(_bounded(text), header_line)), delimiter)
    _, names = _header(next(rows, None))
    places = _places(names, columns)
    if missing := [columns[known][0] for known in needed if known not in places]:
        raise BadFile(f"This is not {what}: the header has no {', '.join(missing)}.")
    for line, last, row in rows:
        yield _record(line, last, row, len(names), places)


def below(lines: Iterator[str], header_line: int) -> Iterator[str]:
    """Return lines, those above the header as blank ones: the others keep their numbers."""
    return chain(("\n" for _ in islice(lines, max(0, header_line - 1))), lines)


def _beginning(lines: list[str], delimiter: str, above: int, *, is_told: bool) -> Beginning:
    rows = list(_rows(_Lines(iter(lines)), delimiter))
    place = None if is_told else _place_of_header(rows)
    line, names = _header(rows[place or 0] if rows else None)
    samples = tuple(
        tuple(map(tidy, row)) for _, _, row in rows[(place or 0) + 1 :] if isinstance(row, list)
    )
    is_sure = place is not None
    return Beginning(delimiter, above + line, tuple(map(tidy, names)), samples, is_sure)


def _place_of_header(rows: Sequence[_Cells]) -> int | None:
    """Return which row names the columns, None when none does plainly."""
    for place, (_, _, row) in enumerate(rows):
        if isinstance(row, list) and _names_columns(row):
            widths = [len(other) for _, _, other in rows[place + 1 :] if isinstance(other, list)]
            if _has_usual_names(row) or widths.count(len(row)) * 2 >= len(widths):
                return place
    return None


def _names_columns(row: list[str]) -> bool:
    """Tell whether most cells are names, and none is an amount or a day."""
    names = [cell for cell in row if cell.strip()]
    are_enough = len(names) >= _FEWEST and len(names) * 2 > len(row)
    return are_enough and not any(map(_FIGURE.match, names))


def _has_usual_names(row: list[str]) -> bool:
    return len(USUAL_HEADERS.intersection(map(fold, row))) >= _FEWEST


def _agreeing(begin: Beginning) -> float:
    """Return which part of the samples has as many cells as the header; 0 for a single column."""
    if len(begin.names) < 2:
        return 0
    widths = Counter(map(len, begin.samples))
    return widths[len(begin.names)] / len(begin.samples) if begin.samples else 1


def _header(row: _Cells | None) -> tuple[int, list[str]]:
    """Return the line of the header and its cells. Raises BadFile."""
    if row is None:
        raise BadFile("The file is empty.")
    line, _, names = row
    if isinstance(names, str):
        raise BadFile(f"The header cannot be read: {names}.")
    return line, names


def _places(names: Sequence[str], columns: Columns) -> dict[str, int]:
    folded = [fold(name) for name in names]
    places = {}
    for known, spellings in columns.items():
        wanted = {fold(spelling) for spelling in spellings} - {""}
        found = [place for place, name in enumerate(folded) if name in wanted]
        if len(found) > 1:
            raise BadFile(f"The header has two columns that could be {spellings[0]}.")
        if found:
            places[known] = found[0]
    return places


class _TooLong(csv.Error):
    pass


class _Lines:
    """Lines with their number; those of the row at hand are kept, to be read once more."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self._length = 0
        self.line = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.line += 1
        self._row.append(line)
        self._length += len(line)
        if self._length > LONGEST_ROW:
            raise _TooLong
        return "\n" if self.line == 1 and _EXCEL.fullmatch(line) else line

    def begin(self) -> int:
        """Begin a row, and return the line on which it stands."""
        self._row.clear()
        self._length = 0
        return self.line + 1

    def back(self) -> int:
        """Go back to the line below the first one of the row; return how many the row had."""
        count = len(self._row)
        self._again.extendleft(reversed(self._row[1:]))
        self.line -= count - 1
        return count


def _bounded(text: TextIOWrapper) -> Iterator[str]:
    """Yield the lines of a text, each cut off where it is longer than any row may be."""
    while line := text.readline(LONGEST_ROW + 1):
        rest = line
        while len(rest) > LONGEST_ROW and not rest.endswith(("\n", "\r")):
            rest = text.readline(LONGEST_ROW + 1)
        yield line


def _rows(lines: _Lines, delimiter: str) -> Iterator[_Cells]:
    """Yield the first and the last line of each row with its cells, or with why it has none."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.begin()
        row: list[str] | str
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            is_alone = lines.back() == 1
            is_too_long = is_alone and isinstance(problem, _TooLong)
            row = _TOO_LONG if is_too_long else "the quotation marks do not pair up"
        else:
            if not any(cell.strip() for cell in row):
                continue
            if not encodings.is_readable("".join(row)):
                row = "has characters that are no text; the file may be damaged"
        yield line, lines.line, row


def _record(
    line: int, last: int, row: list[str] | str, width: int, places: Mapping[str, int]
) -> Record | Remark:
    if isinstance(row, str):
        return Remark(line, row)
    if len(row) != width:
        span = f" (lines {line} to {last})" if last > line else ""
        return Remark(line, f"has {len(row)} cells and the header {width}{span}")
    return Record(line, {known: row[place] for known, place in places.items()})
