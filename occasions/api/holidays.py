"""Holidays of a country, to be put on the calendar."""

from datetime import date
from typing import Annotated

from django.http import QueryDict
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from occasions import calendars, planning
from occasions.api.occasions import OccasionShown
from occasions.api.viewing import viewing
from occasions.calendars import Holiday
from occasions.forms.occasions import HolidaysForm, home_country
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.forms import filled
from people.programs.problems import Refused, invalid

router = Router(tags=["Occasions"])

_MANY = 100

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["AT"], description="ISO 3166.")]


class HolidayShown(Schema):
    """A holiday of the year to come."""

    name: str
    date: date
    is_known: bool = Field(description="Whether it is on the calendar already.")


class HolidayFilter(Schema):
    """Whose holidays are told."""

    country: Country | None = Field(None, description="The household’s own unless told.")


class HolidaysSent(Schema):
    """Which holidays are put on the calendar."""

    model_config = ConfigDict(extra="forbid")

    country: Country
    names: list[Annotated[str, Field(max_length=200)]] = Field(
        min_length=1, max_length=_MANY, examples=[["Christmas Day"]]
    )


@router.get("holidays", response=list[HolidayShown], auth=may(Scope.READ), summary="List holidays")
def holidays(
    request: ProgramRequest, wanted: Annotated[HolidayFilter, Query()]
) -> list[HolidayShown]:
    """Tell the holidays of the year to come in a country, soonest first."""
    today = viewing(request).today
    country = wanted.country or home_country()
    coming = _coming(country, today, "query.country") if country else []
    known = planning.known_holidays(country=country, since=today)
    return [
        HolidayShown(name=day.name, date=day.date, is_known=day.name in known) for day in coming
    ]


@router.post(
    "holidays",
    response={201: list[OccasionShown]},
    auth=may(Scope.MANAGE),
    summary="Put holidays on the calendar",
)
def add_holidays(request: ProgramRequest, sent: HolidaysSent) -> Status[list[OccasionShown]]:
    """Put holidays on the calendar, each to come back on its own day every year.

    What is there already is left alone; told is what was added.
    """
    viewer = viewing(request)
    coming = _coming(sent.country, viewer.today, "country")

    def make(data: QueryDict | None) -> HolidaysForm:
        return HolidaysForm(data, holidays=coming)

    form = filled(make, sent, named={"chosen": "names"})
    added = planning.add_holidays(country=sent.country, holidays=form.wanted())
    return Status(201, [OccasionShown.of(occasion, viewer) for occasion in added])


def _coming(country: str, today: date, field: str) -> list[Holiday]:
    try:
        return calendars.coming(country, today=today)
    except KeyError:
        raise Refused(invalid({field: ["No holidays are known of this country."]})) from None
