"""Purchases, and the postings they made."""

from collections.abc import Collection
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.deletion import Collector
from django.db.models.functions import Concat, Left, StrIndex
from django.urls import reverse

from budgets.fields import MoneyField
from budgets.models import Entry
from budgets.money import MAX_AMOUNT
from occasions.models import Gift, Viewer
from purchases import rates
from purchases.fields import RateField
from purchases.models.names import Brand, Retailer, Tag

MAX_QUANTITY = 9_999
MAX_NOTES = 2_000
#: How long a deleted purchase can be brought back.
TRASHED_FOR = timedelta(days=30)
#: What is not in the trash.
LIVE = Q(deleted_at__isnull=True)
#: What decides whether a live purchase counts, and who may see it.
SIFTED = ("status", "owner", "shared", "secret_until", "gift")


def validate_currency(code: str) -> None:
    """Raise ValidationError unless `code` is a currency of ISO 4217."""
    if code not in rates.known():
        raise ValidationError("“%(code)s” is no currency; USD or EUR is.", params={"code": code})


def base_currency() -> str:
    return settings.CURRENCY


def first_line(field: str) -> Left:
    """Return the first line of a text, as far as an index of any database takes it."""
    end, head = Value("\n"), Left(field, 255)
    return Left(head, StrIndex(Concat(head, end), end) - 1)


def keep_secret(collector: Collector, field: Any, purchases: Any, using: str) -> None:
    """Part purchases from a gift that goes, and keep from the others until its day what they were.

    Otherwise deleting a gift would show to whom it was for what had been bought.
    """
    day = Gift.objects.filter(pk=OuterRef("gift_id")).values("occasion__date")
    # Updates run in this order, before anything is deleted.
    secret_until = Purchase._meta.get_field("secret_until")
    collector.add_field_update(secret_until, Subquery(day), purchases)
    collector.add_field_update(field, None, purchases)


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    def live(self) -> Self:
        """Return what is not in the trash."""
        return self.filter(LIVE)

    def of_origins(self, origins: Collection[tuple[str, str]]) -> Self:
        """Return what was imported under one of these names, and perhaps under others like them.

        Two plain lists may find a pair that nobody asked for, which does no harm. Said like this,
        the partial index serves.
        """
        sources, names = {source for source, _ in origins}, {name for _, name in origins}
        return self.filter(source__in=sources, source_id__in=names).exclude(source_id="").order_by()

    def trashed(self) -> Self:
        return self.filter(deleted_at__isnull=False)

    def without_surprises(self, viewer: Viewer) -> Self:
        """Leave out what would give away a present to `viewer`; what is their own stays."""
        own = Q(owner=viewer.user)
        over = Q(secret_until__isnull=True) | Q(secret_until__lt=viewer.open_before)
        if viewer.person is None:
            return self.filter(own | over)
        theirs = (
            Gift.recipients.through.objects.filter(
                person=viewer.person, gift__occasion__date__gte=viewer.open_before
            )
            .order_by()
            .values("gift_id")
        )
        told = Q(gift__isnull=True) | ~Q(gift__in=theirs)
        return self.filter(own | (over & told))

    def visible_to(self, viewer: Viewer) -> Self:
        """Return the viewer's own and what others share, without what must stay a surprise."""
        return self.without_surprises(viewer).filter(Q(owner=viewer.user) | Q(shared=True))


def has_gift(viewer: Viewer) -> Exists:
    """Return what finds purchases that were bought for a gift, as far as the viewer knows of it."""
    return Exists(Gift.objects.visible_to(viewer).filter(pk=OuterRef("gift")))


