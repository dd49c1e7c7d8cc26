"""Warranties of purchases: added, changed, removed.

Each has the owner's calendar told that something changed: the purchase notes when. Its version
stays: a form for the purchase that is open meanwhile is not out of date.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from purchases.keeping.holding import lock
from purchases.models import Purchase, Warranty

ENDS_BEFORE = "The last day cannot be before the first."
#: What may be set.
FIELDS = ("kind", "starts_on", "ends_on", "provider", "notes", "voided")


def add_warranty(*, purchase: Purchase, values: Mapping[str, Any]) -> Warranty:
    """Add a warranty to a purchase that is being written down; it starts on that day by itself.

    Raises ValidationError.
    """
    return _save(_of(purchase), values)


def judged_warranty(*, purchase: Purchase, values: Mapping[str, Any]) -> Warranty:
    """Return what `add_warranty` would add, not stored, by asking nobody. Raises as it does."""
    return _filled(_of(purchase), values)


@transaction.atomic
def guard(*, purchase: Purchase, values: Mapping[str, Any], now: datetime) -> Warranty:
    """Add a warranty to a purchase that is there already.

    Raises as `add_warranty` does, and DoesNotExist when the purchase is gone.
    """
    return add_warranty(purchase=_note(purchase, now), values=values)


@transaction.atomic
def change_warranty(*, warranty: Warranty, values: Mapping[str, Any], now: datetime) -> Warranty:
    """Set what `values` name; the rest stays. Raises as `guard` does."""
    _note(warranty.purchase, now)
    return _save(Warranty.objects.select_related("purchase").get(pk=warranty.pk), values)


@transaction.atomic
def remove_warranty(*, warranty: Warranty, now: datetime) -> None:
    """Delete a warranty; DoesNotExist when its purchase is gone."""
    _note(warranty.purchase, now)
    Warranty.objects.filter(pk=warranty.pk).delete()


def _note(purchase: Purchase, now: datetime) -> Purchase:
    """Keep the purchase to this transaction, and note that something about it changed."""
    stored = lock(purchase)
    stored.changed_at = now
    stored.save(update_fields=["changed_at"])
    return stored


def _of(purchase: Purchase) -> Warranty:
    return Warranty(purchase=purchase, starts_on=purchase.purchased_on)


def _save(warranty: Warranty, values: Mapping[str, Any]) -> Warranty:
    _filled(warranty, values).save()
    return warranty


def _filled(warranty: Warranty, values: Mapping[str, Any]) -> Warranty:
    """Set what `values` name, and judge it without the database, whose constraint says the same."""
    if unknown := values.keys() - set(FIELDS):
        raise ValueError(f"a warranty has no {', '.join(sorted(unknown))} to set")
    for name, value in values.items():
        setattr(warranty, name, value)
    warranty.clean_fields(exclude=["purchase"])
    if warranty.ends_on and warranty.ends_on < warranty.starts_on:
        raise ValidationError({NON_FIELD_ERRORS: ENDS_BEFORE})
    return warranty
