"""What a search for a purchase looks at."""

from collections.abc import Iterable

from purchases.models import Purchase, Tag
from purchases.naming import fold

_BATCH = 500


def search_text_of(purchase: Purchase, tags: Iterable[Tag] | None = None) -> str:
    """Return everything that finds a purchase, folded; its `tags` are read unless they are given.

    Given ones are in the order in which the database has them.
    """
    parts = [
        purchase.name,
        purchase.retailer.name if purchase.retailer else "",
        purchase.brand.name if purchase.brand else "",
        purchase.order_number,
        purchase.model_number,
        purchase.serial_number,
        *(tag.name for tag in (purchase.tags.all() if tags is None else tags)),
        purchase.notes,
    ]
    return "\n".join(fold(part) for part in parts if part)


def refresh_search(purchases: Iterable[Purchase]) -> None:
    """Bring the search texts of these purchases, a queryset perhaps, in step with their names."""
    stale = Purchase.objects.select_related("retailer", "brand").prefetch_related("tags")
    keys = [purchase.pk for purchase in purchases]
    for start in range(0, len(keys), _BATCH):
        batch = list(stale.filter(pk__in=keys[start : start + _BATCH]))
        for purchase in batch:
            purchase.search_text = search_text_of(purchase)
        Purchase.objects.bulk_update(batch, ["search_text"])
