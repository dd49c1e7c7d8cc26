"""Three years of one member's purchases, made in bulk, without postings."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from people.models import User
from purchases.models import Brand, Purchase, Retailer, Tag, Warranty
from purchases.naming import fold

DAYS = 3 * 365
RETAILERS, BRANDS, TAGS = 40, 60, 25
_BATCH = 2_000


def make_purchases(owner: User, number: int, *, now: datetime) -> None:
    """Give `owner` so many purchases, spread over three years, shops, brands and currencies.

    A fifth has tags, a tenth a warranty, one in twenty is in another currency; the names of the
    things repeat, as a household buys the same again.
    """
    shops, brands, tags = _names(Retailer, RETAILERS), _names(Brand, BRANDS), _names(Tag, TAGS)
    for start in range(0, number, _BATCH):
        numbers = range(start, min(start + _BATCH, number))
        made = Purchase.objects.bulk_create(_purchases(owner, numbers, shops, brands, now))
        Purchase.tags.through.objects.bulk_create(
            Purchase.tags.through(purchase=purchase, tag=tags[i % TAGS])
            for i, purchase in zip(numbers, made, strict=True)
            if not i % 5
        )
        Warranty.objects.bulk_create(
            Warranty(
                purchase=purchase,
                starts_on=purchase.purchased_on,
                ends_on=purchase.purchased_on + timedelta(days=730),
            )
            for i, purchase in zip(numbers, made, strict=True)
            if not i % 10
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _names[T: (Retailer, Brand, Tag)](model: type[T], number: int) -> list[T]:
    names = [f"{model._meta.verbose_name} {i}" for i in range(number)]
    return model._default_manager.bulk_create(
        model(name=str(name), key=fold(str(name))) for name in names
    )


def _purchases(
    owner: User, numbers: range, shops: list[Retailer], brands: list[Brand], now: datetime
) -> Iterator[Purchase]:
    today = now.date()
    for i in numbers:
        # Prime steps, so that no shop has a weekday or a brand of its own.
        shop, brand = shops[i * 7 % 53 % RETAILERS], brands[i * 11 % 97 % BRANDS]
        price = Decimal(199 + i * 7919 % 20_000).scaleb(-2)
        is_foreign = i % 20 == 7
        rate = Decimal("1.0842") if is_foreign else Decimal(1)
        name = f"Thing number {i * 31 % 5_003}"
        yield Purchase(
            owner=owner,
            name=name,
            price=price,
            currency="EUR" if is_foreign else "USD",
            exchange_rate=rate,
            amount=(price * rate).quantize(Decimal("0.01")),
            quantity=1 + i % 3,
            retailer=shop if i % 9 else None,
            brand=brand if i % 4 else None,
            purchased_on=today - timedelta(days=i * 6_151 % DAYS),
            status=Purchase.Status.RETURNED if i % 50 == 3 else Purchase.Status.RECEIVED,
            serial_number=f"SN-{i}",
            shared=not i % 3,
            search_text=f"{fold(name)}\n{shop.key}\n{brand.key}\nsn-{i}",
            created_at=now,
            changed_at=now,
        )
