"""Rows of a file as people read them: what, when, how much, and what is to be known about each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from budgets import formats
from budgets.usage.parsing import Row as UsageRow
from purchases.formats import in_currency
from purchases.importing.batches import said_by
from purchases.importing.batches.telling import amount_of
from purchases.importing.rows import Remark, Row
from purchases.models import ImportBatch, ImportRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a file. `is_problem` tells that it was not, or cannot be, taken."""

    number: int
    what: str
    details: str = ""
    day: str = ""
    amount: str = ""
    reason: str = ""
    is_problem: bool = False
    oddities: tuple[str, ...] = ()
    #: The page of what became of it.
    url: str = ""


def line_of(row: ImportRow) -> Line:
    """Return a stored row, with the page of its purchase while there is one."""
    said = said_by(row)
    is_problem = row.fate == row.Fate.ERROR or row.outcome == row.Outcome.REFUSED
    what, details, day, amount = _words(said) if said else ("Not readable", "", "", "")
    if isinstance(said, UsageRow):
        amount = formats.cost(amount_of(row))  # worked out where the file does not say it
    elif said and (before := _before(row, said)) not in {"", amount}:
        amount = f"{before} → {amount}"
    purchase = row.purchase
    return Line(
        number=row.line,
        what=what,
        details=details,
        day=day,
        amount=amount,
        reason=_sentence(row.reason),
        is_problem=is_problem,
        oddities=tuple(_sentence(oddity) for oddity in row.oddities),
        url=purchase.get_absolute_url() if purchase and not purchase.is_trashed else "",
    )


def _before(row: ImportRow, said: Row) -> str:
    """Return what a purchase costs that would be brought up to date, or cost before it was."""
    if row.outcome == row.Outcome.UPDATED:
        values = (row.before or {})["values"]
        price = Decimal(values.get("price", said.price))
        return in_currency(price, values.get("currency", said.currency))
    is_waiting = row.outcome == row.Outcome.WAITING and row.fate == row.Fate.CHANGED
    if row.purchase and is_waiting and row.batch.mode == ImportBatch.Mode.UPDATE:
        return in_currency(row.purchase.price, row.purchase.currency)
    return ""


def line_said(said: Row | UsageRow | Remark) -> Line:
    """Return a row as a format reads it, before anything is stored."""
    if isinstance(said, Remark):
        reason = _sentence(said.text)
        return Line(number=said.line, what="Not readable", reason=reason, is_problem=True)
    what, details, day, amount = _words(said)
    if not amount:
        amount = "priced when it is read"
    left_out = said.left_out if isinstance(said, Row) else ""
    oddities = said.oddities if isinstance(said, Row) else ()
    return Line(
        number=said.line,
        what=what,
        details=details,
        day=day,
        amount=amount,
        reason=_sentence(f"Left out: {left_out}") if left_out else "",
        oddities=tuple(_sentence(oddity) for oddity in oddities),
    )


def _words(said: Row | UsageRow) -> tuple[str, str, str, str]:
    """Return what it is, its details, its day and its amount."""
    if isinstance(said, Row):
        pieces = f"{formats.number(said.quantity)} pieces" if said.quantity != 1 else ""
        tags = ", ".join(said.tags)
        details = _joined(said.retailer, said.brand, pieces, tags, _warranted(said), _papers(said))
        return said.name, details, _day(said), in_currency(said.price, said.currency)
    tokens = said.input_tokens + said.output_tokens
    counted = f"{formats.number(tokens)} tokens" if tokens else ""
    return (
        said.model or said.operation or "Use of a model",
        _joined(said.provider, said.operation if said.model else "", counted),
        formats.moment(said.occurred_at, timezone.get_current_timezone()),
        formats.cost(said.cost) if said.cost is not None else "",
    )


def _warranted(row: Row) -> str:
    """Say until when a row has a warranty: of several, until the last of them ends."""
    if not row.warranties:
        return ""
    words = "Warranty" if len(row.warranties) == 1 else f"{len(row.warranties)} warranties"
    ends = [one.ends_on for one in row.warranties if one.ends_on]
    if len(ends) < len(row.warranties):
        return f"{words} for life"
    return f"{words} until {formats.day(max(ends))}"


def _papers(row: Row) -> str:
    count = len(row.files)
    return f"{formats.number(count)} paper{'' if count == 1 else 's'}" if count else ""


def _day(row: Row) -> str:
    # What is left out may name no day.
    return "" if row.purchased_on == date.min else formats.day(row.purchased_on)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _sentence(text: str) -> str:
    """Return what a parser says as a sentence: with a large letter and a stop."""
    if not text:
        return ""
    ended = text if text.endswith((".", "?", ")")) else f"{text}."
    return ended[0].upper() + ended[1:]
