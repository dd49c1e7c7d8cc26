"""Charges a second through the ledger's verb, against the same statements without Django."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from decimal import Decimal
from functools import partial
from itertools import count, cycle, islice

from django.db import connection
from django.utils import timezone

from budgets import ledger
from budgets.ledger import Posting
from budgets.models import Budget
from config.tests.bench.people import make_members
from config.tests.bench.plain import Charge, Statement, driver, said_by
from config.tests.bench.sizes import Sizes
from config.tests.bench.tables import Table, percent, rate
from config.tests.bench.timing import take_turns

HELD, LOADED, PLAIN = "budget at hand", "budget loaded each time", "plain driver"

_numbers = count(1)


def measure(sizes: Sizes) -> Iterator[Table]:
    now = timezone.now()
    hot = make_members(1, now=now)
    everybody = make_members(sizes.users, now=now)
    rows = [
        _row(clients, users, budgets, sizes)
        for clients in (1, sizes.threads)
        for users, budgets in (("one user", hot), (f"{sizes.users:,} users", everybody))
    ]
    yield Table(
        "Charges a second",
        ["clients, users", *_WAYS, f"{HELD} / plain", f"{LOADED} / plain"],
        rows,
        aim="at least 60 % of the plain driver with one client and the budget at hand.",
    )


def _row(clients: int, users: str, budgets: list[Budget], sizes: Sizes) -> list[str]:
    share = sizes.charges // clients
    with ExitStack() as stack:
        turns = {
            way: partial(_together, [prepare(stack, budgets, share) for _ in range(clients)])
            for way, prepare in _WAYS.items()
        }
        timings = take_turns(turns, rounds=sizes.rounds)
    threads = f"{clients} thread{'s' if clients > 1 else ''}"
    return [
        f"{threads}, {users}",
        *(rate(share * clients, timings.of(way)) for way in _WAYS),
        *(percent(timings.ratio(PLAIN, to=way)) for way in (HELD, LOADED)),
    ]


Run = Callable[[], object]


def _together(runs: Sequence[Run]) -> None:
    """Run one thing as it is, and several in a thread of their own each."""
    if len(runs) == 1:
        runs[0]()
        return
    with ThreadPoolExecutor(len(runs)) as pool:
        for done in [pool.submit(_then_hang_up, run) for run in runs]:
            done.result()


def _then_hang_up(run: Run) -> None:
    try:
        run()
    finally:
        connection.close()


def _posting() -> Posting:
    return Posting(
        amount=Decimal("0.001234"),
        provider="openai",
        model="gpt-4o",
        operation="chat",
        input_tokens=4_808,
        output_tokens=10,
        source="gateway",
        source_event_id=f"event-{next(_numbers)}",
    )


def _held(stack: ExitStack, budgets: list[Budget], share: int) -> Run:
    turn = cycle(budgets)

    def charge() -> None:
        now = timezone.now()
        for budget in islice(turn, share):
            ledger.charge(budget=budget, posting=_posting(), now=now)

    return charge


def _loaded(stack: ExitStack, budgets: list[Budget], share: int) -> Run:
    users = cycle([budget.user for budget in budgets if budget.user])

    def charge() -> None:
        now = timezone.now()
        for user in islice(users, share):
            budget = ledger.budget_of(user, now=now)
            ledger.charge(budget=budget, posting=_posting(), now=now)

    return charge


def _plain(stack: ExitStack, budgets: list[Budget], share: int) -> Run:
    statements = _said(budgets[0])
    _, values = statements[-1]
    send: Charge = stack.enter_context(driver(statements))
    turn = cycle([budget.pk for budget in budgets])

    def charge() -> None:
        for pk in islice(turn, share):
            send({**values, "budget": pk, "event": f"event-{next(_numbers)}"})

    return charge


def _said(budget: Budget) -> list[Statement]:
    now = timezone.now()
    return said_by(lambda: ledger.charge(budget=budget, posting=_posting(), now=now))


_WAYS = {HELD: _held, LOADED: _loaded, PLAIN: _plain}
