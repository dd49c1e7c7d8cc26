"""Figures in words."""

from budgets import formats
from occasions.figures import Figures


def words(figures: Figures) -> str:
    """Say the figures in one line: "Bought $50.00 of $200.00, $75.00 planned, $75.00 left"."""
    spending, standing = figures.spending, figures.standing
    said = f"Bought {formats.money(spending.bought)}"
    if standing is not None:
        said += f" of {formats.money(standing.limit)}"
    if spending.planned:
        said += f", {formats.money(spending.planned)} planned"
    if standing is None:
        return said
    if standing.is_over:
        return f"{said}, over by {formats.money(standing.over_by)}"
    if standing.is_used_up or not standing.remaining:
        return f"{said}, nothing left"
    return f"{said}, {formats.money(standing.remaining)} left"
