"""What every request of a member needs."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect


class SignInMiddleware(LoginRequiredMiddleware):
    """Ask everybody to sign in, on every page that does not say otherwise.

    A part of a page asked for by htmx must not be filled with the sign-in page: the whole page
    goes there instead.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], *args: Any
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, *args)
        if answer is not None and "HX-Request" in request.headers:
            return HttpResponseClientRedirect(answer["Location"])
        return answer


class TimeZoneMiddleware:
    """Show and read times in the member's own time zone, and forget it with the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = request.user.zone if request.user.is_authenticated else None
        with timezone.override(zone):
            return self.get_response(request)
