"""Names that many write down at once: real threads, on whichever database it is."""

from functools import partial

import pytest

from budgets.tests.threads import together
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.keeping.names import tagged
from purchases.models import Purchase, Retailer, Tag
from purchases.tests.factories import NOW, PurchaseFactory, RetailerFactory, buy

pytestmark = pytest.mark.django_db(transaction=True)


def buying(owner, retailer):
    return partial(buy, owner, "1.00", retailer=retailer, as_fact=True)


def stored(item):
    """Return a copy of one's own: what is deleted loses its key."""
    return type(item).objects.get(pk=item.pk)


def test_ten_adds_at_once_make_one():
    names = ["Corner shop", "CORNER SHOP", " corner  shop "]
    adds = [
        partial(keeping.add_name, model=Retailer, name=names[number % 3], link="")
        for number in range(10)
    ]
    assert {item.pk for item in together(adds)} == {Retailer.objects.get().pk}


def test_ten_purchases_at_once_make_one_name():
    owners = UserFactory.create_batch(10)
    results = together([buying(owner, "Corner shop") for owner in owners])
    assert {purchase.retailer_id for purchase in results} == {Retailer.objects.get().pk}


def test_tags_in_any_order_make_one_row_each():
    results = together([partial(tagged, order) for order in (["a", "b", "c"], ["c", "b", "a"]) * 5])
    assert {tuple(tag.name for tag in tags) for tags in results} == {("a", "b", "c")}
    assert Tag.objects.count() == 3


def test_no_purchase_loses_a_name_that_is_removed_meanwhile():
    RetailerFactory(name="Corner shop", listed=True)
    owners = UserFactory.create_batch(6)
    item = Retailer.objects.get()
    visible = Purchase.objects.none()
    results = together(
        [
            *(buying(owner, "Corner shop") for owner in owners),
            partial(keeping.remove, item=item, visible=visible),
        ]
    )
    assert [problem for problem in results if isinstance(problem, Exception)] == []
    assert Purchase.objects.filter(retailer__name="Corner shop").count() == 6


def test_every_purchase_moves_with_a_merge_or_has_the_name_anew():
    item, into = RetailerFactory(name="Old"), RetailerFactory(name="New")
    PurchaseFactory.create_batch(5, retailer=item)
    owners = UserFactory.create_batch(6)
    results = together(
        [
            *(buying(owner, "Old") for owner in owners),
            partial(keeping.merge, item=item, into=into),
        ]
    )
    assert [problem for problem in results if isinstance(problem, Exception)] == []
    for purchase in Purchase.objects.select_related("retailer"):
        assert purchase.retailer.key in purchase.search_text


def test_changing_a_purchase_and_renaming_its_retailer_never_wait_for_each_other():
    item = RetailerFactory(name="Old")
    purchases = PurchaseFactory.create_batch(6, retailer=item)
    changes = [
        partial(
            keeping.change,
            purchase=purchase,
            values={"retailer": "Old", "notes": "checked"},
            version=purchase.version,
            by=None,
            now=NOW,
        )
        for purchase in purchases
    ]
    renaming = partial(keeping.rename, item=item, name="New")
    results: list[object] = together([*changes, renaming])
    assert [problem for problem in results if isinstance(problem, Exception)] == []
    assert Retailer.objects.get(pk=item.pk).name == "New"
    # Whoever says the old name after the renaming means another shop.
    assert {shop.name for shop in Retailer.objects.all()} <= {"New", "Old"}
    for purchase in Purchase.objects.select_related("retailer"):
        assert purchase.retailer.key in purchase.search_text


def test_two_that_merge_into_each_other_leave_one():
    one, other = RetailerFactory(), RetailerFactory()
    PurchaseFactory(retailer=one)
    PurchaseFactory(retailer=other)
    results = together(
        [
            partial(keeping.merge, item=stored(one), into=stored(other)),
            partial(keeping.merge, item=stored(other), into=stored(one)),
        ]
    )
    [refusal] = [problem for problem in results if isinstance(problem, Exception)]
    assert isinstance(refusal, Retailer.DoesNotExist)
    assert Retailer.objects.get().purchases.count() == 2


def test_two_that_take_each_others_name_never_wait_for_each_other():
    one, other = RetailerFactory(name="One"), RetailerFactory(name="Other")
    PurchaseFactory(retailer=one)
    PurchaseFactory(retailer=other)
    results = together(
        [
            partial(keeping.rename, item=stored(one), name="Other"),
            partial(keeping.rename, item=stored(other), name="One"),
        ]
    )
    problems = [problem for problem in results if isinstance(problem, Exception)]
    assert all(isinstance(problem, Retailer.DoesNotExist) for problem in problems)
    assert Purchase.objects.filter(retailer__isnull=True).count() == 0
