"""A program of whoever is to get a present learns nothing of it, byte for byte."""

import csv
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
import time_machine
from django.db import transaction
from django.test import TestCase

from budgets.ledger import configure
from budgets.models import Origin
from occasions.tests.factories import CHRISTMAS, OccasionFactory, PersonFactory, make_gift
from people.models import Person, User
from people.tests.counters import count_from
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases import keeping
from purchases.models import Attachment, Brand, Purchase, Retailer, Tag, UndoStep, Warranty
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
)

AFTER = NOW.replace(month=12, day=27)
_KEY = re.compile(rb'"id": ?\d+')
COUNTED = (Purchase, Warranty, Retailer, Brand, Tag, Attachment, UndoStep)

type Answer = tuple[int, dict[str, str], bytes]


class Home:
    """Leo, who has a kettle, and Sis, who shares a ladder and buys him a kite."""

    def __init__(self) -> None:
        self.leo, self.sis = UserFactory(username="leo"), UserFactory(username="sis")
        configure(
            budget=self.leo.budget,
            settings={"limit": Decimal(5000)},
            actor=None,
            origin=Origin.COMMAND,
            now=NOW,
        )
        self.shop = RetailerFactory(name="Corner shop", listed=True)
        self.brand = BrandFactory(name="Teaworks", listed=True)
        self.tag = TagFactory(name="tea")
        self.kettle = self.keep("Kettle", owner=self.leo)
        self.ladder = self.keep("Ladder", owner=self.sis, shared=True)
        self.occasion = OccasionFactory()
        self.me = PersonFactory(name="Leo", user=self.leo)
        self.mom = PersonFactory(name="Mom")
        self.vase = make_gift(self.occasion, self.mom, title="Vase", price="20.00")
        self.program = program(self.leo)

    def keep(self, name: str, *, owner: User, price: str = "35.00", **values: object) -> Purchase:
        about = {"retailer": self.shop, "brand": self.brand, "tags": [self.tag]} | values
        bought = PurchaseFactory(name=name, owner=owner, price=Decimal(price), **about)
        WarrantyFactory(purchase=bought, ends_on=TODAY + timedelta(days=20), provider=name)
        AttachmentFactory(purchase=bought, name=f"{name}.png")
        return bought

    def hide(self) -> list[Purchase]:
        """Let Sis buy a kite for Leo, in known shops and in others, and lose another gift."""
        kite = make_gift(self.occasion, self.me, title="Canary kite", price="1234.56")
        both = make_gift(self.occasion, self.me, self.mom, title="Canary game", price="1234.56")
        unknown = {
            "retailer": RetailerFactory(name="Canary Toys", link="https://canary.example/"),
            "brand": BrandFactory(name="Canary Works"),
            "tags": [TagFactory(name="canary-yellow")],
        }
        told = {"owner": self.sis, "shared": True, "price": "1234.56"}
        self.gifts = [kite.pk, both.pk]
        return [
            self.keep("Canary kite", gift=kite, **told),
            self.keep("Canary game", gift=both, **told, **unknown),
            self.keep("Canary song", secret_until=CHRISTMAS, **told, **unknown),
        ]


