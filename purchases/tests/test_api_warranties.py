"""Warranties through the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases.models import Purchase, Warranty
from purchases.tests.factories import NOW, TODAY, PurchaseFactory, WarrantyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return UserFactory(timezone="America/New_York")


@pytest.fixture
def bot(ann) -> Program:
    return program(ann)


@pytest.fixture
def kettle(ann) -> Purchase:
    return PurchaseFactory(owner=ann, name="Kettle", purchased_on=TODAY - timedelta(days=900))


def ending(kettle: Purchase, *days: int | None) -> None:
    for number in days:
        last = None if number is None else TODAY + timedelta(days=number)
        WarrantyFactory(purchase=kettle, ends_on=last)


def refused(answer) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


class TestHowTheyStand:
    @pytest.fixture(autouse=True)
    def eight(self, kettle):
        ending(kettle, -1, 0, 1, 30, 31, 400, None)
        WarrantyFactory(purchase=kettle, ends_on=TODAY + timedelta(days=10), voided=True)

    @pytest.mark.parametrize(
        ("status", "count"), [("expired", 1), ("active", 6), ("expiring", 3), ("voided", 1)]
    )
    def test_each_is_counted_as_the_page_counts_it(self, bot, status, count):
        assert bot.get("warranties", {"status": status}).json()["total"] == count

    @pytest.mark.parametrize(("days", "count"), [(None, 3), (0, 1), (30, 3), (31, 4), (400, 5)])
    def test_what_ends_soon_is_asked_by_the_day(self, bot, days, count):
        told = bot.get("warranties/expiring", {} if days is None else {"days": days}).json()
        assert (told["total"], len(told["items"])) == (count, count)
        left = [one["days_left"] for one in told["items"]]
        assert left == sorted(left)

    def test_midnight_is_the_members_own(self, bot, time_machine):
        def standing() -> dict[str, str]:
            items = bot.get("warranties").json()["items"]
            return {one["ends_on"]: one["status"] for one in items if not one["voided"]}

        # In New York it is the evening of the same day.
        time_machine.move_to(NOW.replace(day=16, hour=3, minute=59))
        assert standing()[TODAY.isoformat()] == "expiring"
        time_machine.move_to(NOW.replace(day=16, hour=4, minute=1))
        assert standing()[TODAY.isoformat()] == "expired"

    @pytest.mark.parametrize("days", ["-1", "abc", "40000", "9" * 40])
    def test_days_that_cannot_be_are_refused(self, bot, days):
        assert refused(bot.get("warranties/expiring", {"days": days})).keys() == {"query.days"}
        assert refused(bot.get("warranties", {"days": days})).keys() == {"query.days"}

    def test_pages_and_orders(self, bot):
        part = bot.get("warranties", {"limit": 3, "skip": 6}).json()
        assert (part["total"], len(part["items"])) == (8, 2)
        beyond = bot.get("warranties", {"skip": 50}).json()
        assert (beyond["total"], beyond["items"]) == (8, [])
        first = bot.get("warranties", {"sort": "days"}).json()["items"][0]
        assert first["days_left"] == -1
        assert refused(bot.get("warranties", {"sort": "size"})).keys() == {"query.sort"}
        assert bot.get("warranties", {"q": "kettle"}).json()["total"] == 8
        assert bot.get("warranties", {"q": "ladder"}).json()["total"] == 0


def test_what_went_back_to_the_shop_is_covered_by_nobody(bot, kettle):
    ending(kettle, 3)
    Purchase.objects.update(status="returned")
    assert bot.get("warranties").json()["total"] == 0
    assert bot.get(f"purchases/{kettle.pk}/warranties").json()["total"] == 1


def test_the_questions_do_not_grow_with_the_rows(bot, ann, kettle):
    def ask(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert bot.get(path).status_code == 200
        return len(asked)

    paths = ("warranties", "warranties/expiring", f"purchases/{kettle.pk}/warranties")
    ask("warranties")
    ending(kettle, 1, 2, 3)
    few = [ask(path) for path in paths]
    for number in range(9):
        ending(PurchaseFactory(owner=ann), number)
    ending(kettle, *range(4, 13))
    assert [ask(path) for path in paths] == few


class TestWriting:
    def test_one_begins_on_the_day_it_was_bought_and_is_for_life(self, bot, kettle):
        answer = bot.post(f"purchases/{kettle.pk}/warranties", {})
        assert answer.status_code == 201
        told = answer.json()
        assert told["purchase"] == {
            "id": kettle.pk,
            "name": "Kettle",
            "purchased_on": kettle.purchased_on.isoformat(),
        }
        assert (told["kind"], told["starts_on"]) == ("manufacturer", str(kettle.purchased_on))
        assert (told["ends_on"], told["status"], told["days_left"]) == (None, "active", None)
        assert bot.get(f"warranties/{told['id']}").json() == told
        assert bot.get(f"warranties/{told['id']}")["ETag"] == answer["ETag"]

    def test_what_is_not_said_stays_and_null_clears(self, bot, kettle):
        about = {"ends_on": "2026-08-01", "provider": "Shop", "notes": "Parts", "kind": "parts"}
        made = bot.post(f"purchases/{kettle.pk}/warranties", about).json()
        path = f"warranties/{made['id']}"
        told = bot.patch(path, {"voided": True}).json()
        assert told == made | {"voided": True, "status": "voided"}
        told = bot.patch(path, {"ends_on": None, "provider": None, "voided": False}).json()
        assert (told["ends_on"], told["provider"], told["notes"]) == (None, "", "Parts")
        assert bot.patch(path, {"starts_on": None}).json()["starts_on"] == str(kettle.purchased_on)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("ends_on", "2023-01-01"),
            ("ends_on", "2026-02-30"),
            ("ends_on", "0001-01-01"),
            ("ends_on", 5),
            ("starts_on", "1899-12-31"),
            ("starts_on", "x"),
            ("kind", "poem"),
            ("kind", None),
            ("provider", "x" * 201),
            ("provider", "\0"),
            ("notes", "x" * 2001),
            ("notes", "\ud800"),
            ("purchase", 1),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, bot, kettle, field, value):
        path = f"purchases/{kettle.pk}/warranties"
        assert refused(bot.post(path, {field: value})).keys() == {field}
        assert not Warranty.objects.exists()
        stored = WarrantyFactory(purchase=kettle)
        assert refused(bot.patch(f"warranties/{stored.pk}", {field: value})).keys() == {field}
        assert Warranty.objects.get().ends_on is None

    def test_the_end_is_not_before_the_start(self, bot, kettle):
        days = {"starts_on": "2026-07-02", "ends_on": "2026-07-01"}
        wrong = refused(bot.post(f"purchases/{kettle.pk}/warranties", days))
        assert wrong == {"ends_on": "The last day cannot be before the first."}

    def test_the_version_that_was_seen(self, bot, kettle):
        path = f"warranties/{WarrantyFactory(purchase=kettle).pk}"
        seen = bot.get(path)["ETag"]
        assert bot.patch(path, {"provider": "A"}, If_Match=seen).status_code == 200
        assert bot.patch(path, {"provider": "B"}, If_Match=seen).status_code == 412
        assert bot.delete(path, If_Match=seen).status_code == 412
        assert Warranty.objects.get().provider == "A"
        assert bot.delete(path, If_Match=bot.get(path)["ETag"]).status_code == 204
        assert not Warranty.objects.exists()


class TestRights:
    def test_what_others_keep_is_not_there(self, bot):
        hidden = WarrantyFactory()
        gone = WarrantyFactory(purchase=PurchaseFactory(deleted_at=NOW))
        for key in (hidden.pk, gone.pk, 999_999):
            for answer in (
                bot.get(f"warranties/{key}"),
                bot.patch(f"warranties/{key}", {}),
                bot.delete(f"warranties/{key}"),
            ):
                assert answer.status_code == 404
        path = f"purchases/{hidden.purchase_id}/warranties"
        assert (bot.get(path).status_code, bot.post(path, {}).status_code) == (404, 404)
        assert bot.get("warranties").json()["total"] == 0

    def test_what_is_shared_may_be_looked_at(self, bot):
        shared = WarrantyFactory(purchase=PurchaseFactory(shared=True))
        assert bot.get(f"warranties/{shared.pk}").status_code == 200
        assert bot.get(f"purchases/{shared.purchase_id}/warranties").json()["total"] == 1
        assert bot.post(f"purchases/{shared.purchase_id}/warranties", {}).status_code == 404
        assert bot.patch(f"warranties/{shared.pk}", {}).status_code == 404
        assert bot.delete(f"warranties/{shared.pk}").status_code == 404

    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("get", "warranties", Scope.READ),
            ("get", "warranties/expiring", Scope.READ),
            ("get", "warranties/1", Scope.READ),
            ("patch", "warranties/1", Scope.MANAGE),
            ("delete", "warranties/1", Scope.MANAGE),
            ("get", "purchases/1/warranties", Scope.READ),
            ("post", "purchases/1/warranties", Scope.MANAGE),
        ],
    )
    def test_each_takes_one_scope(self, ann, method, path, scope):
        others = [other for other in Scope if other != scope]
        assert program(ann, *others).ask(method, path, {}).status_code == 403
        assert program(ann, scope).ask(method, path, {}).status_code in {200, 404}