class Purchase(models.Model):
    """One line of a receipt, and what it means to its owner's budget."""

    class Status(models.TextChoices):
        ORDERED = "ordered", "Ordered"
        RECEIVED = "received", "Received"
        RETURNED = "returned", "Returned"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="purchases"
    )
    name = models.CharField("what was bought", max_length=255)
    #: What was paid for the whole line, in its own currency.
    price = MoneyField("price paid")
    currency = models.CharField(max_length=3, default=base_currency, validators=[validate_currency])
    #: How much one unit of `currency` is worth in the base currency.
    exchange_rate = RateField(default=Decimal(1))
    #: The price in the base currency: what the budget is charged.
    amount = MoneyField(editable=False)
    quantity = models.PositiveIntegerField(default=1)
    retailer = models.ForeignKey(
        Retailer, models.PROTECT, null=True, blank=True, related_name="purchases"
    )
    brand = models.ForeignKey(
        Brand, models.PROTECT, null=True, blank=True, related_name="purchases"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="purchases")
    purchased_on = models.DateField("bought on")
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    order_number = models.CharField(max_length=100, blank=True)
    model_number = models.CharField(max_length=100, blank=True)
    serial_number = models.CharField(max_length=100, blank=True)
    link = models.URLField(
        max_length=2000, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    return_by = models.DateField("can be returned until", null=True, blank=True)
    return_policy = models.CharField(max_length=500, blank=True)
    tax_deductible = models.BooleanField(default=False)
    notes = models.TextField(max_length=MAX_NOTES, blank=True)
    shared = models.BooleanField("shared with the household", default=False)
    gift = models.ForeignKey(Gift, keep_secret, null=True, blank=True, related_name="purchases")
    #: The day of the gift it was made for and that is gone: until then it is its owner's alone.
    secret_until = models.DateField(null=True, blank=True, editable=False)
    #: Where an imported one comes from, and its name there.
    source = models.CharField(max_length=50, blank=True, editable=False)
    source_id = models.CharField(max_length=200, blank=True, editable=False)
    #: What files of ours call it, wherever they are read.
    uid = models.UUIDField(default=uuid4, editable=False)
    #: Everything that a search looks at, folded; the verbs keep it in step.
    search_text = models.TextField(blank=True, editable=False)
    #: The name, folded: a search text begins with it. The database keeps it in step.
    name_key = models.GeneratedField(
        expression=first_line("search_text"), output_field=models.TextField(), db_persist=True
    )
    #: Counts the changes: a form that was opened at another version is out of date.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        ordering = ["-purchased_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gt=0, price__lte=MAX_AMOUNT),
                name="purchase_price_in_range",
                violation_error_message="A price is more than 0 and at most 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=MAX_AMOUNT),
                name="purchase_amount_in_range",
                violation_error_message="In the base currency that is more than 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=Q(exchange_rate__gt=0),
                name="purchase_rate_above_zero",
                violation_error_message="An exchange rate is above zero.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="purchase_quantity_in_range",
                violation_error_message=f"The quantity is from 1 to {MAX_QUANTITY:,}.",
            ),
            models.CheckConstraint(
                condition=Q(return_by__isnull=True) | Q(return_by__gte=F("purchased_on")),
                name="purchase_returned_after_it_was_bought",
                violation_error_message="It cannot be returned before it was bought.",
            ),
            models.UniqueConstraint(
                fields=["owner", "source", "source_id"],
                condition=~Q(source_id=""),
                name="purchase_imported_once",
                violation_error_message="This was imported before.",
            ),
            models.UniqueConstraint(
                fields=["owner", "uid"],
                name="purchase_known_once",
                violation_error_message="This purchase is there already.",
            ),
        ]
        indexes = [
            models.Index(fields=["-purchased_on", "-id"], name="purchase_by_day"),
            models.Index(fields=["owner", "-purchased_on", "-id"], name="purchase_of_owner"),
            models.Index(fields=["return_by"], name="purchase_by_deadline"),
            models.Index(
                fields=["amount", "purchased_on", "id"], name="purchase_by_amount", condition=LIVE
            ),
            models.Index(
                fields=["currency", "-price", "-id"], name="purchase_by_price", condition=LIVE
            ),
            # These hold all that sums need, in the order of their groups: no row is visited.
            models.Index(
                fields=["retailer", "currency", *SIFTED, "purchased_on", "price", "amount"],
                name="purchase_sums_of_retailers",
                condition=LIVE,
            ),
            models.Index(
                fields=["brand", "currency", *SIFTED, "purchased_on", "price", "amount"],
                name="purchase_sums_of_brands",
                condition=LIVE,
            ),
            models.Index(
                fields=["currency", "purchased_on", *SIFTED, "price"],
                name="purchase_sums_of_days",
                condition=LIVE,
            ),
            models.Index(
                fields=["currency", "name_key", *SIFTED, "purchased_on", "price", "name"],
                name="purchase_sums_of_names",
                condition=LIVE,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("purchases:detail", args=[self.pk])

    @property
    def is_trashed(self) -> bool:
        return self.deleted_at is not None

    @property
    def is_surprise(self) -> bool:
        """Whether it is, or was, for a gift: whoever gets that might notice what it changes."""
        return self.gift_id is not None or self.secret_until is not None

    @property
    def counts(self) -> bool:
        """Whether its owner's budget pays for it now."""
        return not self.is_trashed and self.status != self.Status.RETURNED

    @property
    def is_foreign(self) -> bool:
        """Whether it was paid in another currency than the base one."""
        return self.currency != settings.CURRENCY

    @property
    def unit_price(self) -> Decimal:
        """The price of one piece in its own currency, rounded to that currency's decimals."""
        unit = Decimal(1).scaleb(-rates.places(self.currency))
        return (self.price / self.quantity).quantize(unit, ROUND_HALF_UP)


class PurchaseEntry(models.Model):
    """Which purchase a posting of the ledger was made for."""

    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="postings")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="purchase")

    class Meta:
        verbose_name_plural = "purchase entries"

    def __str__(self) -> str:
        return f"{self.purchase_id}: {self.entry_id}"
