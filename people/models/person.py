"""Somebody we buy for, or who buys."""

from zlib import crc32

from django.db import models
from django.urls import reverse

from people.models.user import User

#: How many colours an avatar may have (`.hue-0` and so on in the style sheet).
HUES = 8
#: The longest name that is written in full everywhere.
SHORT = 10


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
