"""What a row is as a purchase, and why it cannot be one."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError

from people.models import User
from purchases import keeping, rates
from purchases.importing.choices import Choices
from purchases.importing.encodings import is_readable
from purchases.importing.rows import Row
from purchases.models import Purchase
from purchases.naming import tidy

#: What a row calls as a purchase does.
_PLAIN = (
    *("name", "price", "currency", "quantity", "retailer", "retailer_link", "brand", "brand_link"),
    *("tags", "purchased_on", "status", "order_number", "model_number", "serial_number", "link"),
    *("return_by", "return_policy", "tax_deductible", "notes", "source", "source_id"),
)


class Refused(ValueError):
    """The row cannot be recorded; the message says why."""


def rates_of(choices: Choices) -> dict[str, Decimal]:
    """Return what one unit of each currency is worth in the base one."""
    given = {code: Decimal(text) for code, text in choices.rates.items()}
    return {**given, settings.CURRENCY: Decimal(1)}


def rate_of(row: Row, known: Mapping[str, Decimal]) -> Decimal:
    """Return what the currency of a row is worth. Raises Refused when nobody says so."""
    if row.currency == settings.CURRENCY:
        return Decimal(1)
    rate = row.exchange_rate or known.get(row.currency)
    if rate is None and row.currency in rates.known():
        raise Refused(f"no exchange rate says what {row.currency} is worth")
    return rate or Decimal(0)


def is_of_another(row: Row, owner: User) -> bool:
    """Tell whether the file says that a row is somebody else's purchase."""
    return bool(row.owner) and row.owner not in {owner.username, tidy(owner.display_name)}


def oddities_of(row: Row, owner: User) -> list[str]:
    """Return what is odd about a row, with whose it is where it is not its new owner's."""
    whose = f"in the file it belongs to {row.owner[:80]}"
    told = [oddity for oddity in row.oddities if not row.owner or oddity != whose]
    return [whose, *told] if is_of_another(row, owner) else told


def values_of(row: Row, known: Mapping[str, Decimal], owner: User) -> dict[str, Any]:
    """Return the values that `keeping.record_many` takes. Raises Refused."""
    values = {name: getattr(row, name) for name in _PLAIN}
    values["exchange_rate"] = rate_of(row, known)
    # Only a file of ours knows what was shared, and with whom; of a gift not even that one.
    is_hidden = row.was_for_gift and row.secret_until is None
    is_own = bool(row.uid) and not is_of_another(row, owner)
    values["shared"] = row.shared and is_own and not is_hidden
    values["secret_until"] = row.secret_until
    values["warranties"] = [asdict(one) for one in row.warranties]
    if row.uid:
        values["uid"] = uid_of(row)
    return values


def uid_of(row: Row) -> UUID:
    """Return what a file of ours calls a row. Raises Refused."""
    try:
        return UUID(row.uid)
    except ValueError:
        raise Refused(f"“{row.uid[:40]}” is no id like those of Pursestrings") from None


def judge(row: Row, *, owner: User, known: Mapping[str, Decimal], now: datetime) -> keeping.Draft:
    """Return what a row is as a purchase, by asking nobody. Raises Refused."""
    try:
        return keeping.judge(owner=owner, values=values_of(row, known, owner), now=now)
    except ValidationError as refusal:
        raise Refused(reason_of(refusal)) from None


def shown(text: str) -> str:
    """Return text as it can be stored, with a mark for what cannot."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def is_storable(data: Mapping[str, Any]) -> bool:
    """Tell whether no text has half a character in it, or one that no database takes."""
    return all(_is_storable(value) for value in data.values())


def _is_storable(value: Any) -> bool:
    match value:
        case str():
            return is_readable(value)
        case dict():
            return all(map(_is_storable, value.values()))
        case list() | tuple():
            return all(map(_is_storable, value))
        case _:
            return True


def reason_of(refusal: ValidationError) -> str:
    """Return a refusal as one line that names the fields as people know them."""
    if not hasattr(refusal, "error_dict"):
        return " ".join(refusal.messages)
    return "; ".join(
        f"{_label(name)}{' '.join(reasons)}" for name, reasons in refusal.message_dict.items()
    )


def _label(name: str) -> str:
    if name == NON_FIELD_ERRORS:
        return ""
    try:
        field = Purchase._meta.get_field(name)
    except FieldDoesNotExist:
        return f"{name.replace('_', ' ')}: "
    return f"{getattr(field, 'verbose_name', name)}: "
