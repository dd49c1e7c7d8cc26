"""Files in a browser: chosen, dropped, refused, waiting for a form, and without scripts."""

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from budgets.models import Budget
from config.tests.e2e.waiting import arrive, until
from people.models import User
from people.tests.factories import UserFactory
from purchases import files
from purchases.models import Attachment, Purchase
from purchases.tests.factories import PurchaseFactory
from purchases.tests.pictures import HTML, PDF, picture

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
SIDES = (375, 768, 1280)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "purchases"


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def purchase(owner) -> Purchase:
    return PurchaseFactory(owner=owner, name="Kettle")


@pytest.fixture
def visitor(visit, owner):
    return visit(owner)


def at(visitor, purchase: Purchase) -> Page:
    return visitor.open(f"/purchases/{purchase.pk}/")


def choose(page: Page, **contents: bytes) -> None:
    """Choose files; `photo_png=b"…"` is called photo.png."""
    page.locator("input[name=uploads]").set_input_files(
        [
            {"name": name.replace("_", "."), "mimeType": "image/png", "buffer": content}
            for name, content in contents.items()
        ]
    )


def paper(page: Page, name: str):
    return page.locator("li.paper", has_text=name)


def looks(page: Page, name: str) -> bytes:
    """Return what stands beside the name of a file, as it is painted."""
    return paper(page, name).locator(".paper-face").screenshot()


@pytest.mark.parametrize("width", SIDES)
def test_chosen_files_are_added_at_once(visit, owner, purchase, width):
    visitor = visit(owner, width=width)
    page = at(visitor, purchase)
    with page.expect_response("**/thumbnail/") as small:
        choose(page, photo_png=picture(), bill_pdf=PDF, evil_png=HTML)
    assert small.value.status == 200
    expect(page.get_by_role("link", name="Rename")).to_have_count(3)
    expect(paper(page, "photo.png").locator("img")).to_have_js_property("naturalWidth", 320)
    expect(page.get_by_role("link", name="photo.png", exact=True)).to_have_attribute(
        "href", f"/files/{Attachment.objects.get(name='photo.png').pk}/view/"
    )
    evil = Attachment.objects.get(name="evil.png")
    expect(page.get_by_role("link", name="evil.png", exact=True)).to_have_attribute(
        "href", f"/files/{evil.pk}/"
    )
    assert purchase.attachments.count() == 3
    assert visitor.overflow() <= 0
    assert visitor.violations() == []
    assert visitor.accessibility_faults() == []
    assert visitor.troubles == []
    page.reload()
    expect(page.get_by_role("link", name="Rename")).to_have_count(3)


def test_a_dropped_file_is_added_with_its_kind(visitor, purchase):
    page = at(visitor, purchase)
    page.get_by_label("What they are").select_option("Manual")
    page.evaluate(DROP, [".uploads-drop", "manual.txt", "Press the button."])
    expect(page.get_by_role("link", name="manual.txt", exact=True)).to_be_visible()
    expect(paper(page, "manual.txt")).to_contain_text("Manual")
    assert Attachment.objects.get().kind == "manual"


def test_a_refused_file_says_why_and_stops_no_other(visitor, purchase, tmp_path):
    page = at(visitor, purchase)
    mine = [tmp_path / name for name in ("empty.txt", "good.txt", "big.txt")]
    for path, size in zip(mine, (0, 4, 10 * 1024 * 1024 + 1), strict=True):
        path.write_bytes(b"x" * size)
    page.locator("input[name=uploads]").set_input_files(mine)
    expect(paper(page, "empty.txt")).to_contain_text("Not added: This file is empty.")
    expect(paper(page, "big.txt")).to_contain_text("Not added: This file is larger than 10 MB.")
    expect(page.get_by_role("link", name="good.txt", exact=True)).to_be_visible()
    paper(page, "big.txt").get_by_role("button", name="Dismiss").click()
    expect(paper(page, "big.txt")).to_have_count(0)
    assert visitor.accessibility_faults() == []
    assert [row.name for row in purchase.attachments.all()] == ["good.txt"]


def test_a_broken_connection_lets_one_try_again(visitor, purchase):
    page = at(visitor, purchase)
    page.route("**/files/of/*/", lambda route: route.abort())
    choose(page, bill_txt=b"30.00")
    expect(paper(page, "bill.txt")).to_contain_text("Not added: There is no connection.")
    page.unroute("**/files/of/*/")
    paper(page, "bill.txt").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="bill.txt", exact=True)).to_be_visible()


