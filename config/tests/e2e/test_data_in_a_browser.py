"""The Data page in a browser: a backup made, checked, downloaded, restored; starting over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config import backups
from config.tests.e2e.test_every_page import examine_what_is_open
from config.tests.e2e.waiting import arrive
from config.tests.shelf import shelf_in
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import PurchaseFactory

PASSWORD = "open sesame"


@pytest.fixture(autouse=True)
def shelf(tmp_path) -> Iterator[Path]:
    with shelf_in(tmp_path) as shelf:
        yield shelf


@pytest.fixture
def owner() -> User:
    owner = UserFactory(username="olga", administrator=True)
    PurchaseFactory(owner=owner, name="Kettle")
    return owner


def make(page: Page) -> str:
    page.get_by_role("button", name="Make a backup now").click()
    expect(page.get_by_text("The backup is made: ")).to_be_visible()
    [backup] = backups.listed()
    return backup.name


class TestEveryStep:
    def test_of_making_checking_and_restoring(self, visit, owner):
        visitor = visit(owner)
        page = visitor.open("/data/")
        expect(page.get_by_text("There is no backup yet.")).to_be_visible()
        examine_what_is_open(visitor)

        name = make(page)
        page.get_by_role("button", name="Check the backup of").click()
        expect(page.get_by_text("is whole: it can be restored.")).to_be_visible()
        expect(page.get_by_text("Checked just now")).to_be_visible()
        examine_what_is_open(visitor)

        PurchaseFactory(owner=owner, name="Lamp")
        page.get_by_role("link", name="Restore… the backup of").click()
        arrive(page.get_by_role("heading", name="Restore the backup of"))
        examine_what_is_open(visitor)
        page.get_by_label("Type “").fill("no")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Restore").click()
        expect(page.get_by_text("here, without the quotes.")).to_be_visible()
        expect(page.get_by_label("Type “")).to_have_value("no")
        expect(page.get_by_label("Your password")).to_have_value("")
        examine_what_is_open(visitor)
        assert Purchase.objects.count() == 2

        words = page.locator("label[for=id_confirmation]").inner_text().strip("Type “”")
        page.get_by_label("Type “").fill(words)
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Restore").click()
        expect(page.get_by_text("is restored.")).to_be_visible()
        assert [one.name for one in Purchase.objects.all()] == ["Kettle"]
        [point, old] = backups.listed()
        assert old.name == name
        expect(page.get_by_text(f"in the restore point “{point.name}”")).to_be_visible()
        examine_what_is_open(visitor)

    def test_of_starting_over(self, visit, owner):
        visitor = visit(owner)
        page = visitor.open("/data/")
        page.get_by_role("link", name="Delete everything…").click()
        arrive(page.get_by_role("heading", name="Delete everything and start over?"))
        examine_what_is_open(visitor)
        page.get_by_label("Type “").fill("delete everything")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Delete everything").click()
        expect(page.get_by_text("Everything is deleted, and you are the only")).to_be_visible()
        assert not Purchase.objects.exists()
        examine_what_is_open(visitor)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_backup_is_downloaded_and_deleted(visit, owner, shelf, scripts, tmp_path):
    page = visit(owner, scripts=scripts).open("/data/")
    name = make(page)
    page.get_by_role("link", name="Download… the backup of").click()
    arrive(page.get_by_role("heading", name="Download the backup of"))
    page.get_by_label("Your password").fill(PASSWORD)
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download").click()
    assert begun.value.suggested_filename == name
    begun.value.save_as(tmp_path / "copy.zip")
    assert (tmp_path / "copy.zip").read_bytes() == (shelf / name).read_bytes()

    page.get_by_role("link", name="Back to the backups").click()
    page.get_by_role("link", name="Delete… the backup of").click()
    arrive(page.get_by_text("It is the only backup."))
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("is deleted.")).to_be_visible()
    assert backups.listed() == []


def test_on_a_phone_the_page_is_in_the_menu_and_not_at_the_bottom(visit, owner):
    page = visit(owner, width=375).open("/")
    bar = page.get_by_role("navigation", name="Main")
    expect(bar.get_by_role("link")).to_have_count(5)
    page.get_by_role("button", name="Menu for").click()
    page.locator("#account-menu").get_by_role("link", name="Data").click()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
