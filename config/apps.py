"""The composition root as an app: it brings commands and checks, and owns no model."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class SiteConfig(AppConfig):
    name = "config"
    verbose_name = "Pursestrings"

    def ready(self) -> None:
        from config import checks  # noqa: F401  (registers the system checks)


class ConsoleAdminConfig(admin.AdminConfig):
    default = False
    default_site = "config.console.ConsoleSite"
