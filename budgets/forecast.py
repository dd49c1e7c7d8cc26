"""Where spending is heading: a straight line through the window so far."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from budgets.periods import Window

#: Before this share of the window has passed, a figure would say more than is known.
ENOUGH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Projection:
    """Expected spending by the end of the window, in currency units (two decimals), and the moment
    at which the limit would be reached (None when that is not before the window ends)."""

    amount: Decimal
    runs_out_at: datetime | None


def elapsed_share(window: Window, now: datetime) -> Decimal:
    """Return the share of the window that has truly passed at `now`, from 0 to 1.

    By elapsed time, so a day of 23 or 25 hours and a month of 28 or 31 days count as they are.
    """
    length = window.ends_at - window.starts_at
    passed = min(max(now - window.starts_at, length * 0), length)
    return Decimal(passed // _TICK) / Decimal(length // _TICK)


def project(*, spent: Decimal, limit: Decimal, window: Window, now: datetime) -> Projection | None:
    """Return the projection spent / elapsed share, or None in the first tenth of the window.

    The run-out moment solves spent / elapsed * t = limit for t.
    """
    share = elapsed_share(window, now)
    if share < ENOUGH:
        return None
    amount = (spent / share).quantize(Decimal("0.01"), ROUND_HALF_UP)
    runs_out_at = None
    if 0 < spent < limit:
        passed = now - window.starts_at
        ticks = int(Decimal(passed // _TICK) * limit / spent)
        if ticks < (window.ends_at - window.starts_at) // _TICK:
            runs_out_at = window.starts_at + ticks * _TICK
    return Projection(amount, runs_out_at)


_TICK = datetime.resolution
