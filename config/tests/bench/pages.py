"""What a page costs the server, with few entries and with millions."""

from collections.abc import Iterator

from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from budgets.models import Budget, Cycle
from config.tests.bench.people import make_members
from config.tests.bench.rows import FORGOTTEN, make_history
from config.tests.bench.scratch import connected_by, copies
from config.tests.bench.sizes import Sizes
from config.tests.bench.tables import Table, milliseconds, times
from config.tests.bench.timing import Way, take_turns

PAGE = "/budget/"


def measure(sizes: Sizes) -> Iterator[Table]:
    call_command("collectstatic", interactive=False, verbosity=0)
    with copies([f"{entries}" for entries in sizes.entries]) as databases:
        houses = [
            _House(database, entries)
            for database, entries in zip(databases, sizes.entries, strict=True)
        ]
        yield _by_entries(houses, sizes)
        yield _by_page(houses[-1], sizes)


class _House:
    """A database of its own in which one member has many entries, and whoever looks at them."""

    def __init__(self, database: BaseDatabaseWrapper, entries: int) -> None:
        self.database, self.entries = database, entries
        with connected_by(database):
            now = timezone.now()
            self.budget = make_history(entries, now=now)
            [other] = make_members(1, now=now, is_staff=True, is_superuser=True)
            self.member, self.administrator = _client(self.budget), _client(other)
            past = Cycle.objects.filter(budget=self.budget, closed_at__isnull=False)
            self.oldest, self.newest = past.earliest("starts_at"), past.latest("starts_at")
            database.close()

    def visit(self, path: str, *, by: Client | None = None) -> Way:
        """Return what asks for the page, signed in as the member unless told otherwise."""
        client = by or self.member

        def visit() -> None:
            with connected_by(self.database):
                response = client.get(path)
            assert response.status_code == 200, f"{path}: {response.status_code}"

        return visit


def _client(budget: Budget) -> Client:
    client = Client()
    assert budget.user
    client.force_login(budget.user)
    return client


def _by_entries(houses: list[_House], sizes: Sizes) -> Table:
    visits = {f"{house.entries:,}": house.visit(PAGE) for house in houses}
    timings = take_turns(visits, rounds=sizes.visits)
    smallest = f"{houses[0].entries:,}"
    return Table(
        "The budget page by the entries of the budget",
        ["entries", "ms", "× the smallest"],
        [
            [name, milliseconds(timings.of(name)), times(timings.ratio(name, to=smallest))]
            for name in visits
        ],
        aim="at most 1.30 times the smallest.",
    )


def _by_page(house: _House, sizes: Sizes) -> Table:
    month, plain = house.newest.starts_at, "as it opens"
    last = -(-house.entries // 20)
    visits = {
        plain: house.visit(PAGE),
        "history, page 2": house.visit(f"{PAGE}?page=2"),
        "history, last page": house.visit(f"{PAGE}?page={last}"),
        "history of one provider": house.visit(f"{PAGE}?provider=google"),
        "history of a forgotten provider": house.visit(f"{PAGE}?provider={FORGOTTEN}"),
        "history of one month": house.visit(
            f"{PAGE}?since={month:%Y-%m}-01&until={month:%Y-%m}-28"
        ),
        "last window": house.visit(f"{PAGE}?window={house.newest.pk}"),
        "first window": house.visit(f"{PAGE}?window={house.oldest.pk}"),
        "breakdown of two years": house.visit(
            f"{PAGE}?from={house.oldest.starts_at:%Y-%m-%d}&to={month:%Y-%m-%d}"
        ),
        "console, entries": house.visit("/admin/budgets/entry/", by=house.administrator),
        "console, entries of a kind": house.visit(
            "/admin/budgets/entry/?kind__exact=refund", by=house.administrator
        ),
        "console, budgets": house.visit("/admin/budgets/budget/", by=house.administrator),
    }
    timings = take_turns(visits, rounds=sizes.visits)
    return Table(
        f"Pages at {house.entries:,} entries",
        ["page", "ms", f"× {plain}"],
        [
            [name, milliseconds(timings.of(name)), times(timings.ratio(name, to=plain))]
            for name in visits
        ],
    )
