"""The home page: a greeting, where the budget stands, and what happened last."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import Budget
from budgets.tests.factories import NOW, make_budget, record, set_up
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def budget() -> Budget:
    return make_budget(limit=30)


@pytest.fixture
def member(client: Client, budget: Budget) -> Client:
    client.force_login(budget.user)
    return client


def page_of(client: Client) -> str:
    return client.get("/").content.decode().replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_greets_by_name(member, budget):
    assert f"<h1>Hello, {budget.user.username}</h1>" in page_of(member)
    budget.user.first_name = "Ann"
    budget.user.save()
    assert "<h1>Hello, Ann</h1>" in page_of(member)


def test_tells_where_the_budget_stands_and_leads_to_it(member, budget):
    record(budget, "27.90")
    page = page_of(member)
    assert '<span class="money">$2.10</span> left until July 31' in page
    assert "Nearly used" in page
    assert '<a href="/budget/">Open your budget' in page


def test_shows_the_latest_five_newest_first(member, budget):
    for number in range(7):
        record(budget, "0.10", model=f"model-{number}", occurred_at=NOW - timedelta(hours=number))
    page = page_of(member)
    shown = [number for number in range(7) if f"model-{number}<" in page]
    assert shown == [0, 1, 2, 3, 4]
    places = [page.index(f"model-{number}<") for number in shown]
    assert places == sorted(places)
    assert '<a href="/budget/#history">All of it</a>' in page


def test_names_an_entry_by_its_model_its_memo_or_its_kind(member, budget):
    record(budget, "1", model="gpt-4o", provider="openai", memo="Homework")
    record(budget, "2.5", memo="A long research run")
    record(budget, "-3", kind="refund")
    page = page_of(member)
    assert "<li><span>gpt-4o<" in page
    assert "openai, Homework, Jul 15, 12:00 PM" in page
    assert "<li><span>A long research run<" in page
    assert '<span class="money">$2.50</span>' in page
    assert "<li><span>Refund<" in page


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Tokyo", "Jul 15, 9:00 PM"),
        ("America/St_Johns", "Jul 15, 9:30 AM"),
        ("Pacific/Kiritimati", "Jul 16, 2:00 AM"),
    ],
)
def test_tells_times_in_the_members_own_zone(client, zone, shown):
    budget = make_budget(timezone=zone)
    record(budget, "1")
    client.force_login(budget.user)
    assert shown in page_of(client)


def test_says_so_when_nothing_was_spent_yet(member):
    page = page_of(member)
    assert "Nothing has been spent yet." in page
    assert "All of it" not in page


def test_shows_only_ones_own(member):
    record(make_budget(), "7.77", model="somebody-elses")
    page = page_of(member)
    assert "somebody-elses" not in page
    assert "7.77" not in page


def test_a_hidden_budget_is_not_told_but_whom_to_ask(member, budget):
    UserFactory(username="root", first_name="Maya", email="maya@example.org", is_staff=True)
    UserFactory(username="gone", first_name="Gone", is_staff=True, is_active=False)
    record(budget, "27.90", model="gpt-4o")
    set_up(budget, visible_to_user=False)
    answer = member.get("/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Your budget is hidden from you" in page
    assert '<a href="mailto:maya@example.org">Maya</a>' in page
    assert "Gone" not in page
    assert "$" not in page
    assert "gpt-4o" not in page


def test_opens_the_window_that_has_begun(member, budget, time_machine):
    record(budget, "12")
    time_machine.move_to(datetime(2026, 8, 2, 9, 0, tzinfo=UTC))
    member.force_login(budget.user)
    assert '<span class="money">$30.00</span> left until August 31' in page_of(member)


def test_asks_the_same_queries_with_many_entries_as_with_few(member, budget):
    record(budget, "0.01")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page_of(member)
    for _ in range(20):
        record(budget, "0.01")
    with CaptureQueriesContext(connection) as many:
        page_of(member)
    assert len(many) == len(few) == 10


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_get_is_answered(member, method):
    assert getattr(member, method)("/").status_code == 405
