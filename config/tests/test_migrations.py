"""Migrations say what the models say, and can be taken back."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor

from budgets.models import Entry
from budgets.tests.factories import make_budget, spend


def migrate(*targets: tuple[str, str]) -> None:
    """Migrate to `targets`, or to the newest of all."""
    executor = MigrationExecutor(connection)
    executor.migrate([*targets] or executor.loader.graph.leaf_nodes())


@pytest.fixture
def schema(transactional_db) -> Iterator[None]:
    """Put the schema back, however the test leaves it."""
    yield
    migrate()


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration(capsys):
    call_command("makemigrations", check=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out


def test_every_migration_has_a_spoken_name_and_follows_one_other():
    loader = MigrationExecutor(None).loader
    ours = [
        key
        for key in loader.graph.nodes
        if key[0] in {"budgets", "occasions", "people", "purchases"}
    ]
    assert ours
    assert [name for _, name in ours if "_auto_" in name or not name[5:].strip("_")] == []
    assert loader.detect_conflicts() == {}


def test_the_database_refuses_to_edit_an_entry_from_its_migration_on(schema):
    entry = spend(make_budget(), "1.50", memo="first")
    edited = Entry.objects.filter(pk=entry.pk)
    with pytest.raises(IntegrityError, match="entries are immutable: post a reversal"):
        edited.update(operation="second")

    migrate(("budgets", "0001_ledger"))
    assert edited.update(operation="second") == 1

    migrate()
    with pytest.raises(IntegrityError, match="entries are immutable: post a reversal"):
        edited.update(operation="third")
    assert edited.get().operation == "second"
