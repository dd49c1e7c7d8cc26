"""What was spent month by month."""

from datetime import date

from django.db.models import Count, Sum

from purchases import series
from purchases.analysis.scope import Scope
from purchases.keeping.checking import FIRST_DAY
from purchases.series import Series


def months(scope: Scope, currency: str) -> Series:
    """Return what was paid in a currency in the last twelve months, or in the days asked for.

    Without a first day these begin with the first purchase; without a last one they end today.
    """
    today = scope.viewer.today
    spent = scope.counted().filter(currency=currency)
    if not scope.since and not scope.until:
        first, last = series.last_months(today)
        spent = spent.filter(purchased_on__range=(first, last))
    # Days, not months: an index on the day gives these groups in order on both databases.
    sums = list(spent.values_list("purchased_on").annotate(count=Count("*"), paid=Sum("price")))
    if scope.since or scope.until:
        first, last = _reach(scope, [day for day, _, _ in sums])
    return series.spread(sums, first=first, last=last, known=FIRST_DAY, today=today)


def _reach(scope: Scope, days: list[date]) -> tuple[date, date]:
    """Return the first and the last day of an open range in which something was bought."""
    last = scope.until or max([scope.viewer.today, *days])
    first = scope.since or min([last, *days])
    return first, max(first, last)
