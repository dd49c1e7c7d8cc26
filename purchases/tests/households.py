"""What a household has bought that is known by heart, for the figures about it."""

from datetime import date
from decimal import Decimal

from people.models import User
from purchases.tests.factories import TODAY, BrandFactory, PurchaseFactory, RetailerFactory


def month(back: int) -> date:
    """Return the first day of so many months before this one."""
    years, number = divmod(TODAY.year * 12 + TODAY.month - 1 - back, 12)
    return date(years, number + 1, 1)


def bought_by_heart(user: User) -> None:
    """Let somebody have bought six things of three shops and two brands."""
    r1, r2, r3 = (RetailerFactory(name=name) for name in ("R1", "R2", "R3"))
    b1, b2 = (BrandFactory(name=name) for name in ("B1", "B2"))
    rate = Decimal("1.25")
    for name, price, currency, retailer, brand, back in [
        ("Laptop", "1200.00", "USD", r1, b1, 0),
        ("Laptop", "1000.00", "USD", r1, b1, 2),
        ("Cable", "9.99", "USD", r2, None, 2),
        ("Desk", "350.00", "USD", r2, b2, 11),
        ("Chair", "150.50", "USD", None, b2, 12),
        ("Lamp", "80.00", "EUR", r3, None, 1),
    ]:
        PurchaseFactory(
            owner=user,
            name=name,
            price=Decimal(price),
            currency=currency,
            exchange_rate=rate if currency == "EUR" else Decimal(1),
            retailer=retailer,
            brand=brand,
            purchased_on=month(back),
        )
