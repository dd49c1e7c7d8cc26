"""What one record of a usage file says: text in, values out."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from typing import Any

from budgets.money import MAX_AMOUNT, MICRO
from budgets.usage.details import KINDS, PLAIN, Detail
from budgets.usage.files import Problem, Record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Ten digits are the seconds of 2001 to 2286. Fewer could be a date, more are milliseconds.
_SECONDS = re.compile(r"\d{10}(\.\d+)?", re.ASCII)
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,6})?", re.ASCII)
_WHOLE = re.compile(r"(-?\d{1,16})(\.0*)?", re.ASCII)
#: Texts by which programs say that there is no value.
NOTHING = {"", "none", "null"}
_SAYING_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("provider", "model", "operation", "event_id"), ""),
    **dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens"), 0),
    "cost": None,
    "is_rounded": False,
    "detail": {},
}


class BadRow(ValueError):
    """The row does not say what happened; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read: what stands for what they leave out.

    `zone` is that of times without an offset. `cached_inside` tells whether the input tokens of
    the file already count the cached ones, read and written (OpenAI), or not (Anthropic).
    `currency` is that of the budgets.
    """

    provider: str = ""
    model: str = ""
    zone: tzinfo = UTC
    cached_inside: bool = True
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One metered use. `input_tokens` count the cached ones too; `cost` is None when not given.

    The input tokens are everything that went in: also what was read from the cache, which
    `cached_tokens` count, and what was written to it, which `detail` counts. The cost is in
    currency units and already rounded half to even to the micro-unit; `is_rounded` tells whether
    that changed it. `event_id` is the row's own, or "".
    """

    line: int
    occurred_at: datetime
    provider: str
    model: str
    operation: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost: Decimal | None
    is_rounded: bool
    event_id: str
    detail: Detail = PLAIN

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of what the row says, the same for every row that says it."""
        said: tuple[str, ...] = (
            self.occurred_at.isoformat(),
            self.provider,
            self.model,
            self.operation,
            str(self.input_tokens),
            str(self.output_tokens),
            str(self.cached_tokens),
            "" if self.cost is None else f"{self.cost:f}",
        )
        if self.detail:
            # Only then: the name of a plain row is in the ledger of whoever has imported it.
            said += (json.dumps(self.detail.as_json(), sort_keys=True),)
        return sha256("\0".join(said).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON holds it; what it does not say is left out."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        said["occurred_at"] = self.occurred_at.isoformat()
        said["cost"] = None if self.cost is None else f"{self.cost:f}"
        said["detail"] = self.detail.as_json()
        return {name: value for name, value in said.items() if value not in ("", 0, None, {})}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Row":
        """Return what `as_json` wrote."""
        values = {**_SAYING_NOTHING, **written}
        values["occurred_at"] = datetime.fromisoformat(values["occurred_at"])
        values["cost"] = None if values["cost"] is None else Decimal(values["cost"])
        values["detail"] = Detail.from_json(values["detail"])
        return cls(**values)


def rows(records: Iterable[Record | Problem], reading: Reading) -> Iterator[Row | Problem]:
    """Yield what each record says, or why it says nothing, one at a time."""
    for record in records:
        if isinstance(record, Problem):
            yield record
            continue
        try:
            yield parse(record, reading)
        except BadRow as problem:
            yield Problem(record.line, str(problem))


def parse(record: Record, reading: Reading) -> Row:
    """Read one record. Raises BadRow."""
    values = {name: "" if text.lower() in NOTHING else text for name, text in record.values.items()}
    cost, is_rounded = _cost(values.get("cost", ""))
    if cost is None:
        _check_tokens_are_told(values)
    tokens = {
        name: _tokens(name, values.get(name, ""))
        for name in ("input_tokens", "output_tokens", "cached_tokens")
    }
    kinds = {
        name: count for name in KINDS if name in values and (count := _tokens(name, values[name]))
    }
    if not reading.cached_inside:
        tokens["input_tokens"] += tokens["cached_tokens"] + kinds.get("cache_write_tokens", 0)
    return Row(
        line=record.line,
        occurred_at=_moment(values["occurred_at"], reading.zone),
        provider=values.get("provider") or reading.provider,
        model=values.get("model") or reading.model,
        operation=values.get("operation", ""),
        cost=cost,
        is_rounded=is_rounded,
        event_id=values.get("event_id", ""),
        detail=Detail(kinds) if kinds else PLAIN,
        **tokens,
    )


def _check_tokens_are_told(values: dict[str, str]) -> None:
    """Raise BadRow when a cost would have to be worked out from tokens that are left blank."""
    told = [name for name in ("input_tokens", "output_tokens") if name in values]
    if not told:
        raise BadRow("has neither a cost nor tokens")
    for name in told:
        if not values[name]:
            raise BadRow(f"{name}: is blank, and there is no cost")


def _tokens(name: str, text: str) -> int:
    if not text:
        return 0
    whole = _WHOLE.fullmatch(text)
    if not whole:
        raise BadRow(f"{name}: “{text[:40]}” is not a whole number up to 16 digits")
    count = int(whole[1])
    if count < 0:
        raise BadRow(f"{name}: {count} is below zero")
    return count


def _cost(text: str) -> tuple[Decimal | None, bool]:
    """Return the cost in whole micro-units of the currency, and whether it had to be rounded."""
    if not text:
        return None, False
    if not _NUMBER.fullmatch(text):
        raise BadRow(f"cost: “{text[:40]}” is not a number like 0.0125")
    exact = Decimal(text)
    if exact < 0:
        raise BadRow("cost: is below zero; usage does not give money back")
    if exact > MAX_AMOUNT:
        raise BadRow(f"cost: more than {MAX_AMOUNT:,}")
    cost = exact.quantize(MICRO, ROUND_HALF_EVEN)
    return abs(cost), cost != exact


def _moment(text: str, zone: tzinfo) -> datetime:
    """Read ISO 8601 or seconds since 1970; digits beyond the microsecond are cut off.

    A local time that comes twice is read as the first of the two.
    """
    if not text:
        raise BadRow("occurred_at: is blank")
    try:
        moment = _seconds(text) if _SECONDS.fullmatch(text) else _date(text, zone)
    except (ValueError, ArithmeticError):
        raise BadRow(
            f"occurred_at: “{text[:40]}” is neither like 2026-07-15T12:30:00Z nor the seconds"
            " since 1970"
        ) from None
    if moment < _EPOCH:
        raise BadRow("occurred_at: lies before 1970")
    return moment


def _seconds(text: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(Decimal(text) * 1_000_000))


def _date(text: str, zone: tzinfo) -> datetime:
    """Read ISO 8601. Raises ValueError or OverflowError."""
    if not _DATED.match(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
