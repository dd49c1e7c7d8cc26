"""Two browsers change the same purchase: the second one chooses, and nothing is lost."""

from decimal import Decimal

import pytest
from django.test import Client

from people.models import User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.models import Purchase, Retailer
from purchases.tests.factories import NOW, AttachmentFactory, RetailerFactory, buy
from purchases.tests.forms import said, sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return UserFactory(administrator=True)


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def kettle(ann) -> Purchase:
    return buy(ann, tags=["tea"], notes="Red", shared=True)


def path(purchase: Purchase) -> str:
    return f"/purchases/{purchase.pk}/edit/"


def elsewhere(purchase: Purchase, **values: object) -> None:
    """Change the purchase in another browser."""
    stored = Purchase.objects.get(pk=purchase.pk)
    keeping.change(purchase=stored, values=values, version=stored.version, by=stored.owner, now=NOW)


def stored(purchase: Purchase) -> tuple[object, ...]:
    purchase.refresh_from_db()
    return purchase.name, purchase.price, purchase.notes


def test_the_second_one_sees_both_and_nothing_is_stored(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, price=Decimal("45.00"))
    answer = member.post(path(kettle), opened | {"price": "40.00"})
    assert answer.status_code == 409
    assert 'name="price" value="40.00" checked' in said(answer)
    assert 'name="price" value="45.00"' in said(answer)
    assert stored(kettle) == ("Kettle", 45, "Red")


def test_what_is_the_same_is_no_choice(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, price=Decimal("45.00"))
    answer = member.post(path(kettle), opened | {"price": "40.00"})
    assert said(answer).count("<fieldset") == 1


@pytest.mark.parametrize("notes", ["one\ntwo", "one\r\ntwo\r\n"])
def test_notes_that_end_their_lines_otherwise_are_the_same(member, ann, notes):
    kettle = buy(ann, notes=notes)
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, price=Decimal("45.00"))
    sent = opened | {"price": "40.00", "notes": "one\r\ntwo"}
    assert said(member.post(path(kettle), sent)).count("<fieldset") == 1


def renamed(shop: Retailer) -> None:
    keeping.rename(item=shop, name="Amazon")


def merged(shop: Retailer) -> None:
    keeping.merge(item=shop, into=RetailerFactory(name="Amazon"))


@pytest.mark.parametrize("verb", [renamed, merged])
class TestAShopThatIsCalledOtherwiseMeanwhile:
    @pytest.fixture
    def kettle(self, ann) -> Purchase:
        return buy(ann, retailer="Amazn", notes="Red")

    def test_is_no_conflict_and_not_made_anew(self, member, kettle, verb):
        opened = sent_by(member.get(path(kettle)))
        verb(kettle.retailer)
        assert member.post(path(kettle), opened | {"price": "40.00"}).status_code == 302
        assert stored(kettle) == ("Kettle", 40, "Red")
        assert kettle.retailer.name == Retailer.objects.get().name == "Amazon"

    def test_nor_while_a_conflict_is_looked_at(self, member, kettle, verb):
        opened = sent_by(member.get(path(kettle)))
        elsewhere(kettle, notes="Green")
        sent = sent_by(member.post(path(kettle), opened | {"notes": "Blue"}))
        verb(kettle.retailer)
        assert member.post(path(kettle), sent).status_code == 302
        assert stored(kettle) == ("Kettle", 30, "Blue")
        assert kettle.retailer.name == Retailer.objects.get().name == "Amazon"


def test_mine_can_be_kept(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, price=Decimal("45.00"))
    sent = sent_by(member.post(path(kettle), opened | {"price": "40.00", "notes": "Blue"}))
    assert member.post(path(kettle), sent).status_code == 302
    assert stored(kettle) == ("Kettle", 40, "Blue")


def test_theirs_can_be_taken(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, price=Decimal("45.00"))
    sent = sent_by(member.post(path(kettle), opened | {"price": "40.00", "notes": "Blue"}))
    assert member.post(path(kettle), sent | {"price": "45.00"}).status_code == 302
    assert stored(kettle) == ("Kettle", 45, "Blue")


