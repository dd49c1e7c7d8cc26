"""What an import added goes again, so that the same file can be imported anew."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import UUID4

from purchases.keeping.counting import unsettle
from purchases.models import Attachment, Purchase, Warranty


@dataclass(frozen=True, slots=True)
class Left:
    """How imports left a purchase: at one of these versions, and with these things beside it.

    Warranties are the values of each, papers the SHA-256 of their bytes.
    """

    versions: Collection[int]
    warranties: Collection[Mapping[str, Any]] = ()
    papers: Collection[str] = ()


@transaction.atomic
def take_back(*, left: Mapping[int, Left], now: datetime) -> set[int]:
    """Put purchases into the trash, all at once, and part them from where they came from.

    `left` is how each was left, by its key. Returns the keys of those that stay, as somebody
    changed them since or added a warranty or a paper. What is in the trash already, or gone, is
    only parted.
    """
    held = Purchase.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = list(held.filter(pk__in=left))
    live = [purchase for purchase in found if not purchase.is_trashed]
    kept = {purchase.pk for purchase in live if purchase.version not in left[purchase.pk].versions}
    kept |= _added_to(left, {purchase.pk for purchase in live} - kept)
    going = [purchase for purchase in live if purchase.pk not in kept]
    Purchase.objects.filter(pk__in=[purchase.pk for purchase in going]).update(
        deleted_at=now, changed_at=now, version=F("version") + 1
    )
    parted = [purchase.pk for purchase in found if purchase.pk not in kept]
    Purchase.objects.filter(pk__in=parted).update(source="", source_id="", uid=UUID4())
    if going:
        unsettle(going, now=now)
    return kept


def _added_to(left: Mapping[int, Left], purchases: Collection[int]) -> set[int]:
    """Return which of these purchases, which are held, have something that no import brought.

    Neither a warranty nor a paper raises the version of its purchase.
    """
    warranties = Warranty.objects.filter(purchase__in=purchases)
    papers = Attachment.objects.filter(purchase__in=purchases).values_list("purchase", "blob")
    guarded = {
        warranty.purchase_id
        for warranty in warranties
        if not any(_says(warranty, one) for one in left[warranty.purchase_id].warranties)
    }
    return guarded | {key for key, sha256 in papers if sha256 not in left[key].papers}


def _says(warranty: Warranty, values: Mapping[str, Any]) -> bool:
    return all(getattr(warranty, name) == value for name, value in values.items())
