"""What lets a program act for somebody."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from people.models.user import User


class Scope(models.TextChoices):
    """What a token may be good for; one of them never includes another."""

    READ = "read", "Read"
    SPEND = "spend", "Spend"
    MANAGE = "manage", "Manage"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self, now: datetime) -> Self:
        """Return the tokens that open a door: neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def ended(self, now: datetime) -> Self:
        """Return the tokens that open no door any more."""
        return self.filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=now))


class ApiToken(models.Model):
    """A key to the API, kept as its SHA-256 alone; `prefix` is what people know it by.

    With `for_others` it may spend on behalf of any member, for as long as its owner administers
    the installation: that is for a gateway which everybody's programs go through.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name="owner")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    may_read = models.BooleanField("read", default=False)
    may_spend = models.BooleanField("spend", default=False)
    may_manage = models.BooleanField("manage", default=False)
    for_others = models.BooleanField("spend on behalf of others", default=False)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(may_read=True) | Q(may_spend=True) | Q(may_manage=True),
                name="api_token_has_a_scope",
                violation_error_message="Choose at least one thing that the token may do.",
            ),
            models.CheckConstraint(
                condition=Q(for_others=False) | Q(may_spend=True),
                name="api_token_for_others_spends",
                violation_error_message="To spend on behalf of others it must be able to spend.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_live(self, now: datetime) -> bool:
        """Tell whether it opens a door: neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def has(self, scope: Scope) -> bool:
        return getattr(self, f"may_{scope}")

    @property
    def scopes(self) -> list[Scope]:
        return [scope for scope in Scope if self.has(scope)]

    @property
    def rights(self) -> str:
        """What it may do, as people say it: "read, and spend on behalf of others"."""
        words = [str(scope.label).lower() for scope in self.scopes]
        last = " and "
        if self.for_others:
            words[words.index("spend")] += " on behalf of others"
            last = ", and "  # it reads for its owner alone
        return last.join(filter(None, [", ".join(words[:-1]), words[-1]]))
