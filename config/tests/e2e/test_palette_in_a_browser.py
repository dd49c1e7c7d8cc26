"""The palette, as somebody sees it who does not leave the keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from config.tests.e2e.test_every_page import examine, examine_what_is_open
from config.tests.e2e.waiting import catch_up, settle, stop_clock, until
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases.tests.factories import PurchaseFactory

#: A question is asked 150 ms after typing stops.
ALMOST_A_PAUSE = 140


@pytest.fixture
def user(transactional_db) -> User:
    user = UserFactory()
    PurchaseFactory(owner=user, name="Kettle", notes="red")
    return user


@pytest.fixture
def people(transactional_db) -> list[Person]:
    return [Person.objects.create(name=name) for name in ("Ann", "Anna", "Annabel")]


@pytest.fixture
def page(visit, user, people) -> Page:
    return visit(user).open("/account/")


def words(page: Page):
    return page.locator("#palette-words")


def options(page: Page):
    return page.get_by_role("dialog").get_by_role("option")


def chosen(page: Page):
    return page.locator("[role=option][aria-selected=true]")


def open_by_keys(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(words(page)).to_be_focused()
    expect(chosen(page)).to_have_count(1)


def write(page: Page, text: str) -> None:
    """Write at one stroke: between letters a slow machine would ask for half of them."""
    page.keyboard.insert_text(text)


class TestByKeyboardAlone:
    def test_a_page_is_two_keys_and_a_word_away(self, page):
        open_by_keys(page)
        page.keyboard.type("budg")
        expect(chosen(page)).to_have_text(re.compile("Budget"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/budget/$"))

    def test_a_purchase_is_found_by_what_stands_on_it(self, page):
        open_by_keys(page)
        page.keyboard.type("RED")
        expect(chosen(page)).to_contain_text("Kettle")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/purchases/\d+/$"))

    def test_arrows_go_round_and_tell_which_one_it_is(self, page, people):
        open_by_keys(page)
        write(page, "ann")
        expect(options(page)).to_have_count(3)
        for keys, name in (
            ([], "Ann"),
            (["ArrowDown"], "Anna"),
            (["ArrowDown", "ArrowDown"], "Ann"),
            (["ArrowUp"], "Annabel"),
            (["ArrowUp"], "Anna"),
        ):
            for key in keys:
                page.keyboard.press(key)
            expect(chosen(page).locator(".palette-title")).to_have_text(name)
            active = chosen(page).get_attribute("id")
            expect(words(page)).to_have_attribute("aria-activedescendant", active)
            expect(words(page)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/people/{people[1].pk}/$"))

    def test_escape_closes_it_and_the_focus_is_back_where_it_was(self, page):
        name = page.get_by_label("First name")
        name.focus()
        open_by_keys(page)
        page.keyboard.type("ann")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(name).to_be_focused()

    def test_the_same_keys_close_it_and_what_was_typed_is_kept(self, page):
        open_by_keys(page)
        page.keyboard.type("ann")
        expect(options(page)).to_have_count(3)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog")).to_be_hidden()
        open_by_keys(page)
        expect(words(page)).to_have_value("ann")
        page.keyboard.type("kettle")
        expect(words(page)).to_have_value("kettle")

    def test_enter_before_the_answer_opens_what_the_answer_says(self, page):
        open_by_keys(page)
        page.keyboard.type("brand")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/brands/$"))

    def test_how_many_there_are_is_said(self, page):
        open_by_keys(page)
        page.keyboard.type("ann")
        said = page.locator("#palette-said")
        expect(said).to_have_text("3 results")
        page.keyboard.type("zzz")
        expect(said).to_have_text(re.compile("Nothing here goes by “annzzz”"))
        expect(words(page)).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/account/$"))


class TestAnswers:
    def test_it_asks_once_when_typing_stops(self, page):
        open_by_keys(page)
        stop_clock(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for letter in "annabel":
            page.keyboard.type(letter)
            page.clock.run_for(ALMOST_A_PAUSE)
        page.clock.run_for(ALMOST_A_PAUSE)
        expect(options(page)).to_have_count(1)
        assert [url.partition("?")[2] for url in asked] == ["q=annabel"]

    def test_an_answer_that_comes_too_late_is_dropped(self, page):
        late: list[Route] = []

        def hold_back(route: Route) -> None:
            late.append(route)

        page.route(re.compile(r"/find/\?q=ann$"), hold_back)
        open_by_keys(page)
        write(page, "ann")
        until(page, lambda: len(late), 1)
        write(page, "abel")
        expect(options(page)).to_have_count(1)
        late[0].continue_()
        catch_up(page)
        settle(page)
        expect(options(page)).to_have_count(1)

    def test_what_could_not_be_asked_is_said_and_asked_again(self, page):
        open_by_keys(page)
        page.route(re.compile("/find/"), lambda route: route.abort())
        page.keyboard.type("annabel")
        expect(page.get_by_text("That could not be looked up.").first).to_be_visible()
        page.unroute_all()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/people/\d+/$"))


class TestByMouse:
    def test_the_link_opens_it_and_the_edge_closes_it(self, page):
        page.get_by_role("link", name="Find…").click()
        expect(words(page)).to_be_focused()
        page.mouse.click(5, 5)
        expect(page.get_by_role("dialog")).to_be_hidden()

    def test_an_option_is_a_link(self, page):
        page.get_by_role("link", name="Find…").click()
        page.get_by_role("option", name="Add a gift").click()
        expect(page).to_have_url(re.compile("/gifts/add/$"))

    def test_coming_back_finds_it_closed(self, page):
        page.get_by_role("link", name="Find…").click()
        page.get_by_role("option", name="Budget").click()
        expect(page).to_have_url(re.compile("/budget/$"))
        page.go_back()
        expect(page.get_by_role("dialog")).to_be_hidden()


class TestWhereHtmxBringsThePageAnew:
    def asked(self, visitor, path: str) -> Page:
        """Ask a page for something else, which htmx shows in its place."""
        page = visitor.open(path)
        page.evaluate("window.sameDocument = true")
        if path == "/purchases/":
            page.get_by_label("Search").fill("kettle")
            self.bring_anew(page, path, lambda: page.keyboard.press("Enter"))
        else:
            whose = page.locator("select[name=whose]")
            self.bring_anew(page, path, lambda: whose.select_option("mine"))
        expect(page).to_have_url(re.compile(r"\?.+"))
        return page

    def bring_anew(self, page: Page, path: str, act: Callable[[], object]) -> None:
        """Do something, and wait until htmx has put new elements in the place of the old ones."""
        part = page.locator(f"#{path.strip('/')}")
        part.evaluate("part => { part.isOld = true; }")
        act()
        expect(part).not_to_have_js_property("isOld", True)
        settle(page)

    def works(self, page: Page) -> None:
        open_by_keys(page)
        write(page, "ann")
        expect(options(page)).to_have_count(3)
        page.keyboard.press("ArrowDown")
        expect(chosen(page).locator(".palette-title")).to_have_text("Anna")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog")).to_be_hidden()

    @pytest.mark.parametrize("path", ["/purchases/", "/analytics/"])
    def test_it_opens_once_back_and_forth(self, visit, user, people, path):
        visitor = visit(user)
        page = self.asked(visitor, path)
        self.works(page)
        for move, address in ((page.go_back, f"{path}$"), (page.go_forward, rf"{path}\?.+")) * 2:
            self.bring_anew(page, path, move)
            expect(page).to_have_url(re.compile(address))
            self.works(page)
        assert page.evaluate("window.sameDocument")
        assert visitor.troubles == []

    def test_it_is_closed_on_the_way_back(self, visit, user, people):
        visitor = visit(user)
        page = self.asked(visitor, "/purchases/")
        open_by_keys(page)
        self.bring_anew(page, "/purchases/", page.go_back)
        expect(page).to_have_url(re.compile("/purchases/$"))
        self.bring_anew(page, "/purchases/", page.go_forward)
        expect(page).to_have_url(re.compile(r"\?.+"))
        expect(page.get_by_role("dialog")).to_be_hidden()
        self.works(page)
        assert visitor.troubles == []


def test_without_scripts_the_link_leads_to_a_page_that_does_the_same(visit, user, people):
    page = visit(user, scripts=False).open("/account/")
    page.get_by_role("link", name="Find…").click()
    page.get_by_label("Words").fill("annabel")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Annabel").click()
    expect(page).to_have_url(re.compile(f"/people/{people[2].pk}/$"))


def test_nothing_is_wrong_with_it(visit, user, people):
    visitor = visit(user)
    for path in ("/find/", "/find/?q=ann", "/find/?q=zzz"):
        examine(visitor, path)
    page = visitor.open("/account/")
    for typed, said in (("", r"\d+ results"), ("ann", "^3 results"), ("zzz", "^Nothing here")):
        page.reload()
        open_by_keys(page)
        words(page).fill(typed)
        expect(page.locator("#palette-said")).to_have_text(re.compile(said))
        settle(page)
        examine_what_is_open(visitor)
