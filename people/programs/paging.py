"""Lists in pages, always with their total."""

from collections.abc import Callable
from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import Path, Query, Schema
from pydantic import Field

#: How many of a list are told at once, unless the program asks for another number.
PAGE, LARGEST = 20, 100
#: Beyond it nobody has rows, and databases have no numbers.
FURTHEST = 1_000_000_000
#: The largest key that databases have.
_LAST_KEY = 2**63 - 1

#: The key of a row, as it stands in a path.
Key = Annotated[int, Path(ge=1, le=_LAST_KEY)]
#: The same in a query.
KeyAsked = Annotated[int, Field(ge=1, le=_LAST_KEY)]
#: The same in a body, where neither `true` nor "1" is a number.
RowKey = Annotated[int, Field(strict=True, ge=1, le=_LAST_KEY)]


class Paging(Schema):
    """Which part of a list is asked for."""

    skip: int = Field(0, ge=0, le=FURTHEST, description="How many to leave out first.")
    limit: int = Field(PAGE, ge=1, le=LARGEST, description="How many at most.")

    def cut[Row](
        self,
        rows: QuerySet[Any, Row] | list[Row],
        tell: Callable[[Row], Any],
        *,
        total: int | None = None,
    ) -> dict[str, Any]:
        """Return this part of `rows`, each as `tell` has it, in the shape of a `Page`.

        `total` is how many there are, where that is known already.
        """
        if total is None:
            total = len(rows) if isinstance(rows, list) else rows.count()
        part = rows[self.skip : self.skip + self.limit] if self.skip < total else []
        return {
            "items": [tell(row) for row in part],
            "total": total,
            "skip": self.skip,
            "limit": self.limit,
        }


# No `type` statement: the framework would not look into it.
Asked = Annotated[Paging, Query()]


class Page[Item](Schema):
    """A part of a list."""

    items: list[Item]
    total: int = Field(description="How many there are in all.")
    skip: int
    limit: int
