"""Receipts and other papers: taken in, handed out, called differently, deleted."""

from typing import Annotated, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import File, Form, Router, Schema, UploadedFile
from ninja.responses import Status
from pydantic import ConfigDict, Field

from budgets.wire import Moment
from occasions.access import viewer_of
from occasions.models import Viewer
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import partial
from people.programs.forms import filled
from people.programs.matching import match, tagged
from people.programs.paging import Asked, Key, Page
from people.programs.problems import Refused, invalid, problem, refusals
from purchases import access, files, keeping, sending
from purchases.api.fields import PaperKind
from purchases.contents import LONGEST_NAME, SHOWN, TEXT, UNKNOWN
from purchases.files import BadFile
from purchases.forms.files import PaperForm
from purchases.keeping.attaching import Taken
from purchases.models import Attachment

router = Router(tags=["Files"])

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = {
    200: {
        "description": "The file",
        "content": dict.fromkeys(sorted({*SHOWN, TEXT, UNKNOWN}), _BYTES),
    }
}

Files = Annotated[list[UploadedFile], File(description="Up to 10 MiB each.", max_length=100)]
FilesKind = Annotated[PaperKind, Form(description="What all of them are.")]


class AttachmentShown(Schema):
    """A paper of a purchase, or one that waits for a purchase to be written down."""

    id: int
    purchase: int | None = Field(description="None while it waits; that is for a day at most.")
    name: str
    kind: PaperKind
    size: int = Field(description="In bytes.")
    sha256: str
    content_type: str = Field(description="What the bytes say, whatever its name says.")
    created_at: Moment

    @classmethod
    def of(cls, paper: Attachment) -> "AttachmentShown":
        stored = {name: getattr(paper.blob, name) for name in ("size", "sha256", "content_type")}
        plain = {name: getattr(paper, name) for name in ("name", "kind", "created_at")}
        return cls(id=paper.pk, purchase=paper.purchase_id, **plain, **stored)


class AttachmentChecked(AttachmentShown):
    """A paper whose bytes were read and compared with what was stored."""

    integrity: Literal["intact", "missing", "different"]


class FileRefused(Schema):
    """A file that was not taken, and why."""

    name: str
    reason: str = Field(examples=["This file is empty."])


class FilesTaken(Schema):
    """What became of the files: each was judged alone."""

    kept: list[AttachmentShown]
    refused: list[FileRefused]


