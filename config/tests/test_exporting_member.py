"""What a member takes along: their own, and never a word of a present for them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models import Model

from budgets import ledger
from budgets.models import Budget, Change, Entry, Origin
from budgets.tests.factories import make_budget, record
from config.exporting.scopes import Member, exported
from config.tests.exports import json_of, rows_of, zip_of
from config.tests.household import AFTER, NOW, SECRETS, Household
from occasions.models import Gift, Occasion, PersonOccasion
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import ImportPreset, Preferences, Purchase
from purchases.tests.factories import (
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
    buy,
    viewer_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(params=[False, True], ids=["member", "administrator"])
def home(request) -> Household:
    return Household(administrator=request.param)


def of(user: User, *, now=NOW) -> Member:
    return Member(viewer_of(user, now=now))


def column(user: User, table: str, name: str) -> list[object]:
    return [row[name] for row in rows_of(json_of(of(user)), table)]


class TestSurprises:
    def test_the_export_is_the_same_with_and_without_presents(self, home):
        scope = of(home.user)
        without = json_of(scope), zip_of(scope)
        home.hide()
        scope = of(home.user)
        assert (json_of(scope), zip_of(scope)) == without

    def test_no_word_of_a_present_is_in_it(self, home):
        home.hide()
        text = json_of(of(home.user))
        assert [secret for secret in SECRETS if secret in text] == []

    def test_after_the_day_they_are_in_it(self, home):
        home.hide()
        text = json_of(of(home.user, now=AFTER), now=AFTER)
        assert "Canary kite" in text
        assert "777.77" in text
        assert "Canary Toys" not in text  # what others bought stays theirs

    def test_others_see_them(self, home):
        home.hide()
        text = json_of(of(home.sis.user))
        assert "Canary kite" in text
        assert "777.77" in text
        assert "Canary Toys" in text

    def test_who_a_present_is_for_is_not_told_by_a_key(self, home):
        hidden = {gift.pk for gift in home.hide()}
        links = column(home.user, "occasions.Gift_recipients", "gift_id")
        assert links
        assert not hidden & set(links)

    def test_what_others_may_spend_for_them_is_not_told(self, home):
        home.hide()
        cards = rows_of(json_of(of(home.user)), "occasions.PersonOccasion")
        told = {
            (row["person_id"], row["occasion_id"]): (
                row["recipient_budget"],
                row["purchaser_budget"],
            )
            for row in cards
        }
        assert told[home.leo.pk, home.christmas.pk] == (None, None)
        assert told[home.mom.pk, home.christmas.pk] == ("250.000000", None)
        assert told[home.sis.pk, home.moms.pk] == (None, "300.000000")
        assert len(cards) == PersonOccasion.objects.count()

    def test_the_budget_for_their_own_presents_is_not_told(self, home):
        totals = dict(
            zip(
                column(home.user, "occasions.Occasion", "id"),
                column(home.user, "occasions.Occasion", "budget_total"),
                strict=True,
            )
        )
        assert totals[home.today.pk] is None  # Leo alone receives there
        assert totals[home.christmas.pk] == totals[home.yesterday.pk] == "1000.000000"
        assert Occasion.objects.get(pk=home.today.pk).budget_total == Decimal(1000)

    def test_their_own_purchase_for_a_gift_that_became_theirs_points_nowhere(self, home):
        scarf = Gift.objects.get(title="Scarf")
        purchase = PurchaseFactory(owner=home.user, gift=scarf)
        assert scarf.pk in column(home.user, "purchases.Purchase", "gift_id")
        scarf.recipients.add(home.leo)
        told = json_of(of(home.user))
        assert "Scarf" not in told
        [row] = [r for r in rows_of(told, "purchases.Purchase") if r["id"] == purchase.pk]
        assert row["gift_id"] is None


class TestTheirOwn:
    @pytest.fixture
    def ann(self) -> User:
        return UserFactory(username="ann", first_name="Ann", email="ann@example.org")

    def test_holds_their_purchases_with_all_that_belongs_to_them(self, ann):
        purchase = PurchaseFactory(
            owner=ann,
            retailer=RetailerFactory(name="Mine"),
            brand=BrandFactory(name="Own"),
            tags=[TagFactory(name="tea")],
        )
        WarrantyFactory(purchase=purchase, provider="Maker")
        AttachmentFactory(purchase=purchase, name="slip.png")
        PurchaseFactory(owner=ann, name="Deleted", deleted_at=NOW)
        assert column(ann, "purchases.Purchase", "name") == [purchase.name, "Deleted"]
        assert column(ann, "purchases.Retailer", "name") == ["Mine"]
        assert column(ann, "purchases.Brand", "name") == ["Own"]
        assert column(ann, "purchases.Tag", "name") == ["tea"]
        assert column(ann, "purchases.Warranty", "provider") == ["Maker"]
        assert column(ann, "purchases.Attachment", "name") == ["slip.png"]
        assert len(column(ann, "purchases.Blob", "sha256")) == 1
        assert len(column(ann, "purchases.Purchase_tags", "tag_id")) == 1

    def test_holds_nothing_that_others_bought_or_named(self, ann):
        other = PurchaseFactory(
            name="Ladder",
            shared=True,
            retailer=RetailerFactory(name="Theirs", listed=True),
            brand=BrandFactory(name="Foreign"),
            tags=[TagFactory(name="odd")],
        )
        WarrantyFactory(purchase=other)
        AttachmentFactory(purchase=other)
        AttachmentFactory(purchase=None, uploaded_by=other.owner)
        Preferences.objects.create(user=other.owner)
        ImportPreset.objects.create(owner=other.owner, name="Bank", choices={})
        said = json.loads(json_of(of(ann)))["tables"]
        bought = {name: rows for name, rows in said.items() if name.startswith("purchases.")}
        assert {name: rows for name, rows in bought.items() if rows} == {}

    def test_holds_what_the_pages_remember_of_them(self, ann):
        Preferences.objects.create(user=ann, purchase_columns=["day"])
        ImportPreset.objects.create(owner=ann, name="Bank", choices={"a": 1})
        assert column(ann, "purchases.Preferences", "purchase_columns") == [["day"]]
        assert column(ann, "purchases.ImportPreset", "choices") == [{"a": 1}]

    def test_holds_their_ledger_and_no_other(self, ann):
        other = make_budget(now=NOW)
        record(other, "3", now=NOW, memo="theirs")
        buy(ann, "12.50", name="Kettle")
        ledger.hold(budget=ann.budget, amount=Decimal(5), now=NOW)
        ledger.reset(budget=ann.budget, actor=ann, reason="Anew", now=NOW)
        text = json_of(of(ann))
        assert [row["memo"] for row in rows_of(text, "budgets.Entry")] == ["Kettle"]
        for name in ("Cycle", "DailyTotal", "Hold", "Reset"):
            rows = rows_of(text, f"budgets.{name}")
            assert {row["budget_id"] for row in rows} == {ann.budget.pk}, name
        assert len(rows_of(text, "purchases.PurchaseEntry")) == 1
        assert "theirs" not in text

    def test_what_administrators_wrote_down_for_themselves_stays_theirs(self, ann):
        chief = UserFactory(username="chief", administrator=True)
        for notes in ("Careful", "Canary of chief"):
            ledger.configure(
                budget=Budget.objects.get(user=ann),
                settings={"admin_notes": notes, "limit": Decimal(len(notes))},
                actor=chief,
                origin=Origin.ADMIN,
                now=NOW,
            )
        assert Change.objects.filter(setting="admin_notes").count() == 2
        text = json_of(of(ann))
        assert "Careful" not in text
        assert "Canary of chief" not in text
        [budget] = rows_of(text, "budgets.Budget")
        assert (budget["admin_notes"], budget["configured_by_id"]) == ("", None)
        changes = rows_of(text, "budgets.Change")
        assert [change["setting"] for change in changes] == ["limit", "limit"]
        assert {(one["actor_id"], one["actor_name"]) for one in changes} == {(None, "chief")}

    def test_who_may_not_see_their_budget_takes_none_along(self, ann):
        buy(ann, "12.50", name="Kettle")
        Budget.objects.filter(user=ann).update(visible_to_user=False)
        said = json.loads(json_of(of(User.objects.get(pk=ann.pk))))["tables"]
        assert {
            name for name, rows in said.items() if name.startswith("budgets.") and rows
        } == set()
        assert said["purchases.PurchaseEntry"] == []
        assert len(said["purchases.Purchase"]) == 1
        assert Entry.objects.exists()

    def test_of_other_members_no_account_is_in_it(self, ann):
        UserFactory(username="ben", email="ben@example.org")
        text = json_of(of(ann))
        assert [row["username"] for row in rows_of(text, "people.User")] == ["ann"]
        assert "ben@example.org" not in text

    def test_everybody_planned_for_is_in_it(self, home):
        text = json_of(of(home.user))
        names = [row["name"] for row in rows_of(text, "people.Person")]
        assert names == ["Leo", "Sis", "Mom", "Dad"]
        users = [row["user_id"] for row in rows_of(text, "people.Person")]
        assert users == [home.user.pk, None, None, None]
        assert len(rows_of(text, "occasions.Occasion")) == Occasion.objects.count()


def pointers(model: type[Model]) -> Iterator[tuple[str, str]]:
    """Yield the fields of a table that point at another, and which."""
    for field in model._meta.concrete_fields:
        if field.related_model:
            yield field.attname, field.related_model._meta.label


def test_nothing_in_it_points_at_what_is_not_in_it(home):
    home.hide()
    bought = buy(home.user, "9.99", gift=Gift.objects.get(title="Scarf"), tags=["tea"])
    AttachmentFactory(purchase=bought, uploaded_by=home.sis.user)
    for viewer in (viewer_of(home.user), viewer_of(home.sis.user), viewer_of(UserFactory())):
        said = json.loads(json_of(Member(viewer)))["tables"]
        keys = {
            table.name: {row[table.model._meta.pk.attname] for row in said[table.name]}
            for table in exported()
        }
        for table in exported():
            for attname, target in pointers(table.model):
                named = {row[attname] for row in said[table.name]} - {None}
                assert named <= keys[target], f"{table.name}.{attname}"


def test_a_member_who_is_nobody_of_the_family_is_surprised_by_nothing(home):
    home.hide()
    viewer = viewer_of(UserFactory())
    assert viewer.person is None
    assert "Canary kite" in json_of(Member(viewer))
    assert "Canary kite" not in json_of(Member(replace(viewer, user=home.user, person=home.leo)))


def test_what_is_deleted_for_good_is_gone(home):
    Purchase.objects.filter(owner=home.user).delete()
    assert column(home.user, "purchases.Purchase", "id") == []
