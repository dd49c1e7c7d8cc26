"""The form for a purchase, as somebody at a keyboard sees it, with scripts and without."""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.tests.e2e.waiting import arrive, settle
from people.models import User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Purchase
from purchases.suggesting import MOST
from purchases.tests.factories import RetailerFactory

ADD = "/purchases/add/"


@pytest.fixture
def ann(transactional_db) -> User:
    return UserFactory(administrator=True)


@pytest.fixture
def page(visit, ann) -> Page:
    return visit(ann).open(ADD)


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"[name={name}]", value)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def buy(owner: User, **values: object) -> Purchase:
    now = timezone.now()
    wanted = {"name": "Kettle", "price": Decimal(30), "purchased_on": now.date(), **values}
    return keeping.record(owner=owner, values=wanted, by=owner, now=now)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [375, 1280])
def test_a_purchase_is_written_down(visit, ann, width, scripts):
    visitor = visit(ann, width=width, scripts=scripts)
    page = visitor.open(ADD)
    fill(page, name="Kettle", price="30", retailer="Corner shop")
    page.get_by_text("Brand, tags and notes").click()
    page.get_by_label("Tags").fill("tea, red")
    page.get_by_label("Tags").press("Tab")
    page.locator("[name=notes]").nth(0).fill("For the office")
    save(page)
    arrive(page.get_by_role("heading", name="Kettle", level=1))
    kettle = Purchase.objects.get()
    assert (kettle.retailer.name, kettle.notes) == ("Corner shop", "For the office")
    assert {tag.name for tag in kettle.tags.all()} == {"red", "tea"}
    assert visitor.troubles == []


def test_a_name_of_one_long_word_stays_within_its_window(visit, ann):
    visitor = visit(ann, width=375)
    page = visitor.open(ADD)
    fill(page, name="Lighthousekeeping" * 15, price="30")
    save(page)
    notice = page.locator("#messages .notice")
    arrive(notice)
    expect(notice).to_contain_text("Lighthousekeeping")
    assert notice.bounding_box()["width"] <= 375
    assert visitor.overflow() == 0


def test_the_page_keeps_to_its_policy_and_is_accessible_with_everything_open(visit, ann):
    buy(ann)
    for theme in ("light", "dark"):
        visitor = visit(ann, width=375, theme=theme)
        page = visitor.open(ADD)
        fill(page, name="kettle", price="30.00", currency="EUR", exchange_rate="1.1")
        page.locator("[name=currency]").fill("USD")
        for part in page.locator(".purchase-parts summary").all():
            part.click()
        page.get_by_label("Tags").fill("tea,")
        expect(page.locator("#alike")).to_contain_text("Is it the same purchase?")
        settle(page)
        assert visitor.overflow() == 0
        assert visitor.violations() == []
        assert visitor.accessibility_faults() == []


def test_each_shop_can_be_reached_by_typing(page, ann):
    for number in range(2 * MOST):
        RetailerFactory(name=f"Place {number:02}", listed=True)
    page.reload()
    options = page.locator("#retailers option")
    expect(options).to_have_count(MOST)
    page.locator("[name=retailer]").press_sequentially("place 37")
    expect(options).to_have_count(1)
    expect(options).to_have_attribute("value", "Place 37")


def test_tags_are_chips_at_the_keyboard(page):
    page.get_by_text("Brand, tags and notes").click()
    entry = page.get_by_label("Tags")
    chips = page.locator(".chip-box .chip")
    entry.press_sequentially("tea,red")
    entry.press("Enter")
    expect(chips).to_have_text(["tea×", "red×"])
    entry.press_sequentially("TEA,")
    expect(chips).to_have_count(2)
    entry.press("Backspace")
    expect(chips).to_have_text(["tea×"])
    page.get_by_role("button", name="Remove tea").click()
    expect(chips).to_have_count(0)
    expect(entry).to_be_focused()
    expect(page.locator("[name=tags]")).to_have_value("")


def test_tags_that_were_stored_are_chips_too(visit, ann):
    kettle = buy(ann, tags=["tea", "red"])
    page = visit(ann).open(f"/purchases/{kettle.pk}/edit/")
    expect(page.locator(".chip-box .chip")).to_have_text(["red×", "tea×"])
    page.get_by_role("button", name="Remove red").click()
    save(page)
    expect(page.get_by_text("“Kettle” is saved.")).to_be_visible()
    assert [tag.name for tag in kettle.tags.all()] == ["tea"]


def test_what_one_piece_costs_is_told_to_the_cent(page):
    each = page.locator("[data-each]")
    fill(page, price="100", quantity="3")
    expect(each).to_have_text("33.33 USD each")
    fill(page, price="90071992547409.93", quantity="1")
    expect(each).to_be_hidden()
    fill(page, price="0.05", quantity="2")
    expect(each).to_have_text("0.03 USD each")
    fill(page, price="10.005")
    expect(each).to_be_hidden()
    fill(page, price="3000", currency="JPY", quantity="7")
    expect(each).to_have_text("429 JPY each")


def test_a_rate_is_asked_for_another_currency_alone(page):
    rate = page.locator("[name=exchange_rate]")
    expect(rate).to_be_hidden()
    fill(page, currency="eur", price="80")
    expect(rate).to_be_visible()
    rate.fill("1.0842")
    expect(page.locator("[data-converted]")).to_have_text("That is 86.74 USD.")
    fill(page, currency="USD")
    expect(rate).to_be_hidden()


def test_what_is_alike_is_told_of_while_typing_and_saved_anyway(page, ann):
    kettle = buy(ann)
    fill(page, name=" KETTLE", price="30.00")
    notice = page.locator("#alike")
    expect(notice.get_by_role("link", name="Kettle")).to_have_attribute(
        "href", kettle.get_absolute_url()
    )
    page.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_text("“KETTLE” is saved.")).to_be_visible()
    assert Purchase.objects.count() == 2


def test_what_is_alike_no_more_is_not_told_of(page, ann):
    buy(ann)
    fill(page, name="Kettle", price="30.00")
    expect(page.locator("#alike")).to_contain_text("Is it the same purchase?")
    fill(page, price="30.01")
    expect(page.locator("#alike")).to_be_hidden()
    expect(page.get_by_role("button", name="Save")).to_have_text("Save")


def test_the_first_wrong_field_has_the_focus_in_a_part_that_is_open(page):
    fill(page, name="Kettle", price="30")
    page.get_by_text("Brand, tags and notes").click()
    page.get_by_label("Link").fill("javascript:alert(1)")
    save(page)
    expect(page.get_by_label("Link")).to_be_focused()
    expect(page.get_by_label("Link")).to_have_value("javascript:alert(1)")
    assert not Purchase.objects.exists()


@pytest.mark.parametrize("scripts", [True, False])
def test_two_browsers_change_the_same_purchase_and_the_second_chooses(visit, ann, scripts):
    kettle = buy(ann)
    path = f"/purchases/{kettle.pk}/edit/"
    first, second = (visit(ann, scripts=scripts).open(path) for _ in range(2))
    fill(first, price="45.00")
    save(first)
    expect(first.get_by_text("“Kettle” is saved.")).to_be_visible()
    fill(second, price="40.00", name="Red kettle")
    save(second)
    arrive(second.get_by_role("heading", name="This was changed meanwhile"))
    second.get_by_label("45.00").check()
    second.get_by_role("button", name="Save what is chosen").click()
    expect(second.get_by_text("“Red kettle” is saved.")).to_be_visible()
    kettle.refresh_from_db()
    assert (kettle.name, kettle.price) == ("Red kettle", 45)
