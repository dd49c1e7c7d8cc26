"""Somebody who signs in, and their time zone."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless `name` is a zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError("“%(name)s” is not a time zone.", params={"name": name}) from None


def default_timezone() -> str:
    """Return the zone that a new member starts in."""
    return settings.TIME_ZONE


class User(AbstractUser):
    """A member of the household; an administrator when `is_staff`."""

    timezone = models.CharField(
        "time zone", max_length=63, default=default_timezone, validators=[validate_timezone]
    )

    class Meta(AbstractUser.Meta):
        ordering = ["username", "pk"]

    def get_absolute_url(self) -> str:
        return reverse("people:account")

    @property
    def zone(self) -> ZoneInfo:
        """The member's time zone (cached by zoneinfo)."""
        return ZoneInfo(self.timezone)

    @property
    def display_name(self) -> str:
        """The name that others read: the full name, else the user name."""
        return self.get_full_name() or self.username
