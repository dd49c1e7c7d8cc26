"""That `make bench` runs to its end and says what it measured; how fast is not asked here."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

COMMAND = [sys.executable, "-m", "config.tests.bench", "--quick", "--only", "sqlite"]


@pytest.fixture(scope="module")
def printed() -> str:
    done = subprocess.run(
        COMMAND, cwd=settings.BASE_DIR, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "row",
    [
        r"1 thread, one user +(\| +[\d,]+ ){3}(\| +\d+% ){2}",
        r"2 threads, 5 users +(\| +[\d,]+ ){3}(\| +\d+% ){2}",
        r"400 +\| +[\d.]+ \| +\d+\.\d\d ",
        r"history, page 2 +\| +[\d.]+ \| +\d+\.\d\d ",
        r"3 people, 6 gifts +\| +[\d.]+ (\| +\d+\.\d\d ){2}",
        r"one auto-save +\| +[\d.]+ (\| +\d+\.\d\d ){2}",
        r"list by price +\| +[\d.]+ (\| +\d+\.\d\d ){3}",
        r"analytics +\| +[\d.]+ (\| +\d+\.\d\d ){3}",
        r"record, 200 +\| +[\d,]+ \| +\d+\.\d\d \| +[\d.]+ \| +\d+\.\d\d ",
        r"restore, 200 +\| +[\d,]+ \| +\d+\.\d\d \| +[\d.]+ \| +\d+\.\d\d ",
        r"POST holds and settle +(\| +[\d.]+ ){2}(\| +\d+\.\d\d ){2}",
        r"10 in a batch +\| +[\d,]+ \| +\d+\.\d\d ",
        r"import_usage +\| +[\d,]+ \| +\d+\.\d\d ",
    ],
)
def test_every_part_prints_its_figures_with_their_ratios(printed, row):
    assert re.search(rf"^\| {row}\|$", printed, re.MULTILINE), printed


def test_the_database_measured_is_named(printed):
    assert re.search(r"^## SQLite 3\.\d+", printed, re.MULTILINE)
