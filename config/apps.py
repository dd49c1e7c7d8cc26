"""The composition root as an app: it brings commands and checks, and owns no model."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def know_json(database: BaseDatabaseWrapper) -> None:
    """Spare SQLite the question whether it knows JSON, which each that we support does.

    Django asks in a transaction, and a transaction takes the write lock here: beside a long
    writer, such as a restore, every command would end with “SQLite does not support JSONFields”.
    """
    if database.vendor == "sqlite":
        vars(database.features)["supports_json_field"] = True


class SiteConfig(AppConfig):
    name = "config"
    verbose_name = "Pursestrings"

    def ready(self) -> None:
        from config import checks  # noqa: F401  (registers the system checks)

        know_json(connection)


class ConsoleAdminConfig(admin.AdminConfig):
    default = False
    default_site = "config.console.ConsoleSite"
