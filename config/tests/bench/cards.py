"""What the page of a large occasion costs the server, and one budget field that saves itself."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import cycle

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from config.tests.bench.people import make_members
from config.tests.bench.sizes import Sizes
from config.tests.bench.tables import Table, milliseconds, times
from config.tests.bench.timing import Way, take_turns
from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion, Role
from occasions.tests.factories import CardFactory, OccasionFactory, make_gift

#: The leanest page with the same frame, three password fields; and one with a list of time zones.
EMPTY, ACCOUNT = "/account/password/", "/account/"
#: How htmx asks for a part of the page after a budget has saved itself.
PART = {"HX-Request": "true", "HX-Target": "occasion-figures"}
STATES = tuple(Gift.Status)


def measure(sizes: Sizes) -> Iterator[Table]:
    call_command("collectstatic", interactive=False, verbosity=0)
    now = timezone.now()
    [budget] = make_members(1, now=now)
    assert budget.user
    client = Client()
    client.force_login(budget.user)
    occasion, bare = _occasion(sizes), OccasionFactory(name="Midsummer")
    page, bare_page = occasion.get_absolute_url(), bare.get_absolute_url()
    empty, account = "password page", "account page"
    ways = {
        empty: _visit(client, EMPTY),
        account: _visit(client, ACCOUNT),
        "an occasion without people": _visit(client, bare_page),
        f"{sizes.people} people, {sizes.gifts} gifts": _visit(client, page),
        "one auto-save": _save(client, occasion.links.get(person__name="Person 1")),
        "the figures above, after it": _visit(client, page, headers=PART),
    }
    timings = take_turns(ways, rounds=sizes.visits)
    yield Table(
        "The page of an occasion",
        ["request", "ms", f"× the {empty}", f"× the {account}"],
        [
            [
                name,
                milliseconds(timings.of(name)),
                times(timings.ratio(name, to=empty)),
                times(timings.ratio(name, to=account)),
            ]
            for name in ways
        ],
        aim="at most 6 for the page and 2 for an auto-save.",
    )


def _occasion(sizes: Sizes) -> Occasion:
    """Return an occasion with budgets for everybody and gifts in every state, a fifth shared."""
    occasion = OccasionFactory(budget_total=Decimal(9_000))
    people = [
        CardFactory(
            occasion=occasion,
            person__name=f"Person {number + 1}",
            recipient_budget=Decimal(200 + number),
            purchaser_budget=Decimal(100) if number % 2 else None,
        ).person
        for number in range(sizes.people)
    ]
    for number in range(sizes.gifts):
        first, second, third = (people[(number + step) % len(people)] for step in range(3))
        make_gift(
            occasion,
            *([first, second] if number % 5 == 0 else [first]),
            title=f"Gift {number}",
            price=f"{10 + number}.99",
            status=STATES[number % len(STATES)],
            purchaser=third if number % 3 else None,
        )
    return occasion


def _visit(client: Client, path: str, *, headers: Mapping[str, str] | None = None) -> Way:
    def visit() -> None:
        response = client.get(path, headers=headers)
        assert response.status_code == 200, f"{path}: {response.status_code}"

    return visit


def _save(client: Client, card: PersonOccasion) -> Way:
    """Return what saves another amount each time, as the field of a card does."""
    path = f"/occasions/{card.occasion_id}/people/{card.person_id}/"
    seen = "200.00"
    planning.save_budget(card=card, role=Role.RECIPIENT, amount=Decimal(seen), seen=Decimal(200))
    amounts = cycle(["250.00", "200.00"])

    def save() -> None:
        nonlocal seen
        amount = next(amounts)
        data = {"recipient_budget": amount, "recipient_budget_seen": seen}
        response = client.post(path, data, headers={"HX-Request": "true"})
        assert response.status_code == 200, f"{path}: {response.status_code}"
        seen = amount

    return save
