"""Two years of one budget's entries, written by the database itself, with their counters."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from budgets.ledger import roll
from budgets.models import Budget, Cycle, DailyTotal, Entry, Reset
from config.tests.bench.people import make_members

HISTORY = timedelta(days=730)
#: Used for the first entries of all and never again: what a filter finds last.
FORGOTTEN = "forgotten"
_ENTRY, _DAILY, _CYCLE, _RESET = (
    f'"{model._meta.db_table}"' for model in (Entry, DailyTotal, Cycle, Reset)
)

_NUMBERS = {
    "postgresql": "numbers AS (SELECT generate_series(0::bigint, %(entries)s - 1) AS i)",
    "sqlite": (
        "numbers AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM numbers WHERE i < %(entries)s - 1)"
    ),
}
_MOMENT = {
    "postgresql": "to_timestamp(%(first)s + i * %(step)s)",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', %(first)s + i * %(step)s, 'unixepoch')",
}
_DAY = {"postgresql": "(at AT TIME ZONE 'UTC')::date", "sqlite": "date(at)"}

# A prime step through the models, so that none of them has a weekday of its own.
_MODEL = """CASE WHEN i < 3 THEN 'old-model' WHEN i * 7919 %% 97 < 40 THEN 'gpt-4o'
    WHEN i * 7919 %% 97 < 60 THEN 'gpt-4o-mini' WHEN i * 7919 %% 97 < 80 THEN 'claude-sonnet-4-5'
    WHEN i * 7919 %% 97 < 90 THEN 'claude-haiku-4-5' ELSE 'gemini-2.5-pro' END"""
_PROVIDER = f"""CASE WHEN i < 3 THEN '{FORGOTTEN}' WHEN i * 7919 %% 97 < 60 THEN 'openai'
    WHEN i * 7919 %% 97 < 90 THEN 'anthropic' ELSE 'google' END"""


def make_history(entries: int, *, now: datetime) -> Budget:
    """Return a new member's budget with `entries` in the two years before `now`."""
    [budget] = make_members(1, now=now - HISTORY)
    roll(budget, now=now)
    values = {
        "budget": budget.pk,
        "entries": entries,
        "first": (now - HISTORY).timestamp(),
        "step": HISTORY.total_seconds() / entries,
    }
    with connection.cursor() as cursor:
        for statement in (_entries(), _DAILY_TOTALS, _SPENT, _TOLD):
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    _check(budget, entries)
    return budget


def _entries() -> str:
    vendor = connection.vendor
    return f"""
        WITH RECURSIVE {_NUMBERS[vendor]},
        moments AS (SELECT i, {_MOMENT[vendor]} AS at FROM numbers)
        INSERT INTO {_ENTRY} (budget_id, cycle_id, kind, amount, occurred_at, day, recorded_at,
            provider, model, operation, input_tokens, output_tokens, cached_tokens, memo,
            source, source_event_id, priced_by, via)
        SELECT %(budget)s,
            (SELECT id FROM {_CYCLE} WHERE budget_id = %(budget)s AND starts_at <= at
             ORDER BY starts_at DESC LIMIT 1),
            'usage', 100 + i * 7919 %% 1000, at, {_DAY[vendor]}, at, {_PROVIDER}, {_MODEL}, 'chat',
            400 + i %% 9000, 10 + i %% 700, 0, '', 'bench', 'event-' || i, '', ''
        FROM moments"""


_DAILY_TOTALS = f"""
    INSERT INTO {_DAILY} (budget_id, cycle_id, day, provider, model, kind, amount, count,
        input_tokens, output_tokens, cached_tokens)
    SELECT budget_id, cycle_id, day, provider, model, kind, sum(amount), count(*),
        sum(input_tokens), sum(output_tokens), sum(cached_tokens)
    FROM {_ENTRY} WHERE budget_id = %(budget)s
    GROUP BY budget_id, cycle_id, day, provider, model, kind"""
_SPENT = f"""
    UPDATE {_CYCLE} SET spent = coalesce((SELECT sum(amount) FROM {_DAILY}
        WHERE {_DAILY}.cycle_id = {_CYCLE}.id), 0)
    WHERE budget_id = %(budget)s"""
_TOLD = f"""
    UPDATE {_RESET} SET spent_before = (SELECT spent FROM {_CYCLE}
        WHERE {_CYCLE}.id = {_RESET}.closed_cycle_id)
    WHERE budget_id = %(budget)s"""


def _check(budget: Budget, entries: int) -> None:
    """Stop when the rows are not what is going to be claimed about them."""
    cycles = Cycle.objects.filter(budget=budget)
    assert Entry.objects.filter(budget=budget).count() == entries
    assert cycles.count() > 24
    assert cycles.open().get().spent > Decimal(0)
