"""The list of purchases as people use it: filters, the keyboard, choosing many, and scripts off."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from budgets.tests.factories import make_budget
from config.tests.e2e.waiting import arrive, settle
from people.models import User
from purchases.models import Purchase
from purchases.tests.factories import PurchaseFactory, RetailerFactory, TagFactory

WIDTHS = (375, 768, 1280)


@pytest.fixture
def ann() -> User:
    now = timezone.now()
    user = make_budget(now=now, limit=Decimal(1000)).user
    shop, tag = RetailerFactory(name="Corner shop"), TagFactory(name="kitchen")
    for number in range(25):
        PurchaseFactory(
            owner=user,
            name=f"Thing {number:02}",
            price=Decimal(number + 1),
            retailer=shop if number % 5 == 0 else None,
            tags=[tag] if number % 2 else [],
            purchased_on=now.date(),
        )
    return user


def open_filters(page: Page) -> None:
    page.locator("#filters > summary").click()


@pytest.mark.parametrize("width", WIDTHS)
class TestFilters:
    def test_a_chosen_one_redraws_the_list_and_stays_in_the_address(self, visit, ann, width):
        visitor = visit(ann, width=width)
        page = visitor.open("/purchases/")
        open_filters(page)
        page.locator("#filters").get_by_label("Retailer").select_option("Corner shop")
        expect(page.get_by_role("heading", name="5 purchases", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("retailer="))
        expect(page.locator("#filters")).to_have_attribute("open", "")
        expect(page.locator("#filters > summary")).to_have_text("Filters (1)")
        page.reload()
        expect(page.get_by_role("heading", name="5 purchases", exact=True)).to_be_visible()
        page.get_by_role("link", name="Take off: Corner shop").click()
        arrive(page.get_by_role("heading", name="25 purchases", exact=True))
        assert visitor.overflow() <= 0
        assert (visitor.violations(), visitor.troubles) == ([], [])

    def test_searching_keeps_the_text_and_going_back_shows_the_whole_page(self, visit, ann, width):
        page = visit(ann, width=width).open("/purchases/")
        page.get_by_label("Search", exact=True).fill("thing 07")
        page.keyboard.press("Enter")
        arrive(page.get_by_role("heading", name="1 purchase", exact=True))
        expect(page.get_by_label("Search", exact=True)).to_have_value("thing 07")
        expect(page.get_by_label("Search", exact=True)).to_be_focused()
        page.go_back()
        expect(page.get_by_role("heading", name="25 purchases", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Purchases", exact=True)).to_be_visible()

    def test_what_cannot_be_read_is_told_where_it_was_typed(self, visit, ann, width):
        visitor = visit(ann, width=width)
        page = visitor.open("/purchases/?currency=zzz&size=0")
        expect(page.get_by_text("“ZZZ” is no currency; USD or EUR is.")).to_be_visible()
        expect(page.get_by_text("Enter 1 to 100.")).to_be_visible()
        expect(page.get_by_label("On a page")).to_have_value("0")
        assert visitor.overflow() <= 0


@pytest.mark.parametrize("width", WIDTHS)
def test_choosing_changing_and_undoing(visit, ann, width):
    visitor = visit(ann, width=width)
    page = visitor.open("/purchases/?q=thing+0&sort=name")
    expect(page.get_by_role("button", name="Change…")).to_be_hidden()
    page.get_by_label("Choose Thing 03").check()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_label("Choose Thing 04").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    assert visitor.accessibility_faults() == []
    page.get_by_role("button", name="Change…").click()
    page.get_by_label("Add tags").fill("garden, blue")
    page.get_by_role("button", name="Change 2 purchases").click()
    arrive(page.get_by_text("2 purchases changed."))
    expect(page).to_have_url(re.compile(r"/purchases/\?q=thing\+0&sort=name$"))
    assert Purchase.objects.filter(tags__name="garden").count() == 2
    assert visitor.overflow() <= 0
    assert visitor.accessibility_faults() == []
    page.get_by_role("button", name="Undo").click()
    arrive(page.get_by_text("2 purchases are as they were."))
    assert not Purchase.objects.filter(tags__name="garden").exists()
    assert (visitor.violations(), visitor.troubles) == ([], [])


def test_one_tick_chooses_all_of_a_page(visit, ann):
    page = visit(ann).open("/purchases/")
    whole = page.get_by_label("Choose all on this page")
    whole.check()
    expect(page.get_by_text("20 chosen")).to_be_visible()
    page.get_by_label("Choose Thing 24").uncheck()
    expect(page.get_by_text("19 chosen")).to_be_visible()
    expect(whole).to_have_js_property("indeterminate", True)
    expect(whole).not_to_be_checked()
    whole.check()
    whole.uncheck()
    expect(page.get_by_role("button", name="Change…")).to_be_hidden()


def test_the_keyboard_alone_sorts_chooses_and_deletes(visit, ann):
    page = visit(ann).open("/purchases/?size=5")
    page.get_by_role("link", name="Price", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Price")
    names = page.locator(".purchases tbody th > a")
    expect(names).to_have_text([f"Thing {number}" for number in (24, 23, 22, 21, 20)])
    settle(page)
    page.get_by_label("Choose Thing 24").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("button", name="Delete…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 purchase deleted.")).to_be_visible()
    assert Purchase.objects.trashed().get().name == "Thing 24"


def test_chosen_columns_stay(visit, ann):
    page = visit(ann).open("/purchases/?q=thing+01")
    page.locator("#choose-columns > summary").click()
    page.get_by_label("Unit price").check()
    page.get_by_label("Status", exact=True).last.uncheck()
    page.get_by_role("button", name="Show these").click()
    heads = page.locator(".purchases thead th")
    expect(heads).to_have_text(["Name", "Bought", "Unit price", "Price", "Warranty"])
    expect(page).to_have_url(re.compile(r"/purchases/\?q=thing\+01$"))
    page.reload()
    expect(heads).to_have_text(["Name", "Bought", "Unit price", "Price", "Warranty"])


@pytest.mark.parametrize("width", [WIDTHS[0], WIDTHS[-1]])
def test_without_scripts_all_of_it_works_too(visit, ann, width):
    page = visit(ann, width=width, scripts=False).open("/purchases/")
    open_filters(page)
    page.locator("#filters").get_by_label("Tag").select_option("kitchen")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_role("heading", name="12 purchases", exact=True)).to_be_visible()
    page.get_by_label("Choose Thing 23").check()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 purchase is as it was.")).to_be_visible()
    expect(page.get_by_role("heading", name="12 purchases", exact=True)).to_be_visible()
