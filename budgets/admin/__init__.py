"""The administrators' console: look at every budget, set it, and read what happened to it.

Nothing here writes a row of the ledger: saving and the bulk actions go through its verbs.
"""

from budgets.admin import budgets, logs

__all__ = ["budgets", "logs"]
