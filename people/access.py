"""Who may do what to whom, and how a request tells who is asking."""

from typing import Protocol, TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from people.models import ApiToken, User


class MemberRequest(HttpRequest):
    """A request behind LoginRequiredMiddleware: somebody is signed in."""

    user: User
    htmx: HtmxDetails


class _HasStaff(Protocol):
    is_active: bool
    is_staff: bool


def is_administrator(user: _HasStaff | User | AnonymousUser) -> TypeGuard[User]:
    """Tell whether `user` administers this installation."""
    return user.is_active and user.is_staff


def administrators() -> QuerySet[User]:
    """Return the people whom a member can ask for a change."""
    return User.objects.filter(is_active=True, is_staff=True)


def own_token(user: User, pk: int) -> ApiToken:
    """Return a token of `user`; somebody else's is no more there than one that never was."""
    return get_object_or_404(user.tokens, pk=pk)