def test_a_broken_or_missing_picture_shows_an_icon(visitor, owner, purchase):
    page = at(visitor, purchase)
    choose(page, broken_jpg=picture("JPEG", quality=95)[:-2000], lost_png=picture())
    expect(page.get_by_role("link", name="Rename")).to_have_count(2)
    expect(paper(page, "lost.png").locator("img")).to_have_js_property("naturalWidth", 320)
    whole = looks(page, "lost.png")
    files.place_of(Attachment.objects.get(name="lost.png").blob.path).unlink()
    page.reload()
    expect(paper(page, "lost.png")).to_contain_text("File missing")
    picture_of_it = paper(page, "broken.jpg").locator("img")
    expect(picture_of_it).to_have_js_property("complete", True)
    expect(picture_of_it).to_have_js_property("naturalWidth", 0)
    broken = looks(page, "broken.jpg")
    picture_of_it.evaluate("image => image.remove()")
    assert looks(page, "broken.jpg") == broken != whole
    page.get_by_role("link", name="lost.png", exact=True).click()
    expect(page.get_by_role("heading", name="This file is missing")).to_be_visible()


class TestOnTheFormOfAPurchase:
    @pytest.fixture(autouse=True)
    def rich(self, owner):
        Budget.objects.filter(user=owner).update(limit=Decimal(500))

    def open(self, visitor) -> Page:
        """Open the form, and the part with the files in it."""
        page = visitor.open("/purchases/add/")
        page.get_by_text("Receipts and other files").click()
        return page

    def save(self, page: Page) -> None:
        page.get_by_role("button", name="Save", exact=True).click()

    def fill(self, page: Page) -> None:
        page.locator("input[name=name]").fill("Toaster")
        page.locator("input[name=price]").fill("12.50")

    def test_files_wait_until_it_is_saved(self, visitor):
        page = self.open(visitor)
        choose(page, photo_png=picture(), bill_pdf=PDF)
        expect(page.get_by_role("button", name="Remove ")).to_have_count(2)
        assert set(Attachment.objects.values_list("purchase", flat=True)) == {None}
        page.get_by_role("button", name="Remove bill.pdf").click()
        expect(paper(page, "bill.pdf")).to_have_count(0)
        self.fill(page)
        self.save(page)
        expect(page.get_by_role("link", name="photo.png", exact=True)).to_be_visible()
        assert [row.name for row in Purchase.objects.get().attachments.all()] == ["photo.png"]
        until(page, Attachment.objects.count, 1)
        assert visitor.violations() == []
        assert visitor.troubles == []

    def test_they_are_kept_when_it_is_refused(self, visitor):
        page = self.open(visitor)
        choose(page, photo_png=picture())
        expect(page.get_by_role("button", name="Remove photo.png")).to_be_visible()
        self.save(page)
        arrive(page.locator("input[name=name][aria-invalid=true]"))
        expect(page.get_by_role("button", name="Remove photo.png")).to_be_visible()
        self.fill(page)
        self.save(page)
        expect(page.get_by_role("link", name="photo.png", exact=True)).to_be_visible()
        assert Purchase.objects.get().attachments.count() == 1

    def test_saving_waits_for_what_is_on_its_way(self, visitor):
        page = self.open(visitor)
        self.fill(page)
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/files/", hold)
        choose(page, photo_png=picture())
        self.save(page)
        expect(page.locator("[data-uploads-status]")).to_have_text(
            "The form is saved when the files are there."
        )
        until(page, lambda: len(held), 1)
        assert not Purchase.objects.exists()
        held[0].continue_()
        expect(page.get_by_role("link", name="photo.png", exact=True)).to_be_visible()
        assert Purchase.objects.get().attachments.count() == 1

    def test_without_scripts_the_form_sends_them_along(self, visit, owner):
        page = self.open(visit(owner, scripts=False))
        choose(page, photo_png=picture(), bill_txt=b"12.50")
        self.save(page)
        expect(page.get_by_label("Keep photo.png")).to_be_checked()
        page.get_by_label("Keep bill.txt").uncheck()
        self.fill(page)
        self.save(page)
        expect(page.get_by_role("link", name="photo.png", exact=True)).to_be_visible()
        assert [row.name for row in Purchase.objects.get().attachments.all()] == ["photo.png"]


class TestWithScriptsOff:
    @pytest.fixture
    def page(self, visit, owner, purchase) -> Page:
        return at(visit(owner, scripts=False), purchase)

    def test_a_button_adds_them(self, page, purchase):
        choose(page, one_txt=b"one", two_txt=b"two")
        page.get_by_role("button", name="Add files").click()
        expect(page.get_by_text("2 files are added.")).to_be_visible()
        assert purchase.attachments.count() == 2

    def test_a_refused_one_is_named_on_a_page_of_its_own(self, page, purchase):
        choose(page, one_txt=b"one", two_txt=b"")
        page.get_by_role("button", name="Add files").click()
        expect(page.get_by_text("“two.txt”: This file is empty.")).to_be_visible()
        expect(page.get_by_text("“one.txt” is added.")).to_be_visible()
        page.get_by_role("link", name="Back").click()
        expect(page.get_by_role("link", name="one.txt", exact=True)).to_be_visible()
