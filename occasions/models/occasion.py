"""One day on which gifts are given."""

import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from budgets.fields import MoneyField
from budgets.money import MAX_AMOUNT
from occasions.dates import years_between
from people.models import Person


class OccasionQuerySet(models.QuerySet["Occasion"]):
    def upcoming(self, today: datetime.date) -> Self:
        """Return what is today or later, soonest first."""
        return self.filter(date__gte=today).order_by("date", "pk")

    def past(self, today: datetime.date) -> Self:
        """Return what is over, latest first."""
        return self.filter(date__lt=today).order_by("-date", "-pk")

    def to_roll(self, today: datetime.date) -> Self:
        """Return what comes back every year and has had its day, but has no next year yet."""
        return self.filter(repeats_yearly=True, date__lt=today, next__isnull=True)


class Occasion(models.Model):
    """One year of a birthday, a holiday or whatever else gifts are given at."""

    class Kind(models.TextChoices):
        BIRTHDAY = "birthday", "Birthday"
        ANNIVERSARY = "anniversary", "Anniversary"
        HOLIDAY = "holiday", "Holiday"
        OTHER = "other", "Other"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    date = models.DateField()
    repeats_yearly = models.BooleanField("comes back every year", default=False)
    description = models.TextField(max_length=2000, blank=True)
    budget_total = MoneyField("budget for everything", null=True, blank=True)
    #: Whose birthday or anniversary this is; its days then follow theirs.
    celebrates = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="celebrations"
    )
    #: The day that yearly dates are counted from: the birth, the wedding, the first time.
    since = models.DateField(null=True, blank=True)
    #: The holiday whose day is looked up each year, and the code of its country.
    holiday = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    #: The same occasion a year earlier.
    previous = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="next"
    )
    people = models.ManyToManyField(Person, through="PersonOccasion", related_name="occasions")

    objects = OccasionQuerySet.as_manager()

    class Meta:
        ordering = ["date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(budget_total__isnull=True)
                | Q(budget_total__gte=0, budget_total__lte=MAX_AMOUNT),
                name="occasion_budget_in_range",
                violation_error_message="A budget is from 0 to 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=Q(celebrates__isnull=True) | Q(kind__in=["birthday", "anniversary"]),
                name="occasion_celebrates_a_birthday_or_anniversary",
                violation_error_message="Only a birthday or an anniversary is somebody’s.",
            ),
            models.UniqueConstraint(
                fields=["celebrates", "kind", "date"],
                name="occasion_celebrated_once_a_day",
                violation_error_message="This is on the calendar already.",
            ),
            models.UniqueConstraint(
                fields=["country", "holiday", "date"],
                condition=~Q(holiday=""),
                name="occasion_holiday_once_a_day",
                violation_error_message="This is on the calendar already.",
            ),
        ]
        indexes = [
            models.Index(fields=["date"], name="occasion_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.date.isoformat()}"

    def get_absolute_url(self) -> str:
        return reverse("occasions:detail", args=[self.pk])

    def is_past(self, today: datetime.date) -> bool:
        return self.date < today

    @property
    def years(self) -> int | None:
        """Which birthday or anniversary it is (the age somebody turns); None when not known.

        A birthday that nobody is behind was first on the calendar, not born, on its first day.
        """
        known = self.celebrates_id is not None or self.kind == self.Kind.ANNIVERSARY
        if self.since is None or not known:
            return None
        return years_between(self.since, self.date) or None
