"""System checks for every misconfiguration that can be foreseen, each with an id and a hint."""

import os
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.cache import caches
from django.core.checks import CheckMessage, Error, Tags, register

from budgets.money import MAX_LIMIT, BadAmount, to_micros

Configs = Sequence[AppConfig] | None


@register()
def check_database(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith(("sqlite3", "postgresql")):
        yield Error(
            f"The database engine {database['ENGINE']} is not supported.",
            hint="Let DATABASE_URL name SQLite or PostgreSQL: the ledger speaks these two.",
            id="pursestrings.E009",
        )
    mode = database.get("OPTIONS", {}).get("transaction_mode")
    if database["ENGINE"].endswith("sqlite3") and mode != "IMMEDIATE":
        yield Error(
            "SQLite transactions do not begin IMMEDIATE.",
            hint="Set transaction_mode to IMMEDIATE: otherwise parallel spending is refused with"
            " “database is locked”.",
            id="pursestrings.E001",
        )


@register()
def check_currency(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    if not is_currency(settings.CURRENCY):
        yield Error(
            f"CURRENCY is {settings.CURRENCY!r}, which is no currency code.",
            hint="Use an ISO 4217 code such as USD, EUR or JPY.",
            id="pursestrings.E002",
        )


@register()
def check_locale(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    try:
        Locale.parse(settings.LOCALE)
    except (UnknownLocaleError, ValueError, TypeError):
        yield Error(
            f"LOCALE is {settings.LOCALE!r}, which is no language region.",
            hint="Use a name such as en_US, en_GB or de_DE.",
            id="pursestrings.E003",
        )


@register()
def check_time_zone(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    try:
        ZoneInfo(settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Error(
            f"TIME_ZONE is {settings.TIME_ZONE!r}, which is no time zone.",
            hint="Use an IANA name such as Europe/Berlin.",
            id="pursestrings.E004",
        )


@register()
def check_budget_defaults(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    for role, defaults in settings.BUDGET_DEFAULTS.items():
        limit: Decimal = defaults["limit"]
        if not _is_limit(limit):
            yield Error(
                f"{role.upper()}_LIMIT is {limit}, which is no limit.",
                hint=f"Use an amount from 0 to {MAX_LIMIT:,} with at most six decimals.",
                id="pursestrings.E005",
            )


def _is_limit(limit: Decimal) -> bool:
    try:
        return 0 <= to_micros(limit) <= to_micros(MAX_LIMIT)
    except BadAmount:
        return False


@register()
def check_api_rates(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    for name in ("API_RATE", "API_GATEWAY_RATE"):
        if getattr(settings, name) < 1:
            yield Error(
                f"{name} is {getattr(settings, name)}: no program could ask anything.",
                hint="Use how many requests a token may send in a minute, such as 1200.",
                id="pursestrings.E010",
            )


@register()
def check_cache(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    try:
        # The client of a server is made there; nothing is asked of the server itself.
        getattr(caches["default"], "_cache", None)
    except ImportError as problem:
        yield Error(
            f"The cache cannot be used: {problem}.",
            hint="Install the package that CACHE_URL needs (“redis” for rediscache://), or leave"
            " CACHE_URL out.",
            id="pursestrings.E011",
        )


@register()
def check_directories(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    for problem in unwritable_directories():
        yield Error(
            problem,
            hint="Create it, or let DATA_DIR name a directory that the server may write to.",
            id="pursestrings.E006",
        )


@register(Tags.security, deploy=True)
def check_mail(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    backend = settings.MAILERS["default"]["BACKEND"]
    if not backend.endswith("smtp.EmailBackend"):
        yield checks.Warning(
            "Mail is not sent to anybody, so nobody can reset a forgotten password; with console://"
            " whoever reads the server's output can reset anybody's.",
            hint="Set MAIL_URL, for example smtp://user:password@mail.example.org:587.",
            id="pursestrings.W007",
        )


@register(Tags.security, deploy=True)
def check_hosts(app_configs: Configs, **kwargs: Any) -> Iterable[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield checks.Warning(
            "ALLOWED_HOSTS admits every host name.",
            hint="Name the hosts under which people open the app.",
            id="pursestrings.W008",
        )


def unwritable_directories() -> list[str]:
    """Say which of the directories that the app writes to cannot be written to."""
    directory = settings.DATA_DIR
    if not directory.is_dir():
        return [f"The data directory {directory.name!r} does not exist."]
    if not os.access(directory, os.W_OK | os.X_OK):
        return [f"The data directory {directory.name!r} cannot be written to."]
    return []
