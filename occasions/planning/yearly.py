"""What comes back every year: the next one, and birthdays that follow their person."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from django.db import IntegrityError, transaction

from occasions import calendars
from occasions.dates import in_year, next_anniversary
from occasions.models import Occasion, PersonOccasion
from occasions.planning.linking import link
from people.models import Person

#: The two days of a person that come back, and the field that holds each.
DAYS = {
    Occasion.Kind.BIRTHDAY: "birthday",
    Occasion.Kind.ANNIVERSARY: "anniversary",
}
#: Christmas kept on the 20th does not come again on the 25th: the next year is at least so far off.
APART = timedelta(days=90)


def roll(*, today: date) -> list[Occasion]:
    """Open the next year of everything yearly that has had its day. Returns what was opened.

    The next year has the same people on its list, but neither budgets nor gifts. Years that nobody
    looked at are passed over. Safe beside itself: each year is opened once, whoever comes first.
    """
    opened = []
    for last in Occasion.objects.to_roll(today).select_related("celebrates"):
        try:
            with transaction.atomic():
                opened.append(_open_next(last, today))
        except IntegrityError:
            continue  # somebody else has just opened it
    return opened


def _open_next(last: Occasion, today: date) -> Occasion:
    day = next_day(last, not_before=max(today, last.date + APART))
    coming = Occasion.objects.create(
        name=re.sub(rf"\b{last.date.year}\b", str(day.year), last.name),
        kind=last.kind,
        date=day,
        repeats_yearly=True,
        description=last.description,
        celebrates=last.celebrates,
        since=last.since,
        holiday=last.holiday,
        country=last.country,
        previous=last,
    )
    PersonOccasion.objects.bulk_create(
        PersonOccasion(occasion=coming, person_id=card.person_id, receives=card.receives)
        for card in last.links.all()
    )
    return coming


def next_day(occasion: Occasion, *, not_before: date) -> date:
    """Return the next day of something yearly: looked up for a holiday, else counted in years."""
    if occasion.holiday:
        for year in (not_before.year, not_before.year + 1):
            near = in_year(occasion.date, year)
            day = calendars.day_of(occasion.country, occasion.holiday, near=near)
            if day and day >= not_before:
                return day
    return next_anniversary(occasion.since or occasion.date, not_before=not_before)


def follow(
    *, person: Person, old_name: str, old_days: Mapping[str, date | None], today: date
) -> None:
    """Let the birthday and the anniversary of `person` stand on the days that the person has.

    Days that are as they were are left alone: their occasion may have been moved or deleted.
    A day that is new makes a yearly occasion; one that was changed moves the occasion still to
    come, with its budgets and gifts; one that was taken away leaves it, but it comes back no more.
    """
    for kind, field in DAYS.items():
        day: date | None = getattr(person, field)
        is_changed = day != old_days[field]
        latest = (
            Occasion.objects.select_for_update(no_key=True, of=("self",))
            .filter(celebrates=person, kind=kind, next__isnull=True)
            .order_by("date")
            .last()
        )
        if latest is None:
            if is_changed and day is not None:
                _begin(person, kind, day, today)
            continue
        if is_changed:
            _move(latest, day, today)
            latest.save(update_fields=["date", "since", "repeats_yearly"])
        if person.name != old_name and latest.name == _name(old_name, kind):
            latest.name = _name(person.name, kind)
            latest.save(update_fields=["name"])


def _move(latest: Occasion, day: date | None, today: date) -> None:
    latest.repeats_yearly = day is not None
    latest.since = day or latest.since
    if day is not None and not latest.is_past(today):
        # West of who opened this year it may still be the day of the year before.
        last = latest.previous
        earliest = today if last is None else max(today, last.date + timedelta(days=1))
        latest.date = next_anniversary(day, not_before=earliest)


def _begin(person: Person, kind: Occasion.Kind, day: date, today: date) -> None:
    occasion = Occasion.objects.create(
        name=_name(person.name, kind),
        kind=kind,
        date=next_anniversary(day, not_before=today),
        repeats_yearly=True,
        celebrates=person,
        since=day,
    )
    link(occasion=occasion, person=person)


def _name(person: str, kind: Occasion.Kind) -> str:
    return f"{person}’s {kind}"[:120]
