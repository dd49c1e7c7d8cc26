"""The migration that names every purchase holds a few of them at a time."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from people.tests.factories import UserFactory
from purchases.tests.factories import PurchaseFactory

MIGRATION = import_module("purchases.migrations.0004_name_every_purchase")
BEFORE, AFTER = ("purchases", "0003_imports"), ("purchases", "0004_name_every_purchase")


@pytest.fixture
def migrate(transactional_db):
    """Return what migrates purchases; in the end they are migrated to the newest."""

    def to(*targets):
        executor = MigrationExecutor(connection)
        return executor.migrate([*targets] or executor.loader.graph.leaf_nodes()).apps

    yield to
    to()


def test_each_purchase_has_a_name_of_its_own_and_few_are_read_at_once(migrate, monkeypatch):
    owner = UserFactory()
    keys = [PurchaseFactory(owner=owner).pk for _ in range(5)]
    purchases = migrate(BEFORE).get_model("purchases", "Purchase").objects
    purchases.exclude(pk=keys[2]).update(uid=None)
    kept = purchases.get(pk=keys[2]).uid
    monkeypatch.setattr(MIGRATION, "CHUNK", 2)
    with CaptureQueriesContext(connection) as captured:
        named = migrate(AFTER).get_model("purchases", "Purchase").objects
    names = dict(named.values_list("pk", "uid"))
    assert len(set(names.values())) == 5
    assert None not in names.values()
    assert names[keys[2]] == kept
    reads = [
        one["sql"]
        for one in captured
        if one["sql"].startswith("SELECT") and '"uid" IS NULL' in one["sql"]
    ]
    assert len(reads) == 3
    assert all("LIMIT 2" in sql for sql in reads)
