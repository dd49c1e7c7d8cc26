"""What a purchase does to its owner's budget and to the gift it was made for.

The ledger's rows are never edited: what a purchase counts is brought from what was posted for it
to what it should be by a posting of the difference, or by reversals.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import Min, Q, Sum

from budgets import ledger
from budgets.formats import day as written_day
from budgets.models import Entry
from budgets.money import MAX_AMOUNT, ZERO
from budgets.periods import local_day
from occasions import planning
from occasions.models import Gift
from people.models import Person, User
from purchases.models import Purchase, PurchaseEntry

_MEMO = Entry._meta.get_field("memo").max_length
#: Where each day ends last.
_LAST_ZONE = ZoneInfo("Etc/GMT+12")


def settle_all(
    purchase: Purchase,
    *,
    now: datetime,
    as_fact: bool,
    before: Gift | None = None,
    via: str = "",
) -> None:
    """Bring the gifts and then the budget in step with a purchase; call in a transaction.

    `before` is the gift that it was made for until now. The ledger's locks are always taken last.
    """
    settle_gift(purchase.gift)
    if before and before != purchase.gift:
        settle_gift(before)
    settle(purchase, now=now, as_fact=as_fact, via=via)


def settle(purchase: Purchase, *, now: datetime, as_fact: bool, via: str = "") -> None:
    """Bring what the owner's budget was charged to what the purchase counts; call in a transaction.

    A price that changed posts the difference, a return a refund; what is deleted, or bought on
    another day, is reversed where it stood. What did not count before, or counted in a window that
    is closed, is new spending: it may be refused by OverBudget unless `as_fact`. What is posted
    names the program in `via`.
    """
    if purchase.owner is None:
        return
    owner, memo = purchase.owner, memo_of(purchase, now=now)
    if posted_before := _posted(purchase):
        ledger.hold_budgets([owner], now=now)
        ledger.relabel(entries=[one for one in posted_before if one.memo != memo], memo=memo)
    standing = _standing(posted_before)
    posted = sum((entry.amount for entry in standing), ZERO)
    due = purchase.amount if purchase.counts else ZERO
    day = min(purchase.purchased_on, local_day(now, owner.zone))
    is_new = not posted
    # All that stands was posted on one day, but of what cancels out only the last counts.
    if standing and (purchase.is_trashed or (due and standing[-1].day != day)):
        is_new = is_new or not standing[-1].cycle.is_open
        _reverse(purchase, standing if posted else [], memo, now)
        standing, posted = [], ZERO
    if due == posted:
        return
    entry = ledger.charge(
        budget=ledger.budget_of(owner, now=now),
        posting=ledger.Posting(
            amount=due - posted,
            kind=Entry.Kind.PURCHASE if due > posted else Entry.Kind.REFUND,
            occurred_at=standing[-1].occurred_at if standing else _moment(day, owner, now),
            memo=memo,
            via=via,
        ),
        now=now,
        as_fact=as_fact or not is_new,
    )
    PurchaseEntry.objects.create(purchase=purchase, entry=entry)


def settle_new(purchases: Sequence[Purchase], *, owner: User, now: datetime) -> None:
    """Charge the budget of `owner` for purchases just written down, as facts and all at once.

    It comes to what `settle` does for one after the other; none of them is for a gift.
    """
    counting = [purchase for purchase in purchases if purchase.counts and purchase.amount]
    if not counting:
        return
    budget = ledger.budget_of(owner, now=now)
    events = [ledger.Event(budget, first_posting(purchase, owner, now)) for purchase in counting]
    outcomes = ledger.ingest(events, now=now, as_facts=True)
    PurchaseEntry.objects.bulk_create(
        PurchaseEntry(purchase=purchase, entry=outcome.entry)
        for purchase, outcome in zip(counting, outcomes, strict=True)
    )


def unsettle(purchases: Collection[Purchase], *, now: datetime) -> None:
    """Reverse, all at once, what stands in the ledger for purchases that count no more."""
    ties = PurchaseEntry.objects.filter(purchase__in=purchases).select_related("entry")
    made_for = {tie.entry.pk: tie.purchase_id for tie in ties}
    standing = _standing([tie.entry for tie in ties])
    opposites = ledger.reverse_many(entries=standing, now=now)
    PurchaseEntry.objects.bulk_create(
        PurchaseEntry(purchase_id=made_for[cast(int, entry.reverses_id)], entry=entry)
        for entry in opposites
    )


def first_posting(purchase: Purchase, owner: User, now: datetime) -> ledger.Posting:
    """Return what a purchase that counts is posted as when nothing was posted for it before."""
    day = min(purchase.purchased_on, local_day(now, owner.zone))
    return ledger.Posting(
        amount=purchase.amount,
        kind=Entry.Kind.PURCHASE,
        occurred_at=_moment(day, owner, now),
        memo=memo_of(purchase, now=now),
    )


def _posted(purchase: Purchase) -> list[Entry]:
    """Return everything that was posted for a purchase, the first first."""
    entries = Entry.objects.filter(purchase__purchase=purchase).select_related("cycle")
    return list(entries.order_by("pk"))


def _standing(posted: list[Entry]) -> list[Entry]:
    """Return what was not reversed since."""
    reversed_ids = {entry.reverses_id for entry in posted}
    return [entry for entry in posted if not entry.reverses_id and entry.pk not in reversed_ids]


def _reverse(purchase: Purchase, entries: list[Entry], memo: str, now: datetime) -> None:
    for entry in entries:
        opposite = ledger.reverse(entry=entry, now=now, memo=memo)
        PurchaseEntry.objects.create(purchase=purchase, entry=opposite)


def _moment(day: date, owner: User, now: datetime) -> datetime | None:
    """Return when a purchase of a past day is posted: at noon, where its owner is."""
    if day == local_day(now, owner.zone):
        return None
    return datetime.combine(day, time(12), tzinfo=owner.zone)


def memo_of(purchase: Purchase, *, now: datetime) -> str:
    """Return what the ledger says of a purchase: administrators read it too.

    One for a gift says no more than that until its day has passed, wherever somebody may be.
    """
    day = purchase.gift.occasion.date if purchase.gift else purchase.secret_until
    if day is not None and day >= local_day(now, _LAST_ZONE):
        return f"A surprise, until {written_day(day)}"
    return purchase.name[:_MEMO]


def settle_gift(gift: Gift | None) -> None:
    """Bring a gift in step with the purchases made for it; call in a transaction."""
    if gift is None:
        return
    planning.hold(gift.occasion_id)  # or two at once would miss what the other has written
    counting = Purchase.objects.live().filter(~Q(status=Purchase.Status.RETURNED), gift=gift)
    figures = counting.aggregate(total=Sum("amount"), first=Min("purchased_on"))
    total: Decimal | None = figures["total"]
    if total and total > MAX_AMOUNT:
        raise ValidationError({"gift": "What was bought for it is more than 99,999,999.99."})
    owner = counting.order_by("purchased_on", "pk").values_list("owner", flat=True).first()
    buyer = Person.objects.filter(user=owner).first() if owner else None
    planning.record_paid(gift=gift, total=total, on=figures["first"], buyer=buyer)
