"""Windows ending and beginning: the lazy roll, the reset by hand, and a member who moves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from budgets.ledger import statements
from budgets.ledger.expiring import expire_holds
from budgets.ledger.opening import new_cycle
from budgets.models import Budget, Cycle, Entry, Hold, Reset
from budgets.money import ZERO
from budgets.periods import Window, local_day, midnight_from, window_at, windows_from
from people.models import User

_BATCH = 500


def roll(budget: Budget, *, now: datetime) -> Cycle:
    """Return the budget's open cycle, current at `now`.

    Opens it when the last one has ended, accounting for every window nobody looked at, puts a
    special limit that ran out back, and frees the money of expired holds. Safe beside itself.
    """
    cycle = statements.current(budget.pk, now)
    if cycle.is_due(now):
        _advance([budget.pk], now)
        cycle = statements.current(budget.pk, now)
    if vars(cycle)["has_expired"] and expire_holds(now=now, budgets=[budget.pk]):
        cycle = statements.current(budget.pk, now)
    return cycle


def roll_due(*, now: datetime) -> int:
    """Roll every budget whose window has ended. Returns how many windows were closed.

    Asks a fixed number of queries per 500 due budgets, and one when none is due.
    """
    due = list(Cycle.objects.due(now).order_by("budget_id").values_list("budget_id", flat=True))
    batches = (due[start : start + _BATCH] for start in range(0, len(due), _BATCH))
    return sum(_advance(batch, now) for batch in batches)


def bring_up_to_date(*, now: datetime) -> None:
    """Roll every budget whose window ended and free every hold that expired."""
    roll_due(now=now)
    expire_holds(now=now)


def reset(*, budget: Budget, actor: User | None, reason: str = "", now: datetime) -> Reset:
    """Close the open window now and begin a new one. Entries stay where they are.

    Two at once: the second finds the window that the first began, so no money is told twice.
    """
    with transaction.atomic():
        locked = lock_current(budget, now)
        return start_over(locked, actor=actor, reason=reason, now=now)


def follow_time_zone(user: User, *, now: datetime) -> None:
    """Move the end of the open window to the user's midnight, after they changed time zone.

    A window in which nothing was spent ends as if they had always lived there. Any other ends at
    the first midnight that is not before its old end: were it cut short, whoever travels on paper
    would have a fresh limit every few hours.
    """
    budget = Budget.objects.select_related("user").filter(user=user).first()
    if budget is None:
        return
    with transaction.atomic():
        locked = lock_current(budget, now)
        budget, cycle = locked.budget, locked.cycle
        if cycle.spent or cycle.held:
            cycle.ends_at = midnight_from(cycle.ends_at, budget.zone)
        else:
            anchor = local_day(cycle.starts_at, budget.zone)
            at = max(now, cycle.starts_at)
            cycle.ends_at = window_at(at, budget.schedule, budget.zone, anchor=anchor).ends_at
        cycle.save(update_fields=["ends_at"])


def hold_budgets(users: Collection[User], *, now: datetime) -> None:
    """Keep these users' budgets and open windows to this transaction until it ends.

    Whoever is going to post and reverse several amounts holds them first: a late posting takes the
    budget, and would otherwise take it after the window that a reversal has taken.
    """
    lock_many(list(Budget.objects.filter(user__in=users).values_list("pk", flat=True)), now)


@dataclass(frozen=True, slots=True)
class Locked:
    """A budget and its open cycle, both locked until the transaction ends."""

    budget: Budget
    cycle: Cycle


def lock_current(budget: Budget, now: datetime) -> Locked:
    """Lock the budget and its open cycle, rolled to `now`. Call inside a transaction."""
    return lock_many([budget.pk], now)[0]


def lock_many(budget_ids: Collection[int], now: datetime) -> list[Locked]:
    """Lock the budgets and their open cycles, rolled to `now`. Call inside a transaction."""
    locked = _lock(budget_ids)
    if any(one.cycle.is_due(now) for one in locked):
        _advance(budget_ids, now)
        locked = _lock(budget_ids)
    if any(one.cycle.held for one in locked) and expire_holds(now=now, budgets=budget_ids):
        locked = _lock(budget_ids)
    return locked


def start_over(locked: Locked, *, actor: User | None, reason: str, now: datetime) -> Reset:
    """Close the locked cycle and open the next under the budget's settings as they are now."""
    budget, old = locked.budget, locked.cycle
    at = _first_moment_after(old, now)
    was = old.window
    old.ends_at = old.closed_at = at
    held, old.held = old.held, ZERO
    old.save(update_fields=["ends_at", "closed_at", "held"])
    anchor = local_day(at, budget.zone)
    window = Window(at, window_at(at, budget.schedule, budget.zone, anchor=anchor).ends_at)
    new = new_cycle(budget, window, now=at)
    new.held = held
    new.save(force_insert=True)
    Hold.objects.filter(cycle=old, status=Hold.Status.HELD).update(cycle=new)
    return Reset.objects.create(
        budget=budget,
        closed_cycle=old,
        kind=Reset.Kind.MANUAL,
        actor=actor,
        actor_name=actor.username if actor else "",
        reason=reason,
        limit_before=old.available,
        limit_after=new.available,
        spent_before=old.spent,
        old_starts_at=was.starts_at,
        old_ends_at=at,
        new_starts_at=new.starts_at,
        new_ends_at=new.ends_at,
        created_at=now,
    )


