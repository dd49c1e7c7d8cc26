"""Photos of people."""

from typing import Annotated

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.datastructures import MultiValueDict
from ninja import File, Query, Router, Schema, Status, UploadedFile

from occasions import planning
from occasions.api.persons import PersonShown, form_of, locked
from occasions.api.viewing import viewing
from occasions.photos import picture_of
from people.models import Person, Scope
from people.programs.callers import ProgramRequest, may
from people.programs.forms import filled
from people.programs.matching import match, tagged
from people.programs.paging import Key
from people.programs.problems import refusals

router = Router(tags=["People"])

#: Told with the address, so that a new photo has a new one; the present photo is sent anyhow.
PictureMeant = Annotated[str, Query(max_length=200, description="As the person has it.")]
_WEBP = {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}}


class Nothing(Schema):
    """Nothing but the file is sent."""


@router.get(
    "persons/{person_id}/photo",
    response={200: None},
    auth=may(Scope.READ),
    summary="Their photo",
    openapi_extra={"responses": {200: _WEBP}},
)
def person_photo(request: ProgramRequest, person_id: Key, of: PictureMeant = "") -> FileResponse:
    """Send the photo of somebody, a square WebP."""
    picture = picture_of(get_object_or_404(Person, pk=person_id))
    if picture is None:
        raise Http404
    headers = {"Cache-Control": "private, no-cache"}
    return FileResponse(picture, content_type="image/webp", headers=headers)


@router.post(
    "persons/{person_id}/photo",
    response={200: PersonShown, **refusals(412, 413)},
    auth=may(Scope.MANAGE),
    summary="Set their photo",
)
def set_person_photo(
    request: ProgramRequest, response: HttpResponse, person_id: Key, photo: File[UploadedFile]
) -> PersonShown:
    """Store a JPEG, PNG, WebP or GIF picture of up to 10 MB; its middle is shown."""
    viewer = viewing(request)
    with transaction.atomic():
        person = locked(person_id)
        match(request, PersonShown.of(person, viewer))
        form = filled(form_of(person, viewer, MultiValueDict({"photo": [photo]})), Nothing())
        saved = planning.save_person(person=person, values=form.values(), today=viewer.today)
    return tagged(response, PersonShown.of(saved, viewer))


@router.delete(
    "persons/{person_id}/photo",
    response={204: None, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Delete their photo",
)
def delete_person_photo(request: ProgramRequest, person_id: Key) -> Status[None]:
    """Delete the photo of somebody; without one nothing changes."""
    viewer = viewing(request)
    with transaction.atomic():
        person = locked(person_id)
        match(request, PersonShown.of(person, viewer))
        planning.save_person(person=person, values={"photo": ""}, today=viewer.today)
    return Status(204, None)
