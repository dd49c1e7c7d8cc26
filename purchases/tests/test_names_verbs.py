"""Retailers, brands and tags: each name once, renamed, merged and removed with what has it."""

import pytest
from django.core.exceptions import ValidationError

from purchases import keeping
from purchases.keeping.names import named, tagged
from purchases.models import Brand, Purchase, Retailer, Tag
from purchases.tests.factories import (
    NOW,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
)

pytestmark = [pytest.mark.django_db]

KINDS = pytest.mark.parametrize(
    ("factory", "field"), [(RetailerFactory, "retailer"), (BrandFactory, "brand")]
)
ALL = pytest.mark.parametrize("model", [Retailer, Brand, Tag])


def found(text: str) -> set[str]:
    rows = Purchase.objects.filter(search_text__contains=text)
    return set(rows.values_list("name", flat=True))


class TestNamed:
    @ALL
    def test_makes_a_name_once_regardless_of_case_and_space(self, model):
        first = named(model, "  Über   Café ")
        assert first.name == "Über Café"
        for other in ("über café", "ÜBER CAFÉ", " u\u0308ber  cafe\u0301 "):
            assert named(model, other) == first
        assert model.objects.count() == 1

    @pytest.mark.parametrize("model", [Retailer, Brand])
    def test_what_a_purchase_brings_is_not_listed(self, model):
        assert not named(model, "Corner shop").listed

    @ALL
    @pytest.mark.parametrize("text", ["", " ", "\t\n"])
    def test_no_name_is_no_row(self, model, text):
        assert named(model, text) is None
        assert not model.objects.exists()

    @ALL
    def test_a_name_has_at_most_120_characters(self, model):
        assert named(model, "x" * 120).name == "x" * 120
        with pytest.raises(ValidationError, match="at most 120"):
            named(model, "x" * 121)

    @ALL
    def test_the_longest_name_fits_whatever_folding_makes_of_it(self, model):
        # One of these letters is three when it is compared.
        assert named(model, "\u0390" * 120).pk == named(model, "\u0390" * 120).pk

    def test_tags_are_there_once_whatever_is_typed(self):
        assert [tag.name for tag in tagged(["b", " a ", "", "A", "b"])] == ["a", "b"]
        assert Tag.objects.count() == 2

    def test_a_comma_parts_tags_wherever_they_come_from(self):
        assert [tag.name for tag in tagged(["red, white", "white"])] == ["red", "white"]


class TestAdding:
    @pytest.mark.parametrize("model", [Retailer, Brand])
    def test_lists_it_with_its_website(self, model):
        item = keeping.add_name(model=model, name=" Corner  shop ", link="https://corner.example/")
        item.refresh_from_db()
        assert (item.name, item.link, item.listed) == (
            "Corner shop",
            "https://corner.example/",
            True,
        )

    def test_one_that_came_with_a_purchase_is_listed_as_it_is_typed(self):
        hidden = RetailerFactory(name="CORNER shop")
        item = keeping.add_name(model=Retailer, name="Corner shop", link="")
        assert (item.pk, item.name, item.listed) == (hidden.pk, "Corner shop", True)

    def test_one_that_somebody_has_just_listed_stays_as_it_is(self):
        RetailerFactory(name="Corner shop", link="https://corner.example/", listed=True)
        item = keeping.add_name(model=Retailer, name="corner SHOP", link="")
        assert (item.name, item.link) == ("Corner shop", "https://corner.example/")

    @pytest.mark.parametrize("name", ["", " ", "x" * 121])
    def test_refusals_store_nothing(self, name):
        with pytest.raises(ValidationError):
            keeping.add_name(model=Retailer, name=name, link="")
        assert not Retailer.objects.exists()


