"""Everything goes but one account, and comes back by the restore point."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from budgets.ledger import check
from budgets.models import Budget, Cycle
from config import backups
from config.backups import replacing
from config.portable.tables import tables
from config.tests import copies
from config.tests.copies import LATER
from people.models import User

pytestmark = pytest.mark.django_db
#: Where it matters what happens after a transaction.
for_real = pytest.mark.django_db(transaction=True)

#: Whose rows migrations write.
OURS = {"contenttypes.ContentType", "auth.Permission"}


@pytest.fixture
def ann(settings, tmp_path):
    copies.settle(settings, tmp_path)
    copies.furnish()
    return User.objects.get(username="ann")


@pytest.fixture
def writing(monkeypatch):
    monkeypatch.setattr(replacing, "PATIENCE", 0.2)
    with copies.somebody_who_writes() as start:
        yield start


def counts():
    found = {table.name: table.model._base_manager.count() for table in tables()}
    return {name: count for name, count in found.items() if count and name not in OURS}


def erase(user):
    return backups.erase_everything(keep_user=user, now=LATER)


@for_real
def test_nothing_stays_but_the_account_with_an_empty_budget(ann):
    erase(ann)
    assert counts() == {"people.User": 1, "budgets.Budget": 1, "budgets.Cycle": 1}
    assert User.objects.get().password == ann.password
    assert Budget.objects.get().user == ann
    cycle = Cycle.objects.get()
    assert (cycle.spent, cycle.is_open) == (0, True)
    assert not check()


def test_what_migrations_wrote_stays(ann):
    before = ContentType.objects.count(), Permission.objects.count()
    erase(ann)
    assert (ContentType.objects.count(), Permission.objects.count()) == before


def test_the_permissions_of_the_account_stay_and_groups_go(ann):
    permission = Permission.objects.first()
    for user in User.objects.all():
        user.user_permissions.add(permission)
        user.groups.add(Group.objects.get_or_create(name="Helpers")[0])
    erase(ann)
    assert list(User.objects.get().user_permissions.all()) == [permission]
    assert not Group.objects.exists()


def test_the_files_go(ann, settings):
    erase(ann)
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


@for_real
def test_the_restore_point_brings_everything_back(ann):
    before = copies.state()
    point = erase(ann)
    assert point in {one.name for one in backups.listed()}
    backups.restore(point, now=LATER)
    assert copies.state() == before


def test_nothing_goes_when_something_goes_wrong(ann):
    before = copies.state()
    stranger = User(pk=ann.pk + 1_000)
    with pytest.raises(User.DoesNotExist):
        erase(stranger)
    assert copies.state() == before


@for_real
def test_nothing_goes_when_somebody_else_writes_all_the_time(ann, writing):
    before = copies.state()
    writing()
    with pytest.raises(backups.RestoreFailed, match="Somebody else was writing"):
        erase(ann)
    assert backups.listed() == []
    assert copies.state() == before


def test_new_people_get_keys_of_their_own(ann):
    bob = User.objects.get(username="bob").pk
    erase(ann)
    assert User.objects.create(username="new").pk > bob
