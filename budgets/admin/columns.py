"""What the budget list tells of one budget, on the page and as CSV."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from budgets import formats
from budgets.listing import Listed, standing_of
from budgets.models import Budget
from budgets.sheets import exact

#: What a member may be allowed, with the word for it.
PERMISSIONS = {
    "visible_to_user": "View",
    "user_can_modify": "Change",
    "user_can_reset": "Start over",
}


def meter_of(budget: Listed) -> dict[str, object]:
    """Return the small meter: never above 100 for those who draw or count, true in its words."""
    standing = standing_of(budget)
    percent = standing.percent
    if percent is None:
        percent = Decimal(100 if standing.is_over else 0)
        words = "spent although the limit is zero" if standing.is_over else "the limit is zero"
    else:
        words = f"{formats.percent(percent)} of the limit used"
    if standing.is_over:
        words += f", over by {formats.money(standing.over_by)}"
    return {
        "level": standing.level.value,
        "share": f"{min(max(percent, Decimal(0)), Decimal(100)):.1f}",
        "words": words,
        "percent": formats.percent(standing.percent),
    }


def granted(budget: Budget) -> Iterator[str]:
    """Yield the words for what the member may do."""
    for name, word in PERMISSIONS.items():
        if getattr(budget, name):
            yield word


def _full_name(budget: Listed) -> str:
    return budget.user.get_full_name() if budget.user else ""


def _exact_or_empty(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else exact(amount)


def _level(budget: Listed) -> str:
    standing = standing_of(budget)
    return "over" if standing.is_over else standing.level.value


COLUMNS: Mapping[str, Callable[[Listed], object]] = {
    "user": lambda budget: budget.member_name,
    "name": _full_name,
    "limit": lambda budget: exact(budget.available),
    "special limit": lambda budget: _exact_or_empty(budget.custom_limit),
    "spent": lambda budget: exact(budget.spent),
    "held": lambda budget: exact(budget.held),
    "remaining": lambda budget: exact(standing_of(budget).remaining),
    "over by": lambda budget: exact(standing_of(budget).over_by),
    "percent": lambda budget: standing_of(budget).percent,
    "level": _level,
    "period": lambda budget: budget.period,
    "days": lambda budget: budget.custom_days,
    "enforced": lambda budget: budget.enforced,
    "permissions": lambda budget: ", ".join(granted(budget)).lower() or "none",
    "window start": lambda budget: budget.starts_at.astimezone(budget.zone).isoformat(),
    "window end": lambda budget: budget.ends_at.astimezone(budget.zone).isoformat(),
}
