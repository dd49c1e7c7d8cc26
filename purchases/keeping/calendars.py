"""Secret addresses of calendars: made, replaced, taken back.

Whoever knows the address reads the calendar, so only a hash of its key is stored, and nobody can
be shown the address again.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from people.models import User
from purchases.models import CalendarFeed

#: How closely the last use is noted: programs ask every few minutes.
NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def make_feed(*, user: User, now: datetime) -> str:
    """Give a member's calendar a new key and return it; the one before opens nothing any more."""
    key = secrets.token_urlsafe(32)
    values = {"key_hash": _hash(key), "made_at": now, "used_at": None}
    CalendarFeed.objects.update_or_create(user=user, defaults=values)
    return key


def revoke_feed(*, user: User) -> None:
    """Take the address of a member's calendar back; without one nothing happens."""
    CalendarFeed.objects.filter(user=user).delete()


def open_feed(*, key: str, now: datetime) -> CalendarFeed | None:
    """Return the calendar of a key, and note that it was used; None for a key that opens none.

    Whoever may not sign in any more has no calendar either.
    """
    feeds = CalendarFeed.objects.filter(key_hash=_hash(key), user__is_active=True)
    noted_before = Q(used_at__isnull=True) | Q(used_at__lte=now - NOTED_EVERY)
    feed = feeds.select_related("user").first()
    if feed is not None:
        CalendarFeed.objects.filter(noted_before, pk=feed.pk).update(used_at=now)
    return feed


def _hash(key: str) -> str:
    # The key is as long as chance can make it: there is nothing to guess, and no need to be slow.
    return hashlib.sha256(key.encode()).hexdigest()
