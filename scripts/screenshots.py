"""Retake the pictures of the user guide: `python scripts/screenshots.py http://127.0.0.1:8000`.

Needs a server with fresh demo data (`make demo`, then `make run`) and Chromium.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

GUIDE = Path(__file__).parent.parent / "docs" / "user-guide"
PASSWORD = "open-the-purse"  # noqa: S105  (the demo's, printed by `make run`)

#: Name of the picture, who looks, at what, how wide, in which theme, and how much of it.
#: What follows a ">" is a link to click on the page before it.
SHOTS = [
    ("home-1280-light", "ben", "/", 1280, "light", 900),
    ("home-375-dark", "leo", "/", 375, "dark", 812),
    ("budget-1280-light", "zoe", "/budget/", 1280, "light", 1000),
    ("budget-768-light", "ben", "/budget/", 768, "light", 1000),
    ("budget-375-light", "zoe", "/budget/", 375, "light", 812),
    ("budget-1280-dark", "leo", "/budget/", 1280, "dark", 1000),
    ("start-over-768-light", "zoe", "/budget/reset/", 768, "light", 620),
    ("hidden-768-light", "nina", "/budget/", 768, "light", 480),
    ("token-form-1280-light", "ben", "/account/tokens/add/", 1280, "light", 1000),
    ("reference-1280-light", "ben", "/api/v1/docs/spending", 1280, "light", 1000),
    ("people-1280-light", "ben", "/people/", 1280, "light", 900),
    ("person-budgets-1280-light", "maya", "/people/ > Zoe > Budgets", 1280, "light", 1000),
    ("occasions-1280-light", "ben", "/occasions/", 1280, "light", 1000),
    ("occasion-1280-light", "ben", "/occasions/ > Zoe’s birthday", 1280, "light", 1150),
    ("occasion-1280-dark", "ben", "/occasions/ > Zoe’s birthday", 1280, "dark", 1150),
    ("occasion-768-light", "ben", "/occasions/ > Zoe’s birthday", 768, "light", 1150),
    ("occasion-375-light", "ben", "/occasions/ > Zoe’s birthday", 375, "light", 1600),
    ("surprise-1280-light", "maya", "/occasions/ > Christmas", 1280, "light", 1150),
    ("gifts-1280-light", "ben", "/gifts/", 1280, "light", 1000),
    ("shopping-768-light", "ben", "/gifts/shopping/", 768, "light", 1000),
    ("purchases-1280-light", "olle", "/purchases/", 1280, "light", 1100),
    ("purchases-375-light", "olle", "/purchases/", 375, "light", 1200),
    ("purchase-form-1280-light", "olle", "/purchases/add/", 1280, "light", 1200),
    ("warranties-1280-light", "olle", "/warranties/", 1280, "light", 1100),
    ("retailer-1280-light", "olle", "/retailers/ > IKEA", 1280, "light", 900),
    ("analytics-1280-light", "olle", "/analytics/", 1280, "light", 1400),
    ("data-1280-light", "maya", "/data/", 1280, "light", 1260),
    ("find-1280-light", "olle", "/find/?q=co", 1280, "light", 800),
    ("console-1280-light", "maya", "/admin/budgets/budget/", 1280, "light", 800),
    ("configure-1280-light", "maya", "/admin/budgets/budget/?q=ben > ben", 1280, "light", 1100),
]

#: A bank's file, as it is sent to be imported, and the choices that it takes.
STATEMENT = (
    "Datum;Empfänger;Verwendungszweck;Betrag\r\n"
    "02.11.2026;Rewe Markt;Einkauf;-54,20\r\n"
    "03.11.2026;Deutsche Bahn;Fahrkarte;-129,00\r\n"
    "05.11.2026;Arbeitgeber AG;Gehalt;3.200,00\r\n"
    "31.11.2026;Bäckerei Kamps;Brot;-7,90\r\n"
    "06.11.2026;Stadtwerke;Abschlag;-88,00\r\n"
)
CHOICES = {"days": "dmy", "decimals": "comma", "sign": "negative"}


def main(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        for name, user, path, width, theme, height in SHOTS:
            take(browser, address, GUIDE / f"{name}.png", user, path, (width, height), theme)
        take_preview(browser, address, GUIDE / "import-preview-1280-light.png")


def take(
    browser: Browser,
    address: str,
    picture: Path,
    user: str,
    path: str,
    size: tuple[int, int],
    theme: str,
) -> None:
    page = sign_in(browser, address, user, size, theme)
    start, *links = path.split(" > ")
    page.goto(address + start)
    for name in links:
        page.locator("main").get_by_role("link", name=name).first.click()
    keep(page, picture)


def take_preview(browser: Browser, address: str, picture: Path) -> None:
    """Send a bank's file, choose how it reads, and take the preview; it is discarded afterwards."""
    page = sign_in(browser, address, "ben", (1280, 980), "light")
    page.goto(f"{address}/data/import/")
    content = STATEMENT.encode("cp1252")
    file = FilePayload(name="umsaetze.csv", mimeType="text/csv", buffer=content)
    page.set_input_files("input[type=file]", file)
    page.locator("main form button").first.click()
    page.locator("select[name=format]").select_option("bank")
    for name, choice in CHOICES.items():
        page.locator(f"input[name={name}][value={choice}]").check()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Read the whole file").click()
    page.get_by_text("would be added").first.wait_for()
    keep(page, picture, close=False)
    page.get_by_role("link", name="Discard").click()
    page.locator("main form button").first.click()
    page.context.close()


def sign_in(browser: Browser, address: str, user: str, size: tuple[int, int], theme: str) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/account/login/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")
    return page


def keep(page: Page, picture: Path, *, close: bool = True) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture, animations="disabled", caret="hide")
    if close:
        page.context.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
