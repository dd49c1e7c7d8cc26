"""Changing and deleting many purchases at once, and putting them back as they were."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from budgets.ledger import hold_budgets
from people.models import User
from purchases.keeping.counting import settle, settle_gift
from purchases.keeping.holding import hold_occasions, is_fact
from purchases.keeping.names import Writer, named, tagged
from purchases.keeping.search import refresh_search
from purchases.models import Purchase, Retailer, Tag, UndoStep

#: How long a step is kept; whoever changed their mind has done so by then.
KEPT_FOR = timedelta(days=1)
#: What of it can be set as it is.
_PLAIN = ("status", "retailer_id", "shared")

#: What a bulk edit sets of one purchase, or found there: tags and retailer are keys.
type State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """What to set of many purchases; None, and no tags, leave things as they are."""

    add_tags: Sequence[str] = ()
    #: Keys of tags.
    remove_tags: Sequence[int] = ()
    status: Purchase.Status | None = None
    #: The name; "" takes the retailer away.
    retailer: str | None = None
    shared: bool | None = None


@dataclass(slots=True)
class Undone:
    """How many purchases are as they were, and which were left alone as something else changed."""

    restored: int = 0
    left: list[Purchase] = field(default_factory=list)
    #: So many are not there any more.
    gone: int = 0


class UndoneBefore(Exception):
    """The step was put back already."""


@transaction.atomic
def change_many(
    *, purchases: Iterable[Purchase], edit: Edit, by: User, now: datetime
) -> UndoStep | None:
    """Set what `edit` says of those purchases that are still there, and post what that changes.

    Returns what puts them back, None when all of them are like that already. Raises
    ValidationError for a name that is too long, and OverBudget when what counts again does not
    fit, unless an administrator changes it; nothing is stored then.
    """
    held = [purchase for purchase in _hold(purchases) if not purchase.is_trashed]
    targets: State = {}
    # As for one purchase: what is for a gift leaves every spelling alone.
    writer = None if any(one.is_surprise for one in held) else Writer(by, now)
    if edit.status is not None:
        targets["status"] = edit.status.value
    if edit.retailer is not None:
        retailer = named(Retailer, edit.retailer, writer=writer)
        targets["retailer_id"] = retailer.pk if retailer else None
    if edit.shared is not None:
        targets["shared"] = edit.shared
    added = {tag.pk for tag in tagged(edit.add_tags, writer=writer)}
    wanted = [
        (one, targets | {"tags": sorted(_tags_of(one) - {*edit.remove_tags} | added)})
        for one in held
    ]
    return _step(_apply(wanted, now=now, as_fact=is_fact(by)), by, now)


@transaction.atomic
def trash_many(*, purchases: Iterable[Purchase], by: User, now: datetime) -> UndoStep | None:
    """Delete purchases so that they can be brought back; their budget gets the money back."""
    wanted = [(purchase, {"deleted": True}) for purchase in _hold(purchases)]
    return _step(_apply(wanted, now=now, as_fact=True), by, now)


@transaction.atomic
def undo(*, step: UndoStep, by: User, now: datetime) -> Undone:
    """Put back what a step changed, where nothing was changed since.

    Raises UndoneBefore the second time, and OverBudget as `change_many` does.
    """
    stored = UndoStep.objects.select_for_update().get(pk=step.pk)
    if stored.undone_at is not None:
        raise UndoneBefore
    held = _hold(Purchase.objects.filter(pk__in=[int(key) for key in stored.before]))
    undone = Undone(gone=len(stored.before) - len(held))
    is_there = _is_there(stored.before.values())
    wanted = []
    for purchase in held:
        state = dict(stored.before[str(purchase.pk)])
        if purchase.version == state.pop("version") and is_there(state):
            wanted.append((purchase, state))
        else:
            undone.left.append(purchase)
    undone.restored = len(_apply(wanted, now=now, as_fact=is_fact(by)))
    stored.undone_at = now
    stored.save(update_fields=["undone_at"])
    return undone


def _hold(purchases: Iterable[Purchase]) -> list[Purchase]:
    """Keep these rows to this transaction; everybody takes them in one order."""
    keys = [purchase.pk for purchase in purchases]
    hold_occasions(keys)
    stored = Purchase.objects.select_related("owner", "gift__occasion").prefetch_related("tags")
    held = stored.select_for_update(of=("self",)).order_by("pk")
    return list(held.filter(pk__in=keys))


def _apply(
    wanted: Iterable[tuple[Purchase, State]], *, now: datetime, as_fact: bool
) -> dict[str, State]:
    """Bring each purchase to what is wanted of it, and gifts and ledger in step with all of them.

    Returns what those that changed were before, by their keys. Whatever is locked is locked for
    all of them before the next kind: occasions, purchases, gifts, budgets.
    """
    before: dict[str, State] = {}
    changed, counted, retagged = [], [], {}
    for purchase, target in wanted:
        earlier = _differing(_state(purchase), target)
        if not earlier:
            continue
        _set(purchase, target, now)
        before[str(purchase.pk)] = {"version": purchase.version, **earlier}
        changed.append(purchase)
        if "tags" in earlier:
            retagged[purchase.pk] = target["tags"]
        if {"status", "deleted"} & earlier.keys():
            counted.append(purchase)
    Purchase.objects.bulk_update(changed, [*_PLAIN, "deleted_at", "changed_at", "version"])
    _retag(retagged)
    refresh_search(changed)
    _settle(counted, now=now, as_fact=as_fact)
    return before


def _state(purchase: Purchase) -> State:
    plain = {name: getattr(purchase, name) for name in _PLAIN}
    return plain | {"tags": sorted(_tags_of(purchase)), "deleted": purchase.is_trashed}


def _differing(state: State, target: State) -> State:
    return {name: state[name] for name in target if state[name] != target[name]}


def _tags_of(purchase: Purchase) -> set[int]:
    return {tag.pk for tag in purchase.tags.all()}


def _set(purchase: Purchase, target: State, now: datetime) -> None:
    for name in _PLAIN:
        setattr(purchase, name, target.get(name, getattr(purchase, name)))
    if "deleted" in target:
        purchase.deleted_at = now if target["deleted"] else None
    purchase.changed_at = now
    purchase.version += 1


def _retag(wanted: Mapping[int, Iterable[int]]) -> None:
    """Give purchases exactly these tags; both are keys."""
    through = Purchase.tags.through
    through.objects.filter(purchase__in=wanted).delete()
    through.objects.bulk_create(
        through(purchase_id=key, tag_id=tag) for key, tags in wanted.items() for tag in tags
    )


def _settle(purchases: Sequence[Purchase], *, now: datetime, as_fact: bool) -> None:
    gifts = {purchase.gift for purchase in purchases if purchase.gift}
    for gift in sorted(gifts, key=lambda one: (one.occasion_id, one.pk)):
        settle_gift(gift)
    owners = {purchase.owner for purchase in purchases if purchase.owner}
    hold_budgets(owners, now=now)
    for purchase in purchases:
        settle(purchase, now=now, as_fact=as_fact)


def _step(before: dict[str, State], by: User, now: datetime) -> UndoStep | None:
    """Remember what puts a change back; what is too old to be wanted any more is forgotten."""
    if not before:
        return None
    UndoStep.objects.filter(user=by, made_at__lt=now - KEPT_FOR).delete()
    return UndoStep.objects.create(user=by, before=before, made_at=now)


def _is_there(states: Iterable[State]) -> Callable[[State], bool]:
    """Return what tells whether the retailer and the tags of a state still are in the database.

    The retailers are kept to this transaction.
    """
    kept = [state for state in states if state.keys() & {"retailer_id", "tags"}]
    shops = Retailer.objects.select_for_update(no_key=True).order_by("pk")
    retailers = shops.filter(
        pk__in=[state["retailer_id"] for state in kept if state.get("retailer_id")]
    )
    tags = Tag.objects.filter(pk__in={tag for state in kept for tag in state.get("tags", ())})
    known_retailers = {None, *retailers.values_list("pk", flat=True)}
    known_tags = set(tags.values_list("pk", flat=True))
    return lambda state: (
        state.get("retailer_id") in known_retailers and known_tags >= {*state.get("tags", ())}
    )
