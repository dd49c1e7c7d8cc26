"""The people of a household."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Lower
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from ninja import Query, Router, Schema, Status, UploadedFile
from pydantic import ConfigDict, Field

from occasions import access, planning
from occasions.api.viewing import viewing
from occasions.forms.persons import ListForm, PersonForm
from occasions.models import Viewer
from people.access import is_administrator
from people.models import Person, Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Day, Sought, partial
from people.programs.forms import filled, hold
from people.programs.matching import match, tagged
from people.programs.paging import Asked, Key, Page, RowKey
from people.programs.problems import refusals

router = Router(tags=["People"])

type Files = MultiValueDict[str, UploadedFile]

Related = Literal[
    "partner",
    "child",
    "parent",
    "sibling",
    "grandparent",
    "grandchild",
    "relative",
    "friend",
    "colleague",
    "other",
]

#: What programs call a field of the form.
_NAMED = {"user": "user_id"}
_DAYS = "Presents hang on this day, so somebody else changes it for you."
#: Why a field of a person may be kept.
_WHY = {
    "birthday": _DAYS,
    "anniversary": _DAYS,
    "user_id": "Presents hang on who you are, so somebody else changes it for you.",
}
_ADMINISTRATOR = "Only an administrator says who signs in as whom."


class PersonShown(Schema):
    """Somebody we buy for, or who buys."""

    id: int
    name: str = Field(examples=["Ann"])
    relationship: Related
    birthday: date | None
    anniversary: date | None = Field(description="A wedding day or the like.")
    interests: str
    sizes: str = Field(description="Clothes, shoes, rings.")
    notes: str = Field(description="Things to avoid.")
    photo: str | None = Field(
        description="Where their photo is, in this API; none without one.",
        examples=["/api/v1/persons/7/photo?of=people/1b2c.webp"],
    )
    is_me: bool = Field(description="Whether this is who asks.")
    is_member: bool = Field(description="Whether somebody signs in as this person.")
    user_id: int | None = Field(description="Who does; told to administrators alone.")

    @classmethod
    def of(cls, person: Person, viewer: Viewer) -> "PersonShown":
        names = ("name", "relationship", "birthday", "anniversary", "interests", "sizes", "notes")
        return cls(
            id=person.pk,
            photo=_photo(person),
            is_me=person.user_id == viewer.user.pk,
            is_member=person.user_id is not None,
            user_id=person.user_id if is_administrator(viewer.user) else None,
            **{name: getattr(person, name) for name in names},
        )


class PersonSent(Schema):
    """What is written about somebody. What is left out stays as it is; null empties it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=partial)

    name: str = Field("", max_length=120, examples=["Ann"])
    relationship: Related = "relative"
    birthday: Day | None = Field(None, description="Comes on the calendar every year by itself.")
    anniversary: Day | None = Field(None, description="On the calendar every year too.")
    interests: str | None = Field(None, max_length=2000)
    sizes: str | None = Field(None, max_length=2000)
    notes: str | None = Field(None, max_length=2000, description="Things to avoid.")
    user_id: RowKey | None = Field(
        None, description="Who signs in as this person. For administrators alone."
    )


class PersonAdded(PersonSent):
    """Somebody new."""

    name: str = Field(min_length=1, max_length=120, examples=["Ann"])


class PersonFilter(Schema):
    """Whom a list shows."""

    q: Sought = Field("", description="Words in names, interests, sizes and things to avoid.")
    relationship: Related | None = None


@router.get("persons", response=Page[PersonShown], auth=may(Scope.READ), summary="List people")
def persons(
    request: ProgramRequest, paging: Asked, wanted: Annotated[PersonFilter, Query()]
) -> dict[str, object]:
    """Tell of everybody, by name."""
    viewer = viewing(request)
    form = ListForm(wanted.model_dump(exclude_none=True))
    people = Person.objects.filter(form.wanted()).order_by(Lower("name"), "pk")
    return paging.cut(people, lambda person: PersonShown.of(person, viewer))


