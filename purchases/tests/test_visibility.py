"""A purchase is its owner's alone unless it is shared, and a present is a surprise."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from budgets.models import Entry
from budgets.tests.factories import make_budget
from occasions import planning
from occasions.models import Gift
from occasions.tests.factories import CHRISTMAS, OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory
from purchases import access, keeping
from purchases.models import Brand, Purchase, Retailer, Tag
from purchases.tests.factories import (
    NOW,
    AttachmentFactory,
    PurchaseFactory,
    WarrantyFactory,
    buy,
    viewer_of,
)

pytestmark = pytest.mark.django_db
AFTER = NOW.replace(month=12, day=27)


@pytest.fixture
def mom():
    return PersonFactory(name="Mom", user=UserFactory(username="mom"))


@pytest.fixture
def dad():
    return PersonFactory(name="Dad", user=make_budget(limit=Decimal(500)).user)


@pytest.fixture
def gift(mom):
    return make_gift(OccasionFactory(), mom, title="Ring", price="100.00")


def seen_by(person_or_user, now=NOW):
    user = getattr(person_or_user, "user", person_or_user)
    return set(Purchase.objects.live().visible_to(viewer_of(user, now=now)))


def test_a_purchase_is_its_owners_alone_unless_it_is_shared(mom, dad):
    private, shared = PurchaseFactory(owner=dad.user), PurchaseFactory(owner=dad.user, shared=True)
    assert seen_by(dad) == {private, shared}
    assert seen_by(mom) == {shared}


def test_what_is_kept_is_not_there(mom, dad):
    private = PurchaseFactory(owner=dad.user)
    warranty, paper = WarrantyFactory(purchase=private), AttachmentFactory(purchase=private)
    viewer = viewer_of(mom.user)
    with pytest.raises(Http404):
        access.visible_purchase(viewer, private.pk)
    with pytest.raises(Http404):
        access.own_warranty(viewer, warranty.pk)
    with pytest.raises(Http404):
        access.visible_attachment(viewer, paper.pk)
    assert access.visible_attachment(viewer_of(dad.user), paper.pk) == paper


def test_what_is_shared_may_be_looked_at_but_not_changed(mom, dad):
    shared = PurchaseFactory(owner=dad.user, shared=True)
    paper = AttachmentFactory(purchase=shared)
    viewer = viewer_of(mom.user)
    assert access.visible_purchase(viewer, shared.pk) == shared
    assert access.visible_attachment(viewer, paper.pk) == paper
    with pytest.raises(Http404):
        access.own_purchase(viewer, shared.pk)
    with pytest.raises(Http404):
        access.own_attachment(viewer, paper.pk)


def test_what_is_in_the_trash_is_seen_by_nobody(dad):
    purchase = PurchaseFactory(owner=dad.user, shared=True, deleted_at=NOW)
    paper = AttachmentFactory(purchase=purchase)
    viewer = viewer_of(dad.user)
    with pytest.raises(Http404):
        access.visible_purchase(viewer, purchase.pk)
    with pytest.raises(Http404):
        access.visible_attachment(viewer, paper.pk)
    assert access.own_trashed(viewer, purchase.pk) == purchase


def test_a_shared_purchase_for_a_gift_is_kept_from_whom_it_is_for_until_the_day_passed(
    mom, dad, gift
):
    ring = buy(dad.user, "100.00", gift=gift, shared=True)
    assert seen_by(mom) == set()
    assert seen_by(PersonFactory(user=UserFactory())) == {ring}
    assert seen_by(mom, now=AFTER.replace(day=25)) == set()
    assert seen_by(mom, now=AFTER) == {ring}


def test_an_administrator_sees_private_ones_but_no_surprise(mom, dad, gift):
    private, ring = buy(dad.user, "1.00"), buy(dad.user, "100.00", gift=gift)
    looked_at = Purchase.objects.without_surprises(viewer_of(mom.user))
    assert set(looked_at) == {private}
    assert set(Purchase.objects.without_surprises(viewer_of(UserFactory()))) == {private, ring}


def test_a_gift_that_is_deleted_does_not_show_what_was_bought_for_it(mom, dad, gift):
    ring = buy(dad.user, "100.00", gift=gift, shared=True)
    planning.delete_gift(gift=gift)
    ring.refresh_from_db()
    assert (ring.gift, ring.secret_until) == (None, CHRISTMAS)
    assert seen_by(mom) == set()
    assert seen_by(dad) == {ring}
    assert seen_by(mom, now=AFTER) == {ring}


def test_each_gift_that_goes_with_an_occasion_keeps_its_own_day(mom, dad):
    early = OccasionFactory(name="Birthday", kind="other", date=date(2026, 9, 1))
    first = buy(dad.user, "1.00", gift=make_gift(early, mom))
    second = buy(dad.user, "1.00", gift=make_gift(OccasionFactory(), mom))
    Gift.objects.all().delete()
    days = dict(Purchase.objects.values_list("pk", "secret_until"))
    assert days == {first.pk: date(2026, 9, 1), second.pk: CHRISTMAS}


def test_the_ledger_says_no_more_than_that_it_is_a_surprise(dad, gift):
    ring = buy(dad.user, "100.00", gift=gift, name="Ring of gold")
    assert Entry.objects.get().memo == "A surprise, until Dec 25, 2026"
    keeping.change(
        purchase=ring, values={"price": Decimal("90.00")}, version=1, by=dad.user, now=NOW
    )
    keeping.trash(purchase=ring, now=NOW)
    assert set(Entry.objects.values_list("memo", flat=True)) == {"A surprise, until Dec 25, 2026"}


def test_a_gift_named_later_takes_its_name_out_of_the_ledger(dad, gift):
    ring = buy(dad.user, "100.00", name="Ring of gold")
    keeping.trash(purchase=ring, now=NOW)
    keeping.restore(purchase=ring, by=dad.user, now=NOW)
    ring.refresh_from_db()
    keeping.change(purchase=ring, values={"gift": gift}, version=ring.version, by=dad.user, now=NOW)
    assert set(Entry.objects.values_list("memo", flat=True)) == {"A surprise, until Dec 25, 2026"}


@pytest.mark.parametrize(
    ("hour", "memo"), [(11, "A surprise, until Dec 25, 2026"), (12, "Ring of gold")]
)
def test_the_ledger_keeps_it_until_the_day_has_passed_everywhere(dad, gift, hour, memo):
    moment = AFTER.replace(day=26, hour=hour)  # the 26th begins last at 12:00 UTC
    buy(dad.user, "100.00", gift=gift, name="Ring of gold", now=moment)
    assert Entry.objects.get().memo == memo


def test_when_the_day_has_passed_the_ledger_says_what_it_was(dad, gift):
    buy(dad.user, "100.00", gift=gift, name="Ring of gold", now=AFTER)
    assert Entry.objects.get().memo == "Ring of gold"


def test_nobody_buys_a_present_for_themselves(mom, gift):
    with pytest.raises(ValidationError) as refusal:
        buy(mom.user, "1.00", gift=gift)
    assert set(refusal.value.message_dict) == {"gift"}


def test_what_somebody_bought_stays_theirs_when_they_become_a_recipient(dad, mom, gift):
    ring = buy(dad.user, "100.00", gift=gift, shared=True)
    planning.change_gift(
        gift=gift, values={"purchaser": None}, recipients=[mom, dad], today=NOW.date()
    )
    assert seen_by(dad) == {ring}


def test_an_owner_who_became_a_recipient_may_change_it_and_is_told_nothing(dad, mom, gift):
    ring = buy(dad.user, "100.00", gift=gift)
    planning.change_gift(
        gift=gift, values={"purchaser": None}, recipients=[mom, dad], today=NOW.date()
    )
    changed = keeping.change(
        purchase=ring, values={"notes": "boxed"}, version=1, by=dad.user, now=NOW
    )
    assert changed.notes == "boxed"


def test_a_secret_day_long_past_keeps_nothing(mom, dad):
    old = PurchaseFactory(owner=dad.user, shared=True, secret_until=NOW.date() - timedelta(days=1))
    assert seen_by(mom) == {old}


class TestSpelling:
    """Names are the same regardless of case and space: how one is spelled may tell whose it is."""

    HIDDEN, TYPED = "LEGO Haus", "lego  haus"

    def read(self, owner, **values):
        """Return how the names of a new purchase read to its owner."""
        names = {"retailer": self.TYPED, "brand": self.TYPED, "tags": [self.TYPED]}
        bought = buy(owner, "1.00", **names, **values)
        return {bought.retailer.name, bought.brand.name, bought.tags.get().name}

    def bought(self, owner, **values):
        names = {"retailer": self.HIDDEN, "brand": self.HIDDEN, "tags": [self.HIDDEN]}
        return buy(owner, "1.00", **names, **values)

    @pytest.mark.parametrize("is_gift", [True, False])
    def test_of_a_name_that_only_hidden_purchases_have_is_as_it_is_typed(
        self, mom, dad, gift, is_gift
    ):
        self.bought(dad.user, gift=gift if is_gift else None, shared=is_gift)
        assert self.read(mom.user) == {"lego haus"}
        assert Retailer.objects.count() == Brand.objects.count() == Tag.objects.count() == 1

    def test_changed_on_many_at_once_is_as_it_is_typed(self, mom, dad):
        self.bought(dad.user)
        mine = buy(mom.user)
        edit = keeping.Edit(retailer=self.TYPED, add_tags=[self.TYPED])
        keeping.change_many(purchases=[mine], edit=edit, by=mom.user, now=NOW)
        mine.refresh_from_db()
        assert (mine.retailer.name, mine.tags.get().name) == ("lego haus", "lego haus")

    @pytest.mark.parametrize("shared", [True, False])
    def test_of_a_name_that_one_knows_stays(self, mom, dad, shared):
        self.bought(dad.user if shared else mom.user, shared=shared)
        assert self.read(mom.user) == {"LEGO Haus"}

    def test_of_a_listed_name_stays(self, mom):
        keeping.add_name(model=Retailer, name=self.HIDDEN, link="")
        assert buy(mom.user, retailer=self.TYPED).retailer.name == "LEGO Haus"

    def test_is_left_alone_by_what_is_bought_for_a_gift(self, mom, dad, gift):
        mine = self.bought(mom.user)
        self.read(dad.user, gift=gift, shared=True)
        others = buy(dad.user, gift=gift)
        edit = keeping.Edit(retailer=self.TYPED, add_tags=[self.TYPED])
        keeping.change_many(purchases=[others], edit=edit, by=dad.user, now=NOW)
        stored = Purchase.objects.get(pk=mine.pk)
        names = {stored.retailer.name, stored.brand.name, stored.tags.get().name}
        assert names == {"LEGO Haus"}
