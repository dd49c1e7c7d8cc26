"""What the owner does with backups: make, check, download, restore and delete them.

What the address names is looked for among the backups that are there; it never becomes a path.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from config import backups
from config.data.forms import ConfirmedForm, PasswordForm
from config.data.listing import Kept, note_check
from config.data.refusals import REFUSALS, in_words, status_of
from config.data.rights import View, owners_only
from config.data.sessions import stays_signed_in
from people.access import MemberRequest

_HINT = "The day and time of this backup, so that it is surely the one you mean."


def _of_one(view: Callable[[MemberRequest, Kept], HttpResponseBase]) -> View:
    """Find the backup that the address names; answer 404 when there is none."""

    @wraps(view)
    def found(request: MemberRequest, name: str) -> HttpResponseBase:
        try:
            backup = backups.described(name)
            if backup is None:
                raise Http404
            return view(request, Kept(backup, timezone.now()))
        except OSError as problem:
            messages.error(request, f"The backups cannot be reached. {in_words(problem)}")
            return _to_the_list()

    return found


@require_http_methods(["POST"])
@owners_only
def make(request: MemberRequest) -> HttpResponse:
    """Make a backup of how things stand now."""
    now = timezone.now()
    try:
        backup = backups.make(now=now)
    except REFUSALS as problem:
        messages.error(request, f"No backup was made. {in_words(problem)}")
        return _to_the_list()
    size = filesizeformat(backup.size)
    messages.success(request, f"The backup is made: {size} with {Kept(backup, now).holds}.")
    return _to_the_list()


@require_http_methods(["POST"])
@owners_only
@_of_one
def check(request: MemberRequest, one: Kept) -> HttpResponse:
    """Read a backup through, and tell whether it can be relied on."""
    try:
        backups.verify(one.name)
    except REFUSALS as problem:
        messages.error(request, f"The backup of {one.title} is no good. {in_words(problem)}")
        return _to_the_list()
    note_check(request.session, one.name, timezone.now())
    messages.success(request, f"The backup of {one.title} is whole: it can be restored.")
    return _to_the_list()


@require_http_methods(["GET", "POST"])
@owners_only
@never_cache
@_of_one
def download(request: MemberRequest, one: Kept) -> HttpResponseBase:
    """Ask for the password, then hand out the file."""
    form = PasswordForm(_posted(request), user=request.user)
    if form.is_valid():
        try:
            return FileResponse(
                backups.opened(one.name),
                as_attachment=True,
                filename=one.name,
                content_type="application/zip",
            )
        except REFUSALS as problem:
            form.add_error(None, in_words(problem))
    return _ask(request, "data/download.html", one, form)


@require_http_methods(["GET", "POST"])
@owners_only
@_of_one
def restore(request: MemberRequest, one: Kept) -> HttpResponse:
    """Tell what would be lost and ask for confirmation, then bring everything back as it was."""
    form = ConfirmedForm(_posted(request), user=request.user, words=one.moment, hint=_HINT)
    if not form.is_valid():
        return _ask(request, "data/restore.html", one, form)
    before = request.user
    try:
        done = backups.restore(one.name, now=timezone.now())
    except REFUSALS as problem:
        form.add_error(None, in_words(problem))
        return _ask(request, "data/restore.html", one, form, status=status_of(problem))
    told = (
        f"The backup of {one.title} is restored."
        f" How things stood before is in the restore point “{done.restore_point}”."
    )
    if stays_signed_in(request, before):
        messages.success(request, told)
        return _to_the_list()
    told += " Your account was another one then: sign in with the name and password of that time."
    messages.success(request, told)
    return redirect("people:login")


@require_http_methods(["GET", "POST"])
@owners_only
@_of_one
def delete(request: MemberRequest, one: Kept) -> HttpResponse:
    """Ask whether a backup is to go, then delete it."""
    if request.method == "GET":
        is_last = len(backups.listed()) == 1
        return render(request, "data/delete.html", {"one": one, "is_last": is_last})
    try:
        backups.remove(one.name)
    except REFUSALS as problem:
        messages.error(request, f"The backup was not deleted. {in_words(problem)}")
    else:
        messages.success(request, f"The backup of {one.title} is deleted.")
    return _to_the_list()


def _posted(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _ask(
    request: MemberRequest, template: str, one: Kept, form: PasswordForm, *, status: int = 422
) -> HttpResponse:
    context = {"one": one, "form": form}
    return render(request, template, context, status=status if form.is_bound else 200)


def _to_the_list() -> HttpResponse:
    # To its top, where the message stands.
    return redirect("data:page")
