"""The papers of purchases: handing them out, renaming and deleting them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods

from occasions.access import viewer_of
from people.access import MemberRequest
from purchases import access, contents, files, keeping, sending, thumbnails
from purchases.forms.files import PaperForm
from purchases.models import Attachment


@require_http_methods(["GET"])
def download(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Hand out a file to be saved, under its own name."""
    return _handed_out(request, _visible(request, pk), as_attachment=True)


@require_http_methods(["GET"])
def view(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Show a picture or a PDF in the browser; nothing else is ever shown."""
    paper = _visible(request, pk)
    if paper.blob.content_type not in contents.SHOWN:
        raise Http404
    return _handed_out(request, paper, as_attachment=False)


def _handed_out(
    request: HttpRequest, paper: Attachment, *, as_attachment: bool
) -> HttpResponseBase:
    try:
        return sending.handed_out(paper, as_attachment=as_attachment)
    except FileNotFoundError:
        page = {"paper": paper}
        return render(request, "purchases/attachment_missing.html", page, status=404)


@require_http_methods(["GET"])
def thumbnail(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Show a small version of a picture."""
    paper = _visible(request, pk)
    if paper.blob.content_type not in contents.PICTURES.values():
        raise Http404
    etag = f'"{paper.blob_id}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(_small(paper), content_type="image/webp")
    answer["Cache-Control"], answer["ETag"] = sending.CACHE, etag
    return answer


def _small(paper: Attachment) -> bytes:
    """Return the small picture, made the first time that somebody asks; 404 when there is none."""
    small = files.thumbnail(paper.blob)
    if small is None:
        try:
            with files.opened(paper.blob) as file:
                small = thumbnails.thumbnail(file)
        except FileNotFoundError:
            raise Http404 from None
        except thumbnails.NoPicture:
            small = b""  # kept too: a broken picture would be unpacked again and again
        keeping.keep_thumbnail(blob=paper.blob, small=small)
    if not small:
        raise Http404
    return small


@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Call a file differently."""
    paper = _own(request, pk)
    is_sent = request.method == "POST"
    form = PaperForm(
        request.POST if is_sent else None, initial={"name": paper.name, "kind": paper.kind}
    )
    if form.is_valid():
        keeping.change_attachment(attachment=paper, **form.cleaned_data)
        messages.success(request, f"“{paper.name}” is saved.")
        return _back(paper)
    context = {"paper": paper, "form": form}
    return render(
        request, "purchases/attachment_form.html", context, status=422 if is_sent else 200
    )


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether a file is to go, then delete it."""
    paper = _own(request, pk)
    if request.method == "GET":
        return render(request, "purchases/attachment_delete.html", {"paper": paper})
    keeping.detach(attachment=paper)
    if request.htmx:
        return HttpResponse()
    messages.success(request, f"“{paper.name}” is deleted.")
    return _back(paper)


def _back(paper: Attachment) -> HttpResponse:
    return redirect(paper.purchase or "purchases:list")


def _visible(request: MemberRequest, pk: int) -> Attachment:
    return access.visible_attachment(viewer_of(request.user, now=timezone.now()), pk)


def _own(request: MemberRequest, pk: int) -> Attachment:
    return access.own_attachment(viewer_of(request.user, now=timezone.now()), pk)
