"""Saving gift budgets: one field at a time, or many with one of the helpers."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from budgets.fields import currency_places
from occasions.figures import shares
from occasions.models import Occasion, PersonOccasion, Role
from occasions.planning.amounts import check_amounts
from occasions.planning.holding import hold


class StaleBudget(Exception):
    """Somebody else saved this budget after it was read: `theirs` is what they saved."""

    def __init__(self, theirs: Decimal | None) -> None:
        super().__init__(theirs)
        self.theirs = theirs


def save_budget(
    *, card: PersonOccasion, role: Role, amount: Decimal | None, seen: Decimal | None
) -> bool:
    """Set one budget of a card, in currency units; None is no limit. Tells whether it changed.

    `seen` is the value that was read: when another is stored by now, nothing is written and
    StaleBudget is raised, unless that other is `amount` itself. Raises DoesNotExist when the card
    is gone, and ValidationError for what is no amount. A budget for gifts to somebody puts them
    among those who receive.
    """
    if amount == seen:
        return False
    check_amounts({role.field: amount}, role.field)
    return _compare_and_set(card, role, amount, seen)


def _compare_and_set(
    card: PersonOccasion, role: Role, amount: Decimal | None, seen: Decimal | None
) -> bool:
    unchanged = {role.field: seen} if seen is not None else {f"{role.field}__isnull": True}
    written: dict[str, Decimal | bool | None] = {role.field: amount}
    if role is Role.RECIPIENT and amount is not None:
        written["receives"] = True
    if PersonOccasion.objects.filter(pk=card.pk, **unchanged).update(**written):
        return True
    stored = PersonOccasion.objects.get(pk=card.pk).budget(role)
    if stored != amount:
        raise StaleBudget(stored)
    return False


@transaction.atomic
def copy_last_year(*, occasion: Occasion, budgets: Iterable[tuple[PersonOccasion, Role]]) -> int:
    """Fill the `budgets` that are empty, and the occasion's own, with those of the year before.

    What is set stays as it is. Returns how many were filled; 0 without a year before.
    """
    if occasion.previous is None:
        return 0
    hold(occasion.pk)
    filled = 0
    if occasion.budget_total is None and occasion.previous.budget_total is not None:
        rows = Occasion.objects.filter(pk=occasion.pk, budget_total__isnull=True)
        filled += rows.update(budget_total=occasion.previous.budget_total)
    before = {card.person_id: card for card in occasion.previous.links.all()}
    for card, role in budgets:
        last = before[card.person_id].budget(role) if card.person_id in before else None
        if card.budget(role) is None and last is not None:
            filled += _fill(card, role, last)
    return filled


def _fill(card: PersonOccasion, role: Role, amount: Decimal) -> bool:
    try:
        return _compare_and_set(card, role, amount, None)
    except StaleBudget:
        return False  # somebody filled it meanwhile: theirs stays


def split_equally(
    *, occasion: Occasion, cards: Iterable[PersonOccasion], keep: Iterable[int] = ()
) -> list[PersonOccasion]:
    """Give everybody of `cards` who receives an equal share of the occasion's total.

    The shares add up to the total (largest remainder). The keys in `keep` count as sharers but
    their budgets are left alone. Raises ValueError when the occasion has no total.
    """
    if occasion.budget_total is None:
        raise ValueError("an occasion without a budget has nothing to split")
    sharers = [card for card in cards if card.receives]
    parts = shares(occasion.budget_total, len(sharers), places=currency_places())
    kept = set(keep)
    amounts = {
        card.pk: part for card, part in zip(sharers, parts, strict=True) if card.pk not in kept
    }
    return _set_recipient_budgets(sharers, amounts)


def set_for_all(*, cards: Iterable[PersonOccasion], amount: Decimal) -> list[PersonOccasion]:
    """Set one budget for gifts to each of `cards` who receives. Returns the cards that changed.

    Raises ValidationError for what is no amount.
    """
    check_amounts({"amount": amount}, "amount")
    sharers = [card for card in cards if card.receives]
    return _set_recipient_budgets(sharers, dict.fromkeys((card.pk for card in sharers), amount))


@transaction.atomic
def _set_recipient_budgets(
    cards: list[PersonOccasion], amounts: dict[int, Decimal]
) -> list[PersonOccasion]:
    """Set budgets by the keys of their cards, whatever they were when `cards` were read."""
    hold(*{card.occasion_id for card in cards})
    changed = []
    for card in PersonOccasion.objects.select_for_update().filter(pk__in=amounts).order_by("pk"):
        if card.recipient_budget != amounts[card.pk]:
            card.recipient_budget = amounts[card.pk]
            card.receives = True
            changed.append(card)
    PersonOccasion.objects.bulk_update(changed, ["recipient_budget", "receives"])
    return changed
