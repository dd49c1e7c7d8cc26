"""What a file of ours has of others: what they share is here, and what is not is private."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.sheets import stream
from budgets.tests.factories import make_budget
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from purchases.columns import CSV_HEADER, csv_rows
from purchases.models import Purchase
from purchases.tests.documents import our_purchase, ours, uuid
from purchases.tests.factories import NOW, PurchaseFactory, buy, viewer_of
from purchases.tests.imports import applied, chosen, fates, read, reasons, worked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def member():
    return make_budget().user


@pytest.fixture
def olle():
    olle = make_budget().user
    olle.first_name = "Olle"
    olle.save(update_fields=["first_name"])
    return olle


def test_what_somebody_shares_is_left_out(member, olle):
    PurchaseFactory(owner=olle, uid=uuid(1), shared=True)
    batch = read(member, ours(our_purchase(1), our_purchase(2)))
    assert fates(batch) == ["left_out", "new"]
    assert reasons(batch) == ["is Olle’s purchase, which is here", ""]
    assert list(batch.rows.values_list("purchase", flat=True)) == [None, None]


def test_what_is_left_of_somebody_who_is_gone_is_left_out(member):
    PurchaseFactory(owner=None, uid=uuid(1), shared=True)
    batch = read(member, ours(our_purchase(1)))
    assert fates(batch) == ["left_out"]
    assert reasons(batch) == ["is a purchase of somebody who is gone, which is here"]


def test_what_the_importer_may_not_see_is_as_if_it_were_not_there(member, olle):
    gift = make_gift(OccasionFactory(date=date(2026, 12, 24)), PersonFactory(user=member))
    hidden = [
        {"shared": False},
        {"shared": True, "deleted_at": NOW},
        {"shared": True, "gift": gift},
        {"shared": True, "secret_until": date(2026, 12, 24)},
    ]
    for number, values in enumerate(hidden):
        PurchaseFactory(owner=olle, uid=uuid(number), **values)
    rows = [our_purchase(number) for number in range(len(hidden))]
    assert fates(read(member, ours(*rows))) == ["new"] * len(hidden)


def test_an_own_one_of_the_same_name_comes_first(member, olle):
    applied(member, ours(our_purchase(1)))
    PurchaseFactory(owner=olle, uid=uuid(1), shared=True)
    assert fates(read(member, ours(our_purchase(1)))) == ["same"]


def test_many_of_them_take_no_more_queries_than_one(member, olle):
    for number in range(20):
        PurchaseFactory(owner=olle, uid=uuid(number), shared=True)

    def queries(most):
        batch = chosen(member, ours(*map(our_purchase, range(most))))
        with CaptureQueriesContext(connection) as found:
            assert set(fates(worked(batch))) == {"left_out"}
        return len(found)

    assert queries(20) == queries(1)


def exported(viewer):
    """Return our CSV of all that a member may see."""
    seen = Purchase.objects.live().visible_to(viewer).order_by("pk")
    return "".join(stream(CSV_HEADER, csv_rows(seen, viewer)))


def test_a_table_of_all_that_somebody_sees_brings_that_person_nothing(member, olle):
    buy(member, "5.00", name="Kettle")
    buy(olle, "5.00", name="Mixer", shared=True)
    batch = read(member, exported(viewer_of(member)), "purchases.csv")
    assert fates(batch) == ["same", "left_out"]
    assert list(batch.rows.values_list("oddities", flat=True)) == [
        [],
        ["in the file it belongs to Olle"],
    ]


def test_a_table_brings_somebody_new_all_of_it_unshared(member, olle):
    for owner in (member, olle):
        buy(owner, "5.00", name="Kettle", shared=True)
    table = exported(viewer_of(member))
    Purchase.objects.update(shared=False)
    new = make_budget().user
    assert fates(applied(new, table, "purchases.csv", doubles=True)) == ["new", "new"]
    assert list(Purchase.objects.filter(owner=new).values_list("shared", flat=True)) == [False] * 2
