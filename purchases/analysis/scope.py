"""Which purchases the figures are about, and where a list shows the same ones."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from occasions.models import Viewer
from purchases.models import Purchase, PurchaseQuerySet


@dataclass(frozen=True, slots=True)
class Scope:
    """The purchases that `viewer` may see, of these days and perhaps only their own.

    The days are both included; None is without end.
    """

    viewer: Viewer
    since: date | None = None
    until: date | None = None
    is_mine: bool = False

    def visible(self) -> PurchaseQuerySet:
        """Return the purchases of any day."""
        purchases = Purchase.objects.live().visible_to(self.viewer)
        return purchases.filter(owner=self.viewer.user) if self.is_mine else purchases

    def counted(self) -> PurchaseQuerySet:
        """Return the purchases of these days but for what was returned, in no order."""
        days = Q()
        if self.since:
            days &= Q(purchased_on__gte=self.since)
        if self.until:
            days &= Q(purchased_on__lte=self.until)
        kept = self.visible().filter(days).exclude(status=Purchase.Status.RETURNED)
        return kept.order_by()

    def list_url(self, **filters: Any) -> str:
        """Return the address of the list with the same purchases, as far as `filters` leave."""
        asked = {
            "since": self.since,
            "until": self.until,
            "whose": "mine" if self.is_mine else None,
            **filters,
        }
        told = {name: value for name, value in asked.items() if value is not None}
        return f"{reverse('purchases:list')}?{urlencode(told)}"
