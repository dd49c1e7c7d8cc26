"""The demo's purchases: three believable years, whenever they are made."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Count, Sum
from django.test import TestCase
from PIL import Image

from budgets import ledger
from budgets.models import Cycle, Entry
from budgets.periods import local_day
from config import demo
from config.demo import gifts, members, receipts, things
from config.demo import purchases as shopping
from occasions.access import viewer_of
from occasions.models import Gift
from people.models import User
from purchases import files, keeping, shops
from purchases.guarantees import Status
from purchases.models import Attachment, Blob, Brand, Purchase, PurchaseEntry, Retailer, Warranty
from purchases.tests.factories import buy

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


def shop(now: datetime = NOW, *, days: int = demo.SHOPPING.days) -> None:
    """Make the household with little more than its purchases."""
    members.move_in(now=now, history=timedelta(days=1))
    gifts.plan(now=now)
    shopping.go_shopping(now=now, since=timedelta(days=days))


def figures() -> list[tuple[object, ...]]:
    """Return what the purchases and what hangs on them tell, without keys."""
    bought = Purchase.objects.order_by("purchased_on", "name", "order_number")
    about = ("owner__username", "name", "amount", "status", "serial_number", "retailer__name")
    warranties = Warranty.objects.order_by("purchase__name", "ends_on", "kind")
    return [
        *bought.values_list("purchased_on", *about, "deleted_at"),
        *warranties.values_list("purchase__name", "kind", "ends_on", "voided"),
        *Attachment.objects.order_by("name").values_list("name", "kind", "blob"),
        *Retailer.objects.values_list("name", "link", "listed"),
        *Brand.objects.values_list("name", "link", "listed"),
    ]


class TestThreeYears(TestCase):
    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(NOW, tick=False):
            shop()

    def setUp(self):
        travelling = time_machine.travel(NOW, tick=False)
        travelling.start()
        self.addCleanup(travelling.stop)

    def viewer(self, name: str):
        return viewer_of(User.objects.get(username=name), now=NOW)

    def test_there_is_something_in_every_month_and_nothing_is_still_to_come(self):
        assert 300 <= Purchase.objects.count() <= 450
        days = Purchase.objects.values_list("purchased_on", flat=True)
        assert max(days) <= TODAY
        assert min(days) <= TODAY - timedelta(days=1040)
        months = {(day.year, day.month) for day in days}
        assert len(months) >= 35

    def test_olle_bought_most_of_it_and_everybody_something(self):
        bought = Counter(Purchase.objects.values_list("owner__username", flat=True))
        assert set(bought) == {member.username for member in demo.HOUSEHOLD}
        assert bought["olle"] > 300
        mayas = Purchase.objects.filter(owner__username="maya")
        assert set(mayas.values_list("shared", flat=True)) == {True, False}

    def test_it_was_paid_in_three_currencies_to_the_cent(self):
        paid = Purchase.objects.order_by().values_list("currency").annotate(Count("pk"))
        assert set(dict(paid)) == {"EUR", "GBP", "USD"}
        for purchase in Purchase.objects.exclude(currency="USD"):
            assert purchase.exchange_rate != 1
            assert purchase.amount != purchase.price
        assert all(price % Decimal("0.01") == 0 for price in self.prices())

    def prices(self):
        return Purchase.objects.values_list("price", flat=True)

    def test_most_of_what_is_bought_again_costs_more_than_it_did(self):
        coffee = Purchase.objects.filter(name="Coffee beans, 1 kg").order_by("purchased_on")
        first, last = coffee.first(), coffee.last()
        assert coffee.count() > 40
        assert first.price < last.price <= Decimal("18.90")

    def test_some_is_on_its_way_and_some_was_taken_back(self):
        states = Counter(Purchase.objects.values_list("status", flat=True))
        assert (states["ordered"], states["returned"]) == (3, 4)
        ordered = Purchase.objects.filter(status="ordered")
        assert all(purchase.purchased_on >= TODAY - timedelta(days=5) for purchase in ordered)

    def test_the_budgets_agree_with_every_purchase(self):
        assert ledger.check() == []
        for purchase in Purchase.objects.prefetch_related("postings__entry"):
            entries = [posting.entry for posting in purchase.postings.all()]
            counted = purchase.amount if purchase.counts else 0
            assert sum(entry.amount for entry in entries) == counted, purchase
            assert {entry.day for entry in entries} == {purchase.purchased_on}
            assert {entry.budget.user_id for entry in entries} == {purchase.owner_id}

    def test_what_was_taken_back_was_charged_and_refunded(self):
        watch = Purchase.objects.get(name="Running watch")
        amounts = Entry.objects.filter(purchase__purchase=watch).order_by("pk")
        assert list(amounts.values_list("kind", "amount")) == [("purchase", 249), ("refund", -249)]

    def test_olle_has_a_window_for_every_month(self):
        windows = Cycle.objects.filter(budget__user__username="olle")
        assert windows.count() == 37
        assert windows.filter(spent__gt=900).exists()
        assert not windows.filter(spent=0).exists()

    def test_warranties_stand_in_every_way(self):
        standing = {status: Warranty.objects.standing(status, TODAY).count() for status in Status}
        assert standing[Status.EXPIRED] >= 4
        assert standing[Status.EXPIRING] == 3
        assert standing[Status.ACTIVE] >= 20
        assert standing[Status.VOIDED] == 1
        assert Warranty.objects.filter(ends_on=None).count() == 3
        kinds = set(Warranty.objects.values_list("kind", flat=True))
        assert kinds >= {"manufacturer", "extended", "parts", "statutory"}
        assert Purchase.objects.annotate(n=Count("warranties")).filter(n__gt=1).count() >= 5

    def test_some_can_still_be_returned(self):
        open_until = Purchase.objects.filter(return_by__gte=TODAY, status="received")
        assert open_until.filter(return_by__lte=TODAY + timedelta(days=30)).count() == 3
        assert open_until.count() >= 6

    def test_one_may_have_been_entered_twice(self):
        alike = Purchase.objects.values("name", "purchased_on", "amount").order_by()
        [twice] = alike.annotate(n=Count("pk")).filter(n__gt=1)
        assert (twice["name"], twice["n"]) == ("USB-C cable, 2 m", 2)
        orders = Purchase.objects.filter(name=twice["name"]).values_list("order_number", flat=True)
        assert len(set(orders)) == 2

    def test_one_is_in_the_trash_and_can_be_brought_back(self):
        [umbrella] = Purchase.objects.trashed()
        restored = keeping.restore(purchase=umbrella, by=umbrella.owner, now=NOW)
        assert not restored.is_trashed
        assert ledger.check() == []

    def test_numbers_look_like_those_of_their_shops(self):
        numbers = Purchase.objects.filter(retailer__name="Amazon").values_list("order_number")
        assert all(re.fullmatch(r"\d{3}-\d{7}-\d{7}", number) for (number,) in numbers)
        models = Purchase.objects.exclude(model_number="")
        assert models.count() >= 8
        assert all(purchase.serial_number.startswith("SN") for purchase in models)

    def test_the_starter_list_is_listed_and_used(self):
        for model, names in (
            (Retailer, [one.name for one in things.SHOPS]),
            (Brand, things.BRANDS),
        ):
            listed = model.objects.filter(listed=True)
            assert set(listed.values_list("name", flat=True)) == set(names)
            assert not listed.filter(purchases__isnull=True).exists()
            assert 12 <= listed.count() <= 18

    def test_what_ben_bought_for_maya_is_kept_from_her(self):
        wetsuit = Purchase.objects.get(gift__title="Wetsuit for the autumn")
        assert (wetsuit.owner.username, wetsuit.shared) == ("ben", True)
        assert wetsuit in shops.seen(self.viewer("nina"))
        maya = self.viewer("maya")
        assert wetsuit not in Purchase.objects.without_surprises(maya)
        assert wetsuit.retailer not in shops.known(Retailer, maya)
        [entry] = Entry.objects.filter(purchase__purchase=wetsuit)
        assert entry.memo.startswith("A surprise, until ")

    def test_what_maya_bought_for_zoe_is_kept_from_her(self):
        bag = Purchase.objects.get(gift__title="Camera bag")
        assert bag in shops.seen(self.viewer("ben"))
        assert bag not in shops.seen(self.viewer("zoe"))
        assert bag.attachments.count() == 1

    def test_presents_of_last_year_are_told(self):
        for title in ("Climbing shoes", "Fire bowl"):
            purchase = Purchase.objects.get(gift__title=title)
            [recipient] = purchase.gift.recipients.all()
            assert purchase in shops.seen(self.viewer(recipient.user.username))

    def test_gifts_agree_with_what_was_bought_for_them(self):
        presents = Purchase.objects.filter(gift__isnull=False)
        assert presents.count() == len(things.PRESENTS)
        for purchase in presents:
            gift = purchase.gift
            assert gift.is_bought
            assert gift.purchaser.user == purchase.owner
            assert (gift.cost, gift.bought_on) == (purchase.amount, purchase.purchased_on)

    def test_papers_are_what_they_say_and_the_same_one_is_stored_once(self):
        papers = Attachment.objects.select_related("blob", "purchase")
        assert papers.count() >= 10
        assert {paper.kind for paper in papers} == {"receipt", "manual", "photo", "warranty"}
        for paper in papers:
            assert files.is_intact(paper.blob)
            kind = "application/pdf" if paper.name.endswith(".pdf") else "image/png"
            assert paper.blob.content_type == kind
        assert papers.filter(kind="manual").count() == 2
        assert papers.filter(kind="manual").values("blob").distinct().count() == 1

    def test_pictures_and_documents_open(self):
        piano = Purchase.objects.get(name="Digital piano")
        for name, drawing in receipts.DRAWINGS.items():
            drawn = drawing.make(piano)
            if drawing.ending == ".png":
                Image.open(BytesIO(drawn)).verify()
                continue
            table = int(drawn.rsplit(b"startxref\n", 1)[1].split()[0])
            assert drawn[table:].startswith(b"xref"), name
            places = [int(line[:10]) for line in drawn[table:].splitlines() if b" n" in line]
            for number, place in enumerate(places, start=1):
                assert drawn[place:].startswith(b"%d 0 obj" % number)

    def test_a_bracket_in_a_document_is_a_bracket(self):
        washer = Purchase(name="Washer (large) \\ ’ 漢", model_number="1", purchased_on=TODAY)
        assert b"Washer \\(large\\) \\\\ \x92 ?" in receipts.certificate(washer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-01T00:00:30Z",  # a month has just begun
        "2028-02-29T12:00:00Z",
        "2026-10-25T22:59:59Z",  # the clocks went back in Stockholm
        "2027-01-31T05:00:00Z",  # before any shop opens
    ],
)
def test_they_are_believable_whenever_they_are_made(moment, time_machine):
    now = datetime.fromisoformat(moment)
    time_machine.move_to(now, tick=False)
    shop(now, days=760)
    olle = User.objects.get(username="olle")
    today = local_day(now, olle.zone)
    assert not Purchase.objects.filter(purchased_on__gt=today).exists()
    assert not Purchase.objects.filter(created_at__gt=now).exists()
    assert not Entry.objects.filter(recorded_at__gt=now).exists()
    assert ledger.check() == []
    assert Warranty.objects.expiring(today).count() == 3
    assert Cycle.objects.open().get(budget__user=olle).window.starts_at <= now
    # Whatever the day of the month, Olle is not near his limit.
    month = Purchase.objects.filter(owner=olle, purchased_on__gt=today - timedelta(days=31))
    assert month.aggregate(Sum("amount"))["amount__sum"] < 650


@pytest.mark.django_db
@pytest.mark.parametrize("currency", ["JPY", "EUR"])
def test_they_are_made_in_another_base_currency(settings, currency, time_machine):
    time_machine.move_to(NOW, tick=False)
    settings.CURRENCY = currency
    shop(days=100)
    assert Purchase.objects.filter(currency=currency).count() > 20
    assert ledger.check() == []


@pytest.mark.django_db
class TestAgain:
    @pytest.fixture(autouse=True)
    def seeded(self, settings, tmp_path, monkeypatch, time_machine):
        time_machine.move_to(NOW, tick=False)
        settings.MEDIA_ROOT = tmp_path
        # Shorter, as only coming and going matters here.
        monkeypatch.setattr(demo, "HISTORY", timedelta(days=1))
        monkeypatch.setattr(demo, "SHOPPING", timedelta(days=60))
        self.seed()

    def seed(self, *options: str) -> None:
        call_command("seed_demo", *options, stdout=StringIO())

    def test_nothing_is_added_and_what_was_changed_stays(self):
        desk = Purchase.objects.get(name="Desk that goes up and down")
        Purchase.objects.exclude(pk=desk.pk).first().delete()
        Purchase.objects.filter(pk=desk.pk).update(notes="Ours")
        before = figures()
        self.seed()
        assert figures() == before
        assert Purchase.objects.get(pk=desk.pk).notes == "Ours"

    def test_fresh_gives_the_same_again_without_what_was_done_since(
        self, django_capture_on_commit_callbacks
    ):
        before = figures()
        maya = User.objects.get(username="maya")
        drill = buy(maya, now=NOW, retailer="A shop of a visitor", tags=["new"])
        upload = receipts.paper("invoice", drill)
        keeping.attach(purchase=drill, uploads=[upload], kind="receipt", by=maya, now=NOW)
        keeping.stage(upload=receipts.paper("label", drill), kind="photo", by=maya, now=NOW)
        Purchase.objects.filter(name="Air fryer").delete()
        with django_capture_on_commit_callbacks(execute=True):
            self.seed("--fresh")
        assert figures() == before
        assert ledger.check() == []
        assert files.stored() == {blob.path for blob in Blob.objects.all()}

    def test_it_all_goes_without_a_trace(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            demo.clear()
        left = (Purchase, PurchaseEntry, Warranty, Attachment, Blob, Retailer, Brand, Gift, User)
        assert {
            model.__name__: model.objects.count() for model in left if model.objects.exists()
        } == {}
        assert files.stored() == set()
