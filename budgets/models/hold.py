"""Money set aside before the real cost is known."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from budgets.fields import MoneyField
from budgets.models.budget import Budget
from budgets.models.cycle import Cycle
from budgets.models.entry import Entry


class HoldQuerySet(models.QuerySet["Hold"]):
    def due(self, now: datetime) -> Self:
        """Return the holds that still hold money although their time has passed."""
        return self.filter(status=Hold.Status.HELD, expires_at__lte=now)


class Hold(models.Model):
    """An authorisation. While held it belongs to the budget's open cycle, and moves on with it."""

    class Status(models.TextChoices):
        HELD = "held", "Held"
        SETTLED = "settled", "Settled"
        RELEASED = "released", "Released"
        EXPIRED = "expired", "Expired"

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="holds")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="holds", verbose_name="window")
    amount = MoneyField()
    status = models.CharField(max_length=10, choices=Status, default=Status.HELD)
    memo = models.CharField(max_length=500, blank=True)
    #: The token by which a program asked for it.
    via = models.CharField(max_length=120, blank=True)
    #: A gateway asked for it on behalf of the member, who cannot end it.
    on_behalf = models.BooleanField("on behalf", default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="hold")

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="hold_not_negative"),
            models.CheckConstraint(
                condition=Q(status="settled", entry__isnull=False)
                | (~Q(status="settled") & Q(entry__isnull=True)),
                name="hold_settled_by_an_entry",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(status="held"), name="hold_live_by_expiry"
            ),
            models.Index(fields=["budget", "-created_at", "-id"], name="hold_history"),
        ]

    def __str__(self) -> str:
        return f"Hold of {self.amount:f}, {self.get_status_display().lower()}"
