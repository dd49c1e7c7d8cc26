"""Three years of purchases of the demo household, recorded with the verbs that the pages use."""

import random
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q

from budgets import ledger
from budgets.periods import local_day
from config.demo import receipts, things
from config.demo.household_things import HOUSEHOLD_THINGS
from config.demo.members import USERNAMES
from config.demo.things import Habit, Present, Promise, Thing
from occasions import planning
from occasions.dates import in_year
from occasions.models import Gift
from people.models import User
from purchases import keeping, naming, rates
from purchases.models import Attachment, Brand, Purchase, Retailer, Tag

#: Who buys what the whole household needs.
BUYER = "olle"
#: Between which rates a unit of a currency was worth in the base one, as far as the demo goes.
_RATES = {"EUR": (10_400, 11_200), "GBP": (12_200, 13_200)}
#: By how much prices rise in a year.
_RISE = Decimal("0.04")
#: After how many days the household takes things back to the shop.
_TAKEN_BACK = timedelta(days=9)

_ORDERS = {shop.name: shop.orders for shop in things.SHOPS}
_Status = Purchase.Status


def go_shopping(*, now: datetime, since: timedelta) -> None:
    """Buy, on the days when it was bought, whatever the household bought within `since`."""
    for shop in things.SHOPS:
        keeping.add_name(model=Retailer, name=shop.name, link=shop.link)
    for brand, link in things.BRANDS.items():
        keeping.add_name(model=Brand, name=brand, link=link)
    members = {user.username: user for user in User.objects.filter(username__in=USERNAMES)}
    chance = random.Random(4)  # noqa: S311  (a story, not a secret)
    bought = [
        (_buy(members[username], thing, now, chance), thing)
        for username, thing in sorted(_everything(since, chance), key=lambda pair: -pair[1].ago)
    ]
    for purchase, thing in bought:
        _live_on(purchase, thing, now)
    for present in things.PRESENTS:
        _buy_present(members[present.by], present, now, chance)
    ledger.roll_due(now=now)


def _everything(since: timedelta, chance: random.Random) -> Iterator[tuple[str, Thing]]:
    """Yield who bought what within `since`."""
    theirs = {**things.OTHER_THINGS, BUYER: HOUSEHOLD_THINGS}
    for username, bought in theirs.items():
        yield from ((username, thing) for thing in bought if thing.ago <= since.days)
    for habit in things.HABITS:
        yield from ((BUYER, thing) for thing in _again_and_again(habit, since.days, chance))