@router.post("persons", response={201: PersonShown}, auth=may(Scope.MANAGE), summary="Add a person")
def add_person(
    request: ProgramRequest, response: HttpResponse, sent: PersonAdded
) -> Status[PersonShown]:
    """Write down somebody new; a birthday and an anniversary come on the calendar."""
    viewer = viewing(request)
    if sent.user_id is not None and not is_administrator(request.user):
        raise PermissionDenied(_ADMINISTRATOR)
    form = filled(form_of(Person(), viewer), sent, named=_NAMED)
    saved = planning.save_person(person=Person(), values=form.values(), today=viewer.today)
    return Status(201, tagged(response, PersonShown.of(saved, viewer)))


@router.get("persons/{person_id}", response=PersonShown, auth=may(Scope.READ), summary="A person")
def person(request: ProgramRequest, response: HttpResponse, person_id: Key) -> PersonShown:
    """Tell what is written about somebody."""
    viewer = viewing(request)
    found = get_object_or_404(Person, pk=person_id)
    return tagged(response, PersonShown.of(found, viewer))


@router.patch(
    "persons/{person_id}",
    response={200: PersonShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Change a person",
)
def change_person(
    request: ProgramRequest, response: HttpResponse, person_id: Key, sent: PersonSent
) -> PersonShown:
    """Change what is written about somebody; their days on the calendar follow.

    Your own days, and those at which you receive gifts, are for somebody else to change.
    """
    viewer = viewing(request)
    with transaction.atomic():
        found = locked(person_id)
        shown = PersonShown.of(found, viewer)
        match(request, shown)
        hold(sent, shown, _kept(viewer, found))
        form = filled(form_of(found, viewer), sent, named=_NAMED)
        saved = planning.save_person(person=found, values=form.values(), today=viewer.today)
    return tagged(response, PersonShown.of(saved, viewer))


@router.delete(
    "persons/{person_id}",
    response={204: None, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Delete a person",
)
def delete_person(request: ProgramRequest, person_id: Key) -> Status[None]:
    """Delete somebody with their cards, the gifts for them alone and their days.

    Gifts that they share stay with the others; what they were to buy is bought by nobody.
    """
    viewer = viewing(request)
    with transaction.atomic():
        found = locked(person_id)
        if not access.may_rearrange_person(viewer, found):
            raise PermissionDenied(
                "This is you, and presents may hang on it: somebody else deletes your entry."
            )
        match(request, PersonShown.of(found, viewer))
        planning.delete_person(person=found)
    return Status(204, None)


@router.post(
    "persons/{person_id}/me",
    response=PersonShown,
    auth=may(Scope.MANAGE),
    summary="Say who you are",
)
def claim_person(request: ProgramRequest, response: HttpResponse, person_id: Key) -> PersonShown:
    """Say that this is you, once: your presents are kept from you from then on."""
    viewer = viewing(request)
    found = get_object_or_404(Person, pk=person_id)
    if viewer.person is not None:
        raise PermissionDenied("You are on the list already. An administrator can change that.")
    if not planning.claim_person(person=found, user=request.user):
        raise PermissionDenied(f"{found.name} signs in as somebody else.")
    found.refresh_from_db()
    return tagged(response, PersonShown.of(found, viewer))


def locked(person_id: int) -> Person:
    """Return somebody, kept to this transaction until it ends; 404 when they are not there."""
    return get_object_or_404(Person.objects.select_for_update(no_key=True), pk=person_id)


def form_of(
    person: Person, viewer: Viewer, files: Files | None = None
) -> Callable[[QueryDict | None], PersonForm]:
    """Return what makes the form for `person`, as `viewer` may fill it in, with `files` in it."""

    def make(data: QueryDict | None) -> PersonForm:
        return PersonForm(
            data,
            None if data is None else files,
            person=person,
            kept=access.kept_fields(viewer, person) if person.pk else (),
            chooses_member=is_administrator(viewer.user),
            today=viewer.today,
        )

    return make


def _kept(viewer: Viewer, person: Person) -> dict[str, str]:
    """Say, for each field that is not for the viewer to change, why."""
    kept = {_NAMED.get(name, name) for name in access.kept_fields(viewer, person)}
    why = {name: reason for name, reason in _WHY.items() if name in kept}
    return why if is_administrator(viewer.user) else why | {"user_id": _ADMINISTRATOR}


def _photo(person: Person) -> str | None:
    if not person.photo:
        return None
    return f"{reverse('api:person_photo', args=[person.pk])}?of={person.photo.name}"
