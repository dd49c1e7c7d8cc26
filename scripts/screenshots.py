"""Retake the pictures of the user guide: `python scripts/screenshots.py http://127.0.0.1:8000`.

Needs a server with fresh demo data (`make demo`, then `make run`) and Chromium.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

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
    ("console-1280-light", "maya", "/admin/budgets/budget/", 1280, "light", 800),
    ("configure-1280-light", "maya", "/admin/budgets/budget/?q=ben > ben", 1280, "light", 1100),
]


def main(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        for name, user, path, width, theme, height in SHOTS:
            take(browser, address, GUIDE / f"{name}.png", user, path, (width, height), theme)


def take(
    browser: Browser,
    address: str,
    picture: Path,
    user: str,
    path: str,
    size: tuple[int, int],
    theme: str,
) -> None:
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
    start, *links = path.split(" > ")
    page.goto(address + start)
    for name in links:
        page.locator("main").get_by_role("link", name=name).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture, animations="disabled", caret="hide")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