def _first_moment_after(cycle: Cycle, now: datetime) -> datetime:
    """Return `now`, or the first moment from then on that follows the cycle's start and entries."""
    # Local days are at most one behind those of UTC; by day the history's index finds the few.
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    latest = Entry.objects.filter(
        budget=cycle.budget_id, day__gte=yesterday, occurred_at__gte=now
    ).aggregate(at=Max("occurred_at"))["at"]
    taken = max(cycle.starts_at, latest or cycle.starts_at)
    return max(now, taken + timedelta.resolution)


def _lock(budget_ids: Collection[int]) -> list[Locked]:
    """Lock the budgets and then their open cycles, each in the order of their keys."""
    budgets = (
        Budget.objects.select_related("user")
        .filter(pk__in=budget_ids)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    by_id = {budget.pk: budget for budget in budgets}
    cycles = (
        Cycle.objects.open()
        .filter(budget__in=list(by_id))
        .order_by("budget_id")
        .select_for_update(no_key=True)
    )
    return [Locked(by_id[cycle.budget_id], cycle) for cycle in cycles]


@transaction.atomic
def _advance(budget_ids: Collection[int], now: datetime) -> int:
    """Bring the open cycles of these budgets up to `now`. Returns how many were closed.

    While the rows are locked no charge can post, so each window's sum is final when it is told.
    """
    due = [locked for locked in _lock(budget_ids) if locked.cycle.is_due(now)]
    ended = [locked for locked in due if locked.cycle.ends_at <= now]
    _put_limits_back([locked for locked in due if locked not in ended], now)
    if not ended:
        return 0
    chains = [(locked, _following(locked, now)) for locked in ended]
    Cycle.objects.filter(pk__in=[locked.cycle.pk for locked in ended]).update(
        closed_at=F("ends_at"), held=ZERO
    )
    Cycle.objects.bulk_create([cycle for _, cycles in chains for cycle in cycles])
    for locked, cycles in chains:
        if locked.cycle.held:
            Hold.objects.filter(cycle=locked.cycle, status=Hold.Status.HELD).update(
                cycle=cycles[-1]
            )
    resets = [
        _automatic_reset(old, new, now)
        for locked, cycles in chains
        for old, new in zip([locked.cycle, *cycles], cycles, strict=False)
    ]
    Reset.objects.bulk_create(resets)
    return len(resets)


def _put_limits_back(stale: list[Locked], now: datetime) -> None:
    for locked in stale:
        locked.cycle.limit = locked.budget.limit_at(now)
        locked.cycle.limit_until = locked.budget.limit_until(now)
    Cycle.objects.bulk_update([locked.cycle for locked in stale], ["limit", "limit_until"])


def _following(locked: Locked, now: datetime) -> list[Cycle]:
    """Return the unsaved cycles after one that ended: all closed but the last, which holds on."""
    budget, ended = locked.budget, locked.cycle
    windows = list(
        windows_from(
            ended.ends_at,
            now,
            budget.schedule,
            budget.zone,
            anchor=local_day(ended.ends_at, budget.zone),
        )
    )
    skipped = [new_cycle(budget, window, now=window.starts_at) for window in windows[:-1]]
    for cycle in skipped:
        cycle.closed_at, cycle.limit_until = cycle.ends_at, None
    current = new_cycle(budget, windows[-1], now=now)
    current.held = ended.held
    return [*skipped, current]


def _automatic_reset(old: Cycle, new: Cycle, now: datetime) -> Reset:
    return Reset(
        budget_id=old.budget_id,
        closed_cycle=old,
        kind=Reset.Kind.AUTOMATIC,
        limit_before=old.available,
        limit_after=new.available,
        spent_before=old.spent,
        old_starts_at=old.starts_at,
        old_ends_at=old.ends_at,
        new_starts_at=new.starts_at,
        new_ends_at=new.ends_at,
        created_at=now,
    )
