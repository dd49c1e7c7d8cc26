"""A walk over every page of the app, as those who may see most of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
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
from config import backups
from config.tests.addresses import SAMPLES, Address, addresses
from config.tests.shelf import shelf_in
from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion
from people import tokens
from people.models import ApiToken, Person, Scope, User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.importing.rows import Row
from purchases.models import (
    Attachment,
    Brand,
    ImportBatch,
    ImportPreset,
    ImportRow,
    Purchase,
    Retailer,
    UndoStep,
    Warranty,
)
from purchases.tests.factories import AttachmentFactory

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
        if response.streaming:
            b"".join(response)  # what is read to its end is closed
        return cls(response.status_code, dict(response.items()), html)


def walk() -> dict[str, Answer]:
    """Return the answers of every page, by who asked for what."""
    with (
        time_machine.travel(MOMENT, tick=False),
        TemporaryDirectory() as folder,
        shelf_in(Path(folder)),
    ):
        return {where: Answer.of(response) for where, response in _responses()}


def _responses() -> Iterator[tuple[str, HttpResponseBase]]:
    root = UserFactory(username="root", administrator=True, first_name="O'Ann <b>")
    _live(root.budget)
    rows = _plan(root)
    assert backups.make(now=MOMENT).name == SAMPLES["name"]
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
    rows = {Person: mom, Occasion: occasions[0], PersonOccasion: card, Gift: gifts[0]}
    return rows | _let_in(root) | _shop(root, gifts[0]) | _import(root)


def _let_in(root: User) -> dict[type[Model], Model]:
    """Give programs two tokens, of which one has ended; return what the walk comes by."""
    about = {"user": root, "scopes": list(Scope), "for_others": True, "now": MOMENT}
    gone, live = (tokens.mint(name=f"<b>Ann's {name}", **about) for name in ("laptop", "script"))
    tokens.revoke(gone.token, now=MOMENT)
    return {ApiToken: live.token}


def _shop(root: User, gift: Gift) -> dict[type[Model], Model]:
    """Write down purchases with all that hangs on them; return those that the walk comes by."""
    about = {
        "name": "<b>Ann's kettle",
        "price": Decimal("35.50"),
        "purchased_on": MOMENT.date(),
        "retailer": "<b>Ann's corner",
        "brand": "<b>Ann",
        "tags": ["<b>tea"],
        "notes": "<b>",
        "serial_number": "<b>1",
        "link": "https://example.com/",
        "return_by": MOMENT.date(),
    }
    warranty = {"ends_on": MOMENT.date(), "provider": "<b>Ann", "notes": "<b>"}
    purchase, gone, _ = (
        keeping.record(owner=root, values=about | more, by=root, now=MOMENT, warranties=[warranty])
        for more in (
            {"shared": True},
            {"name": "<b>Gone"},
            {"gift": gift, "currency": "EUR", "exchange_rate": Decimal("1.1")},
        )
    )
    keeping.trash(purchase=gone, now=MOMENT)
    keeping.make_feed(user=root, now=MOMENT)
    UndoStep.objects.create(user=root, before={}, made_at=MOMENT)
    AttachmentFactory(purchase=purchase, name="<b>Ann's.png", uploaded_by=root)
    assert purchase.retailer
    assert purchase.brand
    return {
        Purchase: purchase,
        Warranty: purchase.warranties.get(),
        Attachment: purchase.attachments.get(),
        Retailer: purchase.retailer,
        Brand: purchase.brand,
    }


def _import(root: User) -> dict[type[Model], Model]:
    """Leave an import of which every row has another fate; return what the walk comes by."""
    batch = ImportBatch.objects.create(
        owner=root,
        by=root,
        name="<b>Ann's.csv",
        size=1,
        format="amazon-items",
        state=ImportBatch.State.READY,
        made_at=MOMENT,
        changed_at=MOMENT,
    )
    for number, fate in enumerate(ImportRow.Fate, start=1):
        row = Row(
            line=number,
            source="amazon-items",
            source_id=f"{number}",
            name="<b>Ann's lamp",
            price=Decimal(12),
            currency="USD",
            purchased_on=MOMENT.date(),
            retailer="<b>Ann",
        )
        about = {} if fate == ImportRow.Fate.ERROR else {"data": row.as_json()}
        batch.rows.create(number=number, line=number, fate=fate, reason="<b>Ann's", **about)
    preset = ImportPreset.objects.create(owner=root, name="<b>Ann's bank", choices={})
    return {ImportBatch: batch, ImportPreset: preset}


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
