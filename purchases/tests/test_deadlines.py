"""Days to return something beside the warranties, and what runs out next."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory
from purchases import deadlines
from purchases.models import Purchase
from purchases.tests.factories import (
    NOW,
    TODAY,
    PurchaseFactory,
    RetailerFactory,
    WarrantyFactory,
    viewer_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def user():
    return UserFactory()


def returnable(user, days, name="", **values) -> Purchase:
    """Write down a purchase that can be returned until so many days from today."""
    return PurchaseFactory(
        owner=user,
        name=name or f"Back {days}",
        purchased_on=TODAY - timedelta(days=400),
        return_by=TODAY + timedelta(days=days),
        **values,
    )


def ending(user, days, name="", **values):
    bought = PurchaseFactory(
        owner=user, name=name or f"End {days}", purchased_on=TODAY - timedelta(days=400)
    )
    return WarrantyFactory(purchase=bought, ends_on=TODAY + timedelta(days=days), **values)


def names(found):
    return [deadline.purchase.name for deadline in found]


class TestReturning:
    def test_is_told_until_its_last_day_soonest_first(self, user):
        for days in (40, 0, -1, 3):
            returnable(user, days)
        PurchaseFactory(owner=user)
        told = [purchase.name for purchase in deadlines.returns(viewer_of(user))]
        assert told == ["Back 0", "Back 3", "Back 40"]

    def test_what_went_back_already_is_not_told(self, user):
        returnable(user, 3, status="returned")
        returnable(user, 4, "Trashed", deleted_at=NOW)
        returnable(user, 5, status="ordered")
        assert [purchase.name for purchase in deadlines.returns(viewer_of(user))] == ["Back 5"]

    def test_only_what_the_viewer_sees_is_told(self, user):
        returnable(UserFactory(), 1, "Private")
        returnable(UserFactory(), 2, "Shared", shared=True)
        present = make_gift(OccasionFactory(), PersonFactory(user=user))
        returnable(UserFactory(), 3, "Ring", shared=True, gift=present)
        assert [purchase.name for purchase in deadlines.returns(viewer_of(user))] == ["Shared"]

    def test_the_day_is_that_of_the_viewer(self, time_machine):
        early, late = UserFactory(timezone="Pacific/Kiritimati"), UserFactory(timezone="UTC")
        for user in (early, late):
            returnable(user, 0)
        assert list(deadlines.returns(viewer_of(early))) == []
        assert len(deadlines.returns(viewer_of(late))) == 1

    def test_stands_beside_the_warranties(self, client, user):
        shop = RetailerFactory(name="<b>Shop</b>")
        returnable(user, 1, "Kettle", retailer=shop)
        returnable(user, 12, "Lamp")
        client.force_login(user)
        page = client.get("/warranties/").content.decode()
        card = page.partition('id="returns-title"')[2].partition("</section>")[0]
        assert "Can be returned (2)" in card
        assert card.index(">Kettle</a>") < card.index(">Lamp</a>")
        assert "To &lt;b&gt;Shop&lt;/b&gt; until Jul 16, 2026" in card
        assert ">tomorrow</span>" in card
        assert ">in 12 days</span>" in card

    def test_more_than_ten_have_pages_of_their_own(self, client, user):
        for days in range(13):
            returnable(user, days)
        client.force_login(user)
        answers = [client.get("/warranties/", {"returns": page, "q": "x"}) for page in (1, 2)]
        assert [len(answer.context["returns"]) for answer in answers] == [10, 3]
        assert "?q=x&amp;returns=2" in answers[0].content.decode()


class TestSoonest:
    def soonest(self, user, most=5):
        return deadlines.soonest(viewer_of(user), most=most)

    def test_looks_a_month_ahead_for_warranties_and_two_weeks_for_returning(self, user):
        for days in (-1, 0, 30, 31):
            ending(user, days)
        for days in (-1, 0, 14, 15):
            returnable(user, days)
        told = [(deadline.day - TODAY).days for deadline in self.soonest(user)]
        assert told == [0, 0, 14, 30]

    def test_tells_the_next_ones_of_both_in_order(self, user):
        for days in (2, 4, 6, 8):
            ending(user, days)
        for days in (1, 3, 5, 7):
            returnable(user, days)
        assert names(self.soonest(user)) == ["Back 1", "End 2", "Back 3", "End 4", "Back 5"]
        assert names(self.soonest(user, most=2)) == ["Back 1", "End 2"]

    def test_leaves_out_what_no_longer_matters(self, user):
        ending(user, 1, "Void", voided=True)
        gone = ending(user, 2, "Returned").purchase
        gone.status = Purchase.Status.RETURNED
        gone.save()
        WarrantyFactory(purchase__owner=user)
        ending(UserFactory(), 3, "Private")
        assert self.soonest(user) == []

    def test_is_the_same_with_and_without_a_present(self, user):
        ending(user, 5)
        me = PersonFactory(user=user)
        before = self.soonest(user)
        ring = ending(UserFactory(), 1, "Ring").purchase
        ring.gift, ring.shared, ring.return_by = make_gift(OccasionFactory(), me), True, TODAY
        ring.save()
        assert self.soonest(user) == before

    def test_asks_two_queries_however_many_there_are(self, user):
        viewer = viewer_of(user)
        for number in range(12):
            ending(user, number)
            returnable(user, number, retailer=RetailerFactory())
        with CaptureQueriesContext(connection) as asked:
            assert len(deadlines.soonest(viewer, most=5)) == 5
        assert len(asked) == 2
