"""Which migrations a database has, and whether the rows of a backup fit them."""

from collections.abc import Collection

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

from config.backups.refusals import BadBackup


def applied(using: str = DEFAULT_DB_ALIAS) -> tuple[str, ...]:
    """Return every migration of the installed apps that the database has, as "app.name"."""
    found = MigrationRecorder(connections[using]).applied_migrations()
    installed = {config.label for config in apps.get_app_configs()}
    return tuple(sorted(f"{app}.{name}" for app, name in found if app in installed))


def judge(theirs: Collection[str]) -> None:
    """Raise BadBackup unless a backup was made under the migrations that the database has."""
    mine = set(applied())
    if newer := sorted(set(theirs) - mine):
        raise BadBackup(
            f"This backup was made by a newer version: it has {_named(newer)}, and this"
            f" installation ends at {_last(mine, newer)}. Install that version and migrate, then"
            " restore."
        )
    if older := sorted(mine - set(theirs)):
        raise BadBackup(
            f"This backup was made by an older version: it ends at {_last(theirs, older)}, and this"
            f" installation has {_named(older)} as well. Restore it with the version that it was"
            " made by, into an empty database, and migrate then."
        )


def _named(migrations: list[str]) -> str:
    more = len(migrations) - 3
    return ", ".join(migrations[:3]) + (f" and {more} more" if more > 0 else "")


def _last(migrations: Collection[str], beyond: list[str]) -> str:
    """Return the last migration of the app in which the two differ first."""
    app = beyond[0].partition(".")[0]
    own = sorted(one for one in migrations if one.startswith(f"{app}."))
    return own[-1] if own else f"nothing of {app}"
