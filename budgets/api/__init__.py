"""The API of budgets: where they stand, how they are set, and what is spent from them."""

from ninja import Router

from budgets.api import (
    administration,
    breakdown,
    configuring,
    history,
    holds,
    resets,
    settings,
    settling,
    standing,
    usage,
    usage_batch,
)

router = Router()
for part in (
    standing,
    settings,
    resets,
    breakdown,
    history,
    administration,
    configuring,
    usage,
    usage_batch,
    # Before the holds: "settle" would pass for the id of one.
    settling,
    holds,
):
    router.add_router("", part.router)

__all__ = ["router"]
