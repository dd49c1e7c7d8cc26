from django.http import Http404, HttpResponse

from people.access import MemberRequest


def index(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def add(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def holidays(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def change(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404


def delete(request: MemberRequest, **keys: int) -> HttpResponse:
    raise Http404
