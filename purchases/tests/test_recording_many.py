"""Many purchases written down at once: as one after the other, in as many statements as a few."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets import ledger
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import make_budget
from purchases import keeping
from purchases.models import (
    Attachment,
    Brand,
    Purchase,
    PurchaseEntry,
    Retailer,
    Tag,
    Warranty,
)
from purchases.naming import fold
from purchases.tests.factories import NOW, TODAY, AttachmentFactory, PurchaseFactory, buy
from purchases.tests.factories import RetailerFactory as MakeRetailer

#: Columns that differ between any two rows.
PASSING = {"id", "uid", "purchase_id", "entry_id", "tag_id", "retailer_id", "brand_id", "cycle_id"}

names = st.sampled_from(["", "ACME", "Acme", "acme  ", "Ünder", "UNDER", "Zebra", "n" * 121])
guards = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["parts", "labour", "other", "none"]),
        "ends_on": st.sampled_from([None, date(2030, 1, 1), date(2031, 1, 1), date(1999, 1, 1)]),
    }
)
purchases = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Kettle", " kettle ", "Lamp", "Ladder\0", "", "x" * 256]),
        "price": st.sampled_from(
            [
                Decimal(text)
                for text in ("0.01", "19.90", "5", "1e3", "0.02", "7", "8", "-5", "9.999")
            ]
        ),
        "purchased_on": st.sampled_from(
            [
                TODAY,
                TODAY - timedelta(days=1),
                date(2024, 2, 29),
                date(1970, 1, 1),
                TODAY + timedelta(days=1),
            ]
        ),
    },
    optional={
        "currency": st.sampled_from(["usd", "EUR", "EUR", "JPY", "ZZZ"]),
        "exchange_rate": st.sampled_from(
            [Decimal("1.1"), Decimal("1.2"), Decimal("0.0001"), Decimal(0)]
        ),
        "quantity": st.sampled_from([1, 2, 9_999, 10_000]),
        "retailer": names,
        "brand": names,
        "tags": st.lists(st.sampled_from(["b", "B", "a", "ä", " c", "", "t" * 121]), max_size=4),
        "status": st.sampled_from(["ordered", "received", "returned", "returned", "lost"]),
        "order_number": st.sampled_from(["", "113-1", "o" * 101]),
        "link": st.sampled_from(["", "https://example.org/", "javascript:1"]),
        "return_by": st.sampled_from([None, TODAY, date(1999, 1, 1)]),
        "notes": st.sampled_from(["", "Blue", "n" * 2_001]),
        "shared": st.booleans(),
        "warranties": st.lists(guards, max_size=2),
    },
)


def one_by_one(member, values):
    answers = []
    for one in values:
        plain = {name: value for name, value in one.items() if name != "warranties"}
        try:
            purchase = keeping.record(
                owner=member,
                values=plain,
                by=None,
                now=NOW,
                as_fact=True,
                warranties=one.get("warranties", ()),
            )
        except ValidationError as refusal:
            answers.append(refusal)
        else:
            answers.append(purchase)
    return answers


def at_once(member, values):
    return keeping.record_many(owner=member, values=values, now=NOW)


def said(answers):
    return [
        (answer.messages, getattr(answer, "message_dict", None))
        if isinstance(answer, ValidationError)
        else (answer.name, answer.amount, answer.search_text)
        for answer in answers
    ]


def stored():
    """Return every row by what it says, without the numbers that databases give."""

    def plain(model, *more):
        fields = [f.attname for f in model._meta.concrete_fields if f.attname not in PASSING]
        rows = model.objects.order_by().values_list(*fields, *more)
        return sorted(map(repr, rows))

    tagged = Purchase.tags.through.objects.order_by().values_list("purchase__name", "tag__key")
    return {
        "purchases": plain(Purchase, "retailer__name", "brand__name"),
        "tagged": sorted(tagged),
        "names": [plain(model) for model in (Retailer, Brand, Tag)],
        "warranties": plain(Warranty, "purchase__name"),
        "cycles": plain(Cycle),
        "entries": plain(Entry, "cycle__starts_at", "purchase__purchase__name"),
        "ties": plain(PurchaseEntry, "purchase__name", "entry__amount"),
        "days": plain(DailyTotal, "cycle__starts_at"),
    }


def tried(way, member, values):
    """Return what a way of recording answers and stores; nothing of it stays."""
    with transaction.atomic():
        answers = said(way(member, values))
        found = stored()
        assert ledger.check() == []
        transaction.set_rollback(True)
    return answers, found


class TestAsOneByOne(TestCase):
    @given(st.lists(purchases, max_size=6))
    @hypothesis(max_examples=40)
    def test_the_answers_and_every_row_are_the_same(self, values):
        other = make_budget().user
        buy(other, "1.00", retailer="aCME", brand="zebra", tags=["C"])
        buy(other, "1.00", retailer="ünder", shared=True)
        member = make_budget(limit=Decimal(1), enforced=True).user
        answers, found = tried(at_once, member, values)
        wanted_answers, wanted = tried(one_by_one, member, values)
        assert answers == wanted_answers
        for table, rows in wanted.items():
            assert (table, found[table]) == (table, rows)


pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_budget(limit=Decimal(5000), enforced=True).user


def line(number, **values):
    return {
        "name": f"Thing {number}",
        "price": Decimal("1.50"),
        "purchased_on": TODAY,
        "retailer": f"Shop {number}",
        "brand": f"Brand {number}",
        "tags": [f"tag {number}", "all"],
        "warranties": [{"ends_on": None}],
        "source": "test",
        "source_id": f"{number}",
        **values,
    }


def test_hundreds_take_as_many_statements_as_two(member):
    def statements(first, count):
        values = [line(first + number) for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            answers = at_once(member, values)
        assert all(isinstance(answer, Purchase) for answer in answers)
        return len(queries)

    at_once(member, [line(0)])
    assert statements(1, 2) == statements(10, 300)
    assert statements(400, 1) <= 35
    assert ledger.check() == []


def test_more_than_the_ledger_takes_at_once_are_not_taken(member):
    with pytest.raises(ValueError, match="at most 1,000"):
        at_once(member, [line(0)] * 1_001)


def test_a_purchase_for_a_gift_is_recorded_alone(member):
    with pytest.raises(ValueError, match="alone"):
        at_once(member, [line(0, gift=object())])


def test_what_is_there_by_origin_or_uid_is_refused_alone(member):
    uid = PurchaseFactory(owner=member).uid
    PurchaseFactory(uid=(elsewhere := PurchaseFactory().uid))
    at_once(member, [line(1)])
    answers = at_once(
        member,
        [line(1), line(2), line(2), line(3, uid=uid), line(4, uid=elsewhere), line(5, source="b")],
    )
    assert [isinstance(answer, Purchase) for answer in answers] == [
        *(False, True, False),
        *(False, True, True),
    ]
    assert answers[0].messages == ["This purchase is there already."]
    assert Purchase.objects.filter(owner=member).count() == 5


def test_papers_that_wait_are_handed_on(member):
    waiting = AttachmentFactory(purchase=None, uploaded_by=member)
    (purchase,) = at_once(member, [line(1, files=[waiting])])
    assert Attachment.objects.get().purchase == purchase


class TestWebsites:
    """What a file says of a shop's website."""

    def link_of(self, name):
        return Retailer.objects.get(key=fold(name)).link

    def test_is_kept_for_a_shop_that_has_none(self, member):
        at_once(member, [line(1, retailer_link="https://a.example/")])
        at_once(member, [line(2, retailer="shop 1", retailer_link="https://b.example/")])
        assert self.link_of("Shop 1") == "https://a.example/"

    def test_leaves_a_shop_alone_that_somebody_wrote_down(self, member):
        MakeRetailer(name="Shop 1", listed=True)
        at_once(member, [line(1, retailer_link="https://a.example/")])
        assert self.link_of("Shop 1") == ""

    def test_of_a_shop_that_the_writer_cannot_know_of_is_forgotten(self, member):
        at_once(make_budget().user, [line(1, retailer_link="https://a.example/")])
        at_once(member, [line(1)])
        assert self.link_of("Shop 1") == ""

    def test_is_forgotten_by_the_form_too(self, member):
        at_once(make_budget().user, [line(1, retailer_link="https://a.example/")])
        buy(member, "1.00", retailer="Shop 1")
        assert self.link_of("Shop 1") == ""

    def test_stays_when_the_writer_knows_of_it(self, member):
        at_once(member, [line(1, retailer_link="https://a.example/")])
        buy(member, "1.00", retailer="Shop 1")
        assert self.link_of("Shop 1") == "https://a.example/"


