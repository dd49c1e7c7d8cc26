"""The occasions of a household, those to come and those that are over."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from budgets.wire import Amount, Money
from occasions import access, planning
from occasions.api.viewing import GiftFiguresShown, PersonNamed, same, viewing
from occasions.figures import over_allocated
from occasions.forms.occasions import FIRST_YEAR, LAST_YEAR, OccasionForm, settled
from occasions.models import Occasion, Viewer
from occasions.summaries import Summary, summarise
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Day, Flag, Sought, partial
from people.programs.forms import filled, hold, refused
from people.programs.matching import match, tagged
from people.programs.paging import Asked, Key, Page, RowKey
from people.programs.problems import refusals
from people.searching import matching

router = Router(tags=["Occasions"])

Kind = Literal["birthday", "anniversary", "holiday", "other"]

#: What programs call a field of the form.
_NAMED = {"people": "person_ids"}
#: The most people that are put on a list at once.
_MANY = 500


class OccasionShown(Schema):
    """One year of a birthday, a holiday or whatever else gifts are given at."""

    id: int
    name: str = Field(examples=["Christmas"])
    kind: Kind
    date: date
    repeats_yearly: bool
    description: str
    budget_total: Money | None = Field(
        description="For everything; none for no limit, or where it is for your gifts alone."
    )
    is_surprise: bool = Field(
        description="Whether you receive gifts here and the day has not passed: what could give one"
        " away is left out."
    )
    celebrates_id: int | None = Field(description="Whose birthday or anniversary it is.")
    years: int | None = Field(description="Which birthday or anniversary it is, when known.")
    country: str = Field(description="Of a holiday that is looked up every year.")
    previous_id: int | None = Field(description="The same a year earlier.")
    next_id: int | None = Field(description="The same a year later.")

    @classmethod
    def of(cls, occasion: Occasion, viewer: Viewer) -> "OccasionShown":
        return cls(**_told(occasion, viewer, access.totals_kept(viewer, [occasion.pk])))


class OccasionStanding(Schema):
    """Where an occasion stands as a whole: the gifts that are not for you."""

    figures: GiftFiguresShown
    is_surprise: bool = Field(description="Whether you receive here, so that the budget is hidden.")
    needing: list[PersonNamed] = Field(description="Who receives, but has nothing yet but ideas.")
    over_allocated: Money = Field(
        description="By how much the people’s budgets together exceed the occasion’s."
    )


class OccasionListed(OccasionShown):
    """An occasion at a glance."""

    figures: GiftFiguresShown = Field(description="Over the gifts that are not for you.")
    needing: list[PersonNamed] = Field(description="Who receives, but has nothing yet but ideas.")


class OccasionSent(Schema):
    """What an occasion is. What is left out stays as it is; null empties it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=partial)

    name: str = Field("", max_length=120, examples=["Christmas"])
    kind: Kind = "other"
    date: Day | None = Field(None, description=f"A day between {FIRST_YEAR} and {LAST_YEAR}.")
    repeats_yearly: Flag = Field(False, description="The next year then opens by itself.")
    description: str | None = Field(None, max_length=2000)
    budget_total: Amount | None = Field(None, description="For everything; null is no limit.")


class OccasionAdded(OccasionSent):
    """A new occasion."""

    name: str = Field(min_length=1, max_length=120, examples=["Christmas"])
    date: Day = Field(description=f"A day between {FIRST_YEAR} and {LAST_YEAR}.")
    person_ids: list[RowKey] = Field([], max_length=_MANY, description="Who gets gifts.")


class OccasionFilter(Schema):
    """Which occasions a list shows."""

    q: Sought = Field("", description="Words in names and descriptions.")
    kind: Kind | None = None
    upcoming: bool | None = Field(
        None, description="True for those to come, false for those that are over, latest first."
    )
    since: Day | None = Field(None, description="The first day.")
    until: Day | None = Field(None, description="The last day.")
    year: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR)


@router.get(
    "occasions", response=Page[OccasionListed], auth=may(Scope.READ), summary="List occasions"
)
def occasions(
    request: ProgramRequest, paging: Asked, wanted: Annotated[OccasionFilter, Query()]
) -> dict[str, object]:
    """Tell of occasions, soonest first, with where each stands."""
    viewer = viewing(request)
    part = paging.cut(_wanted(wanted, viewer), same)
    return part | {"items": _listed(part["items"], viewer)}


@router.post(
    "occasions", response={201: OccasionShown}, auth=may(Scope.MANAGE), summary="Add an occasion"
)
def add_occasion(
    request: ProgramRequest, response: HttpResponse, sent: OccasionAdded
) -> Status[OccasionShown]:
    """Write down a new occasion, with the people on its list."""
    form = filled(_form_of(Occasion(), {}), sent, named=_NAMED)
    with transaction.atomic():
        saved = _save(Occasion(), form)
        # Read again: whoever puts themselves on the list has a secret there from now on.
        shown = OccasionShown.of(_occasion(saved.pk), viewing(request))
    return Status(201, tagged(response, shown))


@router.get(
    "occasions/{occasion_id}",
    response=OccasionShown,
    auth=may(Scope.READ),
    summary="An occasion",
)
def occasion(request: ProgramRequest, response: HttpResponse, occasion_id: Key) -> OccasionShown:
    """Tell what an occasion is."""
    viewer = viewing(request)
    return tagged(response, OccasionShown.of(_occasion(occasion_id), viewer))


