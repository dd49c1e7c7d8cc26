"""Choosing purchases in the list, changing or deleting them, and undoing it: the pages."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from budgets import ledger
from budgets.tests.factories import make_budget, spend
from people.tests.factories import UserFactory
from purchases.models import Purchase, UndoStep
from purchases.tests.factories import NOW, PurchaseFactory, RetailerFactory, TagFactory, buy

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def budget():
    return make_budget(limit=Decimal(100), enforced=True)


@pytest.fixture
def ann(client: Client, budget):
    client.force_login(budget.user)
    return budget.user


@pytest.fixture
def three(ann):
    return [buy(ann, "20.00", name=name, tags=["tea"]) for name in ("One", "Two", "Three")]


def keys(purchases) -> list[int]:
    return [purchase.pk for purchase in purchases]


def ask(client, purchases, **more):
    return client.get("/purchases/bulk/", {"pick": keys(purchases), **more})


def change(client, purchases, **values):
    return client.post("/purchases/bulk/", {"pick": keys(purchases), **values})


def delete(client, purchases, **values):
    return change(client, purchases, do="delete", **values)


def undo(client, **values):
    return client.post(f"/purchases/undo/{UndoStep.objects.latest('pk').pk}/", values)


def text(answer) -> str:
    return unescape(answer.content.decode())


def list_page(client, **asked) -> str:
    return text(client.get("/purchases/", asked))


class TestAsking:
    def test_names_what_was_chosen_and_offers_what_can_be_set(self, client, three):
        page = text(ask(client, three[:2]))
        assert "Change 2 purchases" in page
        assert "One</span>" in page
        assert "Three</span>" not in page
        for label in ("Add tags", "Take tags off", "Status", "Retailer", "Who sees it"):
            assert label in page

    def test_offers_only_the_tags_that_they_have(self, client, ann, three):
        TagFactory(name="canary")
        assert "canary" not in text(ask(client, three))
        assert "Take tags off" not in text(ask(client, [PurchaseFactory(owner=ann)]))

    def test_offers_the_retailers_that_one_knows(self, client, ann, three):
        PurchaseFactory(owner=ann, retailer=RetailerFactory(name="Mill"))
        PurchaseFactory(retailer=RetailerFactory(name="Canary"))
        page = text(ask(client, three))
        assert '<option value="Mill">' in page
        assert "Canary" not in page

    def test_names_ten_and_counts_the_others(self, client, ann):
        page = text(ask(client, [PurchaseFactory(owner=ann) for _ in range(13)]))
        assert "Change 13 purchases" in page
        assert "and 3 more" in page

    def test_asks_before_it_deletes(self, client, three):
        page = text(ask(client, three, do="delete"))
        assert "Delete 3 purchases?" in page
        assert "For 30 days you can bring them back" in page
        assert Purchase.objects.live().count() == 3

    @pytest.mark.parametrize(
        "picked", [[], ["x"], ["9" * 40], ["-1"], ["999999"], ["\N{SUPERSCRIPT TWO}"]]
    )
    def test_with_nothing_chosen_leads_back_and_says_so(self, client, ann, picked):
        for answer in (
            client.get(
                "/purchases/bulk/", {"pick": picked, "next": "/purchases/?q=a"}, follow=True
            ),
            client.post("/purchases/bulk/", {"pick": picked, "shared": "1"}, follow=True),
        ):
            assert "Choose some of your own purchases first." in text(answer)

    def test_visitors_sign_in_first(self, client):
        assert client.get("/purchases/bulk/").status_code == 302


class TestChanging:
    def test_leads_back_to_the_same_list_and_says_how_many_with_a_way_back(self, client, three):
        answer = change(client, three, add_tags="kitchen, blue", next="/purchases/?q=o")
        assert answer["Location"] == "/purchases/?q=o"
        page = list_page(client)
        assert "3 purchases changed." in page
        assert f'action="/purchases/undo/{UndoStep.objects.get().pk}/"' in page
        assert page.count(">kitchen</a>") == page.count(">blue</a>") == 3

    def test_sets_everything_at_once(self, client, three):
        tea = three[0].tags.get()
        change(
            client,
            three,
            add_tags="a, b ,a,,",
            remove_tags=[tea.pk],
            status="returned",
            retailer="Bazaar",
            sharing="shared",
        )
        for purchase in Purchase.objects.all():
            assert (purchase.status, purchase.shared) == ("returned", True)
            assert purchase.retailer.name == "Bazaar"
            assert [tag.name for tag in purchase.tags.all()] == ["a", "b"]

    def test_takes_the_retailer_away(self, client, ann):
        purchase = PurchaseFactory(owner=ann, retailer=RetailerFactory())
        change(client, [purchase], no_retailer="on")
        purchase.refresh_from_db()
        assert purchase.retailer is None

    def test_makes_private(self, client, ann):
        purchase = PurchaseFactory(owner=ann, shared=True)
        change(client, [purchase], sharing="private")
        purchase.refresh_from_db()
        assert not purchase.shared

    def test_one_is_not_spoken_of_as_many(self, client, three):
        change(client, three[:1], sharing="shared")
        assert "1 purchase changed." in list_page(client)

    def test_says_when_nothing_had_to_be_changed(self, client, three):
        answer = client.post(
            "/purchases/bulk/", {"pick": keys(three), "add_tags": "Tea"}, follow=True
        )
        assert "Nothing had to be changed." in text(answer)
        assert not UndoStep.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({}, None),
            ({"add_tags": " , "}, None),
            ({"add_tags": "x" * 121}, "add_tags"),
            ({"remove_tags": "999999"}, "remove_tags"),
            ({"status": "lost"}, "status"),
            ({"sharing": "maybe"}, "sharing"),
            ({"retailer": "x" * 121}, "retailer"),
            ({"retailer": "Mill", "no_retailer": "on"}, "retailer"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field_and_nothing_changes(
        self, client, three, wrong, field
    ):
        answer = change(client, three, **{"add_tags": "kept", **wrong} if field else wrong)
        assert answer.status_code == 422
        assert [*answer.context["form"].errors] == [field or "__all__"]
        page = text(answer)
        if field and field != "add_tags":
            assert 'value="kept"' in page
        assert f'name="pick" value="{three[0].pk}"' in page
        assert not UndoStep.objects.exists()

    def test_counting_again_what_no_longer_fits_is_explained_and_nothing_changes(
        self, client, budget, three
    ):
        change(client, three, status="returned")
        spend(budget, "60.00")
        answer = change(client, three, status="received", add_tags="kept")
        assert answer.status_code == 422
        page = text(answer)
        assert "They do not all fit into your budget: $40.00 is left until July 31." in page
        assert "Nothing was changed." in page
        assert 'value="kept"' in page
        assert {one.status for one in Purchase.objects.all()} == {"returned"}

    def test_a_hidden_budget_stays_hidden_in_the_refusal(self, client, budget, three):
        change(client, three, status="returned")
        spend(budget, "60.00")
        budget.visible_to_user = False
        budget.save()
        page = text(change(client, three, status="received"))
        assert "They do not all fit into your budget. Nothing was changed." in page
        assert "40.00" not in page


class TestOthersPurchases:
    @pytest.fixture
    def others(self):
        return [PurchaseFactory(shared=True, name="Shared"), PurchaseFactory(name="Private")]

    def test_are_left_alone_which_is_said(self, client, three, others):
        answer = client.post(
            "/purchases/bulk/",
            {"pick": keys([*three, *others]), "add_tags": "x", "status": "returned"},
            follow=True,
        )
        page = text(answer)
        assert "3 purchases changed." in page
        assert "2 were left alone" in page
        for purchase in others:
            purchase.refresh_from_db()
            assert purchase.status == "received"
            assert not purchase.tags.exists()

    def test_are_not_deleted_either(self, client, three, others):
        delete(client, [*three, *others])
        assert {one.name for one in Purchase.objects.live()} == {"Shared", "Private"}

    def test_private_ones_are_as_if_they_were_not_there(self, client, three, others):
        def look(last: int) -> str:
            answer = client.get("/purchases/bulk/", {"pick": [three[0].pk, last]})
            return "\n".join(x for x in text(answer).splitlines() if "csrf" not in x)

        assert look(others[1].pk) == look(999_999)


class TestDeleting:
    def test_moves_them_to_the_trash_with_a_way_back(self, client, budget, three):
        answer = delete(client, three[:2], next="/purchases/?page=2")
        assert answer["Location"] == "/purchases/?page=2"
        assert "2 purchases deleted." in list_page(client)
        assert [one.name for one in Purchase.objects.live()] == ["Three"]
        assert ledger.roll(budget, now=NOW).spent == Decimal(20)


class TestUndoing:
    def test_puts_back_and_says_so(self, client, budget, three):
        change(client, three, status="returned", add_tags="x")
        answer = undo(client, next="/purchases/?q=o")
        assert answer["Location"] == "/purchases/?q=o"
        page = list_page(client)
        assert "3 purchases are as they were." in page
        assert "/purchases/undo/" not in page
        assert ledger.roll(budget, now=NOW).spent == Decimal(60)

    def test_names_what_was_changed_since(self, client, three):
        change(client, three, sharing="shared")
        Purchase.objects.filter(name="Two").update(version=99)
        undo(client)
        page = list_page(client)
        assert "2 purchases are as they were." in page
        assert "“Two” was changed since, and stays as it is now." in page

    @pytest.mark.parametrize(("others", "last"), [(0, ""), (1, "stays as it is"), (9, "stay as")])
    def test_names_a_few_and_counts_the_rest(self, client, ann, others, last):
        many = [buy(ann, "1.00", name=f"Pen {number}") for number in range(3 + others)]
        change(client, many, sharing="shared")
        Purchase.objects.update(version=99)
        undo(client)
        page = list_page(client)
        assert page.count("was changed since, and stays as it is now.") == 3
        assert page.count(f"And {others} more {last}") == bool(others)

    def test_what_no_longer_fits_is_explained(self, client, budget, three):
        delete(client, three)
        spend(budget, "90.00")
        page = text(client.post(f"/purchases/undo/{UndoStep.objects.get().pk}/", follow=True))
        assert "They do not all fit into your budget: $10.00 is left until July 31." in page
        assert "Nothing was undone." in page
        assert Purchase.objects.trashed().count() == 3

    def test_twice_says_that_it_is_done(self, client, three):
        change(client, three, sharing="shared")
        undo(client)
        undo(client)
        assert "That is undone already." in list_page(client)

    def test_is_offered_for_ten_minutes_and_only_to_who_did_it(self, client, three, time_machine):
        change(client, three, sharing="shared")
        other = Client()
        other.force_login(UserFactory())
        assert "3 purchases changed." not in list_page(other)
        time_machine.move_to(NOW + timedelta(minutes=9))
        assert "3 purchases changed." in list_page(client)
        time_machine.move_to(NOW + timedelta(minutes=10))
        assert "3 purchases changed." not in list_page(client)

    def test_is_offered_for_a_thousand_too(self, client, ann):
        for name in ("Pen", "Pencil"):
            buy(ann, "1.00", name=name)
        pen = Purchase.objects.get(name="Pen")
        before = {f"{pen.pk + number}": {"version": 1, "shared": True} for number in range(1, 1001)}
        UndoStep.objects.create(user=ann, before=before, made_at=NOW)
        assert "1,000 purchases changed." in list_page(client)

    def test_is_somebody_elses_to_do_and_not_there(self, client, three):
        change(client, three, sharing="shared")
        client.force_login(UserFactory())
        assert undo(client).status_code == 404
        assert Purchase.objects.filter(shared=True).count() == 3

    def test_looking_at_its_address_undoes_nothing(self, client, three):
        change(client, three, sharing="shared")
        assert client.get(f"/purchases/undo/{UndoStep.objects.get().pk}/").status_code == 302
        assert UndoStep.objects.get().undone_at is None

    @pytest.mark.parametrize("elsewhere", ["//evil.example/", "no-page-of-ours"])
    def test_never_leads_away_from_here(self, client, three, elsewhere):
        change(client, three, sharing="shared")
        assert undo(client, next=elsewhere)["Location"] == "/purchases/"
