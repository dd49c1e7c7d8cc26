"""Every misconfiguration that can be foreseen is told by `manage.py check`."""

from decimal import Decimal

import pytest
from django.core import checks

# Django asks the database whether it knows JSON.
pytestmark = pytest.mark.django_db

CONSOLE = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
SMTP = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}


def found(**options) -> dict[str, checks.CheckMessage]:
    """Run the checks and return what ours say, by id."""
    messages = checks.run_checks(**options)
    return {message.id: message for message in messages if message.id.startswith("pursestrings.")}


def test_the_settings_as_they_are_pass_without_a_word():
    assert found() == {}
    assert found() == {}


@pytest.mark.parametrize("options", [{}, {"transaction_mode": "DEFERRED"}])
def test_e001_sqlite_transactions_that_do_not_begin_immediate(monkeypatch, settings, options):
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}
    monkeypatch.setitem(settings.DATABASES, "default", sqlite)
    assert [*found()] == ["pursestrings.E001"]


def test_e009_a_database_that_the_ledger_does_not_speak(monkeypatch, settings):
    mysql = {"ENGINE": "django.db.backends.mysql"}
    monkeypatch.setitem(settings.DATABASES, "default", mysql)
    assert [*found()] == ["pursestrings.E009"]


def test_e001_is_not_for_postgresql(monkeypatch, settings):
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.postgresql"})
    assert found() == {}


@pytest.mark.parametrize(
    ("setting", "value", "check"),
    [
        ("CURRENCY", "DOLLARS", "E002"),
        ("CURRENCY", "", "E002"),
        ("LOCALE", "xx_YY", "E003"),
        ("LOCALE", "", "E003"),
        ("LOCALE", "en-us!", "E003"),
        ("TIME_ZONE", "Mars/Olympus_Mons", "E004"),
    ],
)
def test_e002_to_e004_an_unknown_currency_locale_or_time_zone(settings, setting, value, check):
    setattr(settings, setting, value)
    told = found()
    assert [*told] == [f"pursestrings.{check}"]
    [message] = told.values()
    assert message.is_serious()
    assert message.msg.startswith(f"{setting} is {value!r}")
    assert message.hint.startswith("Use ")


@pytest.mark.parametrize("limit", ["-0.01", "1000000.01", "NaN", "Infinity", "30.1234567"])
@pytest.mark.parametrize("role", ["administrator", "member"])
def test_e005_a_first_limit_out_of_range(settings, role, limit):
    defaults = settings.BUDGET_DEFAULTS
    settings.BUDGET_DEFAULTS = {**defaults, role: {**defaults[role], "limit": Decimal(limit)}}
    told = found()
    assert [*told] == ["pursestrings.E005"]
    assert f"{role.upper()}_LIMIT is {limit}" in told["pursestrings.E005"].msg


@pytest.mark.parametrize("limit", ["0", "1000000"])
def test_e005_the_ends_of_the_range_are_limits(settings, limit):
    defaults = settings.BUDGET_DEFAULTS
    settings.BUDGET_DEFAULTS = {
        **defaults,
        "member": {**defaults["member"], "limit": Decimal(limit)},
    }
    assert found() == {}


def test_e006_a_data_directory_that_is_missing_or_none(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert [*found()] == ["pursestrings.E006"]
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.touch()
    assert [*found()] == ["pursestrings.E006"]


@pytest.mark.parametrize("rate", [0, -1])
@pytest.mark.parametrize("name", ["API_RATE", "API_GATEWAY_RATE"])
def test_e010_a_rate_at_which_no_program_could_ask(settings, name, rate):
    setattr(settings, name, rate)
    told = found()
    assert [*told] == ["pursestrings.E010"]
    assert told["pursestrings.E010"].msg.startswith(f"{name} is {rate}:")


@pytest.mark.parametrize("name", ["API_RATE", "API_GATEWAY_RATE"])
def test_e010_one_request_a_minute_is_a_rate(settings, name):
    setattr(settings, name, 1)
    assert found() == {}


def test_e011_a_cache_whose_package_is_missing(settings):
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1"}}
    told = found()
    assert [*told] == ["pursestrings.E011"]
    assert "No module named 'redis'" in told["pursestrings.E011"].msg


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "db.DatabaseCache", "dummy.DummyCache"])
def test_e011_a_cache_that_is_there(settings, backend):
    backend = f"django.core.cache.backends.{backend}"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "here"}}
    assert found() == {}


def test_w007_mail_that_reaches_nobody(settings):
    settings.MAILERS = CONSOLE
    assert [*found(include_deployment_checks=True)] == ["pursestrings.W007"]
    assert found() == {}
    settings.MAILERS = SMTP
    assert found(include_deployment_checks=True) == {}


def test_w008_every_host_name_admitted(settings):
    settings.MAILERS = SMTP
    settings.ALLOWED_HOSTS = ["example.org", "*"]
    told = found(include_deployment_checks=True)
    assert [*told] == ["pursestrings.W008"]
    assert not told["pursestrings.W008"].is_serious(checks.ERROR)
    assert found() == {}
