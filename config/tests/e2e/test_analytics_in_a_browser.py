"""The charts of the analytics page, and the page without them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.tests.e2e.conftest import WIDTHS
from config.tests.e2e.waiting import arrive, catch_up, settle, until
from people.models import User
from people.tests.factories import UserFactory
from purchases.tests.factories import (
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    WarrantyFactory,
)

#: How many charts the page has: months, retailers, brands, warranties.
CHARTS = 4


@pytest.fixture
def user(transactional_db) -> User:
    today = timezone.now().date()
    user = UserFactory(first_name="Ann")
    shop = RetailerFactory(name="The corner shop with a name that is longer than its street")
    for number in range(12):
        purchase = PurchaseFactory(
            owner=user,
            name=f"Thing {number % 5}",
            price=Decimal(1000 + number),
            currency="USD" if number else "EUR",
            retailer=shop if number % 3 else RetailerFactory(),
            brand=BrandFactory() if number % 2 else None,
            purchased_on=today - timedelta(days=30 * number),
        )
        WarrantyFactory(
            purchase=purchase, ends_on=today + timedelta(days=70 * number - 90 if number else 0)
        )
    WarrantyFactory(purchase=purchase)
    return user


def is_drawn(page: Page, name: str) -> bool:
    """Tell whether something is painted on a chart."""
    return page.locator(f"canvas[data-chart={name}-chart]").evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
          return data.some((value) => value > 0);
        }"""
    )


def are_drawn(page: Page) -> None:
    """Wait until there is a chart on each canvas, and something on the first of them."""
    settle(page)
    until(page, lambda: page.evaluate("Object.keys(Chart.instances).length"), CHARTS)
    until(page, lambda: is_drawn(page, "months"))


def bar_of(page: Page, name: str, *, place: int, of: int = 0) -> dict[str, float]:
    """Return the middle of a bar, as seen from the corner of its canvas."""
    return page.locator(f"canvas[data-chart={name}-chart]").evaluate(
        """(canvas, [place, set]) => {
          const chart = Chart.getChart(canvas);
          const { x, y } = chart.getDatasetMeta(set).data[place].getCenterPoint();
          return { x, y };
        }""",
        [place, of],
    )


def test_the_page_is_whole_at_every_width(visit, user):
    visitor = visit(user)
    page = visitor.open("/analytics/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert visitor.overflow() <= 0, f"too wide at {width} px"
        for name in ("months", "retailers", "brands", "warranties"):
            until(page, lambda name=name: is_drawn(page, name))
    assert (visitor.violations(), visitor.troubles) == ([], [])
    assert visitor.accessibility_faults() == []


def test_a_click_on_a_bar_leads_to_its_purchases(visit, user):
    page = visit(user).open("/analytics/")
    canvas = page.locator("canvas[data-chart=months-chart]")
    canvas.scroll_into_view_if_needed()
    canvas.click(position=bar_of(page, "months", place=10))
    expect(page).to_have_url(re.compile(r"/purchases/\?"))
    expect(page).to_have_url(re.compile("currency=USD"))
    expect(page).to_have_url(re.compile("since="))


def test_a_click_beside_the_bars_leads_nowhere(visit, user):
    page = visit(user).open("/analytics/")
    page.locator("canvas[data-chart=months-chart]").click(position={"x": 3, "y": 3})
    catch_up(page)
    assert page.url.endswith("/analytics/")


def test_the_charts_follow_the_theme(visit, user):
    page = visit(user, theme="light").open("/analytics/")
    fill = "Chart.getChart(document.querySelector('canvas')).data.datasets[0].backgroundColor"
    light = page.evaluate(fill)
    page.emulate_media(color_scheme="dark")
    until(page, lambda: page.evaluate(fill) != light)


def test_another_currency_redraws_the_charts_in_place(visit, user):
    visitor = visit(user)
    page = visitor.open("/analytics/")
    page.get_by_label("Currency").select_option("EUR")
    expect(page.get_by_text("Spending by month, in EUR")).to_have_count(1)
    expect(page).to_have_url(re.compile("currency=EUR&whose=all$"))
    are_drawn(page)
    assert visitor.troubles == []
    page.go_back()
    expect(page.get_by_text("Spending by month, in USD")).to_have_count(1)
    are_drawn(page)
    assert visitor.violations() == []


def test_a_card_goes_and_comes_back(visit, user):
    visitor = visit(user)
    page = visitor.open("/analytics/?since=2020-01-01")
    page.get_by_role("button", name="Hide “Retailers”").click()
    expect(page.get_by_role("heading", name="Retailers")).to_have_count(0)
    expect(page.get_by_role("textbox", name="From")).to_have_value("2020-01-01")
    page.reload()
    expect(page.get_by_role("heading", name="Retailers")).to_have_count(0)
    page.get_by_role("button", name="Show Retailers").click()
    arrive(page.get_by_role("heading", name="Retailers"))
    are_drawn(page)
    assert visitor.troubles == []


def test_without_scripts_the_tables_say_everything_and_no_hole_is_left(visit, user):
    page = visit(user, scripts=False).open("/analytics/")
    expect(page.locator("canvas")).to_have_count(CHARTS)
    for canvas in page.locator(".plot").all():
        expect(canvas).to_be_hidden()
    for table in page.locator("table.numbers").all():
        expect(table).to_be_visible()
    page.get_by_role("button", name="Hide “Brands”").click()
    expect(page.get_by_role("heading", name="Brands")).to_have_count(0)
    page.get_by_role("button", name="Show Brands").click()
    expect(page.get_by_role("heading", name="Brands")).to_be_visible()
