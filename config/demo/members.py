"""Who lives in the demo: members with budgets, and the history that their stories tell."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from django.contrib.auth.hashers import make_password

from budgets import ledger
from budgets.ledger import Event, Posting
from budgets.models import Budget, Change, Cycle, DailyTotal, Entry, Hold, Origin, Reset
from budgets.money import MICRO, from_micros, to_micros
from budgets.splits import split
from people.models import User

PASSWORD = "open-the-purse"  # noqa: S105  (printed for everybody who tries the demo)
#: In how many uses a member spends what is still missing from their story.
PARTS = 24

#: Provider, model, operation, and dollars per million input and output tokens.
_USES = (
    ("anthropic", "claude-sonnet-4-5", "chat", Decimal(3), Decimal(15)),
    ("anthropic", "claude-haiku-4-5", "chat", Decimal(1), Decimal(5)),
    ("openai", "gpt-4o", "chat", Decimal("2.5"), Decimal(10)),
    ("openai", "gpt-4o-mini", "summarise", Decimal("0.15"), Decimal("0.6")),
    ("google", "gemini-2.5-pro", "search", Decimal("1.25"), Decimal(10)),
)


@dataclass(frozen=True)
class Member:
    """Somebody in the demo: their settings, how much they use, and how full they end up."""

    username: str
    first_name: str
    last_name: str
    timezone: str
    story: str
    a_day: int
    ends_at: Decimal
    settings: dict[str, Any] = field(default_factory=dict)
    is_staff: bool = False
    #: For how long they have been here, when that is longer than the others.
    since: timedelta | None = None


HOUSEHOLD = (
    Member(
        "maya",
        "Maya",
        "Lindqvist",
        "Europe/Stockholm",
        "administrator, sees the console",
        6,
        Decimal("0.48"),
        is_staff=True,
    ),
    Member(
        "ben",
        "Ben",
        "Lindqvist",
        "Europe/Stockholm",
        "monthly budget, nearly used",
        4,
        Decimal("0.93"),
    ),
    Member(
        "zoe",
        "Zoe",
        "Lindqvist",
        "America/Chicago",
        "weekly budget, may change it and start over",
        3,
        Decimal("0.34"),
        {
            "period": "weekly",
            "limit": Decimal(12),
            "modify_ceiling": Decimal(20),
            "user_can_modify": True,
            "user_can_reset": True,
        },
    ),
    Member(
        "leo",
        "Leo",
        "Okafor",
        "Asia/Tokyo",
        "custom budget of 14 days, not enforced, over",
        5,
        Decimal("1.18"),
        {
            "period": "custom",
            "custom_days": 14,
            "limit": Decimal(20),
            "enforced": False,
            "user_can_modify": True,
        },
    ),
    Member(
        "ida",
        "Ida",
        "Lindqvist",
        "Europe/Stockholm",
        "daily budget, getting close",
        2,
        Decimal("0.78"),
        {"period": "daily", "limit": Decimal(2)},
    ),
    Member(
        "nina",
        "Nina",
        "Okafor",
        "UTC",
        "budget hidden from her",
        2,
        Decimal("0.25"),
        {"visible_to_user": False},
    ),
    Member(
        "olle",
        "Olle",
        "Lindqvist",
        "Europe/Stockholm",
        "buys for the household, three years of purchases",
        0,
        Decimal(0),
        {"limit": Decimal(900), "enforced": False},
        since=timedelta(days=3 * 365 + 7),
    ),
)
USERNAMES = [member.username for member in HOUSEHOLD]


def move_in(*, now: datetime, history: timedelta) -> None:
    """Make the members and live through their `history`, with the ledger's own verbs."""
    password = make_password(PASSWORD)
    for number, member in enumerate(HOUSEHOLD):
        chance = random.Random(number)  # noqa: S311  (a story, not a secret)
        _live(member, password, chance, now, history)
    _add_incidents(now)


def _live(
    member: Member, password: str, chance: random.Random, now: datetime, history: timedelta
) -> None:
    budget = _register(member, password, now - (member.since or history))
    if not member.a_day:
        return  # the windows of who only shops follow their purchases
    evenings = [now - history + timedelta(days=day) for day in range(1, history.days + 1)]
    past = sorted((use for evening in evenings for use in _day(member, chance, evening)), key=_when)
    while past:
        # Window by window, so that each closes with what was spent in it.
        window = ledger.roll(budget, now=_when(past[0])).window
        uses = [use for use in past if _when(use) in window]
        ledger.ingest([Event(budget, use) for use in uses], now=_when(uses[-1]))
        past = past[len(uses) :]
    _fill(member, budget, chance, now)


