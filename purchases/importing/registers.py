"""Registers of budgeting programs: Mint, YNAB and Actual, whose rows are what an account did.

What was spent is a purchase from its payee. What came in, what only moved between one's own
accounts or sets what one holds, and what is the sum of other rows are rows of the file but no
purchases.

None of them names a currency, so it is asked for. Mint writes days as MM/DD/YYYY and Actual as
YYYY-MM-DD; YNAB writes them as the budget was set, so their order is asked for.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from functools import partial

from budgets.money import ZERO
from purchases.importing import cells, table
from purchases.importing.cells import Cells
from purchases.importing.choices import Choices, Days
from purchases.importing.rows import Remark, Row
from purchases.importing.shapes import Format, Kind
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Source
from purchases.naming import fold

_MINT = {
    "day": ("Date",),
    "payee": ("Description",),
    "original": ("Original Description",),
    "amount": ("Amount",),
    "type": ("Transaction Type",),
    "category": ("Category",),
    "account": ("Account Name",),
    "labels": ("Labels",),
    "memo": ("Notes",),
}
_MINT_NEEDED = ("day", "payee", "amount", "type", "category", "account")
# The categories by which Mint says that money only changed places.
_MINT_MOVES = {"transfer", "credit card payment"}
_YNAB = {
    "account": ("Account",),
    "day": ("Date",),
    "payee": ("Payee",),
    "category": ("Category",),
    "memo": ("Memo",),
    "spent": ("Outflow",),
    "came_in": ("Inflow",),
}
_YNAB_LEGACY = {**_YNAB, "category": ("Sub Category",)}
_YNAB_NEEDED = ("account", "day", "payee", "spent", "came_in")
_ACTUAL = {
    "account": ("Account",),
    "day": ("Date",),
    "payee": ("Payee",),
    "memo": ("Notes",),
    "category": ("Category",),
    "amount": ("Amount",),
    "parts": ("Split_Amount",),
    "cleared": ("Cleared",),
}
# What YNAB and Actual call the rows that only set what an account holds.
_OPENINGS = {"starting balance"}
_CORRECTIONS = {"reconciliation balance adjustment", "manual balance adjustment"}
_ACTUAL_NEEDED = ("account", "day", "payee", "memo", "category", "amount", "cleared")


def _recognises(columns: table.Columns, needed: tuple[str, ...]) -> Callable[[Head], bool]:
    return partial(_has, columns, needed)


def _has(columns: table.Columns, needed: tuple[str, ...], head: Head) -> bool:
    return cells.has_columns(head, columns, needed)


def _asks_currency(_head: Head, choices: Choices) -> tuple[str, ...]:
    return () if choices.currency else ("currency",)


def _asks_ynab(head: Head, choices: Choices) -> tuple[str, ...]:
    days = () if choices.days or cells.are_iso_days(head, _YNAB["day"]) else ("days",)
    decimals = () if choices.decimals else ("decimals",)
    return (*days, *decimals, *_asks_currency(head, choices))


def _mint(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    return cells.rows(
        source,
        choices,
        asks=_asks_currency,
        columns=_MINT,
        needed=_MINT_NEEDED,
        what="Mint’s list of transactions",
        reading=lambda row, times: _mint_row(row, times, choices),
    )


def _mint_row(row: Cells, times: Times, choices: Choices) -> Row:
    amount = row.price("amount", row.amount("amount", choices.currency))
    kind = fold(row.said("type"))
    if kind not in {"debit", "credit"}:
        raise row.bad("type", f"“{row.said('type')[:40]}” is neither debit nor credit")
    if fold(row.said("category")) in _MINT_MOVES:
        row.left_out = "only moved money between accounts"
    elif kind == "credit":
        row.left_out = "came in and was not spent"
    day = row.day("day", Days.MONTH_FIRST)
    original = row.said("original")
    identity = (original or row.said("payee"), cells.money(amount), kind)
    return _bought(
        row,
        times,
        source="mint",
        identity=identity,
        amount=amount,
        currency=choices.currency,
        day=day,
        tags=row.tags("category", "labels"),
        notes=row.notes("memo", _beside(original, row.said("payee"))),
    )


def _ynab(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    names = set(map(fold, source.head.names))
    return cells.rows(
        source,
        choices,
        asks=_asks_ynab,
        columns=_YNAB_LEGACY if "sub category" in names else _YNAB,
        needed=_YNAB_NEEDED,
        what="a register of YNAB",
        reading=lambda row, times: _ynab_row(row, times, choices),
    )


def _ynab_row(row: Cells, times: Times, choices: Choices) -> Row:
    spent = row.amount("spent", choices.currency, choices.decimals) or ZERO
    came_in = row.amount("came_in", choices.currency, choices.decimals) or ZERO
    payee = fold(row.said("payee"))
    amount = spent
    if spent and came_in:
        raise row.bad("spent", "and Inflow both have an amount")
    if payee.startswith("transfer :"):
        row.left_out = "only moved money between accounts"
    elif reason := _sets_balance(payee):
        row.left_out = reason
    elif came_in:
        amount, row.left_out = came_in, "came in and was not spent"
    else:
        row.price("spent", spent)
    day = row.day("day", choices.days)
    identity = (payee, row.said("memo"), cells.money(spent), cells.money(came_in))
    return _bought(
        row,
        times,
        source="ynab",
        identity=identity,
        amount=amount,
        currency=choices.currency,
        day=day,
        tags=row.tags("category", mark=""),
        notes=row.notes("memo"),
    )


def _sets_balance(text: str) -> str:
    """Return why a row that is called so is no purchase; "" when it may be one."""
    if text in _OPENINGS:
        return "is what an account began with"
    return "only corrects the balance of an account" if text in _CORRECTIONS else ""


def _actual(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    with closing(Times()) as accounts:
        _note_accounts(source, choices, accounts)
        yield from cells.rows(
            source,
            choices,
            asks=_asks_currency,
            columns=_ACTUAL,
            needed=_ACTUAL_NEEDED,
            what="a list of transactions of Actual",
            reading=lambda row, times: _actual_row(row, times, choices, accounts),
        )


def _note_accounts(source: Source, choices: Choices, accounts: Times) -> None:
    """Go through the file for the names of its accounts: a transfer has one as its payee."""
    with source.text(choices.encoding) as text:
        for record in table.read(
            text,
            delimiter=choices.delimiter or source.head.delimiter,
            header_line=choices.header_line or source.head.header_line,
            columns={"account": _ACTUAL["account"]},
            needed=(),
            what="",
        ):
            if not isinstance(record, Remark) and (account := fold(record.cells["account"])):
                accounts.next(account)


def _actual_row(row: Cells, times: Times, choices: Choices, accounts: Times) -> Row:
    amount = row.amount("amount", choices.currency)
    if amount is None:
        raise row.bad("amount", "is blank")
    payee, memo = row.said("payee"), row.said("memo")
    if row.amount("parts", choices.currency):
        row.left_out = "is the sum of parts that have rows of their own"
    elif reason := _sets_balance(fold(payee)) or _sets_balance(fold(memo)):
        row.left_out = reason
    elif not row.said("category") and accounts.has(fold(payee)):
        row.left_out = "only moved money between accounts"
    elif amount > 0:
        row.left_out = "came in and was not spent"
    else:
        row.price("amount", -amount)
    day = row.day("day")
    identity = (payee, memo, row.said("category"), cells.money(amount))
    return _bought(
        row,
        times,
        source="actual",
        identity=identity,
        amount=abs(amount),
        currency=choices.currency,
        day=day,
        tags=row.tags("category", mark=""),
        notes=row.notes("memo"),
    )


def _bought(
    row: Cells,
    times: Times,
    *,
    source: str,
    identity: tuple[str, ...],
    amount: Decimal,
    currency: str,
    day: date,
    tags: tuple[str, ...],
    notes: str,
) -> Row:
    """Return the row of a register; of several that say the same each is known by its place."""
    account = row.said("account")
    name = cells.digest(account, f"{day}", *identity)
    return Row(
        line=row.line,
        source=source,
        source_id=f"{name}/{times.next(name)}",
        name=row.name("payee", row.said("memo") or row.said("category") or account),
        price=amount,
        currency=currency,
        retailer=row.label("payee"),
        tags=tags,
        purchased_on=day,
        notes=notes,
        left_out=row.left_out,
        oddities=tuple(row.oddities),
    )


def _beside(original: str, payee: str) -> str:
    """Return what the bank called it, where that says something else."""
    return f"On the statement: {original}" if original and fold(original) != fold(payee) else ""


FORMATS = (
    Format(
        key="mint",
        title="Mint",
        hint="In Mint it was “Export all transactions”, below the list of them.",
        kind=Kind.PURCHASES,
        recognises=_recognises(_MINT, _MINT_NEEDED),
        asks=_asks_currency,
        read=_mint,
    ),
    Format(
        key="ynab",
        title="YNAB register",
        hint="In YNAB choose “Export plan”, and take the register out of the archive.",
        kind=Kind.PURCHASES,
        recognises=_recognises(_YNAB, _YNAB_NEEDED),
        asks=_asks_ynab,
        read=_ynab,
    ),
    Format(
        key="actual",
        title="Actual",
        hint="In Actual open an account, or all of them, and choose “Export” in its menu.",
        kind=Kind.PURCHASES,
        recognises=_recognises(_ACTUAL, _ACTUAL_NEEDED),
        asks=_asks_currency,
        read=_actual,
    ),
)
