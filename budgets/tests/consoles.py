"""What the console's tests share: an administrator at work, and reading the list they see."""

import csv
import io
import re
from datetime import UTC
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.signing import loads
from django.http import HttpResponse
from django.test import Client
from django.utils.html import strip_tags

from budgets.ledger import configure
from budgets.ledger.opening import new_cycle
from budgets.models import Budget, Cycle, Origin
from budgets.periods import window_at
from budgets.tests.factories import NOW
from people.models import User
from people.tests.factories import UserFactory

#: Console tests happen at one moment: signing in, windows and all.
at_now = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

LIST = "/admin/budgets/budget/"


def administrator(**details: Any) -> Client:
    """Return the client of an administrator without any model permission."""
    client = Client()
    client.force_login(UserFactory(**{"username": "root", "is_staff": True, **details}))
    return client


def budget_of(username: str, **settings: Any) -> Budget:
    """Return the budget of a new member, whose own fields may be given beside the settings."""
    about = {"first_name", "last_name", "email", "timezone", "is_staff"}
    user = UserFactory(
        username=username, **{name: settings.pop(name) for name in about & {*settings}}
    )
    budget = Budget.objects.select_related("user").get(user=user)
    if settings:
        configure(budget=budget, settings=settings, actor=None, origin=Origin.COMMAND, now=NOW)
    return Budget.objects.select_related("user").get(pk=budget.pk)


def many(count: int) -> list[Budget]:
    """Make many members quickly, each with a budget and an open window."""
    start = User.objects.count()
    users = User.objects.bulk_create(
        User(username=f"many{start + number:04}", timezone="UTC") for number in range(count)
    )
    budgets = Budget.objects.bulk_create(
        Budget(user=user, member_name=user.username, limit=Decimal(30), created_at=NOW)
        for user in users
    )
    window = window_at(NOW, budgets[0].schedule, UTC, anchor=NOW.date())
    Cycle.objects.bulk_create(new_cycle(budget, window, now=NOW) for budget in budgets)
    return budgets


def text_of(html: str) -> str:
    """Return what a person reads: no tags, single spaces."""
    spaced = re.sub(r"<(?!/?(?:a|b|i|em|strong)\b)", " <", html)
    return re.sub(r"\s+", " ", unescape(strip_tags(spaced))).strip()


def rows_of(response: HttpResponse, key: str = "member") -> dict[str, dict[str, str]]:
    """Return the rows of a list as text, by the first word of their `key` column."""
    rows = {}
    table = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    for row in table.split("<tr>")[1:]:
        cells = {
            name: text_of(cell)
            for name, cell in re.findall(r'class="field-(\w+)[^"]*">(.*?)</t[dh]>', row, re.DOTALL)
        }
        rows[cells[key].split()[0]] = cells
    return rows


def tiles_of(response: HttpResponse) -> dict[str, str]:
    tiles = response.content.decode().partition('<dl class="tiles">')[2].partition("</dl>")[0]
    return {
        text_of(name): text_of(value)
        for name, value in re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", tiles, re.DOTALL)
    }


def said_by(response: HttpResponse) -> list[str]:
    """Return the messages on the page."""
    return [str(message) for message in response.context["messages"]]


def sheet_of(response: Any) -> list[dict[str, str]]:
    """Read a CSV answer."""
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def act(client: Client, action: str, *budgets: Budget, url: str = LIST, **data: Any) -> Any:
    """Tick the budgets in the list and run an action."""
    ticked = [str(budget.pk) for budget in budgets]
    return client.post(
        url, {"action": action, "index": "0", "_selected_action": ticked, **data}, follow=True
    )


def apply(client: Client, asked: Any, url: str = LIST, **answers: Any) -> Any:
    """Answer the page that an action asked with."""
    html = asked.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    hidden.pop("csrfmiddlewaretoken", None)
    assert loads(hidden["budgets"], salt="budgets.console")
    return client.post(url, {**hidden, **answers}, follow=True)
