"""What the pages remember of a member."""

from django.conf import settings
from django.db import models


class Preferences(models.Model):
    """Which columns and cards a member wants to see."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    #: Names of `purchases.columns`; empty is the usual choice.
    purchase_columns = models.JSONField(default=list, blank=True)
    #: Names of the cards of the analytics page that are put away.
    hidden_cards = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.pk}"


class UndoStep(models.Model):
    """What a bulk edit found before it, so that it can be put back."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    #: The earlier values by key of the purchase, each with the version that the edit left.
    before = models.JSONField()
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"undo {self.pk}"


class CalendarFeed(models.Model):
    """The secret address of a member's calendar; only its hash is kept."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"calendar of {self.pk}"
