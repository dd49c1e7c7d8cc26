"""What is in a batch, in figures: for the preview and for the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, BigIntegerField, Count, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from budgets.money import MAX_AMOUNT, MICRO, PLACES, ZERO, to_micros
from budgets.usage.parsing import Row as UsageRow
from purchases.importing.formats import format_named
from purchases.importing.rows import Row
from purchases.importing.shapes import Kind
from purchases.models import ImportBatch, ImportRow

#: What is written beside what a row says: its price in micro-units, so that a database can add
#: such prices exactly; for usage, what the ledger calls it, the currency of its cost and the price
#: list by which that was worked out, if it was.
MICROS, EVENT, CURRENCY, PRICED_BY = "micros", "event", "currency", "priced_by"


@dataclass(frozen=True, slots=True)
class Tally:
    """So many rows by fate and by outcome (every value of both is there), and what they come to.

    `sums` are the prices by fate and then by currency, `recorded` those by outcome. `odd` counts
    the rows about which something is odd.
    """

    rows: int = 0
    odd: int = 0
    fates: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    recorded: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


def tally(batch: ImportBatch) -> Tally:
    """Count and sum the rows of a batch, by two queries.

    What there is to be counted is asked first: a GROUP BY would sort all that the rows say.
    """
    rows = batch.rows.order_by().annotate(code=KT(f"data__{CURRENCY}"))
    groups: list[Any] = list(rows.values_list("fate", "outcome", "code").distinct())
    found = rows.aggregate(odd=Count("pk", filter=~Q(oddities=[])), **_asked(groups))
    fates = dict.fromkeys(ImportRow.Fate.values, 0)
    outcomes = dict.fromkeys(ImportRow.Outcome.values, 0)
    sums: dict[str, dict[str, Decimal]] = {}
    recorded: dict[str, dict[str, Decimal]] = {}
    for number, (fate, outcome, code) in enumerate(groups):
        fates[fate] += found[f"count{number}"]
        outcomes[outcome] += found[f"count{number}"]
        micros = found[f"micros{number}"]
        if code is None or micros is None:
            continue
        for table, key in ((sums, fate), (recorded, outcome)):
            row = table.setdefault(key, {})
            row[code] = row.get(code, ZERO) + Decimal(micros).scaleb(-PLACES)
    return Tally(sum(fates.values()), found["odd"], fates, outcomes, sums, recorded)


def _asked(groups: Iterable[tuple[str, str, str | None]]) -> dict[str, Aggregate]:
    """Return the count and the sum of each group, by the group's number."""
    micros = Cast(KT(f"data__{MICROS}"), BigIntegerField())
    asked: dict[str, Aggregate] = {}
    for number, (fate, outcome, code) in enumerate(groups):
        is_of = Q(code__isnull=True) if code is None else Q(code=code)
        chosen = Q(fate=fate, outcome=outcome) & is_of
        asked[f"count{number}"] = Count("pk", filter=chosen)
        asked[f"micros{number}"] = Sum(micros, filter=chosen)
    return asked


def said_by(row: ImportRow) -> Row | UsageRow | None:
    """Return what a row says; None for one that could not be read."""
    if not row.data:
        return None
    is_usage = format_named(row.batch.format).kind is Kind.USAGE
    return usage_of(row) if is_usage else purchase_of(row)


def purchase_of(row: ImportRow) -> Row:
    return Row.from_json(row.data)


def usage_of(row: ImportRow) -> UsageRow:
    beside = {MICROS, EVENT, CURRENCY, PRICED_BY}
    return UsageRow.from_json({key: row.data[key] for key in row.data if key not in beside})


def amount_of(row: ImportRow) -> Decimal:
    """Return the price of a row."""
    return Decimal(row.data[MICROS]).scaleb(-6)


def written(said: Row | UsageRow, amount: Decimal, **beside: Any) -> dict[str, Any]:
    """Return what is kept of a row; `said_by` reads it."""
    data = {**said.as_json(), **beside}
    # An amount that nobody can record is in no sum either.
    return {**data, MICROS: to_micros(amount)} if _is_possible(amount) else data


def _is_possible(amount: Decimal) -> bool:
    return abs(amount) <= MAX_AMOUNT and amount == amount.quantize(MICRO)
