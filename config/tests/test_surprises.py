"""Nobody learns of a present for themselves before its day: a walk over every page as Leo.

He asks every address of the app, every link with a question that he is offered, and every search
and filter of every form, once with presents hidden for him and once without. No answer may tell of
one, and each must be the same, byte for byte, in both worlds. Then he tries every way around.
"""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urlencode, urljoin, urlsplit
from zipfile import ZipFile

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client, TestCase

from budgets.models import Change, Cycle, Entry, Hold, Reset
from config.tests.addresses import Address
from config.tests.household import AFTER, NOW, SECRETS, Household, places
from occasions.models import Gift, Occasion, PersonOccasion
from people.models import Person, User
from people.tests.counters import count_from
from purchases.models import (
    Attachment,
    Brand,
    ImportBatch,
    ImportPreset,
    Purchase,
    Retailer,
    Tag,
    UndoStep,
    Warranty,
)

type Answer = tuple[int, dict[str, str], bytes]

#: What Leo searches for, and how many choices of one menu he tries.
TERMS = ("canary", "LEO", "1234")
CHOICES = 7
#: Where nothing is told of gifts at all.
DULL = ("/account/", "/budget/", "/occasions/holidays/", "/admin/budgets/", "/admin/auth/")
#: Programs have a walk of their own.
API = "/api/"
LEAVING = "/admin/logout/"
COUNTED = (
    Change,
    Cycle,
    Entry,
    Hold,
    Reset,
    Person,
    Occasion,
    PersonOccasion,
    Gift,
    Purchase,
    Warranty,
    Retailer,
    Brand,
    Tag,
    Attachment,
    UndoStep,
    ImportBatch,
    ImportPreset,
)
#: Sent to every address at once; each takes what it knows.
EVERYTHING = {
    "action": "download_csv",
    "amount": "5",
    "birthday": "2012-09-10",
    "confirmed": "yes",
    "date": "2026-07-01",
    "helper": "copy",
    "index": "0",
    "kind": "other",
    "brand": "Other",
    "currency": "USD",
    "exchange_rate": "1",
    "name": "Other",
    "purchased_on": "2026-07-01",
    "retailer": "Other",
    "post": "yes",
    "price": "5",
    "quantity": "1",
    "receives": "no",
    "relationship": "friend",
    "status": "purchased",
    "title": "Thing",
}
#: Made anew for each answer.
_TOKEN = re.compile(rb'(csrfmiddlewaretoken" value=|"x-csrftoken": |data-csrf-token=)"\w+"')


class Ways(HTMLParser):
    """Collects where a page leads with a question: its links, and its forms for searching."""

    def __init__(self, path: str, html: str) -> None:
        super().__init__()
        self.path = path
        self.found: dict[str, None] = {}
        self._action: str | None = None
        self._select: str | None = None
        self._left = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        match tag:
            case "a":
                self._add(told.get("href", ""))
            case "form":
                asks = told.get("method", "get").lower() == "get"
                self._action = told.get("action", "") if asks else None
            case "select":
                self._select, self._left = told.get("name"), CHOICES
            case "option" if self._select and self._left:
                self._left -= 1
                self._ask(self._select, told.get("value", ""))
            case "input" if told.get("type") in {"checkbox", "radio"}:
                self._ask(told.get("name", ""), told.get("value", "on"))
            case "input" if told.get("type", "text") in {"search", "text"}:
                for term in TERMS:
                    self._ask(told.get("name", ""), term)

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._action = None
            case "select":
                self._select = None

    def _ask(self, name: str, value: str) -> None:
        if self._action is not None and name:
            self._add(f"{self._action}?{urlencode({name: value})}")

    def _add(self, link: str) -> None:
        where = urlsplit(urljoin(f"http://here{self.path}", link))
        if where.netloc == "here" and where.query:
            self.found[f"{where.path}?{where.query}"] = None


def answer_of(response: HttpResponseBase) -> Answer:
    body = b"".join(response)
    if response.get("Content-Type") == "application/zip":
        body = unpacked(body)
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    return response.status_code, headers, _TOKEN.sub(rb"\1", body)


def unpacked(archive: bytes) -> bytes:
    """Return the names and the bytes of what is in a ZIP, in its order."""
    with ZipFile(BytesIO(archive)) as opened:
        members = [(info.filename.encode(), opened.read(info)) for info in opened.infolist()]
    return b"\n".join(part for member in members for part in member)


def explore(client: Client, paths: Iterable[str], dull: tuple[str, ...]) -> dict[str, Answer]:
    """Return the answers of `paths`, and of all that their pages lead to with a question."""
    answers: dict[str, Answer] = {}
    asked: dict[str, None] = {}
    for path in paths:
        response = client.get(path)
        answers[path] = answer_of(response)
        if "text/html" in response.get("Content-Type", "") and not path.startswith(dull):
            asked |= Ways(path, answers[path][2].decode()).found
    return answers | ask(client, asked.keys() - answers.keys())


