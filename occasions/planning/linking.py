"""Putting people on an occasion's list, and taking them off it."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import QuerySet

from occasions.models import Gift, Occasion, PersonOccasion
from occasions.planning.holding import hold
from people.models import Person


def link(*, occasion: Occasion, person: Person, receives: bool | None = None) -> PersonOccasion:
    """Put `person` on the list, once. What is there already stays as it is.

    Unless told otherwise, everybody receives, but on somebody's own day only that person does.
    """
    if receives is None:
        receives = occasion.celebrates_id in {None, person.pk}
    card, _ = PersonOccasion.objects.get_or_create(
        occasion=occasion, person=person, defaults={"receives": receives}
    )
    return card


def listed(*, occasion: Occasion, people: Iterable[Person]) -> None:
    """Make sure that everybody of `people` is on the list and among those who receive."""
    for person in people:
        card = link(occasion=occasion, person=person, receives=True)
        if not card.receives:
            card.receives = True
            card.save(update_fields=["receives"])


@transaction.atomic
def set_people(*, occasion: Occasion, shown: Collection[int], chosen: Iterable[Person]) -> None:
    """Bring the list to `chosen`, touching nobody who stays.

    `shown` are the keys of those who stood on the list that was chosen from: only they are taken
    off, so that somebody added meanwhile is not lost.
    """
    hold(occasion.pk)
    people = {person.pk: person for person in chosen}
    for person in people.values():
        if person.pk not in shown:
            link(occasion=occasion, person=person)
    gone = [key for key in shown if key not in people]
    for card in occasion.links.filter(person__in=gone):
        unlink(card=card)


@transaction.atomic
def unlink(*, card: PersonOccasion) -> None:
    """Take somebody off the list with both budgets and the gifts for them alone.

    What they share with others stays with the others; what they were to buy is bought by nobody.
    """
    hold(card.occasion_id)
    gifts = Gift.objects.filter(occasion=card.occasion_id)
    gifts.filter(purchaser=card.person_id).update(purchaser=None)
    take_off(gifts, card.person_id)
    card.delete()


def take_off(gifts: QuerySet[Gift], person_id: int) -> None:
    """Take a person off the recipients of `gifts`, and delete what is then for nobody."""
    through = Gift.recipients.through.objects
    theirs = list(
        through.filter(person=person_id, gift__in=gifts).values_list("gift_id", flat=True)
    )
    through.filter(person=person_id, gift__in=theirs).delete()
    Gift.objects.filter(pk__in=theirs, recipients__isnull=True).delete()
