"""What the Data page tells of backups, imports and what can be taken along."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timesince import timesince

from budgets import formats
from config.backups import Backup, described, listed
from people.models import User
from purchases.models import ImportBatch

#: From when on a backup is too old to rely on.
WEEK = timedelta(days=7)
#: How many of the latest imports are shown.
LATEST = 3
#: Where a session remembers which backups were checked.
_CHECKED = "checked_backups"

KINDS: dict[str, str] = {
    "manual": "made by hand",
    "scheduled": "made by the schedule",
    "restore-point": "restore point",
}
#: Of what it is told how much a backup holds. Gifts, purchases, papers and shops are left out: one
#: more of them than the owner can see would be a present for them.
TOLD = {
    "people.User": ("member", "members"),
    "people.Person": ("person", "people"),
    "occasions.Occasion": ("occasion", "occasions"),
    "budgets.Entry": ("budget entry", "budget entries"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One backup as the page tells of it."""

    backup: Backup
    now: datetime
    #: When it was read through and found whole, by whoever looks.
    checked_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.backup.name

    @property
    def title(self) -> str:
        return formats.moment(self.backup.made_at, timezone.get_current_timezone())

    @property
    def moment(self) -> str:
        """When it was made where the owner is, as it is typed to confirm: "2026-11-30 17:50"."""
        return f"{timezone.localtime(self.backup.made_at):%Y-%m-%d %H:%M}"

    @property
    def age(self) -> str:
        return _ago(self.backup.made_at, self.now)

    @property
    def checked(self) -> str:
        """How long ago it was found whole; "" when nobody looked."""
        return _ago(self.checked_at, self.now) if self.checked_at else ""

    @property
    def kind(self) -> str:
        return KINDS.get(self.backup.kind, self.backup.kind)

    @property
    def holds(self) -> str:
        """What is in it: "7 members, 12 people, 9 occasions, 1,204 budget entries"."""
        counts = ((self.backup.counts.get(table), words) for table, words in TOLD.items())
        return ", ".join(
            f"{formats.number(count)} {words[count != 1]}"
            for count, words in counts
            if count is not None
        )


def _ago(moment: datetime, now: datetime) -> str:
    if now - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, now, depth=1)} ago"


def kept(now: datetime, checked: Mapping[str, datetime] | None = None) -> list[Kept]:
    """Return the backups, the newest first, with when they were `checked`."""
    return [Kept(backup, now, (checked or {}).get(backup.name)) for backup in listed()]


def is_overdue(found: list[Kept], now: datetime) -> bool:
    """Tell whether no backup of the last week can be read."""
    return not any(one.backup.is_readable and now - one.backup.made_at < WEEK for one in found)


def latest_imports(user: User) -> QuerySet[ImportBatch]:
    """Return the last imports into the records of `user`."""
    return ImportBatch.objects.filter(owner=user)[:LATEST]


def checked_at(session: SessionBase) -> dict[str, datetime]:
    """Return when which backup was found whole since whoever looks signed in."""
    return {name: datetime.fromisoformat(at) for name, at in session.get(_CHECKED, {}).items()}


def note_check(session: SessionBase, name: str, now: datetime) -> None:
    """Remember that a backup was found whole."""
    noted = session.get(_CHECKED, {}).items()
    there = {one: at for one, at in noted if described(one) is not None}
    session[_CHECKED] = there | {name: now.isoformat()}
