"""Measure on every database that is there: `python -m config.tests.bench [--quick]`."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg

POSTGRESQL = "postgres://postgres@127.0.0.1:5432/postgres"


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="pursestrings-bench-") as folder:
        codes = [
            _measure(url, folder, options)
            for url in _databases(folder)
            if options.only is None or url.startswith(options.only)
        ]
    return max(codes, default=1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rows: to see that it runs")
    parser.add_argument("--only", choices=["sqlite", "postgres"], help="one of the two databases")
    parts = ["charges", "pages", "usage", "cards", "purchases", "data", "api"]
    parser.add_argument("--part", choices=parts, help="one of the seven parts")
    return parser.parse_args()


def _databases(folder: str) -> Iterator[str]:
    """Yield an address of each kind of database that answers; nothing is written there."""
    yield f"sqlite:///{folder}/db.sqlite3"
    url = os.environ.get("DATABASE_URL", "")
    server = urlsplit(url if url.startswith("postgres") else POSTGRESQL)
    try:
        psycopg.connect(server._replace(path="/postgres").geturl(), connect_timeout=3).close()
    except psycopg.OperationalError as problem:
        sys.stderr.write(f"PostgreSQL is left out: {problem}\n")
    else:
        yield server.geturl()


def _measure(url: str, folder: str, options: argparse.Namespace) -> int:
    """Measure one database in a process of its own: settings name one database only."""
    command = [sys.executable, "-m", "config.tests.bench.measuring"]
    command += ["--quick"] if options.quick else []
    command += [f"--part={options.part}"] if options.part else []
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "only-for-measuring-" + "x" * 40,
        "DEBUG": "false",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "testserver",
        "MAIL_URL": "memory://",
        "LOG_LEVEL": "WARNING",
        "TIME_ZONE": "UTC",
        "CURRENCY": "USD",
        "LOCALE": "en_US",
        "DATA_DIR": folder,
        "DATABASE_URL": url,
        "DATABASE_POOL": "false",
    }
    with subprocess.Popen(command, env=environment) as measuring:
        try:
            return measuring.wait()
        except KeyboardInterrupt:
            # It was interrupted as well, and must have the time to drop its databases.
            return measuring.wait()


if __name__ == "__main__":
    sys.exit(main())
