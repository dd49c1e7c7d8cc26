"""The figures of an occasion, asked for by themselves after a budget has saved itself."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.models import Occasion
from occasions.tests.factories import NOW, CardFactory, OccasionFactory, PersonFactory, make_gift
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

ASKED = {"HX-Request": "true", "HX-Target": "occasion-figures"}


@pytest.fixture
def occasion() -> Occasion:
    occasion = OccasionFactory(budget_total=Decimal(300))
    for name, budget in (("Mom", 200), ("Dad", 150)):
        card = CardFactory(occasion=occasion, person__name=name, recipient_budget=Decimal(budget))
        make_gift(occasion, card.person, price="80")
    return occasion


@pytest.fixture(params=["a giver", "a recipient"])
def member(request, client: Client, occasion: Occasion) -> Client:
    user = UserFactory()
    client.force_login(user)
    person = PersonFactory(name="Sis", user=user)
    receives = request.param == "a recipient"
    CardFactory(
        occasion=occasion,
        person=person,
        receives=receives,
        recipient_budget=Decimal(70) if receives else None,
    )
    return client


def section(page: str) -> str:
    """Return the part of a page that holds the figures."""
    return (
        "<section"
        + page.partition('id="occasion-figures"')[0].rpartition("<section")[2]
        + (page.partition('id="occasion-figures"')[2].partition("</section>")[0])
    )


def test_they_are_those_of_the_whole_page_for_everybody(member, occasion):
    whole = member.get(f"/occasions/{occasion.pk}/").content.decode()
    alone = member.get(f"/occasions/{occasion.pk}/", headers=ASKED).content.decode()
    assert section(alone) == section(whole)
    assert "<h1" not in alone
    assert ("over-allocated" in alone) == ("not for you" not in alone)


def test_they_cost_the_same_however_many_there_are(member, occasion):
    with CaptureQueriesContext(connection) as few:
        member.get(f"/occasions/{occasion.pk}/", headers=ASKED)
    for number in range(10):
        card = CardFactory(occasion=occasion, person__name=f"Cousin {number}")
        make_gift(occasion, card.person)
    with CaptureQueriesContext(connection) as many:
        member.get(f"/occasions/{occasion.pk}/", headers=ASKED)
    assert len(many) == len(few) <= 8


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "HX-Target": "elsewhere"},
        {**ASKED, "HX-History-Restore-Request": "true"},
    ],
)
def test_anything_else_is_answered_with_the_whole_page(member, occasion, headers):
    answer = member.get(f"/occasions/{occasion.pk}/", headers=headers)
    assert "<h1" in answer.content.decode()
    assert "HX-Target" in answer["Vary"]
