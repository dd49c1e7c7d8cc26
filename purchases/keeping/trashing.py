"""Deleting purchases so that they can be brought back, and for good after thirty days."""

from datetime import datetime

from django.db import transaction

from people.models import User
from purchases.keeping.attaching import detach
from purchases.keeping.counting import settle_all
from purchases.keeping.holding import hold_occasions, is_fact, lock
from purchases.models import Purchase
from purchases.models.purchase import TRASHED_FOR


@transaction.atomic
def trash(*, purchase: Purchase, now: datetime) -> Purchase:
    """Delete a purchase so that it can be brought back; its budget gets the money back."""
    hold_occasions([purchase.pk])
    stored = lock(purchase)
    if not stored.is_trashed:
        _move(stored, deleted_at=now, now=now, as_fact=True)
    return stored


@transaction.atomic
def restore(*, purchase: Purchase, by: User | None, now: datetime) -> Purchase:
    """Bring a deleted purchase back and charge it again; raises OverBudget as `record` does."""
    hold_occasions([purchase.pk])
    stored = lock(purchase)
    if stored.is_trashed:
        _move(stored, deleted_at=None, now=now, as_fact=is_fact(by))
    return stored


def empty_trash(*, now: datetime, dry_run: bool = False) -> int:
    """Delete for good what has been in the trash for thirty days. Returns how many purchases."""
    over = Purchase.objects.trashed().filter(deleted_at__lt=now - TRASHED_FOR)
    if dry_run:
        return over.count()
    return sum(_erase(key, now) for key in list(over.values_list("pk", flat=True)))


@transaction.atomic
def _erase(key: int, now: datetime) -> bool:
    """Delete one purchase with its papers, unless somebody has just brought it back."""
    stored = Purchase.objects.select_for_update(of=("self",)).filter(pk=key).first()
    if stored is None or stored.deleted_at is None or stored.deleted_at >= now - TRASHED_FOR:
        return False
    for attachment in stored.attachments.order_by("blob_id"):
        detach(attachment=attachment)
    stored.delete()
    return True


def _move(purchase: Purchase, *, deleted_at: datetime | None, now: datetime, as_fact: bool) -> None:
    purchase.deleted_at = deleted_at
    purchase.changed_at = now
    purchase.version += 1
    purchase.save(update_fields=["deleted_at", "changed_at", "version"])
    settle_all(purchase, now=now, as_fact=as_fact)