def _reads(home: Home) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what is asked, with every row of either world by its key, and every filter."""
    asked = ("canary", "kite", "Kettle", "1234")
    for path, terms in {
        "purchases": [
            *({"q": term} for term in asked),
            *({"sort": sort} for sort in ("-price", "price", "name", "retailer", "brand")),
            *({"tag": tag} for tag in ("tea", "canary-yellow", "nothing")),
            {"gift": "true"},
            {"gift": "false"},
            {"attachments": "true"},
            {"min_amount": "1000.00"},
            {"max_amount": "1000.00"},
            {"whose": "shared"},
            {"warranty": "expiring"},
            {"retailer": "none"},
        ],
        "purchases/trash": [],
        "warranties": [*({"q": term} for term in asked), {"status": "expiring"}],
        "warranties/expiring": [{"days": "31"}],
        "retailers": [*({"q": term} for term in asked), {"sort": "-count"}],
        "brands": [*({"q": term} for term in asked), {"sort": "-count"}],
    }.items():
        yield from ((path, query) for query in [{}, *terms])
    for (pattern, model), row in _rows():
        yield pattern.format(row), {}
        if model in {Retailer, Brand}:
            yield "purchases", {str(model._meta.model_name): str(row)}


def _rows() -> Iterator[tuple[tuple[str, type], int]]:
    places = [
        ("purchases/{}", Purchase),
        ("purchases/{}/warranties", Purchase),
        ("purchases/{}/attachments", Purchase),
        ("warranties/{}", Warranty),
        ("attachments/{}", Attachment),
        ("attachments/{}/content", Attachment),
        ("retailers/{}", Retailer),
        ("brands/{}", Brand),
    ]
    for place in places:
        yield from product([place], place[1].objects.values_list("pk", flat=True))


def _writes(home: Home, hidden: list[int], gifts: list[int]) -> Iterator[tuple[str, str, object]]:
    """Yield what is sent to what is known, and to what is not."""
    new = {"name": "Canary kite", "price": "1234.56"}
    for name in ("Canary Toys", "canary  TOYS", "Other toys"):
        yield "post", "retailers", {"name": name}
        yield "post", "brands", {"name": name.replace("oys", "orks")}
        yield "patch", f"retailers/{home.shop.pk}", {"name": name}
        yield "post", "purchases", new | {"price": "9.00", "retailer": name, "tags": [name]}
        yield "patch", f"purchases/{home.kettle.pk}", {"retailer": name, "tags": [name]}
    yield "delete", f"retailers/{home.shop.pk}", None
    yield "post", "purchases", new | {"name": "canary  KITE"}
    for key in (*gifts, 999_999):
        yield "post", f"gifts/{key}/buy", {}
        yield "post", "purchases", new | {"gift": key}
        yield "patch", f"purchases/{home.kettle.pk}", {"gift": key}
    for key in (*hidden, 999_999):
        path = f"purchases/{key}"
        yield "patch", path, {"name": "Mine"}
        yield "patch", path, {"name": ""}
        yield "delete", path, None
        yield "post", f"{path}/restore", None
        yield "post", f"{path}/warranties", {}
        yield "post", "purchases/bulk", {"ids": [key, home.kettle.pk], "shared": True}
        yield "post", "purchases/bulk", {"ids": [key], "shared": True}
    for model, many in ((Retailer, "retailers"), (Brand, "brands")):
        mine = model.objects.filter(listed=True).values_list("pk", flat=True)[0]
        unknown = list(model.objects.filter(listed=False).values_list("pk", flat=True))
        for key in (*unknown, 999_999):
            yield "patch", f"{many}/{key}", {"name": "Mine"}
            yield "delete", f"{many}/{key}", None
            yield "post", f"{many}/{key}/merge", {"into": mine}
            yield "post", f"{many}/{mine}/merge", {"into": key}
            yield "post", "purchases", {"name": "A", "price": "1.00", many.rstrip("s"): key}


def _answer(response) -> Answer:
    headers = {
        name: value
        for name, value in response.items()
        if name not in {"X-Request-ID", "Content-Length"}
    }
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, headers, body


def _read(bot: Program, asked: list) -> dict[str, Answer]:
    return {f"{path} {query}": _answer(bot.get(path, query)) for path, query in asked}


def _write(bot: Program, sent: list, start: int) -> dict[str, Answer]:
    """Return the answers to everything that is sent; all of it is undone.

    New rows are counted from `start`, so that they have the same keys in both worlds.
    """
    answers = {}
    for method, path, body in sent:
        with transaction.atomic():
            count_from(start, COUNTED)
            answers[f"{method} {path} {body}"] = _answer(bot.ask(method, path, body))
            transaction.set_rollback(True)
    return answers


def _plain(where: str, answer: Answer) -> Answer:
    """Leave out the key of a name that was sent: numbers of new ones are in order.

    As on the pages, whoever writes down the very name of a hidden shop may wonder at its number.
    """
    status, headers, body = answer
    if "anary" in where and status in {200, 201}:
        headers = {name: value for name, value in headers.items() if name != "ETag"}
        body = _KEY.sub(b"", body)
    return status, headers, body


class TestNothingIsTold(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        with time_machine.travel(NOW, tick=False):
            home = Home()
            with transaction.atomic():
                hidden = [bought.pk for bought in home.hide()]
                reads = list(_reads(home))
                writes = list(_writes(home, hidden, home.gifts))
                start = 1_000 + max(Attachment.objects.values_list("pk", flat=True))
                cls.with_presents = _read(home.program, reads) | _write(home.program, writes, start)
                transaction.set_rollback(True)
            cls.without = _read(home.program, reads) | _write(home.program, writes, start)

    def test_no_answer_tells_of_a_present(self):
        asked = [where for where in self.with_presents if "anary" not in where]
        told = {
            where
            for where in asked
            if re.search(rb"(?i)canary|1234\.56", self.with_presents[where][2])
        }
        assert told == set()

    def test_every_answer_is_the_same_with_and_without(self):
        assert self.with_presents.keys() == self.without.keys()
        different = [
            (where, self.with_presents[where], self.without[where])
            for where in self.without
            if _plain(where, self.with_presents[where]) != _plain(where, self.without[where])
        ]
        assert different == []

    def test_it_came_by_what_there_is(self):
        statuses = {answer[0] for answer in self.without.values()}
        assert statuses >= {200, 201, 404, 422}
        assert not {status for status in statuses if status >= 500}


@pytest.mark.django_db
class TestWhoMayKnow:
    def test_whoever_gives_sees_it_and_so_does_everybody_when_the_day_has_passed(
        self, time_machine
    ):
        time_machine.move_to(NOW, tick=False)
        home = Home()
        kite, *_ = home.hide()
        mine, theirs = home.program, program(home.sis)
        assert mine.get(f"purchases/{kite.pk}").status_code == 404
        assert theirs.get(f"purchases/{kite.pk}").json()["gift"] == home.gifts[0]
        assert (mine.get("purchases").json()["total"], theirs.get("purchases").json()["total"]) == (
            2,
            4,
        )
        time_machine.move_to(AFTER, tick=False)
        assert mine.get(f"purchases/{kite.pk}").json()["gift"] == home.gifts[0]
        assert mine.get(f"retailers/{home.shop.pk}").json()["purchases"] == 3

    def test_an_owner_who_became_one_of_those_it_is_for_is_not_told(self, time_machine):
        time_machine.move_to(NOW, tick=False)
        home = Home()
        bought = keeping.record(
            owner=home.leo,
            values={"name": "Vase", "price": Decimal(20), "purchased_on": TODAY, "gift": home.vase},
            by=home.leo,
            now=NOW,
        )
        path = f"purchases/{bought.pk}"
        assert home.program.get(path).json()["gift"] == home.vase.pk
        home.vase.recipients.add(home.me)
        assert home.program.get(path).json()["gift"] is None
        assert home.program.patch(path, {"notes": "Blue"}).json()["gift"] is None
        bought.refresh_from_db()
        assert (bought.gift, bought.notes) == (home.vase, "Blue")

    def test_tags_are_told_with_purchases_alone(self, time_machine):
        time_machine.move_to(NOW, tick=False)
        home = Home()
        home.hide()
        told = home.program.get("purchases").json()["items"]
        assert {tag for one in told for tag in one["tags"]} == {"tea"}
        assert Tag.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.time_machine(NOW, tick=False)
def test_what_turned_into_a_present_for_its_buyer_is_a_purchase_like_any_other():
    leo = UserFactory(username="leo")
    me, bot = PersonFactory(), program(leo)
    gift = make_gift(OccasionFactory(), me, price="5.00")
    key = bot.post(f"gifts/{gift.pk}/buy", {}).json()["id"]
    Person.objects.filter(pk=me.pk).update(user=leo)
    assert bot.get(f"purchases/{key}").json()["gift"] is None
    assert bot.get("purchases", {"gift": "true"}).json()["total"] == 0
    assert bot.get("purchases", {"gift": "false"}).json()["total"] == 1
    for other in (gift.pk, 999_999):
        assert bot.patch(f"purchases/{key}", {"gift": other}).status_code == 422
    assert bot.patch(f"purchases/{key}", {"gift": None, "notes": "Red"}).status_code == 200
    assert Purchase.objects.get().gift == gift
    table = b"".join(bot.get("export/purchases.csv").streaming_content).decode()
    assert [row["gift"] for row in csv.DictReader(table.splitlines())] == ["no"]
