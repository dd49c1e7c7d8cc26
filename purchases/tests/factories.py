"""Purchases and what hangs on them, for tests."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import factory
from django.conf import settings

from occasions import access
from occasions.models import Viewer
from people.models import User
from people.tests.factories import UserFactory
from purchases import keeping, rates
from purchases.models import Attachment, Blob, Brand, Purchase, Retailer, Tag, Warranty
from purchases.naming import fold

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


class NameFactory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    key = factory.LazyAttribute(lambda row: fold(row.name))


class RetailerFactory(NameFactory):
    class Meta:
        model = Retailer

    name = factory.Sequence(lambda number: f"Shop {number}")


class BrandFactory(NameFactory):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda number: f"Brand {number}")


class TagFactory(NameFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda number: f"tag {number}")


class PurchaseFactory(factory.django.DjangoModelFactory[Purchase]):
    """A purchase as it is stored, of which no budget knows; `tags` are rows."""

    class Meta:
        model = Purchase
        skip_postgeneration_save = True

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Thing {number}")
    price = Decimal("10.00")
    currency = factory.LazyFunction(lambda: settings.CURRENCY)
    exchange_rate = Decimal(1)
    amount = factory.LazyAttribute(
        lambda row: rates.convert(row.price, row.exchange_rate, currency=settings.CURRENCY)
    )
    purchased_on = TODAY
    created_at = NOW
    changed_at = NOW

    @factory.post_generation
    def tags(self, create: bool, extracted: list[Tag] | None, **_: Any) -> None:
        purchase = cast(Purchase, self)
        if extracted:
            purchase.tags.set(extracted)
        keeping.refresh_search([purchase])
        purchase.refresh_from_db(fields=["search_text"])


class WarrantyFactory(factory.django.DjangoModelFactory[Warranty]):
    class Meta:
        model = Warranty

    purchase = factory.SubFactory(PurchaseFactory)
    starts_on = factory.SelfAttribute("purchase.purchased_on")


class BlobFactory(factory.django.DjangoModelFactory[Blob]):
    """A row without its file."""

    class Meta:
        model = Blob

    sha256 = factory.Sequence(lambda number: hashlib.sha256(str(number).encode()).hexdigest())
    size = 100
    content_type = "image/png"


class AttachmentFactory(factory.django.DjangoModelFactory[Attachment]):
    class Meta:
        model = Attachment

    purchase = factory.SubFactory(PurchaseFactory)
    uploaded_by = factory.SelfAttribute("purchase.owner")
    blob = factory.SubFactory(BlobFactory)
    name = "receipt.png"
    created_at = NOW


def buy(owner: User, price: str = "30.00", *, now: datetime = NOW, **values: Any) -> Purchase:
    """Write down a purchase with the verb, as its owner would."""
    by = values.pop("by", owner)
    extra = {name: values.pop(name) for name in ("as_fact", "warranties") if name in values}
    wanted = {"name": "Kettle", "price": Decimal(price), "purchased_on": now.date(), **values}
    return keeping.record(owner=owner, values=wanted, by=by, now=now, **extra)


def viewer_of(user: User, *, now: datetime = NOW) -> Viewer:
    return access.viewer_of(user, now=now)
