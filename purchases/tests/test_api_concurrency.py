"""Programs that ask at the same moment: real threads, on whichever database it is."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from django.test import Client

from budgets.ledger import budget_of
from budgets.tests.factories import make_budget, open_cycle
from budgets.tests.threads import together
from people.models import User
from people.tests.programs import Program, program
from purchases.models import Purchase, Retailer
from purchases.tests.factories import (
    NOW,
    AttachmentFactory,
    PurchaseFactory,
    RetailerFactory,
    WarrantyFactory,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.time_machine(NOW, tick=False),
]


@pytest.fixture
def ann() -> User:
    return make_budget(limit=Decimal(100), enforced=True).user


@pytest.fixture
def bot(ann) -> Program:
    return program(ann)


def statuses(asks) -> Counter:
    answers = together(asks)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    return Counter(answer.status_code for answer in answers)


def apart(bot: Program) -> Program:
    return replace(bot, client=Client())


def test_of_five_who_saw_the_same_version_one_changes_it(bot, ann):
    bought = PurchaseFactory(owner=ann)
    shop = RetailerFactory(name="Shop", listed=True)
    for path, field in (
        (f"purchases/{bought.pk}", "name"),
        (f"warranties/{WarrantyFactory(purchase=bought).pk}", "provider"),
        (f"attachments/{AttachmentFactory(purchase=bought).pk}", "name"),
        (f"retailers/{shop.pk}", "name"),
    ):
        seen = bot.get(path)["ETag"]
        asks = [
            partial(apart(bot).patch, path, {field: f"Number {number}"}, If_Match=seen)
            for number in range(5)
        ]
        assert statuses(asks) == {200: 1, 412: 4}, path


def test_who_changes_different_things_loses_nothing(bot, ann):
    path = f"purchases/{PurchaseFactory(owner=ann).pk}"
    sent = {"notes": "Red", "order_number": "1", "model_number": "2", "return_policy": "3"}
    asks = [partial(apart(bot).patch, path, {name: text}) for name, text in sent.items()]
    assert statuses(asks) == {200: 4}
    told = bot.get(path).json()
    assert {name: told[name] for name in sent} == sent


def test_what_fits_is_written_down_and_no_more(bot, ann):
    sent = {"name": "Kettle", "price": "30.00", "retailer": "Shop"}
    asks = [partial(apart(bot).post, "purchases", sent) for _ in range(6)]
    assert statuses(asks) == {201: 3, 402: 3}
    assert (Purchase.objects.count(), Retailer.objects.count()) == (3, 1)
    assert open_cycle(budget_of(ann, now=NOW)).spent == 90


def test_under_one_key_it_is_one_purchase(bot, ann):
    sent = {"name": "Kettle", "price": "30.00"}
    asks = [partial(apart(bot).post, "purchases", sent, Idempotency_Key="k") for _ in range(6)]
    assert statuses(asks) == {201: 6}
    assert (Purchase.objects.count(), open_cycle(budget_of(ann, now=NOW)).spent) == (1, 30)
