"""A believable household to try the app with: budgets with three months of history, a family with
its occasions and gifts over two years, and what was bought in three.

The same random numbers are drawn each time; only the dates follow the calendar.
"""

from datetime import datetime, timedelta

from django.db import transaction

from config.demo import family, gifts, members, purchases
from config.demo.members import HOUSEHOLD, PASSWORD
from people.models import User

__all__ = ["HISTORY", "HOUSEHOLD", "PASSWORD", "SHOPPING", "clear", "only_demo_people", "seed"]

HISTORY = timedelta(days=95)
SHOPPING = timedelta(days=3 * 365)


def only_demo_people() -> bool:
    """Tell whether nobody signs in here but (perhaps) the members of the demo."""
    names = members.USERNAMES
    return not User.objects.exclude(username__in=names, email__endswith="@example.org").exists()


@transaction.atomic
def seed(*, now: datetime) -> None:
    """Make the household as it stands at `now`, with the verbs that the pages use."""
    members.move_in(now=now, history=HISTORY)
    gifts.plan(now=now)
    purchases.go_shopping(now=now, since=SHOPPING)


@transaction.atomic
def clear() -> None:
    """Delete what the demo made, and what its members did since; people added by hand stay."""
    purchases.forget()
    gifts.forget()
    family.forget()
    members.move_out()