def _when(posting: Posting) -> datetime:
    return cast(datetime, posting.occurred_at)


def _register(member: Member, password: str, now: datetime) -> Budget:
    # In bulk, so that the budget begins where the history does and not today.
    [user] = User.objects.bulk_create(
        [
            User(
                username=member.username,
                first_name=member.first_name,
                last_name=member.last_name,
                email=f"{member.username}@example.org",
                timezone=member.timezone,
                is_staff=member.is_staff,
                is_superuser=member.is_staff,
                password=password,
            )
        ]
    )
    budget = ledger.ensure_budget(user, now=now)
    ledger.configure(
        budget=budget, settings=member.settings, actor=None, origin=Origin.COMMAND, now=now
    )
    return Budget.objects.select_related("user").get(pk=budget.pk)


def _day(member: Member, chance: random.Random, evening: datetime) -> Iterator[Posting]:
    for _ in range(chance.randint(0, 2 * member.a_day)):
        yield _use(chance, evening - timedelta(seconds=chance.randint(1, 80_000)))


def _use(chance: random.Random, at: datetime, *, cost: Decimal | None = None) -> Posting:
    provider, model, operation, price_in, price_out = chance.choice(_USES)
    tokens_in, tokens_out = chance.randint(400, 90_000), chance.randint(50, 4_000)
    priced = (tokens_in * price_in + tokens_out * price_out) / 1_000_000
    if cost is not None:
        tokens_in, tokens_out = (int(n * cost / priced) for n in (tokens_in, tokens_out))
    return Posting(
        amount=(priced if cost is None else cost).quantize(MICRO, ROUND_HALF_UP),
        occurred_at=at,
        provider=provider,
        model=model,
        operation=operation,
        input_tokens=tokens_in,
        output_tokens=tokens_out,
    )


def _fill(member: Member, budget: Budget, chance: random.Random, now: datetime) -> None:
    """Spend over the window what brings the member to where their story ends."""
    cycle = ledger.roll(budget, now=now)
    missing = (cycle.available * member.ends_at - cycle.spent).quantize(MICRO)
    if missing <= 0:
        return
    passed = now - cycle.starts_at
    costs = split(to_micros(missing), [chance.randint(1, 9) for _ in range(PARTS)])
    events = [
        Event(budget, _use(chance, now - passed * part / (PARTS + 1), cost=from_micros(micros)))
        for part, micros in enumerate(reversed(costs), start=1)
    ]
    ledger.ingest(events[::-1], now=now, as_facts=True)


def _add_incidents(now: datetime) -> None:
    """Add what the pages should have something to show for: a hold, a reversal, a reset."""
    budgets = {budget.member_name: budget for budget in Budget.objects.select_related("user")}
    maya = budgets["maya"].user
    ledger.hold(
        budget=budgets["maya"],
        amount=Decimal("4.50"),
        now=now,
        life=timedelta(hours=6),
        memo="A long research run",
    )
    ledger.reverse(entry=_bill_again(budgets["ben"], now), now=now, memo="Billed twice")
    ledger.configure(
        budget=budgets["ben"],
        settings={"admin_notes": "Asked for 35.00; we talk about it in spring."},
        actor=maya,
        origin=Origin.ADMIN,
        now=now,
    )
    ledger.reset(
        budget=budgets["nina"], actor=maya, reason="A fresh start after the exams", now=now
    )


def _bill_again(budget: Budget, now: datetime) -> Entry:
    """Post one of the latest entries a second time, as a provider may do."""
    billed = Entry.objects.for_history(budget)[3]
    posting = Posting(
        amount=billed.amount,
        occurred_at=billed.occurred_at,
        provider=billed.provider,
        model=billed.model,
        operation=billed.operation,
        input_tokens=billed.input_tokens,
        output_tokens=billed.output_tokens,
    )
    return ledger.charge(budget=budget, posting=posting, now=now, as_fact=True)


def move_out() -> None:
    """Delete the members with everything of theirs."""
    users = User.objects.filter(username__in=USERNAMES)
    budgets = list(Budget.objects.filter(user__in=users).values_list("pk", flat=True))
    # The ledger deletes nothing, so its rows go here, those that point at others first.
    Hold.objects.filter(budget__in=budgets).delete()
    Entry.objects.filter(budget__in=budgets, reverses__isnull=False).delete()
    for rows in (Entry, DailyTotal, Reset, Change, Cycle):
        rows.objects.filter(budget__in=budgets).delete()
    Budget.objects.filter(pk__in=budgets).delete()
    users.delete()
