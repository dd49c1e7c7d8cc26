"""Waiting for what happens, however slow the machine is: never for a while, and never for nothing.

Somebody who acts sees what comes of it before doing anything else. A test does the same: it waits
for what the page shows, and only then reads what does not wait by itself (a script's value, a row).
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

#: How long a machine that does something else too may take, in milliseconds; a page has longer.
PATIENCE = 20_000
PATIENCE_WITH_A_PAGE = 60_000
#: What htmx brought but has not made ready yet: for a moment nothing in it can be used.
UNSETTLED = ".htmx-swapping, .htmx-added, .htmx-settling"


def settle(page: Page) -> None:
    """Wait until a page listens: it may be seen before its scripts run and htmx is done."""
    page.wait_for_load_state()
    expect(page.locator(UNSETTLED)).to_have_count(0)


def arrive(at: Locator) -> None:
    """Wait until something is there and its page listens; it must not be on the page before."""
    expect(at).to_be_visible()
    settle(at.page)


def until(page: Page, read: Callable[[], object], wanted: object = True) -> None:
    """Wait until something reads as wanted that no element shows."""
    end = time.monotonic() + PATIENCE / 1000
    while (found := read()) != wanted and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert found == wanted


def stop_clock(page: Page) -> None:
    """Let the timers of a page run only when its clock is moved, not when the machine is slow."""
    now = datetime.now(UTC)
    page.clock.install(time=now)
    page.clock.pause_at(now + timedelta(minutes=10))


def catch_up(page: Page) -> None:
    """Ask the server something: whatever the page asked for before has been noticed by then."""
    page.evaluate("fetch('/healthz').then((answer) => answer.text())")
