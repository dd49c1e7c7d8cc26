"""What a backup says of itself: the last member that is written, the first that is read."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from config.backups.refusals import BadBackup
from config.portable.packing import Member

NAME = "manifest.json"
FORMAT, VERSION = "pursestrings-backup", 1
#: A larger one would name more files than fit into an archive.
LARGEST = 64 * 1024 * 1024
_DIGITS = set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Manifest:
    """When and of what a backup was made, and every member with its size and SHA-256."""

    made_at: datetime
    kind: str
    base_currency: str
    database: str
    #: Every migration that the database had, as "app.name".
    migrations: tuple[str, ...]
    #: How many rows each table has, by the table's name.
    counts: dict[str, int]
    #: The files that were lost already when the backup was made, as their members would be called.
    missing: tuple[str, ...] = ()
    #: How many counters of the ledger disagreed with their rows when the backup was made.
    drifts: int = 0
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    @property
    def files(self) -> int:
        """How many files there are beside the tables."""
        return len(self.members) - len(self.counts)

    def written(self) -> str:
        made_at = self.made_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        said = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": made_at,
            "kind": self.kind,
            "base_currency": self.base_currency,
            "database": self.database,
            "migrations": self.migrations,
            "counts": self.counts,
            "missing": self.missing,
            "drifts": self.drifts,
            "members": {name: one._asdict() for name, one in self.members.items()},
        }
        return json.dumps(said, ensure_ascii=False, indent=1)

    @classmethod
    def read(cls, text: bytes | str) -> Self:
        """Return what a manifest says. Raises BadBackup."""
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise BadBackup(f"{NAME} is damaged: it cannot be read.") from None
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise BadBackup("This is no backup: it says that it is of another format.")
        _judge_version(said.get("version"))
        try:
            return cls._of(said)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise BadBackup(f"{NAME} is damaged: something is missing from it.") from None

    @classmethod
    def _of(cls, said: dict[str, Any]) -> Self:
        made_at = datetime.fromisoformat(said["made_at"])
        return cls(
            made_at=made_at.astimezone(UTC),
            kind=_text(said["kind"]),
            base_currency=_text(said["base_currency"]),
            database=_text(said["database"]),
            migrations=tuple(_text(one) for one in said["migrations"]),
            counts={_text(name): _count(count) for name, count in said["counts"].items()},
            missing=tuple(_text(name) for name in said["missing"]),
            drifts=_count(said.get("drifts", 0)),
            members={
                _text(name): Member(_count(one["size"]), _digest(one["sha256"]))
                for name, one in said["members"].items()
            },
        )


def _judge_version(version: Any) -> None:
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise BadBackup(f"{NAME} is damaged: it names no version of the format.")
    if version > VERSION:
        raise BadBackup(
            f"This backup has version {version} of the format, and this installation understands"
            f" version {VERSION}. Restore it with a newer Pursestrings."
        )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(value)
    return value


def _digest(value: Any) -> str:
    if len(_text(value)) != 64 or not set(value) <= _DIGITS:
        raise ValueError(value)
    return value
