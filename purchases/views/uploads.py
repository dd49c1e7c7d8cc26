"""Taking in files: to a purchase that is there, and to one that is still being written."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from occasions.access import viewer_of
from people.access import MemberRequest
from purchases import access, files, keeping
from purchases.forms.files import UploadForm
from purchases.keeping.attaching import Taken
from purchases.models import Attachment, Purchase

#: The key of a file, as the row that waits in a form sends it.
KEY = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The files that wait with a form: `staged` ones, and the part of the form they stand in."""

    staged: list[Attachment]
    form: UploadForm

    def context(self) -> dict[str, Any]:
        """Return what `purchases/_attachments_staged.html` draws on."""
        return {"staged": files.papers(self.staged), "upload_form": self.form}


def waiting(request: MemberRequest, *, now: datetime) -> Waiting:
    """Return the files that wait with a form; what it sends along without scripts is taken in.

    Its `form` is not valid when a file was refused.
    """
    if request.method != "POST":
        return Waiting([], UploadForm())
    form = UploadForm(request.POST, request.FILES)
    keys = [key for key in request.POST.getlist("files") if KEY.fullmatch(key)]
    own = Attachment.objects.filter(purchase__isnull=True, uploaded_by=request.user)
    staged = list(own.filter(pk__in=keys).select_related("blob"))
    if form.is_valid():
        taken = keeping.stage_all(uploads=form.chosen, kind=form.kind, by=request.user, now=now)
        staged += taken.kept
        form.refuse(taken.refused)
    return Waiting(staged, form)


@require_http_methods(["POST"])
def stage(request: MemberRequest) -> HttpResponse:
    """Take in files for a purchase that is still being written; a script asks for this."""
    now = timezone.now()
    keeping.drop_stale(now=now)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused("Choose what it is.")
    taken = keeping.stage_all(uploads=form.chosen, kind=form.kind, by=request.user, now=now)
    return _rows(request, taken, "purchases/_attachment_staged.html")


@require_http_methods(["GET", "POST"])
def attach(request: MemberRequest, purchase: int) -> HttpResponse:
    """Add files to a purchase."""
    now = timezone.now()
    owned = access.own_purchase(viewer_of(request.user, now=now), purchase)
    is_sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
    taken = Taken()
    if form.is_valid():
        taken = _attach(owned, form, request, now)
        if request.htmx:
            return _rows(request, taken, "purchases/_attachment.html")
        form.refuse(taken.refused)
        if not form.chosen:
            form.add_error("uploads", "Choose a file.")
        elif form.is_valid():
            messages.success(request, _added(taken))
            return redirect(owned)
    context = {"purchase": owned, "upload_form": form, "added": _added(taken)}
    return render(request, "purchases/attachment_add.html", context, status=422 if is_sent else 200)


def _attach(purchase: Purchase, form: UploadForm, request: MemberRequest, now: datetime) -> Taken:
    try:
        return keeping.attach(
            purchase=purchase, uploads=form.chosen, kind=form.kind, by=request.user, now=now
        )
    except Purchase.DoesNotExist:
        raise Http404 from None


def _added(taken: Taken) -> str:
    match taken.kept:
        case []:
            return ""
        case [paper]:
            return f"“{paper.name}” is added."
        case papers:
            return f"{len(papers)} files are added."


def _rows(request: MemberRequest, taken: Taken, template: str) -> HttpResponse:
    """Answer a script: the rows of what was kept, or why something was not."""
    if taken.refused:
        return _refused(" ".join(refusal.reason for refusal in taken.refused))
    rows = [
        render(request, template, {"paper": paper, "may_change": True}).content
        for paper in files.papers(taken.kept)
    ]
    return HttpResponse(b"".join(rows))


def _refused(why: str) -> HttpResponse:
    return HttpResponse(why, status=422, content_type="text/plain; charset=utf-8")
