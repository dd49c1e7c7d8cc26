"""Nobody learns of a present for themselves from the API: a walk over it as Leo.

He asks for every list, with every filter, for every row, and tries to write, once with presents
hidden for him and once without. Each answer must be the same, byte for byte, in both worlds.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, get_args

import pytest
import time_machine
from django.db import transaction
from django.test import Client, TestCase

from occasions import planning
from occasions.api.gifts import GiftSort
from occasions.models import Gift, Occasion, PersonOccasion
from occasions.tests.factories import CHRISTMAS, NOW, TODAY, make_gift
from people.models import Person
from people.tests.counters import count_from
from people.tests.factories import UserFactory

type Answer = tuple[int, dict[str, str], bytes]

#: What must not stand in any answer to Leo.
SECRETS = ("Canary", "canary", "1234.56", "777.77", "333.33")
COUNTED = (Person, Occasion, PersonOccasion, Gift)
#: Of this day he knows everything.
YESTERDAY = TODAY - timedelta(days=1)


class Household:
    """Leo, Sis who administers, Mom and Dad; at Christmas everybody receives."""

    def __init__(self, *, administrator: bool) -> None:
        self.user = UserFactory(username="leo", administrator=administrator)
        self.leo = self._person("Leo", user=self.user, birthday=date(2012, 9, 9))
        self.sis = self._person("Sis", user=UserFactory(username="sis", administrator=True))
        self.mom = self._person("Mom", birthday=date(1960, 10, 3))
        self.dad = self._person("Dad")
        everybody = [self.leo, self.sis, self.mom, self.dad]
        self.last = self._occasion("Christmas", date(2025, 12, 25), everybody)
        self.christmas = self._occasion("Christmas", CHRISTMAS, everybody, previous=self.last)
        self.picnic = self._occasion("Picnic", YESTERDAY, everybody)
        self.alone = self._occasion("Name day", TODAY, [self.leo])
        self.birthday = Occasion.objects.get(celebrates=self.leo)
        self.moms = Occasion.objects.get(celebrates=self.mom)
        for giver in (self.leo, self.sis):
            planning.link(occasion=self.moms, person=giver)
        planning.link(occasion=self.birthday, person=self.sis)
        PersonOccasion.objects.filter(person=self.mom).update(recipient_budget=Decimal(250))
        PersonOccasion.objects.filter(person=self.leo).update(purchaser_budget=Decimal(100))
        make_gift(self.last, self.leo, title="Lamp", purchaser=self.sis)
        make_gift(self.christmas, self.sis, title="Scarf", purchaser=self.leo)
        make_gift(self.christmas, self.dad, title="Boots", purchaser=self.sis)
        make_gift(self.moms, self.mom, title="Vase", purchaser=self.sis)

    def hide(self) -> list[Gift]:
        """Plan presents for Leo, with the budgets for them. Return the gifts."""
        surprises = [self.christmas, self.birthday, self.alone]
        own = PersonOccasion.objects.filter(occasion__in=surprises, person=self.leo)
        own.update(recipient_budget=Decimal("777.77"))
        others = PersonOccasion.objects.filter(occasion__in=surprises).exclude(person=self.leo)
        others.update(purchaser_budget=Decimal("333.33"))
        # Where nobody else receives, the budget for everything is one for his presents.
        totals = Occasion.objects.filter(pk__in=[self.birthday.pk, self.alone.pk])
        totals.update(budget_total=Decimal("333.33"))
        about = {"notes": "Canary", "link": "https://canary.example/", "price": "1234.56"}
        return [
            make_gift(self.christmas, self.leo, title="Canary kite", purchaser=self.sis, **about),
            make_gift(self.christmas, self.leo, self.mom, title="Canary game", **about),
            make_gift(self.christmas, self.leo, title="Canary drum", status="purchased", **about),
            make_gift(self.birthday, self.leo, title="Canary bell", status="idea", **about),
            make_gift(self.alone, self.leo, title="Canary card", purchaser=self.dad, **about),
        ]

    def _person(self, name: str, **values: object) -> Person:
        return planning.save_person(person=Person(name=name, **values), today=TODAY)

    def _occasion(self, name: str, day: date, people: list[Person], **values: object) -> Occasion:
        about = {"name": name, "date": day, "budget_total": Decimal(1000)}
        return planning.change_occasion(occasion=Occasion(**values), values=about, people=people)


class Walk:
    """What both walks are looked at for."""

    administrator: bool

    @classmethod
    def setUpTestData(cls) -> None:
        with time_machine.travel(NOW, tick=False):
            cls.home = Household(administrator=cls.administrator)
            cls.client_of_leo = Client(headers={"X-Request-ID": "a-walk"})
            cls.client_of_leo.force_login(cls.home.user)
            with transaction.atomic():
                cls.hidden = [gift.pk for gift in cls.home.hide()]
                # On PostgreSQL a rollback does not turn the counters back.
                cls.start = 1_000 + max(cls.hidden)
                cls.paths = list(paths(cls.home, cls.hidden))
                cls.with_presents = cls.ask()
                transaction.set_rollback(True)
            cls.without_presents = cls.ask()

    @classmethod
    def ask(cls) -> dict[str, Answer]:
        answers = {path: answer_of(cls.client_of_leo.get(path)) for path in cls.paths}
        versions = {path: answer[1].get("ETag", "") for path, answer in answers.items()}
        for method, path, body in writes(cls.home, cls.hidden):
            for version in {"", '"another"' if body is None else versions.get(path, "")}:
                where = f"{method} {path} {json.dumps(body)} {version}"
                answers[where] = cls.write(method, path, body, version)
        return answers

    @classmethod
    def write(cls, method: str, path: str, body: Any, version: str) -> Answer:
        """Send something, and undo what came of it. New rows have the same keys in both worlds."""
        headers = {"If-Match": version} if version else {}
        send = getattr(cls.client_of_leo, method)
        with transaction.atomic():
            count_from(cls.start, COUNTED)
            told = send(path, body, content_type="application/json", headers=headers)
            answer = answer_of(told)
            transaction.set_rollback(True)
        return answer

    def test_no_answer_tells_of_a_present(self):
        told = {
            # What he has just sent himself may be told back to him.
            where: [
                one for one in SECRETS if one in f"{headers} {body.decode()}" and one not in where
            ]
            for where, (_, headers, body) in self.with_presents.items()
        }
        assert {where: found for where, found in told.items() if found} == {}

    def test_every_answer_is_the_same_with_and_without(self):
        assert self.with_presents.keys() == self.without_presents.keys()
        differing = [
            where
            for where, answer in self.without_presents.items()
            if self.with_presents[where] != answer
        ]
        assert differing == []

    def test_the_presents_themselves_are_not_there(self):
        theirs = tuple(f"/gifts/{pk}" for pk in self.hidden)
        statuses = {
            answer[0]
            for where, answer in self.with_presents.items()
            if any(path in where for path in theirs)
        }
        assert statuses == {404}

    def test_nothing_breaks_and_much_is_told(self):
        statuses = [answer[0] for answer in self.with_presents.values()]
        assert max(statuses) < 500
        assert {200, 201, 204, 403, 404, 409, 412, 422} <= set(statuses)
        told = {path for path in self.paths if self.with_presents[path][0] == 200}
        assert len(told) > 100


class TestTheWalkOfAMember(Walk, TestCase):
    administrator = False


@pytest.mark.django_db
@pytest.mark.time_machine(NOW, tick=False)
def test_whoever_gives_is_told_of_it_all():
    home = Household(administrator=False)
    hidden = home.hide()
    client = Client()
    client.force_login(home.sis.user)
    told = "".join(
        client.get(path).content.decode() for path in paths(home, [one.pk for one in hidden])
    )
    assert [secret for secret in SECRETS if secret not in told] == []


def answer_of(response: Any) -> Answer:
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    return response.status_code, headers, response.content


def paths(home: Household, hidden: list[int]) -> Iterator[str]:
    """Yield everything that one may read of people, occasions and gifts, with every filter."""
    people = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    days = list(Occasion.objects.order_by("pk").values_list("pk", flat=True))
    shown = list(Gift.objects.order_by("pk").values_list("pk", flat=True))
    rows = [
        "persons",
        "occasions",
        "gifts",
        "holidays?country=US",
        "me",
        *(f"persons/{pk}{more}" for pk in people for more in ("", "/occasions", "/photo")),
        *(f"persons/{pk}/occasions?upcoming=false" for pk in people),
        *(f"occasions/{pk}{more}" for pk in days for more in ("", "/persons", "/standing")),
        *(f"persons/{pk}/occasions/{day}/budget" for pk, day in product(people, days)),
        *(f"gifts/{pk}" for pk in {*shown, *hidden}),
    ]
    filters = [
        *(f"sort={sort}" for sort in get_args(GiftSort)),
        *(f"status={status}" for status in Gift.Status.values),
        *(f"{name}={pk}" for name in ("recipient_id", "purchaser_id") for pk in people),
        *(f"recipient_id={home.leo.pk}&occasion_id={pk}" for pk in days),
        *(f"occasion_id={pk}&limit=1&skip=1" for pk in days),
        *("unassigned=true", "q=can", "q=KITE", "q=1234", "skip=3", "limit=1", "skip=4"),
    ]
    asked = [
        *(f"gifts?{filtered}" for filtered in filters),
        *(f"persons?q={word}" for word in ("can", "leo")),
        *(f"occasions?{one}" for one in ("upcoming=true", "upcoming=false", "q=can", "year=2026")),
        *(f"occasions?kind={kind}" for kind in Occasion.Kind.values),
    ]
    yield from (f"/api/v1/{path}" for path in [*rows, *asked])


def writes(home: Household, hidden: list[int]) -> Iterator[tuple[str, str, Any]]:
    """Yield what Leo tries to write: a method, a path and a body."""
    for method, path, body in _writes(home, hidden):
        yield method, f"/api/v1/{path}", body


def _writes(home: Household, hidden: list[int]) -> Iterator[tuple[str, str, Any]]:
    leo = home.leo.pk
    for pk in hidden:
        yield "patch", f"gifts/{pk}", {"notes": "Mine"}
        yield "patch", f"gifts/{pk}", {"recipient_ids": []}
        yield "post", f"gifts/{pk}/status", {"status": "purchased"}
        yield "delete", f"gifts/{pk}", None
    for occasion in Occasion.objects.order_by("pk"):
        place = f"occasions/{occasion.pk}"
        for day in ("2026-07-01", "2026-12-25"):
            yield "patch", place, {"date": day}
        for total in ("777.77", "1000.00", None):
            yield "patch", place, {"budget_total": total}
        yield "delete", place, None
        for fill in ({"how": "copy"}, {"how": "split"}, {"how": "all", "amount": "5"}):
            yield "post", f"{place}/budgets", fill
        for person in Person.objects.order_by("pk"):
            yield "delete", f"{place}/persons/{person.pk}", None
            yield "post", f"{place}/persons", {"person_id": person.pk, "receives": True}
            card = f"persons/{person.pk}/occasions/{occasion.pk}/budget"
            for role, amount in product(("recipient", "purchaser"), ("777.77", "5", None)):
                yield "put", card, {f"{role}_budget": amount}
            yield "put", card, {}
        gift = {"title": "Kite", "occasion_id": occasion.pk}
        yield "post", "gifts", gift | {"recipient_ids": [leo]}
        yield "post", "gifts", gift | {"recipient_ids": [home.dad.pk], "purchaser_id": leo}
    for person in Person.objects.order_by("pk"):
        yield "patch", f"persons/{person.pk}", {"birthday": "2012-07-01"}
        yield "patch", f"persons/{person.pk}", {"user_id": None}
        yield "delete", f"persons/{person.pk}", None
        yield "post", f"persons/{person.pk}/me", None