def take_back(purchases, versions=(1,), papers=()):
    left = keeping.Left(versions, [{"ends_on": None}], papers)
    return keeping.take_back(left={purchase.pk: left for purchase in purchases}, now=NOW)


class TestSurprises:
    """What was bought for a gift that is not here is kept from all others until its day."""

    DAY = date(2026, 12, 24)

    def test_are_kept_until_their_day_and_the_ledger_tells_no_more(self, member):
        at_once(member, [line(1, secret_until=self.DAY), line(2)])
        first, second = Purchase.objects.order_by("pk")
        assert (first.secret_until, second.secret_until) == (self.DAY, None)
        memos = Entry.objects.order_by("pk").values_list("memo", flat=True)
        assert list(memos) == ["A surprise, until Dec 24, 2026", "Thing 2"]

    def test_leave_the_spelling_and_the_website_of_every_name_alone(self, member):
        other = make_budget().user
        buy(other, "1.00", retailer="the shop", brand="acme", tags=["nice"])
        names = {"retailer": "The SHOP", "brand": "ACME", "tags": ["Nice", "new"]}
        links = {"retailer_link": "https://a.example/", "brand_link": "https://b.example/"}
        at_once(member, [line(1, **names, **links, secret_until=self.DAY)])
        assert list(Retailer.objects.values_list("name", "link")) == [("the shop", "")]
        assert list(Brand.objects.values_list("name", "link")) == [("acme", "")]
        assert sorted(Tag.objects.values_list("name", flat=True)) == ["new", "nice"]
        purchase = Purchase.objects.get(owner=member)
        assert (purchase.retailer.name, purchase.brand.name) == ("the shop", "acme")
        assert purchase.tags.count() == 2

    def test_do_not_keep_a_plain_purchase_from_writing_it_anew(self, member):
        buy(make_budget().user, "1.00", retailer="the shop")
        plain = line(2, retailer="The Shop", retailer_link="https://a.example/")
        at_once(member, [line(1, retailer="THE SHOP", secret_until=self.DAY), plain])
        assert list(Retailer.objects.values_list("name", "link")) == [
            ("The Shop", "https://a.example/")
        ]

    def test_tell_no_website_of_a_shop_that_a_plain_purchase_names_too(self, member):
        known = {"retailer": "The Shop", "retailer_link": "https://secret.example/"}
        at_once(member, [line(1, **known, secret_until=self.DAY), line(2, retailer="The Shop")])
        assert Retailer.objects.get().link == ""

    def test_leave_names_alone_when_they_are_changed_too(self, member):
        buy(make_budget().user, "1.00", retailer="the shop", tags=["nice"])
        (purchase,) = at_once(member, [line(1, secret_until=self.DAY)])
        values = {"retailer": "THE SHOP", "tags": ["NICE"]}
        keeping.change(purchase=purchase, values=values, version=1, by=None, now=NOW, as_fact=True)
        purchase.refresh_from_db()
        assert purchase.retailer.name == "the shop"
        assert purchase.tags.get().name == "nice"


