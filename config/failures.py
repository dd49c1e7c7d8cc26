"""What is answered when a request comes to no view, or to a bad end: a page, or a problem."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views import defaults

from people.programs.problems import is_for_programs, not_found, problem, told


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    # Whoever asks for another host is told nothing of what is here.
    if is_for_programs(request) and not isinstance(exception, DisallowedHost):
        return told(problem(400, "bad-request", "Cannot be read"))
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_for_programs(request):
        return told(not_found("The API has no such address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if is_for_programs(request):
        detail = "It is written down under the request's id."
        return told(problem(500, "failure", "Something failed here", detail))
    return defaults.server_error(request)
