"""Purchases that may be one and the same, written down twice."""

from datetime import date
from decimal import Decimal

from django.db.models import FETCH_RAISE, Q

from occasions.models import Viewer
from purchases.models import Purchase
from purchases.naming import fold

#: How many are named.
MOST = 3


def alike(
    viewer: Viewer, *, name: str, price: Decimal, currency: str, day: date, but: int | None = None
) -> list[Purchase]:
    """Return visible purchases of that product, price and day, without the one whose key is `but`.

    The name is compared regardless of case and space.
    """
    key = fold(name)
    # The search text begins with the folded name, on a line of its own.
    same = Q(search_text=key) | Q(search_text__startswith=f"{key}\n")
    others = Purchase.objects.live().visible_to(viewer).exclude(pk__in=[but] if but else [])
    found = others.filter(same, purchased_on=day, price=price, currency=currency)
    return list(found.select_related("owner").fetch_mode(FETCH_RAISE).order_by("pk")[:MOST])
