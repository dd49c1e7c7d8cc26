"""The pytest plugin of this project: the settings under which tests run.

Loaded with `-p` so that the environment is set before Django reads it. The code under test is the
code that is served: only what makes tests slow or noisy is replaced.
"""

import gc
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

_data = tempfile.TemporaryDirectory(prefix="pursestrings-tests-")
(Path(_data.name) / "static").mkdir()

os.environ.update(
    SECRET_KEY="only-for-tests-" + "x" * 40,
    DEBUG="false",
    HTTPS="false",
    MAIL_URL="memory://",
    LOG_LEVEL="CRITICAL",
    TIME_ZONE="UTC",
    CURRENCY="USD",
    LOCALE="en_US",
    ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
    DATA_DIR=_data.name,
)
os.environ.setdefault("DATABASE_POOL", "false")
# A test database need not survive a power cut: PostgreSQL waits for the disk at no commit.
os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")

# Thousands of collected tests are no garbage, and to look at them again and again takes a tenth.
gc.set_threshold(50_000, 10, 10)

_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_serialized_rollback", "live_server"}

# The same examples in every run: a red test stays red until somebody has looked at it.
# HYPOTHESIS_PROFILE=searching looks for new ones.
hypothesis.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis.register_profile(
    "searching", hypothesis.get_profile("steady"), derandomize=False, max_examples=1000
)
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    from config.tests.emptying import instead_of_flushing

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file, as it is served: an in-memory database shares one connection's locks between
        # threads, and parallel charges would prove nothing.
        database.setdefault("TEST", {})["NAME"] = str(Path(settings.DATA_DIR) / "test.sqlite3")
    instead_of_flushing()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks the database: the rest is the same on each, and need not run on both."""
    for item in items:
        if _asks_database(item):
            item.add_marker(pytest.mark.database)


def _asks_database(item: pytest.Item) -> bool:
    from django.test import TransactionTestCase

    if item.get_closest_marker("django_db"):
        return True
    if _DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        return True
    of = getattr(item, "cls", None)
    return of is not None and issubclass(of, TransactionTestCase)


@pytest.fixture(autouse=True)
def an_empty_cache() -> None:
    """Let nobody be refused for what another test asked."""
    from django.core.cache import cache

    cache.clear()
