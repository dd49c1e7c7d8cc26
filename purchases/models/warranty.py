"""Warranties: what is promised for how long."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse

from purchases import guarantees
from purchases.guarantees import SOON, Status
from purchases.models.purchase import Purchase


def _ending(today: date, days: int) -> Q:
    """Return what holds the warranties that end within so many days from today, both included."""
    last = date.fromordinal(min(today.toordinal() + days, date.max.toordinal()))
    return Q(ends_on__gte=today, ends_on__lte=last, voided=False)


def _standing(status: Status, today: date) -> Q:
    """Return what holds the warranties that stand so; the same rule as `guarantees.status`."""
    match status:
        case Status.ACTIVE:
            return Q(voided=False) & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))
        case Status.EXPIRING:
            return _ending(today, SOON)
        case Status.EXPIRED:
            return Q(ends_on__lt=today, voided=False)
        case Status.VOIDED:
            return Q(voided=True)


class WarrantyQuerySet(models.QuerySet["Warranty"]):
    def active(self, today: date) -> Self:
        """Return what still holds, expiring soon or not."""
        return self.standing(Status.ACTIVE, today)

    def expiring(self, today: date, *, days: int = SOON) -> Self:
        """Return what ends within so many days from today, both included."""
        return self.filter(_ending(today, days))

    def standing(self, status: Status, today: date) -> Self:
        """Return the warranties that stand so `today`."""
        return self.filter(_standing(status, today))

    def standings(self, today: date) -> dict[Status, int]:
        """Count the warranties by how they stand; those that expire soon are among the active."""
        counts = {status.value: Count("pk", filter=_standing(status, today)) for status in Status}
        return {Status(name): count for name, count in self.aggregate(**counts).items()}


class Warranty(models.Model):
    """One promise about a purchase; without an end it is for life."""

    class Kind(models.TextChoices):
        MANUFACTURER = "manufacturer", "Manufacturer"
        EXTENDED = "extended", "Extended"
        PARTS = "parts", "Parts"
        LABOUR = "labour", "Labour"
        STATUTORY = "statutory", "Statutory"
        OTHER = "other", "Other"

    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="warranties")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.MANUFACTURER)
    starts_on = models.DateField("starts")
    ends_on = models.DateField("last day", null=True, blank=True, help_text="Empty: for life.")
    provider = models.CharField(max_length=200, blank=True)
    notes = models.TextField(max_length=2000, blank=True)
    voided = models.BooleanField("no longer valid", default=False)

    objects = WarrantyQuerySet.as_manager()

    class Meta:
        ordering = [F("ends_on").asc(nulls_last=True), "pk"]
        verbose_name_plural = "warranties"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="warranty_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first.",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_on"], name="warranty_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} warranty {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("warranties:change", args=[self.pk])

    def status(self, today: date) -> Status:
        """Return how it stands on the day of whoever asks."""
        return guarantees.status(ends_on=self.ends_on, voided=self.voided, today=today)

    def days_left(self, today: date) -> int | None:
        """Return the days until the last one; None is for life."""
        return guarantees.days_left(self.ends_on, today=today)
