"""An import as people do it: a bank’s file sent, mapped, looked at, recorded and taken back."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from config.tests.e2e.waiting import arrive, settle, until
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import ImportBatch, ImportPreset, Purchase
from purchases.tests.factories import PurchaseFactory
from purchases.tests.statements import statement

WIDTHS = (375, 768, 1280)
ROWS = (
    "05.02.2026;Bäckerei Müller;Karte 1;-3,45",
    "06.02.2026;Café Löwe;Karte 2;-1.234,56",
    "07.02.2026;Gehalt;Lohn;2.000,00",
    "08.02.2026;Kiosk;Karte 3;kaputt",
)
BANK = "Bank statement, or any other table"
DROP = """
([selector, name, text]) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File([text], name));
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    target.dispatchEvent(
      new DragEvent(kind, { dataTransfer: dropped, bubbles: true, cancelable: true }),
    );
  }
}
"""


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def ann() -> User:
    return UserFactory()


def choose_file(page: Page, content: bytes, name: str = "umsatz.csv") -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.get_by_label("Choose a file").set_input_files(file)


def send(page: Page, content: bytes, name: str = "umsatz.csv") -> None:
    choose_file(page, content, name)
    page.get_by_role("button", name="Show the first rows").click()
    arrive(page.get_by_role("heading", name="How it reads"))


def sample(page: Page):
    return page.locator("#sample")


def map_it(page: Page) -> None:
    """Choose how the statement of the bank reads; the columns are suggested."""
    page.get_by_label("Read it as").select_option(label=BANK)
    expect(page.get_by_label("Day", exact=True)).to_have_value("Buchungstag")
    settle(page)
    page.get_by_label("Day first: 31.12.2026").check()
    page.get_by_label("A comma: 1.234,56").check()
    page.get_by_label("With a minus: -12.50").check()


def is_fine(visitor) -> None:
    """Check what no page may have; the policy is looked at before the checker adds styles."""
    settle(visitor.page)
    assert visitor.violations() == []
    assert visitor.overflow() <= 0
    assert visitor.accessibility_faults() == []
    assert visitor.troubles == []
    visitor.page.evaluate("window.violations = []")


@pytest.mark.parametrize(("width", "theme"), [(375, "dark"), (768, "light"), (1280, "light")])
def test_the_whole_way_and_back(visit, ann, width, theme):
    visitor = visit(ann, width=width, theme=theme)
    page = visitor.open("/data/import/")
    is_fine(visitor)
    send(page, statement(*ROWS))
    expect(page.get_by_text("Windows-1252 (Western Europe) text")).to_be_visible()
    is_fine(visitor)
    map_it(page)
    expect(sample(page)).to_contain_text("$1,234.56")
    expect(sample(page)).to_contain_text("Feb 5, 2026")
    is_fine(visitor)
    page.get_by_role("button", name="Read the whole file").click()
    arrive(page.get_by_role("heading", name="Preview"))
    expect(page.get_by_text("2 purchases would be added.")).to_be_visible()
    is_fine(visitor)
    page.get_by_role("link", name="Cannot be read 1").click()
    expect(page.get_by_text("“kaputt”")).to_be_visible()
    expect(page).to_have_url(re.compile("fate=error"))
    is_fine(visitor)
    page.get_by_role("button", name="Record 2 purchases").click()
    expect(page.get_by_role("heading", name="Report")).to_be_visible()
    expect(page.get_by_text("2 purchases added.")).to_be_visible()
    is_fine(visitor)
    assert set(Purchase.objects.values_list("price", flat=True)) == {
        Decimal("3.45"),
        Decimal("1234.56"),
    }
    page.get_by_role("link", name="Undo this import…").click()
    arrive(page.get_by_role("heading", name="Undo this import?"))
    is_fine(visitor)
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("2 purchases were taken back.")).to_be_visible()
    is_fine(visitor)
    assert not Purchase.objects.live().exists()


class TestTheSample:
    @pytest.fixture
    def page(self, visit, ann) -> Page:
        page = visit(ann).open("/data/import/")
        send(page, statement(*ROWS))
        map_it(page)
        expect(sample(page)).to_contain_text("$1,234.56")
        settle(page)
        return page

    def test_follows_each_choice_and_says_how_it_came_out(self, page):
        page.get_by_label("Year first: 2026-12-31").check()
        expect(sample(page)).to_contain_text("None of these rows can be read so.")
        expect(page.locator("#sample-said")).to_contain_text("None of these rows")
        page.get_by_label("Day first: 31.12.2026").check()
        expect(sample(page)).to_contain_text("$3.45")
        page.get_by_label("Without one: 12.50").check()
        expect(sample(page)).to_contain_text("Left out: came in")

    def test_the_field_with_the_focus_keeps_it(self, page):
        field = page.get_by_label("Currency", exact=True).last
        field.fill("eur")
        expect(page.get_by_label("1 EUR is worth")).to_be_visible()
        expect(field).to_be_focused()
        expect(sample(page)).to_contain_text("€3.45")
        rate = page.get_by_label("1 EUR is worth")
        rate.fill("1.08")
        expect(rate).to_be_focused()

    def test_a_suggestion_that_was_changed_is_none_any_more(self, page):
        marks = page.get_by_text("A suggestion", exact=True)
        expect(marks).to_have_count(4)
        page.get_by_label("What was bought").select_option("Verwendungszweck")
        expect(marks).to_have_count(3)
        expect(sample(page)).to_contain_text("Karte 1")

    def test_enter_saves_a_preset_which_fills_in_the_next_file(self, page):
        page.get_by_text("Save these choices for the next file").click()
        page.get_by_label("Name of the preset").fill("My bank")
        page.keyboard.press("Enter")
        expect(page.get_by_text("The preset “My bank” is saved.")).to_be_visible()
        assert ImportPreset.objects.get().choices["sign"] == "negative"
        page.goto(page.url.partition("/data/")[0] + "/data/import/")
        send(page, statement(*ROWS))
        page.get_by_label("Read it as").select_option(label=BANK)
        arrive(page.get_by_label("With the choices of"))
        page.get_by_label("With the choices of").select_option(label="My bank (fits this file)")
        expect(sample(page)).to_contain_text("$1,234.56")
        expect(page.get_by_label("A comma: 1.234,56")).to_be_checked()

    def test_enter_in_another_field_reads_the_file(self, page):
        page.get_by_label("Currency", exact=True).last.press("Enter")
        arrive(page.get_by_role("heading", name="Preview"))


class TestSending:
    def test_a_dropped_file_is_chosen(self, visit, ann):
        page = visit(ann).open("/data/import/")
        page.evaluate(DROP, ["[data-drop]", "usage.csv", "Datum;Was\n1;2\n"])
        expect(page.locator("[data-said]").first).to_have_text("usage.csv is chosen.")
        expect(page.get_by_role("button", name="Show the first rows")).to_be_focused()
        page.keyboard.press("Enter")
        arrive(page.get_by_role("heading", name="How it reads"))
        assert ImportBatch.objects.get().name == "usage.csv"

    def test_a_refused_file_says_why_on_the_same_page(self, visit, ann):
        visitor = visit(ann)
        page = visitor.open("/data/import/")
        choose_file(page, b"%PDF-1.7", "bill.csv")
        page.get_by_role("button", name="Show the first rows").click()
        expect(page.get_by_text("The file is a PDF document.")).to_be_visible()
        expect(page.get_by_label("Choose a file")).to_be_focused()
        is_fine(visitor)
        send(page, statement(*ROWS))

    def test_without_a_file_it_says_so(self, visit, ann):
        page = visit(ann).open("/data/import/")
        page.get_by_role("button", name="Show the first rows").click()
        expect(page.get_by_text("Choose a file first.")).to_be_visible()

    def test_a_broken_connection_is_told(self, visit, ann):
        page = visit(ann).open("/data/import/")
        page.route("**/data/import/", lambda route: route.abort())
        choose_file(page, statement(*ROWS))
        page.get_by_role("button", name="Show the first rows").click()
        expect(page.get_by_text("The file was not sent: there is no connection.")).to_be_visible()
        page.unroute("**/data/import/")
        page.get_by_role("button", name="Show the first rows").click()
        arrive(page.get_by_role("heading", name="How it reads"))


class TestProgress:
    def test_goes_on_part_by_part_and_after_a_broken_connection(self, visit, ann):
        visitor = visit(ann)
        page = visitor.open("/data/import/")
        send(page, statement(count=4_100))
        map_it(page)
        page.get_by_role("button", name="Read the whole file").click()
        arrive(page.get_by_role("heading", name="Preview"))
        parts: list[Route] = []

        def fail_once(route: Route) -> None:
            parts.append(route)
            if len(parts) == 2:
                route.abort()
            elif len(parts) not in {3, 4}:  # they wait until the page has been looked at
                route.continue_()

        page.route("**/work/", fail_once)
        page.get_by_role("button", name="Record 4,100 purchases").click()
        expect(page.get_by_text("There is no connection.")).to_be_visible()
        is_fine(visitor)
        until(page, lambda: len(parts), 3)
        parts[2].continue_()
        expect(page.get_by_role("progressbar")).to_have_attribute("value", re.compile("4[0-9]"))
        until(page, lambda: len(parts), 4)
        parts[3].continue_()
        expect(page.get_by_text("4,100 purchases added.")).to_be_visible(timeout=60_000)
        assert Purchase.objects.count() == 4_100

    def test_one_that_was_stopped_goes_on_when_its_page_is_opened(self, visit, ann):
        page = visit(ann).open("/data/import/")
        send(page, statement(*ROWS))
        map_it(page)
        page.route("**/work/", lambda route: route.abort())
        page.get_by_role("button", name="Read the whole file").click()
        arrive(page.get_by_role("heading", name="Reading the file"))
        page.goto(page.url.partition("/data/")[0] + "/data/import/")
        page.unroute("**/work/")
        page.get_by_role("link", name="umsatz.csv").click()
        arrive(page.get_by_role("heading", name="Preview"))


def test_a_tick_says_what_the_button_would_record(visit, ann):
    PurchaseFactory(
        owner=ann, name="Café Löwe", price=Decimal("1234.56"), purchased_on=date(2026, 2, 6)
    )
    visitor = visit(ann)
    page = visitor.open("/data/import/")
    send(page, statement(*ROWS))
    map_it(page)
    page.get_by_role("button", name="Read the whole file").click()
    arrive(page.get_by_role("heading", name="Preview"))
    tick = page.get_by_label("Record the 1 suspected double too")
    tick.check()
    expect(page.get_by_role("button", name="Record 2 purchases")).to_be_visible()
    expect(page.get_by_text("2 purchases would be added.")).to_be_visible()
    expect(page.get_by_text("$1,238.01", exact=True)).to_be_visible()
    expect(page.get_by_text("1 purchase would be added.")).to_be_hidden()
    expect(page.get_by_text("Without: 1 purchase")).to_be_hidden()
    tick.uncheck()
    expect(page.get_by_text("1 purchase would be added.")).to_be_visible()
    expect(page.get_by_role("button", name="Record 1 purchase", exact=True)).to_be_visible()
    is_fine(visitor)
    tick.check()
    page.get_by_role("button", name="Record 2 purchases").click()
    expect(page.get_by_text("2 purchases added.")).to_be_visible()


@pytest.mark.parametrize("width", [375, 1280])
def test_rare_columns_are_folded_on_a_small_screen_alone(visit, ann, width):
    visitor = visit(ann, width=width)
    page = visitor.open("/data/import/")
    send(page, statement(*ROWS))
    map_it(page)
    rare = page.get_by_label("Order number")
    if width < 640:
        expect(rare).to_be_hidden()
        page.get_by_text("More columns").click()
    expect(rare).to_be_visible()
    is_fine(visitor)


def test_the_line_of_the_columns_is_told(visit, ann):
    visitor = visit(ann)
    page = visitor.open("/data/import/")
    send(page, statement(*ROWS))
    map_it(page)
    page.get_by_text("Letters or columns look wrong?").click()
    line = page.get_by_label("The columns are named in line")
    line.fill("2")
    expect(page.get_by_label("Day", exact=True)).to_have_value("")
    expect(line).to_be_focused()
    settle(page)
    line.fill("")
    expect(page.get_by_label("Day", exact=True)).to_have_value("Buchungstag")
    is_fine(visitor)


def test_by_keyboard_alone(visit, ann):
    page = visit(ann).open("/data/import/")
    choose_file(page, statement(*ROWS))
    page.get_by_role("button", name="Show the first rows").focus()
    page.keyboard.press("Enter")
    arrive(page.get_by_role("heading", name="How it reads"))
    page.get_by_label("Read it as").focus()
    page.keyboard.press("B")
    arrive(page.get_by_label("Day", exact=True))
    expect(page.get_by_label("Read it as")).to_be_focused()
    for name in ("Year first: 2026-12-31", "A point: 1,234.56", "With a minus: -12.50"):
        page.get_by_label(name).focus()
        page.keyboard.press("Space")
    page.get_by_label("Year first: 2026-12-31").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("A point: 1,234.56").focus()
    page.keyboard.press("ArrowDown")
    expect(sample(page)).to_contain_text("$1,234.56")
    page.get_by_role("button", name="Read the whole file").focus()
    page.keyboard.press("Enter")
    arrive(page.get_by_role("heading", name="Preview"))
    tab = page.get_by_role("link", name="Left out 1")
    tab.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Gehalt")).to_be_visible()
    expect(tab).to_be_focused()


def test_without_scripts_each_step_is_a_button(visit, ann):
    page = visit(ann, scripts=False).open("/data/import/")
    send(page, statement(*ROWS))
    page.get_by_label("Read it as").select_option(label=BANK)
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_label("Day", exact=True)).to_have_value("Buchungstag")
    page.get_by_label("Day first: 31.12.2026").check()
    page.get_by_label("A comma: 1.234,56").check()
    page.get_by_label("With a minus: -12.50").check()
    page.get_by_role("button", name="Show the first rows").click()
    expect(sample(page)).to_contain_text("$1,234.56")
    page.get_by_role("button", name="Read the whole file").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Record 2 purchases").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("2 purchases added.")).to_be_visible()
