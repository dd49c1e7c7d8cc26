"""Writing gifts down, changing them, and moving them along from idea to received."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from budgets.fields import currency_places
from budgets.money import ZERO
from occasions.figures import each
from occasions.models import Gift, Occasion
from occasions.planning.amounts import check_amounts, check_cost
from occasions.planning.holding import hold
from occasions.planning.linking import listed
from people.models import Person

#: What `change_gift` may set beside the recipients.
FIELDS = (
    "occasion",
    "title",
    "price",
    "paid_price",
    "quantity",
    "status",
    "purchaser",
    "link",
    "notes",
    "priority",
)


class BuysOwnGift(Exception):
    """`person` would buy what is for themselves: then it could be no surprise."""

    def __init__(self, person: Person) -> None:
        super().__init__(person)
        self.person = person


@transaction.atomic
def add_gift(
    *, occasion: Occasion, recipients: Collection[Person], values: Mapping[str, Any], today: date
) -> Gift:
    """Write down a gift for one or several people, who are put on the occasion's list.

    Raises BuysOwnGift, ValidationError for a value out of range, and ValueError without recipients.
    """
    hold(occasion.pk)
    gift = Gift(occasion=occasion)
    return _save(gift, {"occasion": occasion, **values}, recipients, today)


@transaction.atomic
def change_gift(
    *, gift: Gift, values: Mapping[str, Any], recipients: Collection[Person] | None, today: date
) -> Gift:
    """Set what `values` name, and the recipients unless None; everything else stays as stored.

    Another occasion moves the gift there. Raises as `add_gift` does, and DoesNotExist when the gift
    is gone.
    """
    destination = values.get("occasion")
    hold(gift.occasion_id, *([destination.pk] if destination else []))
    stored = Gift.objects.select_for_update().get(pk=gift.pk)
    if stored.occasion_id != gift.occasion_id:
        hold(stored.occasion_id)  # somebody has just moved it
    return _save(stored, values, recipients, today)


def set_status(*, gift: Gift, status: Gift.Status, today: date) -> Gift:
    """Move a gift to `status`; the day it was bought fills itself and clears again."""
    return change_gift(gift=gift, values={"status": status}, recipients=None, today=today)


@transaction.atomic
def record_paid(
    *, gift: Gift, total: Decimal | None, on: date | None, buyer: Person | None = None
) -> Gift:
    """Write down what purchases made for a gift cost together, in the base currency.

    It is bought `on` that day then, by `buyer`, whoever was to buy it. None says that nothing was
    bought after all: the gift is chosen, and what was paid is forgotten.
    """
    hold(gift.occasion_id)
    stored = Gift.objects.select_for_update().get(pk=gift.pk)
    if total is None:
        if stored.paid_total is None:
            return stored
        stored.paid_total = stored.paid_price = stored.bought_on = None
        stored.status = Gift.Status.SELECTED
    else:
        stored.paid_total = total
        stored.paid_price = each(total, stored.quantity, places=currency_places())
        if not stored.is_bought:
            stored.status, stored.bought_on = Gift.Status.PURCHASED, on
        if buyer and buyer not in stored.recipients.all():
            stored.purchaser = buyer
    stored.save()
    return stored


@transaction.atomic
def delete_gift(*, gift: Gift) -> None:
    hold(gift.occasion_id)
    gift.delete()


def _save(
    gift: Gift, values: Mapping[str, Any], recipients: Collection[Person] | None, today: date
) -> Gift:
    if unknown := set(values) - set(FIELDS):
        raise ValueError(f"a gift has no {', '.join(sorted(unknown))} to set")
    for name, value in values.items():
        setattr(gift, name, value)
    if not gift.is_bought:
        gift.bought_on = None
    elif gift.bought_on is None:
        gift.bought_on = today
    people = list(gift.recipients.all()) if recipients is None else list(recipients)
    if not people:
        raise ValueError("a gift is for somebody")
    if gift.purchaser in people:
        raise BuysOwnGift(gift.purchaser)
    gift.full_clean()
    dearest = gift.price or ZERO
    if gift.paid_total is not None:  # an amount already; the price of one piece follows from it
        gift.paid_price = each(gift.paid_total, gift.quantity, places=currency_places())
    else:
        dearest = max(dearest, gift.paid_price or ZERO)
    check_amounts({name: getattr(gift, name) for name in values}, "price", "paid_price")
    check_cost(dearest * gift.quantity)
    gift.save()
    gift.recipients.set(people)
    listed(occasion=gift.occasion, people=people)
    return gift
