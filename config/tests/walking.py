"""A walk over every page of the app, as those who may see most of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlencode

import time_machine
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.http.response import HttpResponse, HttpResponseBase
from django.test import Client

from budgets import ledger
from budgets.models import Budget
from budgets.tests.factories import event, record
from config.tests.addresses import Address, addresses
from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion
from people.models import Person, User
from people.tests.factories import UserFactory

MOMENT = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What came back: the HTML is "" for redirects and downloads."""

    status: int
    headers: dict[str, str]
    html: str

    @classmethod
    def of(cls, response: HttpResponseBase) -> "Answer":
        is_page = isinstance(response, HttpResponse) and "text/html" in response["Content-Type"]
        html = response.content.decode() if is_page else ""
        return cls(response.status_code, dict(response.items()), html)


def walk() -> dict[str, Answer]:
    """Return the answers of every page, by who asked for what."""
    with time_machine.travel(MOMENT, tick=False):
        return {where: Answer.of(response) for where, response in _responses()}


def _responses() -> Iterator[tuple[str, HttpResponseBase]]:
    root = UserFactory(username="root", administrator=True, first_name="O'Ann <b>")
    _live(root.budget)
    rows = _plan(root)
    hidden = UserFactory(username="hidden")
    Budget.objects.filter(user=hidden).update(visible_to_user=False)
    for user in (None, hidden, root):
        client, who = Client(), user.username if user else "visitor"
        for path in _paths(user, rows):
            if user:
                client.force_login(user)  # the walk passes through signing out
            yield f"{who} GET {path}", client.get(path)
            if user is root and (path.endswith("/add/") or not path.startswith("/admin/")):
                with transaction.atomic():
                    yield f"{who} POST {path}", client.post(path)
                    transaction.set_rollback(True)  # what was deleted is still to be visited
    yield from _questions(root)


def _live(budget: Budget) -> None:
    """Leave something to show on every page."""
    entries = [
        record(budget, f"{number + 1}", now=MOMENT, provider=f"provider{number}", model="m")
        for number in range(4)
    ]
    ledger.ingest([event(budget, "0.01") for _ in range(40)], now=MOMENT)
    ledger.hold(budget=budget, amount=Decimal(5), now=MOMENT)
    ledger.reverse(entry=entries[0], now=MOMENT)
    ledger.reset(budget=budget, actor=budget.user, reason="A <b>fresh</b> start", now=MOMENT)
    record(budget, "120", now=MOMENT, provider="provider1", model="m")


def _plan(root: User) -> dict[type[Model], Model]:
    """Write down people, occasions and gifts; return those that the walk comes by."""
    today = MOMENT.date()
    root_person = Person(name="O'Ann <b>", user=root, birthday=date(1990, 2, 28))
    ann = planning.save_person(person=root_person, today=today)
    texts = dict.fromkeys(("interests", "sizes", "notes"), "<b>Ann's</b>")
    mom = planning.save_person(
        person=Person(name="Mom <b>", birthday=date(1960, 10, 3), **texts), today=today
    )
    occasions = [
        planning.change_occasion(
            occasion=Occasion(),
            values={
                "name": "<b>Ann's feast",
                "description": "<b>",
                "date": day,
                "budget_total": Decimal(100),
            },
            people=[mom],
        )
        for day in (date(2026, 12, 25), date(2025, 12, 25))
    ]
    about = {"link": "https://example.com/", "notes": "<b>", "purchaser": ann}
    gifts = [
        planning.add_gift(
            occasion=occasion,
            recipients=[mom],
            values={"title": "<b>Scarf", "price": Decimal(40), "status": status, **about},
            today=today,
        )
        for occasion in occasions
        for status in Gift.Status
    ]
    # At this one there is a surprise for whoever walks.
    planning.link(occasion=Occasion.objects.get(celebrates=mom), person=ann, receives=True)
    card = occasions[0].links.get(person=mom)
    return {Person: mom, Occasion: occasions[0], PersonOccasion: card, Gift: gifts[0]}


def _paths(user: User | None, rows: dict[type[Model], Model]) -> Iterator[str]:
    sees_all = user is not None and user.is_staff
    for address in addresses():
        if sees_all or address.name == "admin:index" or not address.template.startswith("/admin/"):
            yield address.at(**dict(_keys(address, rows)))
    yield "/no/such/page/"
    yield "/budget/?" + urlencode({"from": "2026-07-15", "to": "2026-07-01", "page": "2"})
    if sees_all:
        for console in admin.site._registry.values():
            yield f"/admin/{console.opts.app_label}/{console.opts.model_name}/?q=ann&o=1"


def _keys(address: Address, rows: dict[type[Model], Model]) -> Iterator[tuple[str, int]]:
    for parameter, model in address.keys.items():
        if row := rows.get(model) or model._default_manager.first():
            yield parameter, row.pk


def _questions(root: User) -> Iterator[tuple[str, HttpResponseBase]]:
    """Yield the pages with which the console asks back before it acts."""
    client = Client()
    client.force_login(root)
    for model, console in admin.site._registry.items():
        place = f"/admin/{console.opts.app_label}/{console.opts.model_name}/"
        row = model._default_manager.first()
        request = client.get(place).wsgi_request
        for action in console.get_actions(request) if row else ():
            data = {"action": action, "index": "0", "_selected_action": [str(row.pk)]}
            yield f"root {action} at {place}", client.post(place, data)
