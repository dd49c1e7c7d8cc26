"""Saving people with the days that follow them, and deleting them."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from occasions.models import Gift, Occasion, PersonOccasion
from occasions.planning.holding import hold
from occasions.planning.linking import take_off
from occasions.planning.yearly import DAYS, follow
from people.models import Person, User


@transaction.atomic
def save_person(*, person: Person, today: date, values: Mapping[str, Any] | None = None) -> Person:
    """Store a new or changed person; their birthday and anniversary follow.

    With `values` only what they name is set, and everything else stays as stored, whatever
    `person` was read with. A photo that is replaced or taken away is deleted. Raises
    ValidationError, and DoesNotExist when the person is gone.
    """
    stored = None
    if person.pk:
        stored = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    old_name, old_photo = (stored.name, stored.photo.name) if stored else ("", "")
    old_days = {field: getattr(stored, field, None) for field in DAYS.values()}
    if values is not None:
        person = stored or person
        for name, value in values.items():
            setattr(person, name, value)
    person.full_clean()
    person.save()
    if old_photo and old_photo != person.photo.name:
        transaction.on_commit(partial(default_storage.delete, old_photo))
    follow(person=person, old_name=old_name, old_days=old_days, today=today)
    return person


def claim_person(*, person: Person, user: User) -> bool:
    """Tell who `person` is: `user`. False when either belongs to somebody already."""
    try:
        with transaction.atomic():
            rows = Person.objects.filter(pk=person.pk, user__isnull=True)
            return bool(rows.update(user=user))
    except IntegrityError:
        return False


@transaction.atomic
def delete_person(*, person: Person) -> None:
    """Delete somebody with their cards and with the gifts for them alone.

    Gifts they share stay with the others, what they were to buy is bought by nobody. Their
    birthdays go, but one at which others receive or have gifts stays as an occasion like any other.
    """
    list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk))
    hold(*_occasions_of(person))
    take_off(Gift.objects.all(), person.pk)
    celebrations = Occasion.objects.filter(celebrates=person)
    others = PersonOccasion.objects.receiving().exclude(person=person)
    receiving = Exists(others.filter(occasion=OuterRef("pk")))
    given = Exists(Gift.objects.filter(occasion=OuterRef("pk")))
    celebrations.filter(receiving | given).update(celebrates=None, repeats_yearly=False)
    celebrations.delete()
    photo = person.photo.name
    person.delete()
    if photo:
        transaction.on_commit(partial(default_storage.delete, photo))


def _occasions_of(person: Person) -> set[int]:
    """Return the keys of the occasions at which somebody is listed, celebrated, gets or gives."""
    gifts = Gift.objects.filter(Q(purchaser=person) | Q(pk__in=person.gifts.values("pk")))
    return {
        *person.links.values_list("occasion", flat=True),
        *person.celebrations.values_list("pk", flat=True),
        *gifts.values_list("occasion", flat=True),
    }
