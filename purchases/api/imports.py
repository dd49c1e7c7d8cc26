"""Imports: a file comes in, is worked through part by part, and may go back out again.

The server does nothing by itself between two requests: whoever imports asks for part after part.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema, UploadedFile
from ninja.responses import Status
from pydantic import ConfigDict, Field

from budgets.wire import MomentSent
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Flag
from people.programs.forms import refused
from people.programs.paging import Asked, Key, Page
from people.programs.problems import Refused, invalid, problem, refusals, within
from purchases import access
from purchases.api.import_choices import ChoicesInForm, ImportChoicesSent, choose, wrong_state
from purchases.api.import_shown import (
    WAITING,
    Fate,
    ImportFormatShown,
    ImportListed,
    ImportRowShown,
    ImportShown,
    Outcome,
)
from purchases.forms.imports import UploadForm
from purchases.importing import batches
from purchases.importing.formats import FORMATS
from purchases.importing.rows import BadFile
from purchases.models import ImportBatch

State = ImportBatch.State
router = Router(tags=["Data"])

#: How long one request works on an import, in seconds.
SECONDS = 5

_PARTS = (
    f" Works for about {SECONDS} seconds; while the state is `reading`, `applying` or `undoing`"
    " there is more to do: ask `POST import/{import_id}/work` until it is another one. Whatever is"
    " interrupted goes on with the next request, and nothing is done twice."
)
"""What every operation that works says of how it does so."""


class ImportFormatsShown(Schema):
    """Every format that can be imported."""

    items: list[ImportFormatShown]


class ImportRowsFilter(Schema):
    """Which rows are asked for; all of them without a filter."""

    fate: Fate | None = Field(None, description="What would become of them.")
    outcome: Outcome | None = Field(None, description="What became of them.")


class ImportApplySent(Schema):
    """What is recorded."""

    model_config = ConfigDict(extra="forbid")

    doubles: Flag = Field(
        default=False, description="Also what may be there twice: same name, price and day."
    )
    seen_at: MomentSent | None = Field(
        default=None,
        description="The `changed_at` of the import that was looked at: 409 when the file was read"
        " in another way since. Without it, whatever it says now is recorded.",
    )


@router.get(
    "import/formats",
    response=ImportFormatsShown,
    auth=may(Scope.READ),
    summary="What files can be imported",
)
def import_formats(request: ProgramRequest) -> ImportFormatsShown:
    """List the formats, with what each may ask for."""
    return ImportFormatsShown(items=[ImportFormatShown.of(one) for one in FORMATS])


@router.get("import", response=Page[ImportListed], auth=may(Scope.READ), summary="Imports")
def imports(request: ProgramRequest, paging: Asked) -> dict[str, Any]:
    """List your imports, the latest first."""
    return paging.cut(ImportBatch.objects.filter(owner=request.user), ImportListed.of)


@router.post(
    "import",
    response={201: ImportShown, **refusals(409, 413)},
    auth=may(Scope.MANAGE),
    summary="Send a file",
    description="Take in a file of at most 100 MB. With `choices` (the JSON that"
    " `PUT import/{import_id}/choices` takes, `{}` where the file says everything itself) it is"
    " read at once; when they are refused, nothing is kept. A file of which nothing was recorded"
    " is forgotten after a day." + _PARTS,
)
def add_import(
    request: ProgramRequest,
    file: File[UploadedFile],
    choices: Form[ChoicesInForm | None] = None,
) -> Status[ImportShown]:
    form, now = UploadForm(request.POST, request.FILES), timezone.now()
    if not form.is_valid():
        raise refused(form)
    batches.drop_stale(now=now)
    upload = form.cleaned_data["file"]
    try:
        batch = batches.begin(upload=upload, owner=request.user, by=request.user, now=now)
    except BadFile as fault:
        raise Refused(invalid({"file": [str(fault)]})) from None
    if choices is None:
        return Status(201, ImportShown.of(batch))
    try:
        with within("choices"):
            batch = choose(batch, choices, now=now)
    except Refused:
        batches.discard(batch=batch)
        raise
    return Status(201, ImportShown.of(_worked(batch)))


@router.get("import/{import_id}", response=ImportShown, auth=may(Scope.READ), summary="An import")
def one_import(request: ProgramRequest, import_id: Key) -> ImportShown:
    """Tell how far an import is, what was found in its file, and what has yet to be chosen."""
    return ImportShown.of(access.own_import(request.user, import_id))


@router.put(
    "import/{import_id}/choices",
    response={200: ImportShown, **refusals(409)},
    auth=may(Scope.MANAGE),
    summary="Say how it is read",
    description="Read the file in this way, or anew in another way; what is left out is not"
    " chosen." + _PARTS,
)
def choose_import(request: ProgramRequest, import_id: Key, sent: ImportChoicesSent) -> ImportShown:
    batch = access.own_import(request.user, import_id)
    return ImportShown.of(_worked(choose(batch, sent, now=timezone.now())))


@router.get(
    "import/{import_id}/rows",
    response=Page[ImportRowShown],
    auth=may(Scope.READ),
    summary="Rows of an import",
)
def import_rows(
    request: ProgramRequest, import_id: Key, paging: Asked, asked: Query[ImportRowsFilter]
) -> dict[str, Any]:
    """List the rows that were read, in the order of the file."""
    batch = access.own_import(request.user, import_id)
    rows = batch.rows.select_related("purchase").order_by("number")
    if asked.fate:
        rows = rows.filter(fate=asked.fate)
    if asked.outcome:
        rows = rows.filter(outcome="" if asked.outcome == WAITING else asked.outcome)
    return paging.cut(rows, ImportRowShown.of)


@router.post(
    "import/{import_id}/work",
    response=ImportShown,
    auth=may(Scope.MANAGE),
    summary="Go on",
    description="Do the next part of what an import is at; one that is at nothing stays as it is."
    + _PARTS,
)
def work_import(request: ProgramRequest, import_id: Key) -> ImportShown:
    return ImportShown.of(_worked(access.own_import(request.user, import_id)))


@router.post(
    "import/{import_id}/apply",
    response={200: ImportShown, **refusals(409)},
    auth=may(Scope.MANAGE),
    summary="Record it",
    description="Begin to record what was read; where that was begun before, go on. What is"
    " imported are facts: no limit refuses them." + _PARTS,
)
def apply_import(
    request: ProgramRequest, import_id: Key, sent: ImportApplySent | None = None
) -> ImportShown:
    asked = sent or ImportApplySent()
    told: dict[str, bool | datetime | None] = {"doubles": asked.doubles, "seen_at": asked.seen_at}
    return _begun(request, import_id, State.APPLYING, batches.apply, **told)


@router.post(
    "import/{import_id}/undo",
    response={200: ImportShown, **refusals(409)},
    auth=may(Scope.MANAGE),
    summary="Take it back",
    description="Begin to take back what was recorded; where that was begun before, go on. What"
    " somebody changed since stays as it is." + _PARTS,
)
def undo_import(request: ProgramRequest, import_id: Key) -> ImportShown:
    return _begun(request, import_id, State.UNDOING, batches.undo)


@router.delete(
    "import/{import_id}",
    response={204: None, **refusals(409)},
    auth=may(Scope.MANAGE),
    summary="Discard it",
)
def delete_import(request: ProgramRequest, import_id: Key) -> Status[None]:
    """Forget an import that recorded nothing. Any other stays as a record of what it did."""
    batch = access.own_import(request.user, import_id)
    if batches.has_recorded(batch):
        raise wrong_state("It has recorded something, and stays as a record of that.")
    batches.discard(batch=batch)
    return Status(204, None)


def _worked(batch: ImportBatch) -> ImportBatch:
    """Do the next part of what a batch is at, and return it as it stands then."""
    try:
        return batches.work(batch=batch, now=timezone.now(), seconds=SECONDS)
    except ImportBatch.DoesNotExist:  # discarded by another request
        raise Http404 from None


def _begun(
    request: ProgramRequest,
    import_id: int,
    state: str,
    verb: Callable[..., ImportBatch],
    **told: Any,
) -> ImportShown:
    """Hand a batch to the verb that leads to `state`, and do the first part of it."""
    batch = access.own_import(request.user, import_id)
    try:
        if batch.state != state:
            batch = verb(batch=batch, by=request.user, now=timezone.now(), **told)
    except ValidationError as refusal:
        batch = access.own_import(request.user, import_id)
        if batch.state != state:  # else somebody else was faster
            raise wrong_state(" ".join(refusal.messages)) from None
    except batches.Reread:
        raise _reread() from None
    except ImportBatch.DoesNotExist:
        raise Http404 from None
    return ImportShown.of(_worked(batch))


def _reread() -> Refused:
    detail = "Nothing is recorded yet: look at the rows once more."
    return Refused(problem(409, "import-reread", "The file was read anew since", detail))
