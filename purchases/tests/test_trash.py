"""The trash: what was deleted, how long it is kept, bringing it back, and emptying it."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets import ledger
from budgets.models import Entry
from budgets.tests.factories import make_budget, spend
from budgets.tests.running import run
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Attachment, Purchase
from purchases.tests.factories import NOW, AttachmentFactory, PurchaseFactory, buy

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def budget():
    return make_budget(limit=Decimal(100), enforced=True)


@pytest.fixture
def ann(client: Client, budget):
    client.force_login(budget.user)
    return budget.user


@pytest.fixture
def kettle(ann):
    return keeping.trash(purchase=buy(ann, "60.00"), now=NOW)


def page_of(client: Client, **asked: object) -> str:
    answer = client.get("/purchases/trash/", asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def restore(client: Client, purchase: Purchase, **values: str):
    return client.post(f"/purchases/{purchase.pk}/restore/", values)


class TestThePage:
    def test_lists_what_was_deleted_the_latest_first(self, client, ann):
        for number in range(3):
            keeping.trash(
                purchase=buy(ann, "1.00", name=f"Thing {number}"),
                now=NOW - timedelta(days=3 - number),
            )
        buy(ann, "1.00", name="Alive")
        page = page_of(client)
        places = [page.index(f"Thing {number}") for number in (2, 1, 0)]
        assert places == sorted(places)
        assert "3 purchases" in page
        assert "Alive" not in page

    @pytest.mark.parametrize(
        ("ago", "words"),
        [
            (timedelta(), "in 30 days"),
            (timedelta(days=1), "in 29 days"),
            (timedelta(minutes=1), "in 30 days"),
            (timedelta(days=29, hours=1), "in 1 day<"),
            (timedelta(days=40), "today"),
        ],
    )
    def test_says_how_long_each_is_kept(self, client, ann, ago, words):
        PurchaseFactory(owner=ann, deleted_at=NOW - ago)
        assert words in page_of(client)

    def test_others_deleted_ones_are_not_in_it_shared_or_not(self, client, ann):
        PurchaseFactory(name="Theirs", shared=True, deleted_at=NOW)
        page = page_of(client)
        assert "Theirs" not in page
        assert "The trash is empty." in page

    def test_has_pages_of_twenty_and_costs_the_same_queries(self, client, ann):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                page_of(client)
            return len(captured)

        for _ in range(10):
            PurchaseFactory(owner=ann, deleted_at=NOW)
        ten = queries()
        for _ in range(15):
            PurchaseFactory(owner=ann, deleted_at=NOW)
        assert queries() == ten
        assert "21–25 of 25 purchases" in page_of(client, page=2)


class TestBringingBack:
    def test_counts_it_again(self, client, budget, kettle):
        answer = restore(client, kettle)
        assert answer["Location"] == f"/purchases/{kettle.pk}/"
        assert ledger.roll(budget, now=NOW).spent == Decimal(60)
        page = unescape(client.get("/purchases/").content.decode())
        assert "“Kettle” is back." in page

    def test_may_lead_back_to_the_trash(self, client, kettle):
        answer = restore(client, kettle, next="/purchases/trash/")
        assert answer["Location"] == "/purchases/trash/"

    def test_leads_to_no_page_that_is_not_ours(self, client, kettle):
        answer = restore(client, kettle, next="no-page-of-ours")
        assert answer["Location"] == f"/purchases/{kettle.pk}/"

    def test_what_no_longer_fits_is_explained_and_kept(self, client, budget, kettle):
        spend(budget, "50.00")
        answer = restore(client, kettle)
        assert answer.status_code == 422
        page = unescape(answer.content.decode())
        assert "“Kettle” does not fit into your budget: $50.00 is left until July 31." in page
        assert "in 30 days" in page
        assert Purchase.objects.trashed().get() == kettle
        assert ledger.roll(budget, now=NOW).spent == Decimal(50)

    def test_what_its_gift_cannot_take_is_explained_and_kept(self, client, ann):
        gift = make_gift(OccasionFactory(), PersonFactory())
        kettle = buy(ann, gift=gift)
        keeping.trash(purchase=kettle, now=NOW)
        buy(ann, "99999999.99", gift=gift, as_fact=True)
        answer = restore(client, kettle)
        assert answer.status_code == 422
        assert "What was bought for it is more than 99,999,999.99." in answer.content.decode()
        assert Purchase.objects.get(pk=kettle.pk).is_trashed

    def test_is_its_owners_alone(self, client, kettle):
        client.force_login(UserFactory(administrator=True))
        assert restore(client, kettle).status_code == 404
        assert Purchase.objects.trashed().get() == kettle

    def test_what_is_not_in_the_trash_is_not_there(self, client, ann):
        assert restore(client, PurchaseFactory(owner=ann)).status_code == 404

    def test_looking_at_its_address_brings_nothing_back(self, client, kettle):
        answer = client.get(f"/purchases/{kettle.pk}/restore/")
        assert answer["Location"] == "/purchases/trash/"
        assert Purchase.objects.trashed().exists()


class TestEmptying:
    @pytest.fixture(autouse=True)
    def deleted(self, ann) -> None:
        for name, days in (("old", 31), ("at its end", 30), ("young", 29)):
            purchase = buy(ann, "10.00", name=name)
            keeping.trash(purchase=purchase, now=NOW)
            Purchase.objects.filter(pk=purchase.pk).update(deleted_at=NOW - timedelta(days=days))
        buy(ann, "10.00", name="alive")

    def test_deletes_for_good_what_was_kept_long_enough(self, budget):
        assert run("empty_trash").lines == ["Purchases deleted for good: 1."]
        assert {one.name for one in Purchase.objects.all()} == {"at its end", "young", "alive"}
        assert run("empty_trash").lines == ["Purchases deleted for good: 0."]

    def test_the_ledger_keeps_what_was_posted(self, budget):
        before = Entry.objects.count()
        run("empty_trash")
        assert Entry.objects.count() == before
        assert ledger.check() == []
        assert ledger.roll(budget, now=NOW).spent == Decimal(10)

    def test_files_whose_form_was_never_saved_go_too(self, ann):
        for hours in (23, 25):
            made = NOW - timedelta(hours=hours)
            AttachmentFactory(purchase=None, uploaded_by=ann, created_at=made)
        assert run("empty_trash").lines[1:] == ["Files deleted that no form was saved with: 1."]
        assert Attachment.objects.get().created_at == NOW - timedelta(hours=23)

    def test_a_dry_run_only_counts(self):
        assert run("empty_trash", "--dry-run").lines == ["Purchases due: 1. Nothing was changed."]
        assert Purchase.objects.trashed().count() == 3
