"""Adding, changing and deleting occasions."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from occasions.calendars import Holiday
from occasions.models import Occasion
from occasions.planning.amounts import check_amounts
from occasions.planning.holding import hold
from occasions.planning.linking import link
from people.models import Person


@transaction.atomic
def change_occasion(
    *, occasion: Occasion, values: Mapping[str, Any], people: Iterable[Person] = ()
) -> Occasion:
    """Store a new occasion, or what changed of one; `people` are put on its list.

    Only what `values` name is written; cards, budgets and gifts stay, whatever its name and day
    become. Raises ValidationError, and DoesNotExist when the occasion is gone.
    """
    is_new = occasion.pk is None
    old_day = None
    if not is_new:
        old_day = Occasion.objects.select_for_update(no_key=True).get(pk=occasion.pk).date
    for name, value in values.items():
        setattr(occasion, name, value)
    follows = occasion.celebrates_id is not None or occasion.holiday
    if not follows and (occasion.date != old_day or occasion.since is None):
        occasion.since = occasion.date
    occasion.full_clean(exclude=["previous"])
    check_amounts({name: getattr(occasion, name) for name in values}, "budget_total")
    occasion.save(update_fields=None if is_new else {*values, "since"})
    for person in people:
        link(occasion=occasion, person=person)
    return occasion


def known_holidays(*, country: str, since: date) -> set[str]:
    """Return the names of the holidays of a country that are on the calendar.

    That is what comes back every year, and what is still to come once, counted from `since`.
    """
    latest = Occasion.objects.filter(country=country, next__isnull=True).exclude(holiday="")
    coming = latest.filter(Q(repeats_yearly=True) | Q(date__gte=since))
    return set(coming.values_list("holiday", flat=True))


@transaction.atomic
def add_holidays(*, country: str, holidays: Collection[Holiday]) -> list[Occasion]:
    """Put holidays of a country on the calendar, each to come back yearly on its own day.

    Those that are there already are left alone. Returns what was added.
    """
    if not holidays:
        return []
    known = known_holidays(country=country, since=min(holiday.date for holiday in holidays))
    added = []
    for holiday in holidays:
        if holiday.name not in known:
            occasion, is_new = _holiday(country, holiday)
            added += [occasion] if is_new else []
    return added


def _holiday(country: str, holiday: Holiday) -> tuple[Occasion, bool]:
    """Put a holiday on the calendar, unless somebody else has just done so."""
    return Occasion.objects.get_or_create(
        country=country,
        holiday=holiday.name,
        date=holiday.date,
        defaults={
            "name": holiday.name,
            "kind": Occasion.Kind.HOLIDAY,
            "repeats_yearly": True,
            "since": holiday.date,
        },
    )


@transaction.atomic
def delete_occasion(*, occasion: Occasion) -> None:
    """Delete one year of an occasion with its cards and gifts; earlier and later years stay.

    The latest year takes the coming back with it: otherwise the year before would open it again.
    Of any other year, the one before is joined to the one after for the same reason.
    """
    before = occasion.previous_id
    hold(occasion.pk)
    later = Occasion.objects.filter(previous=occasion).first()
    occasion.delete()
    if later is not None:
        Occasion.objects.filter(pk=later.pk).update(previous=before)
    elif before is not None:
        Occasion.objects.filter(pk=before).update(repeats_yearly=False)
