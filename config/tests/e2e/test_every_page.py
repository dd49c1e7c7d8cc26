"""Every page, at every width and in both themes: accessible, within its window, no violations."""

from datetime import timedelta

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from budgets.models import Budget
from budgets.tests.factories import make_budget
from config import backups, demo
from config.tests.e2e.conftest import WIDTHS
from config.tests.e2e.waiting import arrive, settle, until
from config.tests.shelf import shelf_in
from occasions.models import Gift, Occasion
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Attachment

MEMBER_PAGES = [
    "/",
    "/budget/",
    "/budget/reset/",
    "/budget/resets/",
    "/account/",
    "/account/password/",
    "/account/tokens/",
    "/account/tokens/add/",
    "/data/",
    "/data/import/",
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
#: Pages about purchases, with one that has a warranty and a paper.
PURCHASE_PAGES = [
    "/purchases/",
    "/purchases/add/",
    "/purchases/columns/",
    "/purchases/trash/",
    "/purchases/{purchase}/",
    "/purchases/{purchase}/edit/",
    "/warranties/",
    "/warranties/add/{purchase}/",
    "/warranties/{warranty}/",
    "/warranties/calendar/",
    "/files/{paper}/edit/",
    "/retailers/",
    "/retailers/{retailer}/",
    "/retailers/{retailer}/merge/",
    "/analytics/",
    "/find/?q=ko",
]
#: Pages for the owner, with a backup.
OWNER_PAGES = [
    "/data/",
    "/data/reset/",
    "/data/backups/{backup}/download/",
    "/data/backups/{backup}/restore/",
    "/data/backups/{backup}/delete/",
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
    "/admin/people/apitoken/",
    "/admin/people/person/",
    "/admin/people/person/add/",
    "/admin/occasions/occasion/",
    "/admin/occasions/personoccasion/",
    "/admin/occasions/gift/",
    "/admin/occasions/gift/add/",
    "/admin/purchases/purchase/",
    "/admin/purchases/purchase/add/",
    "/admin/purchases/warranty/",
    "/admin/purchases/retailer/",
    "/admin/purchases/brand/",
    "/admin/purchases/tag/",
    "/admin/purchases/attachment/",
]
OPEN_PAGES = ["/account/login/", "/account/password/reset/", "/account/password/reset/sent/"]


#: Asks for the pictures below the window too: whatever is shown keeps to the policy.
ARE_PICTURES_HERE = """
[...document.images].map((image) => {
  image.loading = "eager";
  return image.complete;
}).every(Boolean)
"""


#: The links of the console fade from one colour into the other.
ARE_COLOURS_HERE = "document.getAnimations().length === 0"


@pytest.fixture(autouse=True)
def a_short_history(monkeypatch):
    """Let nobody have shopped for years: each test makes the demo anew."""
    monkeypatch.setattr(demo, "SHOPPING", timedelta(days=120))


def person(name: str) -> User:
    if not User.objects.exists():
        demo.seed(now=timezone.now())
    return User.objects.get(username=name)


def examine(visitor, path: str) -> None:
    visitor.open(path)
    examine_what_is_open(visitor)


def examine_what_is_open(visitor) -> None:
    page, path = visitor.page, visitor.page.url
    settle(page)
    until(page, lambda: page.evaluate(ARE_PICTURES_HERE))
    assert visitor.violations() == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert visitor.overflow() <= 0, f"{path} is too wide at {width} px"
        if width in {WIDTHS[0], WIDTHS[-1]}:
            assert visitor.accessibility_faults() == [], f"{path} at {width} px"
    page.emulate_media(color_scheme="dark")
    until(page, lambda: page.evaluate(ARE_COLOURS_HERE))
    assert visitor.accessibility_faults() == [], f"{path} in the dark"
    page.emulate_media(color_scheme="light")
    assert visitor.troubles == []


class TestEveryPage:
    def test_of_a_member_who_may_change_and_start_over(self, visit):
        visitor = visit(person("zoe"))
        for path in MEMBER_PAGES:
            examine(visitor, path)

    def test_of_people_occasions_and_gifts(self, visit):
        # Nina gives at Zoe's birthday, so that she sees everything there.
        visitor = visit(person("nina"))
        gift = Gift.objects.filter(occasion__name="Zoe’s birthday").latest("pk")
        zoe = gift.recipients.get(name="Zoe")
        for path in GIFT_PAGES:
            examine(visitor, path.format(occasion=gift.occasion_id, person=zoe.pk, gift=gift.pk))

    def test_of_purchases(self, visit):
        visitor = visit(person("olle"))
        paper = Attachment.objects.filter(
            purchase__owner__username="olle",
            purchase__warranties__isnull=False,
            purchase__retailer__isnull=False,
            purchase__deleted_at__isnull=True,
        ).latest("pk")
        rows = {
            "paper": paper.pk,
            "purchase": paper.purchase_id,
            "retailer": paper.purchase.retailer_id,
            "warranty": paper.purchase.warranties.first().pk,
        }
        for path in PURCHASE_PAGES:
            examine(visitor, path.format(**rows))

    def test_of_backups(self, visit, tmp_path):
        visitor = visit(person("maya"))
        with shelf_in(tmp_path):
            backup = backups.make(now=timezone.now())
            for path in OWNER_PAGES:
                examine(visitor, path.format(backup=backup.name))

    def test_of_somebody_without_purchases(self, visit):
        visitor = visit(User.objects.create_user("new"))
        for path in ("/purchases/", "/warranties/", "/analytics/", "/retailers/"):
            examine(visitor, path)

    def test_of_an_occasion_where_the_member_receives(self, visit):
        visitor = visit(person("zoe"))
        christmas = Occasion.objects.filter(name="Christmas").latest("date")
        for path in ("/", f"/occasions/{christmas.pk}/", "/gifts/", "/gifts/shopping/"):
            examine(visitor, path)

    def test_of_a_household_without_people(self, visit):
        visitor = visit(User.objects.create_user("new"))
        for path in ("/occasions/", "/people/", "/gifts/", "/gifts/shopping/"):
            examine(visitor, path)

    def test_of_budgets_over_their_limit_nearly_used_and_hidden(self, visit):
        for name, path in (
            ("leo", "/budget/"),
            ("ben", "/budget/"),
            ("nina", "/"),
            ("nina", "/budget/"),
        ):
            examine(visit(person(name)), path)

    def test_of_somebody_new(self, visit):
        user = User.objects.create_user("new")
        visitor = visit(user)
        for path in ("/", "/budget/", "/budget/resets/"):
            examine(visitor, path)

    def test_before_signing_in(self, visit):
        visitor = visit()
        for path in OPEN_PAGES:
            examine(visitor, path)

    def test_of_the_console(self, visit):
        visitor = visit(person("maya"))
        budget = Budget.objects.get(member_name="ben")
        for path in [*CONSOLE_PAGES, f"/admin/budgets/budget/{budget.pk}/change/"]:
            examine(visitor, path)

    def test_with_a_form_that_was_refused(self, visit):
        budget = make_budget(now=timezone.now(), user_can_modify=True)
        visitor = visit(budget.user)
        page = visitor.open("/budget/")
        page.get_by_label("Limit per period").fill("a lot")
        page.get_by_role("button", name="Save settings").click()
        arrive(page.get_by_text("Enter an amount like 12.50.", exact=True))
        examine_what_is_open(visitor)

    def test_on_the_way_to_a_new_password(self, visit):
        user = UserFactory()
        key = urlsafe_base64_encode(force_bytes(user.pk))
        token = default_token_generator.make_token(user)
        visitor = visit()
        for path in (
            f"/account/password/reset/{key}/{token}/",
            f"/account/password/reset/{key}/wrong-token/",
            "/account/password/reset/complete/",
        ):
            examine(visitor, path)

    def test_that_asks_before_a_bulk_action(self, visit):
        visitor = visit(person("maya"))
        for action in ("Set limit…", "Change permissions…", "Start over…"):
            page = visitor.open("/admin/budgets/budget/")
            page.locator("#action-toggle").check()
            page.locator("select[name=action]").select_option(label=action)
            page.get_by_role("button", name="Run").click()
            arrive(page.locator(".ask").get_by_text("zoe").first)
            examine_what_is_open(visitor)
