"""What programs are told about a purchase."""

from datetime import date

from django.db.models import FETCH_RAISE, Prefetch
from ninja import Schema
from pydantic import Field

from budgets.wire import Moment, Money
from occasions.models import Viewer
from purchases.alike import alike
from purchases.api.fields import NamedShown, Rate, Status
from purchases.api.files import AttachmentShown
from purchases.api.warranties import WarrantyShown
from purchases.models import Attachment, Brand, Purchase, PurchaseQuerySet, Retailer
from purchases.models.purchase import has_gift


class PurchaseShown(Schema):
    """One line of a receipt, with its warranties and papers."""

    id: int
    name: str = Field(examples=["Kettle"])
    price: Money = Field(description="What was paid for all of it, in its own currency.")
    currency: str = Field(examples=["EUR"])
    exchange_rate: Rate = Field(description="What one unit of it is in the base currency.")
    amount: Money = Field(description="The price in the base currency: what the budget is charged.")
    quantity: int
    unit_price: Money = Field(description="Of one piece, rounded to the currency's decimals.")
    purchased_on: date
    status: Status = Field(description="What was returned no longer counts in the budget.")
    retailer: NamedShown | None
    brand: NamedShown | None
    tags: list[str]
    order_number: str
    model_number: str
    serial_number: str
    link: str
    return_by: date | None = Field(description="The last day to return it.")
    return_policy: str
    tax_deductible: bool
    notes: str
    shared: bool = Field(description="Whether the household sees it, or its owner alone.")
    gift: int | None = Field(description="The gift it was bought for.")
    owner: str | None = Field(description="Their name; none for somebody who left.")
    is_own: bool = Field(description="Whether it is yours; only its owner changes it.")
    warranties: list[WarrantyShown]
    attachments: list[AttachmentShown]
    version: int = Field(description="Counts the changes.")
    created_at: Moment
    changed_at: Moment

    @classmethod
    def of(cls, purchase: Purchase, viewer: Viewer) -> "PurchaseShown":
        """Tell of a purchase that `told` has prepared."""
        plain = {name: getattr(purchase, name) for name in _PLAIN}
        return cls(
            **plain,
            id=purchase.pk,
            retailer=_named(purchase.retailer),
            brand=_named(purchase.brand),
            tags=[tag.name for tag in purchase.tags.all()],
            gift=purchase.gift_id if getattr(purchase, _TELLS_GIFT) else None,
            owner=purchase.owner.display_name if purchase.owner else None,
            is_own=purchase.owner_id == viewer.user.pk,
            warranties=[WarrantyShown.of(one, viewer.today) for one in purchase.warranties.all()],
            attachments=[AttachmentShown.of(paper) for paper in purchase.attachments.all()],
        )


class AlikeShown(Schema):
    """A purchase of the same product, price and day, which may be the same one."""

    id: int
    name: str
    owner: str | None

    @classmethod
    def of(cls, purchase: Purchase) -> "AlikeShown":
        owner = purchase.owner.display_name if purchase.owner else None
        return cls(id=purchase.pk, name=purchase.name, owner=owner)


class PurchaseAdded(PurchaseShown):
    """A purchase that was just written down, and those it may be a double of."""

    alike: list[AlikeShown]


#: What is told as it is stored.
_PLAIN = (
    "name",
    "price",
    "currency",
    "exchange_rate",
    "amount",
    "quantity",
    "unit_price",
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
    "version",
    "created_at",
    "changed_at",
)
_TELLS_GIFT = "tells_gift"


def told(purchases: PurchaseQuerySet, viewer: Viewer) -> PurchaseQuerySet:
    """Prepare purchases for being told to `viewer`: nothing more is asked for any of them."""
    papers = Attachment.objects.select_related("blob")
    return (
        purchases.select_related("owner", "retailer", "brand")
        .prefetch_related("tags", "warranties", Prefetch("attachments", papers))
        .annotate(**{_TELLS_GIFT: has_gift(viewer)})
        .defer("search_text")
        .fetch_mode(FETCH_RAISE)
    )


def told_one(purchase: Purchase, viewer: Viewer) -> PurchaseShown:
    """Tell of a purchase as it is stored now."""
    stored = told(Purchase.objects.filter(pk=purchase.pk), viewer).get()
    return PurchaseShown.of(stored, viewer)


def doubles(purchase: Purchase, viewer: Viewer) -> list[AlikeShown]:
    """Tell of the purchases that one may be a double of."""
    found = alike(
        viewer,
        name=purchase.name,
        price=purchase.price,
        currency=purchase.currency,
        day=purchase.purchased_on,
        but=purchase.pk,
    )
    return [AlikeShown.of(one) for one in found]


def _named(item: Retailer | Brand | None) -> NamedShown | None:
    return NamedShown(id=item.pk, name=item.name) if item else None
