"""The Data page: what everybody finds there, and what the owner alone does."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import Budget
from budgets.tests.factories import NOW
from config import backups
from config.places import PAGES
from config.tests.shelf import shelf_in
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import ImportBatch
from purchases.tests.factories import PurchaseFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(autouse=True)
def shelf(tmp_path) -> Iterator[Path]:
    with shelf_in(tmp_path) as shelf:
        yield shelf


def page_of(user: User, path: str = "/data/") -> str:
    client = Client()
    client.force_login(user)
    return unescape(client.get(path).content.decode())


def bring(user: User, name: str, *, by: User | None = None, state: str = "done") -> ImportBatch:
    return ImportBatch.objects.create(
        owner=user, by=by or user, name=name, size=1, state=state, made_at=NOW, changed_at=NOW
    )


def queries(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/data/").status_code == 200
    return len(asked)


@pytest.mark.parametrize("trait", [{}, {"is_staff": True}, {"administrator": True}])
def test_everybody_may_bring_data_in_and_take_it_along(trait):
    page = page_of(UserFactory(**trait))
    assert "Bring data in" in page
    assert f'<a class="button" href="{reverse("imports:begin")}">' in page
    assert "Take your data with you" in page


@pytest.mark.parametrize("trait", [{}, {"is_staff": True}])
def test_backups_and_starting_over_are_for_the_owner_alone(trait):
    backups.make(now=NOW)
    page = page_of(UserFactory(**trait))
    assert 'id="backups"' not in page
    assert "the backup of" not in page
    assert "Start over" not in page
    assert "/data/reset/" not in page
    owner = page_of(UserFactory(administrator=True))
    assert "Make a backup now" in owner
    assert "Start over" in owner


def test_everything_that_can_be_taken_along_comes_as_a_file(client):
    client.force_login(UserFactory())
    page = client.get("/data/").content.decode()
    for name in (
        "data:export_zip",
        "data:export_json",
        "purchases:csv",
        "budgets:history_csv",
        "gifts:csv",
    ):
        assert f'href="{reverse(name)}"' in page
        answer = client.get(reverse(name))
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        b"".join(answer)


def test_what_others_share_is_told_to_be_in_the_table_alone(client):
    """Taken in elsewhere, it would become the member's."""
    client.force_login(UserFactory())
    PurchaseFactory(name="Ladder", shared=True)
    files = {
        name: b"".join(client.get(reverse(name)).streaming_content).decode()
        for name in ("data:export_json", "purchases:csv")
    }
    assert [name for name, text in files.items() if "Ladder" in text] == ["purchases:csv"]
    page = client.get("/data/").content.decode()
    assert page.count("<strong>Everything of yours, with") == 2
    assert "in one file, without what others share with you." in page
    assert "Yours and those shared with you, with every column, as a table." in page


def test_the_history_of_a_hidden_budget_is_not_offered():
    user = UserFactory()
    assert "Budget history" in page_of(user)
    Budget.objects.filter(user=user).update(visible_to_user=False)
    assert "Budget history" not in page_of(user)


def test_the_last_three_imports_are_shown_with_how_they_stand():
    user = UserFactory()
    assert "latest imports" not in page_of(user)
    batches = [bring(user, f"bank-{number}.csv") for number in range(5)]
    ImportBatch.objects.filter(pk=batches[3].pk).update(state="undone")
    page = page_of(user)
    assert [number for number in range(5) if f">bank-{number}.csv</a>" in page] == [2, 3, 4]
    assert f'href="{batches[4].get_absolute_url()}"' in page
    assert page.index("bank-4") < page.index("Recorded") < page.index("bank-3")
    assert page.index("bank-3") < page.index("Undone") < page.index("bank-2")


def test_imports_into_the_records_of_others_are_not_shown():
    user, other = UserFactory(), UserFactory()
    bring(other, "theirs.csv")
    bring(other, "for-them.csv", by=user)
    bring(user, "from-them.csv", by=other)
    page = page_of(user)
    assert "theirs.csv" not in page
    assert "for-them.csv" not in page
    assert "from-them.csv" in page


def test_the_page_has_its_place_in_the_navigation():
    page = page_of(UserFactory())
    nav = page[page.index('aria-label="Main"') : page.index("</nav>")]
    here = '<li class="nav-more"><a href="/data/" aria-current="page">'
    assert here in nav
    # On a narrow screen five icons fit; the sixth is in the menu.
    assert nav.count("<li>") == 5
    assert '<li class="menu-more"><a href="/data/">' in page
    assert here in page_of(UserFactory(), reverse("imports:begin"))
    assert here in page_of(UserFactory(administrator=True), "/data/reset/")


@pytest.mark.parametrize("words", ["data", "import", "export", "backup", "download"])
def test_it_is_found_by_what_it_is_for(words):
    assert any(place.name == "data:page" and place.answers(words) for place in PAGES)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_page_is_only_looked_at(client, method):
    client.force_login(UserFactory())
    assert getattr(client, method)("/data/").status_code == 405


def test_it_asks_the_same_queries_with_many_imports_and_backups_as_with_few(client):
    user = UserFactory(administrator=True)
    client.force_login(user)
    client.get("/data/")
    bring(user, "one.csv")
    backups.make(now=NOW)
    few = queries(client)
    for number in range(10):
        bring(user, f"{number}.csv")
        backups.make(now=NOW + timedelta(minutes=number))
    assert queries(client) == few <= 9


class TestTheNotice:
    NONE = "There is no backup yet."
    OLD = "No backup of the last seven days can be restored."

    @pytest.fixture
    def owner(self) -> User:
        return UserFactory(administrator=True)

    def test_tells_that_there_is_none(self, owner):
        assert self.NONE in page_of(owner)

    def test_is_gone_once_there_is_one(self, owner):
        backups.make(now=NOW - timedelta(days=7) + timedelta(seconds=1))
        page = page_of(owner)
        assert self.NONE not in page
        assert self.OLD not in page

    def test_tells_that_the_newest_is_a_week_old(self, owner):
        backups.make(now=NOW - timedelta(days=7))
        backups.make(now=NOW - timedelta(days=70))
        page = page_of(owner)
        assert self.OLD in page
        assert self.NONE not in page

    def test_does_not_rely_on_what_cannot_be_read(self, owner, shelf):
        (shelf / backups.make(now=NOW).name).write_bytes(b"no archive")
        page = page_of(owner)
        assert self.OLD in page
        assert "This file cannot be read as a backup." in page
