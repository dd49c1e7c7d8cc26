"""Who: the members of a household or team, and the people they buy for.

A `User` is somebody who signs in. Administrators are the users with `is_staff`: they see the
console and set other people's budgets. Every user has a time zone of their own, because a budget
window begins and ends at that person's midnight.

A `Person` is somebody gifts are bought for or by. When they sign in too, the person points at
their user: what would give away a present is then kept from them.
"""

from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

#: How many colours an avatar may have (`.hue-0` and so on in the style sheet).
HUES = 8
#: The longest name that is written in full everywhere.
SHORT = 10


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


class Person(models.Model):
    """Somebody we buy for, or who buys; perhaps a member."""

    class Relationship(models.TextChoices):
        PARTNER = "partner", "Partner"
        CHILD = "child", "Child"
        PARENT = "parent", "Parent"
        SIBLING = "sibling", "Sibling"
        GRANDPARENT = "grandparent", "Grandparent"
        GRANDCHILD = "grandchild", "Grandchild"
        RELATIVE = "relative", "Relative"
        FRIEND = "friend", "Friend"
        COLLEAGUE = "colleague", "Colleague"
        OTHER = "other", "Other"

    user = models.OneToOneField(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name="member",
    )
    name = models.CharField(max_length=120)
    relationship = models.CharField(
        max_length=12, choices=Relationship, default=Relationship.RELATIVE
    )
    birthday = models.DateField(null=True, blank=True)
    anniversary = models.DateField(null=True, blank=True)
    interests = models.TextField(max_length=2000, blank=True)
    sizes = models.TextField(max_length=2000, blank=True)
    notes = models.TextField("things to avoid", max_length=2000, blank=True)
    photo = models.ImageField(upload_to="people/", blank=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("persons:detail", args=[self.pk])

    @property
    def short_name(self) -> str:
        """The name where room is scarce: a long one by its first word."""
        return self.name if len(self.name) <= SHORT else self.name.split()[0][: 2 * SHORT]

    @property
    def initials(self) -> str:
        """The first letters of the first and the last word of the name."""
        words = self.name.split()
        ends = words[:1] + words[1:][-1:]
        return "".join(word[0] for word in ends).upper()

    @property
    def hue(self) -> int:
        """Which of the avatar colours stands behind the initials; the same for the same name."""
        return crc32(self.name.casefold().encode()) % HUES
