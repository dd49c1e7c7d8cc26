"""One at a time: who changes a purchase, and by what right."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import Q

from occasions import planning
from occasions.models import Gift
from people.models import User
from purchases.models import Purchase


def hold_occasions(purchases: Iterable[int], gift: Gift | None = None) -> None:
    """Keep the occasions of these purchases' gifts, and of `gift`, to this transaction.

    Before any purchase: whoever deletes a gift or an occasion takes them in this order too. Raises
    ValidationError when `gift` is gone.
    """
    wanted = Q(purchases__in=purchases) | Q(pk__in=[gift.pk] if gift else [])
    planning.hold(*Gift.objects.filter(wanted).values_list("occasion_id", flat=True))
    if gift and not Gift.objects.filter(pk=gift.pk).exists():
        raise ValidationError({"gift": "This gift is not there any more."})


def lock(purchase: Purchase) -> Purchase:
    """Return the purchase as stored, kept to this transaction; DoesNotExist when it is gone."""
    stored = Purchase.objects.select_related("owner", "retailer", "brand", "gift__occasion")
    return stored.select_for_update(of=("self",)).get(pk=purchase.pk)


def is_fact(by: User | None) -> bool:
    """Tell whether what `by` records is never refused: administrators record facts."""
    return by is not None and by.is_staff
