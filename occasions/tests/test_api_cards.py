"""Cards for programs: who is on a list, and the gift budgets there."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets.money import MAX_AMOUNT
from budgets.tests.threads import together
from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion, Role
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.models import Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

#: What is no amount that a person could type.
NO_AMOUNTS = [
    *("-1", "-0.01", "+1", "0.001", "100000000", "99999999.999", "1e30", "1E2", "NaN", "Infinity"),
    *(
        "-Infinity",
        "1.234,56",
        "1,234.56",
        "12,50",
        "",
        " ",
        " 5",
        "5 ",
        "$5",
        "0x10",
        "\u0665",
        "½",
    ),
    *("1_000", "1.", ".5", "a\0", "\ud800", 5, 0, 12.5, 1e30, True, [], ["5"], {}, {"amount": "5"}),
    float("nan"),
    float("inf"),
]


@pytest.fixture
def user() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def anns(user: User) -> Program:
    return program(user)


@pytest.fixture
def mom() -> PersonOccasion:
    return CardFactory(
        person__name="Mom", recipient_budget=Decimal(200), purchaser_budget=Decimal(50)
    )


@pytest.fixture
def own(user: User, mom: PersonOccasion) -> PersonOccasion:
    """Ann’s own place at the same occasion, and somebody else who plans."""
    UserFactory(username="ben")
    return CardFactory(occasion=mom.occasion, person=PersonFactory(name="Ann", user=user))


def budget_of(card: PersonOccasion) -> str:
    return f"persons/{card.person_id}/occasions/{card.occasion_id}/budget"


def list_of(card: PersonOccasion) -> str:
    return f"occasions/{card.occasion_id}/persons"


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


class TestReadingACard:
    def test_both_budgets_and_what_is_spent_are_told(self, anns, mom):
        dad = CardFactory(occasion=mom.occasion, person__name="Dad").person
        scarf = make_gift(mom.occasion, mom.person, dad, price="50.01", title="Scarf")
        make_gift(mom.occasion, dad, price="70", purchaser=mom.person, status="purchased")
        answer = anns.get(budget_of(mom))
        assert answer.json() == {
            "person": {"id": mom.person_id, "name": "Mom"},
            "occasion": {"id": mom.occasion_id, "name": "Christmas", "date": "2026-12-25"},
            "receives": True,
            "is_surprise": False,
            "recipient_budget": "200.00",
            "purchaser_budget": "50.00",
            "received": {
                "bought": "0.00",
                "planned": "25.01",
                "ideas": "0.00",
                "gifts": 1,
                "unpriced": 0,
                "budget": "200.00",
                "remaining": "174.99",
                "over_by": "0.00",
                "percent": "12.51",
                "level": "green",
            },
            "given": {
                "bought": "70.00",
                "planned": "0.00",
                "ideas": "0.00",
                "gifts": 1,
                "unpriced": 0,
                "budget": "50.00",
                "remaining": "0.00",
                "over_by": "20.00",
                "percent": "140.0",
                "level": "red",
            },
            "gifts": [
                {
                    "id": scarf.pk,
                    "title": "Scarf",
                    "status": "selected",
                    "share": "25.01",
                    "others": [{"id": dad.pk, "name": "Dad"}],
                }
            ],
        }
        assert answer["ETag"]

    def test_without_a_budget_nothing_is_left_or_over(self, anns):
        told = anns.get(budget_of(CardFactory())).json()
        assert (told["recipient_budget"], told["purchaser_budget"]) == (None, None)
        parts = [told["received"][name] for name in ("budget", "remaining", "over_by", "level")]
        assert parts == [None] * 4

    def test_who_is_not_on_the_list_has_no_card(self, anns, mom):
        stranger = PersonFactory()
        for path in (
            f"persons/{stranger.pk}/occasions/{mom.occasion_id}/budget",
            f"persons/4711/occasions/{mom.occasion_id}/budget",
            f"persons/{mom.person_id}/occasions/4711/budget",
        ):
            assert anns.get(path).status_code == 404
            assert anns.put(path, {"recipient_budget": "5"}).status_code == 404
        assert PersonOccasion.objects.count() == 1

    def test_a_list_and_a_person_show_the_same_card(self, anns, mom):
        make_gift(mom.occasion, mom.person)
        card = anns.get(budget_of(mom)).json()
        assert anns.get(list_of(mom)).json()["items"] == [card]
        assert anns.get(f"persons/{mom.person_id}/occasions").json()["items"] == [card]

    def test_past_occasions_of_a_person_are_asked_for(self, anns, mom):
        past = CardFactory(person=mom.person, occasion__date=TODAY - timedelta(days=9))
        path = f"persons/{mom.person_id}/occasions"
        told = anns.get(path, {"upcoming": "false"}).json()
        assert [one["occasion"]["id"] for one in told["items"]] == [past.occasion_id]
        assert (anns.get(path).json()["total"], told["total"]) == (1, 1)

    def test_lists_ask_as_often_for_many_as_for_few(self, anns, mom):
        paths = [list_of(mom), f"persons/{mom.person_id}/occasions"]
        counts: list[list[int]] = []
        anns.get(paths[0])  # the first use of a token is noted
        for number in (3, 12):
            for _ in range(number):
                other = CardFactory(occasion=mom.occasion)
                make_gift(mom.occasion, mom.person, other.person, purchaser=PersonFactory())
                make_gift(CardFactory(person=mom.person).occasion, mom.person)
            counts.append([])
            for path in paths:
                with CaptureQueriesContext(connection) as asked:
                    anns.get(path)
                counts[-1].append(len(asked))
        assert counts[0] == counts[1]

    def test_a_list_is_told_in_parts(self, anns, mom):
        CardFactory(occasion=mom.occasion, person__name="Zoe")
        told = anns.get(list_of(mom), {"skip": 1, "limit": 1}).json()
        assert ([one["person"]["name"] for one in told["items"]], told["total"]) == (["Zoe"], 2)


class TestSavingBudgets:
    def test_a_missing_key_is_untouched_and_null_clears(self, anns, mom):
        path = budget_of(mom)
        answer = anns.put(path, {"recipient_budget": "150.5"})
        assert answer.json()["recipient_budget"] == "150.50"
        assert stored(mom) == (Decimal("150.5"), 50)
        assert anns.put(path, {"purchaser_budget": None}).json()["purchaser_budget"] is None
        assert stored(mom) == (Decimal("150.5"), None)
        assert (
            anns.put(path, {"recipient_budget": None, "purchaser_budget": "0"}).status_code == 200
        )
        assert stored(mom) == (None, 0)
        assert anns.put(path, {}).status_code == 200
        assert stored(mom) == (None, 0)

    @pytest.mark.parametrize("amount", ["0", "0.01", "99999999.99", "12.500000", "007"])
    def test_an_amount_is_kept_exactly(self, anns, mom, amount):
        answer = anns.put(budget_of(mom), {"recipient_budget": amount})
        assert answer.status_code == 200
        assert stored(mom)[0] == Decimal(amount)
        assert Decimal(anns.get(budget_of(mom)).json()["recipient_budget"]) == Decimal(amount)

    @pytest.mark.parametrize("field", ["recipient_budget", "purchaser_budget"])
    @pytest.mark.parametrize("amount", NO_AMOUNTS, ids=repr)
    def test_what_is_no_amount_is_refused_at_its_field(self, anns, mom, field, amount):
        answer = anns.put(budget_of(mom), {field: amount})
        assert list(errors_of(answer)) == [field]
        assert stored(mom) == (200, 50)

    def test_both_fields_are_told_and_neither_is_saved(self, anns, mom):
        for wrong in ("0.001", "-1"):
            sent = {"recipient_budget": wrong, "purchaser_budget": wrong}
            assert list(errors_of(anns.put(budget_of(mom), sent))) == list(sent)
        sent = {"recipient_budget": "5", "purchaser_budget": "0.001"}
        assert list(errors_of(anns.put(budget_of(mom), sent))) == ["purchaser_budget"]
        assert stored(mom) == (200, 50)

    def test_a_currency_without_decimals_takes_none(self, anns, mom, settings):
        settings.CURRENCY = "JPY"
        assert list(errors_of(anns.put(budget_of(mom), {"recipient_budget": "5.5"}))) == [
            "recipient_budget"
        ]
        assert anns.put(budget_of(mom), {"recipient_budget": "5"}).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"null", b"5", b'{"limit": "5"}', b'{"recipient_budget": ', b"[" * 9999],
    )
    def test_what_is_no_card_is_refused(self, anns, mom, body):
        assert anns.put(budget_of(mom), body).status_code in {400, 422}
        assert stored(mom) == (200, 50)

    def test_who_has_a_budget_for_gifts_receives(self, anns):
        card = CardFactory(receives=False)
        assert anns.put(budget_of(card), {"purchaser_budget": "5"}).json()["receives"] is False
        assert anns.put(budget_of(card), {"recipient_budget": "5"}).json()["receives"] is True


class TestAnyAmount(TestCase):
    """Whatever is sent as an amount is stored exactly as it is, or refused."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = UserFactory()
        cls.card = CardFactory()

    @settings(max_examples=60, deadline=None)
    @given(
        amount=st.one_of(
            st.decimals(allow_nan=True, allow_infinity=True).map(str),
            st.decimals(0, MAX_AMOUNT, places=2).map(str),
            st.text(max_size=12),
        )
    )
    def test_it_is_exact_or_refused(self, amount):
        answer = program(self.user).put(budget_of(self.card), {"recipient_budget": amount})
        if answer.status_code == 200:
            assert stored(self.card)[0] == Decimal(amount)
            assert 0 <= Decimal(amount) <= MAX_AMOUNT
        else:
            assert list(errors_of(answer)) == ["recipient_budget"]
            assert stored(self.card)[0] is None


