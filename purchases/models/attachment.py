"""The papers of a purchase, and their bytes, which are stored once."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from purchases.models.purchase import Purchase

#: The largest file that is taken, in bytes.
MAX_SIZE = 10 * 1024 * 1024


class Blob(models.Model):
    """Bytes in the storage, at `ab/cd/<sha256>`; gone with the last attachment that needs them."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField()
    #: Decided by the bytes themselves, never by the name or by what the browser says.
    content_type = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=MAX_SIZE),
                name="blob_size_in_range",
                violation_error_message="A file has from 1 byte to 10 MiB.",
            ),
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        """Where the bytes lie below the root of the storage."""
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"

    @property
    def thumbnail_path(self) -> str:
        """Where a small version of a picture lies, once somebody has looked at it."""
        return f"{self.path}.webp"


class Attachment(models.Model):
    """A file with its own name; without a purchase it waits for a form to be saved."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "Receipt"
        MANUAL = "manual", "Manual"
        PHOTO = "photo", "Photo"
        WARRANTY = "warranty", "Warranty"
        OTHER = "other", "Other"

    purchase = models.ForeignKey(
        Purchase, models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.RECEIPT)
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("files:download", args=[self.pk])
