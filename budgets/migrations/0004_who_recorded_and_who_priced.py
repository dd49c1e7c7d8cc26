"""Keep with an entry by which token it was recorded and by which price list its cost was found.

The trigger that keeps entries as they were posted covers the new columns too; SQLite loses it with
the table that it makes anew.
"""

from typing import Any

from django.db import migrations, models

COLUMNS = (
    "id, budget_id, cycle_id, kind, amount, occurred_at, day, recorded_at, provider, model,"
    " operation, input_tokens, output_tokens, cached_tokens, source, source_event_id, reverses_id"
)
NEW = "priced_by, via"
DROP = "DROP TRIGGER IF EXISTS budgets_entry_is_immutable"
POSTGRESQL = """
CREATE TRIGGER budgets_entry_is_immutable BEFORE UPDATE OF {columns} ON budgets_entry
    FOR EACH ROW EXECUTE FUNCTION budgets_entry_is_immutable();
"""
SQLITE = """
CREATE TRIGGER budgets_entry_is_immutable BEFORE UPDATE OF {columns} ON budgets_entry
BEGIN
    SELECT RAISE(ABORT, 'entries are immutable: post a reversal');
END;
"""


def allow(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(f"{DROP} ON budgets_entry;" if is_postgresql else f"{DROP};")


def refuse(schema_editor: Any, columns: str) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute((POSTGRESQL if is_postgresql else SQLITE).format(columns=columns))


def refuse_all(apps, schema_editor):
    refuse(schema_editor, f"{COLUMNS}, {NEW}")


def refuse_old(apps, schema_editor):
    refuse(schema_editor, COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("budgets", "0003_a_memo_is_a_label")]

    operations = [
        migrations.RunPython(allow, refuse_old),
        migrations.AddField(
            "entry",
            "priced_by",
            models.CharField(blank=True, max_length=60, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "entry",
            "via",
            models.CharField(blank=True, max_length=120, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "hold",
            "via",
            models.CharField(blank=True, max_length=120, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(refuse_all, allow),
    ]
