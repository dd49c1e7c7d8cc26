"""What a purchase may be; the database's constraints stand behind it."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError

from budgets.money import MAX_AMOUNT, BadAmount, check_places
from budgets.periods import local_day
from purchases import rates
from purchases.models import Purchase
from purchases.models.purchase import MAX_NOTES, MAX_QUANTITY

#: Set by the verbs themselves, or judged below.
_GIVEN = ("owner", "retailer", "brand", "gift", "amount", "exchange_rate", "search_text")
#: The ledger knows no day before.
FIRST_DAY = date(1970, 1, 1)


def check(purchase: Purchase, now: datetime, *, given: Collection[str]) -> None:
    """Raise ValidationError, each wrong field with its reason; set the amount when all is right.

    The gift is judged only when it is among the fields `given`: its recipients may have changed
    since, and an owner who became one of them must not be told. So is whether the day is still to
    come: it may be tomorrow where the owner is now.
    """
    refused: dict[str, Any] = {}
    try:
        purchase.clean_fields(exclude=_GIVEN)
    except ValidationError as refusal:
        refused |= refusal.update_error_dict({})
    faults = _faults(purchase)
    if "purchased_on" in given:
        faults += _to_come(purchase, now)
    if "gift" in given:
        faults += _wrong_gift(purchase)
    for field, reason in faults:
        refused.setdefault(field, reason)
    if refused:
        raise ValidationError(refused)
    base = settings.CURRENCY
    purchase.amount = rates.convert(purchase.price, purchase.exchange_rate, currency=base)
    if purchase.amount > MAX_AMOUNT:
        raise ValidationError({"exchange_rate": f"That is more than 99,999,999.99 {base}."})


def _faults(purchase: Purchase) -> list[tuple[str, str]]:
    """Return what is wrong beyond what each field says of itself."""
    faults = []
    if not _is_price(purchase.price):
        faults.append(("price", "A price is more than 0 and at most 99,999,999.99."))
    elif purchase.currency in rates.known():
        try:
            check_places(purchase.price, rates.places(purchase.currency))
        except BadAmount as refusal:
            faults.append(("price", str(refusal)))
    if not _is_quantity(purchase.quantity):
        faults.append(("quantity", f"The quantity is from 1 to {MAX_QUANTITY:,}."))
    if len(purchase.notes) > MAX_NOTES:
        faults.append(("notes", f"That is more than {MAX_NOTES:,} characters."))
    if purchase.currency in rates.known() and not _is_rate(purchase.exchange_rate):
        asked = f"Say what one {purchase.currency} is in {settings.CURRENCY}."
        faults.append(("exchange_rate", asked))
    return faults + _wrong_days(purchase)


def _is_price(price: Any) -> bool:
    return isinstance(price, Decimal) and price.is_finite() and 0 < price <= MAX_AMOUNT


def _is_quantity(quantity: Any) -> bool:
    return isinstance(quantity, int) and 1 <= quantity <= MAX_QUANTITY


def _is_rate(rate: Any) -> bool:
    if not isinstance(rate, Decimal) or not 0 < rate <= rates.LARGEST:
        return False
    return rate == rate.quantize(Decimal(1).scaleb(-rates.PLACES))


def _wrong_days(purchase: Purchase) -> list[tuple[str, str]]:
    bought = cast("date | None", purchase.purchased_on)
    if bought is None:
        return [("purchased_on", "Enter the day it was bought.")]
    faults = []
    if bought < FIRST_DAY:
        faults.append(("purchased_on", "Enter a day from 1970 on."))
    if purchase.return_by and purchase.return_by < bought:
        faults.append(("return_by", "It cannot be returned before it was bought."))
    return faults


def _to_come(purchase: Purchase, now: datetime) -> list[tuple[str, str]]:
    bought = cast("date | None", purchase.purchased_on)
    zone = purchase.owner.zone if purchase.owner else ZoneInfo(settings.TIME_ZONE)
    if bought and bought > local_day(now, zone):
        return [("purchased_on", "This day is still to come.")]
    return []


def _wrong_gift(purchase: Purchase) -> list[tuple[str, str]]:
    if purchase.gift is None or purchase.owner is None:
        return []
    if purchase.gift.recipients.filter(user=purchase.owner).exists():
        return [("gift", "Nobody buys a present for themselves.")]
    return []
