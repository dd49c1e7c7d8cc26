"""Postings, and their totals by day."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q

from budgets.fields import MoneyField
from budgets.models.budget import Budget
from budgets.models.cycle import Cycle


class Kind(models.TextChoices):
    USAGE = "usage", "Usage"
    PURCHASE = "purchase", "Purchase"
    REFUND = "refund", "Refund"
    ADJUSTMENT = "adjustment", "Adjustment"


class EntryQuerySet(models.QuerySet["Entry"]):
    def of_events(self) -> Self:
        """Return the entries that name an event: said like this, their partial index serves."""
        return self.exclude(source_event_id="")

    def for_history(self, budget: Budget) -> Self:
        """Return one budget's postings, newest first, ready for a page."""
        return (
            self.filter(budget=budget)
            .order_by("-day", "-occurred_at", "-pk")
            .fetch_mode(models.FETCH_RAISE)
        )


class Entry(models.Model):
    """One signed posting. A trigger in the database refuses every edit but that of the memo.

    `day` is the member's local day when it was posted, so that a later move to another time zone
    does not rewrite history. A reversal carries the amount and the tokens of what it reverses with
    the opposite sign, in the same window and on the same day.
    """

    Kind = Kind

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="entries")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="entries", verbose_name="window")
    kind = models.CharField(max_length=10, choices=Kind)
    amount = MoneyField()
    occurred_at = models.DateTimeField()
    day = models.DateField()
    recorded_at = models.DateTimeField()
    provider = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=200, blank=True)
    operation = models.CharField(max_length=100, blank=True)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    memo = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=100, blank=True)
    source_event_id = models.CharField(max_length=200, blank=True)
    #: The price list by which a cost was worked out from tokens; empty when the cost was given.
    priced_by = models.CharField(max_length=60, blank=True)
    #: The token by which a program recorded it; empty for pages, imports and commands.
    via = models.CharField(max_length=120, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["-day", "-occurred_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_event_id"],
                condition=~Q(source_event_id=""),
                name="entry_unique_source_event",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="entry_kind_known"),
        ]
        indexes = [
            models.Index(fields=["budget", "-day", "-occurred_at", "-id"], name="entry_history"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.amount:f} on {self.day}"


class DailyTotal(models.Model):
    """What one budget spent in one cycle on one local day with one provider and model.

    The cycle is in the key: after a reset at noon the morning must not show in the new window.
    `count` is the number of entries.
    """

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="daily_totals")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="daily_totals")
    day = models.DateField()
    provider = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    amount = MoneyField(default=Decimal(0))
    count = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["day", "provider", "model", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "day", "provider", "model", "kind"], name="daily_total_unique"
            ),
        ]
        indexes = [models.Index(fields=["budget", "day"], name="daily_total_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.provider} {self.model}"
