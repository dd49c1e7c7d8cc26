"""8,819 real requests, imported for a member far from UTC and summed again without our code."""

import csv
import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db.models import Sum

from budgets.ledger import check
from budgets.models import Cycle, DailyTotal, Entry
from budgets.tests.factories import make_budget
from budgets.tests.running import run

FOLDER = Path(os.environ.get("PURSESTRINGS_DATA", settings.BASE_DIR.parent / "shared" / "data"))
FILE = FOLDER / "azure_llm_code_2023.csv"
ROWS = 8819
ZONE = "Asia/Karachi"

# gpt-4o, as published: 2.50 per million input tokens and 10.00 per million output tokens. In
# hundredths of a micro-unit that is 250 and 1,000 for each token.
INPUT_TOKEN, OUTPUT_TOKEN = 250, 1000

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILE.exists(), reason="the real usage file is not on this machine"),
]


def half_even(hundredths):
    """Return whole micro-units, a half going to the even neighbour."""
    whole, rest = divmod(hundredths, 100)
    return whole + (rest > 50 or (rest == 50 and whole % 2 == 1))


def counted_by_hand():
    """Return the micro-units and tokens of each local day, straight from the file."""
    days: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    with FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            second, fraction = row["TIMESTAMP"].split(".")
            moment = datetime.strptime(second, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            moment += timedelta(microseconds=int(fraction) // 10)
            tokens = int(row["ContextTokens"]), int(row["GeneratedTokens"])
            sums = days[moment.astimezone(ZoneInfo(ZONE)).date()]
            sums[0] += half_even(tokens[0] * INPUT_TOKEN + tokens[1] * OUTPUT_TOKEN)
            sums[1] += 1
            sums[2] += tokens[0]
            sums[3] += tokens[1]
    return {day: (Decimal(sums[0]).scaleb(-6), *sums[1:]) for day, sums in days.items()}


@pytest.fixture
def member():
    return make_budget(timezone=ZONE)


def imported(budget):
    return run(
        *("import_usage", str(FILE), "--user", budget.member_name),
        *("--provider", "openai", "--model", "gpt-4o"),
    )


def test_every_request_is_in_the_ledger_to_the_micro_unit(member):
    ran = imported(member)
    assert not ran.failure
    assert ran.lines[:3] == ["accepted: 8,819", "duplicate: 0", "invalid: 0"]
    by_hand = counted_by_hand()
    total = sum(amount for amount, *_ in by_hand.values())
    assert sum(count for _, count, *_ in by_hand.values()) == Entry.objects.count() == ROWS
    assert Entry.objects.aggregate(s=Sum("amount"))["s"] == total
    assert DailyTotal.objects.aggregate(s=Sum("amount"))["s"] == total
    assert Cycle.objects.get(budget=member, spent__gt=0).spent == total
    assert f"amount accepted: {total} USD" in ran.lines
    days = DailyTotal.objects.filter(budget=member).values_list(
        "day", "amount", "count", "input_tokens", "output_tokens"
    )
    assert len(by_hand) == 2, "the hour of the file spans a midnight in this zone"
    assert {day: tuple(sums) for day, *sums in days} == by_hand
    assert list(check()) == []


def test_a_second_run_adds_nothing(member):
    imported(member)
    before = Cycle.objects.get(budget=member, spent__gt=0).spent
    again = imported(member)
    assert not again.failure
    assert again.lines[:3] == ["accepted: 0", "duplicate: 8,819", "invalid: 0"]
    assert Entry.objects.count() == ROWS
    assert Cycle.objects.get(budget=member, spent__gt=0).spent == before
    assert list(check()) == []