class TestTakingBack:
    def test_leaves_every_counter_as_it_was_and_cuts_the_tie(self, member):
        added = at_once(member, [line(n, purchased_on=date(2020 + n, 1, 1)) for n in range(5)])
        uids = {purchase.uid for purchase in added}
        kept = take_back(added)
        assert kept == set()
        assert Purchase.objects.trashed().filter(version=2, source_id="").count() == 5
        now_uids = set(Purchase.objects.values_list("uid", flat=True))
        assert len(now_uids) == 5
        assert not uids & now_uids
        assert set(Cycle.objects.values_list("spent", flat=True)) == {Decimal(0)}
        assert PurchaseEntry.objects.count() == 10
        assert ledger.check() == []
        assert all(isinstance(answer, Purchase) for answer in at_once(member, [line(0)]))

    def test_leaves_alone_what_somebody_changed_and_parts_what_they_deleted(self, member):
        changed, deleted, plain = at_once(member, [line(number) for number in range(3)])
        keeping.change(purchase=changed, values={"notes": "Mine"}, version=1, by=member, now=NOW)
        keeping.trash(purchase=deleted, now=NOW)
        kept = take_back([changed, deleted, plain])
        assert kept == {changed.pk}
        assert list(Purchase.objects.live()) == [changed]
        assert list(Purchase.objects.exclude(source_id="")) == [changed]
        assert ledger.check() == []

    def test_leaves_alone_what_has_a_warranty_or_a_paper_more(self, member):
        guarded, papered, plain = at_once(member, [line(number) for number in range(3)])
        keeping.guard(purchase=guarded, values={"ends_on": date(2030, 1, 1)}, now=NOW)
        AttachmentFactory(purchase=papered)
        brought = AttachmentFactory(purchase=plain).blob_id
        assert take_back([guarded, papered, plain], papers={brought}) == {guarded.pk, papered.pk}
        assert list(Purchase.objects.live().order_by("pk")) == [guarded, papered]
        assert ledger.check() == []

    def test_hundreds_take_as_many_statements_as_two(self, member):
        def statements(first, count):
            added = at_once(member, [line(first + number) for number in range(count)])
            with CaptureQueriesContext(connection) as queries:
                take_back(added)
            return len(queries)

        assert statements(0, 2) == statements(10, 300)

    def test_a_purchase_brought_back_counts_again(self, member):
        (purchase,) = at_once(member, [line(1)])
        take_back([purchase])
        keeping.restore(purchase=purchase, by=member, now=NOW)
        assert Cycle.objects.open().get(budget__user=member).spent == Decimal("1.50")
        assert ledger.check() == []
