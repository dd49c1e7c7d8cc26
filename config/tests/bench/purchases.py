"""What the pages of purchases cost the server, with a thousand of them and with many."""

from collections.abc import Iterator, Mapping

from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from config.tests.bench.people import make_members
from config.tests.bench.scratch import connected_by, copies
from config.tests.bench.shelves import make_purchases
from config.tests.bench.sizes import Sizes
from config.tests.bench.tables import Table, milliseconds, times
from config.tests.bench.timing import Way, take_turns

#: What the others are compared with: the leanest page with the same frame, three password fields,
#: and the list and the analytics of a member when nothing was bought.
EMPTY = "/account/password/"
BARE = {"empty list": "/purchases/", "empty analytics": "/analytics/"}
PAGES = {
    "list": "/purchases/",
    "list, page 3": "/purchases/?page=3",
    "list by price": "/purchases/?sort=-price",
    "search": "/purchases/?q=number+17",
    "search for what is not there": "/purchases/?q=zeppelin",
    "filters": "/purchases/?status=received&retailer=1&tax=&warranty=active",
    "warranties": "/warranties/",
    "retailers": "/retailers/",
    "analytics": "/analytics/",
    "analytics of a month": "/analytics/?since={since}&until={until}",
    "palette": "/find/?q=number+17",
    "home": "/",
}


def measure(sizes: Sizes) -> Iterator[Table]:
    call_command("collectstatic", interactive=False, verbosity=0)
    with copies(["none", *(f"{number}" for number in sizes.purchases)]) as [bare, *databases]:
        client = _member(bare, 0)
        empty = {name: _visit(bare, client, path) for name, path in BARE.items()}
        for database, number in zip(databases, sizes.purchases, strict=True):
            yield _pages(database, number, empty, sizes)


def _member(database: BaseDatabaseWrapper, number: int) -> Client:
    """Sign in a member of that database, who made so many purchases."""
    now = timezone.now()
    with connected_by(database):
        [budget] = make_members(1, now=now)
        assert budget.user
        make_purchases(budget.user, number, now=now)
        client = Client()
        client.force_login(budget.user)
        database.close()
    return client


def _pages(
    database: BaseDatabaseWrapper, number: int, bare: Mapping[str, Way], sizes: Sizes
) -> Table:
    now, client = timezone.now(), _member(database, number)
    empty = "password page"
    month = {"since": f"{now:%Y-%m}-01", "until": f"{now:%Y-%m-%d}"}
    ways = {
        empty: _visit(database, client, EMPTY),
        **bare,
        **{name: _visit(database, client, path.format(**month)) for name, path in PAGES.items()},
    }
    timings = take_turns(ways, rounds=sizes.visits)
    return Table(
        f"Pages at {number:,} purchases",
        ["page", "ms", *(f"× {other}" for other in (empty, *bare))],
        [
            [
                name,
                milliseconds(timings.of(name)),
                *(times(timings.ratio(name, to=other)) for other in (empty, *bare)),
            ]
            for name in ways
        ],
        aim="at 100,000 at most 5 for the list and 15 for analytics.",
    )


def _visit(database: BaseDatabaseWrapper, client: Client, path: str) -> Way:
    def visit() -> None:
        with connected_by(database):
            response = client.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code}"

    return visit
