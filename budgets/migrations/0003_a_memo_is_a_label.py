"""Let a memo be written anew: it says what a posting was for, and may have to say less.

Everything else of an entry stays as it was posted, whoever asks.
"""

from typing import Any

from django.db import migrations

COLUMNS = (
    "id, budget_id, cycle_id, kind, amount, occurred_at, day, recorded_at, provider, model,"
    " operation, input_tokens, output_tokens, cached_tokens, source, source_event_id, reverses_id"
)
POSTGRESQL = """
DROP TRIGGER budgets_entry_is_immutable ON budgets_entry;
CREATE TRIGGER budgets_entry_is_immutable BEFORE UPDATE {of} ON budgets_entry
    FOR EACH ROW EXECUTE FUNCTION budgets_entry_is_immutable();
"""
SQLITE_DROP = "DROP TRIGGER budgets_entry_is_immutable;"
SQLITE = """
CREATE TRIGGER budgets_entry_is_immutable BEFORE UPDATE {of} ON budgets_entry
BEGIN
    SELECT RAISE(ABORT, 'entries are immutable: post a reversal');
END;
"""


def refuse(schema_editor: Any, of: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL.format(of=of))
    else:
        schema_editor.execute(SQLITE_DROP)
        schema_editor.execute(SQLITE.format(of=of))


def all_but_the_memo(apps, schema_editor):
    refuse(schema_editor, f"OF {COLUMNS}")


def everything(apps, schema_editor):
    refuse(schema_editor, "")


class Migration(migrations.Migration):
    dependencies = [("budgets", "0002_entries_are_immutable")]

    operations = [migrations.RunPython(all_but_the_memo, everything)]
