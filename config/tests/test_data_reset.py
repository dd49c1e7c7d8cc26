"""Starting over: everything goes but the owner's account, and can be brought back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from budgets.tests.factories import NOW, record
from config import backups
from config.backups.alone import alone
from config.tests.shelf import shelf_in
from config.tests.test_data_backups import PASSWORD, text
from occasions.tests.factories import PersonFactory
from people.models import Person, User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import PurchaseFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.time_machine(NOW, tick=False),
]

PATH = "/data/reset/"
SENT = {"password": PASSWORD, "confirmation": "Delete  everything"}


@pytest.fixture(autouse=True)
def shelf(tmp_path) -> Iterator[Path]:
    with shelf_in(tmp_path) as shelf:
        yield shelf


@pytest.fixture
def owner() -> User:
    """An owner in the middle of a household, with something of everything."""
    owner = UserFactory(username="olga", administrator=True)
    PurchaseFactory(owner=owner)
    PurchaseFactory(owner=UserFactory(username="ben"))
    PersonFactory(name="Mom")
    record(owner.budget, "5", now=NOW)
    return owner


@pytest.fixture
def client(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_the_page_says_what_goes_and_what_stays(client):
    page = text(client.get(PATH))
    assert "every member but you" in page
    assert "your account with its name and password" in page
    assert "Type “delete everything”" in page
    assert User.objects.count() == 2


def test_everything_goes_and_the_owner_is_alone_and_signed_in(client, owner):
    answer = client.post(PATH, SENT, follow=True)
    assert answer.redirect_chain == [("/data/", 302)]
    [point] = backups.listed()
    assert point.kind == backups.Kind.RESTORE_POINT
    page = text(answer)
    assert "Everything is deleted, and you are the only member." in page
    assert f"in the restore point “{point.name}”." in page
    assert [user.username for user in User.objects.all()] == ["olga"]
    assert not Purchase.objects.exists()
    assert not Person.objects.exists()
    assert client.get("/").status_code == 200
    assert client.get("/budget/").status_code == 200


def test_the_restore_point_brings_everything_back(client):
    client.post(PATH, SENT)
    [point] = backups.listed()
    path = reverse("data:backup_restore", args=[point.name])
    typed = f"{point.made_at:%Y-%m-%d %H:%M}"
    client.post(path, {"password": PASSWORD, "confirmation": typed})
    assert (User.objects.count(), Purchase.objects.count()) == (2, 2)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"password": PASSWORD},
        {"password": PASSWORD, "confirmation": "delete"},
        {"password": PASSWORD, "confirmation": "yes"},
        {"password": "wrong", "confirmation": "delete everything"},
        {"confirmation": "delete everything"},
    ],
)
def test_without_password_and_confirmation_nothing_changes(client, sent):
    answer = client.post(PATH, sent)
    assert answer.status_code == 422
    assert (User.objects.count(), Purchase.objects.count()) == (2, 2)
    assert backups.listed() == []
    if typed := sent.get("confirmation"):
        assert f'name="confirmation" value="{typed}"' in text(answer)


def test_without_a_restore_point_nothing_changes(client, shelf):
    shelf.write_text("a file where the folder should be")
    answer = client.post(PATH, SENT)
    assert answer.status_code == 422
    assert "Nothing was changed. No restore point could be made: " in text(answer)
    assert str(shelf) not in text(answer)
    assert (User.objects.count(), Purchase.objects.count()) == (2, 2)


def test_while_a_backup_is_restored_nothing_changes(client):
    with alone():
        answer = client.post(PATH, SENT)
    assert answer.status_code == 409
    assert "Another restore is running." in text(answer)
    assert Purchase.objects.count() == 2


@pytest.mark.parametrize("trait", [{}, {"is_staff": True}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_for_the_owner_alone(owner, trait, method):
    client = Client()
    client.force_login(UserFactory(**trait))
    assert getattr(client, method)(PATH, SENT).status_code == 403
    assert Purchase.objects.count() == 2


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)(PATH).status_code == 405


def test_visitors_are_sent_to_sign_in(owner):
    assert Client().post(PATH, SENT)["Location"] == f"/account/login/?next={PATH}"
    assert Purchase.objects.count() == 2
