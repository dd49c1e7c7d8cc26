"""Let the database itself refuse to edit an entry, whoever asks."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION budgets_entry_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are immutable: post a reversal'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER budgets_entry_is_immutable BEFORE UPDATE ON budgets_entry
    FOR EACH ROW EXECUTE FUNCTION budgets_entry_is_immutable();
"""
POSTGRESQL_BACK = """
DROP TRIGGER budgets_entry_is_immutable ON budgets_entry;
DROP FUNCTION budgets_entry_is_immutable();
"""
SQLITE = """
CREATE TRIGGER budgets_entry_is_immutable BEFORE UPDATE ON budgets_entry
BEGIN
    SELECT RAISE(ABORT, 'entries are immutable: post a reversal');
END;
"""
SQLITE_BACK = "DROP TRIGGER budgets_entry_is_immutable;"


def create(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def drop(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(POSTGRESQL_BACK if is_postgresql else SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("budgets", "0001_ledger")]

    operations = [migrations.RunPython(create, drop)]
