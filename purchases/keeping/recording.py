"""Writing purchases down and changing them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from people.models import User
from purchases.keeping.attaching import adopt
from purchases.keeping.checking import check
from purchases.keeping.counting import settle_all
from purchases.keeping.guarding import add_warranty
from purchases.keeping.holding import hold_occasions, is_fact, lock
from purchases.keeping.names import Writer, named, tagged
from purchases.keeping.search import search_text_of
from purchases.models import Attachment, Brand, Purchase, Retailer
from purchases.naming import tidy

#: What `record` and `change` may set beside the tags.
FIELDS = (
    "name",
    "price",
    "currency",
    "exchange_rate",
    "quantity",
    "retailer",
    "brand",
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
    "shared",
    "gift",
)
#: What an import sets too.
ORIGIN = ("source", "source_id", "uid")


class Conflict(Exception):
    """Somebody changed the purchase since it was read; `current` is how it stands."""

    def __init__(self, current: Purchase) -> None:
        super().__init__(current.pk)
        self.current = current


@transaction.atomic
def record(
    *,
    owner: User,
    values: Mapping[str, Any],
    by: User | None,
    now: datetime,
    as_fact: bool = False,
    warranties: Sequence[Mapping[str, Any]] = (),
    files: Collection[Attachment] = (),
    via: str = "",
) -> Purchase:
    """Write down a purchase and charge its owner's budget.

    The retailer and the brand are names, as are the tags. `via` is the program that the ledger
    is to name. Raises ValidationError by field, OverBudget when it does not fit into an enforced
    budget, unless it is a fact or an administrator records it, and Busy; nothing is stored then.
    """
    hold_occasions((), values.get("gift"))
    purchase = Purchase(owner=owner, created_at=now, changed_at=now)
    fill(purchase, values, FIELDS + ORIGIN)
    _save(purchase, values, now)
    for warranty in warranties:
        add_warranty(purchase=purchase, values=warranty)
    adopt(purchase=purchase, attachments=files, by=by)
    settle_all(purchase, now=now, as_fact=as_fact or is_fact(by), via=via)
    return purchase


@transaction.atomic
def change(
    *,
    purchase: Purchase,
    values: Mapping[str, Any],
    version: int,
    by: User | None,
    now: datetime,
    as_fact: bool = False,
    warranties: Sequence[Mapping[str, Any]] = (),
    files: Collection[Attachment] = (),
    via: str = "",
) -> Purchase:
    """Set what `values` name and post what that changes for the budget; the rest stays as stored.

    Where nothing is different after that it is no change, and the version stays. Raises Conflict
    when the purchase is no longer at `version`, DoesNotExist when it is deleted, and as `record`
    does; a corrected price is a fact and never refused.
    """
    hold_occasions([purchase.pk], values.get("gift"))
    stored = lock(purchase)
    if stored.is_trashed:
        raise Purchase.DoesNotExist
    if stored.version != version:
        raise Conflict(stored)
    before, earlier = stored.gift, _contents(stored)
    fill(stored, values, FIELDS)
    _save(stored, values, now)
    if warranties or files or _contents(stored) != earlier:
        _note_change(stored, now)
    for warranty in warranties:
        add_warranty(purchase=stored, values=warranty)
    adopt(purchase=stored, attachments=files, by=by)
    settle_all(stored, now=now, as_fact=as_fact or is_fact(by), before=before, via=via)
    return stored


def fill(purchase: Purchase, values: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """Set what can be set as it is; names and tags are for whoever saves it."""
    if unknown := set(values) - {*allowed, "tags"}:
        raise ValueError(f"a purchase has no {', '.join(sorted(unknown))} to set")
    plain = {name: values[name] for name in values if name not in {"tags", "retailer", "brand"}}
    for name, value in plain.items():
        setattr(purchase, name, value)
    purchase.name = tidy(purchase.name)
    purchase.currency = purchase.currency.strip().upper()
    if not purchase.is_foreign:
        purchase.exchange_rate = Decimal(1)


def _save(purchase: Purchase, values: Mapping[str, Any], now: datetime) -> None:
    check(purchase, now, given=values.keys())
    # What is bought for a gift leaves every spelling alone: who gets it might notice.
    writer = Writer(purchase.owner, now) if purchase.owner and not purchase.is_surprise else None
    if "retailer" in values:
        purchase.retailer = named(Retailer, values["retailer"], writer=writer)
    if "brand" in values:
        purchase.brand = named(Brand, values["brand"], writer=writer)
    purchase.save()
    if "tags" in values:
        purchase.tags.set(tagged(values["tags"], writer=writer))
    purchase.search_text = search_text_of(purchase)
    Purchase.objects.filter(pk=purchase.pk).update(search_text=purchase.search_text)


def _contents(purchase: Purchase) -> list[Any]:
    """Return what can be set of a purchase, as it is told: names as they are spelled now."""
    plain = [getattr(purchase, name) for name in (*FIELDS, "amount")]
    names = [item.name if item else "" for item in (purchase.retailer, purchase.brand)]
    return [*plain, *names, *sorted(tag.name for tag in purchase.tags.all())]


def _note_change(purchase: Purchase, now: datetime) -> None:
    purchase.version, purchase.changed_at = purchase.version + 1, now
    purchase.save(update_fields=["version", "changed_at"])
