"""Who may see and do what with occasions, cards and gifts.

Everybody in the household plans together; the one thing kept from a member is their own surprise.
What is kept is a 404, as if it were not there. What would bring the surprise to light by a detour
(moving the day into the past, leaving the list) is for somebody else to do.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from budgets.periods import local_day
from occasions.models import Gift, Occasion, PersonOccasion, Role, Viewer
from occasions.planning.yearly import DAYS
from people.models import Person, User


def viewer_of(user: User, *, now: datetime) -> Viewer:
    """Return `user` as somebody who looks at gifts now, with what is a surprise to them."""
    person = Person.objects.filter(user=user).first()
    today = local_day(now, user.zone)
    at_home = local_day(now, ZoneInfo(settings.TIME_ZONE))
    open_before = min(today, at_home)
    surprises: frozenset[int] = frozenset()
    if person is not None:
        coming = PersonOccasion.objects.receiving().filter(
            person=person, occasion__date__gte=open_before
        )
        surprises = frozenset(coming.values_list("occasion_id", flat=True))
    return Viewer(user, person, today, open_before, surprises)


def card_row(*, occasion_id: int, person_id: int) -> PersonOccasion:
    """Return one row of an occasion's list with its person and occasion; 404 when not on it."""
    cards = PersonOccasion.objects.select_related("person", "occasion__previous")
    return get_object_or_404(cards, occasion=occasion_id, person=person_id)


def may_see_budget(viewer: Viewer, card: PersonOccasion, role: Role) -> bool:
    """Tell whether `viewer` may read and write that budget of a card."""
    if not viewer.is_surprised_at(card.occasion_id):
        return True
    is_own = viewer.person is not None and viewer.person.pk == card.person_id
    return is_own if role is Role.PURCHASER else not is_own


def visible_gift(viewer: Viewer, gift_id: int) -> Gift:
    """Return a gift with its occasion and purchaser; 404 when it is kept from the viewer."""
    gifts = Gift.objects.visible_to(viewer).select_related("occasion", "purchaser")
    return get_object_or_404(gifts, pk=gift_id)


def may_see_total(viewer: Viewer, occasion: Occasion) -> bool:
    """Tell whether `viewer` may see the budget for everything at an occasion.

    Where nobody else receives, it is the budget for the presents of whoever does.
    """
    return not totals_kept(viewer, [occasion.pk])


def totals_kept(viewer: Viewer, occasions: Iterable[int]) -> set[int]:
    """Return which of `occasions`, by their keys, have a budget that `viewer` may not see."""
    surprises = set(viewer.surprises.intersection(occasions))
    if not surprises:
        return set()
    others = PersonOccasion.objects.receiving().exclude(person=viewer.person)
    shared = others.filter(occasion__in=surprises).values_list("occasion_id", flat=True)
    return surprises.difference(shared)


def may_rearrange(viewer: Viewer, occasion: Occasion) -> bool:
    """Tell whether `viewer` may move an occasion, delete it or leave its list.

    Where they receive, others decide that, unless nobody else is there to surprise them.
    """
    return not viewer.is_surprised_at(occasion.pk) or is_alone(viewer)


def withheld(viewer: Viewer, occasion: Occasion) -> dict[str, str]:
    """Say, for each field of an occasion that is not for `viewer` to change, why."""
    kept = {}
    if not may_rearrange(viewer, occasion):
        kept["date"] = "You receive gifts here, so somebody else moves the day."
    if not may_see_total(viewer, occasion):
        kept["budget_total"] = "The budget is for your gifts alone, so it is kept from you."
    return kept


def refuse_leaving(viewer: Viewer, row: PersonOccasion) -> None:
    """Hold whoever receives gifts on the list. Raises PermissionDenied."""
    is_own = viewer.person is not None and viewer.person.pk == row.person_id
    if is_own and not may_rearrange(viewer, row.occasion):
        raise PermissionDenied("You receive gifts here, so somebody else takes you off the list.")


def may_rearrange_person(viewer: Viewer, person: Person) -> bool:
    """Tell whether `viewer` may change whose days are kept: nobody changes their own alone."""
    return viewer.person is None or viewer.person.pk != person.pk or is_alone(viewer)


def kept_fields(viewer: Viewer, person: Person) -> set[str]:
    """Name the fields of a person that are not for `viewer` to change: presents hang on these.

    That is whose member they are and their days, once set, when `person` is the viewer, and any
    day whose occasion to come has gifts for the viewer. One that was taken away is kept too while
    its occasion is still to come: a new day would move it.
    """
    is_own = not may_rearrange_person(viewer, person)
    coming = Occasion.objects.filter(celebrates=person.pk, date__gte=viewer.open_before)
    kept = {
        DAYS[Occasion.Kind(occasion.kind)]
        for occasion in coming
        if is_own or not may_rearrange(viewer, occasion)
    }
    if is_own:
        kept |= {"user", *(name for name in DAYS.values() if getattr(person, name))}
    return kept


def is_alone(viewer: Viewer) -> bool:
    """Tell whether nobody else has an account, not even one that is switched off."""
    return not User.objects.exclude(pk=viewer.user.pk).exists()


def refuse_hidden(*, visible: bool) -> None:
    """Answer what must stay a surprise as if it were not there. Raises Http404."""
    if not visible:
        raise Http404
