"""The API of a real server with two processes, asked by many at once, and killed under load."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import httpx
import pytest
from django.utils import timezone

from budgets import ledger
from budgets.models import Cycle, Entry, Hold
from budgets.tests.factories import make_budget
from config.tests.serving import served
from people import tokens
from people.models import Scope

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 8


@pytest.fixture
def budget():
    return make_budget(now=timezone.now(), limit=Decimal(40), enforced=True)


@pytest.fixture
def server(budget, tmp_path):
    with served(tmp_path) as server:
        yield server


@pytest.fixture
def asking(server, budget):
    """Ask the server as a program of the budget's member."""
    now = timezone.now()
    made = tokens.mint(user=budget.user, name="Gateway", scopes=list(Scope), now=now)
    with httpx.Client(
        base_url=f"{server.address}/api/v1/",
        headers={"Authorization": f"Bearer {made.secret}"},
        limits=httpx.Limits(max_connections=AT_ONCE),
        timeout=60,
    ) as client:
        yield client


def test_a_hundred_holds_at_once_take_what_is_left_and_no_more(asking, budget):
    def hold(number: int) -> int:
        return asking.post("holds", json={"amount": "1.00", "memo": f"call {number}"}).status_code

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = Counter(threads.map(hold, range(100)))
    assert answers == {201: 40, 402: 60}
    assert Hold.objects.filter(budget=budget, status=Hold.Status.HELD).count() == 40
    assert Cycle.objects.open().get(budget=budget).held == 40
    assert not list(ledger.check())


def test_a_server_killed_under_load_has_charged_each_key_once(asking, server, budget):
    keys = [f"call-{number}" for number in range(300)]
    answered: set[str] = set()
    enough = Event()

    def post(key: str) -> None:
        body = {"cost": "0.01", "provider": "acme", "model": "m-1", "memo": key}
        answer = asking.post("usage", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        answered.add(key)
        if len(answered) >= len(keys) // 3:
            enough.set()

    def try_to_post(key: str) -> None:
        try:
            post(key)
        except httpx.TransportError:
            time.sleep(0.01)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting = [threads.submit(try_to_post, key) for key in keys]
        assert enough.wait(60)
        server.kill()
        for one in waiting:
            one.result()
    before = set(answered)
    assert len(keys) // 3 <= len(before) < len(keys)
    assert before <= set(Entry.objects.values_list("memo", flat=True))

    server.start()
    for key in keys:
        post(key)

    assert Counter(Entry.objects.values_list("memo", flat=True)) == Counter(keys)
    assert Cycle.objects.open().get(budget=budget).spent == 3
    assert not list(ledger.check())
