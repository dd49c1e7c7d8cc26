"""What is too much to be read at all."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from people.programs.problems import is_for_programs, problem, told
from purchases.models.attachment import MAX_SIZE

#: The largest request, in bytes: ten of the largest files, and what is typed beside them.
MAX_REQUEST = 10 * MAX_SIZE + 1024 * 1024


class RequestLimitMiddleware:
    """Refuse a request that says it is too large before a byte of it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.headers.get("Content-Length", "")
        # The first digits tell enough of a number that is too long to be read.
        if length.isdecimal() and int(length.lstrip("0")[:19] or "0") > MAX_REQUEST:
            return _too_much(request)
        return self.get_response(request)


def _too_much(request: HttpRequest) -> HttpResponse:
    if is_for_programs(request):
        return told(problem(413, "too-large", "Too large", "Send less at once."))
    return render(request, "purchases/attachment_too_much.html", status=413)
