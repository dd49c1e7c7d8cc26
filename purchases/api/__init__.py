"""Purchases and what belongs to them for programs."""

from ninja import Router

from purchases.api import (
    analytics,
    brands,
    bulk,
    files,
    import_presets,
    imports,
    purchases,
    retailers,
    trash,
    warranties,
)

router = Router()
# What has a fixed path comes before what has the key of a purchase there.
for part in (
    *(trash, bulk, purchases, warranties, files, retailers, brands, analytics),
    *(import_presets, imports),
):
    router.add_router("", part.router)

__all__ = ["router"]
