"""The budget list: what each column says, the totals above, search, filters and CSV."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budgets import ledger
from budgets.models import Budget, Origin, Reset
from budgets.tests.consoles import (
    LIST,
    administrator,
    at_now,
    budget_of,
    many,
    rows_of,
    sheet_of,
    tiles_of,
)
from budgets.tests.factories import NOW, record
from people.models import User

pytestmark = at_now


@pytest.fixture
def console():
    return administrator()


# --- Columns ------------------------------------------------------------------------------------


def test_a_row_tells_all_about_a_budget(console):
    anna = budget_of(
        "anna",
        first_name="Anna",
        last_name="Berg",
        timezone="America/New_York",
        limit=Decimal(50),
        user_can_modify=True,
    )
    record(anna, "12.34")
    assert rows_of(console.get(LIST))["anna"] == {
        "member": "anna Anna Berg",
        "limit_in_force": "$50.00",
        "spent_so_far": "$12.34",
        "used": "24.7%",
        "level": "On track",
        "permissions": "View, change",
        "enforced_word": "Yes",
        "window": "Jul 1 – Jul 31, 2026",
    }


def test_a_special_limit_counts_and_is_marked(console):
    budget_of("anna", limit=Decimal(50), custom_limit=Decimal(80))
    assert rows_of(console.get(LIST))["anna"]["limit_in_force"] == "$80.00 special"


def test_held_money_stands_beside_what_is_spent(console):
    anna = budget_of("anna", limit=Decimal(50))
    ledger.hold(budget=anna, amount=Decimal(8), now=NOW)
    assert rows_of(console.get(LIST))["anna"]["spent_so_far"] == "$0.00 $8.00 held"


def test_an_expired_hold_is_not_shown_as_held(console):
    anna = budget_of("anna", limit=Decimal(50))
    ledger.hold(budget=anna, amount=Decimal(8), now=NOW - timedelta(hours=1))
    assert rows_of(console.get(LIST))["anna"]["spent_so_far"] == "$0.00"


@pytest.mark.parametrize(
    ("limit", "spent", "level", "words", "used"),
    [
        ("100", "74.99", "green", "On track", "75.0%"),
        ("100", "75", "yellow", "Getting close", "75.0%"),
        ("100", "90", "orange", "Nearly used", "90.0%"),
        ("100", "99.99", "orange", "Nearly used", "99.9%"),
        ("100", "100", "red", "Used up", "100.0%"),
        ("100", "100.01", "red", "Over by $0.01", "100.0%"),
        ("0", "0", "green", "On track", "–"),
        ("0", "0.01", "red", "Over by $0.01", "–"),
        ("100", "132", "red", "Over by $32.00", "132.0%"),
    ],
)
def test_the_level_is_told_by_word_icon_and_colour(console, limit, spent, level, words, used):
    anna = budget_of("anna", limit=Decimal(limit), enforced=False)
    if Decimal(spent):
        record(anna, spent)
    response = console.get(LIST, {"q": "anna"})
    row = rows_of(response)["anna"]
    assert (row["level"], row["used"]) == (words, used)
    badge = response.content.decode().partition('<td class="field-level">')[2].partition("</td>")[0]
    assert f'class="badge level-{level}"' in badge
    icon = {"green": "circle-check", "yellow": "contrast", "orange": "triangle-alert"}.get(
        level, "octagon-alert" if words.startswith("Over") else "square"
    )
    assert f"#{icon}" in badge


def test_levels_follow_the_members_own_thresholds(console):
    anna = budget_of("anna", limit=Decimal(100), yellow=Decimal(10), orange=Decimal(20))
    record(anna, "20")
    assert rows_of(console.get(LIST))["anna"]["level"] == "Nearly used"


@pytest.mark.parametrize(
    ("limit", "spent", "now", "words"),
    [
        ("100", "42", "42.0", "42.0% of the limit used"),
        ("100", "132", "100.0", "132.0% of the limit used, over by $32.00"),
        ("0", "5", "100.0", "spent although the limit is zero, over by $5.00"),
        ("100", "-5", "0.0", "−5.0% of the limit used"),
    ],
)
def test_the_meter_stays_in_its_range_and_tells_the_truth_in_words(
    console, limit, spent, now, words
):
    record(budget_of("anna", limit=Decimal(limit)), spent)
    html = console.get(LIST, {"q": "anna"}).content.decode()
    meter = re.search(r'<span role="meter"[^>]*>.*?</svg>', html).group()
    assert 'aria-valuemin="0" aria-valuemax="100"' in meter
    assert f'aria-valuenow="{now}" aria-valuetext="{words}"' in meter
    assert f'class="fill" width="{now}%"' in meter


@pytest.mark.parametrize(
    ("view", "modify", "reset", "words"),
    [
        (True, False, False, "View only"),
        (True, True, False, "View, change"),
        (True, False, True, "View, start over"),
        (True, True, True, "View, change, start over"),
        (False, False, False, "Hidden"),
        (False, True, True, "Hidden Change, start over: no effect"),
    ],
)
def test_permissions_are_words(console, view, modify, reset, words):
    budget_of("anna", visible_to_user=view, user_can_modify=modify, user_can_reset=reset)
    assert rows_of(console.get(LIST))["anna"]["permissions"] == words


def test_what_is_not_enforced_says_no(console):
    budget_of("anna", enforced=False)
    assert rows_of(console.get(LIST))["anna"]["enforced_word"] == "No"


def test_a_window_is_told_in_the_members_zone(console):
    budget_of("anna", timezone="Pacific/Kiritimati", period="daily")
    budget_of("bert", timezone="Pacific/Pago_Pago", period="daily")
    rows = rows_of(console.get(LIST))
    assert rows["anna"]["window"].startswith("Jul 16, 2026")
    assert rows["bert"]["window"].startswith("Jul 15, 2026")


def test_a_window_across_the_year_names_both_years():
    with time_machine.travel(datetime(2026, 12, 30, tzinfo=UTC), tick=False):
        anna = budget_of("anna")
        weekly = {"period": "weekly"}
        ledger.configure(
            budget=anna, settings=weekly, actor=None, origin=Origin.ADMIN, now=timezone.now()
        )
        december = administrator(username="december")
        assert rows_of(december.get(LIST))["anna"]["window"] == "Dec 30, 2026 – Jan 3, 2027"


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (1, ["anna", "bert", "carl"]),
        (2, ["bert", "anna", "carl"]),
        (3, ["anna", "carl", "bert"]),
        (4, ["anna", "carl", "bert"]),
    ],
)
def test_sorts_by_user_limit_spent_and_percent(console, column, order):
    for name, limit, spent in [("anna", 20, "1"), ("bert", 10, "9"), ("carl", 30, "5")]:
        record(budget_of(name, limit=Decimal(limit)), spent)
    up = [name for name in rows_of(console.get(LIST, {"o": column})) if name != "root"]
    down = [name for name in rows_of(console.get(LIST, {"o": -column})) if name != "root"]
    assert up == order
    assert down == order[::-1]


# --- Totals -------------------------------------------------------------------------------------


@pytest.fixture
def household():
    """Return five budgets: over, used up, half, none and over a limit of zero."""
    for name, limit, spent in [
        ("over", "30", "40.01"),
        ("full", "20", "20"),
        ("half", "10", "5"),
        ("zero", "0", ""),
        ("none", "0", "0.50"),
    ]:
        budget = budget_of(name, limit=Decimal(limit), enforced=False)
        if spent:
            record(budget, spent)


def test_the_tiles_add_up_everybody(console, household):
    assert tiles_of(console.get(LIST)) == {
        "Users": "6",
        "Allocated": "$160.00 limits in force",
        "Spent": "$65.51 40.9% of what is allocated",
        "Over budget": "2 Show who",
    }


def test_the_tiles_do_not_follow_search_filters_or_pages(console, household):
    whole = tiles_of(console.get(LIST))
    assert tiles_of(console.get(LIST, {"q": "half"})) == whole
    assert tiles_of(console.get(LIST, {"level": "red"})) == whole


def test_the_tiles_are_on_the_front_page_too(console, household):
    assert tiles_of(console.get("/admin/")) == tiles_of(console.get(LIST))


def test_the_tiles_count_special_limits_and_leave_deleted_members_out(console):
    budget_of("anna", limit=Decimal(10), custom_limit=Decimal(70))
    gone = budget_of("gone", limit=Decimal(500), enforced=False)
    record(gone, "900")
    User.objects.get(username="gone").delete()
    tiles = tiles_of(console.get(LIST))
    assert tiles["Users"] == "2"
    assert tiles["Allocated"] == "$170.00 limits in force"
    assert tiles["Over budget"] == "0 nobody"


def test_an_empty_month_begins_with_nothing_spent(console):
    record(budget_of("anna", limit=Decimal(30), enforced=False), "50")
    with time_machine.travel(datetime(2026, 8, 2, tzinfo=UTC), tick=False):
        console = administrator(username="august")
        response = console.get(LIST)
    assert tiles_of(response)["Spent"].startswith("$0.00")
    assert tiles_of(response)["Over budget"] == "0 nobody"
    row = rows_of(response)["anna"]
    assert row["spent_so_far"] == "$0.00"
    assert row["window"] == "Aug 1 – Aug 31, 2026"
    assert Reset.objects.get(budget__member_name="anna").spent_before == Decimal(50)


def test_a_special_limit_that_ran_out_is_not_shown(console):
    budget_of(
        "anna",
        limit=Decimal(10),
        custom_limit=Decimal(70),
        custom_limit_until=NOW + timedelta(days=1),
    )
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        response = administrator(username="later").get(LIST)
    assert rows_of(response)["anna"]["limit_in_force"] == "$10.00"


# --- Search and filters -------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["anna", "NNA", "Berg", "Annegret", "anna@home", "annegret berg"])
def test_search_finds_by_user_name_name_and_email(console, words):
    budget_of("anna", first_name="Annegret", last_name="Berg", email="anna@home.example")
    budget_of("bert", first_name="Bert", last_name="Tal", email="bert@home.example")
    assert set(rows_of(console.get(LIST, {"q": words}))) == {"anna"}


@pytest.mark.parametrize("words", ["%", "_", "nobody", "'; --"])
def test_search_takes_wildcards_and_quotes_literally(console, words):
    budget_of("anna")
    assert rows_of(console.get(LIST, {"q": words})) == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"level": "green"}, {"green", "root"}),
        ({"level": "yellow"}, {"yellow"}),
        ({"level": "orange"}, {"orange"}),
        ({"level": "red"}, {"full", "over"}),
        ({"level": "over"}, {"over"}),
        ({"level": "purple"}, set()),
        ({"period__exact": "weekly"}, {"yellow"}),
        ({"enforced__exact": "0"}, {"over", "root"}),
        ({"visible_to_user__exact": "0"}, {"orange"}),
        ({"user_can_modify__exact": "1"}, {"green", "root"}),
        ({"user_can_reset__exact": "1"}, {"full", "root"}),
        ({"level": "red", "enforced__exact": "0"}, {"over"}),
        ({"level": "red", "q": "full"}, {"full"}),
    ],
)
def test_filters_narrow_the_list(console, query, found):
    for name, spent, settings in [
        ("green", "1", {"user_can_modify": True}),
        ("yellow", "8", {"period": "weekly"}),
        ("orange", "9", {"visible_to_user": False}),
        ("full", "10", {"user_can_reset": True}),
        ("over", "10.01", {"enforced": False}),
    ]:
        record(budget_of(name, limit=Decimal(10), **settings), spent)
    assert set(rows_of(console.get(LIST, query))) == found


def test_a_chosen_filter_is_named_and_can_be_dropped(console):
    page = console.get(LIST, {"level": "red"}).content.decode()
    assert "<summary>Level: <strong>Red</strong></summary>" in page
    assert "<summary>Period</summary>" in page
    assert '<a class="menus-clear" href="?">Show everything</a>' in page
    assert "menus-clear" not in console.get(LIST).content.decode()


def test_a_filter_can_show_its_counts(console):
    record(budget_of("anna", limit=Decimal(10), enforced=False), "11")
    assert "Over budget (1)" in console.get(LIST, {"_facets": "True"}).content.decode()


def test_a_filter_that_is_none_leads_back_to_the_list(console):
    response = console.get(LIST, {"admin_notes__nonsense": "x"})
    assert response.status_code == 302


# --- Size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [{}, {"p": "2"}, {"q": "many"}, {"level": "green"}, {"o": "-4", "enforced__exact": "1"}],
)
def test_the_list_asks_as_many_queries_for_200_users_as_for_60(console, query):
    many(60)
    console.get(LIST, query)
    with CaptureQueriesContext(connection) as before:
        console.get(LIST, query)
    many(140)
    with CaptureQueriesContext(connection) as after:
        response = console.get(LIST, query)
    assert len(after) == len(before) <= 12
    assert response.context["cl"].result_count >= 200


def test_fifty_stand_on_a_page(console):
    many(60)
    assert len(rows_of(console.get(LIST))) == 50
    assert len(rows_of(console.get(LIST, {"p": "2"}))) == 11


def test_deleted_members_are_not_listed_and_cannot_be_configured(console):
    gone = budget_of("gone")
    User.objects.get(username="gone").delete()
    assert "gone" not in rows_of(console.get(LIST))
    response = console.get(f"{LIST}{gone.pk}/change/", follow=True)
    assert response.redirect_chain == [("/admin/", 302)]
    assert Budget.objects.filter(pk=gone.pk).exists()


# --- CSV ----------------------------------------------------------------------------------------


def test_the_csv_holds_exact_figures(console):
    anna = budget_of(
        "anna",
        first_name="Anna",
        last_name="Berg",
        timezone="Europe/Berlin",
        limit=Decimal(10),
        custom_limit=Decimal("5.50"),
        enforced=False,
    )
    record(anna, "6.000001")
    ledger.hold(budget=anna, amount=Decimal("0.25"), now=NOW)
    response = console.get(f"{LIST}csv/", {"q": "anna"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="budgets-2026-07-15.csv"'
    assert sheet_of(response) == [
        {
            "user": "anna",
            "name": "Anna Berg",
            "limit": "5.50",
            "special limit": "5.50",
            "spent": "6.000001",
            "held": "0.25",
            "remaining": "0.00",
            "over by": "0.500001",
            "percent": "109.1",
            "level": "over",
            "period": "monthly",
            "days": "",
            "enforced": "no",
            "permissions": "view",
            "window start": "2026-07-01T00:00:00+02:00",
            "window end": "2026-08-01T00:00:00+02:00",
        }
    ]


def test_the_csv_of_nothing_spent_and_no_limit(console):
    budget_of("zero", limit=Decimal(0), visible_to_user=False, period="custom", custom_days=10)
    row = sheet_of(console.get(f"{LIST}csv/", {"q": "zero"}))[0]
    assert (row["percent"], row["level"], row["permissions"]) == ("", "green", "none")
    assert (row["special limit"], row["period"], row["days"]) == ("", "custom", "10")


def test_the_csv_follows_search_and_filters_and_has_every_page(console):
    many(60)
    assert len(sheet_of(console.get(f"{LIST}csv/"))) == 61
    assert len(sheet_of(console.get(f"{LIST}csv/", {"q": "many"}))) == 60
    assert len(sheet_of(console.get(f"{LIST}csv/", {"q": "many", "level": "red"}))) == 0


def test_the_list_links_to_its_csv_with_the_same_filters(console):
    html = console.get(LIST, {"q": "anna", "level": "red"}).content.decode()
    assert 'href="/admin/budgets/budget/csv/?level=red&amp;q=anna"' in html


def test_a_name_that_is_a_formula_is_neutralised(console):
    budget_of("+anna", first_name="=HYPERLINK(1)", limit=Decimal(10))
    row = sheet_of(console.get(f"{LIST}csv/", {"q": "HYPERLINK"}))[0]
    assert (row["user"], row["name"]) == ("'+anna", "'=HYPERLINK(1)")


def test_the_csv_is_brought_up_to_date_first(console):
    record(budget_of("anna", limit=Decimal(30), enforced=False), "50")
    with time_machine.travel(datetime(2026, 8, 2, tzinfo=UTC), tick=False):
        response = administrator(username="august").get(f"{LIST}csv/", {"q": "anna"})
        assert sheet_of(response)[0]["spent"] == "0.00"


def test_a_csv_with_a_filter_that_is_none_leads_back_to_the_list(console):
    response = console.get(f"{LIST}csv/", {"admin_notes__nonsense": "x"})
    assert (response.status_code, response["Location"]) == (302, LIST)