@router.get(
    "occasions/{occasion_id}/standing",
    response=OccasionStanding,
    auth=may(Scope.READ),
    summary="Where it stands",
)
def occasion_standing(request: ProgramRequest, occasion_id: Key) -> OccasionStanding:
    """Tell what is bought, planned and left, and who still needs a gift."""
    viewer = viewing(request)
    found = _occasion(occasion_id)
    [summary] = summarise([found], viewer)
    budgets = found.links.values_list("recipient_budget", flat=True)
    # Where the viewer receives, the total is kept from them, and with it whether it is exceeded.
    total = None if summary.is_surprise else found.budget_total
    return OccasionStanding(
        figures=GiftFiguresShown.of(summary.figures),
        is_surprise=summary.is_surprise,
        needing=[PersonNamed.of(person) for person in summary.needing],
        over_allocated=over_allocated(total, budgets),
    )


@router.patch(
    "occasions/{occasion_id}",
    response={200: OccasionShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Change an occasion",
)
def change_occasion(
    request: ProgramRequest, response: HttpResponse, occasion_id: Key, sent: OccasionSent
) -> OccasionShown:
    """Change what an occasion is; its cards, budgets and gifts stay.

    Where you receive gifts, somebody else moves the day.
    """
    viewer = viewing(request)
    with transaction.atomic():
        found = _locked(occasion_id)
        shown = OccasionShown.of(found, viewer)
        match(request, shown)
        withheld, fixed = access.withheld(viewer, found), settled(found)
        hold(sent, shown, withheld)
        form = filled(_form_of(found, withheld | fixed), sent, kept=fixed)
        _save(found, form)
        changed = OccasionShown.of(_occasion(found.pk), viewing(request))
    return tagged(response, changed)


@router.delete(
    "occasions/{occasion_id}",
    response={204: None, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Delete an occasion",
)
def delete_occasion(request: ProgramRequest, occasion_id: Key) -> Status[None]:
    """Delete one year of an occasion with its cards and gifts; other years stay."""
    viewer = viewing(request)
    with transaction.atomic():
        found = _locked(occasion_id)
        if not access.may_rearrange(viewer, found):
            raise PermissionDenied(
                "You receive gifts here, so somebody else deletes this occasion."
            )
        match(request, OccasionShown.of(found, viewer))
        planning.delete_occasion(occasion=found)
    return Status(204, None)


def _occasion(occasion_id: int) -> Occasion:
    """Return an occasion with what its answer tells; 404 when it is not there."""
    return get_object_or_404(Occasion.objects.select_related("celebrates", "next"), pk=occasion_id)


def _locked(occasion_id: int) -> Occasion:
    """Return an occasion that is kept to this transaction until it ends; 404 as above."""
    planning.hold(occasion_id)
    return _occasion(occasion_id)


def _form_of(
    occasion: Occasion, kept: dict[str, str]
) -> Callable[[QueryDict | None], OccasionForm]:
    return lambda data: OccasionForm(data, occasion=occasion, kept=kept)


def _save(occasion: Occasion, form: OccasionForm) -> Occasion:
    """Store what was sent. Raises Refused (422) for what the verb does not take."""
    values, people = form.values(), form.cleaned_data.get("people", ())
    try:
        if not values:
            return occasion
        return planning.change_occasion(occasion=occasion, values=values, people=people)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        raise refused(form, named=_NAMED) from None


def _wanted(wanted: OccasionFilter, viewer: Viewer) -> QuerySet[Occasion]:
    """Return the occasions that a list is asked for, in its order."""
    found = Occasion.objects.select_related("celebrates", "next").order_by("date", "pk")
    if wanted.upcoming is not None:
        found = found.upcoming(viewer.today) if wanted.upcoming else found.past(viewer.today)
    asked = {
        "kind": wanted.kind,
        "date__gte": wanted.since,
        "date__lte": wanted.until,
        "date__year": wanted.year,
    }
    terms = {field: value for field, value in asked.items() if value is not None}
    return found.filter(matching(wanted.q, "name", "description"), **terms)


def _listed(rows: Sequence[Occasion], viewer: Viewer) -> list[OccasionListed]:
    kept = access.totals_kept(viewer, [occasion.pk for occasion in rows])
    return [_at_a_glance(summary, viewer, kept) for summary in summarise(rows, viewer)]


def _at_a_glance(summary: Summary, viewer: Viewer, kept: set[int]) -> OccasionListed:
    return OccasionListed(
        **_told(summary.occasion, viewer, kept),
        figures=GiftFiguresShown.of(summary.figures),
        needing=[PersonNamed.of(person) for person in summary.needing],
    )


def _told(occasion: Occasion, viewer: Viewer, kept: set[int]) -> dict[str, Any]:
    """Return what is told of an occasion; `kept` are the keys of those with a secret budget."""
    names = ("name", "kind", "date", "repeats_yearly", "description", "country")
    later: Occasion | None = getattr(occasion, "next", None)
    return {
        **{name: getattr(occasion, name) for name in names},
        "id": occasion.pk,
        "budget_total": None if occasion.pk in kept else occasion.budget_total,
        "is_surprise": viewer.is_surprised_at(occasion.pk),
        "celebrates_id": occasion.celebrates_id,
        "years": occasion.years,
        "previous_id": occasion.previous_id,
        "next_id": later.pk if later else None,
    }
