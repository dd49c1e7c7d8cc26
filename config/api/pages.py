"""The pages on which people read what programs may ask, and try it."""

from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.api.reading import Group, groups_of, refusals_of
from config.api.samples import Schema
from config.api.site import api


@cache
def _document() -> Schema:
    return api.get_openapi_schema()


@cache
def _groups() -> list[Group]:
    return groups_of(_document())


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation there is, by what it is about."""
    told = {"groups": _groups(), "refusals": refusals_of(_document())}
    return render(request, "api/docs.html", told)


@require_safe
def docs_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the operations about one thing in full."""
    group = next((one for one in _groups() if one.slug == slug), None)
    if group is None:
        raise Http404
    return render(request, "api/group.html", {"groups": _groups(), "group": group})
