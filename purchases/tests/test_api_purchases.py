"""Purchases through the API: written down, listed, changed, deleted and brought back."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.ledger import budget_of
from budgets.models import Budget, Entry
from budgets.tests.factories import make_budget, open_cycle
from occasions.models import Gift
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import ApiToken, Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases import keeping, lists
from purchases.models import Brand, Purchase, Retailer, Tag, UndoStep
from purchases.tests.factories import (
    NOW,
    TODAY,
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
    buy,
)
from purchases.tests.pictures import upload

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

KETTLE = {"name": "Kettle", "price": "30.00"}


@pytest.fixture
def ann() -> User:
    return make_budget(limit=Decimal(100), enforced=True).user


@pytest.fixture
def bot(ann) -> Program:
    return program(ann)


def spent(user: User) -> Decimal:
    return open_cycle(budget_of(user, now=NOW)).spent


def errors(answer) -> dict[str, str]:
    """Return what is said of each field of a refused request."""
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


class TestWritingDown:
    def test_a_name_and_a_price_are_enough(self, bot, ann):
        answer = bot.post("purchases", KETTLE)
        assert answer.status_code == 201
        told = answer.json()
        bought = Purchase.objects.get()
        assert told["id"] == bought.pk
        assert (told["price"], told["currency"], told["exchange_rate"]) == ("30.00", "USD", "1")
        assert (told["amount"], told["unit_price"], told["quantity"]) == ("30.00", "30.00", 1)
        assert (told["purchased_on"], told["status"]) == ("2026-07-15", "received")
        assert (told["shared"], told["is_own"], told["owner"]) == (False, True, ann.display_name)
        assert (told["alike"], told["warranties"], told["tags"]) == ([], [], [])
        assert spent(ann) == 30

    def test_everything_may_be_said(self, bot, ann):
        paper = keeping.stage(upload=upload(), kind="receipt", by=ann, now=NOW)
        sent = {
            "name": "Kettle",
            "price": "30.00",
            "currency": "eur",
            "exchange_rate": "1.0842",
            "quantity": 3,
            "purchased_on": "2026-07-01",
            "status": "ordered",
            "retailer": "Corner shop",
            "brand": "Teaworks",
            "tags": ["tea", "Kitchen"],
            "order_number": "O 1",
            "model_number": "M 1",
            "serial_number": "S 1",
            "link": "https://example.com/kettle",
            "return_by": "2026-07-31",
            "return_policy": "By post",
            "tax_deductible": True,
            "notes": "Red",
            "shared": True,
            "warranties": [{"ends_on": "2026-08-14"}, {"kind": "parts", "starts_on": "2026-07-02"}],
            "attachments": [paper.pk],
        }
        answer = bot.post("purchases", sent)
        assert answer.status_code == 201, answer.content
        told = answer.json()
        same = {name for name in sent if told[name] == sent[name]}
        different = {"currency", "retailer", "brand", "tags", "warranties", "attachments"}
        assert same == sent.keys() - different
        assert (told["currency"], told["amount"], told["unit_price"]) == ("EUR", "32.53", "10.00")
        assert (told["retailer"]["name"], told["brand"]["name"]) == ("Corner shop", "Teaworks")
        assert sorted(told["tags"]) == ["Kitchen", "tea"]
        first, second = told["warranties"]
        assert (first["starts_on"], first["ends_on"]) == ("2026-07-01", "2026-08-14")
        assert (first["status"], first["days_left"]) == ("expiring", 30)
        assert (second["kind"], second["ends_on"], second["status"]) == ("parts", None, "active")
        assert [one["id"] for one in told["attachments"]] == [paper.pk]
        assert bot.get(f"purchases/{told['id']}").json() | {"alike": []} == told

    def test_a_shop_is_named_or_known_by_its_id(self, bot):
        shop = RetailerFactory(name="Corner shop", listed=True)
        by_name = bot.post("purchases", KETTLE | {"retailer": " CORNER  shop "}).json()
        by_key = bot.post("purchases", KETTLE | {"retailer": shop.pk, "brand": "New"}).json()
        assert by_name["retailer"] == by_key["retailer"] == {"id": shop.pk, "name": "Corner shop"}
        assert (Retailer.objects.count(), Brand.objects.get().name) == (1, "New")
        wrong = errors(bot.post("purchases", KETTLE | {"retailer": shop.pk + 1}))
        assert wrong == {"retailer": "You know of no retailer with this id."}

    def test_a_possible_double_is_told(self, bot, ann):
        first = buy(ann)
        told = bot.post("purchases", KETTLE | {"name": " kettle"}).json()
        assert told["alike"] == [{"id": first.pk, "name": "Kettle", "owner": ann.display_name}]
        assert Purchase.objects.count() == 2

    def test_yen_have_no_decimals(self, bot):
        yen = {"name": "Tea", "price": "1200.50", "currency": "JPY", "exchange_rate": "0.0067"}
        assert errors(bot.post("purchases", yen)).keys() == {"price"}
        told = bot.post("purchases", yen | {"price": "1200.00"}).json()
        assert (told["price"], told["amount"]) == ("1200.00", "8.04")

    def test_the_other_papers_that_wait_cannot_be_taken(self, bot):
        theirs = keeping.stage(upload=upload(), kind="receipt", by=UserFactory(), now=NOW)
        for key in (theirs.pk, theirs.pk + 1):
            wrong = errors(bot.post("purchases", KETTLE | {"attachments": [key]}))
            assert wrong == {"attachments.0": "No paper of yours waits under this id."}
        assert not Purchase.objects.exists()

    def test_a_wrong_warranty_is_told_where_it_stands(self, bot, ann):
        warranties = [{}, {"starts_on": "2026-07-02", "ends_on": "2026-07-01"}]
        wrong = errors(bot.post("purchases", KETTLE | {"warranties": warranties}))
        assert wrong == {"warranties.1.ends_on": "The last day cannot be before the first."}
        assert (Purchase.objects.count(), spent(ann)) == (0, 0)


WRONG = {
    "name": ["", "   ", "x" * 256, "\0", "\ud800", None, 5, ["Kettle"]],
    "price": [
        "0",
        "0.00",
        "-1",
        "NaN",
        "Infinity",
        "1e3",
        "10.005",
        "100000000.00",
        "1,200.00",
        "",
        None,
        30,
        30.0,
        True,
    ],
    "quantity": [0, -1, 1.5, 1.0, "1", 10_000, None, True, 10**30],
    "currency": ["ZZZ", "", "XXX", "\0", 5],
    "exchange_rate": ["0", "-1", "NaN", "1.12345678901", "10000000", 1.1],
    "purchased_on": ["2026-07-16", "1969-12-31", "0001-01-01", "9999-12-31", "2026-02-30", "x", 5],
    "status": ["lost", None, 5],
    "retailer": ["x" * 121, "\0", "\ud800", 0, -1, 1.5, True, 2**63, []],
    "brand": ["x" * 121, 0],
    "tags": ["a", ["a,b"], ["x" * 121], ["\0"], [5], ["x"] * 101],
    "link": ["javascript:alert(1)", "no link", "ftp://example.com", "https://x/" + "y" * 2000],
    "return_by": ["2026-07-14", "2026-02-30", "0001-01-01", 5],
    "return_policy": ["x" * 501, "\0"],
    "order_number": ["x" * 101, "\0"],
    "notes": ["x" * 2001, "\0", "\ud800"],
    "tax_deductible": ["yes", 1, None],
    "shared": [[], 7, "yes"],
    "gift": [999_999, 0, "abc", 2**63],
    "warranties": [None, 5, [{}] * 21],
    "attachments": [None, 5],
    "owner": ["sis"],
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_is_refused_at_its_field_and_nothing_is_stored(bot, ann, field):
    for value in WRONG[field]:
        sent = KETTLE | {field: value}
        if field == "exchange_rate":
            sent["currency"] = "EUR"
        places = {name.partition(".")[0] for name in errors(bot.post("purchases", sent))}
        assert places == {field}, value
    assert not Purchase.objects.exists()
    assert not Retailer.objects.exists()
    assert (spent(ann), Entry.objects.count()) == (0, 0)


def test_the_base_currency_takes_no_rate(bot, ann):
    told = {"exchange_rate": "USD is the base currency: leave the rate out, or send 1."}
    for currency in ({}, {"currency": "usd"}, {"currency": None}):
        sent = KETTLE | currency | {"exchange_rate": "1.1"}
        assert errors(bot.post("purchases", sent)) == told
    assert not Purchase.objects.exists()
    euros = buy(ann, currency="EUR", exchange_rate=Decimal(2))
    path = f"purchases/{euros.pk}"
    assert errors(bot.patch(path, {"currency": "USD", "exchange_rate": "2"})) == told
    assert bot.patch(path, {"exchange_rate": "2.5"}).json()["exchange_rate"] == "2.5"
    assert bot.patch(path, {"currency": "USD", "exchange_rate": "1.0"}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("retailer=Corner shop", "Send its id, or none."),
        ("brand=Teaworks", "Send its id, or none."),
        ("currency=euro", "Send the code of a currency, like “EUR”."),
        ("warranty=old", "Send active, expiring, expired, voided or none."),
        ("whose=theirs", "Send mine or shared, or leave it out for both."),
        ("sort=colour", f"Send one of {', '.join(lists.SORTS)}."),
    ],
)
def test_what_is_looked_for_wrongly_is_said_in_words(bot, asked, message):
    answer = bot.get(f"purchases?{asked}")
    assert errors(answer) == {f"query.{asked.partition('=')[0]}": message}


def test_a_wrong_tag_or_rate_is_said_in_words(bot):
    wrong = errors(bot.post("purchases", KETTLE | {"tags": ["a, b"], "exchange_rate": "1,1"}))
    assert wrong == {
        "tags.0": "A tag has no comma: send two of them.",
        "exchange_rate": "Send a rate like “1.0842”, with at most ten decimals.",
    }


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_changes_nothing(bot, ann, field):
    bought = buy(ann, exchange_rate=Decimal(2), currency="EUR")
    for value in WRONG[field]:
        wrong = errors(bot.patch(f"purchases/{bought.pk}", {field: value}))
        assert {name.partition(".")[0] for name in wrong} == {field}, value
    assert Purchase.objects.get().version == 1
    assert spent(ann) == 60


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b"[" * 10_000, b'{"name": NaN}']
)
def test_what_is_no_purchase_at_all_is_refused(bot, body):
    answer = bot.post("purchases", body)
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert not Purchase.objects.exists()


class TestTheBudget:
    def test_what_does_not_fit_is_refused_with_the_figures(self, bot, ann):
        buy(ann, "80.00")
        answer = bot.post("purchases", KETTLE | {"retailer": "New shop", "tags": ["new"]})
        assert answer.status_code == 402
        told = answer.json()
        assert told["type"] == "urn:pursestrings:over-budget"
        figures = {name: told[name] for name in ("limit", "spent", "held", "asked", "remaining")}
        assert figures == {
            "limit": "100.00",
            "spent": "80.00",
            "held": "0.00",
            "asked": "30.00",
            "remaining": "20.00",
        }
        assert told["ends_at"] == "2026-08-01T00:00:00Z"
        assert (Purchase.objects.count(), spent(ann)) == (1, 80)
        assert not Retailer.objects.exists()
        assert not Tag.objects.exists()

    def test_a_hidden_budget_tells_no_figures(self, bot, ann):
        Budget.objects.filter(user=ann).update(visible_to_user=False)
        answer = bot.post("purchases", KETTLE | {"price": "100.01"})
        assert answer.status_code == 402
        assert answer.json().keys() - {"request_id"} == {"type", "title", "status", "detail"}
        assert "100" not in answer.content.decode()

    def test_an_administrator_records_what_is_a_fact(self):
        root = UserFactory(administrator=True)
        Budget.objects.filter(user=root).update(enforced=True)
        assert program(root).post("purchases", KETTLE | {"price": "500"}).status_code == 201
        assert spent(root) == 500

    def test_it_follows_every_change(self, bot, ann):
        made = bot.post("purchases", KETTLE).json()
        path = f"purchases/{made['id']}"
        assert spent(ann) == 30
        assert bot.patch(path, {"price": "45.00"}).json()["amount"] == "45.00"
        assert spent(ann) == 45
        assert [entry.amount for entry in Entry.objects.order_by("pk")] == [30, 15]
        assert bot.patch(path, {"status": "returned"}).status_code == 200
        assert spent(ann) == 0
        assert Entry.objects.order_by("pk").last().kind == "refund"
        assert bot.patch(path, {"status": "received"}).status_code == 200
        assert bot.delete(path).status_code == 204
        assert (spent(ann), bot.get(path).status_code) == (0, 404)
        assert bot.post(f"{path}/restore").json()["price"] == "45.00"
        assert spent(ann) == 45
        out = StringIO()
        call_command("check_ledger", stdout=out)

    def test_the_ledger_names_the_program(self, bot, ann):
        made = bot.post("purchases", KETTLE).json()
        bot.patch(f"purchases/{made['id']}", {"price": "45.00"})
        label = str(ApiToken.objects.get())
        assert [entry.via for entry in Entry.objects.order_by("pk")] == [label, label]

    def test_what_came_back_may_not_fit_any_more(self, bot, ann):
        bought = buy(ann, "60.00")
        bot.delete(f"purchases/{bought.pk}")
        buy(ann, "60.00")
        answer = bot.post(f"purchases/{bought.pk}/restore")
        assert (answer.status_code, answer.json()["asked"]) == (402, "60.00")
        assert bot.get("purchases/trash").json()["total"] == 1

    def test_a_corrected_price_is_never_refused(self, bot, ann):
        bought = buy(ann, "60.00")
        assert bot.patch(f"purchases/{bought.pk}", {"price": "160.00"}).status_code == 200
        assert spent(ann) == 160


class TestOnce:
    def test_the_same_key_twice_is_one_purchase(self, bot, ann):
        first = bot.post("purchases", KETTLE, Idempotency_Key="k1")
        again = bot.post("purchases", KETTLE, Idempotency_Key="k1")
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert (first["ETag"], again["Idempotent-Replayed"]) == (again["ETag"], "true")
        assert (Purchase.objects.count(), spent(ann)) == (1, 30)

    def test_another_purchase_takes_another_key(self, bot):
        bot.post("purchases", KETTLE, Idempotency_Key="k1")
        answer = bot.post("purchases", KETTLE | {"price": "31.00"}, Idempotency_Key="k1")
        assert answer.status_code == 422
        assert Purchase.objects.count() == 1

    def test_a_refusal_is_the_first_answer_too(self, bot, ann):
        dear = KETTLE | {"price": "100.01"}
        assert bot.post("purchases", dear, Idempotency_Key="k1").status_code == 402
        Budget.objects.filter(user=ann).update(enforced=False)
        assert bot.post("purchases", dear, Idempotency_Key="k1").status_code == 402
        assert not Purchase.objects.exists()

    def test_what_was_wrong_may_be_put_right_under_its_key(self, bot):
        assert bot.post("purchases", {"name": "Kettle"}, Idempotency_Key="k1").status_code == 422
        assert bot.post("purchases", KETTLE, Idempotency_Key="k1").status_code == 201


class TestReading:
    def test_it_tells_its_total_and_what_was_paid_by_currency(self, bot, ann):
        """Six purchases of which one is in euros: dollars and euros are never added."""
        for name, price, currency, rate in (
            ("Laptop", "1200.00", "USD", 1),
            ("Laptop", "1000.00", "USD", 1),
            ("Cable", "9.99", "USD", 1),
            ("Desk", "350.00", "USD", 1),
            ("Chair", "150.50", "USD", 1),
            ("Lamp", "80.00", "EUR", "1.25"),
        ):
            about = {"currency": currency, "exchange_rate": Decimal(rate)}
            PurchaseFactory(owner=ann, name=name, price=Decimal(price), **about)
        PurchaseFactory(owner=ann, price=Decimal(7), status="returned")
        answer = bot.get("purchases")
        told = answer.json()
        assert (told["total"], len(told["items"])) == (7, 7)
        assert told["paid"] == [
            {"currency": "USD", "price": "2710.49", "amount": "2710.49", "count": 5},
            {"currency": "EUR", "price": "80.00", "amount": "100.00", "count": 1},
        ]
        assert told["returned"] == [
            {"currency": "USD", "price": "7.00", "amount": "7.00", "count": 1}
        ]
        assert told["amount"] == "2810.49"
        assert "2790.49" not in answer.content.decode()

    def test_in_pages_with_the_total(self, bot, ann):
        keys = [PurchaseFactory(owner=ann).pk for _ in range(25)]
        first = bot.get("purchases").json()
        assert (first["total"], first["skip"], first["limit"]) == (25, 0, 20)
        rest = bot.get("purchases", {"skip": 20}).json()
        found = [one["id"] for one in first["items"] + rest["items"]]
        assert found == sorted(keys, reverse=True)
        beyond = bot.get("purchases", {"skip": 80}).json()
        assert (beyond["items"], beyond["total"]) == ([], 25)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("limit", "0"),
            ("limit", "101"),
            ("limit", "abc"),
            ("skip", "-1"),
            ("skip", "9" * 30),
            ("status", "lost"),
            ("retailer", "abc"),
            ("retailer", "999999"),
            ("brand", "9" * 30),
            ("since", "yesterday"),
            ("since", "2026-02-30"),
            ("currency", "ZZZ"),
            ("min_amount", "-1"),
            ("max_amount", "NaN"),
            ("warranty", "x"),
            ("gift", "x"),
            ("sort", "size"),
            ("q", "\0"),
            ("q", "x" * 2_000),
        ],
    )
    def test_what_cannot_be_read_is_refused_at_its_name(self, bot, name, value):
        assert errors(bot.get("purchases", {name: value})).keys() == {f"query.{name}"}

    def test_the_last_day_is_not_before_the_first(self, bot):
        asked = {"since": "2026-07-02", "until": "2026-07-01"}
        assert errors(bot.get("purchases", asked)).keys() == {"query.until"}

    def test_every_filter_finds_what_it_says(self, bot, ann):
        shop, brand, tag = RetailerFactory(), BrandFactory(), TagFactory(name="Über tea")
        mom = PersonFactory(name="Mom")
        gift = make_gift(OccasionFactory(), mom)
        other = PurchaseFactory(shared=True, name="Ladder")
        dull = PurchaseFactory(owner=ann, name="Dull")
        wanted = PurchaseFactory(
            owner=ann,
            name="ÜBER 100% wool",
            price=Decimal("55.50"),
            currency="EUR",
            exchange_rate=Decimal(2),
            retailer=shop,
            brand=brand,
            tags=[tag],
            status="ordered",
            purchased_on=date(2026, 3, 1),
            tax_deductible=True,
            gift=gift,
        )
        WarrantyFactory(purchase=wanted, ends_on=TODAY)
        AttachmentFactory(purchase=wanted)
        for name, value in {
            "q": "über 100%",
            "status": "ordered",
            "retailer": shop.pk,
            "brand": brand.pk,
            "tag": "ÜBER  tea",
            "until": "2026-03-01",
            "currency": "eur",
            "min_amount": "111.00",
            "warranty": "expiring",
            "attachments": "true",
            "gift": "true",
            "tax_deductible": "true",
        }.items():
            told = bot.get("purchases", {name: value}).json()
            assert [one["id"] for one in told["items"]] == [wanted.pk], name
            assert (told["total"], told["paid"][0]["count"]) == (1, 1), name
        for name, value in {
            "retailer": "none",
            "brand": "none",
            "warranty": "none",
            "attachments": "false",
            "gift": "false",
            "tax_deductible": "false",
            "max_amount": "110.99",
            "since": "2026-03-02",
        }.items():
            told = bot.get("purchases", {name: value}).json()
            assert {one["id"] for one in told["items"]} == {dull.pk, other.pk}, name
        mine = bot.get("purchases", {"whose": "mine"}).json()["items"]
        assert {one["id"] for one in mine} == {wanted.pk, dull.pk}
        shared = bot.get("purchases", {"whose": "shared"}).json()["items"]
        assert [one["id"] for one in shared] == [other.pk]
        dearest = bot.get("purchases", {"sort": "-price"}).json()["items"]
        assert dearest[0]["id"] == wanted.pk

    def test_the_questions_do_not_grow_with_the_rows(self, bot, ann):
        def ask() -> int:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert bot.get("purchases").status_code == 200
            return len(asked)

        def add(count: int) -> None:
            gift = make_gift(OccasionFactory(), PersonFactory())
            for _ in range(count):
                about = {"retailer": RetailerFactory(), "brand": BrandFactory(), "gift": gift}
                one = PurchaseFactory(owner=ann, tags=[TagFactory()], **about)
                WarrantyFactory(purchase=one)
                AttachmentFactory(purchase=one)

        ask()
        add(3)
        few = ask()
        add(9)
        assert ask() == few

    def test_what_others_keep_private_is_not_there(self, bot, ann):
        private, shared = PurchaseFactory(), PurchaseFactory(shared=True)
        trashed = PurchaseFactory(owner=ann, deleted_at=NOW)
        for key in (private.pk, trashed.pk, 999_999, 2**63 - 1):
            answer = bot.get(f"purchases/{key}")
            assert (answer.status_code, answer.json()["type"]) == (
                404,
                "urn:pursestrings:not-found",
            )
        assert errors(bot.get(f"purchases/{2**63}")).keys() == {"path.purchase_id"}
        told = bot.get(f"purchases/{shared.pk}").json()
        assert (told["is_own"], told["owner"]) == (False, shared.owner.display_name)
        for ask, body in ((bot.patch, {"name": "Mine"}), (bot.delete, None)):
            assert ask(f"purchases/{shared.pk}", body).status_code == 404
        assert bot.post(f"purchases/{shared.pk}/restore").status_code == 404
        assert bot.get("purchases").json()["total"] == 1


class TestChanging:
    def test_what_is_not_said_stays_and_null_clears(self, bot, ann):
        bought = buy(ann, retailer="Shop", tags=["a", "b"], notes="Red", return_by=TODAY)
        path = f"purchases/{bought.pk}"
        told = bot.patch(path, {"name": "Big kettle"}).json()
        assert (told["name"], told["notes"], told["version"]) == ("Big kettle", "Red", 2)
        assert (told["retailer"]["name"], told["tags"]) == ("Shop", ["a", "b"])
        cleared = dict.fromkeys(("retailer", "tags", "notes", "return_by", "order_number"))
        told = bot.patch(path, cleared).json()
        assert [told[name] for name in cleared] == [None, [], "", None, ""]
        assert (told["name"], told["price"]) == ("Big kettle", "30.00")

    def test_the_rate_of_one_currency_is_not_taken_for_another(self, bot, ann):
        bought = buy(ann, currency="EUR", exchange_rate=Decimal("1.1"))
        path = f"purchases/{bought.pk}"
        assert errors(bot.patch(path, {"currency": "GBP"})).keys() == {"exchange_rate"}
        told = bot.patch(path, {"currency": "GBP", "exchange_rate": "1.25"}).json()
        assert (told["amount"], spent(ann)) == ("37.50", Decimal("37.50"))
        told = bot.patch(path, {"currency": None}).json()
        assert (told["currency"], told["exchange_rate"], told["amount"]) == ("USD", "1", "30.00")

    def test_the_version_that_was_seen(self, bot, ann):
        path = f"purchases/{buy(ann).pk}"
        seen = bot.get(path)["ETag"]
        first = bot.patch(path, {"price": "31.00"}, If_Match=seen)
        assert first.status_code == 200
        assert first["ETag"] == bot.get(path)["ETag"] != seen
        late = bot.patch(path, {"price": "32.00"}, If_Match=seen)
        assert (late.status_code, late["ETag"]) == (412, first["ETag"])
        assert bot.delete(path, If_Match=seen).status_code == 412
        assert (Purchase.objects.get().price, spent(ann)) == (31, 31)
        assert bot.delete(path, If_Match=first["ETag"]).status_code == 204

    def test_what_makes_nothing_different_leaves_the_version(self, bot, ann, time_machine):
        bought = buy(ann, "30.00", tags=["tea"], retailer="Corner shop")
        path = f"purchases/{bought.pk}"
        seen = bot.get(path)["ETag"]
        time_machine.move_to(NOW + timedelta(hours=1))
        for same in ({}, {"price": "30.00"}, {"tags": ["tea"]}, {"retailer": bought.retailer.pk}):
            answer = bot.patch(path, same)
            assert (answer.json()["version"], answer["ETag"]) == (1, seen), same
        assert bot.patch(path, {"tags": ["tea", "red"]})["ETag"] != seen

    def test_a_shop_that_is_renamed_at_that_moment_is_not_made_anew(self, bot, ann, monkeypatch):
        bought = buy(ann, retailer="Amazn")
        change = keeping.change

        def renamed(**told):
            keeping.rename(item=Retailer.objects.get(), name="Amazon")
            return change(**told)

        monkeypatch.setattr(keeping, "change", renamed)
        answer = bot.patch(f"purchases/{bought.pk}", {"retailer": "Amazn", "price": "40.00"})
        told = answer.json()
        assert (told["price"], told["retailer"]["name"]) == ("40.00", "Amazon")
        assert Retailer.objects.count() == 1

    def test_a_new_one_says_which_version_it_is(self, bot):
        made = bot.post("purchases", KETTLE)
        path = f"purchases/{made.json()['id']}"
        assert bot.get(path)["ETag"] == made["ETag"]
        assert bot.patch(path, {"price": "31.00"}, If_Match=made["ETag"]).status_code == 200

    def test_who_is_too_late_without_saying_what_they_saw_writes_last(self, bot, ann, monkeypatch):
        bought = buy(ann)
        change = keeping.change
        raced: list[int] = []

        def beaten(**told):
            if not raced:
                raced.append(1)
                Purchase.objects.update(name="Meanwhile", version=2)
            return change(**told)

        monkeypatch.setattr(keeping, "change", beaten)
        told = bot.patch(f"purchases/{bought.pk}", {"price": "31.00"}).json()
        assert (told["name"], told["price"], told["version"]) == ("Meanwhile", "31.00", 3)
        raced.clear()
        Purchase.objects.update(version=1)
        seen = bot.get(f"purchases/{bought.pk}")["ETag"]
        late = bot.patch(f"purchases/{bought.pk}", {"price": "32.00"}, If_Match=seen)
        assert late.status_code == 412
        assert Purchase.objects.get().price == 31


class TestTheTrash:
    def test_it_tells_until_when_something_can_be_brought_back(self, bot, ann, time_machine):
        bought = buy(ann)
        bot.delete(f"purchases/{bought.pk}")
        PurchaseFactory(deleted_at=NOW)
        time_machine.move_to(NOW + timedelta(days=2, hours=1))
        told = bot.get("purchases/trash").json()
        assert told["total"] == 1
        only = told["items"][0]
        assert (only["id"], only["price"], only["days_left"]) == (bought.pk, "30.00", 28)
        assert bot.post(f"purchases/{bought.pk}/restore").status_code == 200
        assert bot.post(f"purchases/{bought.pk}/restore").status_code == 404

    def test_asked_again_under_its_key_it_is_the_first_answer(self, bot, ann):
        bought = buy(ann, "30.00")
        bot.delete(f"purchases/{bought.pk}")
        path = f"purchases/{bought.pk}/restore"
        first, second = (bot.post(path, idempotency_key="a-key") for _ in range(2))
        assert second.content == first.content
        assert (second.status_code, second["Idempotent-Replayed"]) == (200, "true")
        assert first["ETag"] == second["ETag"] == bot.get(f"purchases/{bought.pk}")["ETag"]
        assert spent(ann) == 30


class TestMany:
    def test_asked_again_under_its_key_it_is_the_first_answer(self, bot, ann):
        bought = buy(ann, "30.00")
        sent = {"ids": [bought.pk], "status": "returned"}
        told = [bot.post("purchases/bulk", sent, idempotency_key="a-key") for _ in range(2)]
        assert (
            told[0].json()
            == told[1].json()
            == {
                "changed": 1,
                "left_alone": 0,
                "step": UndoStep.objects.get().pk,
            }
        )
        undo = f"purchases/bulk/{told[0].json()['step']}/undo"
        undone = [bot.post(undo, idempotency_key="another") for _ in range(2)]
        assert undone[0].json() == undone[1].json() == {"restored": 1, "left": [], "gone": 0}
        assert spent(ann) == 30

    def test_are_changed_at_once_and_put_back(self, bot, ann):
        own = [buy(ann, "10.00", tags=["old"]) for _ in range(3)]
        other = PurchaseFactory(shared=True)
        keys = [one.pk for one in (*own, other)] + [999_999, 2**63 - 1]
        sent = {"ids": keys, "add_tags": ["new"], "remove_tags": ["OLD"], "status": "returned"}
        told = bot.post("purchases/bulk", sent | {"retailer": "Shop", "shared": True}).json()
        assert (told["changed"], told["left_alone"]) == (3, 3)
        first = bot.get(f"purchases/{own[0].pk}").json()
        assert (first["tags"], first["status"], first["shared"]) == (["new"], "returned", True)
        assert (first["retailer"]["name"], spent(ann)) == ("Shop", 0)
        undo = f"purchases/bulk/{told['step']}/undo"
        assert bot.post(undo).json() == {"restored": 3, "left": [], "gone": 0}
        assert spent(ann) == 30
        assert bot.post(undo).status_code == 409
        assert program(UserFactory()).post(undo).status_code == 404

    def test_all_or_none(self, bot, ann):
        own = [buy(ann, "50.00", status="returned") for _ in range(3)]
        answer = bot.post("purchases/bulk", {"ids": [x.pk for x in own], "status": "received"})
        assert (answer.status_code, spent(ann)) == (402, 0)
        assert not UndoStep.objects.exists()

    def test_are_deleted_at_once(self, bot, ann):
        own = [buy(ann, "10.00") for _ in range(3)]
        told = bot.post("purchases/bulk/delete", {"ids": [one.pk for one in own]}).json()
        assert (told["changed"], spent(ann)) == (3, 0)
        assert bot.post(f"purchases/bulk/{told['step']}/undo").json()["restored"] == 3
        assert spent(ann) == 30

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"ids": []}, "ids"),
            ({"ids": [0], "shared": True}, "ids.0"),
            ({"ids": [999_999], "shared": True}, "ids"),
            ({"ids": [1]}, ""),
            ({"ids": [1], "add_tags": ["x" * 121]}, "add_tags.0"),
            ({"ids": [1], "status": "lost"}, "status"),
            ({"ids": [1], "shared": "yes"}, "shared"),
            ({"ids": [1], "price": "1.00"}, "price"),
        ],
    )
    def test_what_is_wrong_is_told(self, bot, sent, field):
        assert field in errors(bot.post("purchases/bulk", sent))


class TestBuyingAGift:
    @pytest.fixture
    def cups(self) -> Gift:
        about = {"title": "Cups", "price": "11.00", "quantity": 3}
        return make_gift(OccasionFactory(), PersonFactory(name="Mom"), **about)

    def test_it_is_enough_to_say_which(self, bot, ann, cups):
        answer = bot.post(f"gifts/{cups.pk}/buy", {})
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert (told["name"], told["price"], told["quantity"]) == ("Cups", "33.00", 3)
        assert (told["gift"], spent(ann)) == (cups.pk, 33)
        cups.refresh_from_db()
        assert (cups.status, cups.paid_total, cups.bought_on) == ("purchased", 33, TODAY)

    def test_what_was_paid_counts(self, bot, ann, cups):
        sent = {"price": "30.00", "retailer": "Shop", "purchased_on": "2026-07-01"}
        bot.post(f"gifts/{cups.pk}/buy", sent, Idempotency_Key="k")
        bot.post(f"gifts/{cups.pk}/buy", sent, Idempotency_Key="k")
        cups.refresh_from_db()
        assert (cups.paid_price, cups.paid_total, spent(ann)) == (10, 30, 30)
        assert Purchase.objects.get().purchased_on == date(2026, 7, 1)

    def test_a_repeat_is_answered_although_the_gift_is_gone(self, bot, cups):
        path = f"gifts/{cups.pk}/buy"
        first = bot.post(path, {}, Idempotency_Key="k")
        cups.delete()
        again = bot.post(path, {}, Idempotency_Key="k")
        assert (again.status_code, again.content) == (201, first.content)

    def test_no_other_gift_is_bought_instead(self, bot, cups):
        for gift in (None, make_gift(OccasionFactory(), PersonFactory()).pk):
            assert errors(bot.post(f"gifts/{cups.pk}/buy", {"gift": gift})).keys() == {"gift"}
        assert not Purchase.objects.exists()

    def test_a_gift_without_a_price_asks_for_it(self, bot, cups):
        Gift.objects.update(price=None)
        wrong = errors(bot.post(f"gifts/{cups.pk}/buy", {}))
        assert wrong == {"price": "Enter what was paid, for example 12.50."}

    def test_what_does_not_fit_leaves_the_gift_as_it_was(self, bot, cups):
        assert bot.post(f"gifts/{cups.pk}/buy", {"price": "100.01"}).status_code == 402
        cups.refresh_from_db()
        assert (cups.status, cups.paid_total) == ("selected", None)


class TestRights:
    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("get", "purchases", Scope.READ),
            ("post", "purchases", Scope.SPEND),
            ("get", "purchases/trash", Scope.READ),
            ("get", "purchases/1", Scope.READ),
            ("patch", "purchases/1", Scope.MANAGE),
            ("delete", "purchases/1", Scope.MANAGE),
            ("post", "purchases/1/restore", Scope.MANAGE),
            ("post", "purchases/bulk", Scope.MANAGE),
            ("post", "purchases/bulk/delete", Scope.MANAGE),
            ("post", "purchases/bulk/1/undo", Scope.MANAGE),
            ("post", "gifts/1/buy", Scope.SPEND),
        ],
    )
    def test_each_takes_one_scope(self, ann, method, path, scope):
        others = [other for other in Scope if other != scope]
        assert program(ann, *others).ask(method, path, {}).status_code == 403
        assert program(ann, scope).ask(method, path, {}).status_code in {200, 404, 422}
        stranger = program(ann)
        stranger.secret = "ps_wrong"
        assert stranger.ask(method, path, {}).status_code == 401