def ask(client: Client, paths: Iterable[str]) -> dict[str, Answer]:
    return {path: answer_of(client.get(path)) for path in paths}


def ask_for_parts(client: Client, paths: Iterable[str]) -> dict[str, Answer]:
    """Return what htmx is answered."""
    htmx = {"HX-Request": "true"}
    return {f"{path} by htmx": answer_of(client.get(path, headers=htmx)) for path in paths}


def send(client: Client, paths: Iterable[str], start: int) -> dict[str, Answer]:
    """Return what is answered to everything sent at once, and where it leads; all is undone.

    New rows are counted from `start`, so that they have the same keys in both worlds.
    """
    answers = {}
    for path in paths:
        with transaction.atomic():
            count_from(start, COUNTED)
            response = client.post(path, EVERYTHING)
            answers[f"{path} sent"] = answer_of(response)
            if response.status_code == 302:
                answers[f"{path} and on"] = answer_of(client.get(response["Location"]))
            transaction.set_rollback(True)
    return answers


def told_by(answers: dict[str, Answer]) -> dict[str, list[str]]:
    """Return the secrets that stand in answers, by where."""
    told = {
        where: [secret for secret in SECRETS if secret in f"{headers} {body.decode()}"]
        for where, (_, headers, body) in answers.items()
    }
    return {where: secrets for where, secrets in told.items() if secrets}


class Walk:
    """What both walks are looked at for."""

    administrator: bool
    #: The pages that are opened, but not searched.
    dull: tuple[str, ...]

    @classmethod
    def setUpTestData(cls) -> None:
        with time_machine.travel(NOW, tick=False):
            home = Household(administrator=cls.administrator)
            # What is told of a request itself is the same on both walks.
            client = Client(headers={"X-Request-ID": "a-walk"})
            client.force_login(home.user)
            # On PostgreSQL a rollback does not turn the counters back.
            cls.start = 1_000 + max(
                row.pk for model in COUNTED for row in model.objects.order_by("-pk")[:1]
            )
            with transaction.atomic():
                cls.hidden = [gift.pk for gift in home.hide()]
                paths = [path for address, path in places() if cls.opens(address)]
                paths += cls.by_hand(cls.hidden)
                asked = explore(client, paths, cls.dull)
                cls.with_presents = asked | cls.more(client, paths)
                transaction.set_rollback(True)
            cls.without_presents = ask(client, asked) | cls.more(client, paths)

    @classmethod
    def opens(cls, address: Address) -> bool:
        raise NotImplementedError

    @classmethod
    def by_hand(cls, hidden: list[int]) -> list[str]:
        """Return what no page leads to, but somebody might think of."""
        return []

    @classmethod
    def more(cls, client: Client, paths: list[str]) -> dict[str, Answer]:
        """Ask in other ways."""
        raise NotImplementedError

    def test_no_answer_tells_of_a_present(self):
        assert told_by(self.with_presents) == {}

    def test_every_answer_is_the_same_with_and_without(self):
        with_presents, without = self.with_presents, self.without_presents
        assert with_presents.keys() == without.keys()
        assert [where for where in without if with_presents[where] != without[where]] == []

    def test_the_presents_themselves_are_not_there(self):
        is_theirs = re.compile(rf"/gifts?/({'|'.join(map(str, self.hidden))})/")
        statuses = {
            where: answer[0]
            for where, answer in self.with_presents.items()
            if is_theirs.search(where) and "?" not in where
        }
        # A part of the console sends from a row to its form, without looking whether it is there.
        found = {where for where, status in statuses.items() if status not in {404, 405}}
        assert len(statuses) >= 3 * len(self.hidden)
        assert found == set()

    def test_nothing_breaks(self):
        broken = [where for where, answer in self.with_presents.items() if answer[0] >= 500]
        assert broken == []


class TestTheWalkOfAMember(Walk, TestCase):
    administrator = False
    dull = DULL

    @classmethod
    def opens(cls, address: Address) -> bool:
        return address.name == "admin:index" or not address.template.startswith(("/admin/", API))

    @classmethod
    def more(cls, client: Client, paths: list[str]) -> dict[str, Answer]:
        own = [path for path in paths if not path.startswith(DULL)]
        return ask_for_parts(client, own) | send(client, own, cls.start)

    def test_it_comes_by_everywhere(self):
        opened = {where for where, answer in self.with_presents.items() if answer[0] == 200}
        assert opened >= {
            "/",
            "/people/?q=canary",
            "/occasions/?past=1",
            "/gifts/?q=canary",
            "/gifts/?status=idea",
            "/gifts/?sort=-cost",
            "/gifts/gifts.csv",
            "/gifts/shopping/",
            "/gifts/add/ by htmx",
        }


