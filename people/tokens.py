"""Tokens coming into being, opening doors and ending."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction

from people.access import is_administrator
from people.models import ApiToken, Scope, User

#: How every token begins, so that people and secret scanners know one when they see it.
MARK = "ps_"
_SHOWN = len(MARK) + 8
#: How exactly it is known when a token was last used.
_USE = timedelta(minutes=1)
#: How long before its end a token is said to end soon.
SOON = timedelta(days=7)
#: How many live tokens a member may have: more than anybody keeps in mind.
MOST = 50


class NotForOthers(Exception):
    """Only an administrator may let a token spend on behalf of others."""


class TooMany(Exception):
    """The member has as many live tokens as anybody may have."""


class NameTaken(Exception):
    """The member has a live token of this name, which is `token`."""

    def __init__(self, token: ApiToken) -> None:
        super().__init__(token.name)
        self.token = token


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token and its secret, which is not kept: it can be shown this once."""

    token: ApiToken
    secret: str


def mint(
    *,
    user: User,
    name: str,
    scopes: Collection[Scope],
    now: datetime,
    expires_at: datetime | None = None,
    for_others: bool = False,
) -> Minted:
    """Make a token of `user` with 256 random bits. Raises NotForOthers, NameTaken and TooMany."""
    secret = MARK + token_urlsafe(32)
    with transaction.atomic():
        # Locked, so that two at once take neither the same name nor both the last place.
        owner = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if for_others and not is_administrator(owner):
            raise NotForOthers
        live = owner.tokens.live(now)
        if same := live.filter(name=name).first():
            raise NameTaken(same)
        if live.count() >= MOST:
            raise TooMany
        token = owner.tokens.create(
            name=name,
            prefix=secret[:_SHOWN],
            digest=digest_of(secret),
            for_others=for_others,
            created_at=now,
            expires_at=expires_at,
            **{f"may_{scope}": scope in scopes for scope in Scope},
        )
    return Minted(token, secret)


def find(secret: str, *, now: datetime) -> ApiToken | None:
    """Return the live token with this secret, its user loaded; None for any other.

    Wrong, expired and revoked ones take the same way: one hash, and one query by it.
    """
    try:
        # Of `first()`, which orders what can be one row alone, most of the time would be lost.
        token = ApiToken.objects.select_related("user").get(digest=digest_of(secret))
    except ApiToken.DoesNotExist:
        return None
    return token if token.is_live(now) and token.user.is_active else None


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Remember when the token was last used, to the minute: most requests write nothing."""
    if token.last_used_at is None or now - token.last_used_at >= _USE:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def revoke(token: ApiToken, *, now: datetime) -> None:
    """End the token; one that was revoked before stays as it is."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret. With 256 random bits in it a plain hash is enough."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()
