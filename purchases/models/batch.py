"""Imports: a file, what each of its rows says and what became of it, and how files are read."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from budgets.models import Entry
from purchases.models.purchase import Purchase


class ImportBatch(models.Model):
    """One file on its way into the records of `owner`, step by step, and back out again.

    Its rows are read into `ImportRow`, looked at, applied and perhaps undone. Each step works
    through a part of them in one transaction: what was interrupted goes on where it stopped.
    """

    class State(models.TextChoices):
        ASKING = "asking", "Waiting for your choices"
        READING = "reading", "Being read"
        READY = "ready", "Ready to look at"
        APPLYING = "applying", "Being recorded"
        DONE = "done", "Recorded"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Not recorded"

    class Mode(models.TextChoices):
        SKIP = "skip", "Leave what is there alone"
        UPDATE = "update", "Bring what is there up to date"
        STRICT = "strict", "All or nothing"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports", verbose_name="for"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField("file", max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    #: Where the bytes lie in the storage; "" once they are not needed any more.
    path = models.CharField(max_length=100, blank=True)
    #: How the text is written, as it was found; "" for what is no text.
    encoding = models.CharField(max_length=40, blank=True)
    #: A key of `purchases.importing.formats`; "" until it is known.
    format = models.CharField(max_length=40, blank=True)
    #: `purchases.importing.choices.Choices` as JSON.
    choices = models.JSONField(default=dict, blank=True)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.SKIP)
    state = models.CharField(max_length=10, choices=State, default=State.ASKING)
    #: How many records of the file were read, and how far that is in percent of it.
    position = models.PositiveIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    #: Why nothing came of it.
    problem = models.TextField(blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = "import"
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__lte=100), name="import_percent_at_most_hundred"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("imports:detail", args=[self.pk])


class ImportRow(models.Model):
    """One row of a file: what it says, what it would do, and what it did."""

    class Fate(models.TextChoices):
        NEW = "new", "New"
        SAME = "same", "Already here"
        CHANGED = "changed", "Changed"
        DOUBLE = "double", "Perhaps a double"
        LEFT_OUT = "left_out", "Left out"
        ERROR = "error", "Cannot be read"

    class Outcome(models.TextChoices):
        WAITING = "", "Not recorded yet"
        ADDED = "added", "Added"
        UPDATED = "updated", "Updated"
        SKIPPED = "skipped", "Skipped"
        REFUSED = "refused", "Refused"
        UNDONE = "undone", "Undone"
        KEPT = "kept", "Kept, as it was changed since"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    #: Its place among the records of the file, from 1, and the line on which it starts.
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    #: Its name at the origin; "" for a row that could not be read.
    key = models.CharField(max_length=200, blank=True)
    fate = models.CharField(max_length=10, choices=Fate)
    outcome = models.CharField(max_length=10, choices=Outcome, default="", blank=True)
    #: Why it is what it is; and what is odd about it, a sentence each.
    reason = models.TextField(blank=True)
    oddities = models.JSONField(default=list, blank=True)
    #: What it says, as `purchases.importing.rows` or `budgets.usage` writes it; {} when unread.
    data = models.JSONField(default=dict, blank=True)
    #: What was there before, where it was brought up to date.
    before = models.JSONField(null=True, blank=True)
    purchase = models.ForeignKey(
        Purchase, models.SET_NULL, null=True, blank=True, related_name="import_rows"
    )
    entry = models.ForeignKey(
        Entry, models.SET_NULL, null=True, blank=True, related_name="import_rows"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="import_row_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "fate", "number"], name="import_row_by_fate"),
            models.Index(fields=["batch", "outcome", "number"], name="import_row_by_outcome"),
            models.Index(fields=["batch", "key"], name="import_row_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.line}"


class ImportPreset(models.Model):
    """How a member's bank or shop writes its files, under a name."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="import_presets"
    )
    name = models.CharField(max_length=80)
    #: `purchases.importing.choices.Choices` as JSON.
    choices = models.JSONField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="import_preset_named_once",
                violation_error_message="You have a preset of this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
