"""The addresses of the API: closed by the API itself, and in its own words where nothing is."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from config.api import pages
from config.api.site import api
from people.programs.callers import Session, Token, unauthorised
from people.programs.problems import Refused, not_found, problem, told

app_name = "api"


def _own_door[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Let the view decide who comes in: SignInMiddleware would send programs to a page."""

    @wraps(view)
    def open_to_programs(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        answer = view(*args, **kwargs)
        if isinstance(answer, HttpResponseNotAllowed):
            allowed = answer["Allow"]
            title = "Not a method of this address"
            refusal = problem(405, "wrong-method", title, f"It knows {allowed}.")
            return told(refusal, {"Allow": allowed})
        return answer

    return login_not_required(open_to_programs)


@login_not_required
@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """Say in the words of the API that nothing is here."""
    return told(not_found("The API has no such address."))


def _for_somebody(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in a member, or a program with any token: generators of clients have no session."""

    @wraps(view)
    def shown(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            if not (Token()(request) or Session()(request)):
                raise unauthorised()
        except Refused as refusal:
            return told(refusal.problem, refusal.headers)
        return view(request, **kwargs)

    return login_not_required(shown)


def _patterns() -> Iterator[URLPattern | URLResolver]:
    """Yield what the API answers, each with its own door; its documentation is behind ours."""
    patterns: list[Any] = api.urls[0]
    # Each operation of an address has a pattern, and every one of them leads to all: one door.
    doors: dict[str, Any] = {}
    for pattern in patterns:
        if pattern.name == "api-root":
            # Where everything begins, by which the document of the API finds its addresses.
            pattern.callback = nothing
        elif pattern.name == "openapi-json":
            pattern.callback = _for_somebody(pattern.callback)
        elif pattern.name != "openapi-view":
            pattern.callback = doors.setdefault(str(pattern.pattern), _own_door(pattern.callback))
        yield pattern


urlpatterns = [
    *_patterns(),
    path("docs", pages.docs, name="docs"),
    path("docs/<slug:slug>", pages.docs_group, name="docs_group"),
    re_path("", nothing, name="nothing"),
]