class TestRenaming:
    @KINDS
    def test_every_purchase_is_found_by_the_new_name(self, factory, field):
        item = factory(name="Oldtown")
        PurchaseFactory(name="Live", **{field: item})
        PurchaseFactory(name="Trashed", deleted_at=NOW, **{field: item})
        keeping.rename(item=item, name="Neustadt Süd", link="")
        assert found("neustadt süd") == {"Live", "Trashed"}
        assert found("oldtown") == set()

    def test_of_a_tag_is_found_too(self):
        tag = TagFactory(name="kitchen")
        PurchaseFactory(name="Kettle", tags=[tag])
        keeping.rename(item=tag, name="Household")
        assert found("household") == {"Kettle"}

    @KINDS
    def test_is_no_change_of_its_purchases(self, factory, field):
        purchase = PurchaseFactory(**{field: factory(name="Amazn")})
        keeping.rename(item=getattr(purchase, field), name="Amazon")
        purchase.refresh_from_db()
        assert purchase.version == 1

    def test_no_tag_has_a_comma(self):
        tag = TagFactory(name="red")
        with pytest.raises(ValidationError, match="A tag has no comma"):
            keeping.rename(item=tag, name="red, white")
        assert Tag.objects.get().name == "red"

    def test_the_website_stays_unless_another_one_is_given(self):
        item = RetailerFactory(link="https://corner.example/")
        assert keeping.rename(item=item, name="Shop").link == "https://corner.example/"
        assert keeping.rename(item=item, name="Shop", link="").link == ""

    def test_of_case_and_space_alone_is_no_other_name(self):
        item = RetailerFactory(name="corner shop")
        keeping.rename(item=item, name="Corner  Shop")
        assert Retailer.objects.get().name == "Corner Shop"

    @KINDS
    def test_to_a_name_that_is_taken_takes_the_other_one_in(self, factory, field):
        item = factory(name="Mine", link="https://mine.example/")
        other = factory(name="Theirs", link="https://theirs.example/")
        purchase = PurchaseFactory(**{field: other})
        saved = keeping.rename(item=item, name="theirs")
        purchase.refresh_from_db()
        assert getattr(purchase, field) == saved == item
        assert (saved.name, saved.link) == ("theirs", "https://mine.example/")
        assert factory._meta.model.objects.count() == 1

    @ALL
    @pytest.mark.parametrize("name", ["", " ", "x" * 121])
    def test_refusals_change_nothing(self, model, name):
        item = model.objects.create(name="Corner", key="corner")
        with pytest.raises(ValidationError):
            keeping.rename(item=item, name=name)
        assert model.objects.get().name == "Corner"

    def test_one_that_is_gone_cannot_be_renamed(self):
        item = RetailerFactory()
        Retailer.objects.all().delete()
        with pytest.raises(Retailer.DoesNotExist):
            keeping.rename(item=item, name="Other")
        assert not Retailer.objects.exists()


class TestMerging:
    @KINDS
    def test_moves_every_purchase_and_keeps_the_search_right(self, factory, field):
        item, into = factory(name="Oldtown"), factory(name="Newtown")
        PurchaseFactory(name="Live", **{field: item})
        PurchaseFactory(name="Trashed", deleted_at=NOW, **{field: item})
        PurchaseFactory(name="There before", **{field: into})
        keeping.merge(item=item, into=into)
        assert into.purchases.count() == 3
        assert found("newtown") == {"Live", "Trashed", "There before"}
        assert found("oldtown") == set()
        assert not type(item).objects.filter(key="oldtown").exists()

    @KINDS
    def test_is_no_change_of_its_purchases(self, factory, field):
        purchase = PurchaseFactory(**{field: factory()})
        keeping.merge(item=getattr(purchase, field), into=factory())
        purchase.refresh_from_db()
        assert purchase.version == 1

    def test_of_tags_leaves_each_once(self):
        item, into = TagFactory(name="old"), TagFactory(name="new")
        both = PurchaseFactory(tags=[item, into])
        one = PurchaseFactory(tags=[item])
        keeping.merge(item=item, into=into)
        assert [*both.tags.all()] == [*one.tags.all()] == [into]

    def test_what_is_listed_or_has_a_website_keeps_it(self):
        item = RetailerFactory(listed=True, link="https://item.example/")
        into = RetailerFactory()
        merged = keeping.merge(item=item, into=into)
        assert (merged.listed, merged.link) == (True, "https://item.example/")

    def test_its_own_website_wins(self):
        item = RetailerFactory(link="https://item.example/")
        into = RetailerFactory(link="https://into.example/")
        assert keeping.merge(item=item, into=into).link == "https://into.example/"

    def test_nothing_is_merged_with_itself(self):
        item = RetailerFactory()
        with pytest.raises(ValidationError):
            keeping.merge(item=item, into=Retailer.objects.get())
        assert Retailer.objects.exists()


class TestRemoving:
    @KINDS
    def test_an_unused_one_is_deleted(self, factory, field):
        keeping.remove(item=factory(), visible=Purchase.objects.all())
        assert not factory._meta.model.objects.exists()

    @KINDS
    def test_one_in_use_stays_and_the_count_is_told(self, factory, field):
        item = factory(listed=True)
        PurchaseFactory.create_batch(3, **{field: item})
        PurchaseFactory(deleted_at=NOW, **{field: item})
        with pytest.raises(keeping.InUse) as refused:
            keeping.remove(item=item, visible=Purchase.objects.live())
        assert refused.value.uses == 3
        item.refresh_from_db()
        assert item.listed

    @KINDS
    def test_one_that_only_others_have_is_listed_no_more(self, factory, field):
        item = factory(listed=True, link="https://corner.example/")
        PurchaseFactory(deleted_at=NOW, **{field: item})
        keeping.remove(item=item, visible=Purchase.objects.live())
        item.refresh_from_db()
        assert (item.listed, item.link) == (False, "")
