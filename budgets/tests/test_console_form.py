"""Configuring one budget: what may be set, what is refused and where, what is recorded."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry

from budgets.models import Budget, Change, Origin, Reset
from budgets.tests.consoles import LIST, administrator, at_now, budget_of, said_by, text_of
from budgets.tests.factories import NOW, open_cycle, record

PERCENTAGE = "Enter a percentage like 75 or 82.5, with at most 2 decimal places."
pytestmark = at_now

AS_IT_IS = {
    "limit": "30.00",
    "custom_limit": "",
    "custom_limit_until": "",
    "enforced": "on",
    "period": "monthly",
    "custom_days": "",
    "yellow": "75",
    "orange": "90",
    "red": "100",
    "visible_to_user": "on",
    "modify_ceiling": "",
    "admin_notes": "",
}


@pytest.fixture
def console():
    return administrator()


@pytest.fixture
def anna():
    return budget_of("anna", limit=Decimal(30))


def url_of(budget: Budget) -> str:
    return f"{LIST}{budget.pk}/change/"


def save(console, budget, **typed):
    """Send the form with other texts in some fields; None unticks a box."""
    data = {name: text for name, text in {**AS_IT_IS, **typed}.items() if text is not None}
    return console.post(url_of(budget), data, follow=True)


def errors_of(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def test_the_form_shows_what_is_stored(console, anna):
    form = console.get(url_of(anna)).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    ticked = {"enforced": True, "visible_to_user": True}
    assert {name: value or "" for name, value in shown.items()} == {
        **AS_IT_IS,
        **ticked,
        "user_can_modify": "",
        "user_can_reset": "",
    }


def test_the_form_shows_the_standing(console, anna):
    record(anna, "31")
    page = text_of(console.get(url_of(anna)).content.decode())
    assert "Over by $1.00 103.3% Spent $31.00 Held $0.00 Limit $30.00 Remaining $0.00" in page
    assert "Window Jul 1 – Jul 31, 2026 UTC" in page


def test_saving_without_a_change_changes_nothing(console, anna):
    response = save(console, anna)
    assert said_by(response) == ["Nothing was changed."]
    assert not Change.objects.filter(actor__isnull=False).exists()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({"limit": "1,234.50"}, {"limit": Decimal("1234.50")}),
        ({"limit": "0"}, {"limit": Decimal(0)}),
        ({"limit": "1000000"}, {"limit": Decimal(1_000_000)}),
        ({"custom_limit": "45"}, {"custom_limit": Decimal(45)}),
        ({"custom_limit": "0"}, {"custom_limit": Decimal(0)}),
        ({"enforced": None}, {"enforced": False}),
        ({"period": "weekly"}, {"period": "weekly"}),
        ({"period": "custom", "custom_days": "1"}, {"period": "custom", "custom_days": 1}),
        ({"period": "custom", "custom_days": "365"}, {"period": "custom", "custom_days": 365}),
        ({"period": "weekly", "custom_days": "9"}, {"period": "weekly", "custom_days": None}),
        ({"yellow": "0.01", "orange": "33.33"}, {"orange": Decimal("33.33")}),
        ({"red": "90.01"}, {"red": Decimal("90.01")}),
        ({"visible_to_user": None}, {"visible_to_user": False}),
        ({"user_can_modify": "on"}, {"user_can_modify": True}),
        ({"user_can_reset": "on"}, {"user_can_reset": True}),
        ({"modify_ceiling": "99.99"}, {"modify_ceiling": Decimal("99.99")}),
        ({"admin_notes": "Holiday money"}, {"admin_notes": "Holiday money"}),
    ],
)
def test_every_setting_can_be_changed_and_is_on_the_record(console, anna, typed, stored):
    response = save(console, anna, **typed)
    assert said_by(response) == ["The budget of anna is saved."]
    anna.refresh_from_db()
    for name, value in stored.items():
        assert getattr(anna, name) == value
    change = Change.objects.filter(budget=anna, setting__in=typed).latest("pk")
    assert (change.actor_name, change.origin) == ("root", Origin.ADMIN)
    assert anna.configured_by.username == "root"


def test_a_new_limit_counts_at_once(console, anna):
    save(console, anna, limit="12")
    assert open_cycle(anna).limit == Decimal(12)


def test_only_what_was_changed_is_written(console, anna):
    save(console, anna, limit="12", yellow="50")
    told = Change.objects.filter(budget=anna, actor_name="root").order_by("setting")
    assert [(change.setting, change.old, change.new) for change in told] == [
        ("limit", "30.00", "12.00"),
        ("yellow", "75.00", "50.00"),
    ]


def test_a_new_period_begins_a_window_with_nothing_spent(console, anna):
    record(anna, "25", now=NOW - timedelta(hours=1))
    save(console, anna, period="weekly")
    cycle = open_cycle(anna)
    assert (cycle.starts_at, cycle.spent) == (NOW, Decimal(0))
    reset = Reset.objects.get(budget=anna)
    assert (reset.spent_before, reset.actor_name) == (Decimal(25), "root")


def test_the_form_warns_that_a_new_period_begins_a_window(console, anna):
    page = console.get(url_of(anna)).content.decode()
    assert "closes the window and begins another now" in page


def test_the_admin_log_tells_who_saved_what(console, anna):
    save(console, anna, limit="12")
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id) == ("root", str(anna.pk))
    assert entry.get_change_message() == "Changed Limit per period."


NOT_MONEY = {
    "abc": "Enter an amount like 12.50.",
    "-1": "Enter 0 or more.",
    "1e30": "Enter an amount like 12.50.",
    "NaN": "Enter an amount like 12.50.",
    "Infinity": "Enter an amount like 12.50.",
    "1.234,56": "Enter an amount like 12.50.",
    "10.005": "Use at most 2 decimal places.",
    "1000000.01": "Enter at most 1,000,000.",
    "100000000": "That is more than 99,999,999.99.",
}
REFUSED = [
    ({"limit": ""}, {"limit": ["Enter an amount, for example 12.50."]}),
    *(
        ({name: typed}, {name: [said]})
        for name in ("limit", "custom_limit", "modify_ceiling")
        for typed, said in NOT_MONEY.items()
    ),
    ({"yellow": ""}, {"yellow": ["Enter a percentage, for example 75."]}),
    ({"yellow": "0"}, {"yellow": ["Enter 0.01 or more."]}),
    ({"yellow": "-5"}, {"yellow": ["Enter 0.01 or more."]}),
    ({"yellow": "NaN"}, {"yellow": [PERCENTAGE]}),
    ({"yellow": "7.555"}, {"yellow": [PERCENTAGE]}),
    ({"yellow": "90"}, {"orange": ["Orange begins above yellow."]}),
    ({"yellow": "95"}, {"orange": ["Orange begins above yellow."]}),
    ({"orange": "100"}, {"red": ["Red begins above orange."]}),
    ({"red": "80"}, {"red": ["Red begins above orange."]}),
    ({"red": "100.01"}, {"red": ["Enter at most 100."]}),
    ({"period": "custom"}, {"custom_days": ["Say how many days a custom period has."]}),
    (
        {"period": "custom", "custom_days": "0"},
        {"custom_days": ["Enter 1 to 365 days."]},
    ),
    (
        {"period": "custom", "custom_days": "366"},
        {"custom_days": ["Enter 1 to 365 days."]},
    ),
    ({"period": "custom", "custom_days": "1.5"}, {"custom_days": ["Enter 1 to 365 days."]}),
    (
        {"period": "yearly"},
        {"period": ["Select a valid choice. yearly is not one of the available choices."]},
    ),
    (
        {"custom_limit_until": "2026-08-01T00:00"},
        {"custom_limit_until": ["Enter a special limit too, or leave this empty."]},
    ),
    (
        {"custom_limit": "5", "custom_limit_until": "2026-07-15T12:00"},
        {"custom_limit_until": ["This moment has passed. Choose a later one."]},
    ),
    (
        {"custom_limit": "5", "custom_limit_until": "tomorrow"},
        {"custom_limit_until": ["Enter a valid date/time."]},
    ),
]


@pytest.mark.parametrize(("typed", "errors"), REFUSED)
def test_bad_input_is_refused_at_its_field_and_stays_there(console, anna, typed, errors):
    before = Budget.objects.filter(pk=anna.pk).values().get()
    response = save(console, anna, **typed)
    assert errors_of(response) == errors
    assert Budget.objects.filter(pk=anna.pk).values().get() == before
    assert not Change.objects.filter(actor_name="root").exists()
    form = response.context["adminform"].form
    for name, text in typed.items():
        assert form[name].value() == text


def test_a_special_limit_ends_by_the_members_clock(console):
    anna = budget_of("anna", limit=Decimal(30), timezone="Asia/Tokyo")
    save(console, anna, custom_limit="45", custom_limit_until="2026-08-01T00:00")
    anna.refresh_from_db()
    assert anna.custom_limit_until == datetime(2026, 7, 31, 15, tzinfo=UTC)
    page = console.get(url_of(anna)).content.decode()
    assert 'value="2026-08-01T00:00"' in page
    assert "Asia/Tokyo" in page


def test_a_special_limit_that_is_shown_unchanged_is_no_change(console, anna):
    Budget.objects.filter(pk=anna.pk).update(
        custom_limit=Decimal(45), custom_limit_until=NOW + timedelta(days=1, seconds=7)
    )
    response = save(console, anna, custom_limit="45.00", custom_limit_until="2026-07-16T12:00")
    assert said_by(response) == ["Nothing was changed."]


def test_a_special_limit_that_ended_does_not_stop_other_changes(console, anna):
    save(console, anna, custom_limit="45", custom_limit_until="2026-07-16T12:00")
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        later = administrator(username="later")
        response = save(
            later, anna, custom_limit="45", custom_limit_until="2026-07-16T12:00", limit="31"
        )
        assert said_by(response) == ["The budget of anna is saved."]
        response = save(
            later, anna, custom_limit="46", custom_limit_until="2026-07-16T12:00", limit="31"
        )
        assert "custom_limit_until" in errors_of(response)


def test_another_administrators_change_in_between_survives(console, anna):
    Budget.objects.filter(pk=anna.pk).update(admin_notes="from somebody else")
    save(console, anna, limit="12", admin_notes="from somebody else")
    anna.refresh_from_db()
    assert (anna.limit, anna.admin_notes) == (Decimal(12), "from somebody else")


def test_saving_and_staying_stays(console, anna):
    response = save(console, anna, limit="12", _continue="1")
    assert response.redirect_chain == [(url_of(anna), 302)]


def test_saving_leads_back_to_the_list_with_its_filters(console, anna):
    url = f"{url_of(anna)}?_changelist_filters=level%3Dgreen"
    response = console.post(url, {**AS_IT_IS, "limit": "12"})
    assert response["Location"] == f"{LIST}?level=green"


def test_messages_are_calm(console, anna):
    said = " ".join(said_by(save(console, anna, limit="12")))
    assert "success" not in said
    assert "!" not in said


def test_budgets_are_neither_added_nor_deleted_here(console, anna):
    assert console.get(f"{LIST}add/").status_code == 403
    assert console.post(f"{LIST}add/", AS_IT_IS).status_code == 403
    assert console.get(f"{LIST}{anna.pk}/delete/").status_code == 403
    assert console.post(f"{LIST}{anna.pk}/delete/", {"post": "yes"}).status_code == 403
    page = console.get(url_of(anna)).content.decode()
    assert "deletelink" not in page
    assert "_addanother" not in page


def test_the_form_links_to_what_happened_to_the_budget(console, anna):
    other = budget_of("bert")
    record(anna, "1", memo="mine")
    record(other, "2", memo="theirs")
    page = console.get(url_of(anna)).content.decode()
    link = f"/admin/budgets/entry/?budget__id__exact={anna.pk}"
    assert f'href="{link}"' in page
    entries = console.get(link).context["cl"].result_list
    assert [entry.memo for entry in entries] == ["mine"]


def test_the_history_page_of_a_budget_opens(console, anna):
    save(console, anna, limit="12")
    page = console.get(f"{LIST}{anna.pk}/history/").content.decode()
    assert "Changed Limit per period." in page
