"""The id of a request, by which its answer and its lines in the log find each other."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
#: The same where WSGI has it; `request.headers` would remember what was there at first.
_META = "HTTP_X_REQUEST_ID"
#: What is taken from outside: it ends up in every line of the log.
_FIT = re.compile(r"[A-Za-z0-9._-]{1,128}")
_present: ContextVar[str] = ContextVar("request_id", default="")


def present() -> str:
    """Return the id of the request that is being answered; "" when there is none."""
    return _present.get()


class RequestIdMiddleware:
    """Give each request an id, its own or a new one, and tell it with the answer.

    It stands first, so that no answer and no line of the log is without.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get(_META, "")
        known = sent if _FIT.fullmatch(sent) else str(uuid4())
        # From there django-structlog takes it.
        request.META[_META] = known
        mark = _present.set(known)
        try:
            response = self.get_response(request)
        finally:
            _present.reset(mark)
        response[HEADER] = known
        return response
