"""A browser, people who are signed in, and the faults that no page may have."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.tests.e2e.waiting import PATIENCE, PATIENCE_WITH_A_PAGE
from people.models import User

AXE = Axe()
WIDTHS = (320, 375, 768, 1280)
WATCH_POLICY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Playwright runs a loop of its own in this thread, in which Django would refuse to query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@dataclass
class Visitor:
    """Somebody with a browser: opens pages of the server and notices what is wrong with them."""

    page: Page
    address: str
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def overflow(self) -> int:
        """Return how many pixels too wide the page is, once its charts have followed the window."""
        end = time.monotonic() + PATIENCE / 1000
        while (pixels := self.page.evaluate(OVERFLOW)) > 0 and time.monotonic() < end:
            self.page.wait_for_timeout(50)
        return pixels

    def violations(self) -> list[str]:
        """Return what the content security policy stopped."""
        return self.page.evaluate("window.violations")

    def accessibility_faults(self) -> list[str]:
        if self.page.evaluate("!window.axe"):  # half a megabyte: once a page is enough
            self.page.evaluate(AXE.axe_script)
        found = self.page.evaluate("axe.run({ resultTypes: ['violations'] })")
        return [
            f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]


type Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Visit]:
    """Return a function that gives a visitor: `visit(user, width=…, theme=…, scripts=…)`."""
    contexts: list[BrowserContext] = []

    def begin(
        user: User | None = None, *, width: int = 1280, theme: str = "light", scripts: bool = True
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-US",
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE_WITH_A_PAGE)
        page.add_init_script(WATCH_POLICY)
        visitor = Visitor(page, live_server.url)
        page.on("pageerror", lambda error: visitor.troubles.append(str(error)))
        return visitor

    yield begin
    for context in contexts:
        context.close()
    let_the_server_finish()


def let_the_server_finish() -> None:
    """Wait until nobody is answered any more: a late answer would write into the next test."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        if not any("process_request_thread" in one.name for one in threading.enumerate()):
            return
        time.sleep(0.01)
