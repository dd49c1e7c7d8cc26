"""Occasions at a glance: what is bought and planned, and who still needs a gift."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from occasions.figures import Figures, Spending
from occasions.models import Gift, Occasion, PersonOccasion, Viewer
from people.models import Person


@dataclass(frozen=True, slots=True)
class Summary:
    """One occasion as a viewer may see it."""

    occasion: Occasion
    #: Over the gifts that are not for the viewer; without the budget where they receive.
    figures: Figures
    #: Whether the viewer receives here and the day has not passed.
    is_surprise: bool
    #: Who receives, but has nothing yet but ideas.
    needing: list[Person]


def summarise(occasions: Sequence[Occasion], viewer: Viewer) -> list[Summary]:
    """Return a summary of each occasion, in two queries."""
    keys = [occasion.pk for occasion in occasions]
    gifts = Gift.objects.filter(occasion__in=keys).visible_to(viewer)
    spending = gifts.spending_by("occasion")
    needing = _needing(keys, viewer)
    summaries = []
    for occasion in occasions:
        is_surprise = viewer.is_surprised_at(occasion.pk)
        budget = None if is_surprise else occasion.budget_total
        figures = Figures(spending.get(occasion.pk, Spending()), budget)
        summaries.append(Summary(occasion, figures, is_surprise, needing[occasion.pk]))
    return summaries


def _needing(keys: list[int], viewer: Viewer) -> dict[int, list[Person]]:
    chosen = Gift.objects.visible_to(viewer).chosen()
    theirs = chosen.filter(occasion=OuterRef("occasion"), recipients=OuterRef("person"))
    rows = (
        PersonOccasion.objects.receiving()
        .filter(~Exists(theirs), occasion__in=keys)
        .exclude(Q(occasion__in=viewer.surprises) & Q(person=viewer.person))
        .select_related("person")
        .order_by("person__name", "pk")
    )
    people: dict[int, list[Person]] = defaultdict(list)
    for row in rows:
        people[row.occasion_id].append(row.person)
    return people
