"""A member's budget: its settings, and the query that tells where every budget stands."""

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, FilteredRelation, Q, When
from django.urls import reverse

from budgets.fields import MoneyField, PercentField, money_value
from budgets.levels import Level, Thresholds
from budgets.money import MAX_LIMIT
from budgets.periods import MAX_CUSTOM_DAYS, Period, Schedule


class _Threshold(models.Func):
    """ceil(amount * hundredths of a percent / 10000), in whole micro-units."""

    template = "((%(expressions)s + 9999) / 10000)"
    arg_joiner = " * "
    output_field = MoneyField()


class _Ratio(models.Func):
    template = "(%(expressions)s)"
    arg_joiner = " * 1.0 / "
    output_field = models.FloatField()


class BudgetQuerySet(models.QuerySet["Budget"]):
    def of_members(self) -> Self:
        """Leave out the budgets whose user was deleted."""
        return self.filter(user__isnull=False)

    def with_standing(self) -> Self:
        """Annotate the open window's figures and its `level`, by the rules of `levels.Standing`."""
        return (
            self.annotate(open=FilteredRelation("cycles", condition=Q(cycles__closed_at=None)))
            .annotate(
                cycle_id=F("open__pk"),
                starts_at=F("open__starts_at"),
                ends_at=F("open__ends_at"),
                available=F("open__limit") + F("open__carried"),
                spent=F("open__spent"),
                held=F("open__held"),
            )
            .annotate(
                level=Case(
                    When(available=money_value(0), spent__gt=money_value(0), then=_level("red")),
                    When(available=money_value(0), then=_level("green")),
                    *(
                        When(spent__gte=_Threshold("available", level), then=_level(level))
                        for level in ("red", "orange", "yellow")
                    ),
                    default=_level("green"),
                ),
                # For sorting alone: a rough quotient, and "spent without a limit" comes last.
                used_share=Case(
                    When(available=money_value(0), spent__gt=money_value(0), then=float("1e9")),
                    When(available=money_value(0), then=0.0),
                    default=_Ratio("spent", "available"),
                    output_field=models.FloatField(),
                ),
            )
        )


def _level(name: str) -> models.Value:
    return models.Value(Level(name).value, output_field=models.CharField())


class Budget(models.Model):
    """How much one user may spend in one period, and what they may change about it."""

    # The ledger outlives the person: deleting a user leaves the budget under the name it had.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="budget"
    )
    member_name = models.CharField(max_length=150, editable=False)

    limit = MoneyField("limit per period")
    custom_limit = MoneyField(
        "special limit", null=True, blank=True, help_text="Replaces the limit while it is set."
    )
    custom_limit_until = models.DateTimeField(
        "special limit until",
        null=True,
        blank=True,
        help_text="Empty: until somebody takes it away.",
    )
    period = models.CharField(
        max_length=10,
        choices=[(period.value, period.value.capitalize()) for period in Period],
        default=Period.MONTHLY.value,
    )
    custom_days = models.PositiveSmallIntegerField(
        "days per custom period",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CUSTOM_DAYS)],
    )
    yellow = PercentField("yellow from", default=Decimal("75.00"), help_text="Percent used.")
    orange = PercentField("orange from", default=Decimal("90.00"), help_text="Percent used.")
    red = PercentField(
        "red from", default=Decimal("100.00"), help_text="Percent used, at most 100."
    )
    enforced = models.BooleanField(
        default=True, help_text="Refuse new spending that would pass the limit."
    )
    visible_to_user = models.BooleanField("may see their budget", default=True)
    user_can_modify = models.BooleanField("may change it", default=False)
    user_can_reset = models.BooleanField("may start over", default=False)
    modify_ceiling = MoneyField(
        "ceiling",
        null=True,
        blank=True,
        help_text="The highest limit that the member may set. Empty: no ceiling.",
    )
    admin_notes = models.TextField(
        "administrators’ notes", blank=True, help_text="The member never sees these."
    )
    configured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="configured_budgets",
    )
    created_at = models.DateTimeField(editable=False)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ["member_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(limit__gte=0, limit__lte=MAX_LIMIT),
                name="budget_limit_range",
                violation_error_message="The limit is between 0 and 1,000,000.",
            ),
            models.CheckConstraint(
                condition=Q(custom_limit__isnull=True)
                | Q(custom_limit__gte=0, custom_limit__lte=MAX_LIMIT),
                name="budget_custom_limit_range",
                violation_error_message="The special limit is between 0 and 1,000,000.",
            ),
            models.CheckConstraint(
                condition=Q(modify_ceiling__isnull=True)
                | Q(modify_ceiling__gte=0, modify_ceiling__lte=MAX_LIMIT),
                name="budget_ceiling_range",
                violation_error_message="The ceiling is between 0 and 1,000,000.",
            ),
            models.CheckConstraint(
                condition=Q(
                    yellow__gt=0, yellow__lt=F("orange"), orange__lt=F("red"), red__lte=100
                ),
                name="budget_thresholds_ascend",
                violation_error_message="Yellow comes before orange, and orange before red.",
            ),
            models.CheckConstraint(
                condition=~Q(period=Period.CUSTOM.value)
                | Q(
                    custom_days__gte=1, custom_days__lte=MAX_CUSTOM_DAYS, custom_days__isnull=False
                ),
                name="budget_custom_days",
                violation_error_message="A custom period has 1 to 365 days.",
            ),
            models.CheckConstraint(
                condition=Q(period__in=[period.value for period in Period]),
                name="budget_period_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Budget of {self.member_name}"

    def get_absolute_url(self) -> str:
        return reverse("budgets:detail")

    @property
    def schedule(self) -> Schedule:
        return Schedule(Period(self.period), self.custom_days)

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.yellow, self.orange, self.red)

    @property
    def zone(self) -> tzinfo:
        """The member's time zone; UTC once the member is deleted. Load `user` with the budget."""
        return self.user.zone if self.user else UTC

    def has_custom_limit(self, now: datetime) -> bool:
        """Tell whether the special limit replaces the limit at `now`."""
        return self.custom_limit is not None and (
            self.custom_limit_until is None or now < self.custom_limit_until
        )

    def limit_at(self, now: datetime) -> Decimal:
        """Return the limit in force at `now`."""
        return self.custom_limit if self.has_custom_limit(now) else self.limit

    def limit_until(self, now: datetime) -> datetime | None:
        """Return when the limit in force at `now` ends by itself, if it does."""
        return self.custom_limit_until if self.has_custom_limit(now) else None
