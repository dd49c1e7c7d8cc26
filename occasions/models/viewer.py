"""Who looks, and what must stay a surprise to them."""

from dataclasses import dataclass, field
from datetime import date

from people.models import Person, User


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member who looks at gifts on one day.

    `today` is the day where they are. Occasions before `open_before` are no secret any more: their
    day has passed both there and where the household lives, so that nobody sees a present earlier
    by moving to another time zone. `surprises` are the keys of the occasions still to come at which
    they receive gifts; they follow from the lists of people alone, never from gifts or budgets.
    """

    user: User
    person: Person | None
    today: date
    open_before: date
    surprises: frozenset[int] = field(default_factory=frozenset)

    def is_surprised_at(self, occasion_id: int) -> bool:
        return occasion_id in self.surprises
