"""What programs may ask, read and tried in a browser."""

import re

import pytest
from playwright.sync_api import expect

from config.tests.e2e.test_every_page import examine_what_is_open
from people.tests.factories import UserFactory

GROUP = "/api/v1/docs/spending"


@pytest.mark.parametrize("path", ["/api/v1/docs", GROUP])
def test_the_reference_is_accessible_and_fits_every_width(visit, path):
    visitor = visit(UserFactory())
    page = visitor.open(path)
    for summary in page.locator("details > summary").all():
        summary.click()
    examine_what_is_open(visitor)


def test_the_list_leads_to_an_operation_without_scripts(visit):
    page = visit(UserFactory(), scripts=False).open("/api/v1/docs")
    page.get_by_role("link", name="Set money aside").click()
    expect(page).to_have_url(re.compile(f"{GROUP}#spending_add_hold$"))
    operation = page.locator("#spending_add_hold")
    expect(operation).to_be_in_viewport()
    operation.get_by_text("Example of a body").click()
    expect(operation.get_by_text('"amount": "0.50"').first).to_be_visible()


def test_the_api_is_tried_as_whoever_is_signed_in(visit):
    member = UserFactory(username="ann")
    visitor = visit(member)
    page = visitor.open("/api/v1/docs")
    page.get_by_role("link", name="Try it").click()
    page.locator("#operations-Account-account_me").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text('"username": "ann"')
    page.get_by_role("link", name="What there is").click()
    expect(page.get_by_role("heading", name="API", exact=True)).to_be_visible()
    assert (visitor.violations(), visitor.troubles) == ([], [])


def test_what_is_tried_writes_with_the_csrf_token(visit):
    visitor = visit(UserFactory())
    page = visitor.open("/api/v1/docs/try#/People/people_add_person")
    operation = page.locator("#operations-People-people_add_person")
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").fill('{"name": "Grandma"}')
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"name": "Grandma"')
