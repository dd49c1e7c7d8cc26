"""reset_budgets: who is reset, who is asked, and that nothing is half done."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError

from budgets.ledger import check
from budgets.models import Cycle, Entry, Reset
from budgets.tests.factories import NOW, make_budget, open_cycle, record, spend
from budgets.tests.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def answer(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_reset_begins_a_new_window_and_deletes_nothing():
    budget = make_budget(timezone="America/Chicago")
    spend(budget, "12.345678")
    ran = run("reset_budgets", budget.member_name, "--no-input", "--reason", "New project")
    assert not ran.failure
    window = "2026-07-15 07:00 to 2026-08-01 00:00 CDT"
    assert ran.lines == [
        f"{budget.member_name}: $12.35 spent before, new window {window}",
        "Budgets reset: 1.",
    ]
    told = Reset.objects.get()
    assert (told.kind, told.actor, told.reason) == ("manual", None, "New project")
    assert told.spent_before == Decimal("12.345678")
    assert Entry.objects.count() == 1
    assert open_cycle(budget).spent == 0
    assert list(check()) == []


def test_only_the_named_users_are_reset():
    ann, ben, cleo = make_budget(), make_budget(), make_budget()
    for budget in (ann, ben, cleo):
        spend(budget, "5")
    run("reset_budgets", cleo.member_name, ann.member_name, "--no-input")
    assert [open_cycle(budget).spent for budget in (ann, ben, cleo)] == [0, 5, 0]


def test_all_means_everybody_whose_account_still_exists():
    here, gone = make_budget(), make_budget()
    gone.user.delete()
    ran = run("reset_budgets", "--all", "--no-input")
    assert Reset.objects.get().budget == here
    assert ran.lines[-1] == "Budgets reset: 1."


def test_a_name_given_twice_is_reset_once():
    budget = make_budget()
    run("reset_budgets", budget.member_name, budget.member_name, "--no-input")
    assert Reset.objects.count() == 1


def test_an_unknown_name_is_told_and_resets_nobody():
    budget = make_budget()
    ran = run("reset_budgets", budget.member_name, "nobody", "Zed", "--no-input")
    assert ran.failure == "There is no user “Zed”, “nobody”."
    assert not ran.out
    assert not Reset.objects.exists()


def test_a_user_without_a_budget_is_told_and_resets_nobody():
    budget, bare = make_budget(), make_budget()
    Cycle.objects.filter(budget=bare).delete()
    bare.delete()
    ran = run("reset_budgets", budget.member_name, bare.user.username, "--no-input")
    assert bare.user.username in ran.failure
    assert "ensure_budgets" in ran.failure
    assert not Reset.objects.exists()


def test_when_one_cannot_be_reset_none_is():
    first, broken = make_budget(), make_budget()
    # A window that begins at this very moment is in the way of the new one.
    begins = {"starts_at": NOW, "ends_at": NOW + timedelta(days=1)}
    Cycle.objects.create(budget=broken, closed_at=NOW, limit=1, enforced=True, **begins)
    with pytest.raises(IntegrityError):
        run("reset_budgets", first.member_name, broken.member_name, "--no-input")
    assert not Reset.objects.exists()
    assert Cycle.objects.open().count() == 2


@pytest.mark.parametrize("words", [(), ("{name}", "--all")])
def test_it_takes_names_or_all_but_one_of_the_two(words):
    budget = make_budget()
    ran = run("reset_budgets", "--no-input", *(w.format(name=budget.member_name) for w in words))
    assert ran.failure == "Name the users, or give --all: one of the two."
    assert not Reset.objects.exists()


def test_a_reason_has_at_most_500_characters():
    budget = make_budget()
    ran = run("reset_budgets", budget.member_name, "--no-input", "--reason", "x" * 501)
    assert ran.failure == "The reason is longer than 500 characters."
    assert not Reset.objects.exists()
    assert not run("reset_budgets", budget.member_name, "--no-input", "--reason", "x" * 500).failure


def test_a_dry_run_lists_who_and_how_much_and_stores_nothing():
    budget = make_budget()
    spend(budget, "7.50")
    before = list(Cycle.objects.values())
    ran = run("reset_budgets", "--all", "--dry-run")
    assert ran.lines == [
        f"{budget.member_name}: $7.50 spent",
        "Budgets to reset: 1. Nothing was changed.",
    ]
    assert list(Cycle.objects.values()) == before
    assert not Reset.objects.exists()


def test_a_window_that_has_ended_is_listed_empty_and_its_money_told_once():
    budget = make_budget(now=NOW - timedelta(days=40))
    record(budget, "9", now=NOW - timedelta(days=40))
    name = budget.member_name
    assert run("reset_budgets", name, "--dry-run").lines[0] == f"{name}: $0.00 spent"
    assert not Reset.objects.exists()
    run("reset_budgets", name, "--no-input")
    told = Reset.objects.order_by("pk").values_list("kind", "spent_before")
    assert [spent for _, spent in told if spent] == [9]
    assert list(told)[-1] == ("manual", 0)


def test_it_asks_first_and_yes_goes_on(monkeypatch, capsys):
    budget = make_budget()
    spend(budget, "3")
    answer(monkeypatch, "yes\n")
    ran = run("reset_budgets", budget.member_name)
    assert ran.lines[0] == f"{budget.member_name}: $3.00 spent"
    assert "Type yes" in capsys.readouterr().out
    assert Reset.objects.count() == 1


@pytest.mark.parametrize("text", ["no\n", "\n", "y\n"])
def test_any_other_answer_changes_nothing(monkeypatch, text):
    budget = make_budget()
    answer(monkeypatch, text)
    ran = run("reset_budgets", budget.member_name)
    assert ran.lines[-1] == "Nothing was changed."
    assert not Reset.objects.exists()


def test_without_anybody_to_ask_it_fails(monkeypatch):
    budget = make_budget()
    answer(monkeypatch, "")
    assert "--no-input" in run("reset_budgets", budget.member_name).failure
    assert not Reset.objects.exists()
