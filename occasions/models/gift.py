"""A gift: for whom, by whom, how much, and how far it has come."""

from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from budgets.fields import MoneyField, money_value
from budgets.money import MAX_AMOUNT, ZERO
from occasions.figures import Spending
from occasions.models.occasion import Occasion
from occasions.models.viewer import Viewer
from people.models import Person

MAX_QUANTITY = 9_999
_NONE = money_value(0)


class GiftQuerySet(models.QuerySet["Gift"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Leave out the gifts for `viewer` whose day has not passed."""
        if viewer.person is None:
            return self
        theirs = Gift.recipients.through.objects.filter(gift=OuterRef("pk"), person=viewer.person)
        return self.filter(Q(occasion__date__lt=viewer.open_before) | ~Exists(theirs))

    def bought(self) -> Self:
        return self.filter(status__in=Gift.BOUGHT)

    def chosen(self) -> Self:
        """Return what is more than an idea."""
        return self.exclude(status=Gift.Status.IDEA)

    def spending(self) -> Spending:
        """Add up these gifts, each once."""
        return _spending(self._once().aggregate(**_SUMS))

    def spending_by(self, key: str) -> dict[int, Spending]:
        """Add up these gifts, each once, by the values of a foreign `key`."""
        rows = self._once().order_by().values_list(key).annotate(**_SUMS)
        return {row[0]: _spending(dict(zip(_SUMS, row[1:], strict=True))) for row in rows}

    def _once(self) -> Self:
        """Return each gift a single time, also when a search over recipients found it twice."""
        return type(self)(self.model).filter(pk__in=self.values("pk"))


class Gift(models.Model):
    """One thing (or several alike) given at one occasion to one person or to several."""

    class Status(models.TextChoices):
        IDEA = "idea", "Idea"
        SELECTED = "selected", "Selected"
        PURCHASED = "purchased", "Purchased"
        RECEIVED = "received", "Received"

    class Priority(models.IntegerChoices):
        HIGH = 1, "High"
        NORMAL = 2, "Normal"
        LOW = 3, "Low"

    #: The states in which a gift counts as bought.
    BOUGHT = (Status.PURCHASED, Status.RECEIVED)

    occasion = models.ForeignKey(Occasion, models.CASCADE, related_name="gifts")
    recipients = models.ManyToManyField(Person, related_name="gifts", verbose_name="for")
    purchaser = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="buying",
        verbose_name="who buys it",
    )
    title = models.CharField(max_length=200)
    link = models.URLField(max_length=2000, blank=True)
    price = MoneyField(null=True, blank=True)
    paid_price = MoneyField("price paid", null=True, blank=True)
    #: What purchases made for it cost together; it need not divide by the quantity.
    paid_total = MoneyField("paid in all", null=True, blank=True, editable=False)
    quantity = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status, default=Status.IDEA)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    notes = models.TextField(max_length=2000, blank=True)
    bought_on = models.DateField(null=True, blank=True)
    #: What it counts: what was paid in all once it is bought, else (the price paid, else the price)
    #: times the quantity.
    cost = models.GeneratedField(
        expression=Case(
            When(
                status__in=BOUGHT,
                then=Coalesce("paid_total", Coalesce("paid_price", "price", _NONE) * F("quantity")),
            ),
            default=Coalesce("price", _NONE) * F("quantity"),
        ),
        output_field=MoneyField(),
        db_persist=True,
    )

    objects = GiftQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0, price__lte=MAX_AMOUNT),
                name="gift_price_in_range",
                violation_error_message="A price is from 0 to 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=Q(paid_price__isnull=True)
                | Q(paid_price__gte=0, paid_price__lte=MAX_AMOUNT),
                name="gift_paid_price_in_range",
                violation_error_message="A price is from 0 to 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=Q(paid_total__isnull=True)
                | Q(paid_total__gte=0, paid_total__lte=MAX_AMOUNT),
                name="gift_paid_total_in_range",
                violation_error_message="An amount is from 0 to 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="gift_quantity_in_range",
                violation_error_message=f"The quantity is from 1 to {MAX_QUANTITY:,}.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["purchased", "received"], bought_on__isnull=False)
                | Q(status__in=["idea", "selected"], bought_on__isnull=True),
                name="gift_bought_on_a_day",
                violation_error_message="A gift has the day it was bought when it is bought.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("gifts:change", args=[self.pk])

    @property
    def is_bought(self) -> bool:
        return self.status in self.BOUGHT

    @property
    def is_unpriced(self) -> bool:
        """Whether nothing tells what it costs, so that it counts as zero."""
        is_paid = self.paid_total is not None or self.paid_price is not None
        return self.price is None and not (self.is_bought and is_paid)


def _sum(*statuses: str) -> Coalesce:
    total = Sum("cost", filter=Q(status__in=statuses), default=_NONE)
    return Coalesce(total, _NONE, output_field=MoneyField())


_UNPAID = Q(paid_price__isnull=True, paid_total__isnull=True) | ~Q(status__in=Gift.BOUGHT)
_UNPRICED = Q(price__isnull=True) & _UNPAID
_SUMS = {
    "bought": _sum(*Gift.BOUGHT),
    "planned": _sum(Gift.Status.SELECTED),
    "ideas": _sum(Gift.Status.IDEA),
    "unpriced": Count("pk", filter=_UNPRICED),
    "gifts": Count("pk"),
}


def _spending(row: dict[str, Any]) -> Spending:
    # Over no rows at all, as in `.none()`, a sum is a bare 0.
    sums = {name: row[name] or ZERO for name in ("bought", "planned", "ideas")}
    return Spending(**{**row, **sums})
