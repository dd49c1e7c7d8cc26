"""People, occasions, cards and gifts for tests."""

from datetime import UTC, date, datetime
from decimal import Decimal

import factory

from occasions import access, planning
from occasions.models import Gift, Occasion, PersonOccasion, Viewer
from people.models import Person, User

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
CHRISTMAS = date(2026, 12, 25)


class PersonFactory(factory.django.DjangoModelFactory[Person]):
    class Meta:
        model = Person

    name = factory.Sequence(lambda number: f"Person {number}")


class OccasionFactory(factory.django.DjangoModelFactory[Occasion]):
    class Meta:
        model = Occasion

    name = "Christmas"
    kind = Occasion.Kind.HOLIDAY
    date = CHRISTMAS
    since = factory.SelfAttribute("date")


class CardFactory(factory.django.DjangoModelFactory[PersonOccasion]):
    """Somebody on the list of an occasion."""

    class Meta:
        model = PersonOccasion

    person = factory.SubFactory(PersonFactory)
    occasion = factory.SubFactory(OccasionFactory)


def make_gift(
    occasion: Occasion,
    *recipients: Person,
    price: str | None = "50.00",
    today: date = TODAY,
    **values: object,
) -> Gift:
    """Write down a gift with the verb; a selected one unless told otherwise."""
    amount = None if price is None else Decimal(price)
    wanted = {"title": "A gift", "status": Gift.Status.SELECTED, "price": amount, **values}
    return planning.add_gift(occasion=occasion, recipients=recipients, values=wanted, today=today)


def viewer_of(user: User, *, now: datetime = NOW) -> Viewer:
    return access.viewer_of(user, now=now)


def stored(card: PersonOccasion) -> tuple[Decimal | None, Decimal | None]:
    """Return both budgets of a card as they are in the database."""
    card.refresh_from_db()
    return card.recipient_budget, card.purchaser_budget