class TestVersions:
    def test_an_old_version_is_not_overwritten(self, anns, mom):
        path = budget_of(mom)
        seen = anns.get(path)["ETag"]
        planning.save_budget(card=mom, role=Role.PURCHASER, amount=Decimal(60), seen=Decimal(50))
        refusal = anns.put(path, {"recipient_budget": "1"}, If_Match=seen)
        assert refusal.status_code == 412
        assert stored(mom) == (200, 60)
        now = anns.get(path)["ETag"]
        assert refusal["ETag"] == now != seen
        answer = anns.put(path, {"recipient_budget": "1"}, If_Match=now)
        assert (answer.status_code, answer["ETag"]) == (200, anns.get(path)["ETag"])

    def test_without_a_version_the_last_write_wins(self, anns, mom):
        planning.save_budget(card=mom, role=Role.RECIPIENT, amount=Decimal(60), seen=Decimal(200))
        assert anns.put(budget_of(mom), {"recipient_budget": "1"}).status_code == 200
        assert anns.put(budget_of(mom), {"recipient_budget": "2"}, If_Match="*").status_code == 200
        assert stored(mom)[0] == 2


class TestTheList:
    def test_somebody_is_put_on_it_once(self, anns, mom):
        tom = PersonFactory(name="Tom")
        for _ in range(2):
            answer = anns.post(list_of(mom), {"person_id": tom.pk})
            assert answer.status_code == 201
            assert answer["ETag"] == anns.get(budget_of(mom.occasion.links.get(person=tom)))["ETag"]
        assert mom.occasion.links.count() == 2

    def test_on_somebodys_day_the_others_give_unless_told(self, anns, mom):
        birthday = OccasionFactory(kind="birthday", celebrates=mom.person)
        path, sent = f"occasions/{birthday.pk}/persons", {"person_id": PersonFactory().pk}
        assert anns.post(path, sent).json()["receives"] is False
        assert anns.post(path, sent | {"receives": True}).json()["receives"] is True
        assert anns.post(path, sent).json()["receives"] is True

    def test_who_puts_themselves_on_it_is_answered_as_who_receives(self, anns, mom, user):
        UserFactory()
        me = PersonFactory(user=user)
        told = anns.post(list_of(mom), {"person_id": me.pk}).json()
        assert (told["is_surprise"], told["received"]) == (True, None)

    def test_who_gives_themselves_a_budget_is_answered_as_who_receives(self, anns, mom, user):
        UserFactory()
        mine = CardFactory(occasion=mom.occasion, person__user=user, receives=False)
        saved = anns.put(budget_of(mine), {"recipient_budget": "5"})
        assert (saved.json()["is_surprise"], saved.json()["recipient_budget"]) == (True, None)
        assert saved["ETag"] == anns.get(budget_of(mine))["ETag"]

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({}, "person_id"),
            ({"person_id": None}, "person_id"),
            ({"person_id": 4711}, "person_id"),
            ({"person_id": True}, "person_id"),
            ({"person_id": 2**63}, "person_id"),
            ({"person_id": 1, "receives": "yes"}, "receives"),
            ({"person_id": 1, "budget": "5"}, "budget"),
        ],
    )
    def test_nobody_who_is_not_there_is_put_on_it(self, anns, mom, sent, field):
        assert list(errors_of(anns.post(list_of(mom), sent))) == [field]
        assert anns.post("occasions/4711/persons", {"person_id": mom.person_id}).status_code == 404

    def test_who_has_nothing_there_is_taken_off_at_once(self, anns):
        card = CardFactory()
        assert anns.delete(f"{list_of(card)}/{card.person_id}").status_code == 204
        assert anns.delete(f"{list_of(card)}/{card.person_id}").status_code == 404

    def test_what_would_be_lost_is_asked_about_first(self, anns, mom):
        path = f"{list_of(mom)}/{mom.person_id}"
        answer = anns.delete(path)
        assert (answer.status_code, answer.json()["type"]) == (
            409,
            "urn:pursestrings:would-be-lost",
        )
        seen = anns.get(budget_of(mom))["ETag"]
        gift = make_gift(mom.occasion, mom.person)
        # A gift added meanwhile does not go unseen.
        assert anns.delete(path, If_Match=seen).status_code == 412
        seen = anns.get(budget_of(mom))["ETag"]
        assert anns.delete(path, If_Match=seen).status_code == 204
        assert not Gift.objects.filter(pk=gift.pk).exists()

    def test_who_receives_is_taken_off_by_somebody_else(self, anns, own):
        assert anns.delete(f"{list_of(own)}/{own.person_id}", If_Match="*").status_code == 403
        assert PersonOccasion.objects.filter(pk=own.pk).exists()


