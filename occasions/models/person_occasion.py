"""Somebody on an occasion's list, with the budgets for gifts to them and by them."""

from decimal import Decimal
from enum import StrEnum
from typing import Self

from django.db import models
from django.db.models import F, Q

from budgets.fields import MoneyField
from budgets.money import MAX_AMOUNT
from occasions.models.occasion import Occasion
from occasions.models.viewer import Viewer
from people.models import Person


class Role(StrEnum):
    """Which of the two budgets of a card is meant."""

    RECIPIENT = "recipient"
    PURCHASER = "purchaser"

    @property
    def field(self) -> str:
        """The name of the budget's field."""
        return f"{self}_budget"


class PersonOccasionQuerySet(models.QuerySet["PersonOccasion"]):
    def visible_to(self, viewer: Viewer, role: Role) -> Self:
        """Return the rows whose budget of `role` gives away no present to `viewer`.

        Where they receive, that is everybody's budget but their own for gifts to somebody, and
        their own alone for gifts by somebody.
        """
        if viewer.person is None:
            return self
        open_rows = ~Q(occasion__in=viewer.surprises)
        own = Q(person=viewer.person)
        return self.filter(open_rows | (~own if role is Role.RECIPIENT else own))

    def receiving(self) -> Self:
        return self.filter(receives=True)


def _in_range(field: str) -> Q:
    within = Q(**{f"{field}__gte": 0, f"{field}__lte": MAX_AMOUNT})
    return Q(**{f"{field}__isnull": True}) | within


class PersonOccasion(models.Model):
    """One card of an occasion. An empty budget is no limit; zero means: spend nothing."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="links")
    occasion = models.ForeignKey(Occasion, models.CASCADE, related_name="links")
    #: Whether gifts for them are looked for here; otherwise they are listed as somebody who gives.
    receives = models.BooleanField("gets gifts here", default=True)
    recipient_budget = MoneyField("budget for gifts to them", null=True, blank=True)
    purchaser_budget = MoneyField("budget for gifts by them", null=True, blank=True)

    objects = PersonOccasionQuerySet.as_manager()

    class Meta:
        ordering = [F("receives").desc(), "person__name", "pk"]
        verbose_name = "gift budget"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "occasion"],
                name="person_occasion_once",
                violation_error_message="They are on this list already.",
            ),
            models.CheckConstraint(
                condition=_in_range("recipient_budget"),
                name="person_occasion_recipient_budget_in_range",
                violation_error_message="A budget is from 0 to 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=_in_range("purchaser_budget"),
                name="person_occasion_purchaser_budget_in_range",
                violation_error_message="A budget is from 0 to 99,999,999.99.",
            ),
            models.CheckConstraint(
                condition=Q(receives=True) | Q(recipient_budget__isnull=True),
                name="person_occasion_budget_means_gifts",
                violation_error_message="Who has a budget for gifts to them gets gifts here.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.occasion_id}"

    def budget(self, role: Role) -> Decimal | None:
        """Return the budget of `role` in currency units; None is no limit."""
        return self.recipient_budget if role is Role.RECIPIENT else self.purchaser_budget