def test_what_only_the_first_one_changed_is_theirs_unless_chosen_otherwise(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, price=Decimal("45.00"), notes="Green")
    sent = sent_by(member.post(path(kettle), opened | {"name": "Teapot"}))
    member.post(path(kettle), sent)
    assert stored(kettle) == ("Teapot", 45, "Green")


def test_every_kind_of_field_can_be_chosen(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(
        kettle,
        tags=["water"],
        retailer="Corner shop",
        shared=False,
        tax_deductible=True,
        purchased_on=NOW.date().replace(day=1),
        status="ordered",
        currency="EUR",
        exchange_rate=Decimal("1.1"),
    )
    mine = {
        "tags": "tea, red",
        "retailer": "Tea shop",
        "purchased_on": "2026-07-02",
        "status": "returned",
        "notes": "one\r\ntwo",
    }
    answer = member.post(path(kettle), opened | mine)
    assert answer.status_code == 409
    for words in ("Jul 1, 2026", "Jul 2, 2026", "Ordered", "Returned", "Only me", "Yes", "water"):
        assert words in said(answer), words
    assert member.post(path(kettle), sent_by(answer)).status_code == 302
    kettle.refresh_from_db()
    assert {tag.name for tag in kettle.tags.all()} == {"red", "tea"}
    assert (kettle.retailer.name, kettle.purchased_on.day) == ("Tea shop", 2)
    assert (kettle.status, kettle.notes) == ("returned", "one\ntwo")
    assert (kettle.shared, kettle.tax_deductible, kettle.currency) == (False, True, "EUR")


def test_a_warranty_and_files_that_were_chosen_are_kept(member, ann, kettle):
    paper = AttachmentFactory(purchase=None, uploaded_by=ann)
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, notes="Green")
    mine = {"notes": "Blue", "files": [paper.pk], "warranty-provider": "Teaworks"}
    member.post(path(kettle), sent_by(member.post(path(kettle), opened | mine)))
    assert kettle.warranties.get().provider == "Teaworks"
    assert list(kettle.attachments.all()) == [paper]


def test_somebody_faster_again_is_asked_of_again(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, notes="Green")
    sent = sent_by(member.post(path(kettle), opened | {"notes": "Blue"}))
    elsewhere(kettle, notes="Yellow")
    answer = member.post(path(kettle), sent)
    assert answer.status_code == 409
    assert "Yellow" in said(answer)
    assert stored(kettle)[2] == "Yellow"


def test_who_made_the_same_change_only_has_to_save_again(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, notes="Blue")
    answer = member.post(path(kettle), opened | {"notes": "Blue"})
    assert answer.status_code == 409
    assert "What was saved meanwhile is what you typed too." in said(answer)
    assert member.post(path(kettle), sent_by(answer)).status_code == 302


@pytest.mark.parametrize("version", ["", "abc", "0", "-1", "9" * 30])
def test_a_form_that_does_not_say_what_it_was_read_at_changes_nothing(member, kettle, version):
    opened = sent_by(member.get(path(kettle)))
    answer = member.post(path(kettle), opened | {"version": version, "notes": "Blue"})
    assert answer.status_code in {409, 422}
    assert stored(kettle)[2] == "Red"


def test_a_purchase_that_was_deleted_meanwhile_is_not_there(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    keeping.trash(purchase=kettle, now=NOW)
    assert member.post(path(kettle), opened | {"notes": "Blue"}).status_code == 404


def test_names_are_text(member, kettle):
    opened = sent_by(member.get(path(kettle)))
    elsewhere(kettle, name="<script>theirs</script>")
    answer = member.post(path(kettle), opened | {"name": "<script>mine</script>"})
    html = answer.content.decode()
    assert "&lt;script&gt;mine" in html
    assert "&lt;script&gt;theirs" in html
    assert "<script>" not in html
