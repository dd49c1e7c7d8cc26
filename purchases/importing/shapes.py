"""What a format of files is: how it is known, what it asks a person, and how it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from budgets.usage.parsing import Row as UsageRow
from purchases.importing.choices import Choices
from purchases.importing.rows import Remark, Row
from purchases.importing.sources import Head, Shape, Source

#: How far into the file a record is, in percent, and what it says.
type Said = tuple[int, Row | UsageRow | Remark]


class Kind(StrEnum):
    """What the records of a format become."""

    PURCHASES = "purchases"
    USAGE = "usage"


def asks_nothing(_head: Head, _choices: Choices) -> tuple[str, ...]:
    """Ask no one anything: the file says everything itself."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of files.

    `hint` says in one sentence where a person gets such a file; `shapes` are what it may be made
    of, so that no other file is offered it.

    `recognises` is sure of itself: whatever it accepts is such a file. `asks` names the fields of
    `Choices` that a person has yet to fill in; with empty choices it names all that it needs.
    `read` goes through the file once, lazily, one record at a time. It raises BadFile for a file
    that is none of its own, and never anything for a record: that is a Remark.
    """

    key: str
    title: str
    hint: str
    kind: Kind
    recognises: Callable[[Head], bool]
    read: Callable[[Source, Choices], Iterator[Said]]
    asks: Callable[[Head, Choices], tuple[str, ...]] = asks_nothing
    shapes: tuple[Shape, ...] = (Shape.TABLE,)

    def fits(self, head: Head) -> bool:
        """Tell whether a file that begins so may be offered the format at all."""
        return head.shape in self.shapes
