"""Saving people with the days that follow them, and deleting them."""

from datetime import date
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef

from occasions.models import Gift, Occasion, PersonOccasion
from occasions.planning.linking import take_off
from occasions.planning.yearly import follow
from people.models import Person


@transaction.atomic
def save_person(*, person: Person, today: date) -> Person:
    """Store a new or changed person; their birthday and anniversary follow."""
    stored = Person.objects.select_for_update().filter(pk=person.pk).first()
    person.full_clean()
    person.save()
    follow(person=person, old_name=stored.name if stored else person.name, today=today)
    return person


@transaction.atomic
def delete_person(*, person: Person) -> None:
    """Delete somebody with their cards and with the gifts for them alone.

    Gifts they share stay with the others, what they were to buy is bought by nobody. Their
    birthdays go, but one at which others receive gifts stays as an occasion like any other.
    """
    take_off(Gift.objects.all(), person.pk)
    celebrations = Occasion.objects.filter(celebrates=person)
    others = PersonOccasion.objects.receiving().exclude(person=person)
    celebrations.filter(Exists(others.filter(occasion=OuterRef("pk")))).update(
        celebrates=None, repeats_yearly=False
    )
    celebrations.delete()
    photo = person.photo.name
    person.delete()
    if photo:
        transaction.on_commit(partial(default_storage.delete, photo))
