"""Any table of what an account did, by the columns that a person names.

Nothing about it is known from the file: a person says which column is which, how days and amounts
are written and which amounts were spent. What came in is a row of the file but no purchase.

A bank seldom gives a row a name that stays. Where it does not, a row is known by its day, its name,
its amount and its currency, and several that say the same by their order in the file.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from purchases.importing import cells
from purchases.importing.cells import Cells
from purchases.importing.choices import Choices, Sign
from purchases.importing.fields import FIELDS
from purchases.importing.rows import BadFile, Remark, Row
from purchases.importing.shapes import Format, Kind
from purchases.importing.shelves import Times
from purchases.importing.sources import Head, Shape, Source
from purchases.naming import fold

SOURCE = "bank"


def suggest_columns(head: Head) -> dict[str, str]:
    """Return the header that each field usually has, where the table has one such column.

    It is a suggestion: a person sees it and confirms or changes it.
    """
    suggested: dict[str, str] = {}
    for key, known in FIELDS.items():
        usual = {fold(header): place for place, header in enumerate(known.headers)}
        found = sorted(
            (usual[fold(name)], name)
            for name in head.names
            if fold(name) in usual and name not in suggested.values() and _may_be(key, head, name)
        )
        if found:
            suggested[key] = found[0][1]
    if "spent" in suggested:
        suggested.pop("amount", None)
    else:
        suggested.pop("came_in", None)
    return suggested


def _may_be(key: str, head: Head, header: str) -> bool:
    """Tell whether what stands in a column allows for a field: “Valuta” is a day or a currency."""
    said = "".join(_samples(head, header))
    if key not in {"day", "currency"} or not said.strip():
        return True
    return any(map(str.isdigit, said)) == (key == "day")


def recognises(_head: Head) -> bool:
    """Recognise nothing: a person has to say that a table is of this kind."""
    return False


def asks(head: Head, choices: Choices) -> tuple[str, ...]:
    """Ask for everything about a table that its columns do not settle."""
    mapped = _mapped(choices)
    asked = [] if _is_complete(mapped, head) else ["columns"]
    day = mapped.get("day", "")
    if not choices.days and not (day and cells.are_iso_days(head, [day])):
        asked.append("days")
    if not choices.decimals:
        asked.append("decimals")
    if not choices.sign and _needs_sign(mapped, head):
        asked.append("sign")
    if not choices.currency and "currency" not in mapped:
        asked.append("currency")
    return tuple(asked)


def read(source: Source, choices: Choices) -> Iterator[tuple[int, Row | Remark]]:
    """Yield what each row of a table says. Raises BadFile when its columns are not those."""
    mapped = _mapped(choices)
    if "amount" in mapped and ("spent" in mapped or "came_in" in mapped):
        raise BadFile(
            "Amounts stand either in one column, or in two of what was spent and what came in."
            " Choose one of both."
        )
    return cells.rows(
        source,
        choices,
        asks=asks,
        columns={key: (mapped.get(key, ""),) for key in FIELDS},
        needed=list(mapped),
        what="a table with these columns",
        reading=lambda row, times: _row(row, times, choices),
    )


FORMAT = Format(
    key=SOURCE,
    title="Bank statement, or any other table",
    hint="Your bank offers it as CSV, mostly where it lists what an account did.",
    kind=Kind.PURCHASES,
    recognises=recognises,
    asks=asks,
    read=read,
    shapes=(Shape.TABLE,),
)


def _mapped(choices: Choices) -> dict[str, str]:
    return {key: header for key, header in choices.columns.items() if header and key in FIELDS}


def _is_complete(mapped: Mapping[str, str], head: Head) -> bool:
    names = set(map(fold, head.names))
    has_needed = all(key in mapped for key, known in FIELDS.items() if known.needed)
    are_there = all(fold(header) in names for header in mapped.values())
    return has_needed and are_there and ("amount" in mapped or "spent" in mapped)


def _needs_sign(mapped: Mapping[str, str], head: Head) -> bool:
    """Tell whether a sign decides: in one column of amounts, and where spent ones have a minus."""
    if "spent" not in mapped:
        return True
    return any("-" in text or "\N{MINUS SIGN}" in text for text in _samples(head, mapped["spent"]))


def _samples(head: Head, header: str) -> list[str]:
    places = [place for place, name in enumerate(head.names) if fold(name) == fold(header)]
    return [row[place] for place in places for row in head.samples if len(row) > place]


def _row(row: Cells, times: Times, choices: Choices) -> Row:
    currency = row.currency("currency", choices.currency)
    has_one = bool(row.columns["amount"][0])
    price = _one_amount(row, choices, currency) if has_one else _two(row, choices, currency)
    day = row.day("day", choices.days)
    return Row(
        line=row.line,
        source=SOURCE,
        source_id=_source_id(row, times, f"{day}", price, currency),
        name=row.name("name", row.said("retailer") or row.said("notes")),
        price=price,
        currency=currency,
        retailer=row.label("retailer"),
        tags=row.tags("category", mark=""),
        purchased_on=day,
        order_number=row.number("order_number"),
        notes=row.notes("notes"),
        left_out=row.left_out,
        oddities=tuple(row.oddities),
    )


def _one_amount(row: Cells, choices: Choices, currency: str) -> Decimal:
    """Return the amount of a column that holds what was spent and what came in."""
    amount = row.amount("amount", currency, choices.decimals)
    if amount is None:
        raise row.bad("amount", "is blank")
    spent = -amount if choices.sign == Sign.SPENT_IS_NEGATIVE else amount
    if spent < 0:
        row.left_out = "came in and was not spent"
        return -spent
    return row.price("amount", spent)


def _two(row: Cells, choices: Choices, currency: str) -> Decimal:
    """Return the amount of one of two columns, of which the other is blank or zero."""
    spent = row.amount("spent", currency, choices.decimals)
    came_in = row.amount("came_in", currency, choices.decimals)
    if spent and came_in:
        raise row.bad("spent", f"and {row.called('came_in')} both have an amount")
    if came_in:
        row.left_out = "came in and was not spent"
        return came_in
    if spent is not None and spent < 0 and choices.sign == Sign.SPENT_IS_NEGATIVE:
        spent = -spent
    if spent is None and came_in is None:
        raise row.bad("spent", "is blank")
    return row.price("spent", spent or came_in)


def _source_id(row: Cells, times: Times, day: str, price: Decimal, currency: str) -> str:
    account = row.said("account")
    if own := row.said("id"):
        return f"id/{cells.digest(account, own)}"
    said = (day, row.said("name"), cells.money(price), currency, account, row.left_out)
    name = cells.digest(*said)
    return f"{name}/{times.next(name)}"
