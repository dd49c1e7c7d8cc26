"""The settings form and the reset of the member's page: what may be changed, and by whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from budgets import formats, ledger
from budgets.models import Budget, Change, Origin, Reset
from budgets.tests.factories import make_budget, open_cycle, record

pytestmark = pytest.mark.django_db

TYPED = {
    "limit": "25.00",
    "period": "monthly",
    "custom_days": "",
    "yellow": "75",
    "orange": "90",
    "red": "100",
}


def budget_with(**settings: object) -> Budget:
    return make_budget(now=timezone.now(), **settings)


def sign_in(client: Client, budget: Budget) -> Client:
    client.force_login(budget.user)
    return client


def save(client: Client, **typed: str):
    return client.post("/budget/settings/", {**TYPED, **typed})


@pytest.fixture
def free(client: Client) -> tuple[Client, Budget]:
    """Return a member who may change everything, and their budget."""
    budget = budget_with(user_can_modify=True, user_can_reset=True, modify_ceiling=Decimal(50))
    return sign_in(client, budget), budget


def test_a_member_sets_a_limit_within_the_ceiling(free):
    client, budget = free
    assert save(client, limit="50.00").status_code == 302
    budget.refresh_from_db()
    assert budget.limit == Decimal(50)
    assert open_cycle(budget).limit == Decimal(50)
    change = Change.objects.get(budget=budget, setting="limit")
    assert (change.old, change.new, change.actor, change.origin) == (
        "30.00",
        "50.00",
        budget.user,
        Origin.PAGE,
    )


def test_saving_what_is_there_changes_nothing(free):
    client, budget = free
    Change.objects.all().delete()
    response = client.post("/budget/settings/", {**TYPED, "limit": "30.00"}, follow=True)
    assert "Nothing was changed." in response.content.decode()
    assert not Change.objects.filter(budget=budget).exists()


def test_a_limit_above_the_ceiling_is_refused_and_kept_in_the_field(free):
    client, budget = free
    response = save(client, limit="50.01")
    assert response.status_code == 422
    assert "Your limit may go up to $50.00." in response.content.decode()
    assert 'value="50.01"' in response.content.decode()
    budget.refresh_from_db()
    assert budget.limit == Decimal(30)


def test_a_limit_that_an_administrator_set_above_the_ceiling_may_stay(client):
    budget = budget_with(user_can_modify=True, limit=Decimal(80), modify_ceiling=Decimal(50))
    assert save(sign_in(client, budget), limit="80.00", yellow="60").status_code == 302
    budget.refresh_from_db()
    assert (budget.limit, budget.yellow) == (Decimal(80), Decimal(60))


def test_an_administrator_is_not_held_to_the_ceiling(client):
    budget = budget_with(modify_ceiling=Decimal(50))
    budget.user.is_staff = True
    budget.user.save()
    assert save(sign_in(client, budget), limit="400").status_code == 302


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("limit", "", "Enter an amount"),
        ("limit", "-1", "Enter 0 or more."),
        ("limit", "1e30", "Enter an amount like 12.50."),
        ("limit", "NaN", "Enter an amount like 12.50."),
        ("limit", "abc", "Enter an amount like 12.50."),
        ("limit", "10.005", "Use at most 2 decimal places."),
        ("limit", "1.234,56", "Enter an amount like 12.50."),
        ("limit", "1000000.01", "Enter at most 1,000,000."),
        ("yellow", "90", "Orange begins above yellow."),
        ("orange", "100", "Red begins above orange."),
        ("red", "100.01", "Enter at most 100."),
        ("yellow", "0", "Enter 0.01 or more."),
        ("yellow", "75.005", "with at most 2 decimal places."),
        ("yellow", "75%", "Enter a percentage like 75"),
        ("red", "", "Enter a percentage"),
        ("period", "hourly", "Select a valid choice."),
    ],
)
def test_bad_input_is_told_at_its_field_keeps_the_text_and_stores_nothing(
    free, field, typed, message
):
    client, budget = free
    # Generous, so that the ceiling is not what refuses the amounts.
    ledger.configure(
        budget=budget,
        settings={"modify_ceiling": None},
        actor=None,
        origin=Origin.ADMIN,
        now=timezone.now(),
    )
    before = Budget.objects.values().get(pk=budget.pk)
    response = save(client, **{field: typed})
    assert response.status_code == 422
    form = response.context["settings"]
    at = "orange" if message.startswith("Orange") else "red" if "Red" in message else field
    assert any(message in error for error in form.errors[at])
    assert form[field].value() == typed
    assert Budget.objects.values().get(pk=budget.pk) == before


@pytest.mark.parametrize("days", ["", "0", "366", "x", "1.5", "-3"])
def test_a_custom_period_needs_1_to_365_days(free, days):
    client, budget = free
    response = save(client, period="custom", custom_days=days)
    assert response.status_code == 422
    assert response.context["settings"].errors["custom_days"]
    budget.refresh_from_db()
    assert budget.period == "monthly"


@pytest.mark.parametrize("days", ["1", "365"])
def test_a_custom_period_takes_its_days(free, days):
    client, budget = free
    assert save(client, period="custom", custom_days=days).status_code == 302
    budget.refresh_from_db()
    assert budget.custom_days == int(days)


@pytest.mark.parametrize("days", ["400", "x"])
def test_days_that_do_not_count_are_no_reason_to_refuse(free, days):
    client, budget = free
    assert save(client, period="weekly", custom_days=days).status_code == 302
    budget.refresh_from_db()
    assert (budget.period, budget.custom_days) == ("weekly", None)


def test_a_refused_form_goes_on_refreshing_and_paging_from_the_page_itself(free):
    client, budget = free
    for _ in range(21):
        record(budget, "0.01", now=timezone.now())
    page = save(client, limit="abc").content.decode()
    assert 'hx-get="/budget/?seen=' in page
    assert 'href="/budget/?page=2"' in page


def test_days_are_forgotten_with_the_custom_period(free):
    client, budget = free
    save(client, period="custom", custom_days="10")
    save(client, period="weekly", custom_days="10")
    budget.refresh_from_db()
    assert (budget.period, budget.custom_days) == ("weekly", None)


def test_a_new_period_begins_a_new_window_with_nothing_spent(free):
    client, budget = free
    record(budget, "12", now=timezone.now())
    save(client, limit="30.00", period="weekly")
    assert open_cycle(budget).spent == 0
    assert Reset.objects.get(budget=budget).spent_before == Decimal(12)


def test_a_new_period_is_no_way_around_a_limit(client):
    budget = budget_with(user_can_modify=True)
    client = sign_in(client, budget)
    assert save(client, limit="30", period="weekly").status_code == 302
    record(budget, "5", now=timezone.now())
    save(client, limit="30", period="monthly", yellow="70")
    budget.refresh_from_db()
    assert (budget.period, budget.yellow) == ("weekly", Decimal(70))
    assert open_cycle(budget).spent == 5
    page = client.get("/budget/").content.decode()
    assert "While something is spent, ask an administrator." in page


def test_without_enforcement_the_period_is_the_members_own(client):
    budget = budget_with(user_can_modify=True, enforced=False)
    record(budget, "5", now=timezone.now())
    save(sign_in(client, budget), limit="30", period="weekly")
    budget.refresh_from_db()
    assert budget.period == "weekly"


def test_a_special_limit_that_ends_first_is_told_with_its_day(client):
    now = timezone.now()
    budget = make_budget(now=now, period="custom", custom_days=30)
    ledger.configure(
        budget=budget,
        settings={"custom_limit": Decimal(60), "custom_limit_until": now + timedelta(days=3)},
        actor=None,
        origin=Origin.ADMIN,
        now=now,
    )
    record(budget, "20", now=now)
    page = sign_in(client, budget).get("/budget/").content.decode()
    day = formats.day_of_year(formats.last_day(now + timedelta(days=3), budget.zone))
    assert f"$40.00</span> left until {day}, then the limit is" in page
    assert f"special until {day}" in page


def test_money_that_is_all_held_is_not_said_to_be_gone(client):
    budget = budget_with()
    ledger.hold(budget=budget, amount=Decimal(30), now=timezone.now())
    page = sign_in(client, budget).get("/budget/").content.decode()
    assert "Nothing is free" in page
    assert "$30.00</span> is held" in page


def test_a_refused_form_says_so_at_the_top_and_leads_to_the_field(free):
    client, _ = free
    response = save(client, limit="abc")
    page = response.content.decode()
    assert "<title>Not saved: Budget" in page
    assert "Limit per period: Enter an amount like 12.50." in page.split('role="alert"')[1]
    assert response.context["settings"].fields["limit"].widget.attrs["autofocus"]


def test_a_member_cannot_switch_enforcement_off(free):
    client, budget = free
    save(client, enforced="", visible_to_user="on", modify_ceiling="", admin_notes="mine")
    budget.refresh_from_db()
    assert budget.enforced
    assert budget.modify_ceiling == Decimal(50)
    assert budget.admin_notes == ""


def test_while_a_special_limit_is_in_force_the_limit_cannot_be_typed(client):
    until = timezone.now() + timedelta(days=2)
    budget = budget_with(user_can_modify=True, custom_limit=Decimal(99), custom_limit_until=until)
    client = sign_in(client, budget)
    assert "A special limit of $99.00 is in force until" in client.get("/budget/").content.decode()
    save(client, limit="1.00", yellow="70")
    budget.refresh_from_db()
    assert (budget.limit, budget.yellow) == (Decimal(30), Decimal(70))


@pytest.mark.parametrize("view", [True, False])
@pytest.mark.parametrize("modify", [True, False])
@pytest.mark.parametrize("reset", [True, False])
def test_every_combination_of_permissions(client, view, modify, reset):
    budget = budget_with(visible_to_user=view, user_can_modify=modify, user_can_reset=reset)
    client = sign_in(client, budget)
    record(budget, "5", now=timezone.now())
    Reset.objects.all().delete()

    shown = client.get("/budget/")
    assert shown.status_code == (200 if view else 403)
    assert client.get("/budget/resets/").status_code == (200 if view else 403)
    assert client.get("/budget/history.csv").status_code == (200 if view else 403)

    assert save(client, limit="26").status_code == (302 if view and modify else 403)
    budget.refresh_from_db()
    assert budget.limit == (Decimal(26) if view and modify else Decimal(30))

    may_reset = view and reset
    assert client.get("/budget/reset/").status_code == (200 if may_reset else 403)
    assert client.post("/budget/reset/").status_code == (302 if may_reset else 403)
    assert Reset.objects.count() == may_reset
    assert open_cycle(budget).spent == (0 if may_reset else 5)


def test_an_administrator_passes_all_three_permissions(client):
    budget = budget_with(visible_to_user=False, user_can_modify=False, user_can_reset=False)
    budget.user.is_staff = True
    budget.user.save()
    client = sign_in(client, budget)
    assert client.get("/budget/").status_code == 200
    assert save(client).status_code == 302
    assert client.post("/budget/reset/").status_code == 302


def test_what_is_not_permitted_is_disabled_and_explained(client):
    page = sign_in(client, budget_with()).get("/budget/").content.decode()
    assert "An administrator sets these for you." in page
    assert "Only an administrator can start your budget over." in page
    assert "Save settings" not in page
    assert page.split('id="settings"')[1].count("disabled") >= 6


def test_a_hidden_budget_says_why_and_whom_to_ask(client):
    budget = budget_with(visible_to_user=False)
    boss = make_budget(now=timezone.now()).user
    boss.is_staff, boss.first_name, boss.email = True, "Maya", "maya@example.org"
    boss.save()
    response = sign_in(client, budget).get("/budget/")
    page = response.content.decode()
    assert response.status_code == 403
    assert "an administrator has chosen not to show it to you" in page
    assert 'href="mailto:maya@example.org">Maya' in page
    assert "$30" not in page


def test_the_home_page_does_not_give_a_hidden_budget_away(client):
    budget = budget_with(visible_to_user=False)
    record(budget, "7.77", now=timezone.now(), model="secret-model")
    page = sign_in(client, budget).get("/").content.decode()
    assert "Your budget is hidden from you" in page
    assert "7.77" not in page
    assert "secret-model" not in page


def test_notes_of_administrators_never_reach_the_member(client):
    budget = budget_with(admin_notes="zzz-private", user_can_modify=True, user_can_reset=True)
    client = sign_in(client, budget)
    for path in ("/", "/budget/", "/budget/reset/", "/budget/resets/", "/account/"):
        assert "zzz-private" not in client.get(path).content.decode()
    assert b"zzz-private" not in b"".join(client.get("/budget/history.csv").streaming_content)


class TestStartingOver:
    def test_asks_first_and_says_what_will_happen(self, free):
        client, budget = free
        record(budget, "12.40", now=timezone.now())
        page = client.get("/budget/reset/").content.decode()
        assert "$12.40</span> spent" in page
        assert not Reset.objects.exists()

    def test_closes_the_window_with_its_reason(self, free):
        client, budget = free
        record(budget, "12.40", now=timezone.now())
        response = client.post("/budget/reset/", {"reason": "Moved out"}, follow=True)
        assert "$12.40 stays in the window that was closed." in response.content.decode()
        done = Reset.objects.get()
        assert (done.reason, done.actor, done.kind) == ("Moved out", budget.user, "manual")
        assert open_cycle(budget).spent == 0

    def test_a_reason_of_501_characters_is_refused_and_kept(self, free):
        client, _ = free
        response = client.post("/budget/reset/", {"reason": "x" * 501})
        assert response.status_code == 422
        assert "x" * 501 in response.content.decode()
        assert not Reset.objects.exists()

    def test_the_settings_address_leads_back_to_the_page(self, free):
        client, _ = free
        assert client.get("/budget/settings/")["Location"] == "/budget/"
