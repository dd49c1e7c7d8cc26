"""What is a member's own, to take along."""

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config.backups.refusals import in_words
from config.exporting import downloads
from people.access import MemberRequest


@require_http_methods(["GET"])
def json_of_mine(request: MemberRequest) -> HttpResponseBase:
    """Download what is the viewer's own as JSON."""
    return _download(request, downloads.json_of)


@require_http_methods(["GET"])
def zip_of_mine(request: MemberRequest) -> HttpResponseBase:
    """Download what is the viewer's own, papers and photos too, as ZIP."""
    return _download(request, downloads.zip_of)


def _download(request: MemberRequest, made: Callable[..., HttpResponseBase]) -> HttpResponseBase:
    try:
        return made(request.user, now=timezone.now())
    except OSError as problem:
        said = f"The file was not made. {in_words(problem)}\n"
        return HttpResponse(said, status=507, content_type="text/plain; charset=utf-8")
