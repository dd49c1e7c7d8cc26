"""The occasions of the demo family, planned with the verbs that the pages use."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from budgets.fields import currency_places
from budgets.periods import local_day
from config.demo import family, wishes
from config.demo.wishes import Plan, Wish
from occasions import calendars, planning
from occasions.calendars import Holiday
from occasions.dates import in_year
from occasions.models import Occasion, PersonOccasion, Role
from people.models import Person

HOME, COUNTRY = ZoneInfo("Europe/Stockholm"), "SE"
#: The names that the family has for holidays of its country.
HOLIDAYS = {"Christmas Eve": "Christmas", "Midsummer Eve": "Midsummer Eve"}


def plan(*, now: datetime) -> None:
    """Live through a year of occasions, and begin to plan the next."""
    today = local_day(now, HOME)
    people = family.make(today=today, since=in_year(today, today.year - 1))
    past = [*_celebrations(people), *_holidays(today)]
    for occasion in past:
        _fill(occasion, wishes.LAST_YEAR[occasion.name], people, today)
    planning.roll(today=today)
    for coming in Occasion.objects.filter(previous__in=past):
        if coming.name in wishes.THIS_YEAR:
            _fill(coming, wishes.THIS_YEAR[coming.name], people, today)
    for name, (in_days, once) in wishes.ONCE.items():
        values = {"name": name, "date": today + timedelta(days=in_days)}
        occasion = planning.change_occasion(occasion=Occasion(), values=values)
        _fill(occasion, once, people, today)


def _celebrations(people: dict[str, Person]) -> list[Occasion]:
    """Return the birthdays of a year ago, and the anniversary under the name that it goes by."""
    theirs = Occasion.objects.filter(celebrates__in=people.values())
    wedding = theirs.get(kind=Occasion.Kind.ANNIVERSARY)
    name = "Astrid and Olof’s wedding day"
    planning.change_occasion(occasion=wedding, values={"name": name})
    return list(theirs)


def _holidays(today: date) -> list[Occasion]:
    """Put the holidays on the calendar on the last day that they had."""
    latest = [Holiday(_latest(name, today), name) for name in HOLIDAYS]
    return [
        planning.change_occasion(occasion=added, values={"name": HOLIDAYS[added.holiday]})
        for added in planning.add_holidays(country=COUNTRY, holidays=latest)
    ]


def _latest(name: str, today: date) -> date:
    this_year, year_before = in_year(today, today.year), in_year(today, today.year - 1)
    days = (calendars.day_of(COUNTRY, name, near=year) for year in (this_year, year_before))
    return max(day for day in days if day and day < today)


def _fill(occasion: Occasion, year: Plan, people: dict[str, Person], today: date) -> None:
    """Put people on the list of an occasion, with their budgets and gifts."""
    if year.total is not None:
        planning.change_occasion(occasion=occasion, values={"budget_total": _amount(year.total)})
    for role, budgets in ((Role.RECIPIENT, year.to), (Role.PURCHASER, year.by)):
        for name, amount in budgets.items():
            receives = name in year.to
            card = planning.link(occasion=occasion, person=people[name], receives=receives)
            if amount is not None:
                planning.save_budget(card=card, role=role, amount=_amount(amount), seen=None)
    for number, wish in enumerate(year.wishes):
        _wish(occasion, wish, people, min(today, occasion.date) - timedelta(days=3 + 2 * number))


def _wish(occasion: Occasion, wish: Wish, people: dict[str, Person], day: date) -> None:
    planning.add_gift(
        occasion=occasion,
        recipients=[people[name] for name in wish.recipients.split("+")],
        values={
            "title": wish.title,
            "price": _amount(wish.price),
            "paid_price": _amount(wish.paid),
            "quantity": wish.quantity,
            "status": wish.status,
            "purchaser": people[wish.by] if wish.by else None,
            "priority": wish.priority,
            "link": wish.link,
            "notes": wish.notes,
        },
        today=day,
    )


def _amount(text: str | None) -> Decimal | None:
    """Return an amount in the currency of the installation, which may have no cents."""
    least = Decimal(1).scaleb(-currency_places())
    return None if text is None else Decimal(text).quantize(least, ROUND_HALF_UP)


def forget() -> None:
    """Delete the occasions of the demo, and those at which nobody else is listed."""
    people = family.everybody()
    others = PersonOccasion.objects.filter(occasion=OuterRef("pk")).exclude(person__in=people)
    made = (
        Q(celebrates__in=people)
        | Q(country=COUNTRY, holiday__in=HOLIDAYS)
        | Q(people__in=people, name__in=wishes.ONCE)
        | Q(Q(people__in=people), ~Exists(others))
    )
    for occasion in Occasion.objects.filter(made).distinct().order_by("-date", "-pk"):
        planning.delete_occasion(occasion=occasion)
