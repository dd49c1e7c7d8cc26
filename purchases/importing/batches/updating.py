"""What is there is brought up to date, one purchase after the other, and put back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from purchases import keeping
from purchases.importing.batches.holding import store
from purchases.importing.batches.judging import Refused, rate_of, rates_of, reason_of
from purchases.importing.batches.meeting import Met, changes, stored
from purchases.importing.batches.telling import purchase_of
from purchases.importing.choices import Choices
from purchases.importing.rows import Row
from purchases.models import ImportBatch, ImportRow, Purchase

Outcome = ImportRow.Outcome
#: What is no text in JSON, and how it is read again.
_READ: Mapping[str, Callable[[str], Any]] = {
    "price": Decimal,
    "exchange_rate": Decimal,
    "purchased_on": date.fromisoformat,
    "return_by": date.fromisoformat,
}
CHANGED_SINCE = "was changed since, and is left as it is"


def update(batch: ImportBatch, row: ImportRow, now: datetime) -> None:
    """Bring the purchase of a row up to date, and keep what it was."""
    said = purchase_of(row)
    purchase = Met.of([said], batch.owner).with_name_of(said)
    if purchase is None or purchase.is_trashed:
        row.outcome, row.reason = Outcome.SKIPPED, "was deleted meanwhile"
    else:
        row.purchase = purchase
        try:
            _update(row, said, purchase, rates_of(Choices.from_json(batch.choices)), now)
        except Refused as refusal:
            row.outcome, row.reason = Outcome.REFUSED, str(refusal)
    store([row])


def _update(
    row: ImportRow, said: Row, purchase: Purchase, known: Mapping[str, Decimal], now: datetime
) -> None:
    values = changes(said, purchase)
    if not values:
        row.outcome, row.reason = Outcome.SKIPPED, "is up to date meanwhile"
        return
    if "currency" in values:
        values["exchange_rate"] = rate_of(said, known)
    before = {name: _plain(stored(purchase, name)) for name in values}
    row.before = {"values": before, "version": _change(purchase, values, now).version}
    row.outcome = Outcome.UPDATED


def put_back(row: ImportRow, now: datetime) -> None:
    """Give the purchase of a row the values that it had, unless somebody changed it since."""
    _put_back(row, row.purchase, row.before or {}, now)
    store([row])


def _put_back(
    row: ImportRow, purchase: Purchase | None, before: Mapping[str, Any], now: datetime
) -> None:
    if purchase is None or purchase.is_trashed or purchase.version != before["version"]:
        row.outcome, row.reason = Outcome.KEPT, CHANGED_SINCE
        return
    values = {name: _read(name, value) for name, value in before["values"].items()}
    try:
        undone = _change(purchase, values, now)
    except Refused as refusal:
        row.outcome, row.reason = Outcome.KEPT, str(refusal)
    else:
        row.outcome, row.before = Outcome.UNDONE, {**before, "undone": undone.version}


def _change(purchase: Purchase, values: Mapping[str, Any], now: datetime) -> Purchase:
    """Change a purchase as a fact. Raises Refused."""
    try:
        return keeping.change(
            purchase=purchase,
            values=values,
            version=purchase.version,
            by=None,
            now=now,
            as_fact=True,
        )
    except ValidationError as refusal:
        raise Refused(reason_of(refusal)) from None
    except (keeping.Conflict, Purchase.DoesNotExist):
        raise Refused("was changed at this very moment") from None


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _read(name: str, value: Any) -> Any:
    read = _READ.get(name)
    return read(value) if read and value is not None else value
