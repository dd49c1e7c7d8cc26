"""What is to be posted, before the ledger has decided."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

from budgets.models.entry import Entry, Kind
from budgets.money import MAX_AMOUNT, to_micros

_MAX_TOKENS = 10**15
# Before it, clocks were set in ways that no household's budget needs to know.
_FIRST_YEAR = 1970
_KINDS = frozenset(Kind.values)
_LENGTHS = {
    field.name: field.max_length for field in Entry._meta.concrete_fields if field.max_length
}


class BadPosting(ValueError):
    """The posting itself is wrong, whatever the budget; the message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One signed amount with its circumstances; `occurred_at` None means now.

    Amounts are in currency units with at most six decimals. `source` and `source_event_id` name
    the event at its origin: posting it again is answered with the first entry. Raises BadPosting.
    """

    amount: Decimal
    kind: str = Kind.USAGE.value
    occurred_at: datetime | None = None
    provider: str = ""
    model: str = ""
    operation: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    memo: str = ""
    source: str = ""
    source_event_id: str = ""
    priced_by: str = ""
    via: str = ""

    def __post_init__(self) -> None:
        try:
            to_micros(self.amount)
        except (TypeError, ValueError) as problem:
            raise BadPosting(f"amount: {problem}") from None
        if abs(self.amount) > MAX_AMOUNT:
            raise BadPosting(f"amount: more than {MAX_AMOUNT:,}")
        if self.kind not in _KINDS:
            raise BadPosting(f"kind: {self.kind!r} is not one of {', '.join(Kind.values)}")
        for name in ("input_tokens", "output_tokens", "cached_tokens"):
            if abs(getattr(self, name)) > _MAX_TOKENS:
                raise BadPosting(f"{name}: out of range")
        for name, length in _LENGTHS.items():
            _check_text(name, getattr(self, name), length)
        if self.source_event_id and not self.source:
            raise BadPosting("source: needed with source_event_id")
        if self.occurred_at is not None:
            _check_moment(self.occurred_at)

    @classmethod
    def opposite_of(cls, entry: Entry, memo: str) -> Self:
        """Return what takes `entry` back; where it came from is not told again."""
        return cls(
            amount=-entry.amount,
            kind=entry.kind,
            provider=entry.provider,
            model=entry.model,
            operation=entry.operation,
            input_tokens=-entry.input_tokens,
            output_tokens=-entry.output_tokens,
            cached_tokens=-entry.cached_tokens,
            memo=memo,
        )

    def moment(self, now: datetime) -> datetime:
        """Return when it happened. Raises BadPosting for a moment that is still to come."""
        if self.occurred_at is None:
            return now
        if self.occurred_at > now:
            raise BadPosting("occurred_at: lies in the future")
        return self.occurred_at


def _check_text(name: str, text: str, length: int) -> None:
    if len(text) > length:
        raise BadPosting(f"{name}: longer than {length} characters")
    if "\x00" in text:
        raise BadPosting(f"{name}: contains a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadPosting(f"{name}: contains half a character") from None


def _check_moment(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise BadPosting("occurred_at: needs a time zone")
    if moment.year < _FIRST_YEAR:
        raise BadPosting(f"occurred_at: before {_FIRST_YEAR}")
