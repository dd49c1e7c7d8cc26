"""One window of one budget, with its counters."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q

from budgets.fields import MoneyField
from budgets.levels import Standing, Thresholds
from budgets.models.budget import Budget
from budgets.periods import Window


class CycleQuerySet(models.QuerySet["Cycle"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def due(self, now: datetime) -> Self:
        """Return the open cycles whose window, or whose special limit, has ended."""
        return self.open().filter(Q(ends_at__lte=now) | Q(limit_until__lte=now))


class Cycle(models.Model):
    """`[starts_at, ends_at)` of a budget.

    `limit`, `limit_until` and `enforced` repeat what is in force, so that one row alone decides
    whether money may be spent. `limit_until` is when a special limit ends inside the window.
    """

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="cycles")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    limit = MoneyField()
    limit_until = models.DateTimeField(null=True)
    enforced = models.BooleanField()
    carried = MoneyField(default=Decimal(0))
    spent = MoneyField(default=Decimal(0))
    held = MoneyField(default=Decimal(0))

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = "window"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["budget"], condition=Q(closed_at=None), name="cycle_one_open_per_budget"
            ),
            models.UniqueConstraint(fields=["budget", "starts_at"], name="cycle_unique_start"),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="cycle_starts_before_it_ends"
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="cycle_held_not_negative"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(held=0), name="cycle_closed_holds_nothing"
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(closed_at=None), name="cycle_open_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M} UTC"

    @property
    def window(self) -> Window:
        return Window(self.starts_at, self.ends_at)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_due(self, now: datetime) -> bool:
        """Tell whether the window or its special limit has ended."""
        return self.ends_at <= now or (self.limit_until is not None and self.limit_until <= now)

    @property
    def available(self) -> Decimal:
        """What the window has to spend in all: its limit and what was carried into it."""
        return self.limit + self.carried

    def standing(self, thresholds: Thresholds) -> Standing:
        return Standing(self.available, self.spent, self.held, thresholds)
