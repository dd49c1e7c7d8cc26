"""The budget page as people use it: refreshing beside typing, filters, and scripts off."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from budgets import ledger
from budgets.models import Budget, Entry, Reset
from budgets.tests.factories import make_budget, open_cycle, record
from config.tests.e2e.waiting import settle

HALF_A_MINUTE = 30_000


@pytest.fixture
def budget() -> Budget:
    return make_budget(
        now=timezone.now(),
        limit=Decimal(30),
        user_can_modify=True,
        user_can_reset=True,
        modify_ceiling=Decimal(50),
    )


def use(budget: Budget, amount: str, **details) -> Entry:
    return record(budget, amount, now=timezone.now(), **details)


def wait_half_a_minute(page: Page) -> None:
    """Move the clock on, once what came last has begun to wait itself."""
    settle(page)
    page.clock.fast_forward(HALF_A_MINUTE)


def test_signing_in_leads_to_what_is_left(visit, budget):
    visitor = visit()
    page = visitor.open("/budget/")
    page.get_by_label("Username").fill(budget.user.username)
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You have $30.00 left until")).to_be_visible()
    expect(page).to_have_url(re.compile("/budget/$"))


def test_refreshes_itself_without_losing_what_is_being_typed(visit, budget):
    use(budget, "1", provider="acme", model="first")
    visitor = visit(budget.user)
    visitor.page.clock.install()
    page = visitor.open("/budget/")
    page.get_by_text("The same figures as a table").click()
    page.locator("#history_since").fill("2026-01-01")
    limit = page.get_by_label("Limit per period")
    limit.fill("41.5")
    limit.evaluate("field => field.setSelectionRange(2, 2)")

    use(budget, "9", provider="zeta", model="second")
    wait_half_a_minute(page)

    expect(page.get_by_text("You have $20.00 left until")).to_be_visible()
    expect(page.locator("#history-rows")).to_contain_text("second")
    expect(page.locator("#breakdown-figures")).to_contain_text("zeta")
    settle(page)
    expect(limit).to_have_value("41.5")
    expect(limit).to_be_focused()
    expect(limit).to_have_js_property("selectionStart", 2)
    expect(page.locator("#history_since")).to_have_value("2026-01-01")
    expect(page.locator("#breakdown-table")).to_have_js_property("open", True)
    assert visitor.violations() == []


def test_goes_on_refreshing(visit, budget):
    visitor = visit(budget.user)
    visitor.page.clock.install()
    page = visitor.open("/budget/")
    for left in ("$29.00", "$28.00", "$27.00"):
        use(budget, "1")
        wait_half_a_minute(page)
        expect(page.get_by_text(f"You have {left} left until")).to_be_visible()


def test_a_filter_swaps_the_figures_and_stays_in_the_address(visit, budget):
    use(budget, "1", provider="acme", model="old-model")
    use(budget, "1", provider="zeta", model="new-model")
    visitor = visit(budget.user)
    page = visitor.open("/budget/")
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Limit per period").fill("44")
    page.get_by_label("Provider").select_option("acme")
    expect(page.locator("#history-rows")).not_to_contain_text("new-model")
    expect(page).to_have_url(re.compile("provider=acme"))
    settle(page)
    assert page.evaluate("window.sameDocument")
    expect(page.get_by_label("Limit per period")).to_have_value("44")
    page.go_back()
    expect(page.locator("#history-rows")).to_contain_text("new-model")


def test_a_filtered_page_refreshes_with_its_filter(visit, budget):
    use(budget, "1", provider="acme", model="one")
    visitor = visit(budget.user)
    visitor.page.clock.install()
    page = visitor.open("/budget/?provider=acme")
    use(budget, "1", provider="acme", model="two")
    use(budget, "1", provider="zeta", model="three")
    wait_half_a_minute(page)
    expect(page.locator("#history-rows")).to_contain_text("two")
    expect(page.locator("#history-rows")).not_to_contain_text("three")


def test_choosing_a_past_window_takes_the_days_away(visit, budget):
    old = record(budget, "7", now=timezone.now(), occurred_at=timezone.now() - timedelta(days=70))
    page = visit(budget.user).open("/budget/?from=2026-01-01&to=2026-01-02")
    page.get_by_label("Window", exact=True).select_option(str(old.cycle_id))
    expect(page.locator("#breakdown-figures")).to_contain_text("$7.00 in 1 entry")
    expect(page.locator("#breakdown_from")).to_have_value("")


def test_signing_out_elsewhere_leads_to_the_sign_in_page(visit, budget):
    visitor = visit(budget.user)
    visitor.page.clock.install()
    page = visitor.open("/budget/")
    page.context.clear_cookies()
    wait_half_a_minute(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator("#live")).to_have_count(0)


def test_days_of_a_custom_period_are_asked_for_when_it_is_chosen(visit, budget):
    page = visit(budget.user).open("/budget/")
    days = page.get_by_label("Days of a custom period")
    expect(days).to_be_hidden()
    page.get_by_label("Period", exact=True).select_option("custom")
    expect(days).to_be_visible()


def test_a_refused_setting_is_told_at_its_field_with_the_text_kept(visit, budget):
    page = visit(budget.user).open("/budget/")
    page.get_by_label("Limit per period").fill("50.01")
    page.get_by_role("button", name="Save settings").click()
    limit = page.get_by_label("Limit per period")
    expect(limit).to_have_value("50.01")
    expect(limit).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Your limit may go up to $50.00.", exact=True)).to_be_visible()


def test_the_keyboard_alone_is_enough_to_save_a_setting(visit, budget):
    page = visit(budget.user).open("/budget/")
    page.get_by_label("Limit per period").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("35")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your settings are saved.")).to_be_visible()
    assert open_cycle(budget).limit == Decimal(35)


def test_the_skip_link_is_the_first_stop(visit, budget):
    page = visit(budget.user).open("/budget/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_have_attribute("href", "#main")


class TestWithScriptsOff:
    def test_settings_filters_pages_and_starting_over_work(self, visit, budget):
        now = timezone.now()
        for number in range(25):
            record(budget, "0.10", now=now + timedelta(seconds=number), model=f"m{number:02}")
        page = visit(budget.user, scripts=False).open("/budget/")

        page.get_by_label("Limit per period").fill("40")
        page.get_by_role("button", name="Save settings").click()
        expect(page.get_by_text("Your settings are saved.")).to_be_visible()

        page.get_by_role("link", name="Next").click()
        expect(page.locator("#history-rows")).to_contain_text("m04")

        page.get_by_label("Model").select_option("m07")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator("#history-rows")).to_contain_text("m07")
        expect(page.locator("#history-rows")).not_to_contain_text("m08")

        page.get_by_role("link", name="Start over…").click()
        page.get_by_label("Reason").fill("A new start")
        page.get_by_role("button", name="Start over").click()
        expect(page.get_by_text("You have $40.00 left until")).to_be_visible()
        assert Reset.objects.get(budget=budget).reason == "A new start"

    def test_the_account_menu_opens_and_signs_out(self, visit, budget):
        page = visit(budget.user, scripts=False).open("/budget/")
        page.get_by_role("button", name="Menu for").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_csv_is_downloaded(visit, budget):
    use(budget, "1.25", model="m")
    page = visit(budget.user).open("/budget/")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "pursestrings-history.csv"
    assert "1.250000" in download.value.path().read_text()


def test_money_held_by_somebody_else_appears_by_itself(visit, budget):
    visitor = visit(budget.user)
    visitor.page.clock.install()
    page = visitor.open("/budget/")
    ledger.hold(budget=budget, amount=Decimal(4), now=timezone.now())
    wait_half_a_minute(page)
    expect(page.get_by_text("You have $26.00 left until")).to_be_visible()
