"""A token from its making to its end, as somebody sees it."""

import pytest
from django.test import Client
from playwright.sync_api import Error, expect

from config.tests.e2e.test_every_page import examine_what_is_open
from config.tests.e2e.waiting import arrive
from people.models import User
from people.tests.factories import UserFactory

LIST = "/account/tokens/"


@pytest.fixture
def user(transactional_db) -> User:
    return UserFactory(username="ann", administrator=True)


def status_of(secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return Client().get("/api/v1/me", headers=headers).status_code


def test_it_is_made_shown_once_used_and_revoked(visit, user):
    visitor = visit(user)
    page = visitor.open("/account/")
    page.get_by_role("link", name="Tokens").click()
    page.get_by_role("link", name="Create a token").click()
    day = page.get_by_label("Last day")
    expect(day).to_be_hidden()
    page.get_by_label("Until a day that I choose").check()
    expect(day).to_be_visible()
    page.get_by_role("button", name="Create").click()
    # What was refused keeps what was chosen, and the first thing to mend has the focus.
    expect(page.get_by_label("Name")).to_be_focused()
    expect(day).to_be_visible()
    examine_what_is_open(visitor)

    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("30 days").check()
    page.get_by_role("button", name="Create").click()
    field = page.get_by_label("The token")
    arrive(field)
    secret = field.input_value()
    assert status_of(secret) == 200
    examine_what_is_open(visitor)

    page.get_by_role("link", name="I have copied it").click()
    arrive(page.get_by_role("heading", name="In use"))
    assert secret not in page.content()
    expect(page.get_by_text(f"{secret[:11]}… may read", exact=False)).to_be_visible()
    examine_what_is_open(visitor)

    page.get_by_role("link", name="Revoke… Laptop").click()
    arrive(page.get_by_role("button", name="Revoke"))
    examine_what_is_open(visitor)
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("“Laptop” is revoked.")).to_be_visible()
    assert status_of(secret) == 401
    examine_what_is_open(visitor)


def test_one_press_copies_it(visit, user):
    visitor = visit(user)
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(f"{LIST}add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.", exact=True)).to_be_visible()
    secret = page.get_by_label("The token").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert visitor.violations() == []


def test_all_of_it_is_to_be_seen_on_a_phone(visit, user):
    page = visit(user, scripts=False, width=375).open(f"{LIST}add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create").click()
    field = page.get_by_label("The token")
    arrive(field)
    shown = (
        "field => [field.scrollWidth - field.clientWidth, field.scrollHeight - field.clientHeight]"
    )
    assert field.evaluate(shown) == [0, 0]


def test_loading_it_again_tells_which_one_to_revoke(visit, user):
    page = visit(user).open(f"{LIST}add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create").click()
    arrive(page.get_by_label("The token"))
    page.reload()
    expect(page.get_by_text("You made “Laptop” a moment ago.")).to_be_visible()
    page.get_by_role("link", name="revoke it").click()
    arrive(page.get_by_role("heading", name="Revoke “Laptop”?"))
    assert user.tokens.count() == 1


def test_a_token_that_may_do_nothing_is_refused_at_what_it_may_do(visit, user):
    page = visit(user).open(f"{LIST}add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Read", exact=True).uncheck()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Choose at least one thing")).to_be_visible()
    expect(page.get_by_label("Read", exact=True)).to_be_focused()


def test_going_back_to_it_shows_it_no_more(visit, user):
    page = visit(user).open(f"{LIST}add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create").click()
    secret = page.get_by_label("The token").input_value()
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("heading", name="In use")).to_be_visible()
    # The browser kept no copy, and asks before it would send the form again.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    expect(page.locator("body")).to_contain_text("ERR_CACHE_MISS")
    expect(page.locator("body")).not_to_contain_text(secret)
    expect(page.get_by_label("The token")).to_have_count(0)
    assert user.tokens.count() == 1


def test_all_of_it_goes_without_scripts(visit, user):
    page = visit(user, scripts=False).open(f"{LIST}add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create").click()
    secret = page.get_by_label("The token").input_value()
    assert status_of(secret) == 200
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.goto(page.url.replace("add/", ""))
    page.get_by_role("link", name="Revoke… Laptop").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("“Laptop” is revoked.")).to_be_visible()
    assert status_of(secret) == 401
