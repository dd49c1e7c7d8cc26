"""What somebody was given, year by year, as one viewer may see it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from django.db.models import FETCH_RAISE, Prefetch

from budgets.fields import currency_places
from budgets.money import ZERO
from occasions.figures import shares
from occasions.models import Gift, Viewer
from people.models import Person


@dataclass(frozen=True, slots=True)
class Given:
    """A gift, with the share of its cost that counts for one of its recipients."""

    gift: Gift
    share: Decimal
    #: Who gets it too.
    others: list[Person]


@dataclass(frozen=True, slots=True)
class Year:
    """What was bought for the occasions of one year."""

    year: int
    gifts: list[Given]
    total: Decimal


@dataclass(frozen=True, slots=True)
class History:
    """What was bought for somebody, latest year first, and what nobody has bought."""

    years: list[Year] = field(default_factory=list)
    open: list[Given] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """The sum over all years."""
        return sum((year.total for year in self.years), ZERO)

    @property
    def count(self) -> int:
        """How many gifts were bought."""
        return sum(len(year.gifts) for year in self.years)


def of_person(person: Person, viewer: Viewer) -> History:
    """Return the gifts for `person` that the viewer may see, in two queries.

    A viewer's own page holds days that have passed alone: `visible_to` leaves out all others.
    """
    gifts = (
        Gift.objects.filter(recipients=person)
        .visible_to(viewer)
        .select_related("occasion", "purchaser")
        .prefetch_related(Prefetch("recipients", Person.objects.order_by("pk")))
        .order_by("-occasion__date", "-occasion__pk", "title", "pk")
        .fetch_mode(FETCH_RAISE)
    )
    given = [_given(gift, person) for gift in gifts]
    return History(
        years=_by_year(one for one in given if one.gift.is_bought),
        open=[one for one in given if not one.gift.is_bought],
    )


def _given(gift: Gift, person: Person) -> Given:
    people = list(gift.recipients.all())
    parts = shares(gift.cost, len(people), places=currency_places())
    others = [other for other in people if other != person]
    return Given(gift, parts[people.index(person)], others)


def _by_year(given: Iterable[Given]) -> list[Year]:
    years = groupby(given, key=lambda one: one.gift.occasion.date.year)
    return [
        Year(year, gifts, sum((one.share for one in gifts), ZERO))
        for year, gifts in ((year, list(group)) for year, group in years)
    ]
