"""Who asks, as somebody who looks at gifts, and what stands in many answers."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone
from ninja import Schema
from pydantic import Field

from budgets.periods import local_day
from budgets.wire import Money
from occasions import access, planning
from occasions.figures import Figures
from occasions.models import Occasion, Viewer
from people.models import Person
from people.programs.callers import ProgramRequest

GiftStatus = Literal["idea", "selected", "purchased", "received"]


def viewing(request: ProgramRequest) -> Viewer:
    """Return who looks, once the next year of what is over is on the calendar."""
    now = timezone.now()
    planning.roll(today=local_day(now, request.user.zone))
    return access.viewer_of(request.user, now=now)


def same(row: Any) -> Any:
    """Tell a row as it is: for a part of a list whose rows are told together."""
    return row


class PersonNamed(Schema):
    """Somebody, by key and name."""

    id: int
    name: str = Field(examples=["Ann"])

    @classmethod
    def of(cls, person: Person) -> "PersonNamed":
        return cls(id=person.pk, name=person.name)


class OccasionNamed(Schema):
    """An occasion, by key, name and day."""

    id: int
    name: str = Field(examples=["Christmas"])
    date: date

    @classmethod
    def of(cls, occasion: Occasion) -> "OccasionNamed":
        return cls(id=occasion.pk, name=occasion.name, date=occasion.date)


class GiftFiguresShown(Schema):
    """What some gifts cost, and what that does to a budget. An idea is never counted."""

    bought: Money
    planned: Money = Field(description="Selected, but not bought yet.")
    ideas: Money
    gifts: int = Field(description="How many gifts that is, ideas included.")
    unpriced: int = Field(description="How many of them have no price yet.")
    budget: Money | None = Field(
        description="None without one; the following is then none as well."
    )
    remaining: Money | None = Field(description="Never below zero: `over_by` tells the rest.")
    over_by: Money | None
    percent: Decimal | None = Field(description="Bought and planned in percent of the budget.")
    level: Literal["green", "yellow", "orange", "red"] | None

    @classmethod
    def of(cls, figures: Figures) -> "GiftFiguresShown":
        spending, standing = figures.spending, figures.standing
        return cls(
            bought=spending.bought,
            planned=spending.planned,
            ideas=spending.ideas,
            gifts=spending.gifts,
            unpriced=spending.unpriced,
            budget=figures.budget,
            remaining=standing.remaining if standing else None,
            over_by=standing.over_by if standing else None,
            percent=figures.percent,
            level=standing.level.value if standing else None,
        )
