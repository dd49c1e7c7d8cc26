"""Retailers and brands through the API; both are alike."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases.models import Brand, Retailer
from purchases.tests.factories import NOW, BrandFactory, PurchaseFactory, RetailerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

FACTORIES = {"retailers": RetailerFactory, "brands": BrandFactory}
MODELS = {"retailers": Retailer, "brands": Brand}


@pytest.fixture
def ann() -> User:
    return UserFactory()


@pytest.fixture
def bot(ann) -> Program:
    return program(ann)


@pytest.fixture(params=FACTORIES)
def many(request) -> str:
    return request.param


@pytest.fixture
def model(many):
    return MODELS[many]


@pytest.fixture
def make(many):
    return lambda name, **values: FACTORIES[many](name=name, **{"listed": True, **values})


@pytest.fixture
def field(many) -> str:
    return many.removesuffix("s")


def refused(answer) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


class TestReading:
    def test_what_was_paid_is_told_by_currency(self, bot, ann, many, make, field):
        shop = make("Shop", link="https://example.com/")
        euros = {"currency": "EUR", "exchange_rate": Decimal("1.25")}
        PurchaseFactory(owner=ann, price=Decimal("80.00"), **{field: shop}, **euros)
        PurchaseFactory(owner=ann, price=Decimal("9.99"), **{field: shop})
        PurchaseFactory(shared=True, price=Decimal("0.01"), **{field: shop})
        PurchaseFactory(owner=ann, price=Decimal(7), status="returned", **{field: shop})
        PurchaseFactory(price=Decimal(500), **{field: shop})
        told = bot.get(f"{many}/{shop.pk}").json()
        assert told == {
            "id": shop.pk,
            "name": "Shop",
            "link": "https://example.com/",
            "purchases": 4,
            "paid": [
                {"currency": "USD", "price": "10.00", "amount": "10.00"},
                {"currency": "EUR", "price": "80.00", "amount": "100.00"},
            ],
        }
        assert bot.get(many).json()["items"] == [told]

    def test_found_sorted_and_in_pages(self, bot, ann, many, make, field):
        for name in ("Alpha", "Beta", "Über Café"):
            make(name)
        PurchaseFactory(owner=ann, **{field: make("Gamma")})

        def names(**asked) -> list[str]:
            return [one["name"] for one in bot.get(many, asked).json()["items"]]

        assert names() == ["Alpha", "Beta", "Gamma", "Über Café"]
        assert names(sort="-name", limit=2) == ["Über Café", "Gamma"]
        assert names(sort="-count")[0] == "Gamma"
        assert names(q="ÜBER") == ["Über Café"]
        beyond = bot.get(many, {"skip": 50}).json()
        assert (beyond["total"], beyond["items"]) == (4, [])
        assert refused(bot.get(many, {"sort": "size"})).keys() == {"query.sort"}
        assert refused(bot.get(many, {"q": "\0"})).keys() == {"query.q"}

    def test_the_questions_do_not_grow_with_the_rows(self, bot, ann, many, make, field):
        def ask() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert bot.get(many).status_code == 200
            return len(asked)

        def add(names: str) -> None:
            for name in names:
                PurchaseFactory(owner=ann, **{field: make(name)})

        ask()
        add("abc")
        few = ask()
        add("defghijkl")
        assert ask() == few

    def test_what_only_others_have_is_not_there(self, bot, many, make, field):
        hidden = make("Hidden", listed=False)
        PurchaseFactory(**{field: hidden})
        for key in (hidden.pk, 999_999):
            path = f"{many}/{key}"
            assert bot.get(path).status_code == 404
            assert bot.patch(path, {"name": "x"}).status_code == 404
            assert bot.delete(path).status_code == 404
            assert bot.post(f"{path}/merge", {"into": make(f"{key}").pk}).status_code == 404
        assert bot.get(many, {"q": "hidden"}).json()["total"] == 0


class TestWriting:
    def test_a_name_is_written_down_once_regardless_of_case_and_space(self, bot, many, model):
        answer = bot.post(many, {"name": " Corner  shop ", "link": "https://example.com/"})
        assert answer.status_code == 201
        told = answer.json()
        assert (told["name"], told["link"]) == ("Corner shop", "https://example.com/")
        assert (told["purchases"], told["paid"]) == (0, [])
        assert bot.get(f"{many}/{told['id']}")["ETag"] == answer["ETag"]
        wrong = refused(bot.post(many, {"name": "CORNER SHOP"}))
        assert wrong == {"name": f"“Corner shop” is on the list already, as {told['id']}."}
        assert model.objects.count() == 1

    def test_what_is_not_said_stays_and_null_clears(self, bot, many, make):
        path = f"{many}/{make('Shop', link='https://example.com/').pk}"
        told = bot.patch(path, {"name": "<b>Big</b> 100%s shop"}).json()
        assert (told["name"], told["link"]) == ("<b>Big</b> 100%s shop", "https://example.com/")
        told = bot.patch(path, {"link": None}).json()
        assert (told["name"], told["link"]) == ("<b>Big</b> 100%s shop", "")

    def test_another_ones_name_is_refused_as_it_stands(self, bot, many, make):
        other, mine = make("<i>O'Ann & 50%s"), make("Mine")
        wrong = refused(bot.patch(f"{many}/{mine.pk}", {"name": "<I>o'ann & 50%S"}))
        there = f"“<i>O'Ann & 50%s” is on the list already, as {other.pk}."
        assert wrong == {"name": f"{there} You can merge the two."}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "  "),
            ("name", "x" * 121),
            ("name", "\0"),
            ("name", "\ud800"),
            ("name", None),
            ("name", 5),
            ("link", "javascript:alert(1)"),
            ("link", "shop"),
            ("link", "https://x/" + "y" * 2000),
            ("listed", True),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, bot, many, make, field, value):
        assert refused(bot.post(many, {"name": "New", field: value})).keys() == {field}
        shop = make("Shop")
        assert refused(bot.patch(f"{many}/{shop.pk}", {field: value})).keys() == {field}
        assert [one["name"] for one in bot.get(many).json()["items"]] == ["Shop"]

    def test_what_is_in_use_is_not_deleted(self, bot, ann, many, make, field, model):
        shop = make("Shop")
        bought = PurchaseFactory(owner=ann, **{field: shop})
        answer = bot.delete(f"{many}/{shop.pk}")
        assert answer.status_code == 409
        assert (answer.json()["type"], answer.json()["uses"]) == ("urn:pursestrings:in-use", 1)
        bought.delete()
        assert bot.delete(f"{many}/{shop.pk}").status_code == 204
        assert not model.objects.exists()

    def test_merging_moves_everything(self, bot, ann, many, make, field, model):
        old, new = make("Old"), make("New")
        bought = PurchaseFactory(owner=ann, **{field: old})
        answer = bot.post(f"{many}/{old.pk}/merge", {"into": new.pk})
        assert (answer.status_code, answer.json()["purchases"]) == (200, 1)
        bought.refresh_from_db()
        assert getattr(bought, field) == new
        assert list(model.objects.all()) == [new]

    def test_what_cannot_take_it_in_is_refused(self, bot, many, make, field):
        mine, hidden = make("Mine"), make("Hidden", listed=False)
        PurchaseFactory(**{field: hidden})
        path = f"{many}/{mine.pk}/merge"
        said = {
            refused(bot.post(path, {"into": key}))["into"] for key in (mine.pk, hidden.pk, 9**9)
        }
        assert said == {"Choose one that is on the list."}
        for key in (0, None, "x", True):
            assert refused(bot.post(path, {"into": key})).keys() == {"into"}

    def test_the_version_that_was_seen(self, bot, many, make):
        path = f"{many}/{make('Shop').pk}"
        seen = bot.get(path)["ETag"]
        first = bot.patch(path, {"name": "First"}, If_Match=seen)
        assert first.status_code == 200
        assert bot.patch(path, {"name": "Second"}, If_Match=seen).status_code == 412
        assert bot.delete(path, If_Match=seen).status_code == 412
        assert bot.get(path).json()["name"] == "First"
        assert bot.delete(path, If_Match=first["ETag"]).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "{}", Scope.READ),
        ("post", "{}", Scope.MANAGE),
        ("get", "{}/1", Scope.READ),
        ("patch", "{}/1", Scope.MANAGE),
        ("delete", "{}/1", Scope.MANAGE),
        ("post", "{}/1/merge", Scope.MANAGE),
    ],
)
def test_each_takes_one_scope(ann, many, method, path, scope):
    others = [other for other in Scope if other != scope]
    assert program(ann, *others).ask(method, path.format(many), {}).status_code == 403
    assert program(ann, scope).ask(method, path.format(many), {}).status_code in {200, 404, 422}
