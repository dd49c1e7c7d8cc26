"""Whom the demo's household gives to: its members, and people who have no account."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from config.demo.members import USERNAMES
from occasions import planning
from occasions.dates import in_year
from people.models import Person, User

_Relationship = Person.Relationship


@dataclass(frozen=True)
class _Day:
    """A day that comes back every year: in how many days it comes, and how many years it is."""

    in_days: int
    years: int


@dataclass(frozen=True)
class _Somebody:
    name: str
    relationship: Person.Relationship
    birthday: _Day | None = None
    anniversary: _Day | None = None
    username: str = ""
    interests: str = ""
    sizes: str = ""
    notes: str = ""


PEOPLE = (
    _Somebody(
        "Maya",
        _Relationship.PARTNER,
        _Day(in_days=26, years=43),
        username="maya",
        interests="Ceramics, sea swimming, crime novels set somewhere cold",
        sizes="Shoes 38, jumpers M, ring 16.5 mm",
        notes="No scented candles: she gets a headache.",
    ),
    _Somebody(
        "Ben",
        _Relationship.PARTNER,
        _Day(in_days=160, years=45),
        username="ben",
        interests="Cooking on a fire, old records, cycling",
        sizes="Shoes 44, shirts L",
        notes="Has enough socks for a lifetime.",
    ),
    _Somebody(
        "Zoe",
        _Relationship.CHILD,
        _Day(in_days=12, years=20),
        username="zoe",
        interests="Photography, climbing, cheap good food near the campus",
        sizes="Shoes 39, jackets S, climbing shoes 37.5",
        notes="Lives in Chicago: send it flat, or as a voucher.",
    ),
    _Somebody(
        "Ida",
        _Relationship.CHILD,
        _Day(in_days=205, years=14),
        username="ida",
        interests="Drawing, ice skating, anything with foxes",
        sizes="Shoes 37, clothes 158",
        notes="No pink.",
    ),
    _Somebody(
        "Leo Okafor",
        _Relationship.FRIEND,
        _Day(in_days=118, years=31),
        username="leo",
        interests="Coffee, trains, board games for two",
        notes="Allergic to nuts.",
    ),
    _Somebody(
        "Nina Okafor",
        _Relationship.FRIEND,
        _Day(in_days=290, years=29),
        username="nina",
        interests="House plants, poetry, running",
        sizes="Running shoes 40",
    ),
    _Somebody(
        "Grandma Astrid",
        _Relationship.GRANDPARENT,
        _Day(in_days=248, years=74),
        anniversary=_Day(in_days=96, years=50),
        interests="Her garden, theatre, knitting",
        sizes="Slippers 37",
        notes="Nothing that needs charging.",
    ),
    _Somebody(
        "Grandpa Olof",
        _Relationship.GRANDPARENT,
        _Day(in_days=47, years=76),
        interests="Birds, crosswords, smoked fish",
        sizes="Jumpers XL",
        notes="No sweets, because of his sugar.",
    ),
    _Somebody(
        "Aunt Karin",
        _Relationship.SIBLING,
        _Day(in_days=330, years=47),
        interests="Allotment, choir, strong cheese",
        notes="Has no room for large things.",
    ),
    _Somebody(
        "Elsa",
        _Relationship.RELATIVE,
        _Day(in_days=75, years=5),
        interests="Dinosaurs, stickers, digging holes",
        sizes="Clothes 110, shoes 28",
        notes="Nothing with sound, says Karin.",
    ),
    _Somebody(
        "Olle",
        _Relationship.RELATIVE,
        username="olle",
        interests="Pianos, mending things, the right tool for it",
        sizes="Shoes 43, shirts XL",
        notes="Ben’s brother in the flat upstairs; keeps every receipt.",
    ),
    _Somebody(
        "Jonas Berg",
        _Relationship.COLLEAGUE,
        interests="Fly fishing, terrible puns",
        notes="Does not drink.",
    ),
)


def make(*, today: date, since: date) -> dict[str, Person]:
    """Write the people down as if it had been done on the day `since`; return them by name."""
    users = {user.username: user for user in User.objects.filter(username__in=USERNAMES)}
    people = {}
    for somebody in PEOPLE:
        person = Person(
            user=users.get(somebody.username),
            name=somebody.name,
            relationship=somebody.relationship,
            birthday=_first(somebody.birthday, today),
            anniversary=_first(somebody.anniversary, today),
            interests=somebody.interests,
            sizes=somebody.sizes,
            notes=somebody.notes,
        )
        people[person.name] = planning.save_person(person=person, today=since)
    return people


def _first(day: _Day | None, today: date) -> date | None:
    """Return when it was for the first time: the birth or the wedding."""
    if day is None:
        return None
    coming = today + timedelta(days=day.in_days)
    return in_year(coming, coming.year - day.years)


def everybody() -> QuerySet[Person]:
    """Return the people of the demo: who is one of its members, or has a name of `PEOPLE`."""
    names = [somebody.name for somebody in PEOPLE]
    return Person.objects.filter(
        Q(user__username__in=USERNAMES) | Q(user__isnull=True, name__in=names)
    )


def forget() -> None:
    """Delete the people of the demo."""
    for person in everybody():
        planning.delete_person(person=person)
