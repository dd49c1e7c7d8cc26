"""What happened to a budget: windows closed, settings changed.

Both rows keep the names of the people as they were, so that they still read well after a user is
deleted.
"""

from django.conf import settings
from django.db import models

from budgets.fields import MoneyField
from budgets.models.budget import Budget
from budgets.models.cycle import Cycle


class Origin(models.TextChoices):
    PAGE = "page", "Budget page"
    ADMIN = "admin", "Console"
    API = "api", "API"
    COMMAND = "command", "Command"


class Reset(models.Model):
    """One window closed and the next begun. A cycle is closed once, so its money is told once."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "By hand"
        AUTOMATIC = "automatic", "Automatic"

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="resets")
    closed_cycle = models.OneToOneField(Cycle, models.PROTECT, related_name="reset")
    kind = models.CharField(max_length=10, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    limit_before = MoneyField()
    limit_after = MoneyField()
    spent_before = MoneyField()
    old_starts_at = models.DateTimeField()
    old_ends_at = models.DateTimeField()
    new_starts_at = models.DateTimeField()
    new_ends_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-new_starts_at", "-pk"]
        indexes = [models.Index(fields=["budget", "-new_starts_at"], name="reset_history")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} reset on {self.new_starts_at:%Y-%m-%d}"

    @property
    def by(self) -> str:
        """Who did it, for people to read."""
        return self.actor_name or "the system"


class Change(models.Model):
    """One setting of one budget changed by somebody."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="changes")
    setting = models.CharField(max_length=30)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=10, choices=Origin)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        indexes = [models.Index(fields=["budget", "-changed_at"], name="change_history")]

    def __str__(self) -> str:
        return f"{self.setting}: {self.old or '—'} → {self.new or '—'}"
