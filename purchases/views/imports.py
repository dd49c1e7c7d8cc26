"""Imports: a file comes in, is worked through part by part, and may go back out again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from people.access import MemberRequest
from purchases import access
from purchases.forms.imports import KINDS, MOST_BYTES, UploadForm
from purchases.importing import batches
from purchases.importing.formats import FORMATS
from purchases.importing.rows import BadFile
from purchases.models import ImportBatch, ImportPreset, ImportRow
from purchases.views import import_figures as figures
from purchases.views.import_choices import CHOOSING, ask
from purchases.views.import_rows import rows_page

State = ImportBatch.State

#: How long one request works on an import, in seconds: a page waits for it.
SECONDS = 3
#: How many imports stand on one page.
PAGE = 10
#: The states in which there are rows to look at.
WITH_ROWS = frozenset({State.READY, State.DONE, State.UNDONE, State.FAILED})
#: What a preview says when the file was read in another way since.
REREAD = (
    "The file was read anew since you looked at it, in another window. Nothing is recorded yet:"
    " this is what it says now."
)


@require_http_methods(["GET", "POST"])
def begin(request: MemberRequest) -> HttpResponse:
    """Take in a file, and list what was imported before."""
    if request.method == "GET":
        return render(request, "imports/begin.html", _beginning(request, UploadForm()))
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        now = timezone.now()
        batches.drop_stale(now=now)
        try:
            batch = batches.begin(
                upload=form.cleaned_data["file"], owner=request.user, by=request.user, now=now
            )
        except BadFile as problem:
            form.add_error("file", str(problem))
        else:
            return _go(request, batch)
    return render(request, "imports/begin.html", _beginning(request, form), status=422)


def _go(request: MemberRequest, batch: ImportBatch) -> HttpResponse:
    """Lead to the page of a batch; a script that asked leaves its own page."""
    if request.htmx:
        return HttpResponseClientRedirect(batch.get_absolute_url())
    return redirect(batch)


def _beginning(request: MemberRequest, form: UploadForm) -> dict[str, Any]:
    own = ImportBatch.objects.filter(owner=request.user)
    page = Paginator(own, PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    fates, outcomes = _counts(shown, "fate"), _counts(shown, "outcome")
    presets = ImportPreset.objects.filter(owner=request.user)
    return {
        "form": form,
        "most_bytes": MOST_BYTES,
        "kinds": [
            (words, [one for one in FORMATS if one.kind == kind]) for kind, words in KINDS.items()
        ],
        "page": page,
        "rows": [
            (
                batch,
                figures.title(batch),
                figures.counted(batch, fates.get(batch.pk, {}), outcomes.get(batch.pk, {})),
            )
            for batch in shown
        ],
        "presets": [(preset, _columns_of(preset)) for preset in presets],
    }


def _counts(shown: list[ImportBatch], by: str) -> dict[int, dict[str, int]]:
    """Count the rows of some batches by fate or outcome, along an index alone."""
    found: dict[int, dict[str, int]] = {}
    rows = ImportRow.objects.filter(batch__in=shown).order_by()
    for key, name, count in rows.values_list("batch", by).annotate(count=Count("*")):
        found.setdefault(key, {})[name] = count
    return found


def _columns_of(preset: ImportPreset) -> str:
    columns = preset.choices.get("columns", {}).values()
    return f"Columns: {', '.join(columns)}" if columns else ""


# --- One import ---------------------------------------------------------------------------------


@require_http_methods(["GET"])
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what the state of an import asks for: choices, progress, the preview or the report."""
    return show(request, access.own_import(request.user, pk))