class TestFilling:
    @pytest.fixture
    def dad(self, mom: PersonOccasion) -> PersonOccasion:
        Occasion.objects.filter(pk=mom.occasion_id).update(budget_total=Decimal("100.01"))
        return CardFactory(occasion=mom.occasion, person__name="Dad")

    def fill(self, who: Program, card: PersonOccasion, **sent: Any) -> Any:
        return who.post(f"occasions/{card.occasion_id}/budgets", sent)

    def test_the_budget_is_split_equally(self, anns, mom, dad):
        told = self.fill(anns, mom, how="split").json()
        assert [one["recipient_budget"] for one in told] == ["50.01", "50.00"]

    def test_everybody_gets_one_amount(self, anns, mom, dad):
        told = self.fill(anns, mom, how="all", amount="5").json()
        assert [one["recipient_budget"] for one in told] == ["5.00", "5.00"]

    def test_what_is_empty_is_filled_from_last_year(self, anns, mom):
        coming = CardFactory(person=mom.person, occasion__previous=mom.occasion)
        [told] = self.fill(anns, coming, how="copy").json()
        assert (told["recipient_budget"], told["purchaser_budget"]) == ("200.00", "50.00")

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({}, "how"),
            ({"how": "guess"}, "how"),
            ({"how": "split"}, "how"),
            ({"how": "all"}, "amount"),
            ({"how": "all", "amount": "0.001"}, "amount"),
            ({"how": "all", "amount": 5}, "amount"),
        ],
    )
    def test_what_cannot_be_filled_is_refused(self, anns, mom, sent, field):
        assert list(errors_of(self.fill(anns, mom, **sent))) == [field]
        assert stored(mom) == (200, 50)

    @pytest.mark.parametrize(
        "sent", [{"how": "copy"}, {"how": "split"}, {"how": "all", "amount": "5"}]
    )
    def test_what_is_kept_from_somebody_is_left_alone(self, anns, dad, own, sent):
        PersonOccasion.objects.filter(pk=own.pk).update(recipient_budget=Decimal("77.70"))
        PersonOccasion.objects.filter(pk=dad.pk).update(purchaser_budget=Decimal("77.70"))
        answer = self.fill(anns, own, **sent)
        assert (answer.status_code, "77.7" in answer.content.decode()) == (200, False)
        assert (stored(own)[0], stored(dad)[1]) == (Decimal("77.7"), Decimal("77.7"))


