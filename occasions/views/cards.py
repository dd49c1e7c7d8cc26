from django.http import Http404, HttpResponse

from people.access import MemberRequest


def detail(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def helpers(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def people(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def card(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def quick_add(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def receives(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def remove(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404
