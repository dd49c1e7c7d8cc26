"""Splitting a whole so that the parts add up to it exactly."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor


def split(total: int, weights: Sequence[int | Decimal]) -> list[int]:
    """Split `total` units by `weights` with the largest-remainder (Hamilton) method.

    The parts are whole units and sum to `total`; leftover units go to the largest remainders,
    earlier ones first. All-zero weights give zeros. Raises ValueError for a negative weight.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights cannot be negative")
    whole = sum(Fraction(weight) for weight in weights)
    if not whole:
        return [0] * len(weights)
    exact = [total * Fraction(weight) / whole for weight in weights]
    parts = [floor(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def percentages(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Return each amount's share in percent with two decimals, together exactly 100.00.

    Amounts of zero or less (a refund) have no share; if none is above zero, all shares are 0.00.
    """
    hundredths = split(10_000, [max(amount, Decimal(0)) for amount in amounts])
    return [Decimal(part).scaleb(-2) for part in hundredths]
