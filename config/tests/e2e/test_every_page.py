"""Every page, in both themes and at every width: accessible, within its window, no violations."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from playwright.sync_api import expect

from budgets.models import Budget
from config import demo
from config.tests.e2e.conftest import WIDTHS
from occasions.models import Gift, Occasion
from people.models import User

MEMBER_PAGES = [
    "/",
    "/budget/",
    "/budget/reset/",
    "/budget/resets/",
    "/account/",
    "/account/password/",
    "/nowhere/",
]
#: Pages about gifts, with a person and an occasion of the demo.
GIFT_PAGES = [
    "/occasions/",
    "/occasions/?past=1",
    "/occasions/add/",
    "/occasions/holidays/?country=SE",
    "/occasions/{occasion}/",
    "/occasions/{occasion}/people/",
    "/occasions/{occasion}/people/{person}/remove/",
    "/occasions/{occasion}/change/",
    "/occasions/{occasion}/delete/",
    "/people/",
    "/people/add/",
    "/people/{person}/",
    "/people/{person}/budgets/",
    "/people/{person}/budgets/?past=1",
    "/people/{person}/gifts/",
    "/people/{person}/change/",
    "/people/{person}/delete/",
    "/gifts/",
    "/gifts/?q=nothing",
    "/gifts/add/",
    "/gifts/{gift}/",
    "/gifts/{gift}/delete/",
    "/gifts/shopping/",
]
CONSOLE_PAGES = [
    "/admin/",
    "/admin/budgets/budget/",
    "/admin/budgets/entry/",
    "/admin/budgets/cycle/",
    "/admin/budgets/hold/",
    "/admin/budgets/reset/",
    "/admin/budgets/change/",
    "/admin/people/user/",
    "/admin/people/user/add/",
    "/admin/people/person/",
    "/admin/people/person/add/",
    "/admin/occasions/occasion/",
    "/admin/occasions/personoccasion/",
    "/admin/occasions/gift/",
    "/admin/occasions/gift/add/",
]
OPEN_PAGES = ["/account/login/", "/account/password/reset/", "/account/password/reset/sent/"]


def person(name: str) -> User:
    if not User.objects.exists():
        demo.seed(now=timezone.now())
    return User.objects.get(username=name)


def examine(visitor, path: str) -> None:
    visitor.open(path)
    examine_what_is_open(visitor)


def examine_what_is_open(visitor) -> None:
    page, path = visitor.page, visitor.page.url
    page.wait_for_load_state("networkidle")
    assert visitor.violations() == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert visitor.overflow() <= 0, f"{path} is too wide at {width} px"
        if width in {WIDTHS[0], WIDTHS[-1]}:
            assert visitor.accessibility_faults() == [], f"{path} at {width} px"
    assert visitor.troubles == []


@pytest.mark.parametrize("theme", ["light", "dark"])
class TestEveryPage:
    def test_of_a_member_who_may_change_and_start_over(self, visit, theme):
        visitor = visit(person("zoe"), theme=theme)
        for path in MEMBER_PAGES:
            examine(visitor, path)

    def test_of_people_occasions_and_gifts(self, visit, theme):
        # Nina gives at Zoe's birthday, so that she sees everything there.
        visitor = visit(person("nina"), theme=theme)
        gift = Gift.objects.filter(occasion__name="Zoe’s birthday").latest("pk")
        zoe = gift.recipients.get(name="Zoe")
        for path in GIFT_PAGES:
            examine(visitor, path.format(occasion=gift.occasion_id, person=zoe.pk, gift=gift.pk))

    def test_of_an_occasion_where_the_member_receives(self, visit, theme):
        visitor = visit(person("zoe"), theme=theme)
        christmas = Occasion.objects.filter(name="Christmas").latest("date")
        for path in ("/", f"/occasions/{christmas.pk}/", "/gifts/", "/gifts/shopping/"):
            examine(visitor, path)

    def test_of_a_household_without_people(self, visit, theme):
        visitor = visit(User.objects.create_user("new"), theme=theme)
        for path in ("/occasions/", "/people/", "/gifts/", "/gifts/shopping/"):
            examine(visitor, path)

    def test_of_a_member_over_budget(self, visit, theme):
        examine(visit(person("leo"), theme=theme), "/budget/")

    def test_of_a_member_whose_budget_is_nearly_used_and_locked(self, visit, theme):
        examine(visit(person("ben"), theme=theme), "/budget/")

    def test_of_a_member_whose_budget_is_hidden(self, visit, theme):
        visitor = visit(person("nina"), theme=theme)
        for path in ("/", "/budget/"):
            examine(visitor, path)

    def test_of_somebody_new(self, visit, theme):
        user = User.objects.create_user("new")
        visitor = visit(user, theme=theme)
        for path in ("/", "/budget/", "/budget/resets/"):
            examine(visitor, path)

    def test_before_signing_in(self, visit, theme):
        visitor = visit(theme=theme)
        for path in OPEN_PAGES:
            examine(visitor, path)

    def test_of_the_console(self, visit, theme):
        visitor = visit(person("maya"), theme=theme)
        budget = Budget.objects.get(member_name="ben")
        for path in [*CONSOLE_PAGES, f"/admin/budgets/budget/{budget.pk}/change/"]:
            examine(visitor, path)

    def test_with_a_form_that_was_refused(self, visit, theme):
        visitor = visit(person("zoe"), theme=theme)
        page = visitor.open("/budget/")
        page.get_by_label("Limit per period").fill("a lot")
        page.get_by_role("button", name="Save settings").click()
        expect(page.get_by_text("Enter an amount like 12.50.", exact=True)).to_be_visible()
        examine_what_is_open(visitor)

    def test_on_the_way_to_a_new_password(self, visit, theme):
        user = person("zoe")
        key = urlsafe_base64_encode(force_bytes(user.pk))
        token = default_token_generator.make_token(user)
        visitor = visit(theme=theme)
        for path in (
            f"/account/password/reset/{key}/{token}/",
            f"/account/password/reset/{key}/wrong-token/",
            "/account/password/reset/complete/",
        ):
            examine(visitor, path)

    @pytest.mark.parametrize("action", ["Set limit…", "Change permissions…", "Start over…"])
    def test_that_asks_before_a_bulk_action(self, visit, theme, action):
        visitor = visit(person("maya"), theme=theme)
        page = visitor.open("/admin/budgets/budget/")
        page.locator("#action-toggle").check()
        page.locator("select[name=action]").select_option(label=action)
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text("zoe").first).to_be_visible()
        examine_what_is_open(visitor)
