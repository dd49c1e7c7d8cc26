"""Adding, changing and deleting occasions."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from occasions.calendars import Holiday
from occasions.models import Occasion
from occasions.planning.linking import link
from people.models import Person


@transaction.atomic
def change_occasion(
    *, occasion: Occasion, values: Mapping[str, Any], people: Iterable[Person] = ()
) -> Occasion:
    """Store a new occasion, or what changed of one; `people` are put on its list.

    Cards, budgets and gifts stay, whatever its name and day become. Raises ValidationError.
    """
    for name, value in values.items():
        setattr(occasion, name, value)
    follows = occasion.celebrates_id is not None or occasion.holiday
    if not follows and ("date" in values or occasion.since is None):
        occasion.since = occasion.date
    occasion.full_clean(exclude=["previous", "celebrates"])
    occasion.save()
    for person in people:
        link(occasion=occasion, person=person)
    return occasion


@transaction.atomic
def add_holidays(*, country: str, holidays: Iterable[Holiday]) -> list[Occasion]:
    """Put holidays of a country on the calendar, each to come back yearly on its own day.

    Those that are there already are left alone. Returns what was added.
    """
    known = set(
        Occasion.objects.filter(country=country, next__isnull=True).values_list(
            "holiday", flat=True
        )
    )
    return [
        Occasion.objects.create(
            name=holiday.name[:120],
            kind=Occasion.Kind.HOLIDAY,
            date=holiday.date,
            repeats_yearly=True,
            since=holiday.date,
            holiday=holiday.name[:120],
            country=country,
        )
        for holiday in holidays
        if holiday.name[:120] not in known
    ]


@transaction.atomic
def delete_occasion(*, occasion: Occasion) -> None:
    """Delete one year of an occasion with its cards and gifts; earlier years stay.

    The latest year takes the coming back with it: otherwise the year before would open it again.
    """
    if occasion.previous_id and not Occasion.objects.filter(previous=occasion).exists():
        Occasion.objects.filter(pk=occasion.previous_id).update(repeats_yearly=False)
    occasion.delete()
