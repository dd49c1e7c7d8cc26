"""How much: budgets and the ledger behind them.

Every user has one `Budget`: a limit, a period and what they may do with it. Time is cut into
`Cycle`s, the windows of that budget; at most one is open. Spending is an `Entry`, a signed posting
that is never edited or deleted; a correction is another entry. A `Hold` sets money aside before the
real cost is known. `Cycle.spent`, `Cycle.held` and `DailyTotal` are counters kept in the same
transaction as the rows they count, so reading a status costs the same with ten entries or ten
million. A `Reset` tells that a window was closed and with how much in it, a `Change` who changed
which setting. Only the verbs in `budgets.ledger` write any of this.
"""

from budgets.models.audit import Change, Origin, Reset
from budgets.models.budget import Budget
from budgets.models.cycle import Cycle
from budgets.models.entry import DailyTotal, Entry
from budgets.models.hold import Hold

__all__ = ["Budget", "Change", "Cycle", "DailyTotal", "Entry", "Hold", "Origin", "Reset"]
