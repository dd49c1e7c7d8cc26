"""Warranties on a line of time: those that ended last, and those that end next."""

from dataclasses import dataclass
from datetime import date

from django.db.models import FETCH_RAISE, Exists, F, OuterRef

from purchases.analysis.scope import Scope
from purchases.guarantees import Status
from purchases.models import Purchase, Warranty
from purchases.models.warranty import WarrantyQuerySet

#: How many warranties of each kind are shown.
OVER, COMING = 2, 6


@dataclass(frozen=True, slots=True)
class Lasting:
    """One warranty from its first to its last day; None is for life."""

    name: str
    kind: Warranty.Kind
    first: date
    last: date | None
    status: Status
    days_left: int | None
    link: str
    purchase: int


def warranties(scope: Scope) -> list[Lasting]:
    """Return warranties by their last day, of what was bought on any day: time goes on for all."""
    today = scope.viewer.today
    found = _of(scope)
    over = _drawn(found.standing(Status.EXPIRED, today)).order_by("-ends_on", "-pk")[:OVER]
    coming = _drawn(found.active(today)).order_by(F("ends_on").asc(nulls_last=True), "pk")
    return [_lasting(one, today) for one in [*reversed(over), *coming[:COMING]]]


def standings(scope: Scope) -> dict[Status, int]:
    """Count the same warranties by how they stand; the expiring ones are among the active."""
    return _of(scope).standings(scope.viewer.today)


def _of(scope: Scope) -> WarrantyQuerySet:
    """Return the warranties of what was not returned: what went back is covered by nobody."""
    # Asked for each warranty by its key: a few are found among a hundred thousand purchases.
    seen = scope.visible().filter(pk=OuterRef("purchase")).order_by()
    return Warranty.objects.filter(Exists(seen.exclude(status=Purchase.Status.RETURNED)))


def _drawn(found: WarrantyQuerySet) -> WarrantyQuerySet:
    return found.select_related("purchase").fetch_mode(FETCH_RAISE)


def _lasting(warranty: Warranty, today: date) -> Lasting:
    return Lasting(
        warranty.purchase.name,
        Warranty.Kind(warranty.kind),
        warranty.starts_on,
        warranty.ends_on,
        warranty.status(today),
        warranty.days_left(today),
        warranty.purchase.get_absolute_url(),
        warranty.purchase_id,
    )
