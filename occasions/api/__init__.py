"""People, occasions and gifts for programs."""

from ninja import Router

from occasions.api import cards, gifts, holidays, occasions, persons, photos

router = Router()
for part in (persons, photos, occasions, cards, holidays, gifts):
    router.add_router("", part.router)

__all__ = ["router"]