class TestRights:
    def test_a_token_that_reads_writes_nothing(self, user, mom):
        reads, path = program(user, Scope.READ, Scope.SPEND), budget_of(mom)
        for answer in (
            reads.put(path, {"recipient_budget": "5"}),
            reads.post(list_of(mom), {"person_id": mom.person_id}),
            reads.delete(f"{list_of(mom)}/{mom.person_id}"),
            reads.post(f"occasions/{mom.occasion_id}/budgets", {"how": "copy"}),
        ):
            assert answer.status_code == 403
        assert reads.get(path).status_code == 200
        assert program(user, Scope.MANAGE).get(path).status_code == 403

    def test_own_budget_for_gifts_is_neither_read_nor_written(self, anns, own):
        PersonOccasion.objects.filter(pk=own.pk).update(recipient_budget=Decimal(77))
        make_gift(own.occasion, own.person, title="Kite")
        told = anns.get(budget_of(own)).json()
        assert (told["is_surprise"], told["gifts"]) == (True, [])
        assert (told["recipient_budget"], told["received"]) == (None, None)
        for amount in ("77", None, "5"):
            sent = {"recipient_budget": amount, "purchaser_budget": "1"}
            assert anns.put(budget_of(own), sent).status_code == 404
        assert stored(own) == (77, None)
        assert anns.put(budget_of(own), {"purchaser_budget": "1"}).status_code == 200

    def test_where_somebody_receives_they_see_their_own_buying_alone(self, anns, own, mom):
        make_gift(own.occasion, own.person, purchaser=mom.person)
        told = anns.get(budget_of(mom)).json()
        assert (told["recipient_budget"], told["purchaser_budget"]) == ("200.00", None)
        assert (told["received"]["gifts"], told["given"]) == (0, None)
        assert anns.put(budget_of(mom), {"purchaser_budget": "1"}).status_code == 404
        assert anns.put(budget_of(mom), {"recipient_budget": "1"}).status_code == 200
        assert stored(mom) == (1, 50)

    def test_when_the_day_has_passed_everything_is_told(self, anns, own, mom):
        Occasion.objects.filter(pk=own.occasion_id).update(date=TODAY - timedelta(days=1))
        told = [anns.get(budget_of(card)).json() for card in (own, mom)]
        assert all(one["received"] and one["given"] for one in told)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_two_that_saw_the_same_card_one_is_told_to_look_again(self, user, mom):
        programs = [program(user), program(UserFactory(administrator=True))]
        path = budget_of(mom)
        [seen] = {one.get(path)["ETag"] for one in programs}
        calls = [
            partial(one.put, path, {role.field: "1"}, If_Match=seen)
            for one, role in zip(programs, Role, strict=True)
        ]
        statuses = [answer.status_code for answer in together(calls)]
        assert sorted(statuses) == [200, 412]
        assert stored(mom) == ((1, 50) if statuses[0] == 200 else (200, 1))

    def test_a_program_and_a_page_lose_nothing_of_each_other(self, anns, mom):
        def save() -> bool:
            return planning.save_budget(
                card=mom, role=Role.PURCHASER, amount=Decimal(2), seen=Decimal(50)
            )

        answer, saved = together(
            [partial(anns.put, budget_of(mom), {"recipient_budget": "1"}), save]
        )
        assert (answer.status_code, saved) == (200, True)
        assert stored(mom) == (1, 2)

    def test_many_without_a_version_are_all_answered(self, anns, mom):
        calls = [
            partial(anns.put, budget_of(mom), {"recipient_budget": f"{number}"})
            for number in range(8)
        ]
        answers = together(calls)
        assert [answer.status_code for answer in answers] == [200] * 8
        assert stored(mom)[0] in range(8)