def _again_and_again(habit: Habit, days: int, chance: random.Random) -> Iterator[Thing]:
    ago = chance.randint(1, habit.every)
    while ago <= days:
        number = chance.randint(1, habit.most)
        then = Decimal(habit.price) * (1 - _RISE * ago / 365) * 20
        yield Thing(
            ago=ago,
            name=habit.name,
            # In steps of five cents, as prices are.
            price=str(number * then.to_integral_value(ROUND_HALF_UP) / 20),
            shop=habit.shop,
            brand=habit.brand,
            tags=habit.tags,
            quantity=number,
            shared=habit.shared,
        )
        ago += habit.every + chance.randint(-habit.every // 5, habit.every // 5)


def _buy(owner: User, thing: Thing, now: datetime, chance: random.Random) -> Purchase:
    """Record a purchase: the buyer on its day, as their windows pass, and the others today."""
    then = _moment(owner, thing.ago, now, chance)
    day = local_day(then, owner.zone)
    at = then if owner.username == BUYER else now
    purchase = keeping.record(
        owner=owner,
        values=_values(thing, day, chance),
        warranties=[_warranty(promise, day) for promise in thing.promises],
        by=owner,
        now=at,
        as_fact=True,
    )
    _file(purchase, thing.papers, at)
    return purchase


def _live_on(purchase: Purchase, thing: Thing, now: datetime) -> None:
    """Record what became of a purchase after its day."""
    later = min(purchase.created_at + _TAKEN_BACK, now)
    if thing.status is _Status.RETURNED:
        keeping.change(
            purchase=purchase,
            values={"status": _Status.RETURNED},
            version=purchase.version,
            by=purchase.owner,
            now=later,
        )
    if thing.is_trashed:
        keeping.trash(purchase=purchase, now=later)


def _moment(owner: User, ago: int, now: datetime, chance: random.Random) -> datetime:
    """Return a moment so many days ago when shops are open, but none that is still to come."""
    hour = time(chance.randint(8, 19), chance.randint(0, 59))
    day = local_day(now, owner.zone) - timedelta(days=ago)
    return min(datetime.combine(day, hour, tzinfo=owner.zone), now)


def _values(thing: Thing, day: date, chance: random.Random) -> dict[str, Any]:
    currency = thing.currency or settings.CURRENCY
    is_back = thing.status is _Status.RETURNED
    return {
        "name": thing.name,
        "price": _amount(thing.price, currency),
        "currency": currency,
        "exchange_rate": _rate(currency, chance),
        "quantity": thing.quantity,
        "retailer": thing.shop,
        "brand": thing.brand,
        "tags": naming.tags(thing.tags),
        "purchased_on": day,
        # What is taken back was there first.
        "status": _Status.RECEIVED if is_back else thing.status,
        "order_number": _digits(_ORDERS.get(thing.shop, ""), chance),
        "model_number": thing.model,
        "serial_number": _digits("SN######-####", chance) if thing.model else "",
        "link": thing.link,
        "return_by": day + timedelta(days=thing.returns) if thing.returns else None,
        "return_policy": thing.policy,
        "tax_deductible": thing.deductible,
        "notes": thing.notes,
        "shared": thing.shared,
    }


def _amount(text: str, currency: str) -> Decimal:
    """Return a price with the decimals of its currency, which may have none."""
    return Decimal(text).quantize(Decimal(1).scaleb(-rates.places(currency)), ROUND_HALF_UP)


def _rate(currency: str, chance: random.Random) -> Decimal:
    lowest, highest = _RATES.get(currency, (10_000, 10_000))
    return Decimal(chance.randint(lowest, highest)).scaleb(-4)


def _digits(pattern: str, chance: random.Random) -> str:
    return re.sub("#", lambda _: str(chance.randint(0, 9)), pattern)


def _warranty(promise: Promise, day: date) -> dict[str, Any]:
    years = promise.years
    return {
        "kind": promise.kind,
        "starts_on": day,
        "ends_on": None if years is None else in_year(day, day.year + years),
        "provider": promise.provider,
        "notes": promise.notes,
        "voided": promise.voided,
    }


def _file(purchase: Purchase, papers: tuple[str, ...], now: datetime) -> None:
    assert purchase.owner is not None  # noqa: S101  (somebody of the household)
    for name in papers:
        upload, kind = receipts.paper(name, purchase), receipts.DRAWINGS[name].kind
        keeping.attach(purchase=purchase, uploads=[upload], kind=kind, by=purchase.owner, now=now)


def _buy_present(owner: User, present: Present, now: datetime, chance: random.Random) -> None:
    """Record what was bought for a gift, which is bought on that day then."""
    today = local_day(now, owner.zone)
    gift = Gift.objects.get(title=present.gift)
    if present.ago is not None:
        planning.set_status(gift=gift, status=Gift.Status.SELECTED, today=today)
        day = today - timedelta(days=present.ago)
    else:
        assert gift.bought_on is not None  # noqa: S101  (the family gave it)
        day = gift.bought_on
    thing = Thing(0, gift.title, present.price, present.shop, shared=present.shared)
    purchase = keeping.record(
        owner=owner,
        values={**_values(thing, day, chance), "gift": gift},
        by=owner,
        now=now,
        as_fact=True,
    )
    _file(purchase, present.papers, now)


def forget() -> None:
    """Delete the purchases of the demo's members with their papers, and names of nothing else."""
    theirs = Purchase.objects.filter(owner__username__in=USERNAMES)
    waiting = Q(purchase__isnull=True, uploaded_by__username__in=USERNAMES)
    for paper in Attachment.objects.filter(waiting | Q(purchase__in=theirs)):
        keeping.detach(attachment=paper)
    theirs.delete()
    for model, names in ((Retailer, [shop.name for shop in things.SHOPS]), (Brand, things.BRANDS)):
        keys = [naming.fold(name) for name in names]
        unused = model.objects.filter(purchases__isnull=True)
        unused.filter(Q(listed=False) | Q(key__in=keys)).delete()
    Tag.objects.filter(purchases__isnull=True).delete()
