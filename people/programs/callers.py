"""Who asks: a program with a token, or a member who is signed in."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django_ratelimit.core import get_usage
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from people import tokens
from people.access import MemberRequest, is_administrator
from people.models import ApiToken, Scope, User
from people.programs.problems import Refused, problem

_log = logging.getLogger(__name__)
_MINUTE = 60
#: The longest label, as the ledger has room for it.
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks: a user, and the token that they ask with, if it is a program."""

    user: User
    token: ApiToken | None = None

    @property
    def may_spend_for_others(self) -> bool:
        """Whether this is a gateway: its token says so, and its owner is an administrator still."""
        return (
            self.token is not None and self.token.for_others and is_administrator(self.token.user)
        )

    @property
    def label(self) -> str:
        """What the ledger keeps of who recorded something: nothing for the member's own session."""
        return str(self.token)[:_LONGEST] if self.token else ""


class ProgramRequest(MemberRequest):
    """A request behind `may`: somebody asks who may."""

    auth: Caller


class Token(HttpBearer):
    """`Authorization: Bearer ps_…`, from the account page; without a scope any token will do."""

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller | None:
        sent = request.headers.get("Authorization")
        if sent is None:
            return None
        scheme, _, secret = sent.partition(" ")
        # Of another scheme nothing is read, but the answer takes as long.
        return self.authenticate(request, secret.strip() if scheme.lower() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        now = timezone.now()
        found = tokens.find(token, now=now)
        if found is None:
            # Whoever sends a token means it: a wrong one is not made good by a session.
            raise unauthorised()
        structlog.contextvars.bind_contextvars(token=found.prefix)
        request.user = found.user
        _limit_rate(request, found)
        tokens.note_use(found, now=now)
        if self.scope and not found.has(self.scope):
            title = "The token may not do this"
            detail = f"This takes the scope “{self.scope}”."
            raise Refused(problem(403, "missing-scope", title, detail))
        # Put back by TimeZoneMiddleware.
        timezone.activate(found.user.zone)
        return Caller(found.user, found)


class Session(SessionAuth):
    """A member who is signed in, as in the browser; what writes takes a CSRF token."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            title = "The CSRF token is missing or wrong"
            raise Refused(problem(403, "csrf", title, "Send it as the header X-CSRFToken."))
        return Caller(request.user)


@cache
def may(scope: Scope) -> list[Callable[[HttpRequest], Any]]:
    """Let in whoever may do what `scope` says: `auth=may(Scope.READ)`."""
    return [Token(scope), Session()]


def unauthorised() -> Refused:
    detail = "Send “Authorization: Bearer …” with a live token, or sign in."
    return Refused(
        problem(401, "unauthorised", "Who is asking?", detail),
        {"WWW-Authenticate": 'Bearer realm="Pursestrings"'},
    )


def _limit_rate(request: HttpRequest, token: ApiToken) -> None:
    """Raise Refused when the token has asked too often this minute.

    It shares out the server and guards no money: when nobody counts, everybody is let in.
    """
    rate = settings.API_GATEWAY_RATE if token.for_others else settings.API_RATE
    try:
        usage = get_usage(
            request,
            group="api",
            key=lambda group, request: str(token.pk),
            rate=(rate, _MINUTE),
            increment=True,
        )
    except Exception as failure:  # noqa: BLE001  (each kind of cache fails in its own way)
        _log.warning("requests are not counted: %s", type(failure).__name__)
        return
    if usage and usage["should_limit"]:
        # The second in which the minute ends is part of it.
        wait = max(usage["time_left"], 0) + 1
        detail = f"At most {rate:,} requests a minute. Ask again in {wait} s."
        raise Refused(
            problem(429, "too-many-requests", "Too many requests", detail),
            {"Retry-After": str(wait)},
        )
