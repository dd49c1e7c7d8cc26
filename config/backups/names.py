"""What the name of a backup says: when it was made, and why."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

#: A storage that has the name already adds something of its own to it.
_NAME = re.compile(
    r"pursestrings-(?P<moment>\d{8}T\d{6}Z)-(?P<kind>[a-z]+(?:-[a-z]+)*)(?:_\w+)?\.zip", re.ASCII
)


class Kind(StrEnum):
    MANUAL = "manual"
    SCHEDULED = "scheduled"
    RESTORE_POINT = "restore-point"


class Name(NamedTuple):
    made_at: datetime
    kind: Kind


def name_for(made_at: datetime, kind: Kind) -> str:
    return f"pursestrings-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{kind}.zip"


def understood(name: str) -> Name | None:
    """Return what a name says; None when it is no backup's."""
    found = _NAME.fullmatch(name)
    if found is None or found["kind"] not in set(Kind):
        return None
    try:
        made_at = datetime.strptime(found["moment"], "%Y%m%dT%H%M%S%z")
    except ValueError:
        return None
    return Name(made_at, Kind(found["kind"]))
