"""Whose data an export holds: everything, or what is one member's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from config.exporting.sights import Sight
from config.portable.tables import Row, Table, tables
from occasions.models import Viewer

#: The tables of an export, in the order of the file: what is pointed at comes first.
ORDER = (
    "people.User",
    "people.Person",
    "occasions.Occasion",
    "occasions.PersonOccasion",
    "occasions.Gift",
    "occasions.Gift_recipients",
    "budgets.Budget",
    "budgets.Cycle",
    "budgets.Entry",
    "budgets.DailyTotal",
    "budgets.Hold",
    "budgets.Reset",
    "budgets.Change",
    "purchases.Retailer",
    "purchases.Brand",
    "purchases.Tag",
    "purchases.Blob",
    "purchases.Purchase",
    "purchases.Purchase_tags",
    "purchases.Warranty",
    "purchases.Attachment",
    "purchases.PurchaseEntry",
    "purchases.Preferences",
    "purchases.ImportPreset",
)
#: What means nothing elsewhere, or must not leave: rights given one by one and the console's log,
#: which speak of rows of this database, secret addresses, tokens and what programs were told with
#: them, and work that is half done.
LEFT_OUT = frozenset(
    {
        "admin.LogEntry",
        "auth.Group",
        "auth.Group_permissions",
        "auth.Permission",
        "contenttypes.ContentType",
        "people.Answer",
        "people.ApiToken",
        "people.User_groups",
        "people.User_user_permissions",
        "purchases.CalendarFeed",
        "purchases.ImportBatch",
        "purchases.ImportRow",
        "purchases.UndoStep",
    }
)


class Scope(Protocol):
    """What an export is of."""

    name: ClassVar[str]

    def open(self, using: str) -> "Reader":
        """Return what reads the rows from the database `using`."""
        ...


class Reader(Protocol):
    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows of a table that belong to the export, by their keys."""
        ...


@dataclass(frozen=True, slots=True)
class Everything:
    """The whole installation: for those who run it."""

    name: ClassVar[str] = "everything"

    def open(self, using: str) -> Reader:
        return _All(using)


@dataclass(frozen=True, slots=True)
class Member:
    """What is a member's own, and what the household plans, without surprises."""

    name: ClassVar[str] = "member"
    viewer: Viewer

    def open(self, using: str) -> Reader:
        return Sight(self.viewer, using)


@dataclass(frozen=True, slots=True)
class _All:
    using: str

    def rows(self, table: Table) -> Iterator[Row]:
        for row in table.rows(using=self.using):
            if table.name == "people.User":
                row["password"] = ""
            yield row


def exported() -> list[Table]:
    """Return the tables of an export, in the order of the file."""
    known = {table.name: table for table in tables()}
    return [known[name] for name in ORDER]
