"""Which columns the list of purchases shows, and that they are remembered."""

import re

import pytest
from django.test import Client

from people.tests.factories import UserFactory
from purchases.columns import COLUMNS
from purchases.models import Preferences, Purchase
from purchases.tests.factories import (
    NOW,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

USUAL = ["Corner shop · Acme", "tea", "Bought", "Price", "Status", "Warranty"]


@pytest.fixture
def ann(client: Client):
    user = UserFactory()
    client.force_login(user)
    PurchaseFactory(
        owner=user,
        retailer=RetailerFactory(name="Corner shop"),
        brand=BrandFactory(name="Acme"),
        tags=[TagFactory(name="tea")],
        serial_number="SN-77",
        tax_deductible=True,
        quantity=4,
    )
    return user


def labels(client: Client) -> list[str]:
    """Return what stands below the first name, and the labels of the columns beside it."""
    page = client.get("/purchases/").content.decode()
    first = page.partition("<tbody>")[2].partition("</tr>")[0]
    below = re.findall(r'(?:class="note">|Tag: </span>)([^<]+)', first.partition("</th>")[0])
    return below + re.findall(r'<td data-label="([^"]+)"', first)


def choose(client: Client, *names: str, **more: str):
    return client.post("/purchases/columns/", {"columns": names, **more})


def test_the_usual_ones_show_until_others_are_chosen(client, ann):
    assert labels(client) == USUAL


def test_the_chosen_ones_are_remembered_in_their_own_order(client, ann):
    answer = choose(client, "serial_number", "tax", "unit_price", "retailer")
    assert (answer.status_code, answer["Location"]) == (302, "/purchases/")
    expected = ["Corner shop", "Serial number", "Unit price", "Tax deductible"]
    assert labels(client) == expected
    page = client.get("/purchases/").content.decode()
    assert all(words in page for words in ("SN-77", "$2.50", ">Yes</td>"))
    client.force_login(ann)  # another session
    assert labels(client) == expected


def test_every_column_can_be_shown(client, ann):
    choose(client, *(column.name for column in COLUMNS))
    beside = [column.label for column in COLUMNS if not column.is_below]
    assert labels(client) == [*USUAL[:2], *beside]


@pytest.mark.parametrize(
    ("column", "words"), [("retailer", "Corner shop"), ("brand", "Acme"), ("tags", "tea")]
)
def test_what_stands_below_the_name_is_chosen_too(client, ann, column, words):
    choose(client, column)
    assert labels(client) == [words]


def test_they_are_each_members_own(client, ann):
    choose(client, "day")
    other = Client()
    other.force_login(UserFactory())
    assert labels(client) == ["Bought"]
    Purchase.objects.update(shared=True)
    assert labels(other) == USUAL


def test_with_none_chosen_the_usual_ones_show_again(client, ann):
    choose(client, "day")
    choose(client)
    assert labels(client) == USUAL


def test_choosing_leads_back_to_the_same_list(client, ann):
    answer = choose(client, "day", next="/purchases/?q=tea&page=2")
    assert answer["Location"] == "/purchases/?q=tea&page=2"
    for elsewhere in ("https://evil.example/", "no-page-of-ours"):
        assert choose(client, "day", next=elsewhere)["Location"] == "/purchases/"


def test_a_column_that_there_is_none_of_is_refused_and_nothing_is_remembered(client, ann):
    answer = choose(client, "day", "colour")
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.content.decode()
    assert not Preferences.objects.exists()


def test_the_page_of_its_own_shows_what_is_chosen(client, ann):
    choose(client, "tax")
    page = client.get("/purchases/columns/").content.decode()
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["tax"]


def test_what_is_remembered_and_no_longer_offered_is_left_out(client, ann):
    Preferences.objects.create(user=ann, purchase_columns=["colour", "day"])
    assert labels(client) == ["Bought"]


def test_the_other_preferences_stay(client, ann):
    Preferences.objects.create(user=ann, hidden_cards=["shares"])
    choose(client, "day")
    assert Preferences.objects.get().hidden_cards == ["shares"]
