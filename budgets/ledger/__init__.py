"""The ledger's verbs: the only writers of budgets, windows, entries, holds and their counters.

Locks are always taken in this order: budget, cycle, hold. On SQLite every transaction that writes
holds the one write lock from its start.
"""

from budgets.ledger.audit import Drift, check
from budgets.ledger.charging import charge, charge_once, reverse
from budgets.ledger.configuring import configure
from budgets.ledger.expiring import expire_holds
from budgets.ledger.holding import hold, release, settle, settle_once
from budgets.ledger.ingesting import Event, Fate, Outcome, ingest
from budgets.ledger.labelling import relabel
from budgets.ledger.opening import budget_of, ensure_budget, ensure_budgets
from budgets.ledger.postings import BadPosting, Posting
from budgets.ledger.refusals import Busy, EventTaken, HoldEnded, OverBudget
from budgets.ledger.reversing import reverse_many
from budgets.ledger.rolling import (
    bring_up_to_date,
    follow_time_zone,
    hold_budgets,
    reset,
    roll,
    roll_due,
)
from budgets.ledger.settling import Settlement, settle_many

__all__ = [
    "BadPosting",
    "Busy",
    "Drift",
    "Event",
    "EventTaken",
    "Fate",
    "HoldEnded",
    "Outcome",
    "OverBudget",
    "Posting",
    "Settlement",
    "bring_up_to_date",
    "budget_of",
    "charge",
    "charge_once",
    "check",
    "configure",
    "ensure_budget",
    "ensure_budgets",
    "expire_holds",
    "follow_time_zone",
    "hold",
    "hold_budgets",
    "ingest",
    "relabel",
    "release",
    "reset",
    "reverse",
    "reverse_many",
    "roll",
    "roll_due",
    "settle",
    "settle_many",
    "settle_once",
]