def show(
    request: MemberRequest,
    batch: ImportBatch,
    *,
    refusals: list[str] | None = None,
    refused: int = 422,
) -> HttpResponse:
    """Answer the page of a batch as it stands, with the status `refused` if there are refusals."""
    if batch.state in figures.DOING:
        return render(request, "imports/progress.html", _progress(batch))
    wants_choices = batch.state == State.ASKING or "change" in request.GET
    if wants_choices and batch.state in CHOOSING:
        try:
            return ask(request, batch)
        except BadFile as problem:
            # Shown as what failed, and stored as it is: a lost file may come back.
            batch.state, batch.problem, batch.path = State.FAILED, str(problem), ""
    tally = batches.tally(batch)
    page = {
        "batch": batch,
        "title": figures.title(batch),
        "refusals": refusals or [],
        **(rows_page(request, batch, tally) if tally.rows else {}),
    }
    status = refused if refusals else 200
    if batch.state == State.READY:
        page |= {"preview": figures.Preview.of(batch, tally), "step": 3}
        return render(request, "imports/preview.html", page, status=status)
    page |= {"report": figures.Report.of(batch, tally), "step": 4}
    return render(request, "imports/report.html", page, status=status)


def _progress(batch: ImportBatch) -> dict[str, Any]:
    step = 3 if batch.state == State.READING else 4
    return {"batch": batch, "doing": figures.Doing.of(batch), "step": step}


@require_http_methods(["GET", "POST"])
def work(request: MemberRequest, pk: int) -> HttpResponse:
    """Do the next part of what an import is at; a script asks for one after another."""
    batch = access.own_import(request.user, pk)
    if request.method == "GET":
        return redirect(batch)
    try:
        batch = batches.work(batch=batch, now=timezone.now(), seconds=SECONDS)
    except ImportBatch.DoesNotExist:  # discarded in another window
        raise Http404 from None
    if request.htmx and batch.state in figures.DOING:
        return render(request, "imports/progress.html#progress", _progress(batch))
    return _go(request, batch)


@require_http_methods(["GET", "POST"])
def apply(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin to record what was read, with the suspected doubles if that was chosen."""
    doubles = request.POST.get("doubles") == "yes"
    return _next(request, pk, batches.apply, doubles=doubles, seen_at=_seen_at(request))


def _seen_at(request: MemberRequest) -> datetime:
    """Return which reading somebody looked at; none that there is when the form does not say."""
    try:
        return datetime.fromisoformat(request.POST.get("seen_at", ""))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


@require_http_methods(["GET", "POST"])
def undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether an import is to be taken back, then begin to do so."""
    if request.method == "POST":
        return _next(request, pk, batches.undo)
    batch = access.own_import(request.user, pk)
    if batch.state not in {State.DONE, State.APPLYING}:
        return redirect(batch)
    takes_back = figures.takes_back(batch, batches.tally(batch))
    return render(request, "imports/undo.html", {"batch": batch, "takes_back": takes_back})


def _next(
    request: MemberRequest, pk: int, verb: Callable[..., ImportBatch], **told: Any
) -> HttpResponse:
    """Hand a batch to a verb that leads to its next state; a refusal is told on its page."""
    batch = access.own_import(request.user, pk)
    if request.method == "GET":
        return redirect(batch)
    try:
        batch = verb(batch=batch, by=request.user, now=timezone.now(), **told)
    except ValidationError as refusal:
        batch = access.own_import(request.user, pk)
        if batch.state in figures.DOING:  # somebody else was faster: the page shows how far it is
            return redirect(batch)
        return show(request, batch, refusals=refusal.messages)
    except batches.Reread:
        return show(request, access.own_import(request.user, pk), refusals=[REREAD], refused=409)
    except ImportBatch.DoesNotExist:
        raise Http404 from None
    return redirect(batch)


@require_http_methods(["GET", "POST"])
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether an import that recorded nothing is to be forgotten, then forget it."""
    batch = access.own_import(request.user, pk)
    if batches.has_recorded(batch):
        return redirect(batch)
    if request.method == "GET":
        return render(request, "imports/discard.html", {"batch": batch})
    batches.discard(batch=batch)
    messages.success(request, f"“{batch.name}” is discarded. Nothing of it was recorded.")
    return redirect(reverse("imports:begin"))
