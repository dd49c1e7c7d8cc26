"""Changing a budget's settings, on the record."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from budgets.ledger.rolling import lock_current, start_over
from budgets.models import Budget, Change, Origin
from budgets.periods import Period
from people.models import User

#: What `configure` may set.
SETTINGS = (
    "limit",
    "custom_limit",
    "custom_limit_until",
    "period",
    "custom_days",
    "yellow",
    "orange",
    "red",
    "enforced",
    "visible_to_user",
    "user_can_modify",
    "user_can_reset",
    "modify_ceiling",
    "admin_notes",
)


def configure(
    *,
    budget: Budget,
    settings: Mapping[str, Any],
    actor: User | None,
    origin: Origin,
    now: datetime,
) -> list[Change]:
    """Set what differs from the stored row, and write one Change for each. Returns them.

    A new limit counts in the open window at once. A new period or length closes the window and
    begins one from now, so that old spending cannot leak into it.
    Raises ValidationError when the settings together break a rule, and ValueError for what is none.
    """
    with transaction.atomic():
        locked = lock_current(budget, now)
        stored = locked.budget
        wanted = dict(settings)
        if wanted.get("period", stored.period) != Period.CUSTOM:
            # A form sends days that do not count; they must not begin a new window.
            wanted["custom_days"] = None
        changes = []
        for name in sorted(wanted, key=SETTINGS.index):
            old, new = getattr(stored, name), wanted[name]
            if old != new:
                setattr(stored, name, new)
                changes.append(_change(stored, name, old, new, actor, origin, now))
        if not changes:
            return []
        stored.configured_by = actor
        _save(stored)
        Change.objects.bulk_create(changes)
        if {change.setting for change in changes} & {"period", "custom_days"}:
            start_over(locked, actor=actor, reason=_reason(changes), now=now)
        else:
            locked.cycle.limit = stored.limit_at(now)
            locked.cycle.limit_until = stored.limit_until(now)
            locked.cycle.enforced = stored.enforced
            locked.cycle.save(update_fields=["limit", "limit_until", "enforced"])
        return changes


def _save(budget: Budget) -> None:
    """Store the settings. Raises ValidationError in words for what the database refuses."""
    budget.clean_fields(exclude=["user", "member_name", "created_at", "configured_by"])
    try:
        with transaction.atomic():
            budget.save()
    except IntegrityError:
        # Asked only now: the checks cost a query each, and a bulk action saves thousands.
        budget.validate_constraints()
        raise


def _change(
    budget: Budget,
    name: str,
    old: Any,
    new: Any,
    actor: User | None,
    origin: Origin,
    now: datetime,
) -> Change:
    return Change(
        budget=budget,
        setting=name,
        old=_text(old),
        new=_text(new),
        actor=actor,
        actor_name=actor.username if actor else "",
        origin=origin,
        changed_at=now,
    )


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            # At least two decimals, and as many more as the amount has.
            short = value.quantize(Decimal("0.01"))
            return f"{short if short == value else value.normalize():f}"
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _reason(changes: list[Change]) -> str:
    return "; ".join(
        f"{change.setting.replace('_', ' ')} changed from {change.old or 'none'}"
        f" to {change.new or 'none'}"
        for change in changes
        if change.setting in {"period", "custom_days"}
    )
