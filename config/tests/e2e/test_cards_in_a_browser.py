"""Cards that save themselves, as somebody at a keyboard sees them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Dialog, Page, expect

from config.tests.e2e.waiting import arrive, catch_up, settle, stop_clock, until
from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion, Role
from occasions.tests.factories import CardFactory, OccasionFactory, make_gift, stored
from people.tests.factories import UserFactory

PAUSE = 600
RETRY_AFTER = 2_000


@pytest.fixture
def occasion(transactional_db) -> Occasion:
    return OccasionFactory(date=timezone.now().date() + timedelta(days=30))


@pytest.fixture
def mom(occasion) -> PersonOccasion:
    return CardFactory(occasion=occasion, person__name="Mom", recipient_budget=Decimal(200))


@pytest.fixture
def dad(occasion) -> PersonOccasion:
    return CardFactory(occasion=occasion, person__name="Dad")


@pytest.fixture
def page(visit, occasion, mom, dad) -> Page:
    return visit(UserFactory()).open(f"/occasions/{occasion.pk}/")


def field(page: Page, card: PersonOccasion, role: Role = Role.RECIPIENT):
    return page.locator(f"#card-{card.pk}-{role}")


def word(page: Page, card: PersonOccasion, role: Role = Role.RECIPIENT):
    return page.locator(f"#card-{card.pk}-{role}-status")


def type_into(page: Page, target, text: str) -> None:
    """Replace what stands in a field, at one stroke: no slow machine makes a pause in it."""
    target.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def requests_of(page: Page) -> list[str]:
    """Collect the bodies of what is posted from now on."""
    posted: list[str] = []
    page.on("request", lambda r: posted.append(r.post_data or "") if r.method == "POST" else None)
    return posted


@pytest.mark.parametrize("width", [375, 768, 1280])
def test_a_budget_saves_itself_when_typing_stops(visit, occasion, mom, dad, width):
    page = visit(UserFactory(), width=width).open(f"/occasions/{occasion.pk}/")
    make_gift(occasion, mom.person, price="75")
    type_into(page, field(page, mom), "250")
    expect(word(page, mom)).to_have_text("Gifts for Mom: Saved")
    assert stored(mom) == (Decimal(250), None)
    expect(page.locator(f"#card-{mom.pk}-figures")).to_contain_text("of $250.00, $75.00 planned")
    expect(field(page, mom)).to_be_focused()


def test_it_waits_until_typing_stops_and_sends_once(page, mom):
    stop_clock(page)
    posted = requests_of(page)
    field(page, mom).focus()
    page.keyboard.press("Control+a")
    for digit in "1234":
        page.keyboard.type(digit)
        page.clock.run_for(PAUSE - 100)
    page.clock.run_for(PAUSE)
    expect(word(page, mom)).to_contain_text("Saved")
    page.clock.run_for(PAUSE)
    catch_up(page)
    assert len(posted) == 1
    assert "recipient_budget=1234" in posted[0]
    assert "purchaser" not in posted[0]


def test_leaving_the_field_saves_at_once_and_writes_the_amount_out(page, mom, dad):
    type_into(page, field(page, dad), "1,200")
    page.keyboard.press("Tab")
    expect(word(page, dad)).to_contain_text("Saved")
    expect(field(page, dad)).to_have_value("1200.00")
    assert stored(dad) == (Decimal(1200), None)


def test_leaving_the_field_does_not_wait_for_the_pause(page, mom):
    stop_clock(page)
    type_into(page, field(page, mom), "250")
    page.keyboard.press("Tab")
    expect(word(page, mom)).to_contain_text("Saved")
    assert stored(mom)[0] == Decimal(250)


def test_what_was_saved_is_not_sent_again_when_the_field_is_left(page, mom):
    stop_clock(page)
    posted = requests_of(page)
    type_into(page, field(page, mom), "75")
    page.clock.run_for(PAUSE)
    expect(word(page, mom)).to_contain_text("Saved")
    page.keyboard.press("Tab")
    expect(field(page, mom)).to_have_value("75.00")
    page.clock.run_for(2 * PAUSE)
    catch_up(page)
    assert len(posted) == 1


def test_an_unchanged_value_is_not_sent(page, mom):
    stop_clock(page)
    posted = requests_of(page)
    type_into(page, field(page, mom), "200.00")
    page.keyboard.press("Tab")
    page.clock.run_for(2 * PAUSE)
    catch_up(page)
    assert posted == []


def test_both_fields_of_a_card_are_saved_one_after_the_other(page, mom):
    type_into(page, field(page, mom), "200.50")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("75")
    expect(word(page, mom, Role.PURCHASER)).to_contain_text("Saved")
    expect(word(page, mom)).to_contain_text("Saved")
    assert stored(mom) == (Decimal("200.50"), Decimal(75))


def test_what_is_refused_stays_in_the_field_with_its_reason(page, mom):
    type_into(page, field(page, mom), "-0.01")
    expect(word(page, mom)).to_have_text("Gifts for Mom: Not saved: Enter 0 or more.")
    expect(field(page, mom)).to_have_attribute("aria-invalid", "true")
    expect(field(page, mom)).to_have_value("-0.01")
    assert stored(mom)[0] == Decimal(200)
    page.keyboard.press("Escape")
    expect(field(page, mom)).to_have_value("200.00")
    expect(field(page, mom)).not_to_have_attribute("aria-invalid", "true")
    expect(word(page, mom)).to_be_empty()


def test_what_was_refused_is_saved_once_it_is_right(page, mom):
    type_into(page, field(page, mom), "abc")
    expect(word(page, mom)).to_contain_text("Not saved")
    type_into(page, field(page, mom), "80")
    expect(word(page, mom)).to_contain_text("Saved")
    expect(field(page, mom)).not_to_have_attribute("aria-invalid", "true")
    assert stored(mom)[0] == Decimal(80)


def test_only_that_card_is_redrawn_and_the_caret_stays(page, mom, dad):
    page.evaluate(
        """([mine, other]) => {
          window.before = [...document.querySelectorAll(`#${other}, #${other} *`)];
          window.field = document.getElementById(`${mine}-recipient`);
        }""",
        [f"card-{mom.pk}", f"card-{dad.pk}"],
    )
    type_into(page, field(page, mom), "300")
    page.keyboard.press("ArrowLeft")
    expect(word(page, mom)).to_contain_text("Saved")
    expect(page.locator(".htmx-request")).to_have_count(0)
    settle(page)
    same = page.evaluate(
        """other => {
          const now = [...document.querySelectorAll(`#${other}, #${other} *`)];
          return now.length === window.before.length && now.every((n, i) => n === window.before[i]);
        }""",
        f"card-{dad.pk}",
    )
    assert same
    assert page.evaluate("document.activeElement === window.field")
    assert page.evaluate("window.field.selectionStart") == 2


def test_somebody_else_was_faster_and_mine_is_kept(page, mom):
    planning.save_budget(card=mom, role=Role.RECIPIENT, amount=Decimal(300), seen=Decimal(200))
    type_into(page, field(page, mom), "250")
    expect(word(page, mom)).to_contain_text("meanwhile somebody else saved $300.00.")
    expect(field(page, mom)).to_have_value("250")
    assert stored(mom)[0] == Decimal(300)
    page.get_by_role("button", name="Keep mine").press("Enter")
    expect(word(page, mom)).to_contain_text("Saved")
    assert stored(mom)[0] == Decimal(250)


def test_somebody_else_was_faster_and_theirs_is_taken(page, mom):
    planning.save_budget(card=mom, role=Role.RECIPIENT, amount=Decimal(300), seen=Decimal(200))
    type_into(page, field(page, mom), "250")
    page.get_by_role("link", name="Take theirs").click()
    expect(field(page, mom)).to_have_value("300.00")
    expect(word(page, mom)).to_be_empty()
    assert stored(mom)[0] == Decimal(300)


def test_typing_on_while_somebody_else_is_faster_overwrites_nothing(page, mom):
    planning.save_budget(card=mom, role=Role.RECIPIENT, amount=Decimal(300), seen=Decimal(200))
    stop_clock(page)
    posted = requests_of(page)
    type_into(page, field(page, mom), "25")
    page.clock.run_for(PAUSE)
    expect(word(page, mom)).to_contain_text("somebody else saved $300.00.")
    page.keyboard.type("0")
    page.keyboard.press("Tab")
    page.clock.run_for(2 * PAUSE)
    catch_up(page)
    assert len(posted) == 1
    assert stored(mom)[0] == Decimal(300)
    page.clock.resume()
    page.get_by_role("button", name="Keep mine").click()
    expect(word(page, mom)).to_contain_text("Saved")
    assert stored(mom)[0] == Decimal(250)


def test_signed_out_meanwhile_the_text_stays_and_it_says_so(page, mom):
    page.context.clear_cookies(name="sessionid")
    type_into(page, field(page, mom), "64")
    expect(word(page, mom)).to_contain_text("Not saved: you are signed out.")
    expect(field(page, mom)).to_have_value("64")
    assert stored(mom)[0] == Decimal(200)


def test_a_card_that_was_taken_away_keeps_the_text_and_says_so(page, mom):
    planning.unlink(card=PersonOccasion.objects.get(pk=mom.pk))
    type_into(page, field(page, mom), "64")
    expect(word(page, mom)).to_contain_text("Not saved: this card was taken away.")
    expect(field(page, mom)).to_have_value("64")


def test_a_tap_keeps_a_half_typed_gift(visit, occasion, mom):
    make_gift(occasion, mom.person, title="Scarf")
    page = visit(UserFactory()).open(f"/occasions/{occasion.pk}/")
    page.get_by_label("A gift for Mom").fill("Boots in bl")
    purchased = page.locator(f"#card-{mom.pk}").get_by_role("button", name="Purchased")
    purchased.click()
    expect(purchased).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("A gift for Mom")).to_have_value("Boots in bl")


def test_without_a_connection_it_says_so_and_saves_when_it_is_back(page, mom):
    page.context.set_offline(True)
    type_into(page, field(page, mom), "90")
    expect(word(page, mom)).to_contain_text("Not saved: there is no connection. Trying again.")
    assert stored(mom)[0] == Decimal(200)
    page.context.set_offline(False)
    expect(word(page, mom)).to_contain_text("Saved")
    assert stored(mom)[0] == Decimal(90)


def test_a_server_that_breaks_is_asked_again(page, mom):
    answers = [500]
    page.route(
        "**/people/*/",
        lambda route: route.fulfill(status=answers.pop()) if answers else route.continue_(),
    )
    stop_clock(page)
    type_into(page, field(page, mom), "90")
    page.clock.run_for(PAUSE)
    expect(word(page, mom)).to_contain_text("Not saved: the server had a problem.")
    page.clock.run_for(RETRY_AFTER)
    expect(word(page, mom)).to_contain_text("Gifts for Mom: Saved")
    assert stored(mom)[0] == Decimal(90)


def test_leaving_the_page_saves_what_was_typed_last(page, mom):
    type_into(page, field(page, mom), "64")
    page.goto(page.url.replace(f"/occasions/{mom.occasion_id}/", "/account/"))
    until(page, lambda: stored(mom)[0], Decimal(64))


def test_leaving_with_a_refused_text_asks_first(page, mom):
    type_into(page, field(page, mom), "a lot")
    expect(word(page, mom)).to_contain_text("Not saved")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", answer)
    page.get_by_role("link", name="Home").click()
    expect(page).to_have_url(re.compile(r"://[^/]+/$"))
    assert asked == ["beforeunload"]


def test_the_notice_about_too_much_follows_a_saved_budget(visit, occasion, mom, dad):
    Occasion.objects.filter(pk=occasion.pk).update(budget_total=Decimal(500))
    page = visit(UserFactory()).open(f"/occasions/{occasion.pk}/")
    type_into(page, field(page, dad), "350")
    expect(page.locator("#occasion-figures")).to_contain_text("over-allocated by $50.00")


def test_a_gift_is_added_and_moved_along_by_keyboard_alone(page, mom):
    title = page.get_by_label("A gift for Mom")
    title.focus()
    page.keyboard.type("Scarf")
    page.keyboard.press("Tab")
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    card = page.locator(f"#card-{mom.pk}")
    arrive(card.get_by_role("link", name="Scarf", exact=True))
    expect(title).to_have_value("")
    gift = Gift.objects.get()
    assert (gift.title, gift.price, gift.status) == ("Scarf", Decimal(50), "idea")

    chosen = card.get_by_role("button", name="Selected")
    chosen.press("Enter")
    expect(card.get_by_role("button", name="Selected")).to_have_attribute("aria-pressed", "true")
    expect(card.get_by_role("button", name="Selected")).to_be_focused()
    expect(card).to_contain_text("$50.00 planned, $150.00 left")


def test_a_gift_that_is_refused_keeps_what_was_typed(page, mom):
    page.get_by_label("A gift for Mom").fill("Scarf")
    price = page.locator(f"#card-{mom.pk}-new-price")
    price.fill("cheap")
    price.press("Enter")
    expect(page.get_by_text("Enter an amount like 12.50.")).to_be_visible()
    expect(page.get_by_label("A gift for Mom")).to_have_value("Scarf")
    expect(price).to_have_value("cheap")


def test_a_tap_that_comes_too_late_says_so(page, occasion, mom):
    gift = make_gift(occasion, mom.person, title="Scarf")
    page.reload()
    planning.delete_gift(gift=gift)
    page.locator(f"#card-{mom.pk}").get_by_role("button", name="Purchased").click()
    expect(page.get_by_text("That was not saved: it is not there any more.")).to_be_visible()


class TestWithScriptsOff:
    @pytest.fixture
    def page(self, visit, occasion, mom, dad) -> Page:
        return visit(UserFactory(), scripts=False).open(f"/occasions/{occasion.pk}/")

    def test_a_form_saves_both_budgets(self, page, mom):
        field(page, mom).fill("120")
        field(page, mom, Role.PURCHASER).fill("80")
        page.locator(f"#card-{mom.pk}").get_by_role("button", name="Save budgets").click()
        expect(field(page, mom)).to_have_value("120.00")
        assert stored(mom) == (Decimal(120), Decimal(80))

    def test_a_refused_text_stays_with_its_reason(self, page, mom):
        field(page, mom).fill("100,000,000")
        page.locator(f"#card-{mom.pk}").get_by_role("button", name="Save budgets").click()
        expect(field(page, mom)).to_have_value("100,000,000")
        expect(word(page, mom)).to_contain_text("Not saved: That is more than 99,999,999.99.")

    def test_a_stale_text_can_be_kept(self, page, mom):
        planning.save_budget(card=mom, role=Role.RECIPIENT, amount=Decimal(300), seen=Decimal(200))
        field(page, mom).fill("250")
        page.locator(f"#card-{mom.pk}").get_by_role("button", name="Save budgets").click()
        expect(word(page, mom)).to_contain_text("meanwhile somebody else saved $300.00.")
        page.get_by_role("button", name="Keep mine").click()
        expect(field(page, mom)).to_have_value("250.00")
        assert stored(mom)[0] == Decimal(250)
