"""What is to be posted, before the ledger has decided."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from budgets.models.entry import Entry, Kind
from budgets.money import MAX_AMOUNT, to_micros

_MAX_TOKENS = 10**15
# A year that no window's arithmetic can leave by the early end of the calendar.
_FIRST_YEAR = 1900
_LENGTHS = {
    name: Entry._meta.get_field(name).max_length or 0
    for name in ("provider", "model", "operation", "memo", "source", "source_event_id")
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

    def __post_init__(self) -> None:
        try:
            to_micros(self.amount)
        except (TypeError, ValueError) as problem:
            raise BadPosting(f"amount: {problem}") from None
        if abs(self.amount) > MAX_AMOUNT:
            raise BadPosting(f"amount: more than {MAX_AMOUNT:,}")
        if self.kind not in Kind.values:
            raise BadPosting(f"kind: {self.kind!r} is not one of {', '.join(Kind.values)}")
        for name, length in _LENGTHS.items():
            text = getattr(self, name)
            if len(text) > length:
                raise BadPosting(f"{name}: longer than {length} characters")
            if "\x00" in text:
                raise BadPosting(f"{name}: contains a NUL character")
        for name in ("input_tokens", "output_tokens", "cached_tokens"):
            if abs(getattr(self, name)) > _MAX_TOKENS:
                raise BadPosting(f"{name}: out of range")
        if self.occurred_at is not None:
            if self.occurred_at.tzinfo is None:
                raise BadPosting("occurred_at: needs a time zone")
            if self.occurred_at.year < _FIRST_YEAR:
                raise BadPosting(f"occurred_at: before {_FIRST_YEAR}")
        if self.source_event_id and not self.source:
            raise BadPosting("source: needed with source_event_id")

    def moment(self, now: datetime) -> datetime:
        """Return when it happened. Raises BadPosting for a moment that is still to come."""
        if self.occurred_at is None:
            return now
        if self.occurred_at > now:
            raise BadPosting("occurred_at: lies in the future")
        return self.occurred_at