class TestTheWalkOfAnAdministrator(Walk, TestCase):
    administrator = True
    #: The app's own pages are searched on the other walk.
    dull = (*DULL, "/people/", "/occasions/", "/gifts/")

    @classmethod
    def opens(cls, address: Address) -> bool:
        if address.template.startswith(API):
            return False
        return not address.name.startswith(("gifts:", "occasions:")) or len(address.parameters) < 2

    @classmethod
    def by_hand(cls, hidden: list[int]) -> list[str]:
        gifts = ContentType.objects.get_for_model(Gift).pk
        through = "app_label=occasions&model_name=gift_recipients&field_name=gift"
        return [
            f"/admin/autocomplete/?{through}&term=canary",
            *(f"/admin/r/{gifts}/{pk}/" for pk in hidden),
            *(
                f"/admin/{place}/?{question}"
                for place in ("people/person", "occasions/occasion", "people/user")
                for question in (
                    f"gifts__id__exact={hidden[0]}",
                    f"gifts={hidden[0]}",
                    f"person__gifts={hidden[0]}",
                    "gifts__title__startswith=Canary",
                    "links__recipient_budget__isnull=0",
                )
            ),
            *(
                f"/admin/occasions/{model}/?{question}"
                for model in ("gift", "personoccasion")
                for question in ("recipient_budget__gt=700", "price__gt=1000", "_facets=True")
            ),
        ]

    @classmethod
    def more(cls, client: Client, paths: list[str]) -> dict[str, Answer]:
        console = (path for path in paths if path.startswith("/admin/"))
        sent = [path for path in console if not path.startswith((*DULL, LEAVING))]
        return send(client, sent, cls.start)

    def test_it_comes_by_everywhere(self):
        opened = {where for where, answer in self.with_presents.items() if answer[0] == 200}
        assert opened >= {
            "/admin/",
            "/admin/occasions/gift/?q=canary",
            "/admin/occasions/gift/?status__exact=idea",
            "/admin/occasions/gift/csv/",
            "/admin/occasions/personoccasion/?when=coming",
            "/admin/people/person/?q=LEO",
        }


# --- Who may know -------------------------------------------------------------------------------

#: Where the presents, their prices or the budgets for them are told of.
TELLING = {
    "admin:occasions_gift_change",
    "admin:occasions_gift_changelist",
    "admin:occasions_gift_csv",
    "admin:occasions_gift_delete",
    "admin:occasions_personoccasion_change",
    "admin:occasions_personoccasion_changelist",
    "gifts:change",
    "gifts:csv",
    "gifts:delete",
    "gifts:list",
    "occasions:detail",
    "persons:gifts",
}


def telling(user: User, names: set[str]) -> set[str]:
    """Return which of the addresses with these `names` tell `user` of a present."""
    client = Client()
    client.force_login(user)
    by_path = {path: address.name for address, path in places() if address.name in names}
    return {by_path[path] for path in told_by(ask(client, by_path))}


@pytest.mark.django_db
def test_whoever_gives_sees_it_all(time_machine):
    time_machine.move_to(NOW, tick=False)
    home = Household(administrator=False)
    home.hide()
    names = TELLING | {"gifts:shopping", "persons:budgets"}
    assert telling(home.sis.user, names) == names


@pytest.mark.django_db
def test_when_the_day_has_passed_everything_is_told(time_machine):
    time_machine.move_to(NOW, tick=False)
    home = Household(administrator=True)
    home.hide()
    time_machine.move_to(AFTER, tick=False)
    assert telling(home.user, TELLING) == TELLING


@pytest.mark.parametrize(
    ("moment", "zone", "told"),
    [
        ("2026-12-25T23:59:59Z", "UTC", False),
        ("2026-12-26T00:00:00Z", "UTC", True),
        # It is the 26th for Leo, but not yet at home.
        ("2026-12-25T11:00:00Z", "Pacific/Kiritimati", False),
        # It is the 26th at home, but not yet for Leo.
        ("2026-12-26T05:00:00Z", "Pacific/Honolulu", False),
        ("2026-12-26T10:00:00Z", "Pacific/Honolulu", True),
    ],
)
@pytest.mark.django_db
def test_the_day_has_passed_when_it_has_for_whom_it_is_and_at_home(
    time_machine, moment, zone, told
):
    time_machine.move_to(NOW, tick=False)
    home = Household(administrator=True)
    kite = home.hide()[0]
    User.objects.filter(pk=home.user.pk).update(timezone=zone)
    time_machine.move_to(moment, tick=False)
    client = Client()
    client.force_login(home.user)
    for path in (
        f"/gifts/{kite.pk}/",
        f"/admin/occasions/gift/{kite.pk}/change/",
        f"/admin/occasions/personoccasion/{home.card.pk}/change/",
    ):
        assert client.get(path).status_code == (200 if told else 404), path
    page = client.get(f"/occasions/{home.christmas.pk}/").content.decode()
    assert ("Canary " in page) is told
    assert ("777.77" in page) is told
