"""Cards: what one person is to get and to give at one occasion, as one viewer may see it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from django.db.models import FETCH_RAISE, Prefetch, Q

from budgets.fields import currency_places
from budgets.money import ZERO, typed
from occasions.figures import Figures, Spending, shares
from occasions.models import Gift, GiftQuerySet, Occasion, PersonOccasion, Role, Viewer
from people.models import Person


@dataclass(frozen=True, slots=True)
class Line:
    """A gift on somebody's card, with their share of its cost."""

    gift: Gift
    share: Decimal
    #: Who gets it too.
    others: list[Person]
    #: Which parts of a page change with it, besides the card that it stands on.
    touches: str


@dataclass(frozen=True, slots=True)
class BudgetField:
    """One money field of a card: what stands in it, what is stored, and what became of it."""

    role: Role
    key: str
    #: Person and role in full, and as short as a card needs it.
    label: str
    short_label: str
    #: What is stored, in currency units; None is no limit.
    amount: Decimal | None
    text: str
    stored: str
    #: "saved", "refused" or "stale" after somebody tried to save it.
    state: str = ""
    #: Why it is not saved.
    words: str = ""

    @property
    def name(self) -> str:
        return self.role.field


@dataclass(frozen=True)
class Card:
    """Everything that a card shows. What the viewer may not see is not in it."""

    row: PersonOccasion
    is_surprise: bool
    fields: list[BudgetField]
    received: Figures | None
    given: Figures | None
    lines: list[Line]

    @property
    def person(self) -> Person:
        return self.row.person

    @property
    def occasion(self) -> Occasion:
        return self.row.occasion

    @property
    def key(self) -> str:
        return card_key(self.row)

    @property
    def gifts_to_buy(self) -> int:
        """How many gifts here are theirs to buy."""
        return self.given.spending.gifts if self.given else 0

    @property
    def holds_something(self) -> bool:
        """Whether a budget or a gift would be lost with the card."""
        budgets = any(field.stored for field in self.fields)
        return budgets or bool(self.lines or self.gifts_to_buy)


def card_key(row: PersonOccasion) -> str:
    """Return the id of a card's element."""
    return f"card-{row.pk}"


def digest(cards: Iterable[Card]) -> str:
    """Return a short text that changes with any budget or gift of the `cards`."""
    told = [
        (
            card.row.pk,
            [field.stored for field in card.fields],
            [(line.gift.pk, line.share) for line in card.lines],
            card.gifts_to_buy,
        )
        for card in cards
    ]
    return f"{crc32(repr(told).encode()):08x}"


def of_occasion(occasion: Occasion, viewer: Viewer) -> list[Card]:
    """Return the cards of an occasion, those who receive first, in three queries."""
    rows = list(occasion.links.select_related("person", "occasion").fetch_mode(FETCH_RAISE))
    return build(rows, Gift.objects.filter(occasion=occasion), viewer)


def of_person(person: Person, viewer: Viewer, rows: Sequence[PersonOccasion]) -> list[Card]:
    """Return the cards of a person at several occasions, in the order of `rows`."""
    gifts = Gift.objects.filter(occasion__in=[row.occasion_id for row in rows])
    theirs = gifts.filter(Q(recipients=person) | Q(purchaser=person)).distinct()
    return build(rows, theirs, viewer)


def build(rows: Sequence[PersonOccasion], gifts: GiftQuerySet, viewer: Viewer) -> list[Card]:
    """Return the cards of `rows` from the `gifts` of their occasions."""
    seen = (
        gifts.visible_to(viewer)
        .select_related("purchaser")
        .prefetch_related(Prefetch("recipients", Person.objects.order_by("pk")))
        .fetch_mode(FETCH_RAISE)
    )
    keys = {(row.occasion_id, row.person_id): card_key(row) for row in rows}
    lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
    buying: dict[tuple[int, int], list[Gift]] = defaultdict(list)
    for gift in seen:
        people = list(gift.recipients.all())
        parts = shares(gift.cost, len(people), places=currency_places())
        touches = _touches(gift, people, keys)
        for person, share in zip(people, parts, strict=True):
            others = [other for other in people if other != person]
            lines[gift.occasion_id, person.pk].append(Line(gift, share, others, touches))
        if gift.purchaser_id:
            buying[gift.occasion_id, gift.purchaser_id].append(gift)
    return [
        _card(
            row,
            viewer,
            lines[row.occasion_id, row.person_id],
            buying[row.occasion_id, row.person_id],
        )
        for row in rows
    ]


def at_stake(rows: Sequence[PersonOccasion], viewer: Viewer) -> list[Card]:
    """Return the cards with which something would be lost if `rows` were taken off their lists.

    To whom something is hidden every card counts: otherwise not being asked would tell.
    """
    gifts = Gift.objects.filter(occasion__in=[row.occasion_id for row in rows])
    return [
        card
        for card in build(rows, gifts, viewer)
        if card.holds_something or viewer.is_surprised_at(card.row.occasion_id)
    ]


def _touches(gift: Gift, people: Iterable[Person], keys: dict[tuple[int, int], str]) -> str:
    """Name the elements that show something of `gift`, for htmx to redraw."""
    cards = [keys.get((gift.occasion_id, person.pk)) for person in people]
    parts = [f"#{card}-{part}" for card in cards if card for part in ("figures", "lines")]
    buyer = keys.get((gift.occasion_id, gift.purchaser_id or 0))
    return ",".join(["#occasion-figures", *parts, *([f"#{buyer}-figures"] if buyer else [])])


def _card(row: PersonOccasion, viewer: Viewer, lines: list[Line], buying: list[Gift]) -> Card:
    is_own = viewer.person is not None and viewer.person.pk == row.person_id
    is_secret = viewer.is_surprised_at(row.occasion_id)
    hides_received, hides_given = is_secret and is_own, is_secret and not is_own
    shown = [
        role
        for role, hidden in ((Role.RECIPIENT, hides_received), (Role.PURCHASER, hides_given))
        if not hidden
    ]
    received = _add_up((line.gift, line.share) for line in lines)
    given = _add_up((gift, gift.cost) for gift in buying)
    return Card(
        row=row,
        is_surprise=hides_received,
        fields=[budget_field(row, role) for role in shown],
        received=None if hides_received else Figures(received, row.recipient_budget),
        given=None if hides_given else Figures(given, row.purchaser_budget),
        lines=lines,
    )


def budget_field(row: PersonOccasion, role: Role) -> BudgetField:
    """Return the field of one budget as it is stored."""
    stored = typed(row.budget(role), places=currency_places())
    preposition = "for" if role is Role.RECIPIENT else "by"
    return BudgetField(
        role=role,
        key=f"{card_key(row)}-{role}",
        label=f"Gifts {preposition} {row.person.name}",
        short_label=f"{preposition.capitalize()} {row.person.short_name}",
        amount=row.budget(role),
        text=stored,
        stored=stored,
    )


def _add_up(costs: Iterable[tuple[Gift, Decimal]]) -> Spending:
    sums = dict.fromkeys(Gift.Status, ZERO)
    unpriced = count = 0
    for gift, cost in costs:
        sums[Gift.Status(gift.status)] += cost
        unpriced += gift.is_unpriced
        count += 1
    return Spending(
        bought=sum((sums[status] for status in Gift.BOUGHT), ZERO),
        planned=sums[Gift.Status.SELECTED],
        ideas=sums[Gift.Status.IDEA],
        unpriced=unpriced,
        gifts=count,
    )