class AttachmentChange(Schema):
    """What a paper is called and is; a missing key is untouched."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=partial)

    name: str = Field("", min_length=1, max_length=LONGEST_NAME)
    kind: PaperKind = "receipt"


@router.get(
    "purchases/{purchase_id}/attachments",
    response=Page[AttachmentShown],
    auth=may(Scope.READ),
    summary="Papers of a purchase",
)
def purchase_attachments(
    request: ProgramRequest, purchase_id: Key, paging: Asked
) -> dict[str, object]:
    """List the papers of a purchase."""
    purchase = access.visible_purchase(_viewer(request), purchase_id)
    papers: QuerySet[Attachment] = purchase.attachments.select_related("blob")
    return paging.cut(papers, AttachmentShown.of)


@router.post(
    "purchases/{purchase_id}/attachments",
    response={201: FilesTaken, **refusals(413)},
    auth=may(Scope.MANAGE),
    summary="Add papers to a purchase",
)
def add_purchase_attachments(
    request: ProgramRequest, purchase_id: Key, files: Files, kind: FilesKind = "receipt"
) -> Status[FilesTaken]:
    """Add files to a purchase. What is wrong with one stops no other; 422 when none is taken."""
    now = timezone.now()
    purchase = access.own_purchase(_viewer(request), purchase_id)
    return _taken(
        keeping.attach(purchase=purchase, uploads=files, kind=kind, by=request.user, now=now)
    )


@router.post(
    "attachments",
    response={201: FilesTaken, **refusals(413)},
    auth=may(Scope.SPEND),
    summary="Send papers ahead",
)
def add_attachments(
    request: ProgramRequest, files: Files, kind: FilesKind = "receipt"
) -> Status[FilesTaken]:
    """Take in files for a purchase that is written down within a day: it names their ids."""
    now = timezone.now()
    keeping.drop_stale(now=now)
    return _taken(keeping.stage_all(uploads=files, kind=kind, by=request.user, now=now))


@router.get(
    "attachments/{attachment_id}",
    response=AttachmentChecked,
    auth=may(Scope.READ),
    summary="One paper",
)
def attachment(
    request: ProgramRequest, response: HttpResponse, attachment_id: Key
) -> AttachmentChecked:
    """Tell about a paper, and whether its bytes are still the ones that were stored."""
    paper = access.visible_attachment(_viewer(request), attachment_id)
    shown = tagged(response, AttachmentShown.of(paper))
    return AttachmentChecked(**dict(shown), integrity=_integrity(paper))


@router.get(
    "attachments/{attachment_id}/content",
    response={200: None},
    auth=may(Scope.READ),
    summary="The bytes of a paper",
    openapi_extra={"responses": _CONTENT},
)
def attachment_content(request: ProgramRequest, attachment_id: Key) -> HttpResponseBase:
    """Hand out a file under its own name, to be saved. When its bytes are lost it is a 404."""
    paper = access.visible_attachment(_viewer(request), attachment_id)
    try:
        return sending.handed_out(paper, as_attachment=True)
    except FileNotFoundError:
        detail = "It is written down here, but its bytes are lost."
        raise Refused(problem(404, "file-lost", "The file is lost", detail)) from None


@router.patch(
    "attachments/{attachment_id}",
    response={200: AttachmentShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Call a paper differently",
)
def change_attachment(
    request: ProgramRequest, response: HttpResponse, attachment_id: Key, sent: AttachmentChange
) -> AttachmentShown:
    """Change the name or the kind of a paper."""
    viewer = _viewer(request)
    with transaction.atomic():
        paper = _held(request, viewer, attachment_id)
        first = {"name": paper.name, "kind": paper.kind}
        form = filled(lambda data: PaperForm(data, initial=first), sent)
        keeping.change_attachment(attachment=paper, **form.cleaned_data)
    return tagged(response, AttachmentShown.of(paper))


@router.delete(
    "attachments/{attachment_id}",
    response={204: None, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Delete a paper",
)
def delete_attachment(request: ProgramRequest, attachment_id: Key) -> Status[None]:
    """Delete a paper, and its bytes when no other paper has the same."""
    viewer = _viewer(request)
    with transaction.atomic():
        keeping.detach(attachment=_held(request, viewer, attachment_id))
    return Status(204, None)


def _viewer(request: ProgramRequest) -> Viewer:
    return viewer_of(request.user, now=timezone.now())


def _held(request: ProgramRequest, viewer: Viewer, key: int) -> Attachment:
    """Return a paper that the viewer may change, held, as whoever asks has seen it."""
    found = access.own_attachment(viewer, key)
    list(Attachment.objects.select_for_update().filter(pk=found.pk).values_list("pk"))
    paper = access.own_attachment(viewer, key)
    match(request, AttachmentShown.of(paper))
    return paper


def _integrity(paper: Attachment) -> Literal["intact", "missing", "different"]:
    try:
        return "intact" if files.is_intact(paper.blob) else "different"
    except FileNotFoundError:
        return "missing"


def _taken(taken: Taken) -> Status[FilesTaken]:
    """Tell what became of the files. Raises Refused when none was taken."""
    if not taken.kept:
        raise Refused(invalid({"files": [_named(refusal) for refusal in taken.refused]}))
    told = FilesTaken(
        kept=[AttachmentShown.of(paper) for paper in taken.kept],
        refused=[FileRefused(name=one.name, reason=one.reason) for one in taken.refused],
    )
    return Status(201, told)


def _named(refusal: BadFile) -> str:
    return f"“{refusal.name}”: {refusal.reason}"
