"""What the form for a purchase begins with: a gift that is to be bought, or what is stored."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from budgets import formats
from occasions.models import Gift, GiftQuerySet, Viewer
from purchases.models import Purchase

#: What the form shows as it is stored.
_PLAIN = (
    "name",
    "price",
    "currency",
    "quantity",
    "purchased_on",
    "status",
    "order_number",
    "model_number",
    "serial_number",
    "link",
    "return_by",
    "return_policy",
    "tax_deductible",
    "notes",
    "version",
)


def gifts_for(viewer: Viewer) -> GiftQuerySet:
    """Return the gifts that `viewer` may know of and that are for others."""
    gifts = Gift.objects.visible_to(viewer).select_related("occasion")
    others = gifts.exclude(recipients=viewer.person) if viewer.person else gifts
    return others.prefetch_related("recipients").order_by("occasion__date", "title", "pk")


def label_of(gift: Gift) -> str:
    names = ", ".join(person.name for person in gift.recipients.all())
    return f"{gift.title}, for {names} ({gift.occasion.name}, {formats.day(gift.occasion.date)})"


def asked_for(asked: Mapping[str, str], viewer: Viewer, gifts: GiftQuerySet) -> dict[str, Any]:
    """Return what a new purchase begins with: for which gift or from where, as a link asks for it.

    What cannot be read, or must not be known, asks for nothing.
    """
    first: dict[str, Any] = {
        "currency": settings.CURRENCY,
        "quantity": 1,
        "purchased_on": viewer.today,
        "status": Purchase.Status.RECEIVED,
        **{name: asked[name] for name in ("name", "retailer", "brand") if name in asked},
    }
    wanted = asked.get("gift", "")
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19:
        for gift in gifts.filter(pk=int(wanted)):
            first |= _of_gift(gift)
    return first


def _of_gift(gift: Gift) -> dict[str, Any]:
    price = gift.price * gift.quantity if gift.price else None
    return {
        "gift": gift.pk,
        "name": gift.title,
        "price": price,
        "quantity": gift.quantity,
        "link": gift.link,
    }


def stored(purchase: Purchase, gifts: GiftQuerySet) -> dict[str, Any]:
    """Return what the form of a stored purchase shows; of its gift only if it is one of `gifts`."""
    is_known = purchase.gift_id is not None and gifts.filter(pk=purchase.gift_id).exists()
    return {
        **{name: getattr(purchase, name) for name in _PLAIN},
        "exchange_rate": purchase.exchange_rate if purchase.is_foreign else None,
        "retailer": purchase.retailer.name if purchase.retailer else "",
        "brand": purchase.brand.name if purchase.brand else "",
        "tags": ", ".join(tag.name for tag in purchase.tags.all()),
        "shared": "shared" if purchase.shared else "",
        "gift": purchase.gift_id if is_known else None,
    }
