"""What a file is made of, and how its first rows read with the choices made so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from budgets import formats
from budgets.usage.parsing import Row as UsageRow
from purchases.forms.imports import ChoicesForm
from purchases.importing import batches, encodings
from purchases.importing.rows import BadFile, Remark, Row
from purchases.importing.shapes import Format
from purchases.importing.sources import Head, Shape
from purchases.models import ImportBatch
from purchases.views.import_lines import Line, line_said

#: How many rows the sample and the table of the file show, and how many columns at most.
ROWS, COLUMNS = 5, 300

_DELIMITERS = {",": "commas", ";": "semicolons (;)", "\t": "tabs", "|": "bars (|)"}
_SHAPES = {Shape.JSON: "JSON", Shape.LINES: "JSON, one object a line"}
_ASKS = {
    "format": "what the file is",
    "columns": "the columns",
    "delimiter": "what separates the columns",
    "decimals": "which mark stands before the cents",
    "days": "how a day is written",
    "sign": "how money you spent is written",
    "currency": "the currency",
    "rates": "the exchange rates",
    "provider": "the provider",
    "model": "the model",
}


# --- What was found -----------------------------------------------------------------------------


def shown(head: Head) -> Head:
    """Return the beginning of a file with only what a page can hold, and few of its rows."""
    return replace(
        head,
        names=tuple(_shown(name) for name in head.names[:COLUMNS]),
        samples=tuple(tuple(_shown(cell) for cell in row[:COLUMNS]) for row in head.samples[:ROWS]),
    )


def _shown(text: str) -> str:
    # A byte that is no letter of its encoding cannot be written into a page.
    return text.encode("utf-8", "replace").decode()


def found(head: Head, recognised: Format | None, *, is_chosen: bool) -> str:
    """Say in words what a file is made of, and what it looks like."""
    parts = [_made_of(head)]
    if head.shape == Shape.TABLE:
        parted = _DELIMITERS.get(head.delimiter)
        parts += [f"separated by {parted}"] if parted else []
        more = " or more" if len(head.names) == COLUMNS else ""
        parts.append(f"{_counted(len(head.names), 'column')}{more}")
    made = ", ".join(parts)
    if recognised:
        return f"{made}. It looks like this: {recognised.title}."
    return f"{made}." if is_chosen else f"{made}. The file does not tell what it is: choose below."


def _made_of(head: Head) -> str:
    if head.shape == Shape.ZIP:
        return f"A ZIP archive with {_counted(len(head.members), 'file')}"
    shape = _SHAPES.get(head.shape)
    text = f"{encodings.spoken(head.encoding)} text"
    return f"{text}, {shape}" if shape else text


def _counted(count: int, noun: str) -> str:
    return f"{formats.number(count)} {noun}{'' if count == 1 else 's'}"


# --- The sample ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """How the first rows read, or what has to be chosen before they can be."""

    words: str
    lines: tuple[Line, ...] = ()
    #: Currencies of which nobody has said yet what they are worth.
    foreign: tuple[str, ...] = ()

    @classmethod
    def of(cls, batch: ImportBatch, form: ChoicesForm) -> "Sample":
        if missing := form.unanswered():
            named = _listed([_ASKS.get(name, name) for name in missing])
            return cls(f"Choose {named}. Then the first rows show here.")
        key = form.chosen_format.key if form.chosen_format else ""
        try:
            said = batches.sample(batch, key, form.choices(), ROWS)
        except BadFile as problem:
            return cls(str(problem))
        return cls(_told(said), tuple(line_said(one) for one in said), _foreign(said))


def _foreign(said: Sequence[Row | UsageRow | Remark]) -> tuple[str, ...]:
    rows = [one for one in said if isinstance(one, Row) and not one.exchange_rate]
    codes = dict.fromkeys(row.currency for row in rows if not row.left_out)
    return tuple(code for code in codes if code != settings.CURRENCY)


def _told(said: Sequence[Row | UsageRow | Remark]) -> str:
    """Say in one sentence how the sample came out."""
    if not said:
        return "The file has no rows."
    bad = sum(isinstance(one, Remark) for one in said)
    if not bad:
        return "Compare these with the rows of the file, above all the days and the amounts."
    if bad == len(said):
        return "None of these rows can be read so. Choose differently."
    return f"{bad} of these {len(said)} rows cannot be read so."


def _listed(words: Sequence[str]) -> str:
    """Write some words as people do: "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
