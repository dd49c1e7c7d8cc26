"""Measure where DATABASE_URL points, in a database made for it, and print the tables."""

import argparse
import secrets
import sys
from pathlib import Path

import django
from django.conf import settings

from config.tests.bench.sizes import FULL, QUICK


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--part")
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    _set_up()

    from config.tests.bench import api, cards, charges, data, pages, purchases, usage
    from config.tests.bench.scratch import scratch_database, server
    from config.tests.bench.tables import write

    parts = {
        "charges": charges.measure,
        "pages": pages.measure,
        "usage": usage.measure,
        "cards": cards.measure,
        "purchases": purchases.measure,
        "data": data.measure,
        "api": api.measure,
    }
    if options.part:
        parts = {options.part: parts[options.part]}
    with scratch_database():
        sys.stdout.write(f"\n## {server()}\n")
        for measure in parts.values():
            write(measure(sizes))


def _set_up() -> None:
    """Name a database that is nobody's before Django can connect to one."""
    name = f"ps_bench_{secrets.token_hex(4)}"
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = str(Path(settings.DATA_DIR) / f"{name}.sqlite3")
    database.setdefault("TEST", {})["NAME"] = name
    django.setup()


if __name__ == "__main__":
    main()
