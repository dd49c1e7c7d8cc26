"""What administrators do to several budgets at once: asked for, all or none, on the record."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry

from budgets import ledger
from budgets.models import Budget, Change, Cycle, Origin, Reset
from budgets.tests.consoles import (
    LIST,
    act,
    administrator,
    apply,
    at_now,
    budget_of,
    many,
    said_by,
    sheet_of,
    text_of,
)
from budgets.tests.factories import NOW, open_cycle, record
from people.models import User

pytestmark = at_now


@pytest.fixture
def console():
    return administrator()


@pytest.fixture
def anna():
    return budget_of("anna", first_name="Anna", last_name="Berg", limit=Decimal(30))


@pytest.fixture
def bert():
    return budget_of("bert", limit=Decimal(20))


def changes_by_root():
    return list(
        Change.objects.filter(actor_name="root", origin=Origin.ADMIN)
        .order_by("budget__member_name", "setting")
        .values_list("budget__member_name", "setting", "new")
    )


# --- Set limit ----------------------------------------------------------------------------------


def test_set_limit_asks_for_the_amount_first(console, anna, bert):
    record(anna, "12")
    asked = act(console, "set_limit", anna, bert)
    page = text_of(asked.content.decode())
    assert "For 2 budgets." in page
    assert "anna Anna Berg $12.00 $30.00 On track" in page
    assert "bert $0.00 $20.00 On track" in page
    assert 'name="limit"' in asked.content.decode()
    assert changes_by_root() == []


def test_set_limit_sets_it_for_the_chosen_ones(console, anna, bert):
    carl = budget_of("carl", limit=Decimal(40))
    response = apply(console, act(console, "set_limit", anna, bert), limit="25.50")
    assert said_by(response) == ["Changed 2 budgets."]
    limits = {budget.member_name: budget.limit for budget in Budget.objects.all()}
    assert (limits["anna"], limits["bert"]) == (Decimal("25.50"), Decimal("25.50"))
    assert limits["carl"] == carl.limit
    assert open_cycle(anna).limit == Decimal("25.50")
    assert changes_by_root() == [("anna", "limit", "25.50"), ("bert", "limit", "25.50")]


def test_set_limit_counts_those_that_have_it_already(console, anna, bert):
    response = apply(console, act(console, "set_limit", anna, bert), limit="20")
    assert said_by(response) == ["Changed 1 budget; 1 already so."]
    assert changes_by_root() == [("anna", "limit", "20.00")]


def test_set_limit_to_what_all_have_changes_nothing(console, bert):
    response = apply(console, act(console, "set_limit", bert), limit="20")
    assert said_by(response) == ["Nothing to change: 1 budget already so."]
    assert changes_by_root() == []
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an amount, for example 12.50."),
        ("-1", "Enter 0 or more."),
        ("1e30", "Enter an amount like 12.50."),
        ("NaN", "Enter an amount like 12.50."),
        ("10.005", "Use at most 2 decimal places."),
        ("1000000.01", "Enter at most 1,000,000."),
    ],
)
def test_set_limit_refuses_what_the_form_refuses(console, anna, bert, typed, said):
    response = apply(console, act(console, "set_limit", anna, bert), limit=typed)
    assert response.status_code == 422
    assert response.context["form"].errors == {"limit": [said]}
    assert response.context["form"]["limit"].value() == typed
    assert changes_by_root() == []
    again = apply(console, response, limit="7")
    assert said_by(again) == ["Changed 2 budgets."]


def test_set_limit_tells_of_special_limits(console, anna):
    ledger.configure(
        budget=anna,
        settings={"custom_limit": Decimal(80)},
        actor=None,
        origin=Origin.COMMAND,
        now=NOW,
    )
    page = text_of(act(console, "set_limit", anna).content.decode())
    assert "$80.00 special" in page


# --- Permissions --------------------------------------------------------------------------------


def test_permissions_are_left_granted_or_revoked(console, anna, bert):
    asked = act(console, "change_permissions", anna, bert)
    response = apply(
        console,
        asked,
        visible_to_user="leave",
        user_can_modify="grant",
        user_can_reset="revoke",
    )
    assert said_by(response) == ["Changed 2 budgets."]
    for budget in (anna, bert):
        budget.refresh_from_db()
        assert budget.visible_to_user
        assert budget.user_can_modify
        assert not budget.user_can_reset
    assert changes_by_root() == [
        ("anna", "user_can_modify", "yes"),
        ("bert", "user_can_modify", "yes"),
    ]


@pytest.mark.parametrize("name", ["visible_to_user", "user_can_modify", "user_can_reset"])
@pytest.mark.parametrize(("choice", "value"), [("grant", True), ("revoke", False)])
def test_each_permission_can_be_granted_and_revoked(console, anna, name, choice, value):
    Budget.objects.filter(pk=anna.pk).update(**{name: not value})
    answers = dict.fromkeys(["visible_to_user", "user_can_modify", "user_can_reset"], "leave")
    apply(console, act(console, "change_permissions", anna), **{**answers, name: choice})
    anna.refresh_from_db()
    assert getattr(anna, name) is value


def test_leaving_every_permission_is_told(console, anna):
    answers = dict.fromkeys(["visible_to_user", "user_can_modify", "user_can_reset"], "leave")
    response = apply(console, act(console, "change_permissions", anna), **answers)
    assert response.status_code == 422
    assert "Choose at least one permission" in response.content.decode()


def test_an_unknown_choice_is_refused(console, anna):
    response = apply(console, act(console, "change_permissions", anna), visible_to_user="maybe")
    assert response.status_code == 422
    assert changes_by_root() == []


# --- Enforcement --------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "value"), [("enforce", True), ("stop_enforcing", False)])
def test_enforcement_is_switched_in_budget_and_window(console, anna, bert, action, value):
    ledger.configure(
        budget=anna, settings={"enforced": not value}, actor=None, origin=Origin.PAGE, now=NOW
    )
    ledger.configure(
        budget=bert, settings={"enforced": value}, actor=None, origin=Origin.PAGE, now=NOW
    )
    response = act(console, action, anna, bert)
    assert said_by(response) == ["Changed 1 budget; 1 already so."]
    for budget in (anna, bert):
        budget.refresh_from_db()
        assert budget.enforced is value
        assert open_cycle(budget).enforced is value
    assert changes_by_root() == [("anna", "enforced", "yes" if value else "no")]


# --- Start over ---------------------------------------------------------------------------------


def test_start_over_lists_who_and_how_much(console, anna, bert):
    record(anna, "12.34")
    record(bert, "25")
    asked = act(console, "start_over", anna, bert)
    page = text_of(asked.content.decode())
    assert "For 2 budgets." in page
    assert "anna Anna Berg $12.34 $30.00 On track" in page
    assert "bert $25.00 $20.00 Over by $5.00" in page
    assert "Total $37.34" in page
    assert not Reset.objects.exists()


def test_start_over_closes_the_windows_with_a_reason(console, anna, bert):
    earlier = NOW - timedelta(hours=1)
    record(anna, "12.34", now=earlier)
    record(bert, "25", now=earlier)
    response = apply(console, act(console, "start_over", anna, bert), reason=" New month ")
    assert said_by(response) == ["Started 2 budgets over. $37.34 had been spent in all."]
    told = Reset.objects.order_by("budget__member_name").values_list(
        "budget__member_name", "spent_before", "reason", "actor_name", "kind"
    )
    assert list(told) == [
        ("anna", Decimal("12.34"), "New month", "root", "manual"),
        ("bert", Decimal(25), "New month", "root", "manual"),
    ]
    assert open_cycle(anna).spent == 0
    assert anna.entries.count() == 1


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "Say why, for the record."),
        ("   ", "Say why, for the record."),
        ("x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
    ],
)
def test_start_over_needs_a_reason_that_fits(console, anna, reason, said):
    response = apply(console, act(console, "start_over", anna), reason=reason)
    assert response.status_code == 422
    assert response.context["form"].errors == {"reason": [said]}
    assert not Reset.objects.exists()


def test_a_reason_of_500_characters_fits(console, anna):
    apply(console, act(console, "start_over", anna), reason="x" * 500)
    assert Reset.objects.get().reason == "x" * 500


def test_a_reason_is_shown_as_text(console, anna):
    apply(console, act(console, "start_over", anna), reason="<script>alert(1)</script>")
    page = console.get("/admin/budgets/reset/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_start_over_after_the_window_ended_tells_each_sum_once(console, anna):
    record(anna, "12")
    asked = act(console, "start_over", anna)
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        later = administrator(username="later")
        response = apply(later, asked, reason="late")
    assert said_by(response) == ["Started 1 budget over. $0.00 had been spent in all."]
    told = Reset.objects.filter(budget=anna).order_by("pk")
    assert [reset.spent_before for reset in told] == [12, 0]


# --- All of them --------------------------------------------------------------------------------


ACTIONS = [
    ("set_limit", {"limit": "7"}),
    (
        "change_permissions",
        dict.fromkeys(["visible_to_user", "user_can_modify", "user_can_reset"], "grant"),
    ),
    ("start_over", {"reason": "why"}),
]


@pytest.mark.parametrize(("action", "answers"), ACTIONS)
def test_the_admin_log_tells_of_every_budget(console, anna, bert, action, answers):
    apply(console, act(console, action, anna, bert), **answers)
    logged = LogEntry.objects.values_list("object_repr", "user__username")
    assert sorted(logged) == [("Budget of anna", "root"), ("Budget of bert", "root")]


@pytest.mark.parametrize(("action", "answers"), ACTIONS)
def test_one_failing_budget_leaves_all_as_they_were(console, anna, bert, action, answers):
    asked = act(console, action, anna, bert)
    # A budget without an open window is a broken one: no verb can work on it.
    Cycle.objects.filter(budget=bert).update(closed_at=NOW)
    before = list(Budget.objects.order_by("pk").values())
    console.raise_request_exception = False
    assert apply(console, asked, **answers).status_code == 500
    assert list(Budget.objects.order_by("pk").values()) == before
    assert changes_by_root() == []
    assert not Reset.objects.exists()
    assert not LogEntry.objects.exists()


def test_enforcing_with_one_failing_budget_leaves_all_as_they_were(console, anna, bert):
    Cycle.objects.filter(budget=bert).update(closed_at=NOW)
    console.raise_request_exception = False
    assert act(console, "stop_enforcing", anna, bert).status_code == 500
    anna.refresh_from_db()
    assert anna.enforced


def test_selecting_all_reaches_every_page_and_only_what_the_filters_leave(console, anna):
    budgets = many(60)
    url = f"{LIST}?q=many"
    asked = act(console, "set_limit", budgets[0], url=url, select_across="1")
    assert "For 60 budgets." in text_of(asked.content.decode())
    response = apply(console, asked, url=url, limit="7")
    assert said_by(response) == ["Changed 60 budgets."]
    assert Budget.objects.filter(limit=Decimal(7)).count() == 60
    assert Change.objects.filter(actor_name="root", setting="limit").count() == 60


def test_more_can_be_chosen_than_a_request_may_have_fields(console, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    budgets = many(30)
    asked = act(console, "start_over", budgets[0], url=f"{LIST}?q=many", select_across="1")
    assert "For 30 budgets." in text_of(asked.content.decode())
    response = apply(console, asked, url=f"{LIST}?q=many", reason="all of you")
    assert said_by(response) == ["Started 30 budgets over. $0.00 had been spent in all."]
    assert Reset.objects.count() == 30


def test_the_answer_is_for_those_who_were_listed(console, anna, bert):
    """A filter may leave others by the time the answer comes; nobody else may be touched."""
    record(anna, "30")
    url = f"{LIST}?level=red"
    asked = act(console, "start_over", anna, url=url, select_across="1")
    record(bert, "20")
    ledger.reset(budget=anna, actor=None, now=NOW)
    apply(console, asked, url=url, reason="too much")
    assert list(
        Reset.objects.filter(actor_name="root").values_list("budget__member_name", flat=True)
    ) == ["anna"]


def test_nobody_is_touched_when_those_listed_are_gone(console, anna, bert):
    asked = act(console, "start_over", anna)
    User.objects.get(username="anna").delete()
    apply(console, asked, reason="too late")
    assert not Reset.objects.exists()


def test_a_list_that_was_tampered_with_is_refused(console, anna, bert):
    asked = act(console, "start_over", anna)
    response = apply(console, asked, reason="x", budgets=f"[{bert.pk}]")
    assert response.status_code == 400
    assert not Reset.objects.exists()


def test_cancelling_leads_back_to_the_filtered_list(console, anna):
    asked = act(console, "start_over", anna, url=f"{LIST}?q=anna")
    assert f'href="{LIST}?q=anna">Cancel' in asked.content.decode()


def test_nothing_ticked_does_nothing(console, anna):
    response = act(console, "start_over")
    assert "Items must be selected" in said_by(response)[0]


def test_deleting_is_not_offered_and_not_possible(console, anna):
    page = console.get(LIST).content.decode()
    assert "delete_selected" not in page
    response = act(console, "delete_selected", anna)
    assert said_by(response) == ["No action selected."]
    assert Budget.objects.filter(pk=anna.pk).exists()


def test_the_ticked_budgets_can_be_had_as_csv(console, anna, bert):
    budget_of("carl")
    rows = sheet_of(act(console, "download_csv", anna, bert))
    assert [row["user"] for row in rows] == ["anna", "bert"]


@pytest.mark.parametrize(("action", "answers"), ACTIONS)
def test_messages_are_calm(console, anna, action, answers):
    said = " ".join(said_by(apply(console, act(console, action, anna), **answers)))
    assert said
    assert "success" not in said
    assert "!" not in said
